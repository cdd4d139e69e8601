"""State machines as one table: only listed transitions are allowed."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.kit.errors import IllegalStep


class Step(NamedTuple):
    """One row of a state machine: from, event, who may, to."""

    source: str
    event: str
    actors: frozenset[str]
    target: str


class Machine:
    """The allowed transitions of one kind of thing.

    `states` maps code to Chinese label; `steps` lists every transition; a pair (source, event) has one target.
    """

    def __init__(self, name: str, states: Mapping[str, str], final: Iterable[str], steps: Iterable[Step]) -> None:
        self.name = name
        self.states = dict(states)
        self.final = frozenset(final)
        self.steps = tuple(steps)
        self._table = {(step.source, step.event): step for step in self.steps}
        assert len(self._table) == len(self.steps), f"{name}: a pair of state and event is listed twice"
        assert all(step.source in self.states and step.target in self.states for step in self.steps)
        assert not any(step.source in self.final for step in self.steps), f"{name}: a final state has a way out"

    @property
    def events(self) -> tuple[str, ...]:
        """Every event name, in order of first appearance."""
        return tuple(dict.fromkeys(step.event for step in self.steps))

    def label(self, state: str) -> str:
        """Return the Chinese label of a state."""
        return self.states[state]

    def may(self, state: str, event: str, actor: str) -> bool:
        """Tell whether the actor may cause the event in this state."""
        step = self._table.get((state, event))
        return step is not None and actor in step.actors

    def target(self, state: str, event: str, actor: str) -> str:
        """Return the new state, or raise IllegalStep."""
        step = self._table.get((state, event))
        if step is None or actor not in step.actors:
            raise IllegalStep(f"“{self.states.get(state, state)}”状态下不能进行这一步。")
        return step.target


def steps(*rows: tuple[str, str, str, str]) -> tuple[Step, ...]:
    """Build steps from rows (source, event, "actor actor", target)."""
    return tuple(Step(source, event, frozenset(actors.split()), target) for source, event, actors, target in rows)
