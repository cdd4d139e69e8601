"""The answer does not depend on the order of the input, and equal claims go to those who come first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.instances import Instance
from matching.solvers import parts, ties
from matching.solvers.parts import divide
from matching.solvers.province import solve
from tests.matching.province_makers import instance, judged, plain_kernels, problems, random_instance, rank


def shuffled(problem: Instance, requests: np.ndarray, offers: np.ndarray) -> Instance:
    """Renumber a problem: new request i is the old requests[i], likewise for offers; keys go along."""
    new_offer = np.empty(problem.offers, np.int64)
    new_offer[offers] = np.arange(problem.offers)
    rows = [
        {
            int(new_offer[problem.offer[e]]): int(problem.score[e])
            for e in range(int(problem.indptr[old]), int(problem.indptr[old + 1]))
        }
        for old in requests
    ]
    return instance(
        rows,
        problem.tier[requests].tolist(),
        problem.capacity[offers].tolist(),
        problem.load_cost[offers].tolist(),
        request_key=requests,
        offer_key=offers,
    )


@settings(max_examples=100, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_with_keys_the_numbering_does_not_matter(problem: Instance, random: object) -> None:
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    requests, offers = rng.permutation(problem.requests), rng.permutation(problem.offers)
    plain, other = solve(problem), solve(shuffled(problem, requests, offers))
    back = np.append(offers, -1)[other.assignment]
    assert np.array_equal(back, plain.assignment[requests])
    assert np.array_equal(other.price, plain.price[offers])
    assert np.array_equal(other.level, plain.level[offers])


@settings(max_examples=100, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_without_keys_the_worth_does_not_depend_on_the_numbering(problem: Instance, random: object) -> None:
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    other = shuffled(problem, rng.permutation(problem.requests), rng.permutation(problem.offers))
    bare = Instance(
        indptr=other.indptr,
        offer=other.offer,
        score=other.score,
        tier=other.tier,
        capacity=other.capacity,
        load_cost=other.load_cost,
    )
    assert rank(judged(bare, solve(bare))) == rank(judged(problem, solve(problem)))


def test_a_renumbered_problem_may_begin_from_an_answer_and_runs_uncompiled() -> None:
    problem = random_instance(np.random.default_rng(3), 40, 12)
    rng = np.random.default_rng(4)
    other = shuffled(problem, rng.permutation(problem.requests), rng.permutation(problem.offers))
    answer = solve(other)
    with plain_kernels():
        again = solve(other, start=answer)
    assert judged(other, again).valid
    assert rank(judged(other, again)) == rank(judged(problem, solve(problem)))


def test_among_equals_those_who_come_first_are_served() -> None:
    problem = instance([{0: 500, 1: 500}] * 6, [2] * 6, [1, 2])
    assert (solve(problem).assignment >= 0).tolist() == [True] * 3 + [False] * 3
    keyed = instance([{0: 500, 1: 500}] * 6, [2] * 6, [1, 2], request_key=np.array([9, 1, 8, 2, 7, 3]))
    assert (solve(keyed).assignment >= 0).tolist() == [False, True, False, True, False, True]


@pytest.mark.parametrize("seed", range(3))
def test_no_later_request_has_a_place_that_an_earlier_one_could_have_had(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(25):
        problem = random_instance(rng, 12, 4, most_score=1)
        answer = solve(problem)
        served = np.flatnonzero(answer.assignment >= 0)
        found = rank(judged(problem, answer))
        for out in np.flatnonzero(answer.assignment < 0):
            later = served[(served > out) & (problem.tier[served] == problem.tier[out])]
            for victim in later:
                keep = np.ones(problem.requests, bool)
                keep[victim] = False
                row = np.repeat(keep, np.diff(problem.indptr))
                lengths = np.where(keep, np.diff(problem.indptr), 0)
                without = Instance(
                    indptr=np.concatenate([[0], np.cumsum(lengths)]),
                    offer=problem.offer[row],
                    score=problem.score[row],
                    tier=problem.tier,
                    capacity=problem.capacity,
                    load_cost=problem.load_cost,
                )
                other = solve(without)
                same = set(np.flatnonzero(other.assignment >= 0)) == {*served.tolist(), int(out)} - {int(victim)}
                assert not (same and rank(judged(without, other)) == found)


def test_without_time_for_ties_the_answer_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = instance([{0: 500}] * 6, [2] * 6, [2])
    monkeypatch.setattr("matching.solvers.part.SWEEPS", -1)
    assert ties.SWEEPS > 0
    assert judged(problem, solve(problem)).valid
    with plain_kernels():
        assert judged(problem, solve(problem)).valid


def test_the_division_into_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    rows = [
        {block * 3 + int(offer): int(rng.integers(99)) for offer in range(3)} for block in range(40) for _ in "1234"
    ]
    problem = instance(rows, [0] * len(rows), [1] * 120)
    whole = solve(problem)
    assert len(divide(problem)) == 1
    monkeypatch.setattr(parts, "WHOLE", 1)
    monkeypatch.setattr(parts, "NARROW_OFFERS", 30)
    assert len(divide(problem)) == 8
    divided = solve(problem)
    assert rank(judged(problem, divided)) == rank(judged(problem, whole))
    assert judged(problem, divided).valid
