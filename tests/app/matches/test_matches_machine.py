"""The state machine of matches against the table of the domain reference, and every listed step on the database."""

import contextlib
from itertools import product

import pytest

from app.kit.audit import history
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import IllegalStep
from app.kit.machine import Step
from app.kit.viewer import SYSTEM
from app.matches.queries import MatchFacts
from app.matches.rules import FINAL, HOLDS_PLACE, MACHINE, STATES
from app.matches.service_steps import lock, move
from tests.support.matching import fresh, need_state, proposed
from tests.support.world import World

DOMAIN = """
PROPOSED student accepts S_ACCEPTED
PROPOSED provider accepts first P_ACCEPTED
PROPOSED student declines S_DECLINED
PROPOSED no answer LAPSED
S_ACCEPTED provider accepts CONFIRMED
S_ACCEPTED provider declines P_DECLINED
S_ACCEPTED no answer LAPSED
P_ACCEPTED student accepts CONFIRMED
P_ACCEPTED student declines S_DECLINED
P_ACCEPTED no answer LAPSED
CONFIRMED slot booked / agreement signed SCHEDULED
CONFIRMED cancel CANCELLED
SCHEDULED start IN_PROGRESS
SCHEDULED student absent NO_SHOW_S
SCHEDULED provider absent NO_SHOW_P
SCHEDULED cancel in time CANCELLED
NO_SHOW_S rebook SCHEDULED
NO_SHOW_S close CANCELLED
NO_SHOW_P rebook same SCHEDULED
NO_SHOW_P replace CANCELLED
IN_PROGRESS finish COMPLETED
IN_PROGRESS complaint DISPUTED
DISPUTED resolved IN_PROGRESS
DISPUTED ended TERMINATED
SCHEDULED provider revoked / safeguarding TERMINATED
IN_PROGRESS provider revoked / safeguarding TERMINATED
CONFIRMED provider revoked / safeguarding TERMINATED
S_ACCEPTED provider revoked / safeguarding TERMINATED
P_ACCEPTED provider revoked / safeguarding TERMINATED
PROPOSED offer no longer published LAPSED
S_ACCEPTED consent withdrawn CANCELLED
CONFIRMED consent withdrawn CANCELLED
SCHEDULED consent withdrawn CANCELLED
IN_PROGRESS consent withdrawn CANCELLED
"""
EVENTS = {
    "student accepts": "student_accepts",
    "provider accepts first": "provider_accepts",
    "student declines": "student_declines",
    "no answer": "no_answer",
    "provider accepts": "provider_accepts",
    "provider declines": "provider_declines",
    "slot booked / agreement signed": "schedule",
    "cancel": "cancel",
    "start": "start",
    "student absent": "student_absent",
    "provider absent": "provider_absent",
    "cancel in time": "cancel",
    "rebook": "rebook",
    "close": "close",
    "rebook same": "rebook",
    "replace": "replace",
    "finish": "finish",
    "complaint": "complain",
    "resolved": "resolved",
    "ended": "ended",
    "provider revoked / safeguarding": "safeguard",
    "offer no longer published": "offer_gone",
    "consent withdrawn": "consent_withdrawn",
}
ACTORS = sorted({actor for step in MACHINE.steps for actor in step.actors})


def _domain() -> set[tuple[str, str, str]]:
    rows = set()
    for line in DOMAIN.strip().splitlines():
        source, *words, target = line.split()
        rows.add((source, EVENTS[" ".join(words)], target))
    return rows


def test_the_table_is_the_table_of_the_domain() -> None:
    assert {(step.source, step.event, step.target) for step in MACHINE.steps} == _domain()
    assert {"COMPLETED", "S_DECLINED", "P_DECLINED", "LAPSED", "CANCELLED", "TERMINATED"} == FINAL


@pytest.mark.parametrize("state", STATES)
def test_every_step_that_is_not_listed_is_refused(state: str) -> None:
    listed = {(step.event, actor) for step in MACHINE.steps if step.source == state for actor in step.actors}
    for event, actor in product(MACHINE.events, ACTORS):
        if (event, actor) in listed:
            assert MACHINE.target(state, event, actor) in STATES
        else:
            with pytest.raises(IllegalStep):
                MACHINE.target(state, event, actor)


async def test_every_listed_step_works_keeps_history_and_the_count_of_places(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    for step in MACHINE.steps:
        for actor in sorted(step.actors):
            with contextlib.suppress(_UndoneError):
                async with DB.transaction():
                    await _one_step(match, step, actor, clock)
                    _undo()
    assert (await fresh(match)).state == "PROPOSED"


async def _one_step(match: MatchFacts, step: Step, actor: str, clock: MovableClock) -> None:
    await _bring(match, step.source)
    before = await lock(match.id)
    moved = await move(before, step.event, actor, viewer=SYSTEM, now=clock.now())
    assert moved.state == step.target, step
    assert moved.version == before.version + 1
    last = (await history(match.id))[-1]
    assert (last["source"], last["event"], last["target"]) == (step.source, step.event, step.target)
    used = await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id)
    assert used == int(step.target in HOLDS_PLACE and step.source in HOLDS_PLACE), step
    assert (moved.ended_at is not None) == (step.target in FINAL)
    if step.source in HOLDS_PLACE and step.target in {"CANCELLED", "TERMINATED"}:
        assert await need_state(match.need_id) == "OPEN"


class _UndoneError(Exception):
    pass


def _undo() -> None:
    raise _UndoneError


async def _bring(match: MatchFacts, state: str) -> None:
    """Put a match, its need and its offer's place into a state, as the verbs would have left them."""
    held = state in HOLDS_PLACE
    need = {"IN_PROGRESS": "IN_SERVICE", "DISPUTED": "IN_SERVICE"}.get(state, "MATCHED" if held else "OPEN")
    rows = await DB.rows(
        "UPDATE match SET state = $2, holds_place = $3 WHERE id = $1 RETURNING need_id, offer_id",
        match.id,
        state,
        int(held),
    )
    await DB.rows("UPDATE need SET state = $2 WHERE id = $1", rows[0]["need_id"], need)
    await DB.rows("UPDATE offer SET used = $2 WHERE id = $1", rows[0]["offer_id"], int(held))
