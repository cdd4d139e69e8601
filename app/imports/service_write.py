"""Writing confirmed rows in batches: each row in its own savepoint, so that good ones stay when others fail."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.imports.rules_values import Command, command_from_json
from app.imports.service_known import written_before
from app.imports.service_offers import bring
from app.imports.tables import ImportRow, ImportRun
from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import Refusal
from app.kit.logs import logger
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import Viewer
from app.people.queries_acting import acting

BATCH: Final = 25
ONE_AT_A_TIME: Final = 7_112_356
"""The advisory lock of writers: two runs with the same rows must see what the other has written."""

NO_LONGER: Final = "确认导入的任职已经结束，其余的行没有写入。请用现在的身份重新上传。"
KNOWN_NOW: Final = "确认之前，平台上已经有了同一条，没有重复写入。"
NOT_TAKEN: Final = "这一行的内容数据库没有接受（可能太长或格式不对），没有写入；请核对后单独再导入。"


async def write_batch(run_id: UUID, *, now: datetime) -> bool:
    """Write the next rows of a confirmed run; returns whether more are waiting. Calling it again repeats nothing."""
    async with DB.transaction():
        await DB.rows("SELECT pg_advisory_xact_lock($1)", ONE_AT_A_TIME)
        runs = await DB.rows("SELECT * FROM import_run WHERE id = $1 AND state = 'WRITING' FOR UPDATE", run_id)
        if not runs:
            return False
        run = runs[0]
        rows = await DB.rows(
            "SELECT * FROM import_row WHERE run = $1 AND state = 'WAIT' ORDER BY position LIMIT $2", run_id, BATCH
        )
        viewer = await acting(run["account_id"], run["appointment_id"], now)
        if viewer is None:
            await _stop(run, now)
            return False
        seen = set(await written_before([row["fingerprint"] for row in rows]))
        for row in rows:
            await _write_row(viewer, row, seen, now)
        done = run["rows_done"] + len(rows)
        await ImportRun.update({"rows_done": done, "updated_at": now}).where(ImportRun.id == run_id)
        more = done < run["rows_total"] and len(rows) == BATCH
        if not more:
            await _finish(viewer, run_id, now)
        return more


async def _write_row(viewer: Viewer, row: dict[str, Any], seen: set[str], now: datetime) -> None:
    if row["fingerprint"] in seen:
        await _mark(row, "FAILED", now, problem=KNOWN_NOW)
        return
    try:
        async with DB.transaction():
            object_id = await bring(viewer, _command(row), now=now)
            await _mark(row, "DONE", now, object_id=object_id)
    except Refusal as refusal:
        await _mark(row, "FAILED", now, problem=refusal.said)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as trouble:
        logger("imports").warning("row_not_taken", row=str(row["id"]), trouble=type(trouble).__name__)
        await _mark(row, "FAILED", now, problem=NOT_TAKEN)
    else:
        seen.add(row["fingerprint"])


def _command(row: dict[str, Any]) -> Command:
    opened = json.loads(vault().unseal(bytes(row["sealed"]), f"import_row:{row['id']}"))
    return command_from_json(opened["command"])


async def _mark(
    row: dict[str, Any], state: str, now: datetime, *, problem: str = "", object_id: UUID | None = None
) -> None:
    changed: dict[Any, Any] = {"state": state, "problem": problem, "object_id": object_id, "updated_at": now}
    await ImportRow.update(changed).where(ImportRow.id == row["id"])


async def _finish(viewer: Viewer, run_id: UUID, now: datetime) -> None:
    await ImportRun.update({"state": "DONE", "finished_at": now}).where(ImportRun.id == run_id)
    await audit(viewer, "import.done", "import_run", run_id, now=now)
    await record("import.done", run_id, now=now)
    assert viewer.account_id is not None
    await notify(viewer.account_id, "import.done", f"/imports/{run_id}", now=now)


async def _stop(run: dict[str, Any], now: datetime) -> None:
    """End a run whose importer may not act any more; what was written stays."""
    await DB.rows(
        "UPDATE import_row SET state = 'FAILED', problem = $2, updated_at = $3 WHERE run = $1 AND state = 'WAIT'",
        run["id"],
        NO_LONGER,
        now,
    )
    await ImportRun.update({"state": "DONE", "problem": NO_LONGER, "finished_at": now}).where(ImportRun.id == run["id"])
    await record("import.done", run["id"], now=now)
    await notify(run["account_id"], "import.done", f"/imports/{run['id']}", now=now)
