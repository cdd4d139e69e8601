"""What pages show of imports: the runs of an account, one run, its rows with the cells opened."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer

OUTCOMES: Final[Mapping[str, str]] = {
    "accept": "可导入",
    "review": "需复核",
    "duplicate": "重复",
    "refuse": "不可导入",
    "skip": "跳过",
}
STATES: Final[Mapping[str, str]] = {
    "READING": "正在读取",
    "READY": "等待确认",
    "WRITING": "正在写入",
    "DONE": "已完成",
    "FAILED": "没有读成",
}
ROW_STATES: Final[Mapping[str, str]] = {"DONE": "已写入", "FAILED": "没有写入", "WAIT": "等待写入"}
PAGE_ROWS: Final = 50
MOST_RUNS: Final = 50


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run in the list of the viewer's imports."""

    id: UUID
    file_name: str
    state: str
    created_at: datetime
    rows_total: int
    rows_done: int


class SheetCounts(msgspec.Struct, frozen=True):
    """How many rows of a sheet have each outcome."""

    name: str
    counts: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Return how many rows the sheet has."""
        return sum(self.counts.values())


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run as its page shows it."""

    id: UUID
    file_name: str
    state: str
    rows_total: int
    rows_done: int
    problem: str
    with_review: bool
    created_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None
    sheets: tuple[SheetCounts, ...]
    notes: tuple[str, ...]
    earlier: datetime | None
    written: int
    failed: int

    @property
    def busy(self) -> bool:
        """Whether a job is at work."""
        return self.state in {"READING", "WRITING"}

    def count(self, outcome: str, sheet: str = "") -> int:
        """Return how many rows have an outcome, in one sheet or in all."""
        return sum(one.counts.get(outcome, 0) for one in self.sheets if sheet in ("", one.name))


class RowLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row with its cells, safe to show and to write into another sheet."""

    sheet: str
    row: int
    outcome: str
    rules: tuple[str, ...]
    message: str
    state: str
    problem: str
    object_id: UUID | None
    cells: tuple[tuple[str, str], ...]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a run are looked at; an empty part takes all."""

    sheet: str = ""
    outcome: str = ""
    state: str = ""


async def mine(viewer: Viewer) -> list[RunLine]:
    """Return the viewer's own runs, newest first."""
    require(viewer, "import", "R")
    rows = await DB.rows(
        """
        SELECT id, file_name, state, created_at, rows_total, rows_done FROM import_run
        WHERE account_id = $1 ORDER BY created_at DESC, id LIMIT $2
        """,
        viewer.account_id,
        MOST_RUNS,
    )
    return [RunLine(**row) for row in rows]


async def run(viewer: Viewer, run_id: UUID) -> Run:
    """Return a run of the viewer's own account; anybody else's does not exist for them."""
    require(viewer, "import", "R")
    rows = await DB.rows(
        """
        SELECT r.id, r.file_name, r.state, r.rows_total, r.rows_done, r.problem, r.with_review, r.created_at,
               r.confirmed_at, r.finished_at, r.report,
               (SELECT max(e.confirmed_at) FROM import_run e WHERE e.sha256 = r.sha256 AND e.id <> r.id
                AND (e.account_id = r.account_id OR e.org_id = r.org_id)) AS earlier,
               (SELECT count(*) FROM import_row w WHERE w.run = r.id AND w.state = 'DONE') AS written,
               (SELECT count(*) FROM import_row w WHERE w.run = r.id AND w.state = 'FAILED') AS failed
        FROM import_run r WHERE r.id = $1 AND r.account_id = $2
        """,
        run_id,
        viewer.account_id,
    )
    if not rows:
        raise NotFound
    found = dict(rows[0])
    report = json.loads(found.pop("report"))
    sheets = tuple(SheetCounts(name, counts) for name, counts in report.get("sheets", ()))
    return Run(**found, sheets=sheets, notes=tuple(report.get("notes", ())))


_ROWS: Final = """
    SELECT id, sheet, row_no, outcome, rules, message, state, problem, object_id, sealed, count(*) OVER () AS total
    FROM import_row
    WHERE run = $1 AND ($2 = '' OR sheet = $2) AND ($3 = '' OR outcome = $3) AND ($4 = '' OR state = $4)
    ORDER BY position OFFSET $5 LIMIT $6
"""


async def rows(run_id: UUID, chosen: Chosen, *, page: int = 1) -> tuple[tuple[RowLine, ...], int]:
    """Return a page of rows of a run found for the viewer, and how many pages there are; beyond the last, the first."""
    which = (run_id, chosen.sheet, chosen.outcome, chosen.state)
    found = await DB.rows(_ROWS, *which, (max(page, 1) - 1) * PAGE_ROWS, PAGE_ROWS)
    if not found and page > 1:
        return await rows(run_id, chosen)
    total = found[0]["total"] if found else 0
    return tuple(_line(row) for row in found), max(1, -(-total // PAGE_ROWS))


async def all_rows(run_id: UUID) -> tuple[RowLine, ...]:
    """Return every row of a run that was found for the viewer, for its report."""
    return tuple(_line(row) for row in await DB.rows(_ROWS, run_id, "", "", "", 0, None))


def _line(row: dict[str, Any]) -> RowLine:
    opened = json.loads(vault().unseal(bytes(row["sealed"]), f"import_row:{row['id']}")) if row["sealed"] else {}
    return RowLine(
        sheet=row["sheet"],
        row=row["row_no"],
        outcome=row["outcome"],
        rules=tuple(json.loads(row["rules"])),
        message=row["message"],
        state=row["state"],
        problem=row["problem"],
        object_id=row["object_id"],
        cells=tuple((str(heading), str(text)) for heading, text in opened.get("cells", ())),
    )
