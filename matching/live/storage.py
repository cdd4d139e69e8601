"""Room for what comes in: a book with longer arrays, or a second book with the same content."""

from typing import Any

import numpy as np
import numpy.typing as npt

from matching.live.book import ARCS_USED, BACK_USED, CLOSED, LISTS, SEATS_USED, WIDE, Book

PER_REQUEST = {"who": WIDE, "file": WIDE}
PER_OFFER = {"price": 1, "desk": WIDE, "node": WIDE, "heap": 1, "lists": LISTS}
"""Words of one request or offer in each array."""
RECORDS = ("who", "file", "desk", "node")


def with_room(book: Book, *, arcs: int = 0, back: int = 0, seats: int = 0) -> Book:
    """Give a book whose long arrays have this many unused words; the same book when they have."""
    changed: dict[str, Any] = {}
    for name, used, wanted in (
        ("arcs", book.meta[ARCS_USED], arcs),
        ("back", book.meta[BACK_USED], back),
        ("seats", book.meta[SEATS_USED], seats),
    ):
        present = getattr(book, name)
        if int(used) + wanted > len(present):
            changed[name] = _longer(present, (int(used) + wanted) * 3 // 2)
    return book._replace(**changed) if changed else book


def with_requests(book: Book, count: int) -> Book:
    """Give a book that can number at least `count` requests."""
    present = len(book.who) // WIDE
    if count <= present:
        return book
    wanted = count * 3 // 2
    return book._replace(**_all_longer(book, PER_REQUEST, wanted))


def with_offers(book: Book, count: int) -> Book:
    """Give a book that can number at least `count` offers."""
    present = len(book.price)
    if count <= present:
        return book
    wanted = count * 3 // 2
    longer = book._replace(**_all_longer(book, PER_OFFER, wanted))
    longer.price[present:] = CLOSED
    return longer


def copied(book: Book) -> Book:
    """Give a book with arrays of its own; only the used words of the long arrays are copied."""
    used = {"arcs": ARCS_USED, "back": BACK_USED, "seats": SEATS_USED}
    arrays: dict[str, Any] = {}
    for name, present in book._asdict().items():
        if name in used:
            arrays[name] = _longer(present, len(present), int(book.meta[used[name]]))
        elif name in RECORDS:
            arrays[name] = aligned(len(present))
            arrays[name][:] = present
        else:
            arrays[name] = present if name == "step" else present.copy()
    return Book(**arrays)


def aligned(words: int) -> npt.NDArray[np.int64]:
    """Give zeros that begin at a cache line, so that one record is one line."""
    raw = np.zeros(words + WIDE, np.int64)
    skip = (-raw.ctypes.data % 64) // 8
    return raw[skip : skip + words]


def _all_longer(book: Book, widths: dict[str, int], wanted: int) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, width in widths.items():
        array = getattr(book, name)
        longer = aligned(wanted * width)
        longer[: len(array)] = array
        changed[name] = longer
    return changed


def _longer(array: npt.NDArray[Any], size: int, used: int | None = None) -> npt.NDArray[Any]:
    """Give the used words of an array at the beginning of a new one; the rest is not touched."""
    count = len(array) if used is None else used
    longer = np.empty(size, array.dtype)
    longer[:count] = array[:count]
    return longer
