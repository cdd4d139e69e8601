"""Common free time in whole minutes, exact, and calendars folded into one word."""

import numpy as np

from matching.pool.columns import I32, I64, U64, Bools, OfferColumns, RequestColumns, Whole
from matching.pool.words import BIT_MINUTES, WEEK
from matching.solvers.jit import kernel

HORIZON = 2 * WEEK
"""Minutes from now that count for the gate; the first week counts for the score."""


@kernel
def overlap(requests: RequestColumns, offers: OfferColumns, i: Whole, j: Whole) -> tuple[Whole, Whole]:
    """Minutes of the longest common stretch in 14 days and of all common time in 7 days; (-1, -1) when not said."""
    mine, mine_end = requests.slot_ptr[i], requests.slot_ptr[i + 1]
    if mine == mine_end or not offers.timed[j]:
        return -1, -1
    theirs, theirs_end = offers.slot_ptr[j], offers.slot_ptr[j + 1]
    longest: Whole = 0
    week: Whole = 0
    while mine < mine_end and theirs < theirs_end:
        close, their_close = requests.slot_end[mine], offers.slot_end[theirs]
        begin: Whole = max(requests.slot_start[mine], offers.slot_start[theirs])
        end: Whole = min(close, their_close)
        if end > begin:
            longest = max(longest, end - begin)
            week += max(0, min(end, WEEK) - begin)
        if close <= their_close:
            mine += 1
        else:
            theirs += 1
    return longest, week


@kernel
def overlaps(requests: RequestColumns, offers: OfferColumns, rows: I64, cols: I64, longest: I32, week: I32) -> None:
    """Write `overlap` of the pairs (rows[q], cols[q])."""
    for q in range(len(rows)):
        one, all_week = overlap(requests, offers, rows[q], cols[q])
        longest[q] = one
        week[q] = all_week


@kernel
def fold(pointer: I64, start: I32, end: I32, words: U64) -> None:
    """Set the bit of every 160 minutes of the week, folded, that a calendar touches."""
    for row in range(len(words)):
        word = np.uint64(0)
        for at in range(pointer[row], pointer[row + 1]):
            for bit in range(start[at] // BIT_MINUTES, (end[at] - 1) // BIT_MINUTES + 1):
                word |= np.uint64(1) << np.uint64(bit % (WEEK // BIT_MINUTES))
        words[row] = word


def request_calendars(requests: RequestColumns) -> U64:
    """Calendar word of every request; all bits for one that has not said when."""
    words = np.zeros(len(requests.number), np.uint64)
    fold(requests.slot_ptr, requests.slot_start, requests.slot_end, words)
    words[np.diff(requests.slot_ptr) == 0] = ~np.uint64(0)
    return words


def offer_calendars(offers: OfferColumns) -> U64:
    """Calendar word of every offer; all bits for "agreed later", and the last bit in every case."""
    words = np.zeros(len(offers.number), np.uint64)
    fold(offers.slot_ptr, offers.slot_start, offers.slot_end, words)
    words[~offers.timed] = ~np.uint64(0)
    return words | np.uint64(1 << 63)


GRIDS = (15, 20, 30, 60, 90, 160)
"""Cells of the coming week in minutes; the finest grid is taken of which both sides use at most `CELLS` cells."""
CELLS = 128


@kernel
def mark(pointer: I64, start: I32, end: I32, grid: Whole, used: Bools) -> None:
    """Mark the cells of the coming week that any calendar touches."""
    for at in range(pointer[-1]):
        for cell in range(start[at] // grid, min((end[at] - 1) // grid + 1, len(used))):
            used[cell] = True


@kernel
def touch(pointer: I64, start: I32, end: I32, grid: Whole, bit: I64, words: U64) -> None:
    """Set the bits of the cells that each calendar touches; `words` uint64[n, 2], `bit` -1 for a cell without one."""
    for row in range(len(words)):
        for at in range(pointer[row], pointer[row + 1]):
            for cell in range(start[at] // grid, min((end[at] - 1) // grid + 1, len(bit))):
                if bit[cell] >= 0:
                    words[row, bit[cell] >> 6] |= np.uint64(1) << np.uint64(bit[cell] & 63)


def weeks(requests: RequestColumns, offers: OfferColumns) -> tuple[U64, U64, int]:
    """Bits of the cells of the coming week that each side touches, uint64[n, 2] and uint64[k, 2], and the grid.

    Common minutes of a week are at most the grid times the number of common bits. A side that has not said when
    has all bits.
    """
    grid, both = _cells(requests, offers)
    bit = np.where(both, np.cumsum(both) - 1, -1)
    asked, given = np.zeros((len(requests.number), 2), np.uint64), np.zeros((len(offers.number), 2), np.uint64)
    touch(requests.slot_ptr, requests.slot_start, requests.slot_end, grid, bit, asked)
    touch(offers.slot_ptr, offers.slot_start, offers.slot_end, grid, bit, given)
    asked[np.diff(requests.slot_ptr) == 0] = ~np.uint64(0)
    given[~offers.timed] = ~np.uint64(0)
    return asked, given, grid


def _cells(requests: RequestColumns, offers: OfferColumns) -> tuple[int, Bools]:
    """Take the finest grid that fits, and say which of its cells both sides use; 63 cells of 160 minutes always fit."""
    grids = ((grid, _used(requests, grid) & _used(offers, grid)) for grid in GRIDS)
    return next((grid, both) for grid, both in grids if int(both.sum()) <= CELLS)


def _used(side: RequestColumns | OfferColumns, grid: int) -> Bools:
    """Say which cells of the coming week any calendar of this side touches."""
    used = np.zeros(-(-WEEK // grid), np.bool_)
    mark(side.slot_ptr, side.slot_start, side.slot_end, grid, used)
    return used
