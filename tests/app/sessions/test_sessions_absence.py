"""Who came and who did not, by the clock: check-in, later meetings, missing records, reminders in neutral words."""

from datetime import timedelta

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.notify import TEXTS
from app.kit.outbox import record, run_everything
from app.matches.queries import MatchFacts
from app.sessions import queries, service
from app.sessions.queries import SessionFacts
from app.sessions.service import Record
from app.sessions.service_steps import Booking
from tests.support.matching import fresh, running, scheduled
from tests.support.visitor import Visitor
from tests.support.world import World


async def _minute(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.minute", None, now=clock.now())
    await run_everything(clock.now())


async def _told(template: str) -> int:
    found: int = await DB.value("SELECT count(*)::int FROM notification WHERE template = $1", template)
    return found


async def _second(world: World, clock: MovableClock) -> tuple[MatchFacts, SessionFacts]:
    match = await running(world, clock.now())
    [held] = await queries.of_match(match.id)
    filed = Record(note="第一次。", result="先聊了睡眠", minutes=50)
    await service.file_record(world.viewer("vol"), held.id, filed, now=held.end)
    free = await queries.free_of(match, held.end)
    booked = await service.book(
        world.viewer("stu"), match.id, Booking(start=free[0], mode="ON"), now=free[0] - timedelta(days=1)
    )
    return match, await queries.find(booked)


async def test_a_volunteer_who_checked_in_and_waits_is_not_absent(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    async with Visitor(app, world["vol"]) as volunteer, Visitor(app, world["stu"]) as student:
        clock.set(held.start - timedelta(minutes=31))
        assert (await volunteer.post(f"/sessions/{held.id}/check-in")).status_code == 409
        clock.set(held.start)
        assert "我到了，等同学" in (await volunteer.get(f"/matches/{match.id}")).text
        assert (await volunteer.post(f"/sessions/{held.id}/check-in")).status_code == 303
        assert "对方已经到了" in (await student.get(f"/matches/{match.id}")).text
        clock.set(held.start + timedelta(minutes=15))
        await _minute(clock)
        assert (await fresh(match)).state == "SCHEDULED", "who waits gets no strike"
        assert (await volunteer.post(f"/sessions/{held.id}/student-absent")).status_code == 303
        assert (await fresh(match)).state == "NO_SHOW_S"
        assert (await queries.find(held.id)).attendance == "S_ABSENT"


async def test_a_volunteer_missing_a_later_meeting_is_found_by_the_clock(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match, second = await _second(world, clock)
    clock.set(second.start + timedelta(minutes=14, seconds=59))
    await _minute(clock)
    assert (await queries.find(second.id)).state == "BOOKED"
    clock.move(seconds=1)
    for _ in range(2):
        await _minute(clock)
    missed = await queries.find(second.id)
    assert (missed.state, missed.attendance) == ("MISSED", "P_ABSENT")
    assert (await fresh(match)).state == "IN_PROGRESS"
    assert await DB.value("SELECT strikes FROM provider WHERE id = $1", match.provider_id) == 1
    async with Visitor(app, world["stu"]) as student:
        assert "约时间" in (await student.get(f"/matches/{match.id}")).text, "another time can be booked at once"
        page = await student.get(f"/my-help/{match.need_id}")
        assert "对不起，对方没有来" in page.text
        assert "现在就联系我" in page.text
        assert "/replace" not in page.text, "a running match is not replaced, its next meeting is booked"


async def test_a_student_missing_a_later_meeting_is_cared_for(app: Litestar, world: World, clock: MovableClock) -> None:
    match, second = await _second(world, clock)
    async with Visitor(app, world["vol"]) as volunteer:
        clock.set(second.start + timedelta(minutes=14))
        await volunteer.post(f"/sessions/{second.id}/check-in")
        assert (await volunteer.post(f"/sessions/{second.id}/student-absent")).status_code == 409
        clock.move(minutes=1)
        assert (await volunteer.post(f"/sessions/{second.id}/student-absent")).status_code == 303
    missed = await queries.find(second.id)
    assert (missed.state, missed.attendance) == ("MISSED", "S_ABSENT")
    assert (await fresh(match)).state == "IN_PROGRESS"
    assert await _told("care.check") == 1


async def test_a_student_says_that_nobody_came_to_a_later_meeting(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    _match, second = await _second(world, clock)
    async with Visitor(app, world["stu"]) as student:
        clock.set(second.start + timedelta(minutes=14))
        assert (await student.post(f"/sessions/{second.id}/provider-absent")).status_code == 409
        clock.move(minutes=1)
        assert (await student.post(f"/sessions/{second.id}/provider-absent")).status_code == 303
        assert (await queries.find(second.id)).attendance == "P_ABSENT"


async def test_a_meeting_without_a_record_is_asked_about_once(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    [held] = await queries.of_match(match.id)
    clock.set(held.end + timedelta(minutes=59))
    await _minute(clock)
    assert await _told("session.open") == 0
    clock.move(minutes=1)
    for _ in range(2):
        await _minute(clock)
    assert await _told("session.open") == 1


async def test_a_booking_on_the_same_day_is_not_followed_by_a_reminder_of_the_day_before(
    world: World, clock: MovableClock
) -> None:
    match, second = await _second(world, clock)
    assert match.id == second.match_id
    clock.set(second.start - timedelta(hours=23))
    await _minute(clock)
    assert await _told("session.soon") == 0
    clock.set(second.start - timedelta(hours=2))
    for _ in range(2):
        await _minute(clock)
    assert await _told("session.soon") == 2


async def test_a_clock_that_was_late_reminds_once_and_not_twice(world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    assert match.next_at is not None
    clock.set(match.next_at - timedelta(hours=1))
    await _minute(clock)
    assert await _told("session.soon") == 2


def test_the_texts_say_nothing_of_the_matter() -> None:
    for template in ("session.booked", "session.soon", "session.open", "hours.decided"):
        assert not [word for word in ("咨询", "心理", "辅导", "危机", "学校", "同学") if word in TEXTS[template]]
