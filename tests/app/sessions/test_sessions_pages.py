"""The pages both sides use: proposals with reasons, consent, booking, record, feedback, nothing shown too early."""

from datetime import datetime

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.sessions import queries as sessions
from tests.support.matching import confirmed, counsellor, fresh, need_state, only_match, opened, proposed
from tests.support.visitor import Visitor
from tests.support.world import Somebody, World

PHONE = "+8613800138999"


async def with_phone(somebody: Somebody) -> None:
    sealed = vault().seal(PHONE, f"person.phone:{somebody.person}")
    await DB.rows("UPDATE person SET phone_sealed = $2 WHERE id = $1", somebody.person, sealed)


async def test_the_student_reads_why_and_ticks_what_is_shared(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    async with Visitor(app, world["stu"]) as student:
        page = await student.get(f"/my-help/{match.need_id}")
        assert page.status_code == 200
        assert "为什么推荐" in page.text
        assert "正好擅长你说的这件事" in page.text
        assert "示例志愿者A" not in page.text
        form = await student.get(f"/matches/{match.id}/accept")
        assert "手机号" in form.text
        again = await student.post(f"/matches/{match.id}/accept")
        assert again.status_code == 422
        assert (await fresh(match)).state == "PROPOSED"
        done = await student.post(f"/matches/{match.id}/accept", {"agree": "yes"})
        assert done.headers["location"] == f"/my-help/{match.need_id}"
        assert (await fresh(match)).state == "S_ACCEPTED"
        waiting = await student.get(f"/my-help/{match.need_id}")
        assert "正在等对方回复" in waiting.text


async def test_nobody_sees_a_name_a_phone_or_a_school_before_both_have_confirmed(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await with_phone(world["stu"])
    await with_phone(world["vol"])
    match = await proposed(world, clock.now())
    secrets = (world["stu"].name, "13800138999", "（示例）青桥中学", "示例班")
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        for accepted in (False, True):
            if accepted:
                await student.post(f"/matches/{match.id}/accept", {"agree": "yes"})
            for path in ("/requests", f"/matches/{match.id}", f"/requests/{match.id}/decline", "/work"):
                text = (await volunteer.get(path)).text
                assert not [secret for secret in secrets if secret in text], path
            mine = (await student.get(f"/my-help/{match.need_id}")).text + (
                await student.get(f"/matches/{match.id}")
            ).text
            assert world["vol"].name not in mine
            assert "13800138999" not in mine
        await volunteer.post(f"/requests/{match.id}/accept")
        page = await volunteer.get(f"/matches/{match.id}")
        assert world["stu"].name in page.text
        assert "13800138999" in page.text
        assert "（示例）青桥中学" not in page.text
        page = await student.get(f"/my-help/{match.need_id}")
        assert world["vol"].name in page.text


async def test_strangers_find_nothing(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    await world.volunteer("vol2", "示例志愿者B")
    for key, expected in (("adult", 404), ("vol2", 404), ("sch", 403), ("rev", 403)):
        async with Visitor(app, world[key]) as stranger:
            assert (await stranger.get(f"/matches/{match.id}")).status_code == expected, key
    async with Visitor(app, world["adult"]) as stranger:
        assert (await stranger.get(f"/my-help/{match.need_id}")).status_code == 404


async def test_book_begin_record_finish_and_rate_over_the_pages(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await confirmed(world, clock.now())
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        slot = (await sessions.free_of(match, clock.now()))[0]
        page = await student.get(f"/matches/{match.id}")
        assert slot.isoformat() in page.text
        wrong = await student.post(f"/matches/{match.id}/book", {"mode": "ON"})
        assert wrong.status_code == 422
        booked = await student.post(f"/matches/{match.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
        assert booked.status_code == 303
        [session] = await sessions.of_match(match.id)
        assert (await fresh(match)).state == "SCHEDULED"
        early = await volunteer.post(f"/sessions/{session.id}/start")
        assert early.status_code == 409
        clock.set(slot)
        assert (await volunteer.post(f"/sessions/{session.id}/start")).status_code == 303
        assert await need_state(match.need_id) == "IN_SERVICE"
        record = {"note": "确诊抑郁症，建议休息", "result": "聊了考试", "minutes": "50", "risk_after": "NONE"}
        warned = await volunteer.post(f"/sessions/{session.id}/record", record)
        assert warned.status_code == 422
        assert "诊断用语" in warned.text
        saved = await volunteer.post(f"/sessions/{session.id}/record", record | {"note": "情绪低落，聊了睡眠和复习。"})
        assert saved.status_code == 303
        short = await volunteer.post(f"/matches/{match.id}/finish", {"result": ""})
        assert short.status_code == 422
        assert (await volunteer.post(f"/matches/{match.id}/finish", {"result": "压力小了一些"})).status_code == 303
        assert await need_state(match.need_id) == "TO_CONFIRM"
        await run_everything(clock.now())
        page = await student.get(f"/my-help/{match.need_id}")
        assert "解决了吗" in page.text
        rated = await student.post(f"/matches/{match.id}/feedback", {"score": "5", "tags": ["KIND"]})
        assert rated.status_code == 303
        assert (await student.post(f"/matches/{match.id}/feedback", {"score": "1"})).status_code == 409
        assert (await fresh(match)).rating == 5


async def test_the_note_is_sealed_and_nobody_but_its_writer_reads_it(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await confirmed(world, clock.now())
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        slot = (await sessions.free_of(match, clock.now()))[0]
        await student.post(f"/matches/{match.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
        [session] = await sessions.of_match(match.id)
        clock.set(slot)
        await volunteer.post(f"/sessions/{session.id}/start")
        secret = "聊到了家里的事情，需要下次继续。"
        record = {"note": secret, "result": "一起做了计划", "minutes": "50", "risk_after": "NONE"}
        await volunteer.post(f"/sessions/{session.id}/record", record)
        stored = await DB.value("SELECT summary_sealed FROM service_session WHERE id = $1", session.id)
        assert secret.encode() not in bytes(stored)
        assert vault().unseal(bytes(stored), f"session.note:{session.id}") == secret
        for person, path in ((student, f"/matches/{match.id}"), (student, f"/my-help/{match.need_id}")):
            text = (await person.get(path)).text
            assert secret not in text
        assert "一起做了计划" in (await student.get(f"/matches/{match.id}")).text


async def test_the_request_list_does_not_ask_more_for_more_requests(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await counsellor(world)
    moment: datetime = clock.now()
    need_id = await opened(world, moment)
    await run_everything(moment)
    match = await only_match(need_id)
    async with Visitor(app, world["stu"]) as student:
        await student.post(f"/matches/{match.id}/accept", {"agree": "yes"})
    async with Visitor(app, world["vol"]) as volunteer:
        page = await volunteer.get("/requests")
        assert "学业压力" in page.text
        assert "16–17 岁" in page.text
        assert page.text.count('action="/requests/') == 1
