"""Why a need has no offer, how scarce offers are, whom to propose, and what more offers would change."""

from pathlib import Path

import numpy as np
import pytest

from matching import shortage as module
from matching import shortage_wording as wording
from matching.instances import Instance, InstanceRefused, Solution, read_instance
from matching.live.state import LiveState
from matching.shortage import Gain, Market, NewOffer, Scarcity, copies, shortage_map, what_if
from matching.solvers.province import solve
from tests.matching.live_makers import use_plain_kernels

STORED = Path(__file__).parents[1] / "data" / "fx_10000_2000_32.npz"


def small() -> Instance:
    """Three share offers 0 and 1 with two places; one may also use offer 2; one has nothing; offer 3 is closed."""
    return Instance(
        indptr=np.array([0, 2, 4, 7, 8, 8]),
        offer=np.array([0, 1, 0, 3, 0, 1, 2, 3], np.int32),
        score=np.array([500, 400, 900, 900, 100, 200, 10, 5], np.int32),
        tier=np.array([1, 1, 1, 0, 0], np.int8),
        capacity=np.array([1, 1, 0, 0], np.int32),
        load_cost=np.zeros(4, np.int32),
    )


def market() -> Market:
    return Market(small(), solve(small()))


@pytest.mark.parametrize("plain", [False, True])
def test_a_need_stands_before_a_closed_set_of_full_offers(monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:  # noqa: FBT001 - a parameter
    if plain:
        use_plain_kernels(monkeypatch, module)
    found = market().shortage(2)
    assert found is not None
    assert found.offers.tolist() == [0, 1]
    assert (found.places, found.rivals, found.unserved, found.tier) == (2, 2, 1, 1)
    assert not found.without_candidates
    assert market().shortage(0) is None
    for alone in (3, 4):
        nothing = market().shortage(alone)
        assert nothing is not None
        assert nothing.without_candidates


def test_every_shortage_of_a_stored_problem_is_full_of_people_at_least_as_urgent() -> None:
    instance = read_instance(STORED)
    answer = solve(instance)
    stall = Market(instance, answer)
    for request in np.flatnonzero(answer.assignment < 0)[::97].tolist():
        found = stall.shortage(request)
        assert found is not None
        if found.without_candidates:
            continue
        inside = np.isin(answer.assignment, found.offers)
        assert found.places == found.rivals == int(inside.sum())
        assert int(instance.tier[inside].max()) <= found.tier
        arcs = slice(instance.indptr[request], instance.indptr[request + 1])
        assert set(instance.offer[arcs].tolist()) <= set(found.offers.tolist()) | set(
            np.flatnonzero(instance.capacity == 0).tolist()
        )
        assert found.unserved >= 1


def test_scarcity_tells_whom_one_more_place_would_serve() -> None:
    stall = market()
    assert stall.scarcity(0).tier == 1
    rich = Market(
        small(),
        Solution(assignment=np.full(5, -1, np.int32), price=np.array([7, 0, 0, 0]), level=np.zeros(4, np.int32)),
    )
    assert rich.scarcity(0) == Scarcity(0, None, 7)
    assert rich.scarcity(1) == Scarcity(1, None, 0)


@pytest.mark.parametrize("number", [-1, 99])
def test_unknown_numbers_are_refused(number: int) -> None:
    with pytest.raises(InstanceRefused):
        market().scarcity(number)
    with pytest.raises(InstanceRefused):
        market().shortage(number)


def test_alternates_begin_with_the_own_offer_and_avoid_the_scarce() -> None:
    instance = small()
    given = Solution(
        assignment=np.array([1, 0, -1, -1, -1], np.int32), price=np.array([90, 0, 0, 0]), level=np.zeros(4, np.int32)
    )
    stall = Market(instance, given)
    assert stall.alternates(0) == [1, 0]
    assert stall.alternates(2) == [1, 0]
    assert stall.alternates(2, most=1) == [1]
    assert stall.alternates(4) == []


@pytest.mark.parametrize("plain", [False, True])
def test_proposals_do_not_pile_on_one_offer(monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:  # noqa: FBT001 - a parameter
    if plain:
        use_plain_kernels(monkeypatch, module)
    stall = market()
    proposals = stall.spread(2, np.array([2, 2, 9, 9]))
    counts = np.bincount(proposals[proposals >= 0], minlength=4)
    assert (counts <= [2, 2, 0, 0]).all()
    assert (proposals[:, 0][stall.solution.assignment >= 0] == stall.solution.assignment[:2]).all()
    assert all(len(set(row[row >= 0].tolist())) == int((row >= 0).sum()) for row in proposals)
    assert (stall.spread(3, np.full(4, 9))[2] >= 0).sum() == 2
    assert stall.spread(0, np.zeros(4, np.int64)).shape == (5, 0)


def test_three_proposals_to_everybody_stay_within_the_room_of_each_offer() -> None:
    instance = read_instance(STORED)
    answer = solve(instance)
    room = instance.capacity * 2
    proposals = Market(instance, answer).spread(3, room)
    counts = np.bincount(proposals[proposals >= 0], minlength=instance.offers)
    assert (counts <= room).all()
    assert (proposals[:, 0] == answer.assignment)[answer.assignment >= 0].all()


def test_the_map_counts_who_has_no_offer() -> None:
    cells = shortage_map(
        small(), solve(small()).assignment, np.array([0, 0, 0, 1, -1]), ["（示例）甲市", "（示例）乙市", "（示例）丙市"]
    )
    assert [(cell.requests, cell.unserved, cell.without_candidates) for cell in cells] == [
        (3, 1, 0),
        (1, 1, 0),
        (0, 0, 0),
    ]
    assert cells[1].by_tier[0] == 1
    with pytest.raises(InstanceRefused):
        shortage_map(small(), np.zeros(5, np.int32), np.array([0]), [])


def test_a_what_if_leaves_the_state_alone() -> None:
    instance = small()
    state = LiveState(instance, solve(instance))
    before = state.totals
    gain = what_if(state, [NewOffer(1, 0, np.array([2]), np.array([50]))])
    assert (gain.more_matched, gain.used, gain.newly_served, gain.moved_on) == (1, 1, (2,), 0)
    assert gain.before == before == state.totals
    assert state.offers == 4


def test_twenty_more_offers_like_this_one() -> None:
    instance = small()
    state = LiveState(instance, solve(instance))
    many = copies(state, 0, 20)
    assert len(many) == 20
    assert many[0].requests.tolist() == [0, 1, 2]
    gain = what_if(state, many)
    assert gain.more_matched == 1
    assert copies(state, 3, 1, places=2)[0].places == 2


def test_the_sentences() -> None:
    stall = market()
    full, nothing = stall.shortage(2), stall.shortage(4)
    assert full is not None
    assert nothing is not None
    assert "12355" in wording.for_student(full)
    assert "还没有符合条件" in wording.for_student(nothing)
    assert "2 个提供方共 2 个名额" in wording.for_committee(full)
    assert "至少再招募 1 位志愿者" in wording.for_committee(full, "位志愿者")
    assert "没有任何符合条件" in wording.for_committee(nothing)
    assert wording.of_offer(Scarcity(0, 1, -5)).startswith("非常紧缺")
    assert "提高 0.7 分" in wording.of_offer(Scarcity(0, None, 70))
    assert wording.of_offer(Scarcity(0, None, 0)).startswith("名额充足")
    state = LiveState(small(), stall.solution)
    gain = what_if(state, copies(state, 0, 1))
    assert wording.of_gain(gain).startswith("多安排 1 位同学")
    assert "没有" not in wording.of_gain(gain)
    assert "不会带来变化" in wording.of_gain(what_if(state, []))
    worse = Gain(gain.after, gain.before, (), 0, 0)
    assert "降低" in wording.of_gain(worse)
    cells = shortage_map(small(), stall.solution.assignment, np.array([0, 0, 2, 1, 1]), ["甲", "乙", "丙"])
    assert wording.of_cell(cells[0]).endswith("都已安排。")
    assert "紧急的 2 条；1 条没有任何符合条件" in wording.of_cell(cells[1])
    assert "紧急的 1 条" in wording.of_cell(cells[2])
    assert wording.of_cost(0, 0) == "这个决定不影响其他同学。"
    assert "少安排 1 位" in wording.of_cost(-1, -20)
    assert "多安排 2 位" in wording.of_cost(2, 20)
    assert "安排" not in wording.of_cost(0, 20)
