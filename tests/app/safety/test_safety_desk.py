"""The crisis desk: alerts at once, one owner, levels, clearing, cases, escalation, and who sees what."""

from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotAllowed
from app.needs import queries as need_queries
from app.needs.service_reissue import Reissue
from app.safety import queries, service, service_assess, service_clock
from app.safety.errors import (
    AcknowledgeFirst,
    AssessFirst,
    ContactFirst,
    DowngradeReason,
    GuardianUndecided,
    InOtherHands,
    SupervisorDecides,
    TooHighToClose,
)
from app.safety.rules import Assessment
from tests.app.needs.drafting import submitted
from tests.support.visitor import Visitor
from tests.support.world import World

WORDS = "被房东赶出来了，押金也不退，我真的撑不下去了，租不到房就跳楼算了"
YELLOW = Assessment(level="YELLOW", basis=("CALL",))
ORANGE = Assessment(level="ORANGE", basis=("CALL",), ideation=2)


async def _alert(world: World, clock: MovableClock, key: str = "stu", text: str = WORDS) -> tuple[UUID, UUID]:
    sent = await submitted(world, clock.now(), key, text=text)
    assert sent.state == "RISK_HOLD"
    found = await DB.value("SELECT id FROM crisis_alert WHERE object_id = $1", sent.need_id)
    return UUID(str(found)), sent.need_id


async def test_the_alert_exists_in_the_same_transaction_and_holds_one_sentence(
    world: World, clock: MovableClock
) -> None:
    alert_id, _ = await _alert(world, clock, text="想合租。我不想活了。房子在学校旁边。")
    detail = await queries.alert(world.viewer("sup"), alert_id, now=clock.now())
    assert detail.excerpt == "我不想活了。"
    assert detail.line.severity == "S2"
    assert not detail.name
    told = await DB.rows("SELECT text, urgent FROM notification WHERE link = $1", f"/crisis/{alert_id}")
    assert told
    assert all(row["urgent"] and row["text"] == "有一条紧急提醒，请立即登录处理。" for row in told)


async def test_one_owner_and_the_second_sees_that_it_is_in_hand(world: World, clock: MovableClock) -> None:
    alert_id, _ = await _alert(world, clock)
    await service.acknowledge(world.viewer("psy"), alert_id, now=clock.now())
    await service.acknowledge(world.viewer("psy"), alert_id, now=clock.now())
    with pytest.raises(InOtherHands):
        await service.acknowledge(world.viewer("sea"), alert_id, now=clock.now())
    with pytest.raises(InOtherHands):
        await service.contacted(world.viewer("sea"), alert_id, now=clock.now())
    await service.take_over(world.viewer("sup"), alert_id, now=clock.now())
    line = (await queries.desk(world.viewer("psy"), now=clock.now()))[0]
    assert "处理中" in line.state
    assert line.owner == world["sup"].name


async def test_clearing_needs_contact_and_a_level_of_yellow_or_lower(world: World, clock: MovableClock) -> None:
    psy, now = world.viewer("psy"), clock.now()
    alert_id, need_id = await _alert(world, clock)
    with pytest.raises(AcknowledgeFirst):
        await service_assess.clear(psy, alert_id, "没事", now=now)
    await service.acknowledge(psy, alert_id, now=now)
    with pytest.raises(ContactFirst):
        await service_assess.clear(psy, alert_id, "没事", now=now)
    await service.contacted(psy, alert_id, now=now)
    with pytest.raises(AssessFirst):
        await service_assess.clear(psy, alert_id, "没事", now=now)
    await service_assess.assess(psy, alert_id, ORANGE, now=now)
    with pytest.raises(TooHighToClose):
        await service_assess.clear(psy, alert_id, "没事", now=now)
    with pytest.raises(DowngradeReason):
        await service_assess.assess(psy, alert_id, YELLOW, now=now)
    lower = Assessment(level="YELLOW", basis=("INTERVIEW",), downgrade_reason="面谈后没有计划")
    await service_assess.assess(psy, alert_id, lower, now=now)
    await service_assess.clear(psy, alert_id, "已面谈", now=now)
    need = await need_queries.facts(need_id)
    assert need is not None
    assert (need.state, need.risk) == ("REVIEW", "YELLOW")


async def test_orange_becomes_a_case_and_the_practical_part_goes_on(world: World, clock: MovableClock) -> None:
    sup, now = world.viewer("sup"), clock.now()
    alert_id, need_id = await _alert(world, clock, key="adult")
    await service.acknowledge(sup, alert_id, now=now)
    await service.contacted(sup, alert_id, now=now)
    await service_assess.assess(sup, alert_id, ORANGE, now=now)
    again = Reissue("EM5", "需要一处住的地方", "今晚开始没有地方住，押金没有拿回来。")
    sent = await service_assess.to_case(sup, alert_id, "需要跟进", now=now, again=again)
    assert sent is not None
    assert sent.state == "REVIEW"
    old, new = await need_queries.facts(need_id), await need_queries.facts(sent.need_id)
    assert old is not None
    assert new is not None
    assert old.state == "TO_CASE"
    assert (new.sub, new.student_id, new.posted_by) == ("EM5", world["adult"].person, "CADRE")


async def test_red_with_a_minor_needs_a_word_about_the_guardian(world: World, clock: MovableClock) -> None:
    psy, now = world.viewer("psy"), clock.now()
    alert_id, _ = await _alert(world, clock)
    await service.acknowledge(psy, alert_id, now=now)
    await service.contacted(psy, alert_id, now=now)
    await service_assess.assess(psy, alert_id, Assessment(level="RED", basis=("CALL",), plan=2), now=now)
    with pytest.raises(GuardianUndecided):
        await service_assess.to_case(psy, alert_id, "需要跟进", now=now)
    await service.guardian(psy, alert_id, told=True, reason="", now=now)
    await service.called(psy, alert_id, "120", now=now)
    await service_assess.to_case(psy, alert_id, "需要跟进", now=now)
    detail = await queries.alert(psy, alert_id, now=now)
    assert detail.services == ("120 急救",)
    assert detail.outcome == "CASE"


async def test_with_suspected_harm_only_the_supervisor_tells_a_guardian(world: World, clock: MovableClock) -> None:
    alert_id, _ = await _alert(world, clock, text="我爸喝醉了就打我")
    await service.acknowledge(world.viewer("psy"), alert_id, now=clock.now())
    with pytest.raises(SupervisorDecides):
        await service.guardian(world.viewer("psy"), alert_id, told=True, reason="", now=clock.now())


async def test_nobody_in_five_minutes_rings_the_supervisor_and_the_city_once(world: World, clock: MovableClock) -> None:
    alert_id, _ = await _alert(world, clock)

    async def told(key: str) -> int:
        return int(
            await DB.value(
                "SELECT count(*) FROM notification WHERE account_id = $1 AND template = 'crisis.alert' AND link = $2",
                world[key].account,
                "/work" if key == "cit" else f"/crisis/{alert_id}",
            )
        )

    assert (await told("psy"), await told("sea"), await told("sup"), await told("cit")) == (1, 1, 0, 0)
    assert await service_clock.escalate(clock.now() + timedelta(minutes=4)) == 0
    clock.move(minutes=5)
    assert await service_clock.escalate(clock.now()) == 1
    assert await service_clock.escalate(clock.now()) == 0
    assert (await told("sup"), await told("cit")) == (1, 1)
    await service.acknowledge(world.viewer("sup"), alert_id, now=clock.now())
    clock.move(minutes=30)
    assert await service_clock.escalate(clock.now()) == 0


async def test_a_psychology_teacher_of_another_school_is_refused_and_that_is_audited(
    world: World, clock: MovableClock
) -> None:
    alert_id, _ = await _alert(world, clock)
    with pytest.raises(NotAllowed):
        await queries.alert(world.viewer("psy2"), alert_id, now=clock.now())
    assert await queries.desk(world.viewer("psy2"), now=clock.now()) == []
    assert await DB.value("SELECT count(*) FROM audit_log WHERE object_id = $1 AND result = 'REFUSED'", alert_id) == 1


@pytest.mark.parametrize("key", ["stu", "mem", "sec", "gra", "sch", "saf", "cty", "cit", "prv", "vol", "emp", "rev"])
async def test_nobody_else_opens_the_desk(app: Litestar, world: World, clock: MovableClock, key: str) -> None:
    alert_id, _ = await _alert(world, clock)
    async with Visitor(app, world[key]) as visitor:
        assert (await visitor.get("/crisis")).status_code == 403
        assert (await visitor.get(f"/crisis/{alert_id}")).status_code == 403
        assert (await visitor.post(f"/crisis/{alert_id}/acknowledge")).status_code == 403


@pytest.mark.usefixtures("world")
async def test_the_button_works_without_an_account_and_keeps_only_what_was_typed(app: Litestar) -> None:
    async with Visitor(app) as visitor:
        assert (await visitor.get("/help-now")).status_code == 200
        answer = await visitor.post("/help-now", {"words": "我爸喝醉了就打我", "phone": "没有", "window": "放学后"})
        page = await visitor.follow(answer)
        assert "12355" in page.text
        assert "我爸" not in page.text
    row = (await DB.rows("SELECT * FROM crisis_alert"))[0]
    assert (row["source"], row["severity"], row["student_id"], row["account_id"]) == ("BUTTON", "AB", None, None)
    assert row["contact_window"] == "放学后"


async def test_the_desk_over_http_from_alert_to_case(app: Litestar, world: World, clock: MovableClock) -> None:
    alert_id, _ = await _alert(world, clock)
    here = f"/crisis/{alert_id}"
    async with Visitor(app, world["sup"]) as visitor:
        assert "等人处理" in (await visitor.get("/crisis")).text
        assert world["stu"].name not in (await visitor.get(here)).text
        for verb in ("acknowledge", "contact"):
            assert (await visitor.post(f"{here}/{verb}")).status_code == 303
        assert world["stu"].name in (await visitor.get(here)).text
        wrong = await visitor.post(f"{here}/assess", {"level": "ORANGE", "protective": "有好朋友陪着"})
        assert wrong.status_code == 422
        assert "有好朋友陪着" in wrong.text
        right = {
            "level": "ORANGE",
            "basis": ["CALL"],
            "ideation": "2",
            "plan": "0",
            "means": "0",
            "history": "0",
            "next_review_days": "1",
        }
        assert (await visitor.post(f"{here}/assess", right)).status_code == 303
        assert (await visitor.post(f"{here}/called", {"service": "110"})).status_code == 303
        assert (await visitor.post(f"{here}/guardian", {"told": "no"})).status_code == 422
        assert (await visitor.post(f"{here}/guardian", {"told": "no", "reason": "同学不同意"})).status_code == 303
        refused = await visitor.post(f"{here}/finish", {"decision": "CLEAR", "note": "没事"})
        assert refused.status_code == 409
        done = await visitor.post(f"{here}/finish", {"decision": "CASE", "note": "需要跟进"})
        assert done.status_code == 303
        assert "已办结" in (await visitor.get("/crisis?closed=yes")).text


@pytest.mark.usefixtures("world")
async def test_pages_of_numbers_are_open_to_everybody(app: Litestar) -> None:
    async with Visitor(app) as visitor:
        page = await visitor.get("/hotlines")
        assert all(number in page.text for number in ("110", "120", "12355", "12356", "12348", "12338", "96110"))
