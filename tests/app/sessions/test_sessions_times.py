"""Times: what is free, proposals of one's own, reminders, and what becomes of them when a match ends."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import record, run_everything
from app.matches.errors import RecordMissing
from app.sessions import queries, service, service_feedback
from app.sessions.errors import NotBookable, NotThisSession, SlotTaken
from app.sessions.rules import may_book, may_check_in
from app.sessions.rules_times import Busy, Timetable, clashes, free_slots
from app.sessions.service import Record
from app.sessions.service_feedback import Opinion
from app.sessions.service_steps import Booking
from tests.support.matching import completed, confirmed, fresh, need_state, running, scheduled
from tests.support.world import World

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVENING = Timetable(((1, 19 * 60, 21 * 60),))


def test_free_units_are_50_minutes_within_two_weeks_and_outside_what_is_taken() -> None:
    first = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    free = free_slots(EVENING, (), NOW)
    assert free[:2] == (first, first + timedelta(hours=1))
    assert free[-1] <= NOW + timedelta(days=14)
    taken = (Busy(first, first + timedelta(minutes=50)),)
    assert free_slots(EVENING, taken, NOW)[0] == first + timedelta(hours=1)
    assert free_slots(EVENING, (), first - timedelta(hours=1))[0] == first + timedelta(hours=1), "two hours' notice"
    assert free_slots(Timetable(), (), NOW) == ()


def test_booking_and_check_in_have_their_windows() -> None:
    start = NOW + timedelta(days=1)
    assert may_book(start, NOW)
    assert not may_book(NOW + timedelta(hours=1), NOW)
    assert not may_book(NOW + timedelta(days=15), NOW)
    assert may_check_in(start, start - timedelta(minutes=30))
    assert not may_check_in(start, start - timedelta(minutes=31))
    assert clashes(start, start + timedelta(minutes=50), [Busy(start, start + timedelta(minutes=1))])


async def test_a_time_of_ones_own_needs_the_other_side(world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    own = Booking(start=clock.now() + timedelta(days=2), mode="ON")
    with pytest.raises(NotBookable):
        await service.book(world.viewer("stu"), match.id, own, now=clock.now())
    first = await service.propose_time(world.viewer("stu"), match.id, own, now=clock.now())
    session_id = await service.propose_time(world.viewer("stu"), match.id, own, now=clock.now())
    assert (await queries.find(first)).state == "CANCELLED"
    with pytest.raises(NotThisSession):
        await service.agree(world.viewer("stu"), session_id, now=clock.now())
    await service.agree(world.viewer("vol"), session_id, now=clock.now())
    assert (await queries.find(session_id)).state == "BOOKED"
    assert (await fresh(match)).state == "SCHEDULED"


async def test_the_provider_may_book_any_time_that_is_free(world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    own = Booking(start=clock.now() + timedelta(days=2), mode="ON")
    await service.book(world.viewer("vol"), match.id, own, now=clock.now())
    assert (await fresh(match)).next_at == own.start
    with pytest.raises((SlotTaken, NotBookable)):
        await service.book(world.viewer("vol"), match.id, own, now=clock.now())


async def test_reminders_go_out_a_day_and_two_hours_before_once(world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    assert match.next_at is not None
    told = []
    for before in (timedelta(hours=25), timedelta(hours=24), timedelta(hours=3), timedelta(hours=2)):
        clock.set(match.next_at - before)
        for _ in range(2):
            async with DB.transaction():
                await record("tick.minute", None, now=clock.now())
            await run_everything(clock.now())
        told.append(await DB.value("SELECT count(*) FROM notification WHERE template = 'session.soon'"))
    assert told == [0, 2, 2, 4]


async def test_a_match_is_finished_only_with_a_record(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    with pytest.raises(RecordMissing):
        await service.finish(world.viewer("vol"), match.id, "聊了聊", now=clock.now())
    with pytest.raises(NotFound):
        await service.finish(world.viewer("stu"), match.id, "聊了聊", now=clock.now())


async def test_a_second_session_of_a_running_match_needs_no_new_match(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    [held] = await queries.of_match(match.id)
    filed = Record(note="第一次。", result="先聊了睡眠", minutes=50)
    await service.file_record(world.viewer("vol"), held.id, filed, now=held.end)
    free = await queries.free_of(match, held.end)
    await service.book(world.viewer("stu"), match.id, Booking(start=free[0], mode="ON"), now=held.end)
    assert (await fresh(match)).state == "IN_PROGRESS"
    second = (await queries.of_match(match.id))[-1]
    await service.start(world.viewer("vol"), second.id, now=second.start)
    assert (await queries.find(second.id)).state == "RUNNING"


async def test_a_risk_after_the_session_hands_the_need_to_a_case(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    [held] = await queries.of_match(match.id)
    filed = Record(note="需要专业跟进。", result="已经请老师一起帮忙", minutes=50, risk_after="ORANGE")
    await service.file_record(world.viewer("vol"), held.id, filed, now=held.end)
    await run_everything(held.end)
    assert await need_state(match.need_id) == "TO_CASE"
    assert (await fresh(match)).state == "TERMINATED"


async def test_danger_in_feedback_reaches_the_desk_at_once(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    opinion = Opinion(score=3, text="谢谢老师，不过我还是不想活了")
    await service_feedback.tell(world.viewer("stu"), match.id, opinion, now=clock.now())
    fact = await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = 'text.risk_found'")
    assert fact == 1


async def test_both_sides_say_what_they_think_once(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    await service_feedback.tell(world.viewer("stu"), match.id, Opinion(score=4), now=clock.now())
    await service_feedback.tell(world.viewer("vol"), match.id, Opinion(score=5), now=clock.now())
    assert await queries.feedback_given(match.id) == {"STUDENT", "PROVIDER"}
    assert (await fresh(match)).rating == 4


async def test_a_complaint_brings_a_running_match_into_dispute(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    opinion = Opinion(score=1, text="一直在推销课程", complaint=True)
    await service_feedback.tell(world.viewer("stu"), match.id, opinion, now=clock.now())
    assert (await fresh(match)).state == "DISPUTED"
