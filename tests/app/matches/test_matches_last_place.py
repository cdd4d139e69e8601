"""Two real connections, one last place: one confirmation, one clear refusal, and the next candidate."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.matches import queries, service, service_progress
from app.matches.queries import MatchFacts
from app.offers.errors import NoPlaceLeft
from app.sessions import queries as sessions
from app.sessions import service as session_verbs
from app.sessions.errors import SlotTaken
from app.sessions.service_steps import Booking
from tests.support.matching import counsellor, matches_of, need_state, opened
from tests.support.world import World, build_world

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def lasting(database: str) -> AsyncIterator[World]:
    """A world that is really committed, so that two connections see it; every table is emptied afterwards."""
    assert database
    tables = [
        row["tablename"]
        for row in await DB.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if row["tablename"] != "migration"
    ]
    empty = [name for name in tables if not await DB.value(f'SELECT 1 FROM "{name}" LIMIT 1')]
    try:
        async with DB.transaction():
            world = await build_world(NOW)
        yield world
    finally:
        async with DB.transaction():
            await DB.rows("SET LOCAL session_replication_role = replica")
            for name in empty:
                await DB.rows(f'DELETE FROM "{name}"')


async def _two_waiting(world: World, capacity: str = "1") -> tuple[UUID, list[MatchFacts]]:
    """Let two students accept the same offer and wait for the volunteer."""
    async with DB.transaction():
        await world.student("stu2", "示例同学丁", "school", birth=datetime(2009, 9, 1, tzinfo=UTC).date())
        offer_id = await counsellor(world)
        await DB.rows("UPDATE offer SET capacity = $2 WHERE id = $1", offer_id, int(capacity))
        for key in ("stu", "stu2"):
            await opened(world, NOW, key)
    await run_everything(NOW)
    waiting = await queries.live_where("offer_id", offer_id)
    for match in waiting:
        key = "stu" if match.student_id == world["stu"].person else "stu2"
        async with DB.transaction():
            await service.student_accepts(world.viewer(key), match.id, now=NOW, agree=True)
    return offer_id, waiting


async def test_two_accept_the_last_place_at_the_same_moment(lasting: World) -> None:
    offer_id, waiting = await _two_waiting(lasting)
    assert len(waiting) == 2
    begin = asyncio.Event()

    async def accept(match: MatchFacts) -> object:
        await begin.wait()
        try:
            return (await service.provider_accepts(lasting.viewer("vol"), match.id, now=NOW)).state
        except NoPlaceLeft as refusal:
            return refusal

    both = [asyncio.create_task(accept(match)) for match in waiting]
    await asyncio.sleep(0)
    begin.set()
    results = await asyncio.gather(*both)
    assert sorted(type(result).__name__ for result in results) == ["NoPlaceLeft", "str"]
    refusal = next(result for result in results if isinstance(result, NoPlaceLeft))
    assert refusal.status == 409
    offer = await DB.rows("SELECT used, capacity, state FROM offer WHERE id = $1", offer_id)
    assert offer == [{"used": 1, "capacity": 1, "state": "FULL"}]
    states = sorted([(await matches_of(match.need_id))[str(offer_id)] for match in waiting])
    assert states == ["CONFIRMED", "P_DECLINED"]
    loser = waiting[next(number for number, result in enumerate(results) if isinstance(result, NoPlaceLeft))]
    async with DB.transaction():
        await lasting.volunteer("vol2", "示例志愿者B", languages=("YUE", "PTH"))
        second = await counsellor(lasting, "vol2", title="傍晚时段的陪伴与倾听")
    await run_everything(NOW)
    assert (await matches_of(loser.need_id))[str(second)] == "PROPOSED"


async def test_one_time_of_a_volunteer_is_booked_once(lasting: World) -> None:
    _offer_id, waiting = await _two_waiting(lasting, "4")
    for match in waiting:
        async with DB.transaction():
            await service.provider_accepts(lasting.viewer("vol"), match.id, now=NOW)
    slot = (await sessions.free_of(waiting[0], NOW))[0]

    async def book(match: MatchFacts) -> object:
        key = "stu" if match.student_id == lasting["stu"].person else "stu2"
        try:
            return await session_verbs.book(lasting.viewer(key), match.id, Booking(start=slot, mode="ON"), now=NOW)
        except SlotTaken as refusal:
            return refusal

    results = await asyncio.gather(*(book(match) for match in waiting))
    assert sorted(type(result).__name__ for result in results) == ["SlotTaken", "UUID"]
    booked = await DB.value("SELECT count(*) FROM service_session WHERE state = 'BOOKED'")
    assert booked == 1


@pytest.mark.parametrize("round_", range(3))
async def test_student_and_provider_crossing_never_leave_half_a_match(lasting: World, round_: int) -> None:
    clock = MovableClock(NOW)
    _offer_id, waiting = await _two_waiting(lasting, "4")
    match = waiting[round_ % 2]
    key = "stu" if match.student_id == lasting["stu"].person else "stu2"

    async def quiet(verb: object) -> object:
        try:
            return await verb  # type: ignore[misc]
        except Exception as refusal:  # noqa: BLE001 - whichever side was late is refused, and both are looked at below
            return refusal

    await asyncio.gather(
        quiet(service.provider_accepts(lasting.viewer("vol"), match.id, now=clock.now())),
        quiet(service_progress.take_back(lasting.viewer(key), match.id, now=clock.now())),
    )
    found = await queries.find(match.id)
    assert found is not None
    used = await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id)
    assert (found.state, used, await need_state(match.need_id)) in {
        ("CANCELLED", 0, "OPEN"),
        ("CONFIRMED", 1, "MATCHED"),
    }
