"""Column generation: the best answer over all eligible pairs, found from few candidates, with a proven bound.

An answer over the candidates comes with prices. At those prices a pair outside the candidates can only matter when it
would be worth more to its request than what the request has: a violated pair. The caller's `price_pairs` looks at all
eligible pairs and reports the most violated ones of each request; they become candidates and the problem is solved
again. No violated pair left means that the answer is optimal over all pairs.

The bound is weak duality, as in `matching.certificate`: whatever pairs exist, no answer is worth more than this one
plus, for each request, the violation of its worst violated pair. Tiers come first here too: level and price of an
offer, and tier part and score part of what a request has, are folded into one number each with a step of `FOLD`,
which is larger than any score part, and unfolded again for the bound.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matching.certificate import certify
from matching.instances import MOST_TIERS, Instance, Ints32, Ints64, Solution
from matching.solvers.jit import kernel
from matching.solvers.province import solve

FOLD = 1 << 36
"""Worth of serving one more request, in the folded numbers; score parts are smaller than half of it."""


class Violated(Protocol):
    """Violated pairs, the most violated of each request.

    `indptr` int64[n+1], `offer` int32[v] ascending within a request, `score` int32[v], as in `Instance`.
    `worst` int64[n]: greatest score - price - utility over ALL eligible pairs of the request, 0 when none is positive.
    """

    @property
    def indptr(self) -> Ints64:
        """Bounds of the rows."""
        ...

    @property
    def offer(self) -> Ints32:
        """Offer of each pair."""
        ...

    @property
    def score(self) -> Ints32:
        """Score of each pair."""
        ...

    @property
    def worst(self) -> Ints64:
        """Greatest violation of each request."""
        ...


PricePairs = Callable[[Ints64, Ints64], Violated]
"""Takes `utility` int64[n] and `price` int64[k], folded: a pair is violated when score - price > utility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Figures of one round: what was solved, what was found, and what is proven about all eligible pairs.

    `tier_bound`: the tier part (8 - tier, summed over the served) that could at most be missing. `score_bound`: the net
    score that could at most be missing while `tier_bound` is 0. `violated`: requests with a violated pair.
    `solve_seconds`: CPU seconds of the solver.
    """

    arcs: int
    matched_by_tier: tuple[int, ...]
    net_score: int
    tier_bound: int
    score_bound: int
    violated: int
    solve_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """The grown instance, its optimal answer, and the figures of every round, the last one being what is proven."""

    instance: Instance
    solution: Solution
    rounds: tuple[Round, ...]

    @property
    def relative_gap(self) -> float:
        """Proven distance in net score from the optimum over all pairs; infinite while the tiers are not proven."""
        last = self.rounds[-1]
        if last.tier_bound:
            return float("inf")
        return last.score_bound / max(abs(last.net_score), 1)


def grow(
    instance: Instance,
    price_pairs: PricePairs,
    *,
    gap: float = 1e-5,
    most_rounds: int = 8,
    threads: int = 2,
    start: Solution | None = None,
) -> Grown:
    """Solve, price all pairs, add the violated ones, until the proven relative gap is at most `gap`.

    `price_pairs(utility, price)` gives the violated pairs among all eligible ones, see `Violated`. At most
    `most_rounds` pricings; the last one serves the bound only, so that figures and answer belong together. `start` is
    an answer to begin from. Later rounds begin anew: so many prices move that beginning from the last answer is slower.
    """
    rounds: list[Round] = []
    while True:
        solution = solve(instance, threads=threads, start=start)
        found = price_pairs(*folded(instance, solution))
        rounds.append(_round(instance, solution, found.worst))
        grown = Grown(instance, solution, tuple(rounds))
        if grown.relative_gap <= gap or len(rounds) >= most_rounds:
            return grown
        larger = with_pairs(instance, found)
        if larger.arcs == instance.arcs:
            return grown
        instance, start = larger, None


def folded(instance: Instance, solution: Solution) -> tuple[Ints64, Ints64]:
    """Give what each request has, int64[n], and what each offer costs, int64[k], in folded numbers.

    The worth of serving a request is taken off its utility, so that a pair's score alone is compared.
    """
    price = solution.price + FOLD * solution.level.astype(np.int64)
    weight = FOLD * (MOST_TIERS - instance.tier.astype(np.int64))
    utility = -weight
    best_candidates(instance.indptr, instance.offer, instance.score, price, utility)
    return utility, price


def with_pairs(instance: Instance, found: Violated) -> Instance:
    """Add these pairs as candidates; those that are candidates already stay as they are."""
    most = instance.arcs + len(found.offer)
    indptr = np.zeros(instance.requests + 1, np.int64)
    offer = np.empty(most, np.int32)
    score = np.empty(most, np.int32)
    merge_rows(
        instance.indptr, instance.offer, instance.score, found.indptr, found.offer, found.score, indptr, offer, score
    )
    return Instance(
        indptr=indptr,
        offer=offer[: indptr[-1]],
        score=score[: indptr[-1]],
        tier=instance.tier,
        capacity=instance.capacity,
        load_cost=instance.load_cost,
        request_key=instance.request_key,
        offer_key=instance.offer_key,
    )


def _round(instance: Instance, solution: Solution, worst: Ints64) -> Round:
    """Unfold the greatest violation of each request and add them up."""
    tier_part = (worst + FOLD // 2) // FOLD
    certificate = certify(instance, solution.assignment, solution.price, solution.level)
    return Round(
        arcs=instance.arcs,
        matched_by_tier=certificate.matched_by_tier,
        net_score=certificate.net_score,
        tier_bound=int(tier_part.sum()) + certificate.tier_gap,
        score_bound=int((worst - FOLD * tier_part).sum()) + certificate.dual_gap,
        violated=int(np.count_nonzero(worst)),
        solve_seconds=solution.cpu_seconds,
    )


@kernel
def best_candidates(indptr: Ints64, offer: Ints32, score: Ints32, price: Ints64, utility: Ints64) -> None:
    """Raise each utility to the best score less price among the request's candidates."""
    for i in range(utility.shape[0]):
        for e in range(indptr[i], indptr[i + 1]):
            utility[i] = max(utility[i], score[e] - price[offer[e]])


@kernel
def merge_rows(  # noqa: PLR0913, PLR0917 - three problems in rows of three arrays
    indptr: Ints64, offer: Ints32, score: Ints32, more_indptr: Ints64, more_offer: Ints32, more_score: Ints32,
    new_indptr: Ints64, new_offer: Ints32, new_score: Ints32,
) -> None:  # fmt: skip
    """Merge two sets of ascending rows; of a pair in both the first one's score counts."""
    at = 0
    for i in range(new_indptr.shape[0] - 1):
        e = indptr[i]
        f = more_indptr[i]
        while e < indptr[i + 1] or f < more_indptr[i + 1]:
            if f == more_indptr[i + 1] or (e < indptr[i + 1] and offer[e] <= more_offer[f]):
                f += np.int64(f < more_indptr[i + 1] and offer[e] == more_offer[f])
                new_offer[at] = offer[e]
                new_score[at] = score[e]
                e += 1
            else:
                new_offer[at] = more_offer[f]
                new_score[at] = more_score[f]
                f += 1
            at += 1
        new_indptr[i + 1] = at
