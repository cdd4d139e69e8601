"""Reviewers learn that something waits; a returned application says why and is sent again with everything kept."""

from datetime import timedelta

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed
from app.kit.outbox import record, run_everything
from app.kit.viewer import Role
from app.organisations import service_providers
from app.organisations.errors import ProviderKnown
from app.organisations.service_providers import NewProvider
from app.people import queries, service_vetting
from tests.app.offers.test_offers_write import credit_code
from tests.support import offers
from tests.support.visitor import Visitor
from tests.support.world import World


async def _notes(world: World, key: str, template: str) -> list[str]:
    rows = await DB.rows(
        "SELECT link FROM notification WHERE account_id = $1 AND template = $2 ORDER BY id",
        world[key].account,
        template,
    )
    return [row["link"] for row in rows]


async def test_an_offer_of_a_provider_calls_the_nearest_reviewers_once(world: World) -> None:
    await offers.submitted(world, "INTERN", by="emp")
    await offers.submitted(world, "INTERN", by="emp", title="暑期新媒体运营实习生（四周）")
    assert await _notes(world, "rev", "review.offer") == ["/review/offers"]
    assert await _notes(world, "rev2", "review.offer") == ["/review/offers"]
    assert await _notes(world, "rev_prv", "review.offer") == []
    assert await _notes(world, "rev_c2", "review.offer") == []
    await DB.rows("UPDATE notification SET read_at = $1", world.now)
    await offers.submitted(world, "HOUSE", by="hou")
    assert await _notes(world, "rev", "review.offer") == ["/review/offers"] * 2


async def test_who_brought_an_offer_is_not_told_and_two_people_are_found(world: World) -> None:
    """The reviewer who is also the cadre behind the offer is passed over; housing needs two, so the province helps."""
    day = local_day(world.now)
    path = world.paths["city"]
    but = {world["rev2"].account}
    assert await queries.reviewers("440604", day, org_path=path, but=but) == [world["rev"].account]
    found = await queries.reviewers("440604", day, but=but, at_least=2)
    assert found == [world["rev"].account, world["rev_prv"].account]
    assert await queries.accounts_in_role([Role.REV], "", day) == []


async def test_reviewers_are_told_of_applications_and_of_those_sent_again(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    provider = await world.provider("new", "（示例）待核验", "EMP", state="APPLIED", uscc=credit_code())
    await world.person("boss", "示例经办", Role.EMP, provider=provider)
    await DB.rows(
        "UPDATE provider SET source_appointment = $2 WHERE id = $1", provider, world.viewer("rev2").appointment_id
    )
    async with DB.transaction():
        await record("provider.applied", provider, now=clock.now(), type="EMP")
    await run_everything(clock.now())
    assert await _notes(world, "rev", "review.provider") == ["/providers?state=APPLIED"]
    assert await _notes(world, "rev2", "review.provider") == []
    await DB.rows("UPDATE notification SET read_at = $1", clock.now())
    async with Visitor(app, world["rev"]) as reviewer, Visitor(app, world["boss"]) as boss:
        assert "申请已提交" in (await boss.get("/my-provider")).text
        sent = await reviewer.post(f"/providers/{provider}/decisions/return", {"reason": "营业执照看不清，请重填"})
        assert sent.status_code == 303
        await run_everything(clock.now())
        assert await _notes(world, "boss", "provider.returned") == ["/my-provider"]
        assert "需补充" in (await boss.get("/work")).text
        page = (await boss.get("/my-provider")).text
        assert "营业执照看不清，请重填" in page
        assert 'value="（示例）待核验"' in page
        form = {
            "legal_name": "（示例）已改名称",
            "uscc": credit_code(),
            "unit_kind": "PRIV",
            "region_code": "440604",
            "address": "示例路1号",
            "contact_person": "示例新联系人",
            "contact_phone": "13800000009",
            "agree": "yes",
        }
        wrong = await boss.post("/my-provider", form | {"uscc": "1", "unit_kind": ""})
        assert wrong.status_code == 422
        assert 'value="（示例）已改名称"' in wrong.text
        assert (await boss.post("/my-provider", form)).status_code == 303
        await run_everything(clock.now())
        assert await _notes(world, "rev", "review.provider") == ["/providers?state=APPLIED"] * 2
        assert (await boss.post("/my-provider", form)).status_code == 409
        assert "申请已提交" in (await boss.get("/my-provider")).text
        seen = (await reviewer.get(f"/providers/{provider}")).text
        assert "（示例）已改名称" in seen
        assert "重新提交" in seen
    row = (await DB.rows("SELECT * FROM provider WHERE id = $1", provider))[0]
    assert (row["state"], row["refusal_reason"], row["contact_person"]) == ("APPLIED", "", "示例新联系人")
    assert await DB.value("SELECT count(*) FROM audit_log WHERE what = 'provider.resubmit'") == 1


async def test_only_ones_own_returned_application_of_the_same_kind_is_sent_again(world: World) -> None:
    new = NewProvider(
        type="EMP",
        legal_name="（示例）海岸科技",
        region_code="440604",
        contact_person="示例联系人",
        contact_phone="13800000001",
        uscc=credit_code(),
    )
    with pytest.raises(IllegalStep):
        await service_providers.resubmit(world.viewer("emp"), new, now=world.now)
    with pytest.raises(NotAllowed):
        await service_providers.resubmit(world.viewer("sch"), new, now=world.now)
    await DB.rows(
        "UPDATE provider SET state = 'APPLIED', refusal_reason = '缺材料' WHERE id = $1", world.orgs["emp.provider"]
    )
    await world.provider("twin", "（示例）同码单位", "EMP", uscc=credit_code())
    with pytest.raises(ProviderKnown):
        await service_providers.resubmit(world.viewer("emp"), new, now=world.now)


async def test_a_volunteer_is_led_to_the_vetting_and_its_reviewers_are_told(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    async with Visitor(app, world["vol"]) as volunteer:
        assert (await volunteer.get("/my-provider")).headers["location"] == "/vetting/me"
    await DB.rows("UPDATE volunteer_profile SET vetting = 'DOCS' WHERE person = $1", world["vol"].person)
    later = clock.now() + timedelta(hours=1)
    await service_vetting.take_step(world.viewer("vol"), world["vol"].person, "documents_complete", now=later)
    await run_everything(later)
    assert await _notes(world, "rev", "review.volunteer") == ["/vetting?state=APPLIED"]


async def test_a_volunteer_whose_papers_were_incomplete_changes_them_and_sends_them_again(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    person = world["vol"].person
    await DB.rows("UPDATE volunteer_profile SET vetting = 'APPLIED' WHERE person = $1", person)
    papers: dict[str, str | list[str]] = {
        "credential": "CR04",
        "credential_no": "DEMO-NEW-1",
        "credential_issuer": "示例发证机构",
        "credential_issued": "2024-05-01",
        "languages": ["PTH"],
        "modes": ["ON", "VO"],
        "audience": "minors",
        "check_consent": "yes",
        "weekly_cap": "3",
    }
    async with Visitor(app, world["rev"]) as reviewer, Visitor(app, world["vol"]) as volunteer:
        assert (await volunteer.get("/vetting/me/papers")).status_code == 404
        path = f"/vetting/{person}/steps/documents_incomplete"
        assert (await reviewer.post(path, {"reason": "证书编号核对不上，请重填"})).status_code == 303
        assert "证书编号核对不上，请重填" in (await volunteer.get("/vetting/me")).text
        page = (await volunteer.get("/vetting/me/papers")).text
        assert "证书编号核对不上，请重填" in page
        assert 'value="DEMO-vol"' in page
        wrong = await volunteer.post("/vetting/me/papers", papers | {"check_consent": "", "motive": "想帮忙"})
        assert wrong.status_code == 422
        assert "需要先同意做从业查询" in wrong.text
        assert "想帮忙" in wrong.text
        assert (await volunteer.post("/vetting/me/papers", papers)).headers["location"] == "/vetting/me"
        await run_everything(clock.now())
        assert await _notes(world, "rev", "review.volunteer") == ["/vetting?state=APPLIED"]
        assert (await volunteer.post("/vetting/me/papers", papers)).status_code == 404
    row = (await DB.rows("SELECT * FROM volunteer_profile WHERE person = $1", person))[0]
    assert (row["vetting"], row["credential"], row["credential_no"]) == ("APPLIED", "CR04", "DEMO-NEW-1")
    assert await DB.value("SELECT count(*)::int FROM audit_log WHERE what = 'vetting.papers'") == 1
