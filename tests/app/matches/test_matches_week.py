"""A volunteer is asked only so often a week, also when two proposals are written at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.matches import service_propose
from tests.app.matches.test_matches_last_place import NOW, lasting
from tests.app.matches.test_matches_runs import people
from tests.support.world import World

__all__ = ["lasting"]
Write = Callable[[UUID], Awaitable[object]]


async def _propose(need_id: UUID) -> object:
    """Propose as after an approval."""
    return await service_propose.propose(need_id, now=NOW, cause="TEST")


async def _propose_pair(need_id: UUID) -> object:
    """Propose the first offer as after a run."""
    (offer,) = await DB.rows("SELECT id, version FROM offer ORDER BY id LIMIT 1")
    version = await DB.value("SELECT version FROM need WHERE id = $1", need_id)
    return await service_propose.propose_pair(
        need_id, offer["id"], need_version=version, offer_version=offer["version"], now=NOW
    )


async def _both_at_once(second: asyncpg.Connection, write: Write, ids: list[UUID]) -> None:
    """Let both come as far as they can while no row may enter the table, then let go."""
    held = second.transaction()
    await held.start()
    await second.execute("LOCK TABLE match IN SHARE MODE")
    writing = [asyncio.create_task(_quietly(write, need_id)) for need_id in ids]
    for _ in range(200):
        if await DB.value(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        ) == len(ids):
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError
    await held.rollback()
    await asyncio.gather(*writing)


async def _quietly(write: Write, need_id: UUID) -> object:
    return await write(need_id)


async def _world(lasting: World, volunteers: int) -> list[UUID]:
    async with DB.transaction():
        ids = await people(lasting, MovableClock(NOW), needs=2, volunteers=volunteers, capacity=20)
        await DB.rows("UPDATE volunteer_profile SET weekly_cap = 1")
    return ids


@pytest.mark.parametrize("write", [_propose, _propose_pair])
async def test_two_needs_at_the_same_moment_ask_a_volunteer_once(
    lasting: World, second_connection: asyncpg.Connection, write: Write
) -> None:
    ids = await _world(lasting, 1)
    await _both_at_once(second_connection, write, ids)
    assert await DB.value("SELECT count(*) FROM match") == 1


async def test_who_comes_second_asks_those_who_are_left(lasting: World, second_connection: asyncpg.Connection) -> None:
    ids = await _world(lasting, 4)
    await _both_at_once(second_connection, _propose, ids)
    asked = await DB.rows("SELECT provider_id, count(*)::int AS often FROM match GROUP BY provider_id")
    assert [row["often"] for row in asked] == [1, 1, 1, 1]
    by_need = await DB.rows("SELECT count(*)::int AS shown FROM match GROUP BY need_id ORDER BY shown")
    assert [row["shown"] for row in by_need] == [1, 3]


async def test_nobody_waits_for_a_second_group_of_volunteers(
    lasting: World, second_connection: asyncpg.Connection
) -> None:
    ids = await _world(lasting, 4)
    last = await DB.value("SELECT provider_id FROM offer ORDER BY id DESC LIMIT 1")
    await second_connection.fetchval("SELECT pg_advisory_lock(hashtextextended('week:' || $1, 0))", str(last))
    await _both_at_once(second_connection, _propose, ids)
    assert await DB.value("SELECT count(*) FROM match") == 3
    assert not await DB.value("SELECT count(*) FROM match WHERE provider_id = $1", last)
