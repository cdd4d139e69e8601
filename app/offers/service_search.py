"""The index follows the offers: in their own transaction, and in Meilisearch by the outbox."""

import asyncio
import os
import sys
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.outbox import others_due, record, settled
from app.offers import queries_gate
from app.offers.documents import document, is_public
from app.offers.queries import select
from app.offers.queries_search import documents_of, public_documents
from search.engine import Engine, IndexOutdatedError
from search.postgres_schema import TABLE

COPY: Final = "offers.search_copy"
RELEARN: Final = "offers.relearn"
COPY_LOCK: Final = 7_112_361
CALL_LOCK: Final = 7_112_362
BATCH: Final = 500
WORK_SECONDS: Final = 540


async def follow(offer_id: UUID, now: datetime) -> None:
    """Bring the index up to one offer, in the transaction that changed it: shown offers stand in it, no others."""
    found = await select("id = $1", offer_id)
    if found and is_public(found[0], today=local_day(now)):
        await (await queries_gate.searching()).put([document(found[0], today=local_day(now))])
    else:
        await DB.rows(f"DELETE FROM {TABLE} WHERE id = $1", offer_id)  # noqa: S608 - our own name


async def copy(delivery_of: UUID | None, now: datetime) -> int:
    """Send what has changed to Meilisearch: one sender at a time, everything that waits in one batch."""
    if not queries_gate.has_copy() or delivery_of is None:
        return 0
    await DB.rows("SELECT pg_advisory_xact_lock($1)", COPY_LOCK)
    others = await others_due(COPY, BATCH)
    ids = list(dict.fromkeys([delivery_of, *(subject for _, subject in others if subject is not None)]))
    engine = (await queries_gate.searching()).copy
    assert engine is not None
    try:
        await engine.put(await documents_of(ids, now))
        await _wait(engine)
    except IndexOutdatedError:
        await engine.rebuild(public_documents(now))
    await settled([delivery for delivery, _ in others], now)
    return len(ids)


async def _wait(engine: Engine) -> None:
    """Wait until Meilisearch has done what it was told; a failed task raises, and the outbox tries again."""
    wait: Any = getattr(engine, "wait", None)
    if wait is not None:
        await wait()


async def learn() -> None:
    """Build the lexicon anew, and the index when another pipeline wrote it, in a process of its own.

    The readings of characters take fifty megabytes; they go when that process ends.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli",
        "search",
        "learn",
        env=os.environ | {"QINGQIAO_DATABASE_URL": DB.url},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await asyncio.wait_for(child.communicate(), WORK_SECONDS)
    except BaseException:
        child.kill()
        raise
    if child.returncode:
        raise LearningFailed(said.decode(errors="replace")[-300:])


async def call_for_rebuild(now: datetime) -> None:
    """Ask the worker to build the index anew, unless it was asked already."""
    async with DB.transaction():
        await DB.rows("SELECT pg_advisory_xact_lock($1)", CALL_LOCK)
        waiting = await DB.value(
            "SELECT 1 FROM outbox_delivery WHERE subscriber = $1 AND state = 'DUE' LIMIT 1", RELEARN
        )
        if not waiting:
            await record("search.outdated", None, now=now)


class LearningFailed(Exception):  # noqa: N818 - the outbox keeps the sentence and tries again
    """The lexicon could not be built."""


async def unlearned() -> bool:
    """Return whether there is no lexicon yet although there are offers to learn from."""
    return bool(
        await DB.value(
            "SELECT NOT EXISTS (SELECT FROM search_lexicon) AND EXISTS (SELECT FROM offer WHERE state = 'PUBLISHED')"
        )
    )
