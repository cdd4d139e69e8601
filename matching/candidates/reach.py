"""Which places a request reaches, and the distance part of an offer there."""

from matching.candidates.facts import R_LIST, R_LIST_END, R_PLACE, R_WORK
from matching.candidates.losses import NEIGHBOUR, SAME_CITY, near_micro, nearest_of
from matching.pool.columns import I8, I32, I64, Bools, Whole
from matching.pool.desk import INTERN, SERVICE
from matching.scoring import UNKNOWN_COUNTS
from matching.solvers.jit import kernel

UNREACHABLE = -1


@kernel
def reach(
    family: Whole, widen: Whole, request: I64, i: Whole, places: I32, near: I8, covers: Bools, place: Whole
) -> Whole:
    """Distance part (millionths) of an offer that stands on the list of `place`, or UNREACHABLE."""
    least = NEIGHBOUR if widen != 0 else SAME_CITY
    own, begin, end = request[i, R_PLACE], request[i, R_LIST], request[i, R_LIST_END]
    if family == SERVICE:
        nearest = int(near[own, place]) if own >= 0 else -1
        return near_micro(nearest) if nearest >= least else UNREACHABLE
    if family == INTERN:
        nearest = nearest_of(near, own, places, begin, end, place)
        return near_micro(nearest) if nearest >= least else UNREACHABLE
    inside = False
    for at in range(begin, end):
        wanted = places[at]
        if covers[wanted, place] or (widen != 0 and near[wanted, place] >= least):
            inside = True
    if begin == end and own >= 0:
        inside = near[own, place] >= least
    if not inside:
        return UNREACHABLE
    work = request[i, R_WORK]
    return near_micro(int(near[work, place])) if work >= 0 else UNKNOWN_COUNTS


@kernel
def route(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    family: Whole,
    widen: Whole,
    request: I64,
    i: Whole,
    places: I32,
    near: I8,
    covers: Bools,
    listed: I64,
    which: I64,
    extra: I64,
) -> Whole:
    """Write the lists a request walks, nearest first: the province's, then those of the places it reaches.

    `listed`: places that have a list at all. `which` and `extra` (millionths) int64[len(listed) + 1]; gives how many.
    """
    which[0] = 0
    extra[0] = 0
    count = 1
    for at in range(len(listed)):
        part = reach(family, widen, request, i, places, near, covers, listed[at])
        if part == UNREACHABLE:
            continue
        slot = count
        while slot > 1 and extra[slot - 1] < part:
            which[slot] = which[slot - 1]
            extra[slot] = extra[slot - 1]
            slot -= 1
        which[slot] = 1 + listed[at]
        extra[slot] = part
        count += 1
    return count


@kernel
def same_route(family: Whole, request: I64, i: Whole, other: Whole) -> Whole:
    """Whether two requests walk the same lists for certain: the same place, the same way to work, nothing wanted."""
    if request[i, R_PLACE] != request[other, R_PLACE]:
        return False
    if family == SERVICE:
        return True
    unlisted = request[i, R_LIST] == request[i, R_LIST_END] and request[other, R_LIST] == request[other, R_LIST_END]
    return unlisted and (family == INTERN or request[i, R_WORK] == request[other, R_WORK])
