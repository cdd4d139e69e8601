"""The live state: the best answer after every event, a certified loss when an event is cut short."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.certificate import certify
from matching.instances import Instance, Solution, read_instance
from matching.live import backward, book, building, core, events, forward, gathering, mending, rows
from matching.live import state as state_module
from matching.live.building import Spare
from matching.live.errors import EventRefused
from matching.live.state import LiveState
from matching.live.values import NOBODY, Loss, Totals
from matching.solvers.province import solve
from tests.matching.live_makers import World, happen, nobody, reached, use_plain_kernels

STORED = Path(__file__).parents[1] / "data" / "fx_10000_2000_32.npz"
MODULES = (backward, book, building, core, events, forward, gathering, mending, rows, state_module)
NO_ROOM = Spare(requests=0, offers=0, arcs=0)


def worth(value: tuple[int, ...], step: int) -> int:
    """One number for what `reached` and `best` count."""
    weights = (*(8 - tier for tier in range(8)),)
    return sum(weight * count for weight, count in zip(weights, value[1:9], strict=True)) * step + value[9]


def start(draw: random.Random, limit: int) -> tuple[World, LiveState]:
    world = World.drawn(draw)
    instance = world.instance()
    begin = nobody(instance) if draw.random() < 0.5 else solve(instance)
    spare = NO_ROOM if draw.random() < 0.5 else None
    return world, LiveState(instance, begin, limit=limit, spare=spare)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_event_keeps_the_best_of_all_answers(draw: random.Random) -> None:
    world, state = start(draw, 1 << 50)
    for _ in range(10):
        happen(world, state, draw)
        assert state.loss.optimal
        assert reached(world, state) == world.best()


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_capped_event_loses_no_more_than_it_says(draw: random.Random) -> None:
    world, state = start(draw, draw.choice([0, 3, 8]))
    for _ in range(10):
        happen(world, state, draw)
        step = state._book.step
        if not world.pins:
            missing = worth(world.best(), step) - worth(reached(world, state), step)
            assert 0 <= missing <= state.loss.urgency * step + state.loss.score
        if draw.random() < 0.4:
            state.settle()
            assert reached(world, state) == world.best()


@pytest.mark.parametrize("limit", [0, 5, 1 << 50])
def test_the_kernels_do_the_same_as_plain_python(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    use_plain_kernels(monkeypatch, *MODULES)
    state_module.warm_up()
    for seed in range(12):
        draw = random.Random(seed)
        world, state = start(draw, limit)
        for _ in range(10):
            happen(world, state, draw)
            if limit > 5 or draw.random() < 0.3:
                state.settle()
                assert reached(world, state) == world.best()


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_one_more_offer_never_makes_the_answer_worse(draw: random.Random) -> None:
    world, state = start(draw, 1 << 50)
    before = state.totals
    fans = [one for one in world.tiers if draw.random() < 0.7]
    state.add_offer(draw.randint(0, 3), draw.choice([0, 9]), fans, [draw.randint(0, 9) for _ in fans])
    assert state.totals.order >= before.order


def test_a_stored_problem_stays_proven_through_mixed_events() -> None:
    instance = read_instance(STORED)
    draw = np.random.default_rng(5)
    state = LiveState(instance, solve(instance))
    assert state.totals.matched == 7_264
    gone: list[int] = []
    for nth in range(600):
        kind = nth % 4
        if kind == 0:
            number = int(draw.integers(instance.requests))
            if number not in gone:
                state.withdraw(number)
                gone.append(number)
        elif kind == 1 and gone:
            number = gone.pop()
            arcs = slice(instance.indptr[number], instance.indptr[number + 1])
            back = state.add_request(int(instance.tier[number]), instance.offer[arcs], instance.score[arcs])
            assert back.number == number
        else:
            state.change_offer(int(draw.integers(instance.offers)), int(draw.integers(0, 6)))
    state.settle()
    now, answer, numbers = state.snapshot()
    proof = certify(now, answer.assignment, answer.price, answer.level)
    assert proof.valid, proof
    assert proof.matched_by_tier == state.totals.by_tier[: len(proof.matched_by_tier)]
    assert proof.net_score == state.totals.net_score
    assert len(numbers) == now.requests == instance.requests - len(gone)
    cold = solve(now)
    again = certify(now, cold.assignment, cold.price, cold.level)
    assert (again.matched_by_tier, again.net_score) == (proof.matched_by_tier, proof.net_score)


def test_an_answer_in_fewer_tiers_is_understood() -> None:
    world = World(tiers={0: 0, 1: 1}, rows={0: {0: 3}, 1: {0: 5}}, places=[1], costs=[0])
    given_ = Solution(
        assignment=np.array([0, -1], np.int32), price=np.array([5]), level=np.array([1], np.int32), tiers=2
    )
    state = LiveState(world.instance(), given_, limit=0)
    assert reached(world, state) == world.best()
    assert state.prices[1].tolist() == [7]


def crowd(seed: int = 7) -> Instance:
    """160 people and 40 offers, scarce enough for long chains of moves."""
    draw = np.random.default_rng(seed)
    rows = [np.sort(draw.choice(40, 8, replace=False)) for _ in range(160)]
    return Instance(
        indptr=np.arange(161) * 8,
        offer=np.concatenate(rows).astype(np.int32),
        score=draw.integers(0, 10_000, 160 * 8).astype(np.int32),
        tier=draw.integers(0, 5, 160).astype(np.int8),
        capacity=draw.integers(1, 5, 40).astype(np.int32),
        load_cost=draw.choice([0, 2_000], 40).astype(np.int32),
    )


@pytest.mark.parametrize("limit", [30, 1 << 50])
@pytest.mark.parametrize("plain", [False, True])
def test_long_chains_end_at_the_same_worth(monkeypatch: pytest.MonkeyPatch, limit: int, plain: bool) -> None:  # noqa: FBT001 - a parameter
    if plain:
        use_plain_kernels(monkeypatch, *MODULES)
    instance = crowd()
    state = LiveState(instance, nobody(instance), limit=limit)
    for one in range(0, 40, 5):
        state.close_offer(one)
        state.withdraw(one)
        state.change_offer(one + 1, 6)
    for one in range(0, 40, 5):
        state.change_offer(one, 3)
        arcs = slice(instance.indptr[one], instance.indptr[one + 1])
        state.add_request(int(instance.tier[one]), instance.offer[arcs], instance.score[arcs])
    state.settle()
    now, answer, _ = state.snapshot()
    assert certify(now, answer.assignment, answer.price, answer.level).valid


@pytest.mark.parametrize("plain", [False, True])
def test_an_answer_at_wrong_prices_is_mended(monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:  # noqa: FBT001 - a parameter
    if plain:
        use_plain_kernels(monkeypatch, *MODULES)
    world = World(tiers={0: 0, 1: 0}, rows={0: {0: 3, 1: 9}, 1: {0: 3}}, places=[1, 1], costs=[0, 0])
    wrong = Solution(assignment=np.array([0, -1], np.int32), price=np.zeros(2, np.int64), level=np.zeros(2, np.int32))
    state = LiveState(world.instance(), wrong)
    assert reached(world, state) == world.best()
    assert state.forbid(1, 1).moved == {}
    with pytest.raises(EventRefused, match="occurs twice"):
        state.add_request(0, [1, 0, 0], [1, 2, 3])
    with pytest.raises(EventRefused, match="numbers from 0 to 1"):
        state.add_request(0, [2], [1])
    with pytest.raises(EventRefused, match="scores from 0"):
        state.add_request(0, [0], [-1])
    assert state.add_request(0, [1, 0], [2, 2]).moved == {}


def test_a_copy_goes_its_own_way() -> None:
    world = World(tiers={0: 3}, rows={0: {0: 3}}, places=[1], costs=[0])
    state = LiveState(world.instance(), nobody(world.instance()))
    twin = state.copy()
    twin.withdraw(0)
    twin.add_offer(2, 0, [], [])
    assert state.at(0) == 0
    assert (state.requests, state.offers, twin.offers) == (1, 1, 2)
    assert twin.totals == NOBODY
    assert state.totals - twin.totals == Totals((0, 0, 0, 1, 0, 0, 0, 0), 3)


def test_more_pins_than_places_are_named() -> None:
    world = World(tiers={0: 3, 1: 3}, rows={0: {0: 3}, 1: {0: 4, 1: 9}}, places=[1, 1], costs=[0, 0])
    state = LiveState(world.instance(), nobody(world.instance()))
    before = state.totals
    state.pin(1, 0)
    assert (state.at(1), state.at(0), state.tier(1)) == (0, -1, 3)
    assert (state.totals - before).order == (0, 0, 0, -1, 0, 0, 0, 0, -8)
    state.pin(0, 0)
    assert len(state.unmet_pins) == 1
    assert state.pinned == {0: 0, 1: 0}
    assert state.candidates(1)[0].tolist() == [0, 1]
    instance, _, _ = state.snapshot()
    assert instance.tier.tolist() == [3, 3]
    assert instance.offer.tolist() == [0, 0]
    state.allow(1, 1, 8)
    state.forbid(1, 1)
    assert state.candidates(1)[0].tolist() == [0]
    state.allow(1, 1, 9)
    outcome = state.close_offer(0)
    assert set(outcome.lifted) == {0, 1}
    assert state.at(1) == 1
    assert state.loss == Loss()
