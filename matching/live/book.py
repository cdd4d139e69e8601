"""The arrays of a live state, and the small steps on them that every event is made of.

Prices join the urgency of people and their scores in one number: serving a request of tier t is worth
(8 - t) * STEP + score, where STEP is larger than any change of score along a chain of moves, so that the largest sum
is the lexicographic best. A price divided by STEP is therefore the Hall level of its offer, the rest the score part.

What always holds, and what the certificate counts (u = utility of a request, P = price of an offer):
 1. u(i) >= 0 and u(i) + P(j) >= value(i, j) for every arc;
 2. equality for every pair that is assigned, unless the request is marked LOOSE;
 3. u(i) = 0 for every request without an offer, unless it is due;
 4. a free place costs at least P(j), a taken one at most P(j), unless the offer is due.
Nothing due and nothing loose means optimal; otherwise the sum of the violations bounds what is lost.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching.solvers.jit import kernel

Ints8 = npt.NDArray[np.int8]
Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]
Whole = Any
"""A whole number of 64 bits inside a kernel."""

LOW = 0xFFFFFFFF
"""An arc is one word: (number << 32) | score."""
CLOSED = 1 << 61
"""Price of an offer without places: nobody wants it."""
FAR = 1 << 62
"""Beyond every price."""
WIDE = 8
"""Words of the record of a request (`who`), of an offer (`desk`) and of the scratch of a search (`node`)."""

# Columns of `who`, one cache line for each request.
EASE, NEXT, BONUS, AT, ROW, LENGTH, GOT, PLACE = range(WIDE)
# Columns of `desk`, one cache line for each offer.
LOAD, PLACES, COST, SEATS, BACK, FANS, SEAT_ROOM, BACK_ROOM = range(WIDE)
# Columns of `node`, one cache line for each offer that a search meets.
DISTANCE, STAMP, SPOT, PARENT, ONWARD, WORTH = range(6)
# Columns of `file`.
ROOM, FLAGS, SEEN, WAS, LIST, STACK = range(6)
# Columns of `lists`.
LISTS = 4
DUE_OFFER, OWED, OPENED = range(3)
# Bits of FLAGS.
ALIVE, LOOSE, DUE = 1, 2, 4
# Counters in `meta`.
SEARCH, WORK, WAITING_REQUESTS, WAITING_OFFERS, NOTED, NET, ARCS_USED, BACK_USED, SEATS_USED, EVENT = range(10)
# The present search in `meta`: length, kind, offer or request, goal and score of the best end; entries of the heap.
BEST, END, LAST, GOAL, PRIZE, HEAPED = range(10, 16)
MATCHED = 16
"""From here on: requests with an offer by weight, 1 to 8 for tiers 7 to 0, 9 to 16 for pinned ones of these tiers."""
COUNTERS = MATCHED + 17


class Book(NamedTuple):
    """All arrays of a live state, int64 throughout; numbers of requests and offers are positions.

    `who` [8n]: EASE = utility minus bonus, NEXT = upper bound of score minus price over the other arcs, BONUS =
    weight * step, AT = offer or -1, ROW and LENGTH = own arcs, GOT = score of the own pair, PLACE = own seat.
    `file` [8n]: ROOM of the row of arcs, FLAGS, SEEN = last event that touched the request, WAS = its offer before;
    LIST and STACK are no facts about the request but lists of all: who this event touched, and who is due.
    `price` [k]. `desk` [8k]: LOAD, PLACES, COST = load cost, SEATS and SEAT_ROOM = where its people sit, BACK, FANS
    and BACK_ROOM = its candidates. `node` [8k]: scratch of a search. `heap` [k]: scratch. `lists` [4k]: OWED = the
    offer is due; OPENED and DUE_OFFER are lists: what the search opened, and what is due.
    `arcs`: (offer << 32 | score) of requests; `back`: (request << 32 | score) of offers; `seats`: requests.
    `meta` [33]: counters; `step`: worth of one unit of urgency.
    """

    who: Ints64
    file: Ints64
    price: Ints64
    desk: Ints64
    node: Ints64
    heap: Ints64
    lists: Ints64
    arcs: Ints64
    back: Ints64
    seats: Ints64
    meta: Ints64
    step: int


@kernel
def marginal(book: Book, one: Whole, nth: Whole) -> Whole:
    """Cost of the nth person on an offer, nth from 1, in score units."""
    cost = book.desk[one * WIDE + COST]
    if cost == 0:
        return 0
    return int((cost * (2 * nth - 1)) // (2 * book.desk[one * WIDE + PLACES]))


@kernel
def owe_request(book: Book, request: Whole) -> None:
    """Put a request on the stack of those that still wait for a search."""
    if book.file[request * WIDE + FLAGS] & DUE:
        return
    book.file[request * WIDE + FLAGS] |= DUE
    book.file[book.meta[WAITING_REQUESTS] * WIDE + STACK] = request
    book.meta[WAITING_REQUESTS] += 1


@kernel
def owe_offer(book: Book, one: Whole) -> None:
    """Put an offer on the stack of those whose price and load do not fit each other."""
    if book.lists[one * LISTS + OWED]:
        return
    book.lists[one * LISTS + OWED] = 1
    book.lists[book.meta[WAITING_OFFERS] * LISTS + DUE_OFFER] = one
    book.meta[WAITING_OFFERS] += 1


@kernel
def lacks(book: Book, one: Whole) -> Whole:
    """Whether a free place of the offer costs less than its price, so that somebody may gain by it."""
    desk = one * WIDE
    load = book.desk[desk + LOAD]
    return bool(load < book.desk[desk + PLACES] and marginal(book, one, load + 1) < book.price[one])


@kernel
def overfull(book: Book, one: Whole) -> Whole:
    """Whether the last person on the offer costs more than its price."""
    load = book.desk[one * WIDE + LOAD]
    return bool(load > 0 and marginal(book, one, load) > book.price[one])


@kernel
def check_offer(book: Book, one: Whole) -> None:
    """Note an offer whose price and load do not fit each other."""
    if lacks(book, one) or overfull(book, one):
        owe_offer(book, one)


@kernel
def note(book: Book, request: Whole) -> None:
    """Remember where a request stood before this event first touched it."""
    if book.file[request * WIDE + SEEN] != book.meta[EVENT]:
        book.file[request * WIDE + SEEN] = book.meta[EVENT]
        book.file[request * WIDE + WAS] = book.who[request * WIDE + AT]
        book.file[book.meta[NOTED] * WIDE + LIST] = request
        book.meta[NOTED] += 1


@kernel
def take(book: Book, request: Whole) -> None:
    """Take a request from its offer; its utility and all prices stay."""
    note(book, request)
    record = request * WIDE
    one = book.who[record + AT]
    desk = one * WIDE
    load = book.desk[desk + LOAD]
    book.meta[NET] -= book.who[record + GOT] - marginal(book, one, load)
    last = book.desk[desk + SEATS] + load - 1
    other = book.seats[last]
    book.seats[book.who[record + PLACE]] = other
    book.who[other * WIDE + PLACE] = book.who[record + PLACE]
    book.desk[desk + LOAD] = load - 1
    book.who[record + AT] = -1
    book.file[request * WIDE + FLAGS] &= ~LOOSE
    book.meta[MATCHED + book.who[record + BONUS] // book.step] -= 1


@kernel
def put(book: Book, request: Whole, one: Whole, score: Whole) -> None:
    """Seat a request that has no offer; every other arc of it is worth at most its utility, so NEXT = EASE bounds."""
    note(book, request)
    record = request * WIDE
    desk = one * WIDE
    load = book.desk[desk + LOAD]
    seat = book.desk[desk + SEATS] + load
    book.seats[seat] = request
    book.desk[desk + LOAD] = load + 1
    book.who[record + AT] = one
    book.who[record + PLACE] = seat
    book.who[record + GOT] = score
    book.who[record + NEXT] = book.who[record + EASE]
    book.meta[NET] += score - marginal(book, one, load + 1)
    book.meta[MATCHED + book.who[record + BONUS] // book.step] += 1


@kernel
def shift(book: Book, one: Whole, change: Whole) -> None:
    """Change a price; the utilities of the people on the offer change against it."""
    book.price[one] += change
    begin = book.desk[one * WIDE + SEATS]
    for seat in range(begin, begin + book.desk[one * WIDE + LOAD]):
        book.who[book.seats[seat] * WIDE + EASE] -= change


@kernel
def drop_top(book: Book) -> None:
    """Take the top off the heap."""
    node, heap = book.node, book.heap
    node[heap[0] * WIDE + SPOT] = -1
    book.meta[HEAPED] -= 1
    size = book.meta[HEAPED]
    if size == 0:
        return
    one = heap[size]
    key = node[one * WIDE + DISTANCE]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and node[heap[child + 1] * WIDE + DISTANCE] < node[heap[child] * WIDE + DISTANCE]:
            child += 1
        if node[heap[child] * WIDE + DISTANCE] >= key:
            break
        heap[at] = heap[child]
        node[heap[at] * WIDE + SPOT] = at
        at = child
    heap[at] = one
    node[one * WIDE + SPOT] = at


@kernel
def reach(book: Book, one: Whole, distance: Whole, parent: Whole, onward: Whole, score: Whole) -> None:
    """Record a way to an offer that is shorter than the one before, if there is one before."""
    node = book.node
    record = one * WIDE
    if node[record + STAMP] != book.meta[SEARCH]:
        node[record + STAMP] = book.meta[SEARCH]
        node[record + SPOT] = book.meta[HEAPED]
        book.meta[HEAPED] += 1
    node[record + DISTANCE] = distance
    node[record + PARENT] = parent
    node[record + ONWARD] = onward
    node[record + WORTH] = score
    heap = book.heap
    at = node[record + SPOT]
    while at > 0:
        above = heap[(at - 1) >> 1]
        if node[above * WIDE + DISTANCE] <= distance:
            break
        heap[at] = above
        node[above * WIDE + SPOT] = at
        at = (at - 1) >> 1
    heap[at] = one
    node[record + SPOT] = at


@kernel
def begin_search(book: Book, best: Whole, last: Whole) -> None:
    """Forget the previous search; `best`: length of the way that changes nothing."""
    book.meta[SEARCH] += 1
    book.meta[HEAPED] = 0
    book.meta[BEST] = best
    book.meta[END] = 0
    book.meta[LAST] = last


@kernel
def end_at(book: Book, best: Whole, end: Whole, last: Whole) -> None:
    """Record a shorter way to an end."""
    book.meta[BEST] = best
    book.meta[END] = end
    book.meta[LAST] = last
