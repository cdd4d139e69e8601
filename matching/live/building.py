"""A live state's arrays from an instance and its solution; whatever is not optimal there becomes due."""

from dataclasses import dataclass

import numpy as np

from matching.instances import MOST_TIERS, Instance, InstanceRefused, Solution
from matching.live.book import (
    ALIVE,
    ARCS_USED,
    AT,
    BACK,
    BACK_ROOM,
    BACK_USED,
    BONUS,
    CLOSED,
    COST,
    COUNTERS,
    EASE,
    FANS,
    FLAGS,
    GOT,
    LENGTH,
    LISTS,
    LOAD,
    LOOSE,
    LOW,
    MATCHED,
    NET,
    NEXT,
    PLACE,
    PLACES,
    ROOM,
    ROW,
    SEAT_ROOM,
    SEATS,
    SEATS_USED,
    WIDE,
    Book,
    Ints32,
    Ints64,
    check_offer,
    marginal,
    owe_request,
)
from matching.live.forward import utility
from matching.live.storage import aligned
from matching.solvers.jit import kernel

SMALLEST_STEP = 1 << 40
LARGEST_STEP = 1 << 54


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Room that a state keeps from the start: requests and offers to come, and words in its long arrays.

    Memory that is never touched costs nothing. A state that outgrows its room lengthens its arrays by half in the
    event that needs it, which is the one kind of event that takes longer than any search (about 1 s at a million).
    """

    requests: int
    offers: int
    arcs: int

    @classmethod
    def usual(cls, instance: Instance) -> "Spare":
        """Give room for a quarter more people and offers, and as many arcs again as there are."""
        return cls(
            requests=instance.requests // 4 + 1024, offers=instance.offers // 4 + 256, arcs=instance.arcs + (1 << 16)
        )


def step_for(top: int, offers: int) -> int:
    """Find the unit of urgency: a power of two above four times any change of worth along a chain of moves.

    `top`: largest score plus largest load cost. InstanceRefused when eight tiers would not fit into 64 bits.
    """
    step = SMALLEST_STEP
    while step < 4 * (top + 1) * (offers + 2):
        step *= 2
    if step > LARGEST_STEP:
        raise InstanceRefused("score", f"scores up to {top} on {offers} offers are too large for a live state")
    return step


def open_book(instance: Instance, solution: Solution, spare: Spare) -> Book:
    """Lay out all arrays; O(m), about 30 bytes for each arc of which 16 are touched."""
    requests, offers = instance.requests, instance.offers
    book = _empty_book(instance, requests + spare.requests, offers + spare.offers, spare)
    if len(solution.assignment) != requests or len(solution.price) != offers:
        raise InstanceRefused("assignment", "the solution is not one of this instance")
    price = solution.level.astype(np.int64) * book.step + solution.price.astype(np.int64)
    if solution.tiers != MOST_TIERS:
        price += (solution.level > 0) * np.int64(MOST_TIERS - solution.tiers) * book.step
    book.price[:offers] = np.where(instance.capacity > 0, price, CLOSED)
    _lay_requests(book, instance.indptr, instance.offer, instance.score, instance.tier.astype(np.int64))
    _lay_offers(book, instance.capacity, instance.load_cost, np.bincount(instance.offer, minlength=offers))
    _lay_fans(book, instance.indptr, instance.offer, instance.score)
    _seat(book, solution.assignment)
    return book


def _empty_book(instance: Instance, requests: int, offers: int, spare: Spare) -> Book:
    """Give arrays of the right size with nobody in them."""
    arcs = instance.arcs + 4 * instance.requests + spare.arcs
    back = instance.arcs + instance.arcs // 8 + 4 * instance.offers + spare.arcs
    places = int(np.minimum(instance.capacity, back).sum(dtype=np.int64))
    return Book(
        who=aligned(requests * WIDE),
        file=aligned(requests * WIDE),
        price=np.full(offers, CLOSED, np.int64),
        desk=aligned(offers * WIDE),
        node=aligned(offers * WIDE),
        heap=np.empty(offers, np.int64),
        lists=np.zeros(offers * LISTS, np.int64),
        arcs=np.empty(arcs, np.int64),
        back=np.empty(back, np.int64),
        seats=np.empty(min(places, back) + spare.requests + spare.offers, np.int64),
        meta=np.zeros(COUNTERS, np.int64),
        step=step_for(int(instance.score.max(initial=0)) + int(instance.load_cost.max(initial=0)), offers),
    )


@kernel
def _lay_requests(book: Book, indptr: Ints64, offer: Ints32, score: Ints32, tier: Ints64) -> None:
    """Write the rows of all requests, each with room for four arcs more."""
    used = 0
    for request in range(tier.shape[0]):
        record = request * WIDE
        length = indptr[request + 1] - indptr[request]
        book.who[record + ROW] = used
        book.who[record + LENGTH] = length
        book.who[record + BONUS] = (8 - tier[request]) * book.step
        book.who[record + AT] = -1
        book.file[request * WIDE + ROOM] = length + 4
        book.file[request * WIDE + FLAGS] = ALIVE
        for nth in range(length):
            arc = indptr[request] + nth
            book.arcs[used + nth] = (np.int64(offer[arc]) << 32) | np.int64(score[arc])
        used += length + 4
    book.meta[ARCS_USED] = used


@kernel
def _lay_offers(book: Book, capacity: Ints32, load_cost: Ints32, fans: Ints64) -> None:
    """Write the records of all offers, each with room for an eighth more candidates."""
    back = 0
    seats = 0
    for one in range(capacity.shape[0]):
        desk = one * WIDE
        room = fans[one] + fans[one] // 8 + 4
        book.desk[desk + PLACES] = capacity[one]
        book.desk[desk + COST] = load_cost[one]
        book.desk[desk + BACK] = back
        book.desk[desk + BACK_ROOM] = room
        book.desk[desk + SEATS] = seats
        book.desk[desk + SEAT_ROOM] = min(capacity[one], room)
        back += room
        seats += min(capacity[one], room)
    book.meta[BACK_USED] = back
    book.meta[SEATS_USED] = seats


@kernel
def _lay_fans(book: Book, indptr: Ints64, offer: Ints32, score: Ints32) -> None:
    """Write the candidates of all offers, lower numbers first."""
    for request in range(indptr.shape[0] - 1):
        for arc in range(indptr[request], indptr[request + 1]):
            desk = offer[arc] * WIDE
            book.back[book.desk[desk + BACK] + book.desk[desk + FANS]] = (np.int64(request) << 32) | np.int64(
                score[arc]
            )
            book.desk[desk + FANS] += 1


@kernel
def _seat(book: Book, assignment: Ints32) -> None:
    """Seat everybody, set utilities and bounds, and note whatever does not fit the prices."""
    for request in range(assignment.shape[0]):
        record = request * WIDE
        one = int(assignment[request])
        whole = utility(book, request)
        book.who[record + EASE] = whole - book.who[record + BONUS]
        book.who[record + NEXT] = book.who[record + EASE]
        score = -1
        for arc in range(book.who[record + ROW], book.who[record + ROW] + book.who[record + LENGTH]):
            if book.arcs[arc] >> 32 == one:
                score = book.arcs[arc] & LOW
        if score < 0 or book.desk[one * WIDE + LOAD] >= book.desk[one * WIDE + PLACES]:
            if whole > 0:
                owe_request(book, request)
            continue
        load = book.desk[one * WIDE + LOAD]
        seat = book.desk[one * WIDE + SEATS] + load
        book.seats[seat] = request
        book.desk[one * WIDE + LOAD] = load + 1
        book.who[record + AT] = one
        book.who[record + PLACE] = seat
        book.who[record + GOT] = score
        book.meta[NET] += score - marginal(book, one, load + 1)
        book.meta[MATCHED + book.who[record + BONUS] // book.step] += 1
        if score - book.price[one] != book.who[record + EASE]:
            book.file[request * WIDE + FLAGS] |= LOOSE
            owe_request(book, request)
    for one in range(book.price.shape[0]):
        check_offer(book, one)
