"""Every transition of domain 6.1 works through its verb, and every other pair of state and event is refused."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import IllegalStep
from app.kit.viewer import SYSTEM
from app.needs import service, service_checks, service_clock, service_progress, service_review
from app.needs.rules import FINAL, MACHINE, STATES
from tests.app.needs.drafting import OFFER, PRACTICAL, a_need, in_state, submitted
from tests.support.world import World

Act = Callable[[World, UUID, datetime], Awaitable[object]]


async def _risk_found(world: World, need_id: UUID, now: datetime) -> None:
    await service_checks.check(world.viewer("stu"), need_id, "我不想活了", now=now)


async def _checks_passed(world: World, need_id: UUID, now: datetime) -> None:
    await service_checks.check(world.viewer("stu"), need_id, PRACTICAL, now=now)


async def _merge(world: World, need_id: UUID, now: datetime) -> None:
    survivor = (await submitted(world, now)).need_id
    await service_review.merge(world.viewer("sch"), need_id, survivor, now=now)


async def _route(world: World, need_id: UUID, now: datetime) -> None:
    await service_review.route_to_case(world.viewer("sch"), need_id, "发现新的风险", now=now, risk="ORANGE")


async def _professional(world: World, need_id: UUID, now: datetime) -> None:
    await service_progress.professional_routes(world.viewer("psy"), need_id, "ORANGE", "发现新的风险", now=now)


async def _no_supply(_world: World, need_id: UUID, now: datetime) -> None:
    await DB.rows("UPDATE need SET escalation = 2, opened_at = $2 WHERE id = $1", need_id, now - timedelta(days=31))
    assert await service_clock.expire(now) or await _refuse(need_id, "no_supply")


async def _no_answer(_world: World, need_id: UUID, now: datetime) -> None:
    long_ago = now - timedelta(days=20)
    await DB.rows("UPDATE need SET reminders = 2, confirm_since = $2, updated_at = $2 WHERE id = $1", need_id, long_ago)
    assert await service_clock.close_unconfirmed(now) or await _refuse(need_id, "no_answer")


async def _refuse(need_id: UUID, event: str) -> bool:
    state = await DB.value("SELECT state FROM need WHERE id = $1", need_id)
    assert not MACHINE.may(state, event, "SYS")
    raise IllegalStep


async def _solved_directly(world: World, need_id: UUID, now: datetime) -> None:
    await service_progress.solved_directly(world.viewer("sch"), need_id, "帮忙联系了", help_record_id=OFFER, now=now)


VERBS: dict[str, Act] = {
    "risk_found": _risk_found,
    "checks_passed": _checks_passed,
    "cleared": lambda w, n, now: service_progress.clear_risk(w.viewer("psy"), n, "YELLOW", "已电话联系", now=now),
    "open_case": lambda w, n, now: service_progress.open_case(w.viewer("psy"), n, "ORANGE", "需要跟进", now=now),
    "approve": lambda w, n, now: service_review.approve(w.viewer("sch"), n, now=now),
    "return": lambda w, n, now: service_review.return_(w.viewer("sch"), n, "请补充", now=now),
    "route_to_case": _route,
    "merge_duplicate": _merge,
    "resubmit": lambda w, n, now: service.resubmit(w.viewer("stu"), n, a_need(w), now=now),
    "match_confirmed": lambda _w, n, now: service_progress.match_confirmed(n, now=now),
    "solved_directly": _solved_directly,
    "no_supply": _no_supply,
    "service_started": lambda _w, n, now: service_progress.service_started(n, now=now),
    "match_ended": lambda _w, n, now: service_progress.match_ended(n, OFFER, now=now),
    "goal_reached": lambda _w, n, now: service_progress.goal_reached(SYSTEM, n, "办好了", now=now, actor="PROVIDER"),
    "provider_lost": lambda _w, n, now: service_progress.provider_lost(n, OFFER, now=now),
    "confirm": lambda w, n, now: service.confirm(w.viewer("stu"), n, 5, now=now),
    "not_solved": lambda w, n, now: service.not_solved(w.viewer("stu"), n, now=now),
    "no_answer": _no_answer,
    "close_unsolvable": lambda w, n, now: service_review.close_unsolvable(w.viewer("sch"), n, "无法解决", now=now),
    "withdraw": lambda w, n, now: service.withdraw(w.viewer("stu"), n, now=now),
}
LISTED = [(step.source, step.event, step.target) for step in MACHINE.steps if step.event != "submit"]
REACHABLE = [state for state in STATES if state != "DRAFT"]


@pytest.mark.parametrize(("source", "event", "target"), LISTED)
async def test_a_listed_step_works_through_its_verb(
    world: World, clock: MovableClock, source: str, event: str, target: str
) -> None:
    now = clock.now()
    need_id = await in_state(world, source, now)
    act = _professional if (source, event) == ("IN_SERVICE", "route_to_case") else VERBS[event]
    await act(world, need_id, now)
    reached = await DB.rows(
        "SELECT source, event FROM state_change WHERE object_id = $1 AND target = $2", need_id, target
    )
    assert {"source": source, "event": event} in reached


@pytest.mark.parametrize("state", REACHABLE)
async def test_any_other_step_is_refused_and_changes_nothing(world: World, clock: MovableClock, state: str) -> None:
    now = clock.now()
    need_id = await in_state(world, state, now)
    for event in [event for event in VERBS if (state, event) not in {step[:2] for step in LISTED}]:
        with pytest.raises(IllegalStep):
            async with DB.transaction():
                await VERBS[event](world, need_id, now)
        assert await DB.value("SELECT state FROM need WHERE id = $1", need_id) == state, event


def test_every_event_of_the_machine_has_a_verb() -> None:
    assert set(VERBS) | {"submit"} == set(MACHINE.events)


def test_final_states_lead_nowhere() -> None:
    assert not [step for step in MACHINE.steps if step.source in FINAL]


async def test_submitting_leaves_the_whole_history(world: World, clock: MovableClock) -> None:
    sent = await submitted(world, clock.now())
    rows = await DB.rows("SELECT source, target FROM state_change WHERE object_id = $1 ORDER BY at, id", sent.need_id)
    assert [(row["source"], row["target"]) for row in rows] == [("DRAFT", "SUBMITTED"), ("SUBMITTED", "REVIEW")]
    assert sent.no == "XQ20261123-0001"
