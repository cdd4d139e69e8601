"""Gates packed into one word of 64 bits a side.

Seven fields, each a set of codes with one guard bit above it. A pair passes when its two sets meet in every field;
`(offer & request) + FILL` then carries into every guard bit: `((offer & request) + FILL) & GUARD == GUARD`, one AND,
one ADD and one comparison for a pair. What one side alone decides makes its word 0, and a zero word meets nothing.

The word is exact but for ages outside 8 to 31, where it lets more pass; `rows.age` of the offer decides. Common
time, places, relations and earlier answers are decided in the second pass. The calendar word has one bit for each 160
minutes of a week (both weeks folded into one) and a last bit for "not said": two calendars that share a minute share
a bit, but not the other way round.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from matching.codes import IN_SCHOOL, REMOTE, Kind, Mode, Risk, Stage
from matching.enquiry import ADULT
from matching.pool.columns import NO_STAGE, U64, Bools, OfferColumns
from matching.pool.desk import HOUSE, INTERN, SERVICE, SPONSOR, Desk
from matching.practicalities import EDUCATION
from matching.safeguards import (
    AGE_FROM,
    CASE_DESK,
    GUARDIAN_BELOW,
    HOUSE_FROM_SWITCHED,
    OLDER_STAGES,
    ROUTES,
    TARGET_AGE_TO,
    VOCATIONAL,
)

STAGES = tuple(Stage)
GRADUATE = STAGES.index(Stage.GR)
MODES = tuple(Mode)
REMOTE_BITS = sum(1 << MODES.index(mode) for mode in REMOTE)
YELLOW = 1 + tuple(Risk).index(Risk.YELLOW)
CHECK_CLEAR = 3
VOLUNTEER_ACTIVE = 1
VOLUNTEER_ADULTS = 2
_FIELDS: Mapping[str, int] = {
    "age": 24,
    "stage": 9,
    "gender": 3,
    "level": 2,
    "adult": 2,
    "language": 6,
    "mode": 6,
}
_AT: dict[str, int] = {}
for _name in _FIELDS:
    _AT[_name] = sum(width + 1 for width in list(_FIELDS.values())[: len(_AT)])
FILL = np.uint64(sum(((1 << width) - 1) << _AT[name] for name, width in _FIELDS.items()))
GUARD = np.uint64(sum(1 << (_AT[name] + width) for name, width in _FIELDS.items()))
YOUNGEST, OLDEST = 8, 31
"""Ages below and above share the first and the last bit of their field."""

_LANGUAGES = 63
_ANY_MODE = 1 << len(MODES)
_ALL_MODES = 63
WEEK = 10_080
BIT_MINUTES = 160
_Numbers = npt.NDArray[np.integer]


def stage_bits(stages: frozenset[Stage]) -> int:
    """Mask of stages, bit 0 is JH."""
    return sum(1 << STAGES.index(stage) for stage in stages)


def request_words(desk: Desk) -> U64:
    """Word of every request, uint64[n]; 0 for one that nobody may be proposed to."""
    rows = desk.requests
    count = len(rows.number)
    bits: dict[str, _Numbers] = {
        "age": 1 << (np.clip(rows.age, YOUNGEST, OLDEST).astype(np.int64) - YOUNGEST),
        "stage": 1 << rows.stage.astype(np.int64),
        "gender": np.array([7, 2, 4], np.int64)[rows.gender_wish],
        "level": np.where((rows.risk == YELLOW) & (desk.kind is Kind.COUNSEL), 2, 1),
        "adult": np.where(rows.age >= ADULT, 1, 2),
        "language": np.full(count, _LANGUAGES),
        "mode": np.full(count, _ALL_MODES),
    }
    if desk.family == SERVICE:
        bits["language"] = np.where(rows.talks == 0, _LANGUAGES, rows.talks)
        wished = rows.modes | (REMOTE_BITS if desk.ground.widen else 0)
        bits["mode"] = np.where(rows.modes == 0, _ALL_MODES, wished)
    else:
        bits["gender"] = np.full(count, 7)
    return np.where(served(desk), _packed(bits, count), np.uint64(0))


def served(desk: Desk) -> Bools:
    """Whether anything at all may be proposed to each request, as far as its own facts decide; bool[n]."""
    rows = desk.requests
    kind, stage = desk.kind, rows.stage.astype(np.int64)
    fine = rows.open & (rows.risk >= 1) & (rows.risk <= YELLOW) & routed(desk)[rows.sub]
    fine &= rows.age >= age_from(desk)
    if kind in OLDER_STAGES:
        older = stage_table(OLDER_STAGES[kind])
        fine &= (rows.age <= TARGET_AGE_TO) | older[stage]
    if desk.family not in (INTERN, HOUSE):
        fine &= stage != GRADUATE
    fine &= (rows.age >= GUARDIAN_BELOW[kind]) | (rows.guardian == 1)
    if desk.family == INTERN:
        fine &= (stage != NO_STAGE) & (~stage_table(VOCATIONAL)[stage] | (rows.grade > 1))
    return fine


def routed(desk: Desk) -> Bools:
    """Whether each sub-code of the desk may go to offers of its kind, bool[len(subs)]."""
    kind = desk.kind
    return np.array([sub not in CASE_DESK and ROUTES.get(sub, kind) is kind for sub in desk.subs], np.bool_)


def age_from(desk: Desk) -> int:
    """Lowest age that the kind serves (an internship may ask for more)."""
    if desk.kind is Kind.HOUSE and desk.ground.house_from_16:
        return HOUSE_FROM_SWITCHED
    return AGE_FROM[desk.kind]


def stage_table(stages: frozenset[Stage]) -> Bools:
    """Whether each stage code (0 to 8) is one of these; an unknown stage never is."""
    return np.array([*(stage in stages for stage in STAGES), False], np.bool_)


def offer_words(desk: Desk) -> U64:
    """Word of every offer, uint64[k]; 0 for one that may not be proposed to anybody."""
    rows = desk.offers
    count = len(rows.number)
    youngest, oldest = ages_accepted(desk)
    ages = np.arange(YOUNGEST, OLDEST + 1)
    low = np.minimum(youngest, OLDEST)[:, None] <= ages
    high = np.maximum(oldest, YOUNGEST)[:, None] >= ages
    bits: dict[str, _Numbers] = {
        "age": ((low & high) << np.arange(len(ages))).sum(axis=1),
        "stage": _stages_accepted(desk),
        "gender": 1 << rows.gender.astype(np.int64),
        "level": np.where((rows.level == 1) | (rows.level == 2), 3, 1),  # noqa: PLR2004 - levels A and B
        "adult": np.where(_minors_accepted(desk), 3, 1),
        "language": np.full(count, _LANGUAGES),
        "mode": np.full(count, _ALL_MODES),
    }
    if desk.family == SERVICE:
        bits["language"] = rows.languages
        bits["mode"] = rows.modes | _ANY_MODE
    return np.where(offered(desk), _packed(bits, count), np.uint64(0))


def offered(desk: Desk) -> Bools:
    """Whether each offer may be proposed to anybody, as far as its own facts decide; bool[k]."""
    rows, today = desk.offers, desk.ground.today
    fine = rows.published & rows.verified & (rows.begins <= today) & (today <= rows.expires)
    fine &= rows.used < rows.capacity
    if desk.family == SERVICE:
        on_duty = (rows.volunteer == VOLUNTEER_ACTIVE) | (rows.volunteer == VOLUNTEER_ADULTS)
        fine &= on_duty | ((rows.volunteer == 0) & ~rows.vetted)
        fine &= ~rows.weekly_full & (rows.languages != 0)
    if desk.family == SPONSOR:
        fine &= rows.relation == 1
    return fine


def ages_accepted(desk: Desk) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Lowest and highest age that each offer accepts, int64[k] each, both ends included."""
    rows = desk.offers
    youngest = np.maximum(rows.age_min.astype(np.int64), age_from(desk))
    if desk.family == INTERN:
        youngest = np.maximum(youngest, rows.min_age)
    return youngest, rows.age_max.astype(np.int64)


def _minors_accepted(desk: Desk) -> Bools:
    rows: OfferColumns = desk.offers
    if desk.family == SERVICE:
        accepted: Bools = (rows.volunteer != VOLUNTEER_ADULTS) & (rows.check == CHECK_CLEAR)
        return accepted
    if desk.family == INTERN:
        return np.equal(rows.check, CHECK_CLEAR)
    if desk.family == SPONSOR:
        return ~rows.contact
    return np.ones(len(rows.number), np.bool_)


def _stages_accepted(desk: Desk) -> npt.NDArray[np.int64]:
    """Mask of stage codes 0 to 8 that each offer accepts; an offer that names stages refuses an unknown one."""
    rows = desk.offers
    accepted = np.where(rows.stages == 0, (1 << (NO_STAGE + 1)) - 1, rows.stages.astype(np.int64))
    if desk.family == INTERN:
        accepted = np.where(rows.trainee, accepted & ~stage_bits(IN_SCHOOL), accepted)
        for at, stage in enumerate(STAGES):
            if stage in EDUCATION:
                accepted = np.where(EDUCATION[stage] < rows.education, accepted & ~(1 << at), accepted)
    return accepted


def _packed(bits: Mapping[str, _Numbers], count: int) -> U64:
    word = np.zeros(count, np.uint64)
    for name, values in bits.items():
        word |= values.astype(np.uint64) << np.uint64(_AT[name])
    return word


def meet(one: U64, other: U64) -> Bools:
    """Whether the words of the two sides meet in every field (broadcasts)."""
    met: Bools = ((one & other) + FILL) & GUARD == GUARD
    return met
