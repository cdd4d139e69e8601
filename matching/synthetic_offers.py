"""The providers' side of the synthetic province, kind by kind."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from matching.codes import Kind, Language, Mode
from matching.model import MICRO
from matching.pool.columns import I32, OfferColumns, offer_columns
from matching.pool.parts import share
from matching.synthetic_land import PTH, Draw, Land, calendars, chosen, lists_of, often, zipf
from matching.synthetic_requests import MAJORS, POSTS, SUBS, TODAY, modes_of

_LANGUAGES = tuple(Language)
_LENGTHS = (28, 42, 56, 90)


def _everybody(number: I32, land: Land, draw: Draw) -> dict[str, Any]:
    """Draw what every kind has: place, idle days, ratings; in the order of the tie rule."""
    count = len(number)
    idle = np.where(often(0.25, count, draw), -1, draw.integers(0, 60, count))
    place = land.settle(count, land.helping, draw)
    order = np.lexsort((number, -idle, idle >= 0))
    ratings = draw.poisson(4, count) * often(0.8, count, draw)
    total = np.clip(np.rint(ratings * np.clip(draw.normal(4.3, 0.4, count), 1, 5)), ratings, 5 * ratings).astype(
        np.int64
    )
    return {
        "number": number[order],
        "idle": idle[order],
        "place": place[order],
        "published": often(0.97, count, draw),
        "expires": np.full(count, TODAY + 90),
        "quality": share(20 + total - (5 + ratings), 4 * (5 + ratings)),
        "check": np.array([0, 2, 3])[chosen(count, (0.06, 0.06, 0.88), draw)],
    }


def _room(free: Any, draw: Draw) -> dict[str, Any]:
    """Give capacity and use so that `free` places are left."""
    used = (free * draw.random(len(free))).astype(np.int64)
    return {"capacity": free + used, "used": used}


def _stages(count: int, named: float, draw: Draw) -> Any:
    """Draw named stages as masks, 0 where none is named; who names some names each with probability 0.55."""
    mask = often(0.55, 6 * count, draw).reshape(count, 6) @ (1 << np.arange(6)) | 1 << draw.integers(0, 6, count)
    return np.where(often(named, count, draw), mask, 0)


_GIVEN_MODES = {
    modes_of(Mode.FF): 0.20,
    modes_of(Mode.ON, Mode.VO): 0.10,
    modes_of(Mode.ON, Mode.VO, Mode.VI): 0.25,
    modes_of(Mode.ON, Mode.VO, Mode.VI, Mode.FF): 0.45,
}


def _counsellors(number: I32, land: Land, draw: Draw) -> OfferColumns:
    count, subs = len(number), len(SUBS[Kind.COUNSEL])
    facts = _everybody(number, land, draw)
    everything = (1 << subs) - 1
    exact = often(0.2, count * subs, draw).reshape(count, subs) @ (1 << np.arange(subs)) | 1 << zipf(
        count, subs, 1.1, draw
    )
    topics = chosen(count, (0.88, 0.08, 0.04), draw)
    timed = often(0.9, count, draw)
    pointer, start, end = calendars(count, 0.2, timed, draw)
    return offer_columns(
        **facts,
        **_room(np.minimum(1 + draw.poisson(3.4, count), 12), draw),
        stages=_stages(count, 0.6, draw),
        age_min=np.where(often(0.05, count, draw), 16, 0),
        level=chosen(count, (0.03, 0.12, 0.30, 0.55), draw),
        gender=chosen(count, (0.02, 0.64, 0.34), draw),
        volunteer=chosen(count, (0.01, 0.85, 0.12, 0.02), draw),
        vetted=np.ones(count, np.bool_),
        exact=np.where(topics == 0, exact, 0),
        close=np.where(topics <= 1, everything, 0),
        topical=topics <= 1,
        modes=np.array(list(_GIVEN_MODES))[chosen(count, tuple(_GIVEN_MODES.values()), draw)],
        languages=land.talk(facts["place"], 0.95, 0.6, draw),
        timed=timed,
        slot_ptr=pointer,
        slot_start=start,
        slot_end=end,
    )


def _posts(number: I32, land: Land, draw: Draw) -> OfferColumns:
    count = len(number)
    facts = _everybody(number, land, draw)
    named = np.where(often(0.3, count, draw), 0, draw.integers(1, 4, count))
    first = draw.integers(0, MAJORS, count)
    major_ptr, _ = lists_of(named, np.zeros(0, np.int64))
    step = np.arange(int(major_ptr[-1])) - np.repeat(major_ptr[:-1], named)
    starts = TODAY + 20 + 7 * draw.integers(0, 12, count)
    spoken = np.array([0, 1 << _LANGUAGES.index(Language.YUE), PTH | 1 << _LANGUAGES.index(Language.ENG)])
    return offer_columns(
        **facts,
        **_room(np.minimum(1 + draw.pareto(1.6, count) * 3, 40).astype(np.int64), draw),
        stages=_stages(count, 0.3, draw) | np.where(often(0.1, count, draw), 1 << 4, 0),
        trainee=often(0.05, count, draw),
        min_age=np.where(often(0.5, count, draw), 18, 16),
        education=np.array([-1, 2, 3, 4])[chosen(count, (0.4, 0.3, 0.25, 0.05), draw)],
        housed=often(0.2, count, draw),
        post=zipf(count, POSTS, 0.8, draw),
        languages=spoken[chosen(count, (0.85, 0.1, 0.05), draw)],
        starts=starts,
        ends=starts + np.array(_LENGTHS)[draw.integers(0, len(_LENGTHS), count)],
        major_ptr=major_ptr,
        major=(np.repeat(first, named) + step) % MAJORS,
    )


def _homes(number: I32, land: Land, draw: Draw) -> OfferColumns:
    count = len(number)
    facts = _everybody(number, land, draw)
    facts["quality"] = np.array([0, MICRO // 2, MICRO])[chosen(count, (0.2, 0.3, 0.5), draw)]
    return offer_columns(
        **facts,
        **_room(np.array([1, 2, 3])[chosen(count, (0.70, 0.25, 0.05), draw)], draw),
        house_kind=draw.integers(0, 6, count),
        persons_max=draw.integers(1, 5, count),
        rent=1_000 * np.rint(np.clip(draw.lognormal(4.8, 0.4, count), 30, 600)).astype(np.int64),
        free_from=TODAY + draw.integers(-30, 60, count),
    )


def _sponsors(number: I32, land: Land, draw: Draw) -> OfferColumns:
    count = len(number)
    facts = _everybody(number, land, draw)
    preferring = often(0.3, count, draw).astype(np.int64)
    place = facts["place"]
    preferred = np.where(often(0.6, count, draw), land.city[place], place)[preferring == 1]
    region_ptr, region = lists_of(preferring, preferred)
    return offer_columns(
        **facts,
        **_room(np.minimum(1 + draw.pareto(1.5, count) * 3, 60).astype(np.int64), draw),
        sponsor_kind=chosen(count, (0.5, 0.3, 0.2), draw),
        amount=10_000 * np.rint(np.clip(draw.lognormal(3.7, 0.5, count), 8, 300)).astype(np.int64),
        relation=np.array([-1, 0, 1])[chosen(count, (0.02, 0.01, 0.97), draw)],
        contact=often(0.2, count, draw),
        stage_pref=_stages(count, 0.4, draw),
        region_ptr=region_ptr,
        region=region,
    )


OFFERS: Mapping[Kind, Callable[[I32, Land, Draw], OfferColumns]] = {
    Kind.COUNSEL: _counsellors,
    Kind.INTERN: _posts,
    Kind.HOUSE: _homes,
    Kind.SPONSOR: _sponsors,
}
"""How the offers of each kind are drawn: numbers, land, generator."""
