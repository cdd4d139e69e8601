"""The best K eligible pairs of every request of a desk, by points plus an amount for each offer, in threads."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from matching.candidates.lists import arrange, rest, split
from matching.candidates.losses import gain
from matching.candidates.shelves import Shelf, ceilings, profiles
from matching.candidates.walk import Best, finish, walk
from matching.pool.columns import I32, I64

AT_ONCE = 8_192
"""Requests of one profile that one thread takes at a time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What a search of n requests found, at most K pairs each.

    `count` int32[n]; the pairs of request i are at i*K to i*K + count[i]: `offer` int32[n*K] are numbers of the
    pool, ascending, `points` int64[n*K] the exact points. `top` int64[n]: the greatest value (points plus amount) of
    each request, its floor less 1 when nothing was found. `seen`: offers looked at, over all requests.
    """

    count: I32
    offer: I32
    points: I64
    top: I64
    seen: int


def search(shelf: Shelf, keep: int, *, amount: I64, floor: I64, threads: int, blur: int = 0) -> Found:
    """Find the `keep` eligible offers of greatest value of every request of the desk.

    The value of a pair is its exact points plus `amount` int64[k] of the offer (at its position at the desk); only
    values of at least `floor` int64[n] count. Equal values go to the lower position. Exact: the same sets as a look
    at every pair. With a `blur` those are kept whose value less `walk.noise` (0 to `blur` points) is greatest, and the
    greatest value itself in any case: where many requests want the same few offers they look at different ones. The
    result depends neither on `threads` nor on the order of the profiles.
    """
    desk = shelf.desk
    count = len(desk.requests.number)
    best = Best(
        held=np.zeros(count, np.int32),
        value=np.zeros(count * keep, np.int64),
        offer=np.zeros(count * keep, np.int32),
        top=floor - 1,
        leader=np.full(count, -1, np.int32),
        low=floor.copy(),
        seen=np.zeros(count, np.int64),
    )

    def serve(rows: I64) -> None:
        ceiling, where = ceilings(shelf, int(rows[0]))
        bound = ceiling + amount
        head, cut = split(bound, where)
        slack = gain(desk.family, shelf.facts.request, rows[0], desk.ground.weight)
        lists = arrange(shelf, bound, head, int(floor[rows].min()) - slack)
        walk(shelf.facts, lists, shelf.asked, shelf.common, floor, blur, rows, best)
        unfinished = rows[best.low[rows] < cut + slack]
        if len(unfinished):
            walk(shelf.facts, rest(shelf, bound, where, cut), shelf.asked, shelf.common, floor, blur, unfinished, best)

    if threads <= 1:
        for rows in groups(shelf):
            serve(rows)
    else:
        with ThreadPoolExecutor(threads) as pool:
            deque(pool.map(serve, groups(shelf)), maxlen=0)
    finish(best, desk.offers.number, amount, blur)
    return Found(count=best.held, offer=best.offer, points=best.value, top=best.top, seen=int(best.seen.sum()))


def groups(shelf: Shelf) -> Iterator[I64]:
    """Split the requests that may be served by profile, those of the same place together, into pieces."""
    alive = np.flatnonzero(shelf.asked[:, 0] != 0)
    key = profiles(shelf.desk)[alive]
    inside = np.lexsort((shelf.desk.requests.place[alive], key))
    rows, sorted_key = alive[inside], key[inside]
    cuts = np.flatnonzero(np.diff(sorted_key, prepend=sorted_key[:1] - 1, append=sorted_key[-1:] + 1))
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        for first in range(begin, end, AT_ONCE):
            yield rows[first : min(end, first + AT_ONCE)]
