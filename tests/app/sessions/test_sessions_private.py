"""Calendars that tell nothing, and notes that nobody but their author reads."""

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.viewer import Role
from app.sessions import queries
from tests.support.matching import completed, scheduled
from tests.support.visitor import Visitor
from tests.support.world import World

NOTE = "聊到家里的事情，下次继续。"


async def test_one_session_as_a_file_without_a_name_a_topic_or_a_place(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        for visitor in (student, volunteer):
            answer = await visitor.get(f"/sessions/{held.id}/calendar.ics")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/calendar")
            assert "SUMMARY:青桥预约" in answer.text
            assert f"DTSTART:{held.start:%Y%m%dT%H%M%SZ}" in answer.text
            assert not [
                word
                for word in (world["stu"].name, world["vol"].name, "心理", "辅导", "压力", "LOCATION")
                if word in answer.text
            ]
    async with Visitor(app, world["adult"]) as stranger:
        assert (await stranger.get(f"/sessions/{held.id}/calendar.ics")).status_code == 404


async def test_a_feed_has_a_secret_address_that_can_be_revoked(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await scheduled(world, clock.now())
    assert match.next_at is not None
    async with Visitor(app, world["vol"]) as volunteer, Visitor(app) as programme:
        page = await volunteer.post("/account/calendar")
        address = page.text.split('value="http://test')[1].split('"')[0]
        token = address.removeprefix("/calendar/").removesuffix(".ics")
        assert await DB.value("SELECT count(*)::int FROM session_calendar_feed WHERE token_hash = $1", token) == 0
        feed = await programme.get(address)
        assert feed.status_code == 200
        assert f"DTSTART:{match.next_at:%Y%m%dT%H%M%SZ}" in feed.text
        assert world["stu"].name not in feed.text
        assert feed.headers["cache-control"] == "no-store"
        assert token not in (await volunteer.get("/account/calendar")).text, "the address shows once"
        assert (await programme.get("/calendar/guessed.ics")).status_code == 404
        renewed = await volunteer.post("/account/calendar")
        newer = renewed.text.split('value="http://test')[1].split('"')[0]
        assert (await programme.get(address)).status_code == 404
        assert (await programme.get(newer)).status_code == 200
        assert (await volunteer.post("/account/calendar/close")).status_code == 303
        assert (await programme.get(newer)).status_code == 404


async def test_a_closed_account_feeds_no_calendar(app: Litestar, world: World, clock: MovableClock) -> None:
    await scheduled(world, clock.now())
    async with Visitor(app, world["stu"]) as student, Visitor(app) as programme:
        page = await student.post("/account/calendar")
        address = page.text.split('value="http://test')[1].split('"')[0]
        assert "BEGIN:VEVENT" in (await programme.get(address)).text
        await DB.rows("UPDATE account SET status = 'LOCKED' WHERE id = $1", world["stu"].account)
        assert (await programme.get(address)).status_code == 404


async def test_only_its_author_opens_a_note(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    [held] = await queries.of_match(match.id)
    path = f"/sessions/{held.id}/note"
    async with Visitor(app, world["vol"]) as author:
        page = await author.get(path)
        assert "聊了考试安排。" in page.text
        warned = await author.post(path, {"note": "确诊抑郁症"})
        assert warned.status_code == 422
        assert "诊断用语" in warned.text
        assert (await author.post(path, {"note": NOTE})).status_code == 303
        assert NOTE in (await author.get(path)).text
    stored = await DB.value("SELECT summary_sealed FROM service_session WHERE id = $1", held.id)
    assert NOTE.encode() not in bytes(stored)
    colleague = await world.person("colleague", "示例同事", Role.VOL, provider=world["vol"].provider)
    refused = {"stu": 404, "gua": 403, "sup": 404, "psy": 404, "exp": 404, "sysa": 403, "aud": 403, "cit": 403}
    for key, status in refused.items():
        async with Visitor(app, world[key]) as other:
            answer = await other.get(path)
            assert answer.status_code == status, key
            assert NOTE not in answer.text
    async with Visitor(app, colleague) as other:
        assert (await other.get(path)).status_code == 404, "not even somebody who acts for the same provider"
        assert (await other.post(path, {"note": "改掉"})).status_code == 404
    async with Visitor(app, world["stu"]) as student:
        text = (await student.get(f"/matches/{match.id}")).text
        assert "一起做了一份复习计划" in text
        assert NOTE not in text
    reads = await DB.value("SELECT count(*)::int FROM audit_log WHERE what = 'session.note.read'")
    assert reads >= 2, "every look leaves a row"
