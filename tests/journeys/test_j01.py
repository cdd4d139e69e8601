"""J01: exam stress, one decline, then help; every expected line of the journey over HTTP."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from litestar import Litestar

from app.kit.audit import history
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.ledger import queries as ledger
from app.ledger.queries_flow import k31_for
from app.matches import queries
from app.matches.queries import MatchFacts
from app.sessions import queries as sessions
from tests.support.matching import counsellor
from tests.support.visitor import Visitor
from tests.support.world import World

TEXT = "快期末了，总睡不好，怕让爸妈失望"
TODAY = datetime(2027, 5, 10, 2, 0, tzinfo=UTC)


async def _volunteers(world: World) -> dict[str, UUID]:
    """Bring A (female, Cantonese), B (female, Mandarin only) and C (male)."""
    await world.volunteer("b", "示例志愿者B", languages=("PTH",))
    await world.volunteer("c", "示例志愿者C", sex="M", languages=("YUE", "PTH"))
    return {
        "a": await counsellor(world, "vol", modes="ON"),
        "b": await counsellor(world, "b", languages="PTH", title="傍晚时段的陪伴与倾听"),
        "c": await counsellor(world, "c", title="周末的倾听与陪伴"),
    }


async def _asks(student: Visitor) -> UUID:
    """Go through the four steps of the wizard and submit."""
    assert (await student.get("/needs/new")).status_code == 200
    await student.post("/needs/new/about", {"sub": "PS1"})
    await student.post("/needs/new/words", {"title": "总睡不好", "text": TEXT})
    how = {
        "region_code": "440604",
        "modes": ["ON", "VO"],
        "languages": ["YUE"],
        "gender_pref": "F",
        "slots": ["3e", "6a"],
        "urgency": "N",
    }
    await student.post("/needs/new/how", how)
    last = await student.get("/needs/new/check")
    draft = last.text.partition('name="draft_id" value="')[2].partition('"')[0]
    sent = await student.post("/needs/new/check", {"consents": ["P02", "P03", "P09"], "draft_id": draft})
    assert sent.status_code == 303, sent.text[:500]
    return UUID(sent.headers["location"].rpartition("/")[2])


async def test_exam_stress_one_decline_then_help(app: Litestar, world: World, clock: MovableClock) -> None:
    clock.set(TODAY)
    world.now = TODAY
    offers = await _volunteers(world)
    async with (
        Visitor(app, world["stu"]) as lin,
        Visitor(app, world["psy"]) as teacher,
        Visitor(app, world["vol"]) as first,
        Visitor(app, world["b"]) as second,
    ):
        need_id = await _asks(lin)
        await run_everything(clock.now())
        assert await queries.of_need(need_id) == [], "nothing is proposed before a reviewer has approved"
        approved = await teacher.post(f"/review/needs/{need_id}/approve", {"hits": "fine"})
        assert approved.status_code == 303
        clock.move(minutes=1)
        await run_everything(clock.now())
        by_offer = {match.offer_id: match for match in await queries.of_need(need_id)}
        assert set(by_offer) == {offers["a"], offers["b"]}, "C is never proposed: she asked for a woman"
        a, b = by_offer[offers["a"]], by_offer[offers["b"]]
        assert a.score > b.score
        page = await lin.get(f"/my-help/{need_id}")
        assert page.text.count("为什么推荐") == 2

        await lin.post(f"/matches/{a.id}/accept", {"agree": "yes"})
        seen = (await first.get("/requests")).text + (await first.get(f"/matches/{a.id}")).text
        before = await DB.rows("SELECT strikes, risk_score FROM provider WHERE id = $1", a.provider_id)
        load = await queries.loads([a.provider_id], clock.now())
        declined = await first.post(f"/requests/{a.id}/decline", {"code": "DC01"})
        assert declined.status_code == 303
        await run_everything(clock.now())
        seen += (await first.get("/requests")).text + (await first.get(f"/matches/{a.id}")).text
        assert world["stu"].name not in seen, "A never saw her name"
        assert await DB.rows("SELECT strikes, risk_score FROM provider WHERE id = $1", a.provider_id) == before
        assert await queries.loads([a.provider_id], clock.now()) == load
        assert await DB.value("SELECT used FROM offer WHERE id = $1", offers["a"]) == 0

        await lin.post(f"/matches/{b.id}/accept", {"agree": "yes"})
        clock.move(hours=5)
        assert (await second.post(f"/requests/{b.id}/accept")).status_code == 303
        await run_everything(clock.now())
        await _help_is_given(lin, second, need_id, b, clock)
    await _it_counts(app, world, need_id, offers, clock)


async def _help_is_given(lin: Visitor, second: Visitor, need_id: UUID, b: MatchFacts, clock: MovableClock) -> None:
    slot = (await sessions.free_of(b, clock.now()))[0]
    await lin.post(f"/matches/{b.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
    [session] = await sessions.of_match(b.id)
    clock.set(slot)
    await second.post(f"/sessions/{session.id}/start")
    clock.move(minutes=50)
    record = {"note": "聊了睡眠和复习安排。", "result": "一起做了复习计划", "minutes": "50", "risk_after": "NONE"}
    await second.post(f"/sessions/{session.id}/record", record)
    await second.post(f"/matches/{b.id}/finish", {"result": "压力小了一些，睡得好一点了"})
    await run_everything(clock.now())
    await lin.post(f"/matches/{b.id}/feedback", {"score": "5"})
    clock.move(days=1)
    await lin.post(f"/my-help/{need_id}/confirm", {"satisfaction": "5"})
    await run_everything(clock.now())


async def _it_counts(app: Litestar, world: World, need_id: UUID, offers: dict[str, UUID], clock: MovableClock) -> None:
    states = [str(change["target"]) for change in await history(need_id)]
    assert states == [
        "SUBMITTED", "REVIEW", "OPEN", "MATCHED", "IN_SERVICE", "TO_CONFIRM", "SOLVED",
    ]  # fmt: skip
    ended = {match.offer_id: match.state for match in await queries.of_need(need_id)}
    assert ended == {offers["a"]: "P_DECLINED", offers["b"]: "COMPLETED"}
    async with Visitor(app, world["sch"]) as cadre:
        for path in ("/needs?state=SOLVED", f"/needs/{need_id}", "/work"):
            page = await cadre.get(path)
            assert TEXT not in page.text, path
        assert "已解决" in (await cadre.get("/needs?state=SOLVED")).text
    figures = await k31_for(world.viewer("sch"), TODAY - timedelta(days=1), clock.now())
    assert (figures.fill.done, figures.fill.due) == (1, 1)
    assert figures.answers.declined_by_providers == 1
    [help_record] = await ledger.of_need(need_id)
    assert (help_record.field, help_record.state) == ("PS", "VERIFIED")
    assert "K25" not in help_record.counts_for
    outside = await DB.rows("SELECT text FROM notification")
    for word in ("睡", "心理", "青桥中学", world["stu"].name):
        assert not [row for row in outside if word in row["text"]], word


async def test_k25_counts_her_only_when_she_is_on_the_roll(world: World) -> None:
    await DB.rows(
        "UPDATE student_profile SET in_difficulty_since = $2 WHERE person = $1", world["stu"].person, date(2026, 8, 1)
    )
    figure = await ledger.k25_for([world.orgs["school"]], census=date(2026, 11, 23))
    assert (figure.done, figure.due) == (0, 1)
