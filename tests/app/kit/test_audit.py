"""Nobody rewrites what was written down."""

import asyncpg
import pytest

from app.kit.audit import audit
from app.kit.audit_chain import first_break, seal
from app.kit.db import DB
from app.kit.outbox import Fact
from tests.support.world import World


async def _attempt(sql: str) -> None:
    async with DB.transaction():
        await DB.rows(sql)


async def _write_and_seal(world: World) -> None:
    for number in range(3):
        await audit(world.viewer("sch"), f"test.{number}", "need", None, now=world.now)
    await seal(Fact(world.orgs["school"], "tick.minute", None, {}, world.now), world.now)


async def test_the_log_is_append_only(world: World) -> None:
    await _write_and_seal(world)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await _attempt("DELETE FROM audit_log")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await _attempt("UPDATE audit_log SET what = 'other'")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await _attempt("UPDATE state_change SET reason = ''")


async def test_a_changed_row_breaks_the_chain(world: World) -> None:
    await _write_and_seal(world)
    assert await first_break() is None
    await DB.rows("ALTER TABLE audit_log DISABLE TRIGGER audit_log_seals")
    await DB.rows("UPDATE audit_log SET what = 'other' WHERE what = 'test.1'")
    broken = await DB.value("SELECT seq FROM audit_log WHERE what = 'other'")
    assert await first_break() == broken
