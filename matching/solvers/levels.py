"""First phase: how many requests of each urgency tier can be served at all, and which shortages block the others.

Tier by tier, most urgent first, push-relabel finds a largest matching that keeps every earlier tier served: an
auction in which all scores are zero, every seat carries a label and a request takes the seat with the lowest one.
A label is a lower bound on the number of moves to a free place; exact labels come from breadth-first searches over
the arcs by offer, and an offer that no free place can be reached from is exhausted. After each tier, everything
that its unserved requests can reach is full for good and gets the tier's Hall level: the answer to "which shortage
blocks me". The levels say exactly which arcs an optimal answer may use, so no large bonus is needed afterwards.
"""

from typing import Any, NamedTuple

import numpy as np

from matching.instances import Ints8, Ints32
from matching.solvers.jit import inner, kernel, prefetch
from matching.solvers.packing import Arcs, Back, offer_of
from matching.solvers.seats import Offers, Seats, order_seats, reseat

SHADES = 64
"""Offers with equal distance are told apart by a shade, 0 to 63: the less sought after is taken first."""
EXHAUSTED = 1 << 24
"""Distance of an offer from which no free place can be reached."""
NEVER = EXHAUSTED * SHADES
"""Label of such an offer."""
WINDOW = 16
"""Requests looked at together, so that memory is fetched for the next ones meanwhile."""
PATIENCE = 12
"""Bids for each waiting request between two exact relabellings."""


class Pushing(NamedTuple):
    """State of the first phase.

    `label` int32[k]: SHADES times the lowest distance of the offer's seats, 0 while a place is free, plus its `shade`
    int32[k]; `load` int32[k]; `assigned` int32[n]: offer, -1 without, -2 waiting; `queue` int32[power of two > n]: ring
    of waiting requests; `todo` int32[n]: the tier's requests that stay unserved; `found` int32[k]: offers met by a
    search.
    """

    label: Ints32
    shade: Ints32
    load: Ints32
    assigned: Ints32
    queue: Ints32
    todo: Ints32
    found: Ints32


@kernel
def greet_tier(
    arcs: Arcs, offers: Offers, seats: Seats, state: Pushing, tier: Ints8, wanted: Any, start: Ints32
) -> Any:
    """Seat each request of the wanted tier on its offer in `start` int32[n], if it can; the others wait in the queue.

    Gives the number that wait. A request that cannot have its start loses it there. With -1 everywhere all wait.
    """
    waiting = 0
    for i in range(tier.shape[0]):
        if tier[i] != wanted:
            continue
        j = np.int64(start[i])
        found = False
        for e in range(arcs.start[i], arcs.start[i + 1] if j >= 0 else arcs.start[i]):
            found |= np.int64(offer_of(arcs.word[e])) == j
        if found and state.load[j] < offers.first[j + 1] - offers.first[j]:
            take_seat(offers, seats, state, np.int64(i), j, np.int64(0))
        else:
            start[i] = -1
            state.queue[waiting] = i
            waiting += 1
    return waiting


@inner
def border(arcs: Arcs, offers: Offers, seats: Seats, state: Pushing, tail: Any) -> Any:
    """Find the full offers at distance 1 from their holders' side; they join `found` from `tail` on, gives the end."""
    for j in range(state.label.shape[0]):
        if state.load[j] < offers.first[j + 1] - offers.first[j]:
            continue
        for q in range(offers.first[j], offers.first[j + 1]):
            i = np.uint64(seats.holder[q])
            near = False
            for e in range(arcs.start[i], arcs.start[i + np.uint64(1)]):
                near |= state.label[offer_of(arcs.word[e])] < SHADES
            if near:
                state.label[j] = SHADES + state.shade[j]
                state.found[tail] = j
                tail += 1
                break
    return tail


@inner
def relabel(arcs: Arcs, back: Back, offers: Offers, seats: Seats, state: Pushing) -> None:
    """Set every label to the exact distance to a free place, by breadth-first search backwards from all of them.

    The first step looks from the free places or from the full ones, whichever have fewer arcs.
    """
    count = state.label.shape[0]
    tail = np.int64(0)
    free_arcs = 0
    seated = 0
    for j in range(count):
        if state.load[j] < offers.first[j + 1] - offers.first[j]:
            state.label[j] = state.shade[j]
            state.found[tail] = j
            tail += 1
            free_arcs += back.start[j + 1] - back.start[j]
        else:
            state.label[j] = NEVER
            seated += state.load[j]
    head: Any = 0
    if seated * arcs.start[-1] < free_arcs * state.assigned.shape[0]:
        head = tail
        tail = border(arcs, offers, seats, state, np.int64(tail))
    while head < tail:
        here = np.uint64(state.found[head])
        head += 1
        further = (state.label[here] // SHADES + 1) * SHADES
        for e in range(back.start[here], back.start[here + np.uint64(1)]):
            there = state.assigned[back.request[e]]
            if there >= 0 and state.label[there] == NEVER:
                state.label[there] = further + state.shade[there]
                state.found[tail] = there
                tail += 1
    for j in range(count):
        if state.load[j] == offers.first[j + 1] - offers.first[j]:
            for q in range(offers.first[j], offers.first[j + 1]):
                seats.key[q] = state.label[j] // SHADES


@inner
def show_label(seats: Seats, state: Pushing, j: Any, base: Any) -> None:
    """Set the label of a full offer from its cheapest seat."""
    distance = seats.key[base]
    state.label[j] = NEVER if distance >= EXHAUSTED else distance * SHADES + state.shade[j]


@inner
def take_seat(offers: Offers, seats: Seats, state: Pushing, i: Any, j: Any, second: Any) -> Any:
    """Let request i take the lowest seat of offer j; gives the request that loses it, or -1."""
    base = offers.first[j]
    count = offers.first[j + 1] - base
    state.assigned[i] = j
    load = state.load[j]
    further = min(second // SHADES + 1, EXHAUSTED)
    if load < count:
        seats.holder[base + load] = i
        seats.key[base + load] = further
        state.load[j] = load + 1
        if load + 1 == count:
            order_seats(seats, base, count)
            show_label(seats, state, j, base)
        return np.int64(-1)
    loser = np.int64(seats.holder[base])
    reseat(seats, base, count, max(further, seats.key[base] + 1), i)
    show_label(seats, state, j, base)
    state.assigned[loser] = -2
    return loser


@inner
def fetch_ahead(arcs: Arcs, queue: Ints32, head: Any, tail: Any) -> None:
    """Have the rows of the requests after the present window fetched, and the row bounds of those in both windows."""
    mask = queue.shape[0] - 1
    ahead = min(2 * WINDOW, tail - head)
    for z in range(ahead):
        prefetch(arcs.start, queue[(head + z) & mask])
    for z in range(WINDOW, ahead):
        at = arcs.start[np.uint64(queue[(head + z) & mask])]
        prefetch(arcs.word, at)
        prefetch(arcs.word, at + 16)


@kernel
def serve_tier(arcs: Arcs, back: Back, offers: Offers, seats: Seats, state: Pushing, waiting: Any, budget: Any) -> Any:
    """Serve as many as possible of the requests in queue[:waiting]; gives how many are left in `todo`, unserved.

    After `budget` bids, and later as often as it pays, all labels are made exact.
    """
    queue = state.queue
    mask = queue.shape[0] - 1
    request = np.empty(WINDOW, np.uint32)
    choice = np.empty(WINDOW, np.uint32)
    runner_up = np.empty(WINDOW, np.int64)
    left = 0
    head = np.int64(0)
    tail = waiting
    patience = PATIENCE
    while head < tail:
        width = min(WINDOW, tail - head)
        fetch_ahead(arcs, queue, np.int64(head), np.int64(tail))
        count = 0
        for z in range(width):
            i = np.uint64(queue[(head + z) & mask])
            first = np.int64(NEVER)
            second = np.int64(NEVER)
            best = np.uint64(0)
            for e in range(arcs.start[i], arcs.start[i + np.uint64(1)]):
                j = offer_of(arcs.word[e])
                label = np.int64(state.label[j])
                best = j if label < first else best
                second = min(second, max(label, first))
                first = min(first, label)
            if first >= NEVER:
                state.assigned[i] = -1
                state.todo[left] = i
                left += 1
                continue
            prefetch(seats.key, offers.first[best])
            prefetch(seats.holder, offers.first[best])
            request[count] = i
            choice[count] = best
            runner_up[count] = second
            count += 1
        head += width
        for z in range(count):
            loser = np.int64(request[z])
            if state.label[choice[z]] <= runner_up[z]:
                budget -= 1
                loser = take_seat(offers, seats, state, loser, np.int64(choice[z]), runner_up[z])
            if loser >= 0:
                queue[tail & mask] = loser
                tail += 1
        if budget < 0 and head < tail:
            relabel(arcs, back, offers, seats, state)
            budget = patience * min(tail - head, state.label.shape[0] // 8) + WINDOW
            patience += 2
    return left


@kernel
def raise_levels(arcs: Arcs, offers: Offers, seats: Seats, state: Pushing, left: Any, level: Any) -> None:
    """Give this Hall level to every offer that the requests in todo[:left] reach over arcs and present holders."""
    tail = 0
    head = -left
    while head < tail:
        if head < 0:
            low = head + left
            high = low + 1
        else:
            j = state.found[head]
            low = offers.first[j]
            high = offers.first[j + 1]
        for q in range(low, high):
            i = state.todo[q] if head < 0 else seats.holder[q]
            for e in range(arcs.start[i], arcs.start[i + 1]):
                there = offer_of(arcs.word[e])
                if offers.level[there] == 0 and offers.first[there + np.uint64(1)] > offers.first[there]:
                    offers.level[there] = level
                    state.label[there] = NEVER
                    state.found[tail] = there
                    tail += 1
        if head >= 0:
            for q in range(low, high):
                seats.key[q] = EXHAUSTED
        head += 1


@kernel
def keep_admissible(arcs: Arcs, tier: Ints8, tiers: Any, offers: Offers, duty: Ints8, request_level: Ints32) -> None:
    """Drop, in place, the arcs that no optimal answer uses; only those to a request's lowest level remain.

    `duty` int8[n] becomes 1 for a request that every optimal answer serves, 0 for one that may stay without, -1 for
    one that must; `request_level` int32[n] its lowest level. Offers without places do not count.
    """
    at: Any = 0
    begin = arcs.start[0]
    for i in range(duty.shape[0]):
        end = arcs.start[i + 1]
        lowest = tiers + 1
        for e in range(begin, end):
            j = offer_of(arcs.word[e])
            if offers.level[j] < lowest and offers.first[j + np.uint64(1)] > offers.first[j]:
                lowest = offers.level[j]
        weight = tiers - tier[i]
        request_level[i] = lowest
        duty[i] = -1 if weight < lowest else (1 if weight > lowest else 0)
        if weight >= lowest:
            for e in range(begin, end):
                x = arcs.word[e]
                j = offer_of(x)
                arcs.word[at] = x
                keep = offers.level[j] == lowest and offers.first[j + np.uint64(1)] > offers.first[j]
                at += np.int64(keep)
        begin = end
        arcs.start[i + 1] = at
