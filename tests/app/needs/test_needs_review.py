"""Reviewing: who may, what they see, doubles, decisions; and what staff lists never show."""

from datetime import date
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.needs import queries, queries_staff, queries_story, service, service_progress, service_review
from app.needs.errors import CannotMerge, CaseOnly, NotACase, NotWithoutReason, OwnRequest, PrivateDetails, RiskTooHigh
from app.people.tables import RelationMark
from tests.app.needs.drafting import PLAIN, PRACTICAL, a_need, in_state, submitted
from tests.support.visitor import Visitor
from tests.support.world import World

RISKY = "我不想活了"


async def _counselling(world: World, clock: MovableClock) -> UUID:
    return (await submitted(world, clock.now(), sub="PS1", text=PLAIN)).need_id


async def test_counselling_is_reviewed_by_the_psychology_teacher_and_its_text_stays_with_her(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    need_id = await _counselling(world, clock)
    async with Visitor(app, world["sch"]) as cadre:
        queue = (await cadre.get("/review/needs")).text
        assert "学业压力" in queue
        assert "最近压力很大" not in queue
        assert (await cadre.get(f"/review/needs/{need_id}")).status_code == 403
        assert (await cadre.post(f"/review/needs/{need_id}/approve")).status_code == 403
        assert "最近压力很大" not in (await cadre.get("/needs")).text
        assert PLAIN not in (await cadre.get(f"/needs/{need_id}")).text
    async with Visitor(app, world["psy"]) as teacher:
        assert PLAIN in (await teacher.get(f"/review/needs/{need_id}")).text
        assert (await teacher.post(f"/review/needs/{need_id}/approve")).status_code == 303
    assert await DB.value("SELECT state FROM need WHERE id = $1", need_id) == "OPEN"


@pytest.mark.parametrize(("key", "status"), [("psy2", 403), ("sch2", 404), ("rev_c2", 404), ("stu", 403), ("sea", 403)])
async def test_other_schools_and_other_roles_do_not_review(
    app: Litestar, world: World, clock: MovableClock, key: str, status: int
) -> None:
    need_id = (await submitted(world, clock.now())).need_id
    async with Visitor(app, world[key]) as visitor:
        assert (await visitor.get(f"/review/needs/{need_id}")).status_code == status
        assert (await visitor.post(f"/review/needs/{need_id}/approve")).status_code == status
    assert await DB.value("SELECT state FROM need WHERE id = $1", need_id) == "REVIEW"


async def test_nobody_reviews_their_own_post_or_a_friend(world: World, clock: MovableClock) -> None:
    now = clock.now()
    command = a_need(world, consent_method="PHONE_RECORDED")
    sent = await service.submit(world.viewer("sch"), command, now=now)
    with pytest.raises(OwnRequest):
        await service_review.approve(world.viewer("sch"), sent.need_id, now=now)
    await RelationMark(person_id=world["cty"].person, other_person_id=world["stu"].person, kind="TEACHER").save()
    with pytest.raises(OwnRequest):
        await service_review.approve(world.viewer("cty"), sent.need_id, now=now)
    await service_review.approve(world.viewer("cit"), sent.need_id, now=now)


async def test_private_details_are_marked_and_must_be_dealt_with(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    text = "我叫张小明，电话 13812345678，家里学费还差一部分。"
    sent = await submitted(world, clock.now(), text=text)
    here = f"/review/needs/{sent.need_id}"
    async with Visitor(app, world["sch"]) as cadre:
        page = (await cadre.get(here)).text
        assert ">13812345678</mark>" in page
        assert (await cadre.post(f"{here}/approve")).status_code == 422
        assert (await cadre.post(f"{here}/approve", {"hits": "mask"})).status_code == 303
    need = await queries.facts(sent.need_id)
    assert need is not None
    assert need.state == "OPEN"
    assert "13812345678" not in need.text
    other = await submitted(world, clock.now(), text=text)
    with pytest.raises(PrivateDetails):
        await service_review.approve(world.viewer("sch"), other.need_id, now=clock.now())
    await service_review.approve(world.viewer("sch"), other.need_id, now=clock.now(), looked_at=True)


async def test_bullying_never_reaches_the_market_and_violence_is_held(world: World, clock: MovableClock) -> None:
    sch, now = world.viewer("sch"), clock.now()
    bullied = await submitted(world, now, sub="RT2", text="班里有人总是推我，抢我的东西，不知道怎么办。")
    with pytest.raises(CaseOnly):
        await service_review.approve(sch, bullied.need_id, now=now)
    await service_review.route_to_case(sch, bullied.need_id, "校园欺凌", now=now)
    ordinary = await submitted(world, now)
    with pytest.raises(NotACase):
        await service_review.route_to_case(sch, ordinary.need_id, "想转走", now=now)
    with pytest.raises(NotWithoutReason):
        await service_review.return_(sch, ordinary.need_id, " ", now=now)
    held = await submitted(world, now, sub="RT3", text="家里的事情想找人商量一下。")
    assert held.state == "RISK_HOLD"
    assert await DB.value("SELECT severity FROM crisis_alert WHERE object_id = $1", held.need_id) == "AB"
    with pytest.raises(RiskTooHigh):
        await service_progress.clear_risk(world.viewer("psy"), held.need_id, "ORANGE", "联系过", now=now)


async def test_returned_sent_again_and_the_story_says_it_all(app: Litestar, world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "RETURNED", clock.now())
    async with Visitor(app, world["stu"]) as student:
        page = (await student.get(f"/my-help/{need_id}/edit")).text
        assert PRACTICAL in page
        assert "请补充" in page
        wrong = await student.post(
            f"/my-help/{need_id}/resubmit", {"title": "", "text": "改过了的内容", "region_code": "440604"}
        )
        assert wrong.status_code == 422
        assert "改过了的内容" in wrong.text
        body = {"title": "学费还差一点", "text": "下学期学费还差三千元，家里收入少了。", "region_code": "440604"}
        assert (await student.post(f"/my-help/{need_id}/resubmit", body)).status_code == 303
    story = await queries_story.timeline(world.viewer("stu"), need_id, now=clock.now())
    assert [step.title for step in story.steps] == [
        "你提交了求助",
        "请补充一下",
        "你重新提交了",
        "老师正在审核",
        "找合适的帮助",
    ]
    assert "11月24日" in story.steps[3].text


async def test_duplicates_of_one_student_are_merged_and_keep_the_earliest_time(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    """Journey J09."""
    await world.student("rodan", "示例罗同学", "school", birth=date(2008, 5, 1), stage="SH", grade_year=3)
    await world.student("luo", "示例罗同学二", "school", birth=date(2008, 6, 1), stage="SH", grade_year=3)
    first_at = clock.now()
    own = await submitted(world, first_at, "rodan")
    clock.move(days=2)
    command = a_need(
        world, "rodan", text="该生家庭收入减少，学费有缺口，希望得到资助。", consent_method="PHONE_RECORDED"
    )
    posted = await service.submit(world.viewer("gra"), command, now=clock.now())
    classmate = await submitted(world, clock.now(), "luo")
    other = await submitted(world, clock.now(), "rodan", sub="EM1", text="想找一份寒假实习，学习一些经验。")
    pairs = await DB.rows("SELECT need_id, other_id FROM duplicate_candidate")
    assert [{row["need_id"], row["other_id"]} for row in pairs] == [{own.need_id, posted.need_id}]
    async with Visitor(app, world["sch"]) as cadre:
        assert "可能是同一件事" in (await cadre.get(f"/review/needs/{posted.need_id}")).text
        assert (await cadre.post(f"/review/needs/{posted.need_id}/merge/{own.need_id}")).status_code == 303
    merged, survivor = await queries.facts(posted.need_id), await queries.facts(own.need_id)
    assert merged is not None
    assert survivor is not None
    assert (merged.state, merged.dup_of, survivor.first_at) == ("MERGED", own.need_id, first_at)
    story = await queries_story.timeline(world.viewer("gra"), posted.need_id, now=clock.now())
    assert story.steps[-2].title == "老师正在审核"
    sch = world.viewer("sch")
    with pytest.raises(CannotMerge):
        await service_review.merge(sch, classmate.need_id, own.need_id, now=clock.now())
    with pytest.raises(CannotMerge):
        await service_review.merge(sch, other.need_id, own.need_id, now=clock.now())
    held = await submitted(world, clock.now(), "rodan", text=RISKY)
    assert held.state == "RISK_HOLD"
    again = await submitted(world, clock.now(), "rodan")
    assert not await DB.value("SELECT count(*) FROM duplicate_candidate WHERE other_id = $1", held.need_id)
    with pytest.raises(CannotMerge):
        await service_review.merge(sch, again.need_id, held.need_id, now=clock.now())
    await service_review.dismiss_pair(sch, again.need_id, own.need_id, now=clock.now())
    review = await queries_staff.review(sch, again.need_id, now=clock.now())
    assert own.need_id not in {double.id for double in review.doubles}


async def test_lists_are_counted_masked_and_free_of_what_is_held(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    for _ in range(3):
        await submitted(world, clock.now())
    await submitted(world, clock.now(), text=RISKY)
    async with Visitor(app, world["cty"]) as county:
        page = (await county.get("/needs?state=REVIEW")).text
        assert "审核中 3" in page
        assert "风险拦截" not in page
        assert world["stu"].name not in page
    async with Visitor(app, world["prv"]) as province:
        page = (await province.get("/needs")).text
        assert "&lt;10" in page
        assert "下学期学费" not in page
    async with Visitor(app, world["sch2"]) as other:
        assert "没有符合条件的求助" in (await other.get("/needs")).text
    for key in ("vol", "emp"):
        async with Visitor(app, world[key]) as provider:
            assert (await provider.get("/needs")).status_code == 403


async def test_only_the_student_and_the_author_follow_a_request(world: World, clock: MovableClock) -> None:
    need_id = await _counselling(world, clock)
    for key in ("adult", "child", "sch", "vol", "gua"):
        with pytest.raises(NotFound):
            await queries_story.timeline(world.viewer(key), need_id, now=clock.now())
    with pytest.raises(NotAllowed):
        await queries_staff.staff_need(world.viewer("psy2"), need_id, now=clock.now())
    card = await queries.card(need_id, clock.now())
    assert (card.age_band, card.sub) == ("A3", "PS1")
    assert not hasattr(card, "title")


async def test_the_student_confirms_or_says_no_over_http(app: Litestar, world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "TO_CONFIRM", clock.now())
    async with Visitor(app, world["adult"]) as stranger:
        assert (await stranger.post(f"/my-help/{need_id}/confirm", {"satisfaction": "5"})).status_code == 404
    async with Visitor(app, world["stu"]) as student:
        assert "去确认" in (await student.get("/my-help")).text
        assert (await student.post(f"/my-help/{need_id}/confirm")).status_code == 303
        assert await DB.value("SELECT state FROM need WHERE id = $1", need_id) == "TO_CONFIRM"
        assert (await student.post(f"/my-help/{need_id}/not-solved")).status_code == 303
    row = (await DB.rows("SELECT state, priority FROM need WHERE id = $1", need_id))[0]
    assert (row["state"], row["priority"]) == ("OPEN", True)
    again = await in_state(world, "TO_CONFIRM", clock.now())
    async with Visitor(app, world["stu"]) as student:
        assert (await student.post(f"/my-help/{again}/confirm", {"satisfaction": "4"})).status_code == 303
    assert await DB.value("SELECT satisfaction FROM need WHERE id = $1 AND state = 'SOLVED'", again) == 4
