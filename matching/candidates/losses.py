"""What a pair loses against the upper bound of its profile, exactly.

Compiled kernels over one pair (i, j) each: `request` and `offer` are those of `facts`. A loss is in exact points (a
whole score is 100,000,000) and never negative, but for a wished post (see `gain`). The unknown counts one half, as
everywhere.
"""

from matching.candidates.facts import (
    HOUSED_BIT,
    LANGUAGE_BITS,
    O_AMOUNT,
    O_CODES,
    O_ENDS,
    O_FREE,
    O_KIND,
    O_LIST,
    O_LIST_END,
    O_MODES,
    O_PERSONS,
    O_PLACE,
    O_RENT,
    O_STARTS,
    O_TIMED,
    POST_SHIFT,
    R_ASKED,
    R_BUDGET,
    R_FROM,
    R_KINDS,
    R_LIKES,
    R_LIST,
    R_LIST_END,
    R_MAJOR,
    R_MOVE_IN,
    R_PERSONS,
    R_PLACE,
    R_POSTS,
    R_POSTS_END,
    R_TALKS,
    R_TO,
)
from matching.model import MICRO
from matching.pool.columns import I8, I32, I64, NO_DAY, Whole
from matching.pool.desk import INTERN
from matching.pool.words import WEEK
from matching.practicalities import UNIT_MINUTES
from matching.scoring import CLOSE, GOOD_WEEK_MINUTES, LATE_DAYS, UNKNOWN_COUNTS
from matching.solvers.jit import kernel

REFUSED = 1 << 60
"""The loss of a pair that may not exist: no value is left of it."""
FAR, NEIGHBOUR, SAME_CITY, SAME_DISTRICT = 0, 1, 2, 3


@kernel
def share(part: Whole, whole: Whole) -> Whole:
    """`part` / `whole` in millionths, rounded half up and kept within 0..1; `whole` > 0."""
    return max(0, min(MICRO, (2 * MICRO * part + whole) // (2 * whole)))


@kernel
def near_micro(near: Whole) -> Whole:
    """Distance part of a nearness."""
    if near == SAME_DISTRICT:
        return MICRO
    if near == SAME_CITY:
        return 600_000
    return 300_000 if near == NEIGHBOUR else 0


@kernel
def nearest_of(near: I8, own: Whole, places: I32, begin: Whole, end: Whole, place: Whole) -> Whole:
    """Nearness of the nearest of own (unless -1) and listed places to `place`; -1 when there are none."""
    best = -1
    if own >= 0:
        best = int(near[own, place])
    for at in range(begin, end):
        best = max(best, int(near[places[at], place]))
    return best


@kernel
def service(request: I64, i: Whole, offer: I64, j: Whole, slots: I32, their_slots: I32, near: I8, weight: I64) -> Whole:
    """Lose what is missing to two common hours in a week; without 50 common minutes in 14 days be refused.

    An offer without any mode is counted online by its bound and loses its distance here.
    """
    lost = 0
    at, end = request[i, R_LIST], request[i, R_LIST_END]
    other, other_end = offer[j, O_LIST], offer[j, O_LIST_END]
    if offer[j, O_TIMED] != 0 and at < end:
        longest = 0
        week = 0
        while at < end and other < other_end:
            close, their_close = slots[at + 1], their_slots[other + 1]
            start, stop = max(slots[at], their_slots[other]), min(close, their_close)
            longest = max(longest, stop - start)
            week += max(0, min(stop, WEEK) - start)
            step = 2 * int(close <= their_close)
            at += step
            other += 2 - step
        if longest < UNIT_MINUTES:
            return REFUSED
        lost = weight[1] * (MICRO - share(week, GOOD_WEEK_MINUTES))
    if offer[j, O_MODES] == 0:
        own = request[i, R_PLACE]
        distance = near_micro(int(near[own, offer[j, O_PLACE]])) if own >= 0 else UNKNOWN_COUNTS
        lost += weight[2] * (MICRO - distance)
    return lost


@kernel
def gain(family: Whole, request: I64, i: Whole, weight: I64) -> Whole:
    """Most that a pair of request i can lie above its bound: a wished post is not part of the profile."""
    if family == INTERN and request[i, R_POSTS] < request[i, R_POSTS_END]:
        return weight[0] * MICRO
    return 0


@kernel
def is_wished(request: I64, i: Whole, sets: I32, post: Whole) -> Whole:
    """Whether the post is among those that the request wishes."""
    found = False
    for at in range(request[i, R_POSTS], request[i, R_POSTS_END]):
        found |= sets[at] == post
    return found


@kernel
def subject(request: I64, i: Whole, offer: I64, j: Whole, majors: I32) -> Whole:
    """Topic of an internship without wished posts: the major is named, or any will do, or it is another."""
    major, begin, end = request[i, R_MAJOR], offer[j, O_LIST], offer[j, O_LIST_END]
    if begin == end:
        return CLOSE
    for at in range(begin, end):
        if majors[at] == major:
            return MICRO
    return 0 if major >= 0 else UNKNOWN_COUNTS


@kernel
def internship(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    request: I64, i: Whole, offer: I64, j: Whole, wanted: I32, majors: I32, sets: I32, near: I8, weight: I64
) -> Whole:
    """Lose the weeks that are not common, a language, and for a post with a home the way; win for a wished post."""
    lost = 0
    first, last = request[i, R_FROM], request[i, R_TO]
    if first != NO_DAY and last != NO_DAY:  # noqa: PLR1714 - a tuple would be made for every pair
        start, end = offer[j, O_STARTS], offer[j, O_ENDS]
        part = share(min(last, end) - max(first, start) + 1, max(1, end - start + 1))
        lost = weight[1] * (MICRO - part)
    codes = offer[j, O_CODES]
    spoken, talks = codes & LANGUAGE_BITS, request[i, R_TALKS]
    if spoken != 0 and spoken & request[i, R_LIKES] == 0:
        lost += weight[3] * (UNKNOWN_COUNTS if talks == 0 or spoken & talks != 0 else MICRO)
    if codes & HOUSED_BIT != 0:
        own, begin, end = request[i, R_PLACE], request[i, R_LIST], request[i, R_LIST_END]
        nearest = nearest_of(near, own, wanted, begin, end, offer[j, O_PLACE])
        lost += weight[2] * (MICRO - max(CLOSE, near_micro(nearest)))
    if is_wished(request, i, sets, codes >> POST_SHIFT):
        lost -= weight[0] * (MICRO - subject(request, i, offer, j, majors))
    return lost


@kernel
def home(request: I64, i: Whole, offer: I64, j: Whole, weight: I64) -> Whole:
    """Lose for kind, size and rent that do not fit, and for being free late."""
    kinds, persons, budget = request[i, R_KINDS], request[i, R_PERSONS], request[i, R_BUDGET]
    misfits = 0
    if kinds != 0 and (kinds >> offer[j, O_KIND]) & 1 == 0:
        misfits += 1
    if persons >= 0 and offer[j, O_PERSONS] < persons:
        misfits += 1
    if budget >= 0 and offer[j, O_RENT] > budget:
        misfits += 1
    topic = UNKNOWN_COUNTS
    if kinds != 0 or persons >= 0 or budget >= 0:
        topic = MICRO if misfits == 0 else (CLOSE if misfits == 1 else 0)
    time = UNKNOWN_COUNTS
    wished, free = request[i, R_MOVE_IN], offer[j, O_FREE]
    if wished != NO_DAY and free != NO_DAY:  # noqa: PLR1714 - a tuple would be made for every pair
        time = share(LATE_DAYS - (free - wished), LATE_DAYS)
    return weight[0] * (MICRO - topic) + weight[1] * (MICRO - time)


@kernel
def sponsorship(request: I64, i: Whole, offer: I64, j: Whole, regions: I32, near: I8, weight: I64) -> Whole:
    """Lose what is missing to the sum asked for, and the way to a preferred region."""
    lost = 0
    if request[i, R_ASKED] >= 0:
        lost = weight[1] * (MICRO - share(offer[j, O_AMOUNT], max(1, request[i, R_ASKED])))
    begin, end = offer[j, O_LIST], offer[j, O_LIST_END]
    if begin < end:
        own = request[i, R_PLACE]
        distance = UNKNOWN_COUNTS
        if own >= 0:
            best = FAR
            for at in range(begin, end):
                best = max(best, int(near[own, regions[at]]))
            distance = near_micro(best)
        lost += weight[2] * (MICRO - distance)
    return lost
