"""Rows that grow: the arcs of a request, the candidates of an offer, its seats.

Each row lies in one long array with some room of its own. A row that is full moves to the unused end with twice the
room; `needs_*` says beforehand how much of the end an event will use, so that the arrays can be lengthened first.
"""

from matching.live.book import (
    ARCS_USED,
    BACK,
    BACK_ROOM,
    BACK_USED,
    FANS,
    LENGTH,
    LOAD,
    PLACE,
    PLACES,
    ROOM,
    ROW,
    SEAT_ROOM,
    SEATS,
    SEATS_USED,
    WIDE,
    Book,
    Ints64,
    Whole,
)
from matching.solvers.jit import kernel

SMALLEST = 8
"""Room of the smallest row that moved."""


@kernel
def wider(length: Whole) -> Whole:
    """Room of a row that moves because it holds `length` and is full."""
    return max(SMALLEST, 2 * length)


@kernel
def needs_of_arcs(book: Book, words: Ints64) -> tuple[Whole, Whole]:
    """Words of `back` and of `seats` that appending these (offer << 32 | score) arcs uses up at most."""
    back = 0
    seats = 0
    for nth in range(words.shape[0]):
        desk = (words[nth] >> 32) * WIDE
        if book.desk[desk + FANS] == book.desk[desk + BACK_ROOM]:
            room = wider(book.desk[desk + FANS])
            back += room
            seats += min(room, book.desk[desk + PLACES])
    return back, seats


@kernel
def needs_of_fans(book: Book, words: Ints64) -> Whole:
    """Words of `arcs` that appending these (request << 32 | score) candidates uses up."""
    arcs = 0
    for nth in range(words.shape[0]):
        request = words[nth] >> 32
        length = book.who[request * WIDE + LENGTH]
        if length == book.file[request * WIDE + ROOM]:
            arcs += wider(length)
    return arcs


@kernel
def append_fan(book: Book, one: Whole, word: Whole) -> None:
    """Add a candidate (request << 32 | score) to an offer."""
    desk = one * WIDE
    fans = book.desk[desk + FANS]
    if fans == book.desk[desk + BACK_ROOM]:
        old = book.desk[desk + BACK]
        new = book.meta[BACK_USED]
        room = wider(fans)
        book.meta[BACK_USED] += room
        for nth in range(fans):
            book.back[new + nth] = book.back[old + nth]
        book.desk[desk + BACK] = new
        book.desk[desk + BACK_ROOM] = room
        widen_seats(book, one)
    book.back[book.desk[desk + BACK] + fans] = word
    book.desk[desk + FANS] = fans + 1


@kernel
def remove_fan(book: Book, one: Whole, word: Whole) -> None:
    """Remove a candidate from an offer; the last one takes its position."""
    desk = one * WIDE
    begin = book.desk[desk + BACK]
    last = begin + book.desk[desk + FANS] - 1
    at = begin
    while book.back[at] != word:
        at += 1
    book.back[at] = book.back[last]
    book.desk[desk + FANS] -= 1


@kernel
def append_arc(book: Book, request: Whole, word: Whole) -> None:
    """Add an arc (offer << 32 | score) to a request."""
    record = request * WIDE
    length = book.who[record + LENGTH]
    if length == book.file[request * WIDE + ROOM]:
        old = book.who[record + ROW]
        new = book.meta[ARCS_USED]
        room = wider(length)
        book.meta[ARCS_USED] += room
        for nth in range(length):
            book.arcs[new + nth] = book.arcs[old + nth]
        book.who[record + ROW] = new
        book.file[request * WIDE + ROOM] = room
    book.arcs[book.who[record + ROW] + length] = word
    book.who[record + LENGTH] = length + 1


@kernel
def widen_seats(book: Book, one: Whole) -> None:
    """See that an offer has a seat for each of its places, or for each candidate there is room for."""
    desk = one * WIDE
    wanted = min(book.desk[desk + PLACES], book.desk[desk + BACK_ROOM])
    if wanted <= book.desk[desk + SEAT_ROOM]:
        return
    old = book.desk[desk + SEATS]
    new = book.meta[SEATS_USED]
    book.meta[SEATS_USED] += wanted
    for nth in range(book.desk[desk + LOAD]):
        request = book.seats[old + nth]
        book.seats[new + nth] = request
        book.who[request * WIDE + PLACE] = new + nth
    book.desk[desk + SEATS] = new
    book.desk[desk + SEAT_ROOM] = wanted
