"""Second phase: slot-price auction with epsilon scaling on the admissible arcs (Bertsekas and Castanon 1989).

Every seat has a price. A waiting request bids for the cheapest seat of the offer that is best for it, and raises its
price until the offer is only epsilon better than its second choice; whoever sat there waits again. With each smaller
epsilon everything is played anew from slightly lowered prices, which then move little. The outcome is nearly optimal
and its prices are nearly right; the last phase makes both exact from whatever state the auction leaves, so that a
stopped auction (see `Stop`) costs time and never correctness.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from matching.instances import Ints8, Ints32
from matching.solvers.jit import inner, kernel, prefetch
from matching.solvers.levels import WINDOW, fetch_ahead
from matching.solvers.packing import Arcs, offer_of, score_of
from matching.solvers.seats import FAR, Offers, Seats, place_cost, reseat


class Stop(IntEnum):
    """Why an auction ended."""

    DONE = 0
    BUDGET = 1
    """More bids than allowed: a price war. The exact phase takes over from here."""
    PRICE = 2
    """A price left the range of its array: the part has to be solved with wide words and 64-bit prices."""


class Bidding(NamedTuple):
    """State of the auction.

    `duty` int8[n]: see `levels.keep_admissible`; `price` int32[k] or int64[k]: price of the offer's cheapest seat, in
    score units; `queue` int32[power of two > n]: ring of waiting requests.
    """

    duty: Ints8
    price: Any
    queue: Ints32


class Rules(NamedTuple):
    """Numbers of one round: `step` = epsilon, `most` = largest raise of one bid, `limit` of prices, `bids` allowed."""

    step: int
    most: int
    limit: int
    bids: int


@inner
def lower_price(offers: Offers, seats: Seats, j: Any, price: Any, lower: Any) -> Any:
    """Give the price of offer j less `lower`.

    Outside shortages, where prices go back to cost, it is half as much again, and a place that stayed free is at cost.
    """
    base = offers.first[j]
    if offers.level[j] == 0:
        lower += lower // 2
    taken: Any = 0
    for q in range(base, offers.first[j + 1]):
        taken += np.int64(seats.holder[q] >= 0)
    if offers.level[j] == 0 and taken < offers.first[j + 1] - base:
        return min(np.int64(price - lower), place_cost(offers, j, np.int64(taken + 1)))
    return np.int64(price - lower)


@kernel
def empty_seats(offers: Offers, seats: Seats, price: Any, lower: Any) -> None:
    """Lower every price, empty every seat and price it so, but never below the cost of the place."""
    for j in range(price.shape[0]):
        base = offers.first[j]
        start = lower_price(offers, seats, j, price[j], lower)
        for q in range(base, offers.first[j + 1]):
            seats.holder[q] = -1
            seats.key[q] = start if offers.level[j] > 0 else max(start, place_cost(offers, j, np.int64(q - base + 1)))
        if offers.first[j + 1] > base:
            price[j] = seats.key[base]


@inner
def look(arcs: Arcs, price: Any, i: Any, floor: Any) -> Any:
    """Give the best arc of request i as a word, its worth less price, and that of the second best (both >= floor)."""
    first = np.int64(floor)
    second = np.int64(floor)
    best = arcs.word[0]
    for e in range(arcs.start[i], arcs.start[i + np.uint64(1)]):
        x = arcs.word[e]
        gain = score_of(x) - np.int64(price[offer_of(x)])
        best = x if gain > first else best
        second = max(second, min(gain, first))
        first = max(first, gain)
    return best, first, second


@kernel
def bid(arcs: Arcs, offers: Offers, seats: Seats, state: Bidding, rules: Rules, waiting: Any) -> Any:
    """Let the requests in queue[:waiting], and whom they push out, bid until nobody waits; gives a Stop."""
    queue = state.queue
    price = state.price
    mask = queue.shape[0] - 1
    request = np.empty(WINDOW, np.uint32)
    choice = np.empty(WINDOW, np.uint32)
    raises = np.empty(WINDOW, np.int64)
    seen = np.empty(WINDOW, np.int64)
    tail = waiting
    head = np.int64(0)
    bids = 0
    while head < tail:
        width = min(WINDOW, tail - head)
        fetch_ahead(arcs, queue, np.int64(head), np.int64(tail))
        count = 0
        for z in range(width):
            i = np.uint64(queue[(head + z) & mask])
            best, first, second = look(arcs, price, i, 0 if state.duty[i] == 0 else -FAR)
            if state.duty[i] == 0 and first <= 0:
                continue
            j = offer_of(best)
            prefetch(seats.key, offers.first[j])
            prefetch(seats.holder, offers.first[j])
            request[count] = i
            choice[count] = j
            raises[count] = min(first - second, rules.most)
            seen[count] = price[j]
            count += 1
        head += width
        for z in range(count):
            j = choice[z]
            moved = price[j] - seen[z]
            loser = np.int64(request[z])
            if moved <= raises[z]:
                # Others' prices have only risen since the look, so the offer is still the best one.
                base = offers.first[j]
                loser = np.int64(seats.holder[base])
                asked = seen[z] + raises[z] + rules.step
                if asked > rules.limit:
                    return Stop.PRICE
                reseat(seats, base, offers.first[j + 1] - base, asked, np.int64(request[z]))
                price[j] = seats.key[base]
                bids += 1
            if loser >= 0:
                queue[tail & mask] = loser
                tail += 1
        if bids > rules.bids:
            return Stop.BUDGET
    return Stop.DONE


@kernel
def settle_prices(offers: Offers, seats: Seats, price: Any, lower: Any) -> None:
    """Lower every price at the end, but outside shortages not below the cost of the last place taken."""
    for j in range(price.shape[0]):
        base = offers.first[j]
        taken: Any = 0
        for q in range(base, offers.first[j + 1]):
            taken += np.int64(seats.holder[q] >= 0)
        start = lower_price(offers, seats, j, price[j], lower)
        if offers.level[j] == 0 and taken > 0:
            start = max(start, min(np.int64(price[j]), place_cost(offers, j, np.int64(taken))))
        price[j] = start
