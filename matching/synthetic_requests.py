"""The students' side of the synthetic province, kind by kind."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.codes import Kind, Mode, Risk, Stage
from matching.pool.columns import I32, I64, NO_DAY, RequestColumns, request_columns
from matching.pool.refusals import BIT
from matching.reasons import ReasonCode
from matching.synthetic_land import Draw, Land, calendars, chosen, lists_of, often, zipf

SUBS: Mapping[Kind, tuple[str, ...]] = {
    Kind.COUNSEL: tuple(f"PS{at}" for at in range(1, 10)),
    Kind.INTERN: ("EM1", "EM2"),
    Kind.HOUSE: ("EM5",),
    Kind.SPONSOR: ("EC1", "EC2", "EC3", "EC4"),
}
TODAY = 739_000
"""The day of every synthetic pool as an ordinal, in 2024."""
TIERS = (0.01, 0.05, 0.14, 0.30, 0.50)
MAJORS, POSTS = 24, 40
_STAGES, _RISKS, _MODES = tuple(Stage), tuple(Risk), tuple(Mode)
_AGES: Mapping[Stage, tuple[int, int]] = {
    Stage.JH: (12, 15),
    Stage.SH: (15, 18),
    Stage.SV: (15, 18),
    Stage.HV: (18, 21),
    Stage.UG: (18, 22),
    Stage.PG: (22, 25),
    Stage.GR: (21, 25),
}
_TERMS = ((0, 62), (14, 48), (60, 120), (0, 150))
"""Free stretches of a student: first day and length, counted from the day of the pool."""


def modes_of(*codes: Mode) -> int:
    """Mask of modes."""
    return sum(1 << _MODES.index(code) for code in codes)


def sets_of_posts() -> tuple[I64, I32]:
    """Give the sets of wished posts in CSR form: none, each post alone, and each post with its successor."""
    alone, next_one = np.arange(POSTS), (np.arange(POSTS) + 1) % POSTS
    counts = np.concatenate([[0], np.ones(POSTS), np.full(POSTS, 2)]).astype(np.int64)
    both = np.sort(np.stack([alone, next_one], axis=1), axis=1).ravel()
    return np.concatenate([[0], np.cumsum(counts)]), np.concatenate([alone, both]).astype(np.int32)


def _everybody(number: I32, land: Land, offers: int, stages: Mapping[Stage, float], draw: Draw) -> dict[str, Any]:
    """Draw what every kind asks: place, stage, age, consent, risk, urgency; one in ten has declined an offer."""
    count = len(number)
    case = chosen(count, tuple(stages.values()), draw)
    low = np.array([_AGES[stage][0] for stage in stages])[case]
    high = np.array([_AGES[stage][1] for stage in stages])[case]
    declined = often(0.1, count, draw) & (offers > 0)
    barred_ptr, barred = lists_of(declined.astype(np.int64), draw.integers(0, max(1, offers), count))
    place = land.settle(count, land.living, draw)
    talks = land.talk(place, 0.85, 0.5, draw)
    return {
        "number": number,
        "tier": chosen(count, TIERS, draw),
        "risk": chosen(count, (0.0, 0.7, 0.2, 0.1), draw),
        "age": draw.integers(low, high + 1),
        "stage": np.array([_STAGES.index(stage) for stage in stages])[case],
        "grade": draw.integers(1, 4, count),
        "place": place,
        "guardian": np.where(often(0.97, count, draw), 1, -1),
        "talks": talks,
        "likes": np.where(often(0.3, count, draw), talks & land.speaks[place], 0).astype(np.uint8),
        "barred_ptr": barred_ptr,
        "barred": barred,
        "barred_bits": np.full(len(barred), BIT[ReasonCode.DECLINED_BEFORE], np.uint64),
    }


_COUNSELLED = {Stage.JH: 0.2, Stage.SH: 0.25, Stage.SV: 0.1, Stage.HV: 0.15, Stage.UG: 0.25, Stage.PG: 0.05}
_WISHED_MODES = {
    modes_of(Mode.FF): 0.25,
    modes_of(Mode.ON): 0.10,
    modes_of(Mode.ON, Mode.VO): 0.10,
    modes_of(Mode.ON, Mode.VO, Mode.VI): 0.15,
    modes_of(Mode.ON, Mode.FF): 0.10,
    modes_of(Mode.ON, Mode.VO, Mode.VI, Mode.FF): 0.30,
}


def _counselled(number: I32, land: Land, offers: int, draw: Draw) -> RequestColumns:
    count = len(number)
    facts = _everybody(number, land, offers, _COUNSELLED, draw)
    pointer, start, end = calendars(count, 0.25, often(0.9, count, draw), draw)
    return request_columns(
        **facts,
        sub=zipf(count, len(SUBS[Kind.COUNSEL]), 1.1, draw),
        gender_wish=chosen(count, (0.70, 0.22, 0.08), draw),
        modes=np.array(list(_WISHED_MODES))[chosen(count, tuple(_WISHED_MODES.values()), draw)],
        slot_ptr=pointer,
        slot_start=start,
        slot_end=end,
    )


def _interns(number: I32, land: Land, offers: int, draw: Draw) -> RequestColumns:
    count = len(number)
    facts = _everybody(number, land, offers, {Stage.HV: 0.4, Stage.UG: 0.5, Stage.PG: 0.1}, draw)
    term = chosen(count, (0.4, 0.3, 0.2, 0.1), draw)
    first = TODAY + 20 + np.array([begin for begin, _ in _TERMS])[term]
    also = often(0.25, count, draw)
    wanted_ptr, wanted = lists_of(also.astype(np.int64), land.city[draw.choice(len(land.city), count, p=land.living)])
    said = often(0.9, count, draw)
    return request_columns(
        **facts,
        sub=chosen(count, (0.7, 0.3), draw),
        wanted_ptr=wanted_ptr,
        wanted=wanted,
        major=np.where(often(0.92, count, draw), zipf(count, MAJORS, 0.8, draw), -1),
        posts=np.where(often(0.4, count, draw), draw.integers(1, 2 * POSTS + 1, count), 0),
        free_from=np.where(said, first, NO_DAY),
        free_to=np.where(said, first + np.array([length for _, length in _TERMS])[term], NO_DAY),
    )


def _tenants(number: I32, land: Land, offers: int, draw: Draw) -> RequestColumns:
    count = len(number)
    facts = _everybody(number, land, offers, {Stage.HV: 0.25, Stage.UG: 0.35, Stage.PG: 0.1, Stage.GR: 0.3}, draw)
    place: npt.NDArray[Any] = facts["place"]
    whole_city = often(0.3, count, draw)
    named = np.where(often(0.8, count, draw), 1, 0)
    wanted_ptr, wanted = lists_of(named, np.where(whole_city, land.city[place], place)[named == 1])
    return request_columns(
        **facts,
        wanted_ptr=wanted_ptr,
        wanted=wanted,
        house_kinds=np.where(often(0.6, count, draw), draw.integers(1, 64, count), 0),
        persons=np.where(often(0.8, count, draw), draw.integers(1, 3, count), -1),
        budget=np.where(often(0.9, count, draw), 100 * draw.integers(600, 3_000, count), -1),
        move_in=np.where(often(0.7, count, draw), TODAY + draw.integers(0, 60, count), NO_DAY),
        workplace=np.where(often(0.6, count, draw), place, -1),
    )


def _sponsored(number: I32, land: Land, offers: int, draw: Draw) -> RequestColumns:
    count = len(number)
    facts = _everybody(number, land, offers, _COUNSELLED, draw)
    return request_columns(
        **facts,
        sub=chosen(count, (0.45, 0.15, 0.15, 0.25), draw),
        asked=np.where(often(0.9, count, draw), 10_000 * draw.integers(10, 80, count), -1),
    )


REQUESTS: Mapping[Kind, Callable[[I32, Land, int, Draw], RequestColumns]] = {
    Kind.COUNSEL: _counselled,
    Kind.INTERN: _interns,
    Kind.HOUSE: _tenants,
    Kind.SPONSOR: _sponsored,
}
"""How the requests of each kind are drawn: numbers, land, number of offers at the desk, generator."""
