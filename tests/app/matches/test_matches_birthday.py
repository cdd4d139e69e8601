"""A birthday opens and closes gates: what no longer fits lapses, what fits now is proposed (domain 4)."""

from datetime import date, timedelta
from uuid import UUID

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.outbox import record, run_everything
from app.matches import queries, service_birthday
from tests.support.matching import opened, proposed
from tests.support.offers import published
from tests.support.world import World


async def _born(world: World, key: str, day: date) -> None:
    await DB.rows("UPDATE person SET birth_date = $2 WHERE id = $1", world[key].person, day)


async def _night(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.night", None, now=clock.now())
    await run_everything(clock.now())


async def _states(need_id: UUID) -> list[tuple[str, str]]:
    return [(match.state, match.ended_reason) for match in await queries.of_need(need_id)]


async def test_at_eighteen_an_internship_needs_no_guardian_any_more(world: World, clock: MovableClock) -> None:
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    await _born(world, "adult", tomorrow.replace(year=tomorrow.year - 18))
    await published(world, "INTERN", by="cit")
    need_id = await opened(world, clock.now(), "adult", "EM1", modes=(), languages=(), slots=(), gender_pref="N")
    await run_everything(clock.now())
    assert await _states(need_id) == []
    clock.move(days=1)
    await _night(clock)
    assert await _states(need_id) == [("PROPOSED", "")]


async def test_at_twenty_six_a_home_for_students_lapses(world: World, clock: MovableClock) -> None:
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    await _born(world, "adult", tomorrow.replace(year=tomorrow.year - 26))
    await published(world, "HOUSE", by="cit")
    need_id = await opened(world, clock.now(), "adult", "EM5", wishes={"districts": ["440604"]})
    await run_everything(clock.now())
    assert await _states(need_id) == [("PROPOSED", "")]
    await DB.rows("UPDATE match SET deadline_at = NULL WHERE need_id = $1", need_id)
    clock.move(days=1)
    await _night(clock)
    await _night(clock)
    assert await _states(need_id) == [("LAPSED", "age")]


async def test_a_birthday_that_changes_nothing_for_a_proposal_leaves_it(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    assert await service_birthday.gate_again(world["stu"].person, now=clock.now()) == 0
    assert await _states(match.need_id) == [("PROPOSED", "")]
