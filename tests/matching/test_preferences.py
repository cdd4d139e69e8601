"""Deferred acceptance: stable, the best stable answer for every student, and judged by other code."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import preferences as module
from matching.instances import InstanceRefused
from matching.preferences import Preferences, blocking_pairs, defer, faults
from tests.matching.live_makers import use_plain_kernels


def drawn(draw: random.Random, most: int = 5, top: int = 3) -> Preferences:
    requests, offers = draw.randint(0, most), draw.randint(1, most)
    rows = [[one for one in range(offers) if draw.random() < 0.7] for _ in range(requests)]
    count = sum(len(row) for row in rows)
    return Preferences(
        indptr=np.cumsum([0] + [len(row) for row in rows]),
        offer=np.array([one for row in rows for one in row], np.int32),
        wish=np.array([draw.randint(-1, top) for _ in range(count)], np.int32),
        regard=np.array([draw.randint(-1, top) for _ in range(count)], np.int32),
        quota=np.array([draw.randint(0, 2) for _ in range(offers)], np.int32),
    )


def stable_answers(problem: Preferences) -> list[np.ndarray]:
    """Every answer without a fault, found by trying all."""
    choices = [
        [-1, *problem.offer[problem.indptr[one] : problem.indptr[one + 1]].tolist()] for one in range(problem.requests)
    ]
    answers = [np.array(answer, np.int32) for answer in itertools.product(*choices)]
    return [answer for answer in answers if not faults(problem, answer)]


def rank(problem: Preferences, request: int, offer: int) -> tuple[int, int]:
    """How good an offer is for a request; larger is better."""
    for arc in range(problem.indptr[request], problem.indptr[request + 1]):
        if problem.offer[arc] == offer:
            return int(problem.wish[arc]), -offer
    return -1, 0


@settings(max_examples=120, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_student_gets_the_best_of_all_stable_answers(draw: random.Random) -> None:
    problem = drawn(draw, most=4)
    found = defer(problem, threads=draw.randint(1, 3))
    assert faults(problem, found.assignment) == ()
    answers = stable_answers(problem)
    assert any((answer == found.assignment).all() for answer in answers)
    for request in range(problem.requests):
        own = rank(problem, request, int(found.assignment[request]))
        assert own == max(rank(problem, request, int(answer[request])) for answer in answers)
        assert len({answer[request] >= 0 for answer in answers}) == 1


def test_the_kernels_do_the_same_as_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [drawn(random.Random(seed), most=12, top=6) for seed in range(60)]
    compiled = [defer(problem) for problem in problems]
    use_plain_kernels(monkeypatch, module)
    for problem, before in zip(problems, compiled, strict=True):
        plain = defer(problem, threads=1)
        assert plain.assignment.tolist() == before.assignment.tolist()
        assert plain.proposals == before.proposals
        assert plain.matched == int((plain.assignment >= 0).sum())


@pytest.mark.parametrize("plain", [False, True])
def test_long_lists_and_large_quotas_are_stable(monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:  # noqa: FBT001 - a parameter
    if plain:
        use_plain_kernels(monkeypatch, module)
    draw = np.random.default_rng(3)
    requests, offers = 300, 90
    problem = Preferences(
        indptr=np.arange(requests + 1) * offers,
        offer=np.tile(np.arange(offers, dtype=np.int32), requests),
        wish=draw.integers(0, 50, requests * offers).astype(np.int32),
        regard=draw.integers(0, 50, requests * offers).astype(np.int32),
        quota=draw.integers(0, 6, offers).astype(np.int32),
    )
    found = defer(problem)
    assert faults(problem, found.assignment) == ()
    assert found.matched == min(requests, int(problem.quota.sum()))


def small() -> Preferences:
    return Preferences(
        indptr=np.array([0, 2, 4]),
        offer=np.array([0, 1, 0, 1], np.int32),
        wish=np.array([2, 1, 2, 1], np.int32),
        regard=np.array([1, 5, 9, -1], np.int32),
        quota=np.array([1, 1], np.int32),
    )


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ([0, -1], "request 1 and offer 0 would rather have each other"),
        ([0, 0], "more students than it has places"),
        ([-1, 1], "one of the two sides refuses"),
        ([1, 2], "does not exist"),
        ([1], "2 entries expected"),
    ],
)
def test_a_wrong_answer_is_told_apart(assignment: list[int], said: str) -> None:
    assert any(said in sentence for sentence in faults(small(), np.array(assignment, np.int32)))


def test_a_right_answer_has_no_fault() -> None:
    found = defer(small())
    assert found.assignment.tolist() == [1, 0]
    assert faults(small(), found.assignment) == ()
    assert blocking_pairs(small(), np.array([-1, -1], np.int32), most=1) == [(0, 0)]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("indptr", {"indptr": np.array([0, 2, 3])}),
        ("indptr", {"indptr": np.array([], np.int64)}),
        ("wish", {"wish": np.array([1], np.int32)}),
        ("regard", {"regard": np.array([0.5, 1, 2, 3])}),
        ("quota", {"quota": np.array([[1, 1]])}),
        ("quota", {"quota": np.array([1 << 40, 1])}),
        ("quota", {"quota": np.array([-1, 1])}),
        ("offer", {"offer": np.array([0, 2, 0, 1])}),
        ("offer", {"offer": np.array([1, 0, 0, 1])}),
    ],
)
def test_wrong_arrays_are_refused_by_name(field: str, change: dict[str, np.ndarray]) -> None:
    right = small()
    arrays = {name: getattr(right, name) for name in ("indptr", "offer", "wish", "regard", "quota")}
    with pytest.raises(InstanceRefused) as refused:
        Preferences(**{**arrays, **change})
    assert refused.value.field == field
