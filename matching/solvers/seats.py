"""The places of a part as kernels keep them, and the cost of filling one more of them."""

from typing import Any, NamedTuple

import numpy as np

from matching.instances import Ints32, Ints64
from matching.solvers.jit import inner

FAR = 1 << 60
"""Further than any sum of scores; distances and bounds start here."""


class Offers(NamedTuple):
    """The offers of a part: k of them, S seats in all.

    `first` int64[k+1]: offer j has the seats first[j]:first[j + 1], never more than could be taken.
    `capacity`, `load_cost` int32[k]: as in the instance, for the cost of each place.
    `level` int32[k]: Hall level, filled by the first phase.
    """

    first: Ints64
    capacity: Ints32
    load_cost: Ints32
    level: Ints32


class Seats(NamedTuple):
    """Who sits where, while prices or labels still move: one binary heap of seats for each offer, cheapest first.

    `key` int32[S] or int64[S]: label or price of each seat; `holder` int32[S]: request or -1.
    """

    key: Any
    holder: Ints32


class Places(NamedTuple):
    """Who has which place, once pairs are exact.

    `assigned` int32[n]: offer or -1; `seat` int64[n]: seat of a request that has an offer; `worth` int32[n]: score of
    its pair; `holder` int32[S]: requests on the first `load` seats of each offer; `load` int32[k].
    """

    assigned: Ints32
    seat: Ints64
    worth: Ints32
    holder: Ints32
    load: Ints32


@inner
def place_cost(offers: Offers, j: Any, place: Any) -> Any:
    """Cost of the place-th person (from 1) on offer j; in a shortage every place must be filled, whatever it costs."""
    if offers.level[j] > 0:
        return np.int64(-FAR)
    return (np.int64(offers.load_cost[j]) * (2 * place - 1)) // (2 * np.int64(offers.capacity[j]))


@inner
def reseat(seats: Seats, base: Any, count: Any, key: Any, request: Any) -> None:
    """Put the request on the cheapest seat of the heap base:base+count under a new key, not below the old one."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        if below + 1 < count and seats.key[base + below + 1] < seats.key[base + below]:
            below += 1
        if seats.key[base + below] >= key:
            break
        seats.key[base + at] = seats.key[base + below]
        seats.holder[base + at] = seats.holder[base + below]
        at = below
    seats.key[base + at] = key
    seats.holder[base + at] = request


@inner
def order_seats(seats: Seats, base: Any, count: Any) -> None:
    """Make a heap of the seats base:base+count."""
    for top in range(count // 2 - 1, -1, -1):
        key = seats.key[base + top]
        request = seats.holder[base + top]
        at = top
        while True:
            below = 2 * at + 1
            if below >= count:
                break
            if below + 1 < count and seats.key[base + below + 1] < seats.key[base + below]:
                below += 1
            if seats.key[base + below] >= key:
                break
            seats.key[base + at] = seats.key[base + below]
            seats.holder[base + at] = seats.holder[base + below]
            at = below
        seats.key[base + at] = key
        seats.holder[base + at] = request
