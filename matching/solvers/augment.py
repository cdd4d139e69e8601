"""Third phase: make the auction's outcome exact, by shortest augmenting paths in integers.

Pairs that are not exactly the best at the present prices are dissolved. Each dissolved request is then placed by a
shortest path over offers (forward), and each place whose price exceeds its cost though it is free is filled, or its
price lowered, by a shortest path in the other direction (backward). Both keep every remaining pair exactly best, so
that in the end no price and no pair can be improved: prices and assignment prove each other.
"""

from typing import Any, NamedTuple

import numpy as np

from matching.instances import Ints8, Ints32, Ints64
from matching.solvers.jit import inner, kernel
from matching.solvers.packing import Arcs, offer_of, score_of
from matching.solvers.seats import FAR, Offers, Places, place_cost


class Tree(NamedTuple):
    """A shortest-path search over offers: an indexed heap and what has been reached.

    `distance` int64[k], valid where `mark` int32[k] is the number of the present search; `via` int64[k]: request over
    which the offer was reached; `onto` int64[k] and `gain` int32[k]: offer and score that request moves to (backward).
    `heap` int32[k] with `where` int32[k], the position in it or -1; `closed` int32[k]: offers settled so far.
    """

    distance: Ints64
    mark: Ints32
    via: Ints64
    onto: Ints64
    gain: Ints32
    heap: Ints32
    where: Ints32
    closed: Ints32


def new_tree(offers: int) -> Tree:
    """Make an empty search for this many offers."""
    return Tree(
        np.zeros(offers, np.int64),
        np.zeros(offers, np.int32),
        np.zeros(offers, np.int64),
        np.zeros(offers, np.int64),
        np.zeros(offers, np.int32),
        np.zeros(offers, np.int32),
        np.zeros(offers, np.int32),
        np.zeros(offers, np.int32),
    )


@inner
def reach(tree: Tree, search: Any, size: Any, j: Any, distance: Any) -> Any:
    """Put offer j into the heap at this distance, or move it up when it is nearer now; gives the size, -1 if not."""
    if tree.mark[j] != search:
        tree.mark[j] = search
        at = size
        size += 1
    elif distance >= tree.distance[j]:
        return np.int64(-1)
    else:
        at = np.int64(tree.where[j])
    tree.distance[j] = distance
    while at > 0:
        above = (at - 1) >> 1
        other = tree.heap[above]
        if tree.distance[other] <= distance:
            break
        tree.heap[at] = other
        tree.where[other] = at
        at = above
    tree.heap[at] = j
    tree.where[j] = at
    return np.int64(size)


@inner
def settle_nearest(tree: Tree, size: Any) -> Any:
    """Take the nearest offer out of the heap; gives the new size. The offer was tree.heap[0]."""
    size -= 1
    last = tree.heap[size]
    distance = tree.distance[last]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and tree.distance[tree.heap[below + 1]] < tree.distance[tree.heap[below]]:
            below += 1
        other = tree.heap[below]
        if tree.distance[other] >= distance:
            break
        tree.heap[at] = other
        tree.where[other] = at
        at = below
    tree.heap[at] = last
    tree.where[last] = at
    return np.int64(size)


@kernel
def keep_exact(  # noqa: C901, PLR0912 - one pass over requests and one over offers, compiled together
    arcs: Arcs, duty: Ints8, offers: Offers, places: Places, price: Ints64, loose: Ints32
) -> Any:
    """Keep the pairs that are exactly best, fill `places`; gives how many requests are in `loose` to be placed."""
    places.assigned[:] = -1
    for j in range(price.shape[0]):
        for q in range(offers.first[j], offers.first[j + 1]):
            if places.holder[q] >= 0:
                places.assigned[places.holder[q]] = j
    count = 0
    for i in range(duty.shape[0]):
        if duty[i] < 0:
            continue
        best = np.int64(0) if duty[i] == 0 else np.int64(-FAR)
        here = np.int64(-FAR)
        for e in range(arcs.start[i], arcs.start[i + 1]):
            x = arcs.word[e]
            j = offer_of(x)
            gain = score_of(x) - price[j]
            best = max(best, gain)
            if np.int64(j) == places.assigned[i]:
                here = gain
                places.worth[i] = score_of(x)
        if places.assigned[i] >= 0:
            if here < best:
                places.assigned[i] = -1
                loose[count] = i
                count += 1
        elif best > 0 or duty[i] == 1:
            loose[count] = i
            count += 1
    for j in range(price.shape[0]):
        base = offers.first[j]
        taken = 0
        for q in range(base, offers.first[j + 1]):
            i = places.holder[q]
            if i >= 0 and places.assigned[i] == j:
                places.holder[base + taken] = i
                places.seat[i] = base + taken
                taken += 1
        places.load[j] = taken
        places.holder[base + taken : offers.first[j + 1]] = -1
    return count


@inner
def extend_forward(  # noqa: PLR0913, PLR0917 - the state of a search, in registers
    arcs: Arcs, offers: Offers, places: Places, price: Ints64, tree: Tree, search: Any, size: Any, i: Any, base: Any,
    best: Any, end: Any,
) -> Any:  # fmt: skip
    """Reach every offer that request i could move to at distance base - score + price < best.

    Gives the heap's size, the length of the best complete path so far, and the offer with a free place it ends at.
    """
    for e in range(arcs.start[i], arcs.start[i + 1]):
        x = arcs.word[e]
        distance = base - score_of(x) + price[offer_of(x)]
        if distance >= best:
            continue
        j = np.int64(offer_of(x))
        grown = reach(tree, search, size, j, distance)
        if grown < 0:
            continue
        size = grown
        tree.via[j] = i
        if places.load[j] < offers.first[j + 1] - offers.first[j]:
            total = distance + max(0, place_cost(offers, j, np.int64(places.load[j] + 1)) - price[j])
            if total < best:
                best = total
                end = j
    return size, best, end


@inner
def shift_along(arcs: Arcs, places: Places, tree: Tree, root: Any, j: Any, seat: Any) -> None:
    """Move every request on the path back from this seat of offer j to the root one step forward."""
    while True:
        i = tree.via[j]
        old_offer = np.int64(places.assigned[i])
        old_seat = places.seat[i]
        places.holder[seat] = i
        places.seat[i] = seat
        places.assigned[i] = j
        for e in range(arcs.start[i], arcs.start[i + 1]):
            if np.int64(offer_of(arcs.word[e])) == j:
                places.worth[i] = score_of(arcs.word[e])
        if i == root:
            return
        j = old_offer
        seat = old_seat


@kernel
def place_forward(
    arcs: Arcs, duty: Ints8, offers: Offers, places: Places, price: Ints64, tree: Tree, loose: Ints32, search: Any
) -> Any:
    """Place each loose request by a shortest path; gives the number of the last search."""
    for t in range(loose.shape[0]):
        root = np.int64(loose[t])
        search += 1
        own = np.int64(0) if duty[root] == 0 else np.int64(-FAR)
        for e in range(arcs.start[root], arcs.start[root + 1]):
            x = arcs.word[e]
            own = max(own, score_of(x) - price[offer_of(x)])
        # Without a better path, an optional request stays without, and a leaving holder makes room for it.
        best = own if duty[root] == 0 else np.int64(FAR)
        leaver = np.int64(-1)
        end = np.int64(-1)
        size, best, end = extend_forward(arcs, offers, places, price, tree, search, np.int64(0), root, own, best, end)
        closed = 0
        while size > 0 and tree.distance[tree.heap[0]] < best:
            j = np.int64(tree.heap[0])
            size = settle_nearest(tree, size)
            tree.closed[closed] = j
            closed += 1
            here = tree.distance[j] - price[j]
            for q in range(offers.first[j], offers.first[j] + places.load[j]):
                i = np.int64(places.holder[q])
                base = here + places.worth[i]
                if duty[i] == 0 and base < best:
                    best = base
                    leaver = i
                    end = np.int64(-1)
                size, best, new_end = extend_forward(
                    arcs, offers, places, price, tree, search, size, i, base, best, np.int64(-1)
                )
                if new_end >= 0:
                    end = new_end
        for c in range(closed):
            j = np.int64(tree.closed[c])
            price[j] += best - tree.distance[j]
        if end >= 0:
            seat = offers.first[end] + places.load[end]
            places.load[end] += 1
            shift_along(arcs, places, tree, root, end, seat)
        elif leaver >= 0:
            end = np.int64(places.assigned[leaver])
            places.assigned[leaver] = -1
            shift_along(arcs, places, tree, root, end, places.seat[leaver])
    return search
