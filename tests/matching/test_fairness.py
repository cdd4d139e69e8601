"""Counting an answer by groups, the load of providers, and comparing it with the queue and greedy."""

from pathlib import Path

import numpy as np
import pytest

from matching import fairness
from matching.fairness import Grouping, as_groupings, compare, exchange, gini, load_figures, net_score, report
from matching.instances import Instance, InstanceRefused, read_instance
from matching.solvers import greedy
from matching.solvers.greedy import greedy_by_score, queue_by_urgency
from matching.solvers.province import solve
from tests.matching.live_makers import use_plain_kernels

STORED = Path(__file__).parents[1] / "data" / "fx_10000_2000_32.npz"


def small(**changes: object) -> Instance:
    arrays: dict[str, object] = {
        "indptr": np.array([0, 2, 4, 5, 5]),
        "offer": np.array([0, 1, 0, 1, 0], np.int32),
        "score": np.array([5, 4, 9, 1, 7], np.int32),
        "tier": np.array([0, 0, 1, 1], np.int8),
        "capacity": np.array([1, 2], np.int32),
        "load_cost": np.array([0, 4], np.int32),
    }
    return Instance(**{**arrays, **changes})  # type: ignore[arg-type]


def test_the_queue_takes_the_best_offer_with_room() -> None:
    assert queue_by_urgency(small()).tolist() == [0, 1, -1, -1]
    late_first = small(request_key=np.array([9, 1, 2, 3]))
    assert queue_by_urgency(late_first).tolist() == [1, 0, -1, -1]


def test_greedy_takes_the_best_pairs_of_the_most_urgent_first() -> None:
    assert greedy_by_score(small()).tolist() == [1, 0, -1, -1]


def test_the_kernels_do_the_same_as_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    use_plain_kernels(monkeypatch, greedy)
    assert queue_by_urgency(small()).tolist() == [0, 1, -1, -1]
    assert greedy_by_score(small()).tolist() == [1, 0, -1, -1]


def test_the_net_score_is_that_of_the_certificate() -> None:
    assert net_score(small(), np.array([1, 1, 0, -1], np.int32)) == 4 + 1 + 7 - 1 - 3


def test_a_report_counts_groups_and_waiting() -> None:
    city = Grouping(
        name="region", code=np.array([0, 0, 1, -1]), labels=("（示例）甲市", "（示例）乙市", "（示例）丙市")
    )
    waited = np.array([1.0, 3.0, np.nan, 5.0])
    found = report(small(), np.array([1, 0, -1, -1], np.int32), [city], waited=waited)
    first, second, third, unknown = found.groups
    assert (first.requests, first.matched, first.rate, first.mean_score) == (2, 2, 1.0, 6.5)
    assert first.matched_waiting == fairness.Waiting(mean=2.0, median=2.0, p90=2.8)
    assert second.unmatched_waiting == fairness.Waiting(mean=None, median=None, p90=None)
    assert (third.requests, third.rate, third.mean_score) == (0, None, None)
    assert (unknown.label, unknown.without_candidates) == ("unknown", 1)
    assert found.widest_gap == {"region": 1.0}
    assert (found.load.places, found.load.used, found.load.full, found.load.idle) == (3, 2, 1, 0)
    assert found.load.quantiles[0] == 0.5
    assert found.load.quantiles[-1] == 1.0


def test_a_report_without_waiting_and_without_anybody() -> None:
    nothing = Instance(
        indptr=np.zeros(1, np.int64),
        offer=np.zeros(0, np.int32),
        score=np.zeros(0, np.int32),
        tier=np.zeros(0, np.int8),
        capacity=np.zeros(1, np.int32),
        load_cost=np.zeros(1, np.int32),
    )
    grouping = as_groupings({"stage": (np.zeros(0, np.int64), ("高中",))})
    found = report(nothing, np.zeros(0, np.int32), grouping)
    assert found.groups[0].rate is None
    assert found.groups[0].matched_waiting is None
    assert found.widest_gap == {"stage": 0.0}
    assert found.load.quantiles == ()
    assert found.load.gini == 0.0


@pytest.mark.parametrize(
    ("values", "expected"), [([1.0, 1.0, 1.0], 0.0), ([0.0, 0.0, 1.0], 2 / 3), ([0.0, 0.0], 0.0), ([], 0.0)]
)
def test_gini(values: list[float], expected: float) -> None:
    assert gini(np.array(values)) == pytest.approx(expected)


def test_who_gains_and_who_loses() -> None:
    before, after = np.array([0, 1, -1, -1], np.int32), np.array([1, -1, 0, -1], np.int32)
    everybody, first, second = exchange(
        small(), before, after, as_groupings({"tier": (np.array([0, 0, 1, 1]), ("0", "1"))})
    )
    assert (everybody.newly_served, everybody.no_longer_served, everybody.worse) == (1, 1, 1)
    assert everybody.more_matched == 0
    assert everybody.net_score == (4 - 1 + 7) - (5 + 1 - 1)
    assert (first.newly_served, first.no_longer_served, second.newly_served) == (0, 1, 1)
    assert first.net_score is None


def test_a_pair_that_is_no_candidate_is_refused() -> None:
    with pytest.raises(InstanceRefused, match="not its candidate"):
        net_score(small(), np.array([0, 1, 1, -1], np.int32))


@pytest.mark.parametrize("code", [np.array([0, 0, 1, 2]), np.array([0, 0, 1, -2]), np.array([0])])
def test_wrong_codes_are_refused(code: np.ndarray) -> None:
    with pytest.raises(InstanceRefused):
        report(small(), np.full(4, -1, np.int32), [Grouping(name="kind", code=code, labels=("甲", "乙"))])


def test_the_exact_answer_serves_more_than_the_queue_and_greedy() -> None:
    instance = read_instance(STORED)
    found = compare(instance, solve(instance).assignment)
    exact, queue, by_score = found.ways
    assert exact.matched_by_tier >= queue.matched_by_tier
    assert exact.matched >= 1.03 * queue.matched > by_score.matched
    assert exact.net_score > queue.net_score
    assert found.against_queue[0].more_matched == exact.matched - queue.matched
    assert load_figures(instance, solve(instance).assignment).gini == exact.gini
