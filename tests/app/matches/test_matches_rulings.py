"""People decide: pins, forbids and overrides, their cost in words, and who may decide."""

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.outbox import run_everything
from app.matches import queries, queries_rulings, service, service_rulings
from app.matches.errors import OfferDoesNotFit, RulingStands
from tests.app.matches.test_matches_runs import people, tick_night
from tests.support.matching import matches_of
from tests.support.visitor import Visitor
from tests.support.world import World


async def test_a_pin_is_kept_by_the_next_run_and_its_cost_is_told(world: World, clock: MovableClock) -> None:
    first, second = await people(world, clock, needs=2, volunteers=1)
    await DB.rows("UPDATE need SET urgency = 'H' WHERE id = $1", first)
    (offer_id,) = await DB.rows("SELECT id FROM offer")
    ruling_id = await service_rulings.rule(
        world.viewer("sch"), second, offer_id["id"], "PIN", "情况特殊，需要先安排", now=clock.now()
    )
    await DB.rows("UPDATE outbox_delivery SET state = 'DONE'")
    await tick_night(clock)
    plan = await DB.rows("SELECT need_id FROM match_plan")
    assert [row["need_id"] for row in plan] == [second]
    ruling = await queries_rulings.find(ruling_id)
    assert ruling is not None
    assert ruling.outcome.kept
    assert ruling.outcome.cost.by_tier == (1, 0, -1)
    assert ruling.outcome.sentence == "服务人数不变，但有更急的同学让给了不那么急的同学"


async def test_a_forbidden_pair_costs_a_person_when_nobody_else_fits(world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=1)
    (offer,) = await DB.rows("SELECT id FROM offer")
    ruling_id = await service_rulings.rule(
        world.viewer("sch"), need_id, offer["id"], "FORBID", "两人认识", now=clock.now()
    )
    await tick_night(clock)
    assert await matches_of(need_id) == {}
    ruling = await queries_rulings.find(ruling_id)
    assert ruling is not None
    assert ruling.outcome.sentence == "少服务 1 人"
    with pytest.raises(OfferDoesNotFit) as refused:
        await service.choose_offer(world.viewer("s0"), need_id, offer["id"], now=clock.now())
    assert refused.value.said == "这一项现在不适合。", "neutral words for the student"
    await service_rulings.take_back(world.viewer("cit"), ruling_id, now=clock.now())
    await run_everything(clock.now())
    assert list((await matches_of(need_id)).values()) == ["PROPOSED"]


async def test_forbidding_ends_an_open_proposal_in_neutral_words(world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=2)
    await tick_night(clock)
    shown = await queries.live_where("need_id", need_id)
    await service_rulings.rule(world.viewer("sch"), need_id, shown[0].offer_id, "FORBID", "不合适", now=clock.now())
    await run_everything(clock.now())
    states = await matches_of(need_id)
    assert states[str(shown[0].offer_id)] == "LAPSED"
    assert states[str(shown[1].offer_id)] == "PROPOSED"


async def test_an_override_is_proposed_at_once_and_the_run_keeps_it(world: World, clock: MovableClock) -> None:
    first, second = await people(world, clock, needs=2, volunteers=2)
    offers = [row["id"] for row in await DB.rows("SELECT id FROM offer ORDER BY id")]
    await service_rulings.rule(world.viewer("cty"), second, offers[0], "OVERRIDE", "已与双方沟通", now=clock.now())
    (match,) = await queries.of_need(second)
    assert (match.offer_id, match.origin, match.state) == (offers[0], "CADRE", "PROPOSED")
    await tick_night(clock)
    plan = {row["need_id"]: row["offer_id"] for row in await DB.rows("SELECT need_id, offer_id FROM match_plan")}
    assert plan == {first: offers[1], second: offers[0]}
    with pytest.raises(RulingStands):
        await service_rulings.rule(world.viewer("sch"), second, offers[1], "PIN", "换一个", now=clock.now())


async def test_an_override_never_goes_around_a_gate(world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=1)
    (offer,) = await DB.rows("SELECT id FROM offer")
    await DB.rows("UPDATE record_check SET checked_on = checked_on - 800")
    with pytest.raises(OfferDoesNotFit):
        await service_rulings.rule(world.viewer("sch"), need_id, offer["id"], "OVERRIDE", "熟人推荐", now=clock.now())
    ruling_id = await service_rulings.rule(world.viewer("sch"), need_id, offer["id"], "PIN", "熟人", now=clock.now())
    await tick_night(clock)
    ruling = await queries_rulings.find(ruling_id)
    assert ruling is not None
    assert not ruling.outcome.kept
    assert ruling.outcome.sentence.startswith("上次没能照办：")
    assert await matches_of(need_id) == {}


async def test_who_may_decide(world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=1)
    (offer,) = await DB.rows("SELECT id FROM offer")
    for stranger in ("sch2", "cit2"):
        with pytest.raises(NotFound):
            await service_rulings.rule(world.viewer(stranger), need_id, offer["id"], "PIN", "x", now=clock.now())
    for other in ("stu", "vol", "psy", "prv", "rev"):
        with pytest.raises(NotAllowed):
            await service_rulings.rule(world.viewer(other), need_id, offer["id"], "PIN", "x", now=clock.now())
    ruling_id = await service_rulings.rule(
        world.viewer("cit"), need_id, offer["id"], "PIN", "了解情况", now=clock.now()
    )
    with pytest.raises(NotFound):
        await service_rulings.take_back(world.viewer("cit2"), ruling_id, now=clock.now())
    told = await DB.rows("SELECT what, purpose FROM audit_log WHERE object_id = $1", ruling_id)
    assert told == [{"what": "ruling.pin", "purpose": "了解情况"}]


async def test_the_page_where_a_cadre_decides(app: Litestar, world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=2)
    offers = [row["id"] for row in await DB.rows("SELECT id FROM offer ORDER BY id")]
    async with Visitor(app, world["sch"]) as visitor:
        staff = await visitor.get(f"/needs/{need_id}")
        assert f"/needs/{need_id}/choices" in staff.text
        page = await visitor.get(f"/needs/{need_id}/choices")
        assert "符合条件的资源（2 项）" in page.text
        assert world["s0"].name not in page.text
        assert "最近压力很大" not in page.text
        empty = await visitor.post(f"/needs/{need_id}/choices", {"offer_id": str(offers[0]), "verdict": "PIN"})
        assert empty.status_code == 422
        assert "请填写理由" in empty.text
        private = {"offer_id": str(offers[0]), "verdict": "PIN", "reason": "请打 13812345678"}
        assert "像是个人信息" in (await visitor.post(f"/needs/{need_id}/choices", private)).text
        fine = {"offer_id": str(offers[0]), "verdict": "PIN", "reason": "离家近"}
        page = await visitor.follow(await visitor.post(f"/needs/{need_id}/choices", fine))
        assert "已指定" in page.text
        assert "下一次匹配时生效" in page.text
        ruling = await DB.value("SELECT id FROM match_ruling")
        page = await visitor.follow(await visitor.post(f"/rulings/{ruling}/take-back"))
        assert "已收回" in page.text
    async with Visitor(app, world["sch2"]) as visitor:
        assert (await visitor.get(f"/needs/{need_id}/choices")).status_code == 404
    async with Visitor(app, world["stu"]) as visitor:
        assert (await visitor.get(f"/needs/{need_id}/choices")).status_code == 403
