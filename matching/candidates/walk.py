"""Down the lists of a profile until nothing can enter the best K of a request any more.

The first pass over a block of 64 offers has no branch: words, calendars and bounds. Only what is left is measured
exactly. A request's best K stand in a heap whose root is the worst of them: lowest value, then highest position, so
equal values go to the offer whose provider has been idle longest and then to the lowest id.
"""

from typing import NamedTuple

import numpy as np

from matching.candidates.facts import O_OLDEST, O_YOUNGEST, R_AGE, R_BARRED, R_BARRED_END, Facts
from matching.candidates.lists import Lists
from matching.candidates.losses import gain, home, internship, service, sponsorship
from matching.candidates.reach import route, same_route
from matching.candidates.sift import sift_home, sift_intern, sift_service, sift_sponsor
from matching.pool.columns import I32, I64, U64, Whole
from matching.pool.desk import HOUSE, INTERN, SERVICE
from matching.solvers.jit import kernel

BLOCK = 64
_MIX_ROW, _MIX_COLUMN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_LAST, _SHIFT, _HIGH = np.uint64(0xBF58476D1CE4E5B9), np.uint64(29), np.uint64(40)


class Best(NamedTuple):
    """Where the walk writes: n requests, K places each. `held` int32[n], `value` int64[n*K], `offer` int32[n*K].

    Offers are positions at the desk. `top` int64[n] is the greatest value of each request, without blur, its floor
    less 1 when nothing reaches the floor, and `leader` int32[n] its offer or -1. `low` int64[n] is what a value must
    reach to change anything. `seen` int64[n] counts the offers looked at in the first pass.
    """

    held: I32
    value: I64
    offer: I32
    top: I64
    leader: I32
    low: I64
    seen: I64


@kernel
def worse(value: Whole, offer: Whole, other_value: Whole, other_offer: Whole) -> Whole:
    """Whether the first of two entries is worse: lower value, or equal value and higher position."""
    return value < other_value or (value == other_value and offer > other_offer)


@kernel
def push(values: I64, offers: I32, begin: Whole, held: Whole, room: Whole, value: Whole, offer: Whole) -> Whole:
    """Put an entry into the heap at `begin` that holds `held` of `room`, or drop it; gives the new number held."""
    if held < room:
        at = held
        while at > 0:
            up = (at - 1) >> 1
            if not worse(value, offer, values[begin + up], offers[begin + up]):
                break
            values[begin + at] = values[begin + up]
            offers[begin + at] = offers[begin + up]
            at = up
        values[begin + at] = value
        offers[begin + at] = offer
        return held + 1
    if not worse(values[begin], offers[begin], value, offer):
        return held
    at = 0
    while True:
        down = 2 * at + 1
        if down >= held:
            break
        if down + 1 < held and worse(
            values[begin + down + 1], offers[begin + down + 1], values[begin + down], offers[begin + down]
        ):
            down += 1
        if not worse(values[begin + down], offers[begin + down], value, offer):
            break
        values[begin + at] = values[begin + down]
        offers[begin + at] = offers[begin + down]
        at = down
    values[begin + at] = value
    offers[begin + at] = offer
    return held


@kernel
def noise(i: Whole, j: Whole, blur: Whole) -> Whole:
    """Take this many points off the pair while the best are chosen: evenly from 0 to `blur`, always the same."""
    mixed = (np.uint64(i) * _MIX_ROW) ^ (np.uint64(j) * _MIX_COLUMN)
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX_LAST
    return (blur * np.int64(mixed >> _HIGH)) >> 24


@kernel
def keep_top(values: I64, offers: I32, begin: Whole, held: Whole, value: Whole, offer: Whole) -> None:
    """Make sure that the pair of greatest value is among the held ones, in the place of the worst."""
    for at in range(begin, begin + held):
        if offers[at] == offer:
            return
    values[begin] = value
    offers[begin] = offer


@kernel
def walk(  # noqa: C901, PLR0912, PLR0915 - the one hot loop, kept in one piece for the compiler
    facts: Facts, lists: Lists, asked: U64, common: I64, floor: I64, blur: Whole, rows: I64, best: Best
) -> None:
    """Find the best offers of every request in `rows`; all of them share the profile of the lists.

    `asked` uint64[n, 4] and `common` as in `Shelf`; `floor` int64[n]: the lowest value each request can use. Chosen
    are the greatest values less `noise`; the greatest value itself is always among them. What `best` holds already
    stays in the contest, so that further lists can be walked later.
    """
    family, widen = facts.family, facts.widen
    request, offer, near, covers, weight = facts.request, facts.offer, facts.near, facts.covers, facts.weight
    mine_list, their_list, barred, sets = facts.request_list, facts.offer_list, facts.barred, facts.sets
    ptr, names, bounds, given, step = lists.ptr, lists.offer, lists.bound, lists.given, lists.step
    values, offers, counts, tops, leaders, seen = best.value, best.offer, best.held, best.top, best.leader, best.seen
    room = len(values) // len(counts)
    places = np.flatnonzero(ptr[1:-1] < ptr[2:])
    which, extras = np.empty(len(places) + 1, np.int64), np.empty(len(places) + 1, np.int64)
    passed = np.empty(BLOCK, np.int64)
    legs = 0
    for row in range(len(rows)):
        i = rows[row]
        age, begin, held, looked = request[i, R_AGE], i * room, counts[i], 0
        need = values[begin] if held == room else floor[i] - blur
        low, top, leader = max(floor[i], need), tops[i], leaders[i]
        slack = gain(family, request, i, weight)
        if row == 0 or not same_route(family, request, i, rows[row - 1]):
            legs = route(family, widen, request, i, mine_list, near, covers, places, which, extras)
        for leg in range(legs):
            extra = extras[leg] * weight[2]
            at, end = ptr[which[leg]], ptr[which[leg] + 1]
            while at < end and bounds[at] + extra + slack + step > low:
                stop = min(at + BLOCK, end)
                looked += stop - at
                lowest = low - extra
                if family == SERVICE:
                    found = sift_service(given, bounds, at, stop, asked, i, lowest, common, passed)
                elif family == INTERN:
                    found = sift_intern(given, bounds, at, stop, asked, i, lowest, slack, weight, request, sets, passed)
                elif family == HOUSE:
                    found = sift_home(given, bounds, at, stop, asked, i, lowest, weight, request, passed)
                else:
                    found = sift_sponsor(given, bounds, at, stop, asked, i, lowest, weight, request, near, passed)
                for z in range(found):
                    bound, j = bounds[passed[z]] + extra + slack, names[passed[z]]
                    less = noise(i, j, blur)
                    if (bound - less < need and bound <= top) or age < offer[j, O_YOUNGEST] or age > offer[j, O_OLDEST]:
                        continue
                    if family == SERVICE:
                        lost = service(request, i, offer, j, mine_list, their_list, near, weight)
                    elif family == INTERN:
                        lost = slack + internship(request, i, offer, j, mine_list, their_list, sets, near, weight)
                    elif family == HOUSE:
                        lost = home(request, i, offer, j, weight)
                    else:
                        lost = sponsorship(request, i, offer, j, their_list, near, weight)
                    value = bound - lost
                    if value < low or (value - less < need and value <= top):
                        continue
                    apart = False
                    for bar in range(request[i, R_BARRED], request[i, R_BARRED_END]):
                        apart |= barred[bar] == j
                    if apart:
                        continue
                    if value > top or (value == top and j < leader):
                        top, leader = value, j
                    held = push(values, offers, begin, held, room, value - less, j)
                    if held == room:
                        need = values[begin]
                        low = max(low, need)
                at = stop
        if held > 0:
            keep_top(values, offers, begin, held, top - noise(i, leader, blur), leader)
        counts[i] = held
        tops[i] = top
        leaders[i] = leader
        best.low[i] = low
        seen[i] += looked


@kernel
def finish(best: Best, number: I32, offset: I64, blur: Whole) -> None:
    """Turn positions into numbers of the pool, ascending for each request, and values into exact points."""
    room = len(best.value) // max(1, len(best.held))
    for i in range(len(best.held)):
        begin = i * room
        for at in range(best.held[i]):
            j = best.offer[begin + at]
            points, name = best.value[begin + at] + noise(i, j, blur) - offset[j], number[j]
            slot = begin + at
            while slot > begin and best.offer[slot - 1] > name:
                best.offer[slot] = best.offer[slot - 1]
                best.value[slot] = best.value[slot - 1]
                slot -= 1
            best.offer[slot] = name
            best.value[slot] = points
