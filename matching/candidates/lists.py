"""The offers of one profile in lists ordered by upper bound: one list of the province, one of each place.

The order is by bucket (a counting sort), not by the last point: the walk reads the bucket's upper edge, so its
stopping is exact. Everything the first pass of the walk reads is laid side by side in list order.
"""

from typing import NamedTuple

import numpy as np

from matching.candidates.shelves import ANYWHERE, NOWHERE, Shelf
from matching.model import MICRO
from matching.pool.columns import I8, I32, I64, U64, Whole
from matching.solvers.jit import kernel

BUCKETS = 4_096
HEAD = 4_096
"""Offers of a long list that are ordered; few requests ever come to the end of them."""
EVERYTHING = -(1 << 60)
"""A bound that every offer reaches and that reaches nothing."""


class Lists(NamedTuple):
    """m listed offers. `ptr` int64[P+2]: list 0 is that of the province, list 1+p that of place p.

    `offer` int32[m], `bound` int64[m] in exact points less the offer's price, `given` uint64[m, 4] as in `Shelf`. A
    bound lies at most `step` - 1 above any bound that stands before it in its list.
    """

    ptr: I64
    offer: I32
    bound: I64
    given: U64
    step: int


@kernel
def tally(bound: I64, where: I8, place: I32, least: I64, limit: Whole, ptr: I64) -> Whole:
    """Count the offers of every list, and give the greatest bound that is listed.

    Offers whose bound cannot reach `limit` even at the nearest place (`least` points more) are left out.
    """
    ptr[:] = 0
    top = limit
    for j in range(len(bound)):
        if where[j] != NOWHERE and bound[j] + least[where[j]] >= limit:
            ptr[1 + (0 if where[j] == ANYWHERE else 1 + place[j])] += 1
            top = max(top, bound[j])
    for at in range(1, len(ptr)):
        ptr[at] += ptr[at - 1]
    return top


@kernel
def order(  # noqa: PLR0913, PLR0917 - the arrays a kernel reads are its arguments
    bound: I64,
    where: I8,
    place: I32,
    least: I64,
    limit: Whole,
    top: Whole,
    step: Whole,
    ptr: I64,
    first: I32,
    offer: I32,
) -> None:
    """Write the listed offers, list by list, highest bucket first, lowest position first inside a bucket."""
    buckets = np.zeros(BUCKETS + 2, np.int64)
    for j in range(len(bound)):
        if where[j] != NOWHERE and bound[j] + least[where[j]] >= limit:
            buckets[(top - bound[j]) // step + 1] += 1
    for at in range(1, len(buckets)):
        buckets[at] += buckets[at - 1]
    for j in range(len(bound)):
        if where[j] != NOWHERE and bound[j] + least[where[j]] >= limit:
            bucket = (top - bound[j]) // step
            first[buckets[bucket]] = j
            buckets[bucket] += 1
    cursor = ptr.copy()
    for at in range(len(first)):
        j = first[at]
        which = 0 if where[j] == ANYWHERE else 1 + place[j]
        offer[cursor[which]] = j
        cursor[which] += 1


def split(bound: I64, where: I8) -> tuple[I8, int]:
    """Take all but about `HEAD` of the best offers off the list of the province.

    Gives where the offers stand then, and the least bound that is still listed: who can use no less needs no more. A
    short list stays whole, with a bound that everything reaches.
    """
    province = bound[where == ANYWHERE]
    if len(province) <= 2 * HEAD:
        return where, EVERYTHING
    cut = int(np.partition(province, len(province) - HEAD)[len(province) - HEAD])
    return np.where((where == ANYWHERE) & (bound < cut), np.int8(NOWHERE), where), cut


def rest(shelf: Shelf, bound: I64, where: I8, cut: int) -> Lists:
    """Give what `split` has taken off the list of the province, in no order."""
    count = len(bound)
    ptr = np.full(len(shelf.desk.ground.near) + 2, count, np.int64)
    ptr[0] = 0
    return Lists(
        ptr=ptr,
        offer=np.arange(count, dtype=np.int32),
        bound=np.where((where == ANYWHERE) & (bound < cut), bound, EVERYTHING),
        given=shelf.given,
        step=-2 * EVERYTHING,
    )


def arrange(shelf: Shelf, bound: I64, where: I8, limit: int) -> Lists:
    """Order the offers of a profile; `limit` is the lowest value that any of its requests could use."""
    offers, ground = shelf.desk.offers, shelf.desk.ground
    ptr = np.zeros(len(ground.near) + 2, np.int64)
    least = np.array([0, int(ground.weight[2]) * MICRO], np.int64)
    top = tally(bound, where, offers.place, least, limit, ptr)
    lowest = min(limit - int(least[1]), top)
    step = (top - lowest) // BUCKETS + 1
    listed = np.empty(int(ptr[-1]), np.int32)
    order(bound, where, offers.place, least, limit, top, step, ptr, np.empty_like(listed), listed)
    return Lists(
        ptr=ptr,
        offer=listed,
        bound=bound[listed],
        given=shelf.given[listed],
        step=step,
    )
