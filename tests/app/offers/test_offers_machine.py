"""Every step of the machine of domain 6.2, made by its verb; every other one refused."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from app.kit.audit import history
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotFound, Refusal
from app.kit.machine import Step
from app.offers import queries, service, service_clock, service_fraud, service_places, service_review
from app.offers.errors import NoPlaceLeft, VerificationOver
from app.offers.rules import CHECKLISTS, FINAL, MACHINE, STATES
from app.offers.service import OfferDraft
from tests.support.offers import draft, submitted
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")
Verb = Callable[[World, UUID], Awaitable[object]]


async def put(offer_id: UUID, state: str) -> None:
    """Write a state directly: the tests below look at one step only."""
    await DB.rows(
        """
        UPDATE offer SET state = $2::text,
            published_at = CASE WHEN $2::text IN ('PUBLISHED', 'PAUSED', 'FULL', 'SUSPENDED') THEN created_at END
        WHERE id = $1
        """,
        offer_id,
        state,
    )


async def state_of(offer_id: UUID) -> str:
    found: str = await DB.value("SELECT state FROM offer WHERE id = $1", offer_id)
    return found


async def resubmit(world: World, offer_id: UUID) -> None:
    await service.submit(world.viewer("cit"), draft(world), offer_id=offer_id, now=world.now)


async def break_rule(world: World, offer_id: UUID) -> None:
    await service.submit(world.viewer("cit"), draft(world, minutes_per_day="9"), offer_id=offer_id, now=world.now)


async def pass_it(world: World, offer_id: UUID) -> None:
    ticked = tuple(CHECKLISTS["INTERN"])
    await service_review.pass_offer(world.viewer("rev"), offer_id, ticked, now=world.now)


async def end(world: World, offer_id: UUID) -> None:
    await DB.rows("UPDATE offer SET valid_to = $2 WHERE id = $1", offer_id, world.now.date() - timedelta(days=1))
    if not await service_clock.expire(now=world.now):
        raise IllegalStep


async def archive(world: World, offer_id: UUID) -> None:
    await DB.rows("UPDATE offer SET ended_at = $2 WHERE id = $1", offer_id, world.now - timedelta(days=366))
    if not await service_clock.archive(now=world.now):
        raise IllegalStep


async def use_up(world: World, offer_id: UUID) -> None:
    await DB.rows("UPDATE offer SET used = capacity - 1 WHERE id = $1", offer_id)
    await service_places.take_place(offer_id, now=world.now)


async def give_back(world: World, offer_id: UUID) -> None:
    await DB.rows("UPDATE offer SET used = capacity WHERE id = $1", offer_id)
    row = await service_places.free_place(offer_id, now=world.now)
    if row.state != "PUBLISHED":
        raise IllegalStep


async def confirm(world: World, offer_id: UUID) -> None:
    await DB.rows("UPDATE offer SET revoke_asked_by = $2 WHERE id = $1", offer_id, world["rev2"].account)
    await service_fraud.confirm(world.viewer("rev"), offer_id, "核实属实", now=world.now)


async def revoke_all(world: World, _offer_id: UUID) -> None:
    if not await service_fraud.revoke_provider(world.orgs["emp.provider"], now=world.now):
        raise IllegalStep


VERBS: dict[str, Verb] = {
    "submit": resubmit,
    "start_check": resubmit,
    "hard_rule_broken": break_rule,
    "pass": pass_it,
    "ask_more": lambda w, o: service_review.ask_more(w.viewer("rev"), o, "请补充保险单。", now=w.now),
    "fail": lambda w, o: service_review.fail(w.viewer("rev"), o, "无法核实单位地址。", now=w.now),
    "resubmit": resubmit,
    "pause": lambda w, o: service.pause(w.viewer("cit"), o, now=w.now),
    "resume": lambda w, o: service.resume(w.viewer("cit"), o, now=w.now),
    "capacity_used": use_up,
    "capacity_free": give_back,
    "end_date": end,
    "renew": resubmit,
    "fraud_signal": lambda w, o: service_fraud.suspend(w.viewer("rev"), o, "照片与另一家相同。", now=w.now),
    "cleared": lambda w, o: service_fraud.clear(w.viewer("rev"), o, "经核实无问题。", now=w.now),
    "confirmed": confirm,
    "provider_revoked": revoke_all,
    "archive": archive,
    "withdraw": lambda w, o: service.withdraw(w.viewer("cit"), o, now=w.now),
}
STARTS = {"start_check": "DRAFT", "hard_rule_broken": "DRAFT"}
"""Events the system makes at once after a submission: they begin where the submission begins."""

ENDS = {"submit": "VERIFYING", "resubmit": "VERIFYING", "renew": "VERIFYING"}
"""A submission goes on to the check in the same transaction."""


def test_every_event_of_the_table_has_a_verb() -> None:
    assert set(VERBS) == set(MACHINE.events)


@pytest.mark.parametrize("step", MACHINE.steps, ids=lambda step: f"{step.source}-{step.event}")
async def test_every_listed_step_is_made_by_its_verb(world: World, step: Step) -> None:
    offer_id = (await submitted(world)).offer_id
    await put(offer_id, STARTS.get(step.event, step.source))
    await VERBS[step.event](world, offer_id)
    assert await state_of(offer_id) == ENDS.get(step.event, step.target)
    made = [(change["source"], change["event"], change["target"]) for change in await history(offer_id)]
    assert (step.source, step.event, step.target) in made


LISTED = {(step.source, step.event) for step in MACHINE.steps}
SAME_VERB = {"submit", "resubmit", "renew", "start_check", "hard_rule_broken"}
"""Submitting picks its event by the state; it is refused where none of them is listed."""


@pytest.mark.parametrize("state", STATES)
async def test_every_other_step_is_refused(world: World, state: str) -> None:
    offer_id = (await submitted(world)).offer_id
    for event, verb in VERBS.items():
        if (state, event) in LISTED or (event in SAME_VERB and state in {"DRAFT", "RETURNED", "EXPIRED"}):
            continue
        await put(offer_id, state)
        await DB.rows("UPDATE offer SET used = 0, revoke_asked_by = NULL WHERE id = $1", offer_id)
        with contextlib.suppress(IllegalStep, NoPlaceLeft, NotFound, VerificationOver):
            async with DB.transaction():
                await verb(world, offer_id)
        assert await state_of(offer_id) == state, (state, event)


@pytest.mark.parametrize("state", sorted(FINAL))
async def test_nothing_leads_out_of_a_final_state(world: World, state: str) -> None:
    offer_id = (await submitted(world)).offer_id
    await put(offer_id, state)
    with pytest.raises(IllegalStep):
        await service.submit(world.viewer("cit"), draft(world), offer_id=offer_id, now=world.now)


async def test_somebody_elses_offer_is_not_found(world: World) -> None:
    offer_id = (await submitted(world)).offer_id
    for key in ("cit2", "sch2", "hou", "vol"):
        with pytest.raises(Refusal) as refused:
            await service.pause(world.viewer(key), offer_id, now=world.now)
        assert refused.value.status in {403, 404}, key


async def test_a_provider_offers_for_itself_only(world: World) -> None:
    wrong: OfferDraft = draft(world, "HOUSE")
    with pytest.raises(Refusal) as refused:
        await service.submit(world.viewer("emp"), wrong, now=world.now)
    assert refused.value.status == 403
    mine = await service.submit(world.viewer("hou"), wrong, now=world.now)
    assert mine.state == "VERIFYING"
    assert [offer.id for offer in await queries.mine(world.viewer("hou"))] == [mine.offer_id]
    assert await queries.mine(world.viewer("emp")) == []


async def test_a_draft_can_be_thrown_away_and_a_sent_offer_cannot(world: World) -> None:
    viewer = world.viewer("cit")
    waiting = await service.save_draft(viewer, None, "INTERN", {"title": ["半截"]}, provider_id=None, now=world.now)
    await service.discard(viewer, waiting, now=world.now)
    assert await queries.facts(waiting) is None
    with pytest.raises(NotFound):
        await service.discard(viewer, (await submitted(world)).offer_id, now=world.now)
