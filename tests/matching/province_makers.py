"""Random province problems, an answer by trying everything, an answer by OR-Tools, and kernels run uncompiled."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numba.core.registry import CPUDispatcher
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.certificate import Certificate, certify
from matching.instances import MOST_TIERS, Instance, Solution

SPACING = 10**7


def made(**arrays: Any) -> Instance:
    """Make an instance from integer arrays of any width."""
    return Instance(**arrays)


def instance(
    rows: list[dict[int, int]], tier: list[int], capacity: list[int], load_cost: list[int] | None = None, **keys: Any
) -> Instance:
    """Make an instance from offer -> score for each request."""
    arcs = [(offer, row[offer]) for row in rows for offer in sorted(row)]
    return Instance(
        indptr=np.cumsum([0, *[len(row) for row in rows]]),
        offer=np.array([offer for offer, _ in arcs], np.int32),
        score=np.array([score for _, score in arcs], np.int32),
        tier=np.array(tier, np.int8),
        capacity=np.array(capacity, np.int32),
        load_cost=np.array(load_cost or [0] * len(capacity), np.int32),
        **keys,
    )


@st.composite
def problems(draw: st.DrawFn, most: int = 5) -> Instance:
    """Draw a problem of at most `most` requests and offers, with many ties, empty rows and closed offers."""
    requests = draw(st.integers(0, most))
    offers = draw(st.integers(0, most))
    score = st.integers(0, draw(st.sampled_from([0, 2, 10_000, 20_000])))
    row = st.dictionaries(st.integers(0, offers - 1), score, max_size=offers) if offers else st.just({})
    return instance(
        draw(st.lists(row, min_size=requests, max_size=requests)),
        draw(st.lists(st.integers(0, 2), min_size=requests, max_size=requests)),
        draw(st.lists(st.integers(0, 3), min_size=offers, max_size=offers)),
        draw(st.lists(st.sampled_from([0, 3, 2_000, 30_000]), min_size=offers, max_size=offers)),
    )


def random_instance(rng: np.random.Generator, requests: int, offers: int, *, most_score: int | None = None) -> Instance:
    """Make a random problem of at most this size; scores from a random scale unless one is given."""
    n = int(rng.integers(1, requests + 1))
    k = int(rng.integers(1, offers + 1))
    degree = rng.integers(0, min(k, int(rng.integers(1, 13))) + 1, n)
    scale = most_score if most_score is not None else int(rng.choice([0, 1, 3, 50, 10_000]))
    rows = [np.sort(rng.choice(k, count, replace=False)) for count in degree]
    offer = np.concatenate([*rows, np.zeros(0, np.int64)]).astype(np.int32)
    return made(
        indptr=np.concatenate([[0], np.cumsum(degree)]),
        offer=offer,
        score=rng.integers(0, scale + 1, len(offer)),
        tier=rng.integers(0, int(rng.integers(1, MOST_TIERS + 1)), n),
        capacity=rng.integers(0, int(rng.choice([2, 4, 9])), k),
        load_cost=rng.integers(0, 2, k) * int(rng.choice([0, 10, 2_000, 9_000])),
    )


def judged(problem: Instance, answer: Solution) -> Certificate:
    """Give the certificate of an answer."""
    return certify(problem, answer.assignment, answer.price, answer.level)


def rank(found: Certificate) -> tuple[tuple[int, ...], int]:
    """Give what is maximised, in the order in which it counts."""
    counts = found.matched_by_tier
    return counts + (0,) * (MOST_TIERS - len(counts)), found.net_score


def load_costs(capacity: int, load_cost: int, people: int) -> int:
    """Cost of the first `people` places."""
    return sum(load_cost * (2 * place - 1) // (2 * capacity) for place in range(1, people + 1))


def best_by_trying(problem: Instance) -> tuple[tuple[int, ...], int]:
    """Rank of the best answer among all of them."""
    rows = [
        [(-1, 0), *zip(problem.offer[low:high].tolist(), problem.score[low:high].tolist(), strict=True)]
        for low, high in itertools.pairwise(problem.indptr.tolist())
    ]
    best: tuple[tuple[int, ...], int] | None = None
    for choice in itertools.product(*rows):
        load = [0] * problem.offers
        counts = [0] * MOST_TIERS
        for (offer, _), tier in zip(choice, problem.tier.tolist(), strict=True):
            if offer >= 0:
                load[offer] += 1
                counts[tier] += 1
        if all(people <= places for people, places in zip(load, problem.capacity.tolist(), strict=True)):
            paid = sum(
                load_costs(int(problem.capacity[j]), int(problem.load_cost[j]), people) for j, people in enumerate(load)
            )
            found = (tuple(counts), sum(score for _, score in choice) - paid)
            best = found if best is None else max(best, found)
    assert best is not None
    return best


def worth_by_ortools(problem: Instance) -> int:
    """Worth of the best answer, tiers spaced by SPACING, by the minimum cost flow of OR-Tools."""
    n, k, m = problem.requests, problem.offers, problem.arcs
    row = np.repeat(np.arange(n), np.diff(problem.indptr))
    bonus = (MOST_TIERS - problem.tier.astype(np.int64)) * SPACING
    slot = np.repeat(np.arange(k), problem.capacity)
    place = np.arange(len(slot)) - np.repeat(np.cumsum(problem.capacity) - problem.capacity, problem.capacity) + 1
    paid = problem.load_cost[slot].astype(np.int64) * (2 * place - 1) // (2 * np.maximum(problem.capacity[slot], 1))
    sink = n + k
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([row, np.arange(n), n + slot]).astype(np.int32),
        np.concatenate([n + problem.offer, np.full(n + len(slot), sink)]).astype(np.int32),
        np.ones(m + n + len(slot), np.int64),
        np.concatenate([-(bonus[row] + problem.score), np.zeros(n, np.int64), paid]),
    )
    flow.set_nodes_supplies(np.arange(n, dtype=np.int32), np.ones(n, np.int64))
    flow.set_nodes_supplies(np.array([sink], np.int32), np.array([-n], np.int64))
    assert flow.solve() == flow.OPTIMAL
    return -int(flow.optimal_cost())


def spaced_worth(found: Certificate) -> int:
    """Worth of an answer, tiers spaced as for OR-Tools."""
    tiers = sum((MOST_TIERS - tier) * SPACING * count for tier, count in enumerate(found.matched_by_tier))
    return tiers + found.net_score


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Run every kernel as the Python function it was written as, so that its lines can be watched."""
    compiled = [
        (module, name, value)
        for key, module in list(sys.modules.items())
        if key.startswith("matching.")
        for name, value in list(vars(module).items())
        if isinstance(value, CPUDispatcher)
    ]
    for module, name, value in compiled:
        setattr(module, name, value.py_func)
    try:
        yield
    finally:
        for module, name, value in compiled:
            setattr(module, name, value)
