"""The live state: first proposals, facts in any order, ownership between two connections, and doubt."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import numpy as np
import pytest
import pytest_asyncio

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.matches import queries, service_arrays, service_live, service_rulings, service_runs, service_snapshot
from app.matches.service_livebook import LiveBook
from app.offers.kinds import KINDS
from tests.app.matches.test_matches_last_place import NOW, lasting
from tests.app.matches.test_matches_runs import people
from tests.support.matching import counsellor, opened
from tests.support.world import World

__all__ = ["lasting"]
COUNSEL = list(KINDS).index("COUNSEL")


@pytest_asyncio.fixture(loop_scope="session")
async def live(db: str) -> AsyncIterator[None]:
    """Let this process hold live states for one test."""
    assert db
    service_live.enable()
    yield
    await service_live.release()


async def _same_as_new(clock: MovableClock) -> None:
    """Compare the followed state with one that is built from the database just now."""
    held = service_live.OWNER.held["COUNSEL"]
    fresh = LiveBook(service_arrays.lay(await service_snapshot.take("COUNSEL", clock.now())))
    assert held.book.served() == fresh.served()
    assert held.book.needs == fresh.needs
    proof = held.book.prove()
    assert proof.valid, proof


@pytest.mark.usefixtures("live")
async def test_a_new_need_first_gets_what_the_live_answer_assigns(world: World, clock: MovableClock) -> None:
    (first,) = await people(world, clock, needs=1, volunteers=2)
    assert await service_live.keep(now=clock.now()) == ("COUNSEL",)
    taken = await service_live.assigned("COUNSEL", first)
    await world.student("late", "示例同学晚", "school", birth=world["s0"].viewer.hats[0].start.replace(year=2009))
    second = await opened(world, clock.now(), "late")
    await run_everything(clock.now())
    own = await service_live.assigned("COUNSEL", second)
    assert own is not None
    assert own != await service_live.assigned("COUNSEL", first)
    shown = await queries.of_need(second)
    assert next(match.offer_id for match in shown if match.rank == 1) == own
    assert taken is not None
    await _same_as_new(clock)


@pytest.mark.usefixtures("live")
async def test_facts_lost_twice_or_in_another_order_do_no_harm(world: World, clock: MovableClock) -> None:
    ids = await people(world, clock, needs=5, volunteers=3)
    await service_live.keep(now=clock.now())
    held = service_live.OWNER.held["COUNSEL"]
    await DB.rows("UPDATE need SET state = 'WITHDRAWN' WHERE id = $1", ids[0])
    await world.volunteer("more", "示例志愿者晚", languages=("YUE", "PTH"))
    offer_id = await counsellor(world, "more", title="新来志愿者的倾听与陪伴")
    await service_rulings.rule(world.viewer("sch"), ids[1], offer_id, "PIN", "离家近", now=clock.now())
    await service_rulings.rule(world.viewer("sch"), ids[2], offer_id, "FORBID", "认识", now=clock.now())
    await DB.rows("UPDATE offer SET capacity = 2 WHERE id = (SELECT min(id::text)::uuid FROM offer)")
    for row in await DB.rows("SELECT id FROM offer UNION ALL SELECT id FROM need"):
        await DB.rows(
            """
            INSERT INTO outbox_fact (id, kind, subject_id, payload, created_at)
            VALUES (gen_random_uuid(), 'offer.changed', $1, '{}', $2), (gen_random_uuid(), 'need.changed', $1, '{}', $2)
            """,
            row["id"],
            clock.now(),
        )
    assert await service_live.follow("COUNSEL", now=clock.now())
    assert await service_live.assigned("COUNSEL", ids[1]) == offer_id
    assert await service_live.assigned("COUNSEL", ids[0]) is None
    await _same_as_new(clock)
    held.seen.clear()
    assert await service_live.follow("COUNSEL", now=clock.now()), "the same facts once more"
    await _same_as_new(clock)


@pytest.mark.usefixtures("live")
async def test_an_offer_that_is_gone_leaves_and_comes_back(world: World, clock: MovableClock) -> None:
    ids = await people(world, clock, needs=2, volunteers=2)
    await service_live.keep(now=clock.now())
    gone = await service_live.assigned("COUNSEL", ids[0])
    for state in ("PAUSED", "PUBLISHED"):
        await DB.rows("UPDATE offer SET state = $2 WHERE id = $1", gone, state)
        clock.move(seconds=5)
        await DB.rows(
            "INSERT INTO outbox_fact (id, kind, subject_id, payload, created_at)"
            " VALUES (gen_random_uuid(), 'offer.changed', $1, '{}', $2)",
            gone,
            clock.now(),
        )
        await service_live.follow("COUNSEL", now=clock.now())
        await _same_as_new(clock)
    assert sum(service_live.OWNER.held["COUNSEL"].book.served()) == 2


@pytest.mark.usefixtures("live")
async def test_two_connections_fight_for_the_ownership(
    world: World, clock: MovableClock, second_connection: asyncpg.Connection
) -> None:
    await people(world, clock, needs=1, volunteers=1)
    lock = "SELECT pg_try_advisory_lock($1, $2)"
    assert await second_connection.fetchval(lock, service_live.LOCK_FAMILY, COUNSEL)
    assert await service_live.keep(now=clock.now()) == ()
    assert not await service_live.follow("COUNSEL", now=clock.now())
    await second_connection.fetchval("SELECT pg_advisory_unlock($1, $2)", service_live.LOCK_FAMILY, COUNSEL)
    assert await service_live.keep(now=clock.now()) == ("COUNSEL",)
    assert not await second_connection.fetchval(lock, service_live.LOCK_FAMILY, COUNSEL)
    owner = service_live.OWNER.connection
    assert owner is not None
    await second_connection.fetchval("SELECT pg_terminate_backend($1)", owner.get_server_pid())
    assert not await service_live.follow("COUNSEL", now=clock.now()), "with the connection the state is gone"
    assert await service_live.prices("COUNSEL") == {}
    assert await service_live.keep(now=clock.now()) == ("COUNSEL",), "and built again in seconds"


@pytest.mark.usefixtures("live")
async def test_a_state_in_doubt_is_thrown_away_and_built_again(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=3, volunteers=2)
    await service_live.keep(now=clock.now())
    before = service_live.OWNER.held["COUNSEL"]
    before.book._state._book.price[:] += np.int64(1) << 45
    clock.move(minutes=6)
    assert await service_live.keep(now=clock.now()) == ("COUNSEL",)
    after = service_live.OWNER.held["COUNSEL"]
    assert after is not before
    assert after.book.prove().valid
    stored = await DB.rows("SELECT level FROM match_offer_price")
    assert [row["level"] for row in stored] == [max(row["level"] for row in stored)] * 2


@pytest.mark.usefixtures("live")
async def test_capped_searches_are_finished_when_no_event_waits(
    world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(world, clock, needs=4, volunteers=3)
    await service_live.keep(now=clock.now())
    state = service_live.OWNER.held["COUNSEL"].book._state
    state.limit = 0
    for number, (slices, optimal) in enumerate([(0, False), (service_live.SETTLE_SLICES, True)]):
        monkeypatch.setattr(service_live, "SETTLE_SLICES", slices)
        clock.move(seconds=5)
        key = f"late{number}"
        await world.student(key, "示例同学晚", "school", birth=world.now.date().replace(year=2009))
        need_id = await opened(world, clock.now(), key)
        await DB.rows("UPDATE need SET urgency = 'H' WHERE id = $1", need_id)
        assert await service_live.follow("COUNSEL", now=clock.now())
        assert state.loss.optimal is optimal
    await _same_as_new(clock)


_SOLVE = """
import asyncio, os, sys
from uuid import UUID
from datetime import UTC, datetime
from app import subscriptions
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.matches import service_runs
assert subscriptions.MODULES
open_vault("a-secret-for-tests-only-0123456789")
DB.configure(sys.argv[1])
asyncio.run(service_runs.solve(UUID(sys.argv[2]), now=datetime(2026, 11, 23, 2, 0, tzinfo=UTC)))
"""


async def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_part_is_done_once(
    lasting: World, database: str, second_connection: asyncpg.Connection
) -> None:
    async with DB.transaction():
        await counsellor(lasting)
        need_id = await opened(lasting, NOW)
    await DB.rows("UPDATE outbox_delivery SET state = 'DONE'")
    batch_id = await service_runs.begin("NIGHT", now=NOW)
    assert batch_id is not None
    await service_runs.split(batch_id, now=NOW)
    (part,) = await service_runs.components_of(batch_id, "WAITING")
    held = second_connection.transaction()
    await held.start()
    await second_connection.execute("SELECT 1 FROM match_batch WHERE id = $1 FOR UPDATE", batch_id)
    worker = subprocess.Popen([sys.executable, "-c", _SOLVE, database, str(part)], env=dict(os.environ))  # noqa: ASYNC220
    try:
        await _until_blocked(worker)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        await held.rollback()
    await _until_free(part)
    assert await service_runs.components_of(batch_id, "WAITING") == [part]
    assert await DB.value("SELECT count(*) FROM match_plan") == 0
    assert await service_runs.solve(part, now=NOW)
    assert not await service_runs.solve(part, now=NOW)
    assert await DB.rows("SELECT need_id FROM match_plan") == [{"need_id": need_id}]


async def _until_blocked(worker: subprocess.Popen[bytes]) -> None:
    """Wait until the other process has written its answer and waits for the run's row."""
    for _ in range(3_600):
        assert worker.poll() is None, "the worker ended by itself"
        if await DB.value(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%match_batch%' LIMIT 1"
        ):
            return
        await asyncio.sleep(0.05)
    raise AssertionError


async def _until_free(part: UUID) -> None:
    """Wait until the server has noticed that the killed process is gone."""
    for _ in range(200):
        if await DB.rows("SELECT 1 FROM match_component WHERE id = $1 FOR UPDATE SKIP LOCKED", part):
            return
        await asyncio.sleep(0.05)
    raise AssertionError


def test_a_web_server_never_loads_the_numeric_library() -> None:
    code = "import sys, app.main; print([one for one in ('numba', 'scipy', 'numpy') if one in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
