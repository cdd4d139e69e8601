"""Pricing for column generation: the most violated pairs among ALL eligible ones, with the bound they prove.

With u the worth that a request gets today and p the price of a place, a pair is violated when its score - p > u: the
answer could gain by it. When no pair is violated the answer is optimal over all eligible pairs. Until then the sum,
over the requests, of the greatest violation bounds what is missing: raising each u by its violation makes the prices
feasible for the whole problem, and a feasible price system is worth at least the optimum (weak duality).
"""

from dataclasses import dataclass

import numpy as np

from matching.candidates.best import Piece, assemble, compact
from matching.candidates.search import search
from matching.candidates.shelves import Shelf, shelve
from matching.instances import Instance
from matching.pool.columns import I32, I64
from matching.pool.desk import Pool
from matching.pool.parts import SCORE_STEP
from matching.pool.refused import PoolRefused

MOST_PRICED = 64
FIRST_BLUR = 6_000
"""Blur of the first pricing in score units; each later one has an eighth of the one before."""
START_BLUR = 30_000
"""Blur of the candidates to start from: three whole scores, so that everybody begins with offers of their own."""
ANYTHING = -(1 << 20)
"""A utility that every eligible pair exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priced:
    """Violated pairs of n requests, the most violated of each.

    `indptr` int64[n+1], `offer` int32[m] ascending within a request, `score` int32[m] as in `Instance`.
    `worst` int64[n]: greatest violation of each request, 0 when it has none, in score units.
    """

    indptr: I64
    offer: I32
    score: I32
    worst: I64
    seen: int

    @property
    def bound(self) -> int:
        """Sum of the greatest violations: the optimum over all eligible pairs is at most this much better."""
        return int(self.worst.sum())

    @property
    def violated(self) -> int:
        """Number of requests with a violated pair."""
        return int(np.count_nonzero(self.worst))


class Pricer:
    """Prices all eligible pairs of a pool; what does not depend on the prices is prepared once."""

    def __init__(self, pool: Pool) -> None:
        """Prepare the desks."""
        self.pool = pool
        self._calls = 0
        self._shelves: tuple[Shelf, ...] = tuple(shelve(desk) for desk in pool.desks)

    def start(self, keep: int = 32, *, threads: int = 2) -> Instance:
        """Give `keep` eligible offers of every request, spread over all of them: what column generation begins with.

        The best offers alone are the same few for everybody, and most requests would go without at first.
        """
        requests, offers = self.pool.requests, len(self.pool.places_free)
        nothing = np.full(requests, ANYTHING, np.int64)
        found = self.price(nothing, np.zeros(offers, np.int64), most=keep, threads=threads, blur=START_BLUR)
        self._calls = 0
        return Instance(
            indptr=found.indptr,
            offer=found.offer,
            score=found.score,
            tier=self.pool.tier,
            capacity=self.pool.places_free,
            load_cost=self.pool.lam,
        )

    def price(self, utility: I64, price: I64, *, most: int = 16, threads: int = 2, blur: int | None = None) -> Priced:
        """Give `most` violated pairs of every request: those of greatest score - price - utility > 0.

        The most violated pair of each request is always among them, and `worst` is exact. The other ones are chosen
        with a blur of so many score units (0: exactly the most violated). Without a given blur it begins at
        `FIRST_BLUR` and falls with every call: as long as prices are far off, everybody would pick the same offers.

        `utility` int64[requests] and `price` int64[offers] are in score units, of any sign; urgency and shortage
        levels are folded into both by the caller. Raises PoolRefused for wrong lengths, values beyond 2**44 and a
        `most` outside 1 to 64. Exact over all eligible pairs; equal violations as in `candidates`.
        """
        self._check(utility, price, most)
        worst = np.zeros(self.pool.requests, np.int64)
        pieces: list[Piece] = []
        seen = 0
        if blur is None:
            blur = FIRST_BLUR >> min(3 * self._calls, FIRST_BLUR.bit_length())
        self._calls += 1
        for shelf in self._shelves:
            requests, offers = shelf.desk.requests.number, shelf.desk.offers.number
            amount = -SCORE_STEP * price[offers]
            floor = SCORE_STEP * (utility[requests] + 1) - SCORE_STEP // 2
            found = search(shelf, most, amount=amount, floor=floor, threads=threads, blur=SCORE_STEP * blur)
            gain = (found.top + SCORE_STEP // 2) // SCORE_STEP - utility[requests]
            worst[requests] = np.where(found.count > 0, gain, 0)
            pieces.append(compact(found, most))
            seen += found.seen
        indptr, offer, score = assemble(self.pool, pieces)
        return Priced(indptr=indptr, offer=offer, score=score, worst=worst, seen=seen)

    def _check(self, utility: I64, price: I64, most: int) -> None:
        if not 1 <= most <= MOST_PRICED:
            raise PoolRefused("most", f"1 to {MOST_PRICED} expected, not {most}")
        for name, values, length in (
            ("utility", utility, self.pool.requests),
            ("price", price, self.pool.offers),
        ):
            if values.shape != (length,) or values.dtype != np.int64:
                raise PoolRefused(name, f"int64[{length}] expected")
            if values.size and int(np.abs(values).max()) > 1 << 44:
                raise PoolRefused(name, "values beyond 2**44 would overflow")
