"""Verification: never by whoever brought it, complete checklist, two people for homes and money (J03, domain 6.2)."""

from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.db import DB
from app.kit.errors import NotAllowed, SignInNeeded
from app.kit.outbox import record, run_everything
from app.kit.viewer import NOBODY, Role
from app.offers import queries, queries_review, service, service_fraud, service_review
from app.offers.errors import AnotherReviewer, ChecklistIncomplete, ProviderNotReady, ReasonNeeded
from app.offers.rules import CHECKLISTS
from app.organisations import queries_supply as supply
from tests.support.offers import draft, published, submitted, verified
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")


async def denied_rows(offer_id: UUID) -> list[tuple[str, UUID]]:
    rows = await DB.rows(
        "SELECT what, account_id FROM audit_log WHERE object_id = $1 AND result = 'DENIED' ORDER BY seq", offer_id
    )
    return [(row["what"], row["account_id"]) for row in rows]


async def state_of(offer_id: UUID) -> str:
    offer = await queries.facts(offer_id)
    assert offer is not None
    return offer.state


async def test_the_cadre_who_found_an_offer_may_not_approve_it(world: World, app: Litestar) -> None:
    """J03 steps 1 and 2: 陈 is refused with 403 and an audit row; a reviewer who is not 陈 publishes it."""
    offer_id = (await submitted(world, by="cit")).offer_id
    async with Visitor(app, world["cit"]) as chen:
        answer = await chen.post(f"/review/offers/{offer_id}/pass", {"checklist": list(CHECKLISTS["INTERN"])})
    assert answer.status_code == 403
    assert await denied_rows(offer_id) == [("offer.pass", world["cit"].account)]
    async with Visitor(app, world["rev"]) as reviewer:
        desk = await reviewer.get("/review/offers")
        assert "寒假新媒体运营实习生" in desk.text
        shown = await reviewer.get(f"/review/offers/{offer_id}")
        assert "实地走访" in shown.text
        answer = await reviewer.post(f"/review/offers/{offer_id}/pass", {"checklist": list(CHECKLISTS["INTERN"])})
        assert answer.status_code == 303
    assert await state_of(offer_id) == "PUBLISHED"
    offer = await queries.facts(offer_id)
    assert offer is not None
    assert offer.verified_until == world.now.date() + timedelta(days=180)


async def test_a_second_hat_does_not_let_anybody_verify_what_they_brought(world: World) -> None:
    offer_id = (await submitted(world, by="cit")).offer_id
    account = world["cit"].account
    await DB.rows("UPDATE offer SET source_account = $2 WHERE id = $1", offer_id, world["rev"].account)
    with pytest.raises(AnotherReviewer):
        await service_review.ask_more(world.viewer("rev"), offer_id, "请补充。", now=world.now)
    assert await denied_rows(offer_id) == [("offer.ask_more", world["rev"].account)]
    assert account != world["rev"].account


@pytest.mark.parametrize("key", ["rev_c2", "sch", "stu", "emp", "prv"])
async def test_whoever_is_out_of_scope_is_refused_and_it_is_written_down(world: World, key: str) -> None:
    offer_id = (await submitted(world)).offer_id
    with pytest.raises(NotAllowed):
        await service_review.pass_offer(world.viewer(key), offer_id, (), now=world.now)
    assert await denied_rows(offer_id) == [("offer.pass", world[key].account)]
    with pytest.raises(SignInNeeded):
        await service_review.pass_offer(NOBODY, offer_id, (), now=world.now)


async def test_a_reviewer_without_second_factor_decides_nothing(world: World) -> None:
    offer_id = (await submitted(world)).offer_id
    await world.person("rev_weak", "示例审核员弱", Role.REV, "city", second_factor=False)
    with pytest.raises(NotAllowed):
        await service_review.pass_offer(world.viewer("rev_weak"), offer_id, (), now=world.now)


async def test_every_item_of_the_checklist_has_to_be_ticked(world: World, app: Litestar) -> None:
    offer_id = (await submitted(world)).offer_id
    with pytest.raises(ChecklistIncomplete, match="保险已核对"):
        await service_review.pass_offer(world.viewer("rev"), offer_id, ("licence",), now=world.now)
    async with Visitor(app, world["rev"]) as reviewer:
        answer = await reviewer.post(f"/review/offers/{offer_id}/pass", {"checklist": "licence", "note": "电话核对过"})
    assert answer.status_code == 422
    assert "还有 7 项没有勾选" in answer.text
    assert 'value="licence" checked' in answer.text
    assert "电话核对过" in answer.text
    assert await state_of(offer_id) == "VERIFYING"


@pytest.mark.parametrize("kind", ["HOUSE", "SPONSOR"])
async def test_homes_and_money_need_two_different_reviewers(world: World, kind: str) -> None:
    offer_id = (await submitted(world, kind)).offer_id
    assert await verified(world, offer_id, "rev", world.now) == "VERIFYING"
    with pytest.raises(AnotherReviewer):
        await verified(world, offer_id, "rev", world.now)
    assert await verified(world, offer_id, "rev2", world.now) == "PUBLISHED"
    offer = await queries.facts(offer_id)
    assert offer is not None
    expected = world.now.date().isoformat() if kind == "HOUSE" else None
    assert offer.terms.get("verified_on_site") == expected


async def test_a_new_round_needs_both_reviewers_again(world: World) -> None:
    offer_id = (await submitted(world, "HOUSE")).offer_id
    await verified(world, offer_id, "rev", world.now)
    await service_review.ask_more(world.viewer("rev2"), offer_id, "请补充消防证明。", now=world.now)
    await service.submit(world.viewer("cit"), draft(world, "HOUSE"), offer_id=offer_id, now=world.now)
    assert await verified(world, offer_id, "rev2", world.now) == "VERIFYING"


async def test_a_decision_against_somebody_carries_its_reason_and_reaches_them(world: World, app: Litestar) -> None:
    offer_id = (await submitted(world)).offer_id
    with pytest.raises(ReasonNeeded):
        await service_review.fail(world.viewer("rev"), offer_id, "  ", now=world.now)
    async with Visitor(app, world["rev"]) as reviewer:
        empty = await reviewer.post(f"/review/offers/{offer_id}/return", {"reason": ""})
        assert empty.status_code == 422
        assert "请写明原因" in empty.text
        sent = await reviewer.post(f"/review/offers/{offer_id}/return", {"reason": "请补充保险单照片。"})
        assert sent.status_code == 303
    texts = await DB.rows("SELECT text FROM notification WHERE account_id = $1", world["emp"].account)
    assert [row["text"] for row in texts] == ["您发布的信息需要修改，请登录查看。"]
    async with Visitor(app, world["cit"]) as chen:
        assert "请补充保险单照片" in (await chen.get("/my-offers")).text


async def test_the_queue_shows_age_limit_and_only_what_is_in_scope(world: World, app: Litestar) -> None:
    await submitted(world, "HOUSE", by="cit")
    own = await service.submit(world.viewer("hou"), draft(world, "HOUSE", address="示例路9号"), now=world.now)
    later = world.now + timedelta(days=5)
    rows = await queries_review.waiting(world.viewer("rev"), now=later)
    assert [row.late for row in rows] == [True, True]
    assert {row.id for row in rows} >= {own.offer_id}
    assert await queries_review.waiting(world.viewer("rev_c2"), now=later) == ()
    assert len(await queries_review.waiting(world.viewer("rev_prv"), now=later)) == 2
    async with Visitor(app, world["rev_c2"]) as elsewhere:
        assert (await elsewhere.get(f"/review/offers/{own.offer_id}")).status_code == 404
    async with Visitor(app, world["cit"]) as cadre:
        assert (await cadre.get("/review/offers")).status_code == 403


async def test_the_same_home_offered_twice_is_shown_to_the_reviewer(world: World) -> None:
    first = await published(world, "HOUSE")
    second = (await submitted(world, "HOUSE", title="同一套房换个标题")).offer_id
    shown = await queries_review.for_review(world.viewer("rev"), second)
    assert shown is not None
    assert [(other.id, other.why) for other in shown.lookalikes] == [(first, "同一地址")]


async def test_a_serious_complaint_hides_the_offer_and_all_of_the_provider(world: World, app: Litestar) -> None:
    """J04 step 3: suspended at once, investigated by somebody who did not verify it, revoked by two."""
    first = await published(world, "HOUSE")
    other = await published(world, "HOUSE", address="示例路10号", title="另一套单间，先看房")
    async with Visitor(app, world["adult"]) as huang:
        assert (await huang.get(f"/offers/{first}/report")).status_code == 200
        sent = await huang.post(f"/offers/{first}/report", {"kind": "FRAUD", "text": "要求看房前转2000元"})
        assert sent.status_code == 303
        assert "96110" in (await huang.follow(sent)).text
        assert (await huang.get(f"/offers/{first}")).status_code == 404
    assert await state_of(first) == "SUSPENDED"
    assert await state_of(other) == "SUSPENDED"
    with pytest.raises(AnotherReviewer):
        await service_fraud.confirm(world.viewer("rev"), first, "属实", now=world.now)
    assert ("offer.confirmed", world["rev"].account) in await denied_rows(first)
    await world.person("rev3", "示例审核员丙", Role.REV, "city")
    assert await service_fraud.confirm(world.viewer("rev3"), first, "聊天记录属实。", now=world.now) is False
    with pytest.raises(AnotherReviewer):
        await service_fraud.confirm(world.viewer("rev3"), first, "聊天记录属实。", now=world.now)
    assert await service_fraud.confirm(world.viewer("rev_prv"), first, "同意撤销。", now=world.now) is True
    assert await state_of(first) == "REVOKED"
    reports = await DB.rows("SELECT state, decided_by FROM offer_report WHERE offer = $1", first)
    assert [(row["state"], row["decided_by"]) for row in reports] == [("CONFIRMED", world["rev_prv"].account)]
    provider = await supply.one(world.orgs["hou.provider"])
    assert provider is not None
    assert provider.state == "REVOKED"
    with pytest.raises(ProviderNotReady):
        await service_fraud.clear(world.viewer("rev3"), other, "另一套没有问题。", now=world.now)


async def test_nothing_is_published_for_a_provider_who_was_not_verified(world: World) -> None:
    offer_id = (await submitted(world)).offer_id
    await DB.rows("UPDATE provider SET state = 'APPLIED' WHERE id = $1", world.orgs["emp.provider"])
    with pytest.raises(ProviderNotReady, match="还没有通过核验"):
        await verified(world, offer_id, "rev", world.now)
    await DB.rows("UPDATE provider SET state = 'REVOKED' WHERE id = $1", world.orgs["emp.provider"])
    with pytest.raises(ProviderNotReady):
        await submitted(world, title="被撤销的单位再发一条")
    await DB.rows("UPDATE provider SET state = 'VERIFIED', type = 'SPO' WHERE id = $1", world.orgs["emp.provider"])
    with pytest.raises(ProviderNotReady, match="类型不能发布"):
        await submitted(world, title="类型不对的单位发一条")


async def test_a_mild_complaint_hides_nothing_and_counts_once(world: World) -> None:
    offer_id = await published(world)
    student = world.viewer("adult")
    for _ in range(2):
        assert await service_fraud.report(student, offer_id, "QUALITY", "和描述有出入", now=world.now) is False
    assert await state_of(offer_id) == "PUBLISHED"
    assert await DB.value("SELECT count(*) FROM offer_report WHERE offer = $1", offer_id) == 1


async def test_an_offer_that_is_cleared_is_published_again(world: World, app: Litestar) -> None:
    offer_id = await published(world)
    await service_fraud.suspend(world.viewer("rev"), offer_id, "照片可疑", now=world.now)
    async with Visitor(app, world["rev2"]) as investigator:
        shown = await investigator.get(f"/review/offers/{offer_id}")
        assert "提出撤销" in shown.text
        assert (await investigator.post(f"/review/offers/{offer_id}/clear", {"reason": ""})).status_code == 422
        done = await investigator.post(f"/review/offers/{offer_id}/clear", {"reason": "原图已核对，无问题。"})
        assert done.status_code == 303
    assert await state_of(offer_id) == "PUBLISHED"


async def test_a_revoked_provider_takes_all_its_offers_along(world: World) -> None:
    offer_id = await published(world)
    await DB.rows("DELETE FROM outbox_delivery")
    async with DB.transaction():
        await record("provider.revoked", world.orgs["emp.provider"], now=world.now)
    await run_everything(world.now)
    assert await state_of(offer_id) == "REVOKED"
    assert await service_fraud.revoke_provider(world.orgs["emp.provider"], now=world.now) == 0
