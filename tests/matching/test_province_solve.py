"""The province solver finds the lexicographic optimum: against trying everything, against OR-Tools, on real sizes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.instances import Instance, read_instance
from matching.solvers import part
from matching.solvers.parts import divide
from matching.solvers.province import carried, solve
from tests.matching.province_makers import (
    best_by_trying,
    instance,
    judged,
    made,
    plain_kernels,
    problems,
    random_instance,
    rank,
    spaced_worth,
    worth_by_ortools,
)

COMMITTED = Path(__file__).parents[1] / "data" / "fx_10000_2000_32.npz"


@settings(max_examples=400, deadline=None)
@given(problems())
def test_no_answer_is_better_than_the_one_found(problem: Instance) -> None:
    found = judged(problem, solve(problem))
    assert found.valid
    assert rank(found) == best_by_trying(problem)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_kernels_do_the_same_uncompiled(problem: Instance) -> None:
    compiled = solve(problem, start=solve(problem))
    with plain_kernels():
        plain = solve(problem, start=solve(problem))
        assert judged(problem, plain).valid
    assert np.array_equal(plain.assignment, compiled.assignment)
    assert np.array_equal(plain.price, compiled.price)
    assert np.array_equal(plain.level, compiled.level)


@pytest.mark.parametrize("seed", range(10))
def test_five_thousand_random_problems_are_worth_what_ortools_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(500):
        problem = random_instance(rng, 60, 25)
        found = judged(problem, solve(problem, threads=1))
        assert found.valid
        assert spaced_worth(found) == worth_by_ortools(problem)


@pytest.mark.parametrize("scale", [0, 1, 10_000])
def test_one_giant_component_is_solved_as_well(scale: int) -> None:
    rng = np.random.default_rng(scale)
    n, k = 1_500, 300
    offer = np.sort(np.argsort(rng.random((n, k)), axis=1)[:, :12], axis=1)
    problem = made(
        indptr=np.arange(n + 1) * 12,
        offer=offer.ravel(),
        score=rng.integers(0, scale + 1, n * 12),
        tier=rng.integers(0, 5, n),
        capacity=rng.integers(0, 9, k),
        load_cost=np.where(np.arange(k) % 2, 2_000, 0),
    )
    assert len(divide(problem)) == 1
    found = judged(problem, solve(problem))
    assert found.valid
    assert spaced_worth(found) == worth_by_ortools(problem)


@pytest.mark.parametrize("seed", range(4))
def test_large_scores_take_the_wide_way_and_stay_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(60):
        problem = random_instance(rng, 60, 25, most_score=int(rng.choice([16_384, 1 << 20, 1 << 30])))
        assert judged(problem, solve(problem)).valid
    with plain_kernels():
        problem = random_instance(rng, 20, 9, most_score=1 << 30)
        assert judged(problem, solve(problem)).valid


@pytest.mark.parametrize("limits", [{"NARROW_LIMIT": 40}, {"BIDS_EACH": -1}, {"BIDS_EACH": -20}])
def test_a_price_out_of_range_or_a_price_war_costs_time_only(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(part, name, value)
    if "BIDS_EACH" in limits:
        monkeypatch.setattr(part, "BIDS_FREE", 2)
    rng = np.random.default_rng(7)
    for _ in range(40):
        problem = random_instance(rng, 60, 25)
        answer = solve(problem)
        assert judged(problem, answer).valid
        assert judged(problem, solve(problem, start=answer)).valid


def test_the_committed_instance_is_solved_and_proven() -> None:
    problem = read_instance(COMMITTED)
    one, two = solve(problem, threads=1), solve(problem, threads=2)
    found = judged(problem, one)
    assert found.valid
    assert found.matched_by_tier == tuple(
        int(np.count_nonzero(one.assignment[problem.tier == tier] >= 0)) for tier in range(5)
    )
    assert one.matched == sum(found.matched_by_tier)
    assert np.array_equal(one.assignment, two.assignment)
    assert np.array_equal(one.price, two.price)
    assert one.cpu_seconds >= 0
    assert "wall" in one.seconds


def test_nothing_at_all_is_a_problem_too() -> None:
    cases: list[tuple[list[dict[int, int]], list[int]]] = [([], []), ([], [2]), ([{}], []), ([{}, {}], [3])]
    for rows, capacity in cases:
        problem = instance(rows, [0] * len(rows), capacity)
        assert judged(problem, solve(problem)).valid


def test_urgency_comes_before_any_score() -> None:
    answer = solve(instance([{0: 1}, {0: 10_000}], [0, 1], [1]))
    assert answer.assignment.tolist() == [0, -1]
    assert answer.level.tolist() == [7]


def test_a_place_too_many_is_not_taken_for_a_shortage() -> None:
    problem = instance([{0: 5}, {0: 6}], [0, 0], [1_000_000_000], [7])
    answer = solve(problem)
    assert answer.assignment.tolist() == [0, 0]
    assert answer.level.tolist() == [0]


def test_a_closed_offer_gets_the_price_of_a_first_place() -> None:
    problem = instance([{0: 700, 1: 900}, {1: 400}], [0, 3], [1, 0])
    answer = solve(problem)
    assert answer.level.tolist() == [0, 5]
    assert answer.price.tolist()[1] == 400
    assert judged(problem, answer).valid


@settings(max_examples=150, deadline=None)
@given(problems(), st.data())
def test_another_offer_never_makes_the_answer_worse(problem: Instance, data: st.DataObject) -> None:
    extra = data.draw(
        st.lists(st.none() | st.integers(0, 10_000), min_size=problem.requests, max_size=problem.requests)
    )
    rows = [
        dict(zip(problem.offer[low:high].tolist(), problem.score[low:high].tolist(), strict=True))
        for low, high in zip(problem.indptr[:-1], problem.indptr[1:], strict=True)
    ]
    for row, score in zip(rows, extra, strict=True):
        if score is not None:
            row[problem.offers] = score
    capacity = [*problem.capacity.tolist(), data.draw(st.integers(0, 3))]
    larger = instance(rows, problem.tier.tolist(), capacity, [*problem.load_cost.tolist(), 0])
    assert rank(judged(larger, solve(larger))) >= rank(judged(problem, solve(problem)))


@pytest.mark.parametrize("seed", range(3))
def test_a_warm_start_changes_nothing_but_the_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = read_instance(COMMITTED)
    stay = rng.random(problem.requests) > 0.01
    kept = np.repeat(stay, np.diff(problem.indptr))
    today = made(
        indptr=np.concatenate([[0], np.cumsum(np.diff(problem.indptr)[stay])]),
        offer=problem.offer[kept],
        score=problem.score[kept],
        tier=problem.tier[stay],
        capacity=rng.permutation(problem.capacity) if seed == 2 else problem.capacity,
        load_cost=problem.load_cost,
    )
    yesterday = carried(solve(problem), np.flatnonzero(stay), np.arange(problem.offers))
    found = judged(today, solve(today, start=yesterday))
    assert found.valid
    assert rank(found) == rank(judged(today, solve(today)))


def test_carrying_knows_what_is_new() -> None:
    earlier = solve(instance([{0: 5}, {1: 6}], [0, 0], [1, 1]))
    later = carried(earlier, np.array([1, -1, 0]), np.array([-1, 0]))
    assert later.assignment.tolist() == [-1, -1, 1]
    assert later.price.tolist() == [0, int(earlier.price[0])]
    assert later.level.tolist() == [0, 0]
