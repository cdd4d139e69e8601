"""What an event changes in the arrays, before any search: what no longer fits becomes due."""

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
    DUE,
    DUE_OFFER,
    EASE,
    FANS,
    FAR,
    FLAGS,
    GOT,
    LENGTH,
    LISTS,
    LOAD,
    LOOSE,
    LOW,
    NET,
    NEXT,
    PLACES,
    ROOM,
    ROW,
    SEAT_ROOM,
    SEATS,
    SEATS_USED,
    STACK,
    WAITING_OFFERS,
    WAITING_REQUESTS,
    WIDE,
    Book,
    Ints64,
    Whole,
    check_offer,
    marginal,
    owe_request,
    take,
)
from matching.live.forward import utility
from matching.live.rows import append_arc, append_fan, remove_fan, widen_seats
from matching.solvers.jit import kernel, prefetch


@kernel
def enter(book: Book, request: Whole, weight: Whole, words: Ints64) -> None:
    """Let a request in with its arcs; room was made before."""
    _write(book, request, weight, words)
    owe_request(book, request)


@kernel
def _write(book: Book, request: Whole, weight: Whole, words: Ints64) -> None:
    """Write the row of a request that has none, and its place among the candidates of each offer."""
    record = request * WIDE
    start = book.who[record + ROW]
    if words.shape[0] > book.file[request * WIDE + ROOM]:
        start = book.meta[ARCS_USED]
        book.meta[ARCS_USED] += words.shape[0]
        book.file[request * WIDE + ROOM] = words.shape[0]
    for nth in range(words.shape[0]):
        prefetch(book.desk, (words[nth] >> 32) * WIDE)
    for nth in range(words.shape[0]):
        desk = (words[nth] >> 32) * WIDE
        prefetch(book.back, book.desk[desk + BACK] + book.desk[desk + FANS])
    for nth in range(words.shape[0]):
        book.arcs[start + nth] = words[nth]
        append_fan(book, words[nth] >> 32, (request << 32) | (words[nth] & LOW))
    book.who[record + ROW] = start
    book.who[record + LENGTH] = words.shape[0]
    book.who[record + BONUS] = weight * book.step
    book.who[record + AT] = -1
    book.who[record + EASE] = utility(book, request) - weight * book.step
    book.file[request * WIDE + FLAGS] = ALIVE | (book.file[request * WIDE + FLAGS] & DUE)


@kernel
def leave(book: Book, request: Whole) -> None:
    """Let a request go; its place is used by whoever gains most."""
    one = _clear(book, request)
    if one >= 0:
        check_offer(book, one)


@kernel
def rewrite(book: Book, request: Whole, weight: Whole, words: Ints64) -> None:
    """Give a request another urgency and other arcs; room was made before."""
    one = _clear(book, request)
    _write(book, request, weight, words)
    owe_request(book, request)
    if one >= 0:
        check_offer(book, one)


@kernel
def _clear(book: Book, request: Whole) -> Whole:
    """Take a request from its offer and from every list of candidates; give the offer it had, or -1."""
    record = request * WIDE
    one = book.who[record + AT]
    if one >= 0:
        take(book, request)
    start = book.who[record + ROW]
    for arc in range(start, start + book.who[record + LENGTH]):
        prefetch(book.desk, (book.arcs[arc] >> 32) * WIDE)
    for arc in range(start, start + book.who[record + LENGTH]):
        prefetch(book.back, book.desk[(book.arcs[arc] >> 32) * WIDE + BACK])
    for arc in range(start, start + book.who[record + LENGTH]):
        remove_fan(book, book.arcs[arc] >> 32, (request << 32) | (book.arcs[arc] & LOW))
    book.who[record + LENGTH] = 0
    book.file[request * WIDE + FLAGS] &= DUE
    return int(one)


@kernel
def drop_arc(book: Book, request: Whole, one: Whole) -> None:
    """Forbid one pair; whoever held it is placed anew."""
    record = request * WIDE
    start = book.who[record + ROW]
    last = start + book.who[record + LENGTH] - 1
    for arc in range(start, last + 1):
        if book.arcs[arc] >> 32 == one:
            remove_fan(book, one, (request << 32) | (book.arcs[arc] & LOW))
            for following in range(arc, last):
                book.arcs[following] = book.arcs[following + 1]
            book.who[record + LENGTH] -= 1
            break
    if book.who[record + AT] == one:
        take(book, request)
        check_offer(book, one)
        owe_request(book, request)


@kernel
def evict_to(book: Book, one: Whole, places: Whole) -> None:
    """Let people step out until `places` are left, least utility first."""
    desk = one * WIDE
    while book.desk[desk + LOAD] > places:
        first = book.desk[desk + SEATS]
        chosen = book.seats[first]
        least = FAR
        for seat in range(first, first + book.desk[desk + LOAD]):
            request = book.seats[seat]
            own = book.who[request * WIDE + EASE] + book.who[request * WIDE + BONUS]
            if own < least:
                least, chosen = own, request
        take(book, chosen)
        owe_request(book, chosen)


@kernel
def change_terms(book: Book, one: Whole, places: Whole, cost: Whole) -> None:
    """Change places and load cost of an offer, close it (0 places) or open it again; room was made before."""
    desk = one * WIDE
    before = book.desk[desk + PLACES]
    evict_to(book, one, places)
    load = book.desk[desk + LOAD]
    for nth in range(1, load + 1):
        book.meta[NET] += marginal(book, one, nth)
    book.desk[desk + PLACES] = places
    book.desk[desk + COST] = cost
    for nth in range(1, load + 1):
        book.meta[NET] -= marginal(book, one, nth)
    widen_seats(book, one)
    if places == 0:
        book.price[one] = CLOSED
    elif before == 0:
        _welcome(book, one)
    check_offer(book, one)


@kernel
def open_offer(book: Book, one: Whole, words: Ints64, places: Whole, cost: Whole) -> None:
    """Let a new offer in with its candidates (request << 32 | score); room was made before."""
    desk = one * WIDE
    book.desk[desk + LOAD] = 0
    book.desk[desk + PLACES] = places
    book.desk[desk + COST] = cost
    book.desk[desk + BACK] = book.meta[BACK_USED]
    book.desk[desk + FANS] = words.shape[0]
    book.desk[desk + BACK_ROOM] = words.shape[0]
    book.meta[BACK_USED] += words.shape[0]
    for nth in range(words.shape[0]):
        book.back[book.desk[desk + BACK] + nth] = words[nth]
        append_arc(book, words[nth] >> 32, (one << 32) | (words[nth] & LOW))
    book.desk[desk + SEATS] = book.meta[SEATS_USED]
    book.desk[desk + SEAT_ROOM] = 0
    widen_seats(book, one)
    book.price[one] = CLOSED
    if places > 0:
        _welcome(book, one)
        check_offer(book, one)


@kernel
def _welcome(book: Book, one: Whole) -> None:
    """Give an offer that opens the lowest price at which nobody moves yet."""
    begin = book.desk[one * WIDE + BACK]
    end = begin + book.desk[one * WIDE + FANS]
    price = marginal(book, one, 1)
    for at in range(begin, end):
        word = book.back[at]
        price = max(price, (word & LOW) - book.who[(word >> 32) * WIDE + EASE])
    book.price[one] = price
    for at in range(begin, end):
        word = book.back[at]
        record = (word >> 32) * WIDE
        book.who[record + NEXT] = max(book.who[record + NEXT], (word & LOW) - price)


@kernel
def shortfall(book: Book) -> Whole:
    """Sum of all violations: how much the present answer can be worse than the best one, in the book's units."""
    total = 0
    for nth in range(book.meta[WAITING_REQUESTS]):
        request = book.file[nth * WIDE + STACK]
        record = request * WIDE
        if book.file[request * WIDE + FLAGS] & LOOSE:
            one = book.who[record + AT]
            total += book.who[record + EASE] + book.price[one] - book.who[record + GOT]
        elif book.file[request * WIDE + FLAGS] & ALIVE and book.who[record + AT] < 0:
            total += book.who[record + EASE] + book.who[record + BONUS]
    for nth in range(book.meta[WAITING_OFFERS]):
        one = book.lists[nth * LISTS + DUE_OFFER]
        load = book.desk[one * WIDE + LOAD]
        for seat in range(1, load + 1):
            total += max(0, marginal(book, one, seat) - book.price[one])
        for seat in range(load + 1, min(book.desk[one * WIDE + PLACES], book.desk[one * WIDE + FANS]) + 1):
            total += max(0, book.price[one] - marginal(book, one, seat))
    return total
