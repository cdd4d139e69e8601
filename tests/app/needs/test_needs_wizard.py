"""The ask wizard over HTTP: four steps, nothing lost, one request however often it is sent."""

import json
import re
from pathlib import Path

import pytest
from litestar import Litestar

from app.consents import service as consents
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.people.tables import GuardianLink
from tests.app.needs.drafting import PLAIN
from tests.support.visitor import Visitor
from tests.support.world import World

FIXTURES = json.loads((Path(__file__).parents[2] / "data" / "crisis_fixtures.json").read_text())
HOW = {"region_code": "440604", "modes": ["ON", "FF"], "languages": ["YUE"], "gender_pref": "F", "slots": ["6a", "7e"]}
CONSENTS = {"consents": ["P02", "P03", "P09"]}


async def _to_check(visitor: Visitor, sub: str, title: str, text: str, **how: str) -> str:
    """Walk to the last step and return the draft's id."""
    assert (await visitor.post("/needs/new/about", {"sub": sub, "category": sub[:2]})).status_code == 303
    answer = await visitor.post("/needs/new/words", {"title": title, "text": text, "act": "keep"})
    assert answer.headers["location"] == "/needs/new/how", answer.text
    answer = await visitor.post("/needs/new/how", {**HOW, "urgency": "N", **how})
    assert answer.headers.get("location") == "/needs/new/check", answer.text
    page = await visitor.follow(answer)
    found = re.search(r'name="draft_id" value="([0-9a-f-]+)"', page.text)
    assert found, page.text
    return found[1]


async def _send(visitor: Visitor, sub: str, title: str, text: str, **how: str) -> str:
    """Submit through the wizard and return the text of the page after it."""
    draft_id = await _to_check(visitor, sub, title, text, **how)
    answer = await visitor.post("/needs/new/check", {"draft_id": draft_id, **CONSENTS})
    return (await visitor.follow(answer)).text


async def test_four_steps_make_one_request_with_everything_that_was_typed(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        first = await visitor.get("/needs/new?category=PS")
        assert "学业压力" in first.text
        page = await _send(visitor, "PS1", "最近考试压力很大", PLAIN)
        assert "XQ20261123-0001" in page
        assert "一个工作日" in page
        listed = await visitor.get("/my-help")
        assert "最近考试压力很大" in listed.text
        assert "审核中" in listed.text
    row = (await DB.rows("SELECT * FROM need"))[0]
    assert (row["state"], row["kind"], row["gender_pref"], row["automatic"]) == ("REVIEW", "COUNSEL", "F", True)
    assert json.loads(row["slots"]) == [[6, 540, 720], [7, 1140, 1260]]
    assert row["text_sealed"] != PLAIN.encode()
    assert not await DB.value("SELECT count(*) FROM need_draft")


async def test_a_second_click_and_the_back_button_make_no_second_request(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        draft_id = await _to_check(visitor, "EC1", "学费还差一点", "家里收入少了，学费还差一部分。")
        body = {"draft_id": draft_id, **CONSENTS}
        one = await visitor.post("/needs/new/check", body)
        two = await visitor.post("/needs/new/check", body)
        assert one.headers["location"] == two.headers["location"] == f"/needs/sent/{draft_id}"
    assert await DB.value("SELECT count(*) FROM need") == 1


async def test_a_draft_is_kept_at_every_step_and_can_be_discarded(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        await visitor.post("/needs/new/about", {"sub": "EC1", "category": "EC"})
        await visitor.post("/needs/new/words", {"title": "学费还差一点", "text": "家里收入少了，学费差一部分。"})
    async with Visitor(app, world["stu"]) as again:
        assert "接着写吗" in (await again.get("/needs/new")).text
        assert "家里收入少了，学费差一部分。" in (await again.get("/needs/new/words")).text
        assert (await again.post("/needs/new/discard")).status_code == 303
        assert "接着写吗" not in (await again.get("/needs/new")).text
        assert (await again.get("/needs/new/words")).headers["location"] == "/needs/new"


async def test_nothing_typed_is_lost_when_a_field_is_wrong(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        await visitor.post("/needs/new/about", {"sub": "EC1", "category": "EC"})
        answer = await visitor.post("/needs/new/words", {"title": "字" * 31, "text": "家里收入少了，学费差一部分。"})
        assert answer.status_code == 422
        assert "字" * 31 in answer.text
        assert "家里收入少了，学费差一部分。" in answer.text
        await visitor.post("/needs/new/words", {"title": "学费差一点", "text": "家里收入少了，学费差一部分。"})
        answer = await visitor.post("/needs/new/how", {"region_code": "440604", "amount": "很多钱", "urgency": "H"})
        assert answer.status_code == 422
        assert "很多钱" in answer.text
        await visitor.post("/needs/new/how", {"region_code": "440604", "amount": "3000", "urgency": "H"})
        page = await visitor.get("/needs/new/check")
        draft_id = re.search(r'name="draft_id" value="([0-9a-f-]+)"', page.text)
        assert draft_id
        answer = await visitor.post("/needs/new/check", {"draft_id": draft_id[1], "consents": ["P09"]})
        assert answer.status_code == 422
        assert 'value="P09" checked' in answer.text
    assert not await DB.value("SELECT count(*) FROM need")


async def test_private_details_are_pointed_out_with_another_way_to_write_them(app: Litestar, world: World) -> None:
    text = "我叫张小明，电话 13812345678，想找人说说。"
    async with Visitor(app, world["stu"]) as visitor:
        await visitor.post("/needs/new/about", {"sub": "ED1", "category": "ED"})
        asked = await visitor.post("/needs/new/words", {"title": "想补数学", "text": text})
        assert asked.status_code == 422
        assert "就用这个写法" in asked.text
        assert "不改，继续" in asked.text
        answer = await visitor.post("/needs/new/words", {"title": "想补数学", "text": text, "act": "mask"})
        assert answer.status_code == 303
        assert "13812345678" not in (await visitor.get("/needs/new/words")).text


async def test_a_cadre_cannot_keep_private_details(app: Litestar, world: World) -> None:
    async with Visitor(app, world["sch"]) as visitor:
        found = await visitor.get("/needs/new?who=同学甲")
        assert world["stu"].name in found.text
        student = str(world["stu"].person)
        await visitor.post("/needs/new/about", {"sub": "EC1", "category": "EC", "student_id": student})
        body = {"title": "学费还差一点", "text": "她叫张小明，电话 13812345678。", "act": "keep"}
        answer = await visitor.post("/needs/new/words", body)
        assert answer.status_code == 422
        assert "不改，继续" not in answer.text
        answer = await visitor.post("/needs/new/words", {**body, "act": "mask"})
        assert answer.status_code == 303
        await visitor.post("/needs/new/how", {"region_code": "440604", "urgency": "N"})
        page = await visitor.get("/needs/new/check")
        draft_id = re.search(r'name="draft_id" value="([0-9a-f-]+)"', page.text)
        assert draft_id
        without = await visitor.post("/needs/new/check", {"draft_id": draft_id[1], "consents": ["P02"]})
        assert without.status_code == 422
        complete = {"draft_id": draft_id[1], "consents": ["P02"], "consent_method": "PHONE_RECORDED"}
        assert (await visitor.post("/needs/new/check", complete)).status_code == 303
    row = (await DB.rows("SELECT posted_by, origin, state, author_account FROM need"))[0]
    assert (row["posted_by"], row["origin"], row["state"]) == ("CADRE", "CADRE", "REVIEW")
    told = await DB.rows("SELECT account_id FROM notification WHERE template = 'review.waiting'")
    assert world["sch"].account not in {note["account_id"] for note in told}
    assert world["cty"].account in {note["account_id"] for note in told}


async def test_a_cadre_finds_nobody_of_another_school(app: Litestar, world: World) -> None:
    async with Visitor(app, world["sch2"]) as visitor:
        assert world["stu"].name not in (await visitor.get("/needs/new?who=同学甲")).text
        body = {"sub": "EC1", "category": "EC", "student_id": str(world["stu"].person)}
        assert (await visitor.post("/needs/new/about", body)).status_code == 422


@pytest.mark.usefixtures("world")
async def test_a_visitor_may_look_at_the_first_step_and_is_asked_to_sign_in_before_words(app: Litestar) -> None:
    async with Visitor(app) as visitor:
        page = await visitor.get("/needs/new?category=HO")
        assert page.status_code == 200
        assert "先登录" in page.text
        answer = await visitor.post("/needs/new/about", {"sub": "EC1"})
        assert answer.headers["location"].startswith("/sign-in")
        assert (await visitor.get("/needs/new/words")).headers["location"] == "/sign-in?next=/needs/new/words"


async def test_at_thirteen_the_form_stops_before_any_words_until_a_guardian_agrees(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    async with Visitor(app, world["child"]) as visitor:
        page = await visitor.get("/needs/new")
        assert "监护人同意" in page.text
        assert "12355" in page.text
        assert 'name="text"' not in (await visitor.get("/needs/new/words")).text
        assert (await visitor.post("/needs/new/about", {"sub": "PS3", "category": "PS"})).status_code == 409
        assert not await DB.value("SELECT count(*) FROM need_draft")
        await GuardianLink(
            student_person_id=world["child"].person,
            guardian_person_id=world["gua"].person,
            relation="MO",
            verified_at=clock.now(),
            state="ACTIVE",
        ).save()
        async with Visitor(app, world["gua"]) as mother:
            assert world["child"].name in (await mother.get("/needs/new")).text
        await consents.give(world.viewer("gua"), world["child"].person, ("P02", "P03", "P09"), now=clock.now())
        assert "审核" in await _send(visitor, "PS3", "和同学处不好", "班里没有人和我玩，想找人说说。")


async def test_a_first_year_pupil_of_fifteen_is_not_offered_internships(app: Litestar, world: World) -> None:
    world_student = await world.student(
        "young", "示例同学丁", "school", birth=world.now.date().replace(year=2011), stage="SV", grade_year=1
    )
    async with Visitor(app, world_student) as visitor:
        page = await visitor.get("/needs/new?category=EM")
        assert 'value="EM1"' not in page.text
        answer = await visitor.post("/needs/new/about", {"sub": "EM1", "category": "EM"})
        assert answer.status_code == 422


async def test_every_word_of_danger_brings_the_calm_page_and_an_alert(app: Litestar, world: World) -> None:
    texts = [item["text"] for item in FIXTURES["must_hit"]]
    async with Visitor(app, world["stu"]) as visitor:
        for text in texts:
            page = await _send(visitor, "EC1", "想找人帮忙", f"{text}，就是这样")
            assert "现在就联系我" in page, text
            assert all(word not in page for word in (text, "违规", "风险", "拦截")), text
            assert "您的求助我们已经收好" in page
    states = await DB.rows("SELECT state, count(*) AS number FROM need GROUP BY state")
    assert [(row["state"], row["number"]) for row in states] == [("RISK_HOLD", len(texts))]
    assert await DB.value("SELECT count(DISTINCT object_id) FROM crisis_alert") == len(texts)


async def test_idioms_go_on_to_the_review(app: Litestar, world: World) -> None:
    texts = [item["text"] for item in FIXTURES["must_not_hit"]]
    async with Visitor(app, world["stu"]) as visitor:
        for text in texts:
            assert "求助已经收到" in await _send(visitor, "EC1", "想找人帮忙", f"{text}，就是这样"), text
    assert await DB.value("SELECT count(*) FROM need WHERE state = 'REVIEW'") == len(texts)
    assert not await DB.value("SELECT count(*) FROM crisis_alert")


async def test_crisis_words_in_a_housing_request_at_night(app: Litestar, world: World, clock: MovableClock) -> None:
    clock.set(clock.now().replace(hour=15, minute=40))
    words = "被房东赶出来了，押金也不退，我真的撑不下去了，租不到房就跳楼算了"
    async with Visitor(app, world["adult"]) as visitor:
        page = await _send(visitor, "EM5", "急着找地方住", words, budget="1500")
        assert "12356" in page
        need_id = await DB.value("SELECT id FROM need")
        answer = await visitor.post("/help-now/call", {"need_id": str(need_id), "window": "现在"})
        assert "马上有人看" in (await visitor.follow(answer)).text
        assert "老师正在看" in (await visitor.get("/my-help")).text
        assert (await visitor.post(f"/my-help/{need_id}/withdraw")).status_code == 409
    alert = await DB.rows("SELECT severity, contact_window, call_me_at FROM crisis_alert")
    assert len(alert) == 1
    assert (alert[0]["severity"], alert[0]["contact_window"]) == ("S1", "现在")
    async with Visitor(app, world["sch2"]) as cadre:
        assert "急着找地方住" not in (await cadre.get("/needs")).text
        assert (await cadre.get(f"/needs/{need_id}")).status_code == 404
        assert (await cadre.get(f"/review/needs/{need_id}")).status_code == 404
