"""What a live state refuses, by name and without changing anything."""

from collections.abc import Callable

import numpy as np
import pytest

from matching.instances import InstanceRefused, Solution
from matching.live.building import step_for
from matching.live.errors import EventRefused
from matching.live.state import LiveState
from tests.matching.live_makers import World, nobody


def small() -> LiveState:
    world = World(
        tiers={0: 0, 1: 1, 2: 2}, rows={0: {0: 5, 1: 4}, 1: {0: 7}, 2: {1: 2}}, places=[1, 1, 0], costs=[0, 2, 0]
    )
    state = LiveState(world.instance(), nobody(world.instance()))
    state.withdraw(2)
    state.pin(0, 1)
    return state


@pytest.mark.parametrize(
    ("field", "event"),
    [
        ("tier", lambda state: state.add_request(8, [0], [1])),
        ("tier", lambda state: state.change_request(1, -1, [0], [1])),
        ("offer", lambda state: state.add_request(0, [0, 0], [1, 2])),
        ("offer", lambda state: state.add_request(0, [3], [1])),
        ("offer", lambda state: state.add_request(0, [-1], [1])),
        ("offer", lambda state: state.add_request(0, [0, 1], [1])),
        ("offer", lambda state: state.add_request(0, [0.5], [1])),
        ("offer", lambda state: state.add_request(0, [0], [0.5])),
        ("score", lambda state: state.add_request(0, [0], [-1])),
        ("score", lambda state: state.add_request(0, [0], [1 << 31])),
        ("request", lambda state: state.withdraw(2)),
        ("request", lambda state: state.withdraw(9)),
        ("request", lambda state: state.change_request(2, 0, [0], [1])),
        ("request", lambda state: state.add_offer(1, 0, [2], [1])),
        ("request", lambda state: state.add_offer(1, 0, [3], [1])),
        ("places", lambda state: state.add_offer(-1, 0, [0], [1])),
        ("load_cost", lambda state: state.add_offer(1, 1 << 40, [0], [1])),
        ("offer", lambda state: state.change_offer(3, 1)),
        ("places", lambda state: state.change_offer(0, 1 << 31)),
        ("offer", lambda state: state.pin(1, 1)),
        ("request", lambda state: state.pin(2, 1)),
        ("request", lambda state: state.unpin(1)),
        ("offer", lambda state: state.forbid(0, 1)),
        ("offer", lambda state: state.forbid(1, 7)),
        ("request", lambda state: state.at(-1)),
    ],
)
def test_a_wrong_event_is_refused_and_changes_nothing(field: str, event: Callable[[LiveState], object]) -> None:
    state = small()
    before = (state.totals, state.assignment.tolist(), state.pinned, state.offers, state.requests)
    with pytest.raises(EventRefused) as refused:
        event(state)
    assert refused.value.field == field
    assert refused.value.sentence
    assert (state.totals, state.assignment.tolist(), state.pinned, state.offers, state.requests) == before


def test_a_closed_offer_takes_no_pin() -> None:
    state = small()
    state.allow(1, 2, 5)
    with pytest.raises(EventRefused, match="has no places"):
        state.pin(1, 2)


def test_a_score_beyond_the_unit_of_urgency_is_refused() -> None:
    state = small()
    state._book = state._book._replace(step=1 << 10)
    with pytest.raises(EventRefused, match="larger than this state can hold"):
        state.add_request(0, [0], [1 << 20])


def test_a_larger_score_than_ever_before_is_taken() -> None:
    state = small()
    assert state.add_request(0, [0], [1 << 20]).number == 2


def test_scores_too_large_for_eight_tiers_are_refused() -> None:
    with pytest.raises(InstanceRefused, match="too large for a live state"):
        step_for(1 << 30, 1 << 24)


def test_a_solution_of_another_instance_is_refused() -> None:
    world = World(tiers={0: 0}, rows={0: {0: 1}}, places=[1], costs=[0])
    other = Solution(assignment=np.zeros(2, np.int32), price=np.zeros(1, np.int64), level=np.zeros(1, np.int32))
    with pytest.raises(InstanceRefused, match="not one of this instance"):
        LiveState(world.instance(), other)
