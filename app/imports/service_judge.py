"""Judging a file against what is stored; nothing is written here."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import msgspec

from app.imports.documents import Workbook, read_workbook
from app.imports.errors import NotAWorkbook, NothingToImport
from app.imports.rules import judge_workbook
from app.imports.rules_values import ImportedVolunteer, KnownListings, Report, RowReport
from app.imports.service_known import known_listings
from app.kit.clock import local_day
from app.people import service_volunteers


def open_file(source: Path | bytes) -> Workbook:
    """Read a workbook; a file that makes the reader itself fail is no workbook either."""
    try:
        return read_workbook(source)
    except BaseException as trouble:
        # The reader is written in Rust: its panic is a BaseException of its own that no module exports.
        if type(trouble).__name__ == "PanicException":
            raise NotAWorkbook from trouble
        raise


def judge_alone(
    book: Workbook, today: date, known: KnownListings | None = None, *, tell: Callable[[], None] = lambda: None
) -> Report:
    """Judge a workbook against what is known, or against nothing; raises NothingToImport without a known header."""
    report = judge_workbook(book.sheets, known or KnownListings(), today, book.hidden, tell=tell)
    if not report.sheets:
        raise NothingToImport
    return report


async def judge_stored(book: Workbook, now: datetime, *, tell: Callable[[], None] = lambda: None) -> Report:
    """Judge a workbook against the database."""
    known = await known_listings(now)
    report = await asyncio.to_thread(judge_alone, book, local_day(now), known, tell=tell)
    return await _without_known_volunteers(report)


async def _without_known_volunteers(report: Report) -> Report:
    """Mark volunteers who are registered already, by telephone number, as duplicates."""
    phones = {
        row.command.phone
        for rows in report.sheets.values()
        for row in rows
        if isinstance(row.command, ImportedVolunteer)
    }
    known = await service_volunteers.known_phones(phones)
    if not known:
        return report
    sheets = {name: tuple(_known_or(row, known) for row in rows) for name, rows in report.sheets.items()}
    return Report(sheets=sheets, notes=report.notes)


def _known_or(row: RowReport, phones: frozenset[str]) -> RowReport:
    if not isinstance(row.command, ImportedVolunteer) or row.command.phone not in phones:
        return row
    return msgspec.structs.replace(
        row,
        outcome="duplicate",
        rules=("same_volunteer_phone",),
        message="平台上已经有了（同一手机号的志愿者），不再导入。",
        command=None,
    )
