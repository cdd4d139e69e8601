"""All eligible pairs of a kind: the best ones of every need, and those that an answer lacks, found by their prices.

With many needs the lists of a run are cut. Column generation makes the answer the best over all eligible pairs all the
same: the pairs that would be worth more to a need than what it has become candidates, until none is left or what is
missing is provably next to nothing (docs/matching.md). This module loads the numeric library; `service_arrays` uses it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from app.matches.service_build import POLICY
from app.matches.service_snapshot import Snapshot
from matching.candidates.best import candidates
from matching.candidates.pricing import Pricer
from matching.generation import Grown, PricePairs, Violated, grow, merge_rows
from matching.instances import Instance, Ints32, Ints64
from matching.pool.build import build
from matching.pool.desk import Pool

Row = tuple[Ints32, Ints32]
"""Candidates of one need: positions of the offers, ascending, and their scores."""
ENOUGH = 1e-5
"""What an answer may provably lack, as a part of its net score, before more pairs are looked for."""
MOST_ROUNDS = 16
BEYOND = 1 << 43
"""A price, or what a need has already, that no pair can outbid; the pricing takes values up to 2**44."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lacking:
    """Pairs of n needs that an answer lacks, by position, as `matching.generation` asks for them.

    `indptr` int64[n+1], `offer` and `score` int32[v], `worst` int64[n]: see `matching.generation.Violated`.
    """

    indptr: Ints64
    offer: Ints32
    score: Ints32
    worst: Ints64


class Columns:
    """The eligible pairs of a snapshot, but for those that a ruling forbids.

    Needs are numbered as in the snapshot, offers by ascending id. Those who may look further afield are in a pool of
    their own; both pools hold every offer, under the same number.
    """

    def __init__(self, snapshot: Snapshot, *, threads: int) -> None:
        """Build the pools."""
        self._threads = threads
        self._needs = len(snapshot.requests)
        self._pools: list[tuple[Pool, Ints64]] = []
        forbidden: dict[str, set[str]] = defaultdict(set)
        for ruling in snapshot.rulings:
            if not ruling.chooses:
                forbidden[str(ruling.need_id)].add(str(ruling.offer_id))
        position = {str(need_id): at for at, need_id in enumerate(snapshot.requests)}
        for widen in (False, True):
            asked = [
                msgspec.structs.replace(
                    request, excluded_offer_ids=request.excluded_offer_ids | forbidden.get(request.need_id, set())
                )
                for need_id, request in snapshot.requests.items()
                if (snapshot.needs[need_id].escalation > 0) is widen
            ]
            if not asked:
                continue
            pool = build(
                asked, snapshot.offers.values(), today=snapshot.today, now=snapshot.now, widen=int(widen), policy=POLICY
            )
            self._pools.append((pool, np.array([position[one] for one in pool.request_ids], np.int64)))

    def best(self, keep: int) -> list[Row]:
        """Find the best `keep` offers of each need."""
        rows: list[Row] = [(np.empty(0, np.int32), np.empty(0, np.int32))] * self._needs
        for pool, positions in self._pools:
            lists = candidates(pool, keep, threads=self._threads)
            for number, need in enumerate(positions.tolist()):
                cut = slice(int(lists.indptr[number]), int(lists.indptr[number + 1]))
                rows[need] = (lists.offer[cut], lists.score[cut])
        return rows

    def grown(self, instance: Instance, pinned: Collection[int]) -> Grown:
        """Solve an instance, adding candidates until it is as good as one of all eligible pairs."""
        return grow(
            instance, self._pricing(instance, pinned), gap=ENOUGH, most_rounds=MOST_ROUNDS, threads=self._threads
        )

    def _pricing(self, instance: Instance, pinned: Collection[int]) -> PricePairs:
        """Give what finds the lacking pairs: none for a pinned need, none to an offer without places."""
        pricers = [(Pricer(pool), positions) for pool, positions in self._pools]
        settled = np.array(sorted(pinned), np.int64)
        closed = instance.capacity == 0

        def price_pairs(utility: Ints64, price: Ints64) -> Lacking:
            has = utility.copy()
            has[settled] = BEYOND
            costs = np.where(closed, BEYOND, price)
            found = [(pricer.price(has[at], costs, threads=self._threads), at) for pricer, at in pricers]
            return _together(self._needs, found)

        return price_pairs


def _together(needs: int, found: Sequence[tuple[Violated, Ints64]]) -> Lacking:
    """Put what each pool found into rows of all needs; `found` comes with the positions of the pool's needs."""
    worst, lengths = np.zeros(needs, np.int64), np.zeros(needs, np.int64)
    for own, positions in found:
        worst[positions] = own.worst
        lengths[positions] = np.diff(own.indptr)
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    offer, score = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int32)
    for own, positions in found:
        moved = np.repeat(indptr[positions] - own.indptr[:-1], np.diff(own.indptr))
        there = moved + np.arange(len(own.offer))
        offer[there], score[there] = own.offer, own.score
    return Lacking(indptr=indptr, offer=offer, score=score, worst=worst)


def with_rows(indptr: Ints64, offer: Ints32, score: Ints32, more: Instance) -> tuple[Ints64, Ints32, Ints32]:
    """Merge the rows of an instance into those of the same needs; returns bounds, offers and scores."""
    most = len(offer) + more.arcs
    bounds, offers, scores = np.zeros_like(indptr), np.empty(most, np.int32), np.empty(most, np.int32)
    merge_rows(indptr, offer, score, more.indptr, more.offer, more.score, bounds, offers, scores)
    return bounds, offers[: bounds[-1]], scores[: bounds[-1]]
