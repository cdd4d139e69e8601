"""A live state beside plain dictionaries of the same facts, with every answer found by trying all of them."""

import random
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
import pytest

from matching.instances import Instance, Solution
from matching.live.state import LiveState
from matching.solvers.jit import uncompiled

KINDS = ("in", "out", "change", "offer", "terms", "forbid", "allow", "pin", "unpin", "settle")


def use_plain_kernels(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
    """Let the kernels of these modules run as the Python they are written in."""
    for module in modules:
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, uncompiled(value))


@dataclass
class World:
    """The facts: tiers and rows of requests, places and load costs of offers, pins."""

    tiers: dict[int, int] = field(default_factory=dict)
    rows: dict[int, dict[int, int]] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    pins: dict[int, int] = field(default_factory=dict)

    @classmethod
    def drawn(cls, draw: random.Random) -> "World":
        world = cls()
        top = draw.choice([1, 5, 10_000])
        for _ in range(draw.randint(1, 4)):
            world.places.append(draw.randint(0, 3))
            world.costs.append(draw.choice([0, 0, 3, top]))
        for request in range(draw.randint(0, 4)):
            world.tiers[request] = draw.randrange(8)
            world.rows[request] = world.row(draw, top)
        return world

    def row(self, draw: random.Random, top: int) -> dict[int, int]:
        return {one: draw.randint(0, top) for one in range(len(self.places)) if draw.random() < 0.6}

    def instance(self) -> Instance:
        rows = [sorted(self.rows[one].items()) for one in sorted(self.rows)]
        return Instance(
            indptr=np.cumsum([0] + [len(row) for row in rows]),
            offer=np.array([one for row in rows for one, _ in row], np.int32),
            score=np.array([score for row in rows for _, score in row], np.int32),
            tier=np.array([self.tiers[one] for one in sorted(self.tiers)], np.int8),
            capacity=np.array(self.places, np.int32),
            load_cost=np.array(self.costs, np.int32),
        )

    def best(self) -> tuple[int, ...]:
        """Pins kept, matched by tier, net score: the best of all answers, pinned requests by tier first."""
        requests = sorted(self.tiers)
        load = [0] * len(self.places)
        top: tuple[int, ...] = (-1,)

        def serve(nth: int, value: list[int]) -> None:
            nonlocal top
            if nth == len(requests):
                top = max(top, tuple(value))
                return
            serve(nth + 1, value)
            request = requests[nth]
            for one, score in self.rows[request].items():
                if load[one] < self.places[one] and self.pins.get(request, one) == one:
                    load[one] += 1
                    cost = self.costs[one] * (2 * load[one] - 1) // (2 * self.places[one])
                    more = list(value)
                    more[0] += request in self.pins
                    more[1 + self.tiers[request]] += 1
                    more[9] += score - cost
                    serve(nth + 1, more)
                    load[one] -= 1

        serve(0, [0] * 10)
        return top


def nobody(instance: Instance) -> Solution:
    """An answer that serves nobody, at prices that everybody could pay."""
    return Solution(
        assignment=np.full(instance.requests, -1, np.int32),
        price=np.zeros(instance.offers, np.int64),
        level=np.zeros(instance.offers, np.int32),
    )


def reached(world: World, state: LiveState) -> tuple[int, ...]:
    """Pins kept, matched by tier, net score of the state's answer, counted from its assignment and the facts."""
    load = [0] * len(world.places)
    value = [0] * 10
    for request in sorted(world.tiers):
        one = state.at(request)
        if one < 0:
            continue
        load[one] += 1
        assert load[one] <= world.places[one]
        assert world.pins.get(request, one) == one
        value[0] += request in world.pins
        value[1 + world.tiers[request]] += 1
        value[9] += world.rows[request][one] - world.costs[one] * (2 * load[one] - 1) // (2 * world.places[one])
    assert state.totals.by_tier == tuple(value[1:9])
    assert state.totals.net_score == value[9]
    return tuple(value)


def happen(world: World, state: LiveState, draw: random.Random) -> None:
    """Let one event happen to both."""
    kind = draw.choice(KINDS)
    top = draw.choice([1, 5, 10_000])
    before = state.assignment
    moved: dict[int, tuple[int, int]] = {}
    if kind == "in" and len(world.tiers) < 5:
        row, tier = world.row(draw, top), draw.randrange(8)
        outcome = state.add_request(tier, list(row), list(row.values()))
        world.tiers[outcome.number], world.rows[outcome.number] = tier, row
        moved = outcome.moved
    elif kind == "offer" and len(world.places) < 6:
        fans = {one: draw.randint(0, top) for one in world.tiers if draw.random() < 0.6}
        places, cost = draw.randint(0, 3), draw.choice([0, top])
        outcome = state.add_offer(places, cost, list(fans), list(fans.values()))
        assert outcome.number == len(world.places)
        world.places.append(places)
        world.costs.append(cost)
        for request, score in fans.items():
            world.rows[request][outcome.number] = score
        moved = outcome.moved
    elif kind == "terms":
        one = draw.randrange(len(world.places))
        other_cost = draw.choice([None, 0, top])
        outcome = state.change_offer(one, draw.randint(0, 4), other_cost)
        world.places[one] = int(state.places[one])
        world.costs[one] = state.load_cost(one)
        for request in outcome.lifted:
            assert world.pins.pop(request) == one
        assert one not in world.pins.values() or world.places[one]
        moved = outcome.moved
    elif kind == "settle":
        moved = state.settle().moved
    elif world.tiers:
        moved = _happen_to(world, state, draw, kind, top)
    after = state.assignment
    for request, (left, came) in moved.items():
        assert left == (before[request] if request < len(before) else -1)
        assert came == after[request]
    same = [one for one in range(len(before)) if one not in moved]
    assert (before[same] == after[same]).all()


def _happen_to(world: World, state: LiveState, draw: random.Random, kind: str, top: int) -> dict[int, tuple[int, int]]:
    request = draw.choice(sorted(world.tiers))
    own = sorted(world.rows[request])
    moved: dict[int, tuple[int, int]] = {}
    if kind == "out":
        del world.tiers[request], world.rows[request]
        world.pins.pop(request, None)
        moved = state.withdraw(request).moved
    elif kind == "change":
        row, tier = world.row(draw, top), draw.randrange(8)
        world.tiers[request], world.rows[request] = tier, row
        world.pins.pop(request, None)
        moved = state.change_request(request, tier, list(row), list(row.values())).moved
    elif kind == "unpin" and request in world.pins:
        del world.pins[request]
        moved = state.unpin(request).moved
    elif kind == "allow":
        one, score = draw.randrange(len(world.places)), draw.randint(0, top)
        if world.pins.get(request) != one:
            world.rows[request][one] = score
            moved = state.allow(request, one, score).moved
    elif kind == "forbid" and own and world.pins.get(request) != own[0]:
        world.rows[request].pop(own[0])
        moved = state.forbid(request, own[0]).moved
    elif kind == "pin" and own and world.places[own[-1]]:
        world.pins[request] = own[-1]
        moved = state.pin(request, own[-1]).moved
    return moved
