"""The backward half of the exact phase: places that are priced above their cost although they are free."""

from typing import Any

import numpy as np

from matching.instances import Ints8, Ints32, Ints64
from matching.solvers.augment import Tree, reach, settle_nearest
from matching.solvers.jit import inner, kernel
from matching.solvers.packing import Back
from matching.solvers.seats import Offers, Places, place_cost


@inner
def leave_seat(places: Places, offers: Offers, i: Any) -> None:
    """Free the seat of request i; the last holder of the offer moves onto it, so that seats stay contiguous."""
    j = places.assigned[i]
    seat = places.seat[i]
    last = offers.first[j] + places.load[j] - 1
    other = places.holder[last]
    places.holder[seat] = other
    places.seat[other] = seat
    places.holder[last] = -1
    places.load[j] -= 1


@inner
def sit_down(places: Places, offers: Offers, i: Any, j: Any, worth: Any) -> None:
    """Give request i the next free seat of offer j."""
    seat = offers.first[j] + places.load[j]
    places.holder[seat] = i
    places.seat[i] = seat
    places.load[j] += 1
    places.assigned[i] = j
    places.worth[i] = worth


@inner
def overpriced(offers: Offers, places: Places, price: Ints64, j: Any) -> Any:
    """How far the price of offer j lies above the cost of its next free place; 0 when it is full."""
    load = places.load[j]
    if load == offers.first[j + 1] - offers.first[j]:
        return np.int64(0)
    return max(np.int64(0), price[j] - place_cost(offers, np.int64(j), np.int64(load + 1)))


@inner
def fill_place(  # noqa: C901, PLR0913, PLR0915, PLR0917 - one search, compiled together  # noqa: PLR0913, C901 - one search
    back: Back, duty: Ints8, request_level: Ints32, offers: Offers, places: Places, price: Ints64, tree: Tree,
    search: Any, root: Any,
) -> None:  # fmt: skip
    """Fill one free place of the offer `root`, or lower its price to the cost of the place: whatever is nearer."""
    best = overpriced(offers, places, price, np.int64(root))
    comer = np.int64(-1)
    comer_worth = np.int64(0)
    end = np.int64(root)
    size = reach(tree, search, np.int64(0), root, np.int64(0))
    closed = 0
    while size > 0 and tree.distance[tree.heap[0]] < best:
        j = np.int64(tree.heap[0])
        size = settle_nearest(tree, size)
        tree.closed[closed] = j
        closed += 1
        here = tree.distance[j] + price[j]
        for e in range(back.start[j], back.start[j + 1]):
            i = back.request[e]
            if duty[i] < 0 or request_level[i] != offers.level[root]:
                continue
            there = np.int64(places.assigned[i])
            distance = here - back.score[e]
            if there < 0:
                if distance < best:
                    best = distance
                    comer = np.int64(i)
                    comer_worth = np.int64(back.score[e])
                    end = j
                continue
            distance += places.worth[i] - price[there]
            if there == j or distance >= best:
                continue
            grown = reach(tree, search, size, there, distance)
            if grown < 0:
                continue
            size = grown
            tree.via[there] = i
            tree.onto[there] = j
            tree.gain[there] = back.score[e]
            # An offer may also give up its last place; inside a shortage its cost of -FAR forbids that.
            vacated = price[there] - place_cost(offers, there, np.int64(places.load[there]))
            if offers.level[there] == 0 and distance + max(0, vacated) < best:
                best = distance + max(0, vacated)
                comer = np.int64(-1)
                end = there
    for c in range(closed):
        price[tree.closed[c]] -= best - tree.distance[tree.closed[c]]
    # The offers from the end to the root, then the moves from the root's side, so that a seat is always free.
    length = 0
    while end != root:
        tree.closed[length] = end
        length += 1
        end = tree.onto[end]
    for c in range(length - 1, -1, -1):
        j = np.int64(tree.closed[c])
        i = tree.via[j]
        leave_seat(places, offers, i)
        sit_down(places, offers, i, tree.onto[j], np.int64(tree.gain[j]))
    if comer >= 0:
        sit_down(places, offers, comer, np.int64(tree.closed[0]) if length > 0 else np.int64(root), comer_worth)


@kernel
def fill_backward(
    back: Back, duty: Ints8, request_level: Ints32, offers: Offers, places: Places, price: Ints64, tree: Tree,
    search: Any,
) -> Any:  # fmt: skip
    """Fill or cheapen every free place that is priced above its cost; gives the number of the last search."""
    for root in range(price.shape[0]):
        while overpriced(offers, places, price, np.int64(root)) > 0:
            search += 1
            fill_place(back, duty, request_level, offers, places, price, tree, search, root)
    return search
