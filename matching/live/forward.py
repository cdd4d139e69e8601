"""The best chain of moves that begins with one request without an offer: the forward search.

A shortest path over offers by reduced costs: the request takes a place, its holder moves on, and so on, until a free
place is met, somebody steps out, or the request itself stays without. Only the offers nearer than the end of the
chain are opened. A holder's other arcs are looked at only when the stored bound says that one of them can matter.
"""

from matching.live.book import (
    AT,
    BEST,
    BONUS,
    DISTANCE,
    EASE,
    END,
    FAR,
    FLAGS,
    GOT,
    HEAPED,
    LAST,
    LENGTH,
    LISTS,
    LOAD,
    LOOSE,
    LOW,
    NEXT,
    OPENED,
    PARENT,
    PLACES,
    ROW,
    SEARCH,
    SEATS,
    STAMP,
    WIDE,
    WORK,
    WORTH,
    Book,
    Whole,
    begin_search,
    check_offer,
    drop_top,
    end_at,
    marginal,
    owe_request,
    put,
    reach,
    shift,
    take,
)
from matching.solvers.jit import kernel, prefetch

STAY, FREE, OUT = 0, 1, 2
"""How a chain may end: the request stays without, a free place, somebody steps out."""


@kernel
def utility(book: Book, request: Whole) -> Whole:
    """Say what the request's best arc is worth at the present prices, at least 0."""
    record = request * WIDE
    begin = book.who[record + ROW]
    bonus = book.who[record + BONUS]
    best = 0
    for arc in range(begin, begin + book.who[record + LENGTH]):
        word = book.arcs[arc]
        value = bonus + (word & LOW) - book.price[word >> 32]
        best = max(best, value)
    return best


@kernel
def place(book: Book, request: Whole, limit: Whole) -> None:
    """Give a request without an offer its place in a best assignment, or leave it due when `limit` work is done."""
    whole = utility(book, request)
    record = request * WIDE
    book.who[record + EASE] = whole - book.who[record + BONUS]
    book.meta[WORK] += book.who[record + LENGTH]
    if whole == 0:
        return
    begin_search(book, whole, request)
    _open_row(book, request, whole - whole)
    opened = 0
    frontier = whole
    while book.meta[HEAPED] > 0:
        one = book.heap[0]
        frontier = book.node[one * WIDE + DISTANCE]
        if frontier >= book.meta[BEST] or book.meta[WORK] > limit:
            break
        drop_top(book)
        book.lists[opened * LISTS + OPENED] = one
        opened += 1
        _open_offer(book, one, frontier)
        frontier = book.meta[BEST]
    frontier = min(frontier, book.meta[BEST])
    for nth in range(opened):
        one = book.lists[nth * LISTS + OPENED]
        change = frontier - book.node[one * WIDE + DISTANCE]
        if change > 0:
            shift(book, one, change)
    book.who[record + EASE] -= frontier
    _finish(book, request, book.meta[LAST], book.meta[BEST] - frontier)


@kernel
def _open_offer(book: Book, one: Whole, distance: Whole) -> None:
    """See who on an offer may step out or move on."""
    begin = book.desk[one * WIDE + SEATS]
    load = book.desk[one * WIDE + LOAD]
    for seat in range(begin, begin + load):
        prefetch(book.who, book.seats[seat] * WIDE)
    book.meta[WORK] += load
    least = book.meta[BEST] - distance
    for seat in range(begin, begin + load):
        record = book.seats[seat] * WIDE
        if book.who[record + EASE] - book.who[record + NEXT] < least:
            for ahead in range(0, book.who[record + LENGTH], WIDE):
                prefetch(book.arcs, book.who[record + ROW] + ahead)
    for seat in range(begin, begin + load):
        request = book.seats[seat]
        record = request * WIDE
        ease = book.who[record + EASE]
        total = distance + ease + book.who[record + BONUS]
        if total < book.meta[BEST]:
            end_at(book, total, OUT, request)
        if distance + ease - book.who[record + NEXT] < book.meta[BEST]:
            _open_row(book, request, distance)


@kernel
def _open_row(book: Book, request: Whole, distance: Whole) -> None:
    """Follow every arc of a request that stands at this distance; renew the bound of its other arcs."""
    record = request * WIDE
    at = book.who[record + AT]
    begin = book.who[record + ROW]
    length = book.who[record + LENGTH]
    start = distance + book.who[record + EASE]
    bound = start - book.meta[BEST]
    search = book.meta[SEARCH]
    highest = -FAR
    for arc in range(begin, begin + length):
        word = book.arcs[arc]
        one = word >> 32
        gain = (word & LOW) - book.price[one]
        if one == at:
            continue
        highest = max(highest, gain)
        if gain > bound:
            total = start - gain
            if book.node[one * WIDE + STAMP] == search and book.node[one * WIDE + DISTANCE] <= total:
                continue
            reach(book, one, total, request, request, word & LOW)
            load = book.desk[one * WIDE + LOAD]
            if load < book.desk[one * WIDE + PLACES]:
                total += max(0, marginal(book, one, load + 1) - book.price[one])
                if total < book.meta[BEST]:
                    end_at(book, total, FREE, one)
                    bound = start - total
    book.who[record + NEXT] = highest
    book.meta[WORK] += length


@kernel
def _finish(book: Book, request: Whole, last: Whole, lost: Whole) -> None:
    """Move everybody along the chain; what the cut left open (`lost`, 0 when there was none) becomes due."""
    end = book.meta[END]
    if end == STAY:
        if lost > 0:
            owe_request(book, request)
        return
    goal = last
    if end == OUT:
        goal = book.who[last * WIDE + AT]
        take(book, last)
        if lost > 0:
            owe_request(book, last)
    one = goal
    while True:
        mover = book.node[one * WIDE + PARENT]
        left = book.who[mover * WIDE + AT]
        if left >= 0:
            take(book, mover)
        put(book, mover, one, book.node[one * WIDE + WORTH])
        if mover == request:
            break
        one = left
    mover = book.node[goal * WIDE + PARENT]
    if book.who[mover * WIDE + GOT] - book.price[goal] != book.who[mover * WIDE + EASE]:
        book.file[mover * WIDE + FLAGS] |= LOOSE
        owe_request(book, mover)
    check_offer(book, goal)
