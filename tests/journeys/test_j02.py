"""J02: no-shows on both sides, with the clock moved by hand."""

from datetime import date, timedelta

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import record, run_everything
from app.matches import service
from app.matches.queries import MatchFacts
from app.sessions import queries as sessions
from tests.support.matching import counsellor, fresh, need_state, only_match, opened
from tests.support.visitor import Visitor
from tests.support.world import World


async def _minute(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.minute", None, now=clock.now())
    await run_everything(clock.now())


async def _care(world: World, key: str) -> int:
    found: int = await DB.value(
        "SELECT count(*) FROM notification WHERE template = 'care.check' AND account_id = $1", world[key].account
    )
    return found


async def test_no_shows_on_both_sides(app: Litestar, world: World, clock: MovableClock) -> None:
    await world.student(
        "he", "示例何同学", "school", birth=date(2007, 5, 1), stage="SH", grade_year=3, languages=("PTH", "YUE")
    )
    await world.volunteer("zhou", "示例周老师", languages=("PTH",))
    await counsellor(world, "zhou")
    need_id = await opened(world, clock.now(), "he", gender_pref="N")
    await run_everything(clock.now())
    match = await only_match(need_id)
    async with Visitor(app, world["he"]) as student, Visitor(app, world["zhou"]) as first:
        await student.post(f"/matches/{match.id}/accept", {"agree": "yes"})
        await first.post(f"/requests/{match.id}/accept")
        slot = (await sessions.free_of(match, clock.now()))[0]
        await student.post(f"/matches/{match.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
        # (a) The volunteer has not checked in a quarter of an hour after the appointed time.
        clock.set(slot + timedelta(minutes=14, seconds=59))
        await _minute(clock)
        assert (await fresh(match)).state == "SCHEDULED"
        clock.move(seconds=1)
        await _minute(clock)
        assert (await fresh(match)).state == "NO_SHOW_P"
        strikes = await DB.value("SELECT strikes FROM provider WHERE id = $1", match.provider_id)
        assert strikes == 1
        page = await student.get(f"/my-help/{need_id}")
        assert "对不起" in page.text
        assert "12355" in page.text
        assert "换一位" in page.text
        # (b) He asks for somebody else.
        await world.volunteer("next", "示例志愿者N", languages=("PTH",))
        await counsellor(world, "next", title="傍晚时段的陪伴与倾听")
        await student.post(f"/matches/{match.id}/replace")
        assert (await fresh(match)).state == "CANCELLED"
        assert await DB.rows("SELECT state, priority FROM need WHERE id = $1", need_id) == [
            {"state": "OPEN", "priority": True}
        ]
        await run_everything(clock.now())
        second = await only_match(need_id)
        assert second.provider_id == world["next"].provider
        await _he_misses_twice(app, world, student, second, clock)
    assert (await fresh(second)).state == "CANCELLED"
    assert (await fresh(second)).no_shows == 2
    assert await need_state(need_id) == "OPEN"
    assert await _care(world, "sch") == 1
    words = await DB.rows("SELECT DISTINCT text FROM notification WHERE template = 'care.check'")
    assert words == [{"text": "请关心一位同学的近况。"}]


async def _he_misses_twice(
    app: Litestar, world: World, student: Visitor, second: MatchFacts, clock: MovableClock
) -> None:
    # (c) He does not come to the new one.
    await student.post(f"/matches/{second.id}/accept", {"agree": "yes"})
    await service.provider_accepts(world.viewer("next"), second.id, now=clock.now())
    slot = (await sessions.free_of(second, clock.now()))[0]
    await student.post(f"/matches/{second.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
    booked = (await sessions.of_match(second.id))[-1]
    async with Visitor(app, world["next"]) as volunteer:
        clock.set(slot + timedelta(minutes=14))
        assert (await volunteer.post(f"/sessions/{booked.id}/student-absent")).status_code == 409
        clock.move(minutes=1)
        assert (await volunteer.post(f"/sessions/{booked.id}/student-absent")).status_code == 303
        assert (await fresh(second)).state == "NO_SHOW_S"
        assert (await _care(world, "psy"), await _care(world, "mem"), await _care(world, "sch")) == (1, 0, 0)
        page = await student.get(f"/my-help/{second.need_id}")
        assert "处罚" not in page.text
        # (d) He books again and misses again.
        clock.move(days=1)
        slot = (await sessions.free_of(second, clock.now()))[0]
        await student.post(f"/matches/{second.id}/book", {"slot": slot.isoformat(), "mode": "ON"})
        assert (await fresh(second)).state == "SCHEDULED"
        clock.set(slot + timedelta(minutes=15))
        again = (await sessions.of_match(second.id))[-1]
        await volunteer.post(f"/sessions/{again.id}/student-absent")
