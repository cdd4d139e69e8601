"""The judge proves optimal answers, and finds every way in which an answer can be wrong."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.certificate import certify
from matching.instances import Instance
from matching.solvers.province import solve
from tests.matching.province_makers import best_by_trying, instance, judged, plain_kernels, problems, rank

PROBLEM = instance([{0: 700, 1: 900}, {0: 800}, {1: 100}], [0, 1, 1], [1, 1], [50, 0])


def test_figures_of_a_proven_answer() -> None:
    found = judged(PROBLEM, solve(PROBLEM))
    assert found.valid
    assert found.matched_by_tier == (1, 1)
    assert found.net_score == 900 + 800 - 25
    assert (found.dual_gap, found.tier_gap, found.tier_violations, found.faults) == (0, 0, 0, ())


def test_a_worse_answer_is_not_proven() -> None:
    best = solve(PROBLEM)
    found = certify(PROBLEM, [0, -1, 1], best.price, best.level)
    assert not found.valid
    assert found.dual_gap == 1675 - (700 + 100 - 25)


def test_an_unserved_tier_is_a_violation() -> None:
    best = solve(PROBLEM)
    found = certify(PROBLEM, [-1, 0, 1], best.price, best.level)
    assert found.tier_violations >= 1
    assert found.tier_gap > 0


@pytest.mark.parametrize(
    ("assignment", "price", "level", "fault"),
    [
        ([0, 0, -1], [0, 0], [0, 0], "more people than they have places"),
        ([-1, 1, -1], [0, 0], [0, 0], "not among their candidates"),
        ([0, 0], [0, 0], [0, 0], "assignment must have 3 entries"),
        ([0, 0, 2], [0, 0], [0, 0], "assignment must lie between"),
        ([0, -1, -1], [0.5, 0.0], [0, 0], "price must consist of integers"),
        ([0, -1, -1], [1 << 41, 0], [0, 0], "price must lie between"),
        ([0, -1, -1], [0, 0], [9, 0], "level must lie between"),
    ],
)
def test_faults_are_said(assignment: Any, price: Any, level: Any, fault: str) -> None:
    found = certify(PROBLEM, assignment, price, level)
    assert not found.valid
    assert fault in " ".join(found.faults)


@settings(max_examples=150, deadline=None)
@given(problems(4), st.data())
def test_only_the_best_answers_are_proven_and_the_bound_holds(problem: Instance, data: st.DataObject) -> None:
    assume(problem.offers > 0)
    best = solve(problem)
    choice = st.integers(-1, problem.offers - 1)
    assignment = data.draw(st.lists(choice, min_size=problem.requests, max_size=problem.requests))
    found = certify(problem, np.array(assignment, np.int64), best.price, best.level)
    if not found.faults:
        assert found.valid == (rank(found) == best_by_trying(problem))
    price = data.draw(st.lists(st.integers(-9, 9_999), min_size=problem.offers, max_size=problem.offers))
    level = data.draw(st.lists(st.integers(0, 8), min_size=problem.offers, max_size=problem.offers))
    other = certify(problem, best.assignment, price, level)
    assert (other.tier_gap, other.dual_gap) >= (0, 0)


@settings(max_examples=60, deadline=None)
@given(problems(4))
def test_the_judge_says_the_same_uncompiled(problem: Instance) -> None:
    answer = solve(problem)
    compiled = judged(problem, answer)
    with plain_kernels():
        assert judged(problem, answer) == compiled
        worse = certify(problem, np.full(problem.requests, -1), answer.price, answer.level)
    assert worse == certify(problem, np.full(problem.requests, -1), answer.price, answer.level)
