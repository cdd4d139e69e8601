"""Every gate of section 9 over many pairs at once, with a bit for every reason; `eligibility.judge` is the standard.

A row of the answer holds exactly the codes that `judge` gives for the pair: refusals and notes alike, and the gate of
common time only where nothing else blocks. `rows` and `cols` int64[m] are positions of requests and offers of a desk.

A gate is a chain of codes with the pairs they concern; the first one that holds is the gate's answer.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from matching.codes import IN_SCHOOL, Kind
from matching.enquiry import ADULT
from matching.places import Nearness
from matching.pool.columns import I64, NO_STAGE, U64, Bools
from matching.pool.desk import HOUSE, INTERN, SERVICE, SPONSOR, Desk
from matching.pool.parts import common_minutes, nearest, nearest_wanted, usable_modes
from matching.pool.words import (
    GRADUATE,
    REMOTE_BITS,
    STAGES,
    VOLUNTEER_ACTIVE,
    VOLUNTEER_ADULTS,
    YELLOW,
    age_from,
    routed,
    stage_table,
)
from matching.practicalities import EDUCATION, UNIT_MINUTES
from matching.reasons import REASONS, ReasonCode
from matching.safeguards import CASE_DESK, GUARDIAN_BELOW, OLDER_STAGES, TARGET_AGE_TO, VOCATIONAL

_C = ReasonCode
BIT: Mapping[ReasonCode, int] = MappingProxyType({code: 1 << at for at, code in enumerate(ReasonCode)})
"""The bit of every reason in a word of 64 bits."""
BLOCKING = np.uint64(sum(BIT[code] for code, reason in REASONS.items() if reason.blocks))
"""All bits that keep a pair from existing; the other ones are notes."""
_HIT, _EXPIRED = 1, 2
_NO, _YES = 0, 1
_UNKNOWN = -1

Chain = list[tuple[ReasonCode, Bools]]
_Gates = Callable[[Desk, I64, I64], list[Chain]]


def refusals(desk: Desk, rows: I64, cols: I64) -> U64:
    """Give the reasons of every pair as bits, uint64[m]; the pair may exist when no bit of `BLOCKING` is set."""
    bits = _barred(desk, rows, cols)
    for gates in (_offer, _need, _age, _stage, *_OF_FAMILY[desk.family]):
        for chain in gates(desk, rows, cols):
            bits |= _first(chain)
    if desk.family == SERVICE:
        longest, _ = common_minutes(desk, rows, cols)
        fits = may_exist(bits)
        late = (longest >= 0) & (longest < UNIT_MINUTES)
        bits |= _first([(_C.NO_TIME_OVERLAP, fits & late), (_C.TIME_OPEN, fits & (longest < 0))])
    return bits


def may_exist(bits: U64) -> Bools:
    """Whether pairs with these reasons may be proposed, bool[m]."""
    free: Bools = bits & BLOCKING == 0
    return free


def reasons_of(bits: int) -> frozenset[ReasonCode]:
    """Name the reasons of one pair."""
    return frozenset(code for code, bit in BIT.items() if int(bits) & bit)


def _first(chain: Chain) -> U64:
    """Give the bit of the first code that holds."""
    bits = np.zeros(len(chain[0][1]), np.uint64)
    for code, holds in reversed(chain):
        bits = np.where(holds, np.uint64(BIT[code]), bits)
    return bits


def _barred(desk: Desk, rows: I64, cols: I64) -> U64:
    """Give the reasons of relations and earlier answers."""
    requests = desk.requests
    bits = np.zeros(len(rows), np.uint64)
    begin, count = requests.barred_ptr[rows], requests.barred_ptr[rows + 1] - requests.barred_ptr[rows]
    for step in range(int(count.max(initial=0))):
        at = np.flatnonzero(count > step)
        entry = begin[at] + step
        bits[at] |= np.where(requests.barred[entry] == cols[at], requests.barred_bits[entry], np.uint64(0))
    return bits


def _offer(desk: Desk, _rows: I64, cols: I64) -> list[Chain]:
    offers, today = desk.offers, desk.ground.today
    return [
        [(_C.OFFER_NOT_PUBLISHED, ~offers.published[cols])],
        [(_C.PROVIDER_NOT_VERIFIED, ~offers.verified[cols])],
        [(_C.OFFER_NOT_STARTED, today < offers.begins[cols]), (_C.OFFER_EXPIRED, today > offers.expires[cols])],
        [(_C.CAPACITY_FULL, offers.used[cols] >= offers.capacity[cols])],
    ]


def _need(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests = desk.requests
    risk, level, sub = requests.risk[rows], desk.offers.level[cols], requests.sub[rows]
    yellow = (risk == YELLOW) & (desk.kind is Kind.COUNSEL)
    case_desk = np.array([code in CASE_DESK for code in desk.subs], np.bool_)
    return [
        [(_C.NEED_NOT_OPEN, ~requests.open[rows])],
        [
            (_C.RISK_UNKNOWN, risk == 0),
            (_C.RISK_TOO_HIGH, risk > YELLOW),
            (_C.LEVEL_UNKNOWN, yellow & (level == 0)),
            (_C.LEVEL_TOO_LOW, yellow & (level > 2)),  # noqa: PLR2004 - below levels A and B
        ],
        [(_C.CASE_DESK_ONLY, case_desk[sub]), (_C.ROUTE_DIFFERENT, ~routed(desk)[sub])],
    ]


def _age(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests, offers, kind = desk.requests, desk.offers, desk.kind
    age, stage, consent = requests.age[rows], requests.stage[rows], requests.guardian[rows]
    youngest = np.full(len(rows), age_from(desk))
    if desk.family == INTERN:
        youngest = np.maximum(youngest, offers.min_age[cols])
    bands: Chain = [(_C.AGE_UNKNOWN, age < 0), (_C.AGE_TOO_YOUNG, age < youngest)]
    if kind in OLDER_STAGES:
        older = OLDER_STAGES[kind]
        grown = age > TARGET_AGE_TO
        bands.append((_C.STAGE_UNKNOWN, grown & (stage == NO_STAGE) & bool(older)))
        bands.append((_C.AGE_TOO_OLD, grown & ~stage_table(older)[stage]))
    outside = (age < offers.age_min[cols]) | (age > offers.age_max[cols])
    alone = (age < 0) | (age >= GUARDIAN_BELOW[kind])
    return [
        bands,
        [(_C.OFFER_AGE, (age >= 0) & outside)],
        [(_C.GUARDIAN_UNKNOWN, ~alone & (consent == _UNKNOWN)), (_C.GUARDIAN_MISSING, ~alone & (consent == _NO))],
    ]


def _stage(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    stage, named = desk.requests.stage[rows], desk.offers.stages[cols]
    outside = (named != 0) & (named >> stage.astype(np.uint16) & 1 == 0)
    unserved = (stage == GRADUATE) & (desk.family not in (INTERN, HOUSE))
    return [
        [
            (_C.STAGE_UNKNOWN, (stage == NO_STAGE) & (named != 0)),
            (_C.STAGE_NOT_SERVED, unserved),
            (_C.OFFER_STAGE, outside & (stage != NO_STAGE)),
        ]
    ]


def _check(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    check, minor = desk.offers.check[cols], desk.requests.age[rows] < ADULT
    return [
        [
            (_C.CHECK_MISSING, minor & (check == 0)),
            (_C.CHECK_NOT_CLEAR, minor & (check == _HIT)),
            (_C.CHECK_EXPIRED, minor & (check == _EXPIRED)),
        ]
    ]


def _person(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests, offers = desk.requests, desk.offers
    state, wish, gender = offers.volunteer[cols], requests.gender_wish[rows], offers.gender[cols]
    minor = requests.age[rows] < ADULT
    return [
        [
            (_C.VOLUNTEER_UNKNOWN, (state == 0) & offers.vetted[cols]),
            (_C.VOLUNTEER_NOT_ACTIVE, (state != 0) & (state != VOLUNTEER_ACTIVE) & (state != VOLUNTEER_ADULTS)),
            (_C.VOLUNTEER_ADULTS_ONLY, minor & (state == VOLUNTEER_ADULTS)),
        ],
        [
            (_C.GENDER_UNKNOWN, (wish != 0) & (gender == 0)),
            (_C.GENDER_DIFFERENT, (wish != 0) & (gender != wish)),
        ],
        [(_C.WEEKLY_CAP, offers.weekly_full[cols])],
    ]


def _meeting(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests, offers = desk.requests, desk.offers
    talks, spoken = requests.talks[rows], offers.languages[cols]
    wished, offered, own = requests.modes[rows], offers.modes[cols], requests.place[rows]
    usable = usable_modes(desk, rows, cols)
    agreed = np.where(wished == 0, offered, offered & wished)
    near = np.where(own < 0, _UNKNOWN, desk.ground.near[own, offers.place[cols]])
    online = usable & REMOTE_BITS != 0
    decided = (usable == 0) | (agreed & REMOTE_BITS != 0)
    by_widening = online & ((own < 0) | (agreed == 0) | (near < Nearness.SAME_CITY))
    return [
        [
            (_C.LANGUAGE_UNKNOWN, spoken == 0),
            (_C.LANGUAGE_OPEN, talks == 0),
            (_C.NO_COMMON_LANGUAGE, talks & spoken == 0),
        ],
        [
            (_C.MODE_OPEN, wished == 0),
            (_C.MODE_WIDENED, (agreed == 0) & (usable != 0)),
            (_C.NO_COMMON_MODE, agreed == 0),
        ],
        [
            (_C.MODE_WIDENED, ~decided & by_widening),
            (_C.REGION_UNKNOWN, ~decided & (own < 0)),
            *_within(desk, ~decided, near, _C.OUTSIDE_CITY),
        ],
    ]


def _within(desk: Desk, asked: Bools, near: I64, refusal: ReasonCode) -> Chain:
    """Ask for the same city; a widened search takes a neighbouring one with a note."""
    outside = asked & (near < Nearness.SAME_CITY)
    widened = outside & (near == Nearness.NEIGHBOUR) & bool(desk.ground.widen)
    return [(_C.AREA_WIDENED, widened), (refusal, outside)]


def _internship(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests, offers = desk.requests, desk.offers
    stage, grade, least = requests.stage[rows], requests.grade[rows], offers.education[cols]
    vocational = stage_table(VOCATIONAL)[stage]
    levels = np.array([*(EDUCATION.get(one, _UNKNOWN) for one in STAGES), _UNKNOWN], np.int64)[stage]
    asked = ~offers.housed[cols]
    near = nearest(desk, rows, offers.place[cols])
    return [
        [
            (_C.STAGE_UNKNOWN, stage == NO_STAGE),
            (_C.TRAINEE_IN_SCHOOL, offers.trainee[cols] & stage_table(IN_SCHOOL)[stage]),
            (_C.GRADE_UNKNOWN, vocational & (grade < 0)),
            (_C.FIRST_YEAR, vocational & (grade <= 1)),
        ],
        [(_C.REGION_UNKNOWN, asked & (near < 0)), *_within(desk, asked, near, _C.NOT_REACHABLE)],
        [
            (_C.EDUCATION_OPEN, (least >= 0) & (levels < 0)),
            (_C.EDUCATION_BELOW, (least >= 0) & (levels < least)),
        ],
    ]


def _home(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    requests, place = desk.requests, desk.offers.place[cols]
    own = requests.place[rows]
    near_wanted, covered = nearest_wanted(desk, rows, place)
    near_own = np.where(own < 0, _UNKNOWN, desk.ground.near[own, place])
    named = near_wanted >= 0
    widened = named & ~covered & (near_wanted >= Nearness.NEIGHBOUR) & bool(desk.ground.widen)
    return [
        [
            (_C.AREA_WIDENED, widened),
            (_C.OUTSIDE_DISTRICTS, named & ~covered),
            (_C.REGION_UNKNOWN, ~named & (own < 0)),
            *_within(desk, ~named, near_own, _C.OUTSIDE_DISTRICTS),
        ]
    ]


def _sponsorship(desk: Desk, rows: I64, cols: I64) -> list[Chain]:
    offers = desk.offers
    declared, minor = offers.relation[cols], desk.requests.age[rows] < ADULT
    return [
        [
            (_C.RELATION_UNKNOWN, declared == _UNKNOWN),
            (_C.RELATION_DECLARED, declared != _YES),
            (_C.CONTACT_WITH_MINOR, offers.contact[cols] & minor),
        ]
    ]


_OF_FAMILY: Mapping[int, tuple[_Gates, ...]] = {
    SERVICE: (_check, _person, _meeting),
    INTERN: (_check, _internship),
    HOUSE: (_home,),
    SPONSOR: (_sponsorship,),
}
