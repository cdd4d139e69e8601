"""The database keeps its connections whatever fails."""

from collections.abc import Awaitable

import asyncpg
import pytest

from app.kit.db import DB
from app.kit.outbox import Fact, record, run_everything, subscribe
from tests.support.world import World


async def _deferred_constraint_fails() -> None:
    async with DB.transaction():
        await DB.rows("CREATE TEMP TABLE IF NOT EXISTS once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        await DB.rows("INSERT INTO once VALUES (1), (1)")


async def _write_and_fail(write: Awaitable[object]) -> None:
    async with DB.transaction():
        await write
        raise ZeroDivisionError


async def test_a_failing_commit_gives_its_connection_back(database: str) -> None:
    assert database
    assert DB.pool is not None
    for _ in range(DB.pool.get_max_size() + 2):
        with pytest.raises(asyncpg.UniqueViolationError):
            await _deferred_constraint_fails()
    assert not DB.inside
    assert await DB.value("SELECT 1") == 1


async def test_an_inner_block_undoes_only_itself(db: str) -> None:
    assert db
    await DB.rows("CREATE TEMP TABLE kept (n int) ON COMMIT DROP")
    await DB.rows("INSERT INTO kept VALUES (1)")
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(DB.rows("INSERT INTO kept VALUES (2)"))
    assert [row["n"] for row in await DB.rows("SELECT n FROM kept")] == [1]


async def test_a_fact_is_delivered_once_and_a_rolled_back_one_never(db: str, world: World) -> None:
    assert db
    ran: list[str] = []

    @subscribe("test.happened", name="test.counts")
    async def counts(fact: Fact, _now: object) -> None:
        ran.append(str(fact.payload["what"]))

    async with DB.transaction():
        await record("test.happened", None, now=world.now, what="kept")
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(record("test.happened", None, now=world.now, what="undone"))
    await run_everything(world.now)
    await run_everything(world.now)
    assert ran == ["kept"]
