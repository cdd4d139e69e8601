"""Providers: verified with the whole checklist, suspended, revoked; the machine from its table."""

from datetime import date

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotFound
from app.organisations import queries_providers, service_providers
from app.organisations.errors import OwnSubmission
from app.organisations.rules import CHECKLISTS, PROVIDER_MACHINE, VERIFY_LIFE, checklist_for
from tests.support.visitor import Visitor
from tests.support.world import World


async def _state(world: World, key: str) -> str:
    state: str = await DB.value("SELECT state FROM provider WHERE id = $1", world.orgs[key])
    return state


async def test_a_reviewer_verifies_with_every_item_ticked(app: Litestar, world: World) -> None:
    provider = await world.provider("new", "（示例）待核验", "EMP", state="APPLIED")
    path = f"/providers/{provider}"
    async with Visitor(app, world["rev"]) as visitor:
        listed = (await visitor.get("/providers")).text
        assert listed.index("（示例）待核验") < listed.index("（示例）海岸科技")
        assert "（示例）待核验" in (await visitor.get("/providers?state=APPLIED&q=待核验")).text
        assert (await visitor.get(path)).status_code == 200
        some = await visitor.post(f"{path}/verify", {"ticked": ["licence"]})
        assert some.status_code == 422
        assert "还没有核实" in some.text
        assert (await visitor.post(f"{path}/verify", {"ticked": ["nonsense"]})).status_code == 422
        done = await visitor.post(f"{path}/verify", {"ticked": list(CHECKLISTS["EMP"])})
        assert done.status_code == 303
        assert await _state(world, "new") == "VERIFIED"
        assert (await visitor.post(f"{path}/decisions/suspend", {"reason": ""})).status_code == 422
        assert (await visitor.post(f"{path}/decisions/suspend", {"reason": "有投诉"})).status_code == 303
        assert (await visitor.post(f"{path}/decisions/clear", {"reason": "查清"})).status_code == 303
        assert (await visitor.post(f"{path}/decisions/revoke", {"reason": "收费"})).status_code == 303
        assert (await visitor.post(f"{path}/decisions/clear", {"reason": "x"})).status_code == 409
        assert (await visitor.post(f"{path}/decisions/nonsense", {"reason": "x"})).status_code == 404
        assert "收费" in (await visitor.get(path)).text
    facts = await DB.rows("SELECT kind FROM outbox_fact WHERE subject_id = $1 ORDER BY created_at, id", provider)
    assert [fact["kind"] for fact in facts][-1] == "provider.revoked"
    assert await DB.value("SELECT strikes FROM provider WHERE id = $1", provider) == 1


async def test_an_application_is_returned_or_rejected(app: Litestar, world: World) -> None:
    provider = await world.provider("new", "（示例）待核验", "HOU", state="APPLIED")
    async with Visitor(app, world["rev"]) as visitor:
        path = f"/providers/{provider}/decisions"
        assert (await visitor.post(f"{path}/return", {"reason": "缺备案"})).status_code == 303
        assert await _state(world, "new") == "APPLIED"
        assert (await visitor.post(f"{path}/reject", {"reason": "资料虚假"})).status_code == 303
    assert await _state(world, "new") == "REJECTED"


async def test_reviewers_see_their_area_and_nobody_approves_what_they_brought(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    provider = world.orgs["emp.provider"]
    async with Visitor(app, world["rev_c2"]) as elsewhere, Visitor(app, world["rev_prv"]) as province:
        assert (await elsewhere.get(f"/providers/{provider}")).status_code == 404
        assert "海岸科技" not in (await elsewhere.get("/providers")).text
        assert "海岸科技" in (await province.get("/providers")).text
    hat = world.viewer("rev").appointment_id
    await DB.rows("UPDATE provider SET source_appointment = $2 WHERE id = $1", provider, hat)
    with pytest.raises(OwnSubmission):
        await service_providers.suspend(world.viewer("rev"), provider, "x", now=clock.now())
    with pytest.raises(NotFound):
        await queries_providers.page(world.viewer("hou"), provider)
    assert (await queries_providers.page(world.viewer("emp"), provider)).legal_name == "（示例）海岸科技"
    with pytest.raises(NotFound):
        await queries_providers.listed(world.viewer("emp"))


async def test_a_verification_runs_out(world: World, clock: MovableClock) -> None:
    day = local_day(clock.now())
    await DB.rows("UPDATE provider SET verify_due = $2 WHERE id = $1", world.orgs["hou.provider"], day)
    assert await service_providers.lapse_overdue(clock.now()) == 0
    clock.move(days=1)
    assert await service_providers.lapse_overdue(clock.now()) == 1
    assert await _state(world, "hou.provider") == "LAPSED"
    assert VERIFY_LIFE["HOU"].days == 90
    assert date(2026, 11, 23) == day


@pytest.mark.parametrize("state", sorted(PROVIDER_MACHINE.states))
async def test_what_the_table_does_not_list_is_refused(state: str, world: World, clock: MovableClock) -> None:
    provider = world.orgs["emp.provider"]
    verbs = {
        "reject": service_providers.reject,
        "suspend": service_providers.suspend,
        "clear": service_providers.clear,
        "revoke": service_providers.revoke,
    }
    for event, verb in verbs.items():
        await DB.rows("UPDATE provider SET state = $2 WHERE id = $1", provider, state)
        if PROVIDER_MACHINE.may(state, event, "REVIEWER"):
            await verb(world.viewer("rev"), provider, "原因", now=clock.now())
            assert await _state(world, "emp.provider") == PROVIDER_MACHINE.target(state, event, "REVIEWER")
        else:
            with pytest.raises(IllegalStep):
                await verb(world.viewer("rev"), provider, "原因", now=clock.now())


async def test_contacts_and_facts_for_other_capabilities(world: World) -> None:
    provider = world.orgs["emp.provider"]
    assert await queries_providers.contact_of(provider) == ("示例联系人", "13800000000")
    facts = await queries_providers.facts([provider])
    assert facts[provider].state == "VERIFIED"
    with pytest.raises(NotFound):
        await queries_providers.contact_of(world.orgs["school"])
    with pytest.raises(NotFound):
        await service_providers.follow_vetting(world.orgs["school"], "VERIFIED", now=world.now)
    assert set(checklist_for("FND")) == {"licence", "contact"}
