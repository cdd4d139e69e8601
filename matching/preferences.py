"""Two-sided preferences for internships: deferred acceptance with quotas, the best stable answer for the students.

Students rank posts, employers rank students. The students propose (Gale and Shapley 1962); among all stable answers
each student gets the best post that any stable answer gives. `faults` judges an answer by code that shares nothing
with the solver. Equal wishes are ordered by the lower number of the offer, equal regards by the lower number of the
request, so whoever numbers requests by waiting time lets the longest waiting go first.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.instances import InstanceRefused
from matching.solvers.jit import kernel

Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]
Whole = Any
"""A whole number inside a kernel."""

LOW = 0xFFFFFFFF
"""The lower half of a packed word."""
SHORT_ROW = 64
"""Rows up to this length are ordered by insertion, longer ones by the library's sort."""
JUDGED_AT_ONCE = 1 << 16
"""Requests that `faults` looks at in one step, which bounds its memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preferences:
    """Who may go where, and what both sides think of it: n requests, k offers, m pairs in CSR form.

    `indptr` int64[n+1], `offer` int32[m] ascending within a request. `wish` int32[m]: the student's regard for the
    post; `regard` int32[m]: the employer's regard for the student; larger is better, below 0 means "never".
    `quota` int32[k]: places, 0 or more. Raises InstanceRefused for anything else.
    """

    indptr: Ints64
    offer: Ints32
    wish: Ints32
    regard: Ints32
    quota: Ints32

    def __post_init__(self) -> None:
        """Convert and check every array."""
        for name, kind in (("indptr", np.int64), ("offer", np.int32), ("wish", np.int32), ("regard", np.int32)):
            object.__setattr__(self, name, _whole(name, getattr(self, name), kind))
        object.__setattr__(self, "quota", _whole("quota", self.quota, np.int32))
        pairs = len(self.offer)
        if (
            len(self.indptr) == 0
            or self.indptr[0] != 0
            or self.indptr[-1] != pairs
            or bool((np.diff(self.indptr) < 0).any())
        ):
            raise InstanceRefused("indptr", "must ascend from 0 to the number of pairs")
        for name in ("wish", "regard"):
            if len(getattr(self, name)) != pairs:
                raise InstanceRefused(name, f"{pairs} values expected, one for each pair")
        if pairs and not 0 <= int(self.offer.min()) <= int(self.offer.max()) < len(self.quota):
            raise InstanceRefused("offer", f"numbers from 0 to {len(self.quota) - 1} expected")
        if len(self.quota) and int(self.quota.min()) < 0:
            raise InstanceRefused("quota", "must not be negative")
        descends = self.offer[1:] <= self.offer[:-1]
        starts = self.indptr[1:-1]
        descends[starts[(starts > 0) & (starts < pairs)] - 1] = False
        if bool(descends.any()):
            raise InstanceRefused("offer", "must ascend within a request, without duplicates")

    @property
    def requests(self) -> int:
        """Number of requests, n."""
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Stable:
    """`assignment` int32[n]: offer of each request or -1. `proposals`: how often a student knocked at a door."""

    assignment: Ints32
    proposals: int

    @property
    def matched(self) -> int:
        """Number of requests with an offer."""
        return int(np.count_nonzero(self.assignment >= 0))


def _whole(name: str, values: Any, kind: type[np.signedinteger[Any]]) -> npt.NDArray[np.signedinteger[Any]]:
    """Give a contiguous array of this integer type; InstanceRefused when it would lose something."""
    given = np.asarray(values)
    limits = np.iinfo(kind)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise InstanceRefused(name, "a one-dimensional array of integers expected")
    if given.size and not limits.min <= int(given.min()) <= int(given.max()) <= limits.max:
        raise InstanceRefused(name, f"values between {limits.min} and {limits.max} expected")
    return np.ascontiguousarray(given, dtype=kind)


def defer(preferences: Preferences, *, threads: int = 2) -> Stable:
    """Find the student-optimal stable answer: at most m proposals, 8 bytes a pair beside the input."""
    requests = preferences.requests
    order = np.empty(len(preferences.offer), np.int64)
    ends = np.empty(requests, np.int64)
    cuts: list[int] = np.linspace(0, requests, max(1, threads) + 1).astype(np.int64).tolist()

    def order_part(cut: tuple[int, int]) -> None:
        arrays = (preferences.indptr, preferences.offer, preferences.wish, preferences.regard)
        _order_rows(*arrays, cut[0], cut[1], order, ends)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(order_part, pairwise(cuts)))
    starts = np.zeros(len(preferences.quota) + 1, np.int64)
    most = np.bincount(preferences.offer, minlength=len(preferences.quota))
    np.cumsum(np.minimum(preferences.quota, most), out=starts[1:])
    assignment = np.full(requests, -1, np.int32)
    proposals = _propose(preferences.indptr, ends, order, starts, assignment)
    return Stable(assignment, int(proposals))


@kernel
def _order_rows(
    indptr: Ints64,
    offer: Ints32,
    wish: Ints32,
    regard: Ints32,
    first: Whole,
    last: Whole,
    order: Ints64,
    ends: Ints64,
) -> None:
    """Write rows first:last as (offer << 32 | regard), best wish first, without the refused; `ends` closes a row."""
    for request in range(first, last):
        begin = indptr[request]
        length = 0
        for arc in range(begin, indptr[request + 1]):
            if wish[arc] < 0 or regard[arc] < 0:
                continue
            word = (np.int64(wish[arc]) << 32) | (LOW - (arc - begin))
            at = begin + length
            length += 1
            if length <= SHORT_ROW:
                while at > begin and order[at - 1] < word:
                    order[at] = order[at - 1]
                    at -= 1
            order[at] = word
        if length > SHORT_ROW:
            order[begin : begin + length] = np.sort(order[begin : begin + length])[::-1]
        for at in range(begin, begin + length):
            arc = begin + (LOW - (order[at] & LOW))
            order[at] = (np.int64(offer[arc]) << 32) | np.int64(regard[arc])
        ends[request] = begin + length


@kernel
def _propose(indptr: Ints64, ends: Ints64, order: Ints64, starts: Ints64, assignment: Ints32) -> Whole:
    """Let every student knock down the own list; each offer keeps a heap of who it holds, the least regarded on top.

    A held word is (regard << 32 | LOW - request): larger is dearer. `worst` is the word one must beat, -1 while there
    is room, the largest word when the offer has no place at all.
    """
    offers = starts.shape[0] - 1
    held = np.empty(starts[offers], np.int64)
    load = np.zeros(offers, np.int64)
    worst = np.full(offers, -1, np.int64)
    for one in range(offers):
        if starts[one + 1] == starts[one]:
            worst[one] = np.int64(0x7FFFFFFFFFFFFFFF)
    following = indptr[:-1].copy()
    proposals = 0
    for student in range(following.shape[0]):
        request = student
        while request >= 0:
            at = following[request]
            end = ends[request]
            tail = LOW - request
            word = -1
            one = 0
            while at < end:
                arc = order[at]
                one = arc >> 32
                at += 1
                word = ((arc & LOW) << 32) | tail
                if word > worst[one]:
                    break
                word = -1
            proposals += at - following[request]
            following[request] = at
            if word < 0:
                break
            assignment[request] = one
            request = _hold(held, load, worst, starts, one, word)
            if request >= 0:
                assignment[request] = -1
    return proposals


@kernel
def _hold(held: Ints64, load: Ints64, worst: Ints64, starts: Ints64, one: Whole, word: Whole) -> Whole:
    """Take a student in; give the number of the one who has to leave for that, or -1."""
    base = starts[one]
    places = starts[one + 1] - base
    if load[one] < places:
        at = int(load[one])
        load[one] += 1
        while at > 0 and held[base + (at - 1) // 2] > word:
            held[base + at] = held[base + (at - 1) // 2]
            at = (at - 1) // 2
        held[base + at] = word
        if load[one] == places:
            worst[one] = held[base]
        return -1
    leaver = int(LOW - (held[base] & LOW))
    at = 0
    while True:
        child = 2 * at + 1
        if child >= places:
            break
        if child + 1 < places and held[base + child + 1] < held[base + child]:
            child += 1
        if held[base + child] >= word:
            break
        held[base + at] = held[base + child]
        at = child
    held[base + at] = word
    worst[one] = held[base]
    return leaver


def faults(preferences: Preferences, assignment: Ints32) -> tuple[str, ...]:
    """Everything that is wrong with an answer, () when it keeps quotas and acceptance and has no blocking pair."""
    requests, offers = preferences.requests, len(preferences.quota)
    if assignment.shape != (requests,):
        return (f"{requests} entries expected, {assignment.shape} found",)
    placed = assignment[assignment >= 0]
    if placed.size and int(placed.max()) >= offers:
        return ("an offer does not exist",)
    found: list[str] = []
    if bool((np.bincount(placed, minlength=offers) > preferences.quota).any()):
        found.append("an offer holds more students than it has places")
    wish, worst = _standing(preferences, assignment)
    if bool((wish[assignment >= 0] < 0).any()):
        found.append("a student stands where one of the two sides refuses")
    found += [
        f"request {one} and offer {other} would rather have each other"
        for one, other in blocking_pairs(preferences, assignment, wish, worst)
    ]
    return tuple(found)


def blocking_pairs(
    preferences: Preferences,
    assignment: Ints32,
    wish: Ints64 | None = None,
    worst: Ints64 | None = None,
    most: int = 100,
) -> list[tuple[int, int]]:
    """Find pairs that would both leave what they have for each other, at most `most`, by plain arrays."""
    if wish is None or worst is None:
        wish, worst = _standing(preferences, assignment)
    full = np.bincount(assignment[assignment >= 0], minlength=len(preferences.quota)) >= preferences.quota
    found: list[tuple[int, int]] = []
    for row, part in _slices(preferences):
        offer, own = preferences.offer[part], preferences.wish[part]
        theirs = _words(preferences.regard[part], row)
        rather = (own > wish[row]) | ((own == wish[row]) & (offer < assignment[row]))
        taken = ~full[offer] | (theirs > worst[offer])
        blocks = (own >= 0) & (preferences.regard[part] >= 0) & rather & taken & (preferences.quota[offer] > 0)
        found += [(int(one), int(other)) for one, other in zip(row[blocks], offer[blocks], strict=True)]
        if len(found) >= most:
            break
    return found[:most]


def _standing(preferences: Preferences, assignment: Ints32) -> tuple[Ints64, Ints64]:
    """Each student's wish for the own place (-1: none or refused) and each offer's least regarded student as a word."""
    wish = np.full(preferences.requests, -1, np.int64)
    worst = np.full(len(preferences.quota), np.iinfo(np.int64).max, np.int64)
    for row, part in _slices(preferences):
        offer = preferences.offer[part]
        own = offer == assignment[row]
        fine = own & (preferences.regard[part] >= 0)
        wish[row[fine]] = preferences.wish[part][fine]
        np.minimum.at(worst, offer[own], _words(preferences.regard[part][own], row[own]))
    return wish, worst


def _words(regard: Ints32, row: Ints64) -> Ints64:
    """Regard and then the lower number, as one comparable number."""
    return regard.astype(np.int64) * (LOW + 1) + (LOW - row)


def _slices(preferences: Preferences) -> Iterator[tuple[Ints64, slice]]:
    """Give the pairs in steps: the request of each pair, and where the pairs lie."""
    for first in range(0, preferences.requests, JUDGED_AT_ONCE):
        last = min(first + JUDGED_AT_ONCE, preferences.requests)
        lengths = np.diff(preferences.indptr[first : last + 1])
        part = slice(int(preferences.indptr[first]), int(preferences.indptr[last]))
        yield np.repeat(np.arange(first, last, dtype=np.int64), lengths), part
