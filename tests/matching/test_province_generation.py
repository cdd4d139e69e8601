"""Column generation reaches the optimum over all eligible pairs and never claims more than it proves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from matching.generation import PricePairs, grow, with_pairs
from matching.instances import Instance
from matching.solvers.province import solve
from tests.matching.province_makers import judged, made, plain_kernels, rank


@dataclass
class World:
    """All eligible pairs of a small province, as matrices."""

    eligible: npt.NDArray[np.bool_]
    score: npt.NDArray[np.int64]
    tier: npt.NDArray[np.int64]
    capacity: npt.NDArray[np.int64]

    def instance(self, mask: npt.NDArray[np.bool_]) -> Instance:
        row, column = np.nonzero(mask)
        return made(
            indptr=np.concatenate([[0], np.cumsum(mask.sum(axis=1))]),
            offer=column,
            score=self.score[row, column],
            tier=self.tier,
            capacity=self.capacity,
            load_cost=np.where(np.arange(len(self.capacity)) % 2, 2_000, 0),
        )

    def pricing(self, most: int) -> PricePairs:
        """Price all pairs one by one."""

        def price_pairs(utility: npt.NDArray[np.int64], price: npt.NDArray[np.int64]) -> "Found":
            gain = np.where(self.eligible, self.score - price - utility[:, None], 0)
            gain = np.maximum(gain, 0)
            mask = np.zeros_like(self.eligible)
            for row, chosen in enumerate(np.argsort(-gain, axis=1, kind="stable")[:, :most]):
                mask[row, chosen] = gain[row, chosen] > 0
            one = self.instance(mask)
            return Found(one.indptr, one.offer, one.score, gain.max(axis=1, initial=0))

        return price_pairs


@dataclass
class Found:
    """Violated pairs."""

    indptr: npt.NDArray[np.int64]
    offer: npt.NDArray[np.int32]
    score: npt.NDArray[np.int32]
    worst: npt.NDArray[np.int64]


def world(rng: np.random.Generator) -> World:
    n, k = int(rng.integers(1, 50)), int(rng.integers(1, 16))
    return World(
        rng.random((n, k)) < 0.5,
        rng.integers(0, int(rng.choice([2, 10_001])), (n, k)),
        rng.integers(0, 5, n),
        rng.integers(0, 4, k),
    )


@pytest.mark.parametrize("seed", range(40))
def test_few_candidates_grow_to_the_optimum_over_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    all_pairs = world(rng)
    full = all_pairs.instance(all_pairs.eligible)
    best = rank(judged(full, solve(full)))
    few = all_pairs.instance(all_pairs.eligible & (rng.random(all_pairs.eligible.shape) < 0.3))
    grown = grow(few, all_pairs.pricing(2), gap=0.0, most_rounds=50)
    assert rank(judged(grown.instance, grown.solution)) == best
    assert grown.relative_gap == 0
    for figures in grown.rounds:
        counts = figures.matched_by_tier + (0,) * (8 - len(figures.matched_by_tier))
        assert figures.tier_bound or best[0] == counts
        assert figures.tier_bound or best[1] <= figures.net_score + figures.score_bound


def test_it_stops_after_the_rounds_allowed_and_says_what_is_not_proven() -> None:
    rng = np.random.default_rng(2)
    all_pairs = World(np.ones((9, 3), bool), rng.integers(0, 99, (9, 3)), np.arange(9) % 5, np.array([1, 2, 1]))
    nothing = all_pairs.instance(np.zeros((9, 3), bool))
    grown = grow(nothing, all_pairs.pricing(1), most_rounds=1)
    assert grown.relative_gap == float("inf")
    assert grown.rounds[0].violated == 9
    assert grow(nothing, all_pairs.pricing(3)).relative_gap == 0


def test_it_stops_when_pricing_brings_nothing_new() -> None:
    one = World(np.ones((1, 1), bool), np.array([[5]]), np.array([0]), np.array([1]))
    problem = one.instance(np.ones((1, 1), bool))
    found = Found(problem.indptr, problem.offer, problem.score, np.array([7]))
    grown = grow(problem, lambda _utility, _price: found)
    assert [figures.score_bound for figures in grown.rounds] == [7]


def test_rows_are_merged_in_order_and_uncompiled_too() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        all_pairs = world(rng)
        left = all_pairs.instance(all_pairs.eligible & (rng.random(all_pairs.eligible.shape) < 0.5))
        right = all_pairs.instance(all_pairs.eligible & (rng.random(all_pairs.eligible.shape) < 0.5))
        found = Found(right.indptr, right.offer, right.score, np.zeros(right.requests, np.int64))
        merged = with_pairs(left, found)
        with plain_kernels():
            again = with_pairs(left, found)
            grow(left, all_pairs.pricing(2), most_rounds=2)
        assert np.array_equal(merged.offer, again.offer)
        row = [np.repeat(np.arange(one.requests), np.diff(one.indptr)) for one in (left, right, merged)]
        pairs = [set(zip(at, one.offer, strict=True)) for at, one in zip(row, (left, right, merged), strict=True)]
        assert pairs[2] == pairs[0] | pairs[1]
