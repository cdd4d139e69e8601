"""Reading an uploaded workbook in the background: every row is judged and kept for the preview."""

import asyncio
import base64
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from app.imports.documents import Workbook
from app.imports.rules_values import Report, RowReport, command_to_json
from app.imports.service_judge import judge_stored, open_file
from app.imports.service_known import keyed
from app.imports.tables import ImportRow, ImportRun
from app.kit.bulk import add_rows
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import Refusal
from app.kit.ids import new_id

LOOK_SECONDS: Final = 0.5
KEEP: Final = timedelta(days=30)


async def read(run_id: UUID, *, now: datetime) -> None:
    """Read and judge a run that waits for it; a file that cannot be read ends the run with a sentence."""
    content = await DB.value("SELECT content_sealed FROM import_run WHERE id = $1 AND state = 'READING'", run_id)
    if content is None:
        return
    try:
        async with DB.transaction():
            book = await asyncio.to_thread(_open, run_id, bytes(content))
            report = await _judge(run_id, book, now)
            await keep_report(run_id, report, now=now)
    except Refusal as refusal:
        await _finish_reading(run_id, {"state": "FAILED", "problem": f"{refusal.said}{refusal.next}"}, now)


def _open(run_id: UUID, sealed: bytes) -> Workbook:
    return open_file(base64.b85decode(vault().unseal(sealed, f"import_run:{run_id}")))


async def _judge(run_id: UUID, book: Workbook, now: datetime) -> Report:
    """Judge the workbook and tell how far it is on a connection of its own, so that others see it at once."""
    total = sum(len(rows) for rows in book.sheets.values())
    done = 0

    def count() -> None:
        nonlocal done
        done += 1

    work = asyncio.ensure_future(judge_stored(book, now, tell=count))
    while not (await asyncio.wait({work}, timeout=LOOK_SECONDS))[0]:
        await _show(run_id, done, total)
    return work.result()


async def _show(run_id: UUID, done: int, total: int) -> None:
    async with DB.connection() as outside:
        await outside.execute(
            "UPDATE import_run SET rows_total = $2, rows_done = $3 WHERE id = $1 AND state = 'READING'",
            run_id,
            total,
            min(done, total),
        )


async def keep_report(run_id: UUID, report: Report, *, now: datetime) -> None:
    """Write every row of a report with its cells and its command sealed; the file is not needed any more."""
    async with DB.transaction():
        rows: list[ImportRow] = []
        counts: list[tuple[str, dict[str, int]]] = []
        for sheet, judged in report.sheets.items():
            counts.append((sheet[:60], dict(Counter(row.outcome for row in judged))))
            rows += [_stored(run_id, sheet[:60], len(rows) + at, row, now) for at, row in enumerate(judged)]
        await add_rows(rows)
        told = {"sheets": counts, "notes": list(report.notes)}
        changed = {
            "state": "READY",
            "report": json.dumps(told, ensure_ascii=False),
            "rows_total": len(rows),
            "rows_done": len(rows),
        }
        await _finish_reading(run_id, changed, now)


def _stored(run_id: UUID, sheet: str, position: int, row: RowReport, now: datetime) -> ImportRow:
    row_id = new_id()
    command = command_to_json(row.command) if row.command else None
    sealed = msgspec.json.encode({"cells": row.cells, "command": command}).decode()
    return ImportRow(
        id=row_id,
        run=run_id,
        position=position,
        sheet=sheet,
        row_no=row.row,
        outcome=row.outcome,
        rules=json.dumps(row.rules),
        message=row.message,
        sealed=vault().seal(sealed, f"import_row:{row_id}"),
        fingerprint=keyed(row.command.fingerprint) if row.command else "",
        created_at=now,
        updated_at=now,
        data_class="L3",
    )


async def _finish_reading(run_id: UUID, changed: dict[str, Any], now: datetime) -> None:
    columns: dict[Any, Any] = {**changed, "content_sealed": None, "updated_at": now}
    await ImportRun.update(columns).where(ImportRun.id == run_id)


async def forget_old(*, now: datetime) -> None:
    """Delete runs nobody confirmed within 30 days, and what the rows of finished ones held."""
    before = now - KEEP
    async with DB.transaction():
        await DB.rows(
            """
            DELETE FROM import_row WHERE run IN
                (SELECT id FROM import_run WHERE confirmed_at IS NULL AND created_at < $1)
            """,
            before,
        )
        await DB.rows("DELETE FROM import_run WHERE confirmed_at IS NULL AND created_at < $1", before)
        await DB.rows(
            """
            UPDATE import_row SET sealed = NULL FROM import_run r
            WHERE r.id = import_row.run AND r.finished_at < $1 AND import_row.sealed IS NOT NULL
            """,
            before,
        )
