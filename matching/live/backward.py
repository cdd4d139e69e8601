"""The best use of one free place: the backward search.

A shortest path from the free place: who would gain by coming here, whose place that frees, and so on, until somebody
without an offer comes in, a taken place is given up, or the place stays empty at a lower price.
"""

from matching.live.book import (
    AT,
    BACK,
    BEST,
    DISTANCE,
    EASE,
    END,
    FANS,
    FLAGS,
    GOAL,
    GOT,
    HEAPED,
    LAST,
    LISTS,
    LOAD,
    LOOSE,
    LOW,
    NEXT,
    ONWARD,
    OPENED,
    PARENT,
    PRIZE,
    SEARCH,
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
    lacks,
    marginal,
    owe_offer,
    owe_request,
    put,
    reach,
    shift,
    take,
)
from matching.solvers.jit import kernel, prefetch

EMPTY, COME, GIVE_UP = 0, 1, 2
"""How a chain may end: the place stays empty, a request without an offer comes, a taken place is given up."""
AHEAD = 16
"""How many candidates ahead of the present one are fetched."""


@kernel
def fill(book: Book, one: Whole, limit: Whole) -> None:
    """Use the free places of an offer until its price fits its load, or leave it due when `limit` work is done."""
    while lacks(book, one):
        if book.meta[WORK] > limit:
            owe_offer(book, one)
            return
        _fill_one(book, one, limit)


@kernel
def _fill_one(book: Book, first: Whole, limit: Whole) -> None:
    """Fill one place, or lower the price by what its emptiness says."""
    whole = book.price[first] - marginal(book, first, book.desk[first * WIDE + LOAD] + 1)
    begin_search(book, whole, first)
    reach(book, first, whole - whole, first, first, whole)
    opened = 0
    frontier = whole
    while book.meta[HEAPED] > 0:
        one = book.heap[0]
        frontier = book.node[one * WIDE + DISTANCE]
        if frontier >= book.meta[BEST] or (opened > 0 and book.meta[WORK] > limit):
            break
        drop_top(book)
        book.lists[opened * LISTS + OPENED] = one
        opened += 1
        _open_fans(book, one, frontier)
        frontier = book.meta[BEST]
    frontier = min(frontier, book.meta[BEST])
    for nth in range(opened):
        one = book.lists[nth * LISTS + OPENED]
        change = frontier - book.node[one * WIDE + DISTANCE]
        if change > 0:
            shift(book, one, -change)
            _renew_bounds(book, one)
    _finish(book, first, book.meta[LAST], book.meta[BEST] - frontier)


@kernel
def _open_fans(book: Book, one: Whole, distance: Whole) -> None:
    """Look at everybody who could come to this offer."""
    begin = book.desk[one * WIDE + BACK]
    end = begin + book.desk[one * WIDE + FANS]
    start = distance + book.price[one]
    best = book.meta[BEST]
    search = book.meta[SEARCH]
    book.meta[WORK] += end - begin
    for at in range(begin, end):
        prefetch(book.who, (book.back[min(at + AHEAD, end - 1)] >> 32) * WIDE)
        word = book.back[at]
        request = word >> 32
        total = start + book.who[request * WIDE + EASE] - (word & LOW)
        if total >= best:
            continue
        other = book.who[request * WIDE + AT]
        if other < 0:
            best = total
            end_at(book, total, COME, request)
            book.meta[GOAL] = one
            book.meta[PRIZE] = word & LOW
        elif other != one:
            if book.node[other * WIDE + STAMP] == search and book.node[other * WIDE + DISTANCE] <= total:
                continue
            reach(book, other, total, request, one, word & LOW)
            total += max(0, book.price[other] - marginal(book, other, book.desk[other * WIDE + LOAD]))
            if total < best:
                best = total
                end_at(book, total, GIVE_UP, other)


@kernel
def _renew_bounds(book: Book, one: Whole) -> None:
    """After a price fell: nobody's other arcs are worth less than this one."""
    begin = book.desk[one * WIDE + BACK]
    price = book.price[one]
    for at in range(begin, begin + book.desk[one * WIDE + FANS]):
        word = book.back[at]
        record = (word >> 32) * WIDE
        if book.who[record + AT] != one:
            book.who[record + NEXT] = max(book.who[record + NEXT], (word & LOW) - price)


@kernel
def _finish(book: Book, first: Whole, last: Whole, lost: Whole) -> None:
    """Move everybody along the chain; what the cut left open (`lost`, 0 when there was none) becomes due."""
    end = book.meta[END]
    if end == EMPTY:
        if lost > 0:
            owe_offer(book, first)
        return
    node = book.node
    begin = book.meta[GOAL] if end == COME else last
    one = begin
    while one != first:
        take(book, node[one * WIDE + PARENT])
        one = node[one * WIDE + ONWARD]
    one = begin
    while one != first:
        put(book, node[one * WIDE + PARENT], node[one * WIDE + ONWARD], node[one * WIDE + WORTH])
        one = node[one * WIDE + ONWARD]
    mover = last
    if end == COME:
        put(book, last, begin, book.meta[PRIZE])
    else:
        mover = node[last * WIDE + PARENT]
        check_offer(book, last)
    if book.who[mover * WIDE + GOT] - book.price[book.who[mover * WIDE + AT]] != book.who[mover * WIDE + EASE]:
        book.file[mover * WIDE + FLAGS] |= LOOSE
        owe_request(book, mover)
