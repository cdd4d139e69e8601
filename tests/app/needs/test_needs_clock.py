"""The timers of a need, by moving the clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.kit.clock import MovableClock
from app.kit.clock_work import after_working_days, is_working_day, working_days
from app.kit.db import DB
from app.needs import service_clock, service_progress
from tests.app.needs.drafting import in_state, submitted
from tests.support.world import World


async def _need(need_id: UUID) -> dict[str, object]:
    return (await DB.rows("SELECT * FROM need WHERE id = $1", need_id))[0]


async def _facts(kind: str) -> int:
    return int(await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = $1", kind))


async def _told(world: World, key: str, template: str) -> int:
    sql = "SELECT count(*) FROM notification WHERE account_id = $1 AND template = $2"
    return int(await DB.value(sql, world[key].account, template))


async def test_without_supply_it_widens_then_asks_cadres_then_explains(world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "OPEN", clock.now())
    clock.move(hours=23)
    await service_clock.run_timers(clock.now())
    assert (await _need(need_id))["escalation"] == 0
    clock.move(hours=1)
    await service_clock.run_timers(clock.now())
    await service_clock.run_timers(clock.now())
    assert (await _need(need_id))["escalation"] == 1
    assert await _facts("need.widened") == 1
    clock.move(days=2)
    await service_clock.run_timers(clock.now())
    await service_clock.run_timers(clock.now())
    assert (await _need(need_id))["escalation"] == 2
    assert await _facts("need.no_supply_task") == 1
    assert await _told(world, "cty", "supply.wanted") == 1
    clock.move(days=27)
    await service_clock.run_timers(clock.now())
    await service_clock.run_timers(clock.now())
    row = await _need(need_id)
    assert (row["state"], row["close_code"]) == ("EXPIRED", "NO_SUPPLY")
    assert "12355" in str(row["close_reason"])
    assert await _told(world, "stu", "need.closed") == 1


async def test_a_proposal_starts_the_waiting_anew(world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "OPEN", clock.now())
    clock.move(hours=20)
    await service_progress.proposed(need_id, now=clock.now())
    clock.move(hours=20)
    await service_clock.run_timers(clock.now())
    row = await _need(need_id)
    assert row["escalation"] == 0
    assert row["first_proposal_at"] == clock.now() - timedelta(hours=20)


async def test_two_reminders_then_closed_as_unconfirmed(world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "TO_CONFIRM", clock.now())
    before = await _told(world, "stu", "need.to_confirm")
    for day, told in ((3, 0), (4, 1), (8, 1), (9, 2), (13, 2)):
        moment = clock.now() + timedelta(days=day)
        await service_clock.run_timers(moment)
        await service_clock.run_timers(moment)
        assert await _told(world, "stu", "need.to_confirm") - before == told, day
    assert (await _need(need_id))["state"] == "TO_CONFIRM"
    await service_clock.run_timers(clock.now() + timedelta(days=14))
    row = await _need(need_id)
    assert (row["state"], row["close_code"]) == ("UNSOLVED", "UNCONFIRMED")


async def test_a_service_that_was_away_still_reminds_before_it_closes(world: World, clock: MovableClock) -> None:
    need_id = await in_state(world, "TO_CONFIRM", clock.now())
    clock.move(days=20)
    await service_clock.run_timers(clock.now())
    assert (await _need(need_id))["state"] == "TO_CONFIRM"
    clock.move(days=1)
    await service_clock.run_timers(clock.now())
    assert (await _need(need_id))["state"] == "UNSOLVED"


async def test_a_late_review_is_shown_to_the_next_level_once(world: World, clock: MovableClock) -> None:
    sent = await submitted(world, clock.now())
    assert await _told(world, "sch", "review.waiting") == 1
    clock.move(days=1)
    for _ in range(2):
        await service_clock.run_timers(clock.now())
    assert await _told(world, "cty", "review.waiting") == 1
    assert await _told(world, "sch", "review.waiting") == 1
    assert (await _need(sent.need_id))["state"] == "REVIEW"


def test_working_days_know_the_holidays_and_fall_back_to_weekdays() -> None:
    eve = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)
    assert after_working_days(eve, 1).date().isoformat() == "2026-10-08"
    assert working_days(eve, eve + timedelta(days=8)) == 1
    assert is_working_day(datetime(2031, 1, 6, tzinfo=UTC).date())
    assert not is_working_day(datetime(2031, 1, 5, tzinfo=UTC).date())
    saturday = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
    assert after_working_days(saturday, 1) == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
