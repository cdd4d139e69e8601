"""Times over the pages: the weekly grid, days off and holidays, moving and cancelling what is booked."""

from datetime import UTC, date, datetime, timedelta

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.sessions import queries
from app.sessions.rules_times import Change, Timetable, cells_of, free_slots, holiday, weekly_of
from tests.support.matching import confirmed, fresh, running, scheduled
from tests.support.visitor import Visitor
from tests.support.world import World

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
EVERY_EVENING = tuple((weekday, 19 * 60, 20 * 60) for weekday in range(1, 8))


def test_public_holidays_days_off_and_extra_hours_change_what_is_free() -> None:
    days = {slot.date() for slot in free_slots(Timetable(EVERY_EVENING), (), NOW)}
    assert holiday(date(2026, 10, 1)) == "国庆节"
    assert date(2026, 10, 1) not in days
    assert date(2026, 9, 30) in days
    open_always = Timetable(EVERY_EVENING, on_holidays=True)
    assert date(2026, 10, 1) in {slot.date() for slot in free_slots(open_always, (), NOW)}
    off = Timetable(EVERY_EVENING, (Change(date(2026, 9, 30), "OFF"),))
    assert date(2026, 9, 30) not in {slot.date() for slot in free_slots(off, (), NOW)}
    extra = Timetable((), (Change(date(2026, 10, 1), "EXTRA", 9 * 60, 11 * 60),))
    assert free_slots(extra, (), NOW) == (
        datetime(2026, 10, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 1, 2, tzinfo=UTC),
    )
    assert holiday(date(2050, 10, 1)) == "", "nothing is known beyond the published table"


def test_the_grid_and_weekly_times_are_two_ways_to_say_the_same() -> None:
    weekly = ((3, 19 * 60, 21 * 60), (6, 9 * 60, 12 * 60))
    cells = cells_of(weekly)
    assert cells == {"3-1140", "3-1200", "6-540", "6-600", "6-660"}
    assert weekly_of(cells) == weekly


async def test_a_volunteer_ticks_the_week_and_the_student_sees_it(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await confirmed(world, clock.now())
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        page = await volunteer.get("/my-times")
        assert page.status_code == 200
        assert 'value="3-1140" aria-label="周三 19:00" checked' in page.text, "the times of the offer are filled in"
        assert (await volunteer.post("/my-times", {"cell": ["5-1200"]})).status_code == 303
        assert 'value="3-1140" aria-label="周三 19:00" checked' not in (await volunteer.get("/my-times")).text
        free = await queries.free_of(match, clock.now())
        assert {slot.isoweekday() for slot in free} == {5}
        shown = (await student.get(f"/matches/{match.id}")).text
        assert free[0].isoformat() in shown
        change = {"day": free[0].date().isoformat(), "kind": "OFF"}
        assert (await volunteer.post("/my-times/changes", change)).status_code == 303
        assert free[0] not in await queries.free_of(match, clock.now())
        late = await student.post(f"/matches/{match.id}/book", {"slot": free[0].isoformat(), "mode": "ON"})
        assert late.status_code == 409
        wrong = await volunteer.post(
            "/my-times/changes", {"day": "2026-11-26", "kind": "EXTRA", "start": "20:00", "end": "20:30"}
        )
        assert wrong.status_code == 422
        assert "至少 50 分钟" in wrong.text
        dropped = await volunteer.post("/my-times/changes/drop", change | {"start": "0"})
        assert dropped.status_code == 303
        assert free[0] in await queries.free_of(match, clock.now())
        assert (await student.get("/my-times")).status_code == 403


async def test_a_day_off_says_how_many_bookings_stand_in_it(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    assert match.next_at is not None
    async with Visitor(app, world["vol"]) as volunteer:
        change = {"day": match.next_at.date().isoformat(), "kind": "OFF"}
        answer = await volunteer.follow(await volunteer.post("/my-times/changes", change))
        assert "还有 1 个约好的预约" in answer.text


async def test_a_student_moves_to_a_free_time_at_once(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    async with Visitor(app, world["stu"]) as student:
        assert "改时间" in (await student.get(f"/matches/{match.id}")).text
        free = await queries.free_of(match, clock.now(), but=held.id)
        other = next(slot for slot in free if slot != held.start)
        same = await student.post(f"/sessions/{held.id}/move", {"slot": held.start.isoformat(), "mode": "ON"})
        assert same.status_code == 409
        moved = await student.post(f"/sessions/{held.id}/move", {"slot": other.isoformat(), "mode": "ON"})
        assert moved.status_code == 303
        again = await student.post(f"/sessions/{held.id}/move", {"slot": other.isoformat(), "mode": "ON"})
        assert again.status_code == 409, "the same post twice has one effect"
    states = {session.start: session.state for session in await queries.of_match(match.id)}
    assert states == {held.start: "CANCELLED", other: "BOOKED"}
    assert ((await fresh(match)).state, (await fresh(match)).next_at) == ("SCHEDULED", other)
    assert held.start in await queries.free_of(match, clock.now()), "the old time is free for others"


async def test_a_provider_asks_before_a_booked_time_moves(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    wish = held.start + timedelta(hours=2)
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        own = (wish + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
        for _ in range(2):
            asked = await volunteer.post(f"/sessions/{held.id}/move", {"own": own, "mode": "ON"})
            assert asked.status_code == 303
        assert (await queries.find(held.id)).state == "BOOKED", "the old time stands until the student agrees"
        [proposal] = [one for one in await queries.of_match(match.id) if one.state == "PROPOSED"]
        page = await student.get(f"/matches/{match.id}")
        assert "对方想改到这个时间" in page.text
        assert (await volunteer.post(f"/sessions/{proposal.id}/agree")).status_code == 409
        assert (await student.post(f"/sessions/{proposal.id}/agree")).status_code == 303
    assert (await queries.find(held.id)).state == "CANCELLED"
    assert (await fresh(match)).next_at == wish


async def test_a_wish_that_is_turned_down_leaves_everything_as_it_was(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    own = (held.start + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        await volunteer.post(f"/sessions/{held.id}/move", {"own": own, "mode": "ON"})
        [proposal] = [one for one in await queries.of_match(match.id) if one.state == "PROPOSED"]
        assert (await student.post(f"/sessions/{proposal.id}/cancel")).status_code == 303
        assert (await queries.find(held.id)).state == "BOOKED"
        first = await student.post(f"/sessions/{held.id}/cancel")
        assert first.status_code == 409, "a first meeting is cancelled with its match"
        assert "第一次见面" in first.text


async def test_nothing_moves_in_the_last_two_hours(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    clock.set(held.start - timedelta(minutes=119))
    later = (held.start + timedelta(days=7)).isoformat()
    async with Visitor(app, world["stu"]) as student:
        assert "改时间" not in (await student.get(f"/matches/{match.id}")).text
        late = await student.post(f"/sessions/{held.id}/move", {"slot": later, "mode": "ON"})
        assert late.status_code == 409
        assert "不到 2 小时" in late.text
    async with Visitor(app, world["adult"]) as stranger:
        assert (await stranger.post(f"/sessions/{held.id}/move", {"slot": later, "mode": "ON"})).status_code == 404


async def test_a_later_meeting_is_cancelled_alone(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    [held] = await queries.of_match(match.id)
    clock.set(held.end)
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        record = {"note": "第一次。", "result": "聊了睡眠", "minutes": "50", "risk_after": "NONE"}
        await volunteer.post(f"/sessions/{held.id}/record", record)
        free = await queries.free_of(match, clock.now())
        await student.post(f"/matches/{match.id}/book", {"slot": free[0].isoformat(), "mode": "ON"})
        second = (await queries.of_match(match.id))[-1]
        assert "取消这一次" in (await volunteer.get(f"/matches/{match.id}")).text
        assert (await volunteer.post(f"/sessions/{second.id}/cancel")).status_code == 303
    assert (await queries.find(second.id)).state == "CANCELLED"
    assert (await fresh(match)).state == "IN_PROGRESS"
    assert await DB.value("SELECT count(*)::int FROM service_session WHERE state = 'BOOKED'") == 0


async def test_a_match_never_has_two_booked_times(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    free = await queries.free_of(match, clock.now())
    own = (free[-1] + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        await student.post(f"/matches/{match.id}/book", {"own": own, "mode": "ON"})
        [proposal] = await queries.of_match(match.id)
        await student.post(f"/matches/{match.id}/book", {"slot": free[0].isoformat(), "mode": "ON"})
        late = await volunteer.post(f"/sessions/{proposal.id}/agree")
        assert late.status_code == 409
    assert [one.start for one in await queries.of_match(match.id) if one.state == "BOOKED"] == [free[0]]


async def test_a_proposal_cannot_move_a_meeting_that_has_begun(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await scheduled(world, clock.now())
    [held] = await queries.of_match(match.id)
    own = (held.start + timedelta(days=2, hours=8)).strftime("%Y-%m-%dT%H:%M")
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["vol"]) as volunteer:
        await volunteer.post(f"/sessions/{held.id}/move", {"own": own, "mode": "ON"})
        [proposal] = [one for one in await queries.of_match(match.id) if one.state == "PROPOSED"]
        clock.set(held.start)
        await volunteer.post(f"/sessions/{held.id}/check-in")
        assert (await student.post(f"/sessions/{proposal.id}/agree")).status_code == 409
        await volunteer.post(f"/sessions/{held.id}/start")
    assert {one.id: one.state for one in await queries.of_match(match.id)} == {
        held.id: "RUNNING",
        proposal.id: "CANCELLED",
    }
