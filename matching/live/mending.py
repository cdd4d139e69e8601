"""The searches for everything that is due."""

from matching.live.backward import fill
from matching.live.book import (
    ALIVE,
    AT,
    DUE,
    DUE_OFFER,
    FLAGS,
    LISTS,
    LOAD,
    LOOSE,
    OWED,
    STACK,
    WAITING_OFFERS,
    WAITING_REQUESTS,
    WIDE,
    WORK,
    Book,
    Whole,
    check_offer,
    overfull,
    take,
)
from matching.live.events import evict_to
from matching.live.forward import place
from matching.solvers.jit import kernel


@kernel
def mend(book: Book, requests: Whole, offers: Whole, limit: Whole) -> None:
    """Search for what is due, what came last first, until `limit` work is done.

    `requests` and `offers`: how many of those that waited longest are left waiting.
    """
    while book.meta[WORK] <= limit:
        if book.meta[WAITING_REQUESTS] > requests:
            book.meta[WAITING_REQUESTS] -= 1
            request = book.file[book.meta[WAITING_REQUESTS] * WIDE + STACK]
            book.file[request * WIDE + FLAGS] &= ~DUE
            _place_due(book, request, limit)
        elif book.meta[WAITING_OFFERS] > offers:
            book.meta[WAITING_OFFERS] -= 1
            one = book.lists[book.meta[WAITING_OFFERS] * LISTS + DUE_OFFER]
            book.lists[one * LISTS + OWED] = 0
            evict(book, one)
            fill(book, one, limit)
        else:
            return


@kernel
def _place_due(book: Book, request: Whole, limit: Whole) -> None:
    """Place a waiting request anew; one that was only loosely placed steps out first."""
    if book.file[request * WIDE + FLAGS] & LOOSE:
        one = book.who[request * WIDE + AT]
        take(book, request)
        check_offer(book, one)
    if book.file[request * WIDE + FLAGS] & ALIVE and book.who[request * WIDE + AT] < 0:
        place(book, request, limit)


@kernel
def evict(book: Book, one: Whole) -> None:
    """Let people step out while the last one costs more than the price."""
    while overfull(book, one):
        evict_to(book, one, book.desk[one * WIDE + LOAD] - 1)
