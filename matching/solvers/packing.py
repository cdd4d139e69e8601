"""Arcs in one machine word each, request side and offer side, as the kernels read them.

Narrow words (uint32) hold 18 bits of offer and 14 bits of score: 4 bytes for each arc is what lets a province's 32
million arcs pass through the processor's caches. Wide words (uint64) hold 32 bits of each, for larger scores and for
connected parts with more than 262,144 offers; they cost about twice the memory traffic and change nothing else.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba.core.types
import numba.extending
import numpy as np
import numpy.typing as npt

from matching.instances import Ints32, Ints64
from matching.solvers.jit import kernel

NARROW_BITS = 14
WIDE_BITS = 32
NARROW_BYTES = 4
NARROW_SCORES = 1 << NARROW_BITS
"""Scores below this fit a narrow word."""
NARROW_OFFERS = 1 << (32 - NARROW_BITS)
"""Offers of one part, at most, in narrow words."""
PADDING = 64
"""Unused words behind the last arc, so that prefetching never leaves the array."""

Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]


class Arcs(NamedTuple):
    """Candidate arcs by request: those of request i are word[start[i]:start[i + 1]].

    `start` int64[n+1]; `word` uint32[m+PADDING] or uint64[m+PADDING], offer above score.
    """

    start: Ints64
    word: Words


class Back(NamedTuple):
    """The same arcs by offer: those of offer j are at start[j]:start[j + 1].

    `start` int64[k+1]; `request` uint32[m]; `score` int16[m] or int32[m], in score units.
    """

    start: Ints64
    request: npt.NDArray[np.uint32]
    score: npt.NDArray[np.int16] | Ints32


def offer_of(word: Any) -> Any:
    """Offer of an arc, unsigned so that indexing needs no check for negative numbers: use it as an index only."""
    return np.uint64(word) >> np.uint64(NARROW_BITS if word.itemsize == NARROW_BYTES else WIDE_BITS)


def score_of(word: Any) -> Any:
    """Score of an arc, as int64."""
    return np.int64(word & word.dtype.type((1 << (NARROW_BITS if word.itemsize == NARROW_BYTES else WIDE_BITS)) - 1))


@numba.extending.overload(offer_of, strict=False)
def _compiled_offer(word: Any) -> Callable[[Any], Any]:
    """Choose the shift by the type of the word, when a kernel is compiled."""
    if word == numba.core.types.uint32:
        return lambda word: np.uint64(word >> np.uint32(14))
    return lambda word: word >> np.uint64(32)


@numba.extending.overload(score_of, strict=False)
def _compiled_score(word: Any) -> Callable[[Any], Any]:
    """Choose the mask by the type of the word, when a kernel is compiled."""
    if word == numba.core.types.uint32:
        return lambda word: np.int64(word & np.uint32(16383))
    return lambda word: np.int64(word & np.uint64(4294967295))


@kernel
def pack_rows(
    rows: Ints32, indptr: Ints64, offer: Ints32, score: Ints32, local: Ints32, start: Ints64, word: Any, bits: int
) -> None:
    """Fill `start` and `word` with the arcs of these rows, in this order; `local` renumbers the offers."""
    at = 0
    start[0] = 0
    shift = word.dtype.type(bits)
    for i in range(rows.shape[0]):
        row = rows[i]
        for e in range(indptr[row], indptr[row + 1]):
            word[at] = (word.dtype.type(local[offer[e]]) << shift) | word.dtype.type(score[e])
            at += 1
        start[i + 1] = at


@kernel
def turn(arcs: Arcs, offers: int, back: Back) -> None:
    """Fill `back` with the arcs by offer; within an offer the requests ascend. Counting sort, O(m + k)."""
    requests = arcs.start.shape[0] - 1
    place = np.zeros(offers + 1, np.int64)
    for e in range(arcs.start[requests]):
        place[offer_of(arcs.word[e])] += 1
    at = 0
    for j in range(offers):
        back.start[j] = at
        at += place[j]
        place[j] = back.start[j]
    back.start[offers] = at
    for i in range(requests):
        for e in range(arcs.start[i], arcs.start[i + 1]):
            x = arcs.word[e]
            j = offer_of(x)
            back.request[place[j]] = i
            back.score[place[j]] = score_of(x)
            place[j] += 1
