"""The seven parts of the score of many pairs at once, kept apart; the scalar `scoring.parts` is the standard.

A part is in millionths, -1 when a fact is missing. `rows` and `cols` int64[m] are positions of requests and offers of
the same desk. Weights are data of the desk; the unknown counts one half of its weight, as in `scoring.points`.
"""

import numpy as np
import numpy.typing as npt

from matching.model import MICRO
from matching.places import Nearness
from matching.pool.calendars import overlaps
from matching.pool.columns import I32, I64, NO_DAY, NO_STAGE, U8, OfferColumns
from matching.pool.desk import HOUSE, INTERN, SERVICE, Desk
from matching.pool.words import REMOTE_BITS
from matching.scoring import CLOSE, FRESH_DAYS, GOOD_WEEK_MINUTES, LATE_DAYS, NEAR, UNKNOWN_COUNTS

UNKNOWN = -1
NEAR_MICRO = np.array([NEAR[near] for near in sorted(Nearness)], np.int64)
"""Distance part by `Nearness`."""
SCORE_STEP = 10_000
"""Exact points in one ten-thousandth of a whole score."""


def measure(desk: Desk, rows: I64, cols: I64) -> I32:
    """Measure the parts of pairs, eligible or not: int32[m, 7] in the order of `PartCode`."""
    family = {SERVICE: _service, INTERN: _intern, HOUSE: _house}.get(desk.family, _sponsor)
    measured = family(desk, rows, cols)
    offers = desk.offers
    fixed = (load(offers)[cols], fairness(offers)[cols], offers.quality[cols])
    return np.stack([*measured, *fixed], axis=1).astype(np.int32)


def points(desk: Desk, parts: I32) -> I64:
    """Give the exact points of measured pairs, int64[m], 0 to 100,000,000."""
    counted = np.where(parts == UNKNOWN, UNKNOWN_COUNTS, parts).astype(np.int64)
    exact: I64 = (counted * desk.ground.weight).sum(axis=1)
    return exact


def rounded(exact: I64) -> I32:
    """Exact points as ten-thousandths, rounded to the nearest, halves up: int32[m], 0 to 10,000."""
    return ((exact + SCORE_STEP // 2) // SCORE_STEP).astype(np.int32)


def share(part: I64, whole: I64 | int) -> I64:
    """`part` / `whole` in millionths, rounded half up and kept within 0..1; `whole` > 0."""
    kept: I64 = np.clip((2 * MICRO * part + whole) // (2 * np.asarray(whole, np.int64)), 0, MICRO)
    return kept


def load(offers: OfferColumns) -> I64:
    """Free share of the places of every offer, int64[k]."""
    capacity = offers.capacity.astype(np.int64)
    return share(capacity - offers.used, np.maximum(1, capacity))


def fairness(offers: OfferColumns) -> I64:
    """min(1, idle days / 14) of every offer, int64[k]; a provider who was never matched has waited longest."""
    return np.where(offers.idle < 0, MICRO, share(offers.idle.astype(np.int64), FRESH_DAYS))


def language(talks: U8, likes: U8, offered: U8) -> I64:
    """Rate a preferred language 1 (without a preference any common one), another common one 0.5."""
    wanted = np.where(likes == 0, talks, likes)
    part = np.where((talks & offered) != 0, MICRO // 2, 0)
    part = np.where((wanted & offered) != 0, MICRO, part)
    return np.where(talks == 0, UNKNOWN, part).astype(np.int64)


_Four = tuple[I64, I64, I64, I64]


def _service(desk: Desk, rows: I64, cols: I64) -> _Four:
    requests, offers, one = desk.requests, desk.offers, np.uint64(1)
    sub = requests.sub[rows].astype(np.uint64)
    topic = np.where((offers.close[cols] >> sub) & one == one, CLOSE, 0)
    topic = np.where((offers.exact[cols] >> sub) & one == one, MICRO, topic)
    topic = np.where(offers.topical[cols], topic, UNKNOWN)
    longest, week = common_minutes(desk, rows, cols)
    availability = np.where(longest < 0, UNKNOWN, share(week.astype(np.int64), GOOD_WEEK_MINUTES))
    usable = usable_modes(desk, rows, cols)
    place = requests.place[rows]
    distance = np.where(place < 0, UNKNOWN, NEAR_MICRO[desk.ground.near[place, offers.place[cols]]])
    distance = np.where((usable & REMOTE_BITS) != 0, MICRO, distance)
    spoken = language(requests.talks[rows], requests.likes[rows], offers.languages[cols])
    return topic, availability, distance, spoken


def common_minutes(desk: Desk, rows: I64, cols: I64) -> tuple[I32, I32]:
    """Longest common stretch in 14 days and common time in 7 days, in minutes; -1 when not said."""
    longest, week = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32)
    overlaps(desk.requests, desk.offers, rows, cols, longest, week)
    return longest, week


def usable_modes(desk: Desk, rows: I64, cols: I64) -> U8:
    """Modes in which the pairs could meet, as bits; a widened search adds the provider's online modes."""
    wished, offered = desk.requests.modes[rows], desk.offers.modes[cols]
    common = np.where(wished == 0, offered, offered & wished)
    return common | (offered & np.uint8(REMOTE_BITS)) if desk.ground.widen else common


def _intern(desk: Desk, rows: I64, cols: I64) -> _Four:
    requests, offers = desk.requests, desk.offers
    major, named = requests.major[rows], np.diff(offers.major_ptr)[cols] > 0
    topic = np.where(named, np.where(major < 0, UNKNOWN, 0), CLOSE)
    topic = np.where(subject_fits(desk, rows, cols), MICRO, topic)
    start, end = offers.starts[cols].astype(np.int64), offers.ends[cols].astype(np.int64)
    first, last = requests.free_from[rows], requests.free_to[rows]
    common = np.minimum(last, end) - np.maximum(first, start) + 1
    said = (first != NO_DAY) & (last != NO_DAY)
    availability = np.where(said, share(common, np.maximum(1, end - start + 1)), UNKNOWN)
    near = nearest(desk, rows, offers.place[cols])
    distance = np.where(near < 0, UNKNOWN, NEAR_MICRO[near])
    distance = np.where(offers.housed[cols], np.maximum(CLOSE, distance), distance)
    spoken = language(requests.talks[rows], requests.likes[rows], offers.languages[cols])
    return topic, availability, distance, np.where(offers.languages[cols] == 0, MICRO, spoken)


def subject_fits(desk: Desk, rows: I64, cols: I64) -> npt.NDArray[np.bool_]:
    """Whether the major is named or the post wished, bool[m]."""
    requests, offers, ground = desk.requests, desk.offers, desk.ground
    wished = requests.posts[rows]
    fits = np.zeros(len(rows), np.bool_)
    for pointer, values, at, other in (
        (offers.major_ptr, offers.major, cols, requests.major[rows]),
        (ground.set_ptr, ground.set_post, wished, offers.post[cols]),
    ):
        begin, count = pointer[at], pointer[at + 1] - pointer[at]
        for step in range(int(count.max(initial=0))):
            there = count > step
            fits[there] |= values[begin[there] + step] == other[there]
    return fits


def nearest(desk: Desk, rows: I64, place: I32) -> I64:
    """Nearness of the nearest of the student's places (own and wanted) to `place`; -1 when there are none."""
    requests, near = desk.requests, desk.ground.near
    own = requests.place[rows]
    best = np.where(own < 0, -1, near[own, place]).astype(np.int64)
    return np.maximum(best, _nearest_of(desk, requests.wanted_ptr, requests.wanted, rows, place))


def nearest_wanted(desk: Desk, rows: I64, place: I32) -> tuple[I64, npt.NDArray[np.bool_]]:
    """Nearness of the nearest wanted place (-1 when none is wanted), and whether a wanted place takes `place` in."""
    requests, covers = desk.requests, desk.ground.covers
    pointer, values = requests.wanted_ptr, requests.wanted
    begin, count = pointer[rows], pointer[rows + 1] - pointer[rows]
    covered = np.zeros(len(rows), np.bool_)
    for step in range(int(count.max(initial=0))):
        there = count > step
        covered[there] |= covers[values[begin[there] + step], place[there]]
    return _nearest_of(desk, pointer, values, rows, place), covered


def _nearest_of(desk: Desk, pointer: I64, values: I32, at: I64, place: I32) -> I64:
    """Nearness of the nearest place of row `at` of a CSR column to `place`; -1 for an empty row."""
    begin, count = pointer[at], pointer[at + 1] - pointer[at]
    best = np.full(len(at), -1, np.int64)
    for step in range(int(count.max(initial=0))):
        there = count > step
        best[there] = np.maximum(best[there], desk.ground.near[values[begin[there] + step], place[there]])
    return best


def _house(desk: Desk, rows: I64, cols: I64) -> _Four:
    requests, offers = desk.requests, desk.offers
    kinds, persons, budget = requests.house_kinds[rows], requests.persons[rows], requests.budget[rows]
    offered = np.uint8(1) << offers.house_kind[cols].astype(np.uint8)
    misfits = ((kinds != 0) & (kinds & offered == 0)).astype(np.int64)
    misfits += (persons >= 0) & (offers.persons_max[cols] < persons)
    misfits += (budget >= 0) & (offers.rent[cols] > budget)
    topic = np.array([MICRO, CLOSE, 0, 0], np.int64)[misfits]
    topic = np.where((kinds != 0) | (persons >= 0) | (budget >= 0), topic, UNKNOWN)
    wished, free = requests.move_in[rows].astype(np.int64), offers.free_from[cols].astype(np.int64)
    in_time = share(LATE_DAYS - (free - wished), LATE_DAYS)
    availability = np.where((wished != NO_DAY) & (free != NO_DAY), in_time, UNKNOWN)
    work = requests.workplace[rows]
    distance = np.where(work < 0, UNKNOWN, NEAR_MICRO[desk.ground.near[work, offers.place[cols]]])
    return topic, availability, distance, np.full(len(rows), MICRO, np.int64)


def sponsor_topic(desk: Desk, rows: I64, cols: I64) -> I64:
    """Topic of a sponsorship: its kind fits the sub-code 1, else 0.6; another stage than preferred 0."""
    requests, offers = desk.requests, desk.offers
    fitting = desk.ground.fitting[requests.sub[rows]] >> offers.sponsor_kind[cols].astype(np.uint8)
    topic = np.where(fitting & 1 == 1, MICRO, CLOSE)
    stage, preferred = requests.stage[rows], offers.stage_pref[cols]
    topic = np.where((preferred != 0) & (preferred >> stage.astype(np.uint16) & 1 == 0), 0, topic)
    return np.where((preferred != 0) & (stage == NO_STAGE), UNKNOWN, topic).astype(np.int64)


def _sponsor(desk: Desk, rows: I64, cols: I64) -> _Four:
    requests, offers = desk.requests, desk.offers
    asked = requests.asked[rows]
    availability = np.where(asked < 0, UNKNOWN, share(offers.amount[cols], np.maximum(1, asked)))
    own = requests.place[rows]
    near = _nearest_of(desk, offers.region_ptr, offers.region, cols, np.maximum(0, own))
    distance = np.where(near < 0, MICRO, np.where(own < 0, UNKNOWN, NEAR_MICRO[near]))
    return sponsor_topic(desk, rows, cols), availability, distance, np.full(len(rows), MICRO, np.int64)
