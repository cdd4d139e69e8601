"""A warm beginning for the auction: yesterday's pairs and prices, and only what has changed waits.

Pairs that still exist keep their seats at yesterday's prices. Places that became free are offered a little cheaper,
or at cost outside shortages. Requests without a seat, and those that would now rather be elsewhere, bid.
"""

from typing import Any

import numpy as np

from matching.instances import Ints32, Ints64
from matching.solvers.auction import Bidding, look
from matching.solvers.jit import kernel
from matching.solvers.packing import Arcs, offer_of, score_of
from matching.solvers.seats import Offers, Seats, order_seats, place_cost


@kernel
def seat_again(arcs: Arcs, offers: Offers, seats: Seats, state: Bidding, start: Ints32, load: Ints32) -> None:
    """Seat every request on its `start` int32[n] offer where that arc is still admissible; fills `load` int32[k]."""
    seats.holder[:] = -1
    load[:] = 0
    for i in range(state.duty.shape[0]):
        j = np.int64(start[i])
        found = False
        if state.duty[i] >= 0 and j >= 0:
            for e in range(arcs.start[i], arcs.start[i + 1]):
                found |= np.int64(offer_of(arcs.word[e])) == j
        if found and load[j] < offers.first[j + 1] - offers.first[j]:
            seats.holder[offers.first[j] + load[j]] = i
            load[j] += 1
        else:
            start[i] = -1


@kernel
def gather_seats(offers: Offers, seats: Seats, start: Ints32, load: Ints32) -> None:
    """Move the holders of each offer to its first seats; notes their offers in `start` and their number in `load`."""
    start[:] = -1
    for j in range(load.shape[0]):
        base = offers.first[j]
        taken = 0
        for q in range(base, offers.first[j + 1]):
            i = seats.holder[q]
            if i >= 0:
                seats.holder[q] = -1
                seats.holder[base + taken] = i
                start[i] = j
                taken += 1
        load[j] = taken


@kernel
def price_seats(offers: Offers, seats: Seats, state: Bidding, load: Ints32, lower: Any, held: Ints64) -> None:
    """Price the first `load` seats of each offer as `held` int64[k], the free ones cheaper by `lower` or at cost.

    The price held is that of the offer, but outside shortages not below the cost of the last place taken. Afterwards
    `state.price` is the price of the cheapest seat.
    """
    for j in range(load.shape[0]):
        base = offers.first[j]
        count = offers.first[j + 1] - base
        held[j] = state.price[j]
        if offers.level[j] == 0 and load[j] > 0:
            held[j] = max(held[j], place_cost(offers, j, np.int64(load[j])))
        for place in range(count):
            cheap = held[j] - lower if offers.level[j] > 0 else place_cost(offers, j, np.int64(place + 1))
            seats.key[base + place] = held[j] if place < load[j] else cheap
        state.price[j] = held[j] if load[j] == count else min(held[j], np.int64(seats.key[base + load[j]]))


@kernel
def call_changed(
    arcs: Arcs, offers: Offers, seats: Seats, state: Bidding, start: Ints32, held: Ints64, step: Any
) -> Any:
    """Queue all who have no seat and want one, or want another by more than `step`; gives their number.

    `held` int64[k]: price at which the seats are held. A seat left behind is offered at the present lowest price.
    """
    waiting = 0
    seat = np.full(state.duty.shape[0], -1, np.int64)
    for q in range(seats.holder.shape[0]):
        if seats.holder[q] >= 0:
            seat[seats.holder[q]] = q
    for i in range(state.duty.shape[0]):
        if state.duty[i] < 0:
            continue
        _, first, _ = look(arcs, state.price, np.uint64(i), np.int64(-1) << 60)
        if seat[i] < 0:
            if state.duty[i] == 0 and first <= 0:
                continue
        else:
            mine = np.int64(0)
            for e in range(arcs.start[i], arcs.start[i + 1]):
                x = arcs.word[e]
                if np.int64(offer_of(x)) == start[i]:
                    mine = score_of(x) - held[start[i]]
            if first <= mine + step and (state.duty[i] == 1 or mine >= 0):
                continue
            seats.holder[seat[i]] = -1
            seats.key[seat[i]] = state.price[start[i]]
        state.queue[waiting] = i
        waiting += 1
    for j in range(held.shape[0]):
        base = offers.first[j]
        count = offers.first[j + 1] - base
        order_seats(seats, base, count)
        if count > 0:
            state.price[j] = seats.key[base]
    return waiting
