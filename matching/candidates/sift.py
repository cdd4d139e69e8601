"""The first pass over a block of a list: gate words, and for each family a bound of what the pair must lose.

One kernel for each family, without branches in the loop: the position of every entry is written, and the end of the
list of passed positions moves on only when the entry passes. Nothing that could enter is dropped: a bound of the loss
is never above the loss itself. `given` uint64[m, 4] and `bound` int64[m] are those of the lists, `asked` uint64[n, 4]
and `request` int64[n, 16] those of the requests; `lowest` is what a bound must reach; `passed` int64[block] takes
positions in the list.
"""

import numpy as np

from matching.candidates.facts import R_ASKED, R_BUDGET, R_FROM, R_KINDS, R_PERSONS, R_PLACE, R_TO
from matching.candidates.losses import is_wished, near_micro
from matching.model import MICRO
from matching.pool.columns import I8, I32, I64, NO_DAY, U64, Whole
from matching.pool.words import FILL, GUARD
from matching.scoring import CLOSE, UNKNOWN_COUNTS
from matching.solvers.jit import kernel

_ODD = np.uint64(0x5555555555555555)
_PAIRS = np.uint64(0x3333333333333333)
_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES = np.uint64(0x0101010101010101)
_ONE, _TWO, _FOUR, _TOP = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_NONE, _ALL = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
NOT_SAID = 256
"""Added to the number of common cells for a side that has not said when: its bound has no time to lose."""
_EIGHT, _LOW = np.uint64(8), np.uint64(255)


@kernel
def bits(word: Whole) -> Whole:
    """Count the bits that are set; the compiler makes one instruction of it."""
    pairs = word - ((word >> _ONE) & _ODD)
    nibbles = (pairs & _PAIRS) + ((pairs >> _TWO) & _PAIRS)
    octets = (nibbles + (nibbles >> _FOUR)) & _NIBBLES
    return np.int64((octets * _BYTES) >> _TOP)


@kernel
def sift_service(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    given: U64, bound: I64, at: Whole, stop: Whole, asked: U64, i: Whole, lowest: Whole, common: I64, passed: I64
) -> Whole:
    """Pass who meets every gate, shares a calendar bit and can reach `lowest` with the common cells of the week."""
    word, fold, early, late = asked[i, 0], asked[i, 1], asked[i, 2], asked[i, 3]
    unsaid = int(fold == _ALL) * NOT_SAID
    met = 0
    for q in range(at, stop):
        passed[met] = q
        meets = ((((given[q, 0] & word) + FILL) & GUARD) == GUARD) & ((given[q, 1] & fold) != _NONE)
        met += int(meets & (bound[q] >= lowest))
    found = 0
    for z in range(met):
        q = passed[z]
        passed[found] = q
        cells = bits(given[q, 2] & early) + bits(given[q, 3] & late) + int(given[q, 1] == _ALL) * NOT_SAID + unsaid
        found += int(bound[q] - common[cells] >= lowest)
    return found


@kernel
def sift_intern(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    given: U64,
    bound: I64,
    at: Whole,
    stop: Whole,
    asked: U64,
    i: Whole,
    lowest: Whole,
    slack: Whole,
    weight: I64,
    request: I64,
    sets: I32,
    passed: I64,
) -> Whole:
    """Pass who meets every gate and can reach `lowest` with the common weeks; a wished post may win `slack`."""
    word, first, last = asked[i, 0], request[i, R_FROM], request[i, R_TO]
    said = int(first != NO_DAY and last != NO_DAY)  # noqa: PLR1714 - compiled code makes no tuples
    found = 0
    for q in range(at, stop):
        passed[found] = q
        meets = (((given[q, 0] & word) + FILL) & GUARD) == GUARD
        start: Whole = np.int64(given[q, 2])
        end: Whole = np.int64(given[q, 3])
        days: Whole = max(0, min(last, end) - max(first, start) + 1)
        part: Whole = min(MICRO, np.int64(days * (float(MICRO) / max(1, end - start + 1))) + 2)
        counted = part * said + MICRO * (1 - said)
        hoped = 0
        if slack > 0:
            hoped = slack * int(is_wished(request, i, sets, np.int64(given[q, 1])))
        found += int(meets & (bound[q] + hoped - weight[1] * (MICRO - counted) >= lowest))
    return found


@kernel
def sift_home(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    given: U64,
    bound: I64,
    at: Whole,
    stop: Whole,
    asked: U64,
    i: Whole,
    lowest: Whole,
    weight: I64,
    request: I64,
    passed: I64,
) -> Whole:
    """Pass who meets every gate and can reach `lowest` with the misfits of kind, size and rent."""
    word, kinds, persons, budget = asked[i, 0], request[i, R_KINDS], request[i, R_PERSONS], request[i, R_BUDGET]
    full = int(kinds != 0 or persons >= 0 or budget >= 0)
    found = 0
    for q in range(at, stop):
        passed[found] = q
        meets = (((given[q, 0] & word) + FILL) & GUARD) == GUARD
        kind, room = np.int64(given[q, 3] & _LOW), np.int64(given[q, 3] >> _EIGHT)
        misfits = int((kinds != 0) & ((kinds >> kind) & 1 == 0))
        misfits += int((persons >= 0) & (room < persons))
        misfits += int((budget >= 0) & (np.int64(given[q, 2]) > budget))
        part = MICRO - (MICRO - CLOSE) * int(misfits == 1) - MICRO * int(misfits > 1)
        counted = part * full + UNKNOWN_COUNTS * (1 - full)
        found += int(meets & (bound[q] - weight[0] * (MICRO - counted) >= lowest))
    return found


@kernel
def sift_sponsor(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    given: U64,
    bound: I64,
    at: Whole,
    stop: Whole,
    asked: U64,
    i: Whole,
    lowest: Whole,
    weight: I64,
    request: I64,
    near: I8,
    passed: I64,
) -> Whole:
    """Pass who meets every gate and can reach `lowest` with the sum and, where one region is preferred, the place."""
    word, wish, own = asked[i, 0], request[i, R_ASKED], request[i, R_PLACE]
    said = int(wish >= 0)
    factor = float(MICRO) / max(1, wish)
    row = near[max(0, own)]
    found = 0
    for q in range(at, stop):
        passed[found] = q
        meets = (((given[q, 0] & word) + FILL) & GUARD) == GUARD
        part = np.int64(min(float(MICRO), max(0.0, np.int64(given[q, 2]) * factor + 2.0)))
        counted = part * said + MICRO * (1 - said)
        region = np.int64(given[q, 3])
        place = near_micro(int(row[max(0, region - 1)])) if own >= 0 else UNKNOWN_COUNTS
        away = int(region > 0) * (MICRO - place)
        found += int(meets & (bound[q] - weight[1] * (MICRO - counted) - weight[2] * away >= lowest))
    return found
