"""Reads of help records and the figures that count them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import local_day, school_year
from app.kit.db import DB
from app.kit.errors import NotAllowed
from app.kit.permissions import Scope, require
from app.kit.viewer import CADRE_ROLES, Viewer
from app.ledger.rules import (
    Done,
    Due,
    Ratio,
    Term,
    duty_done,
    k11,
    k11_by_route,
    k11_by_type,
    k25,
    school_year_of,
    who_is_due,
)
from app.organisations import queries as organisations
from app.people import queries_duty
from app.people.queries_duty import CadreTerm

COLUMNS = """
id, student_id, need_id, match_id, field, route, problem, action, result, helper_type, helper_person,
helper_appointment, started, solved, confirmed_by, confirmed_at, satisfaction, state, counts_for, org_id
"""


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One help record; `problem` names nobody."""

    id: UUID
    student_id: UUID
    need_id: UUID | None
    match_id: UUID | None
    field: str
    route: str
    problem: str
    action: str
    result: str
    helper_type: str
    helper_person: UUID | None
    helper_appointment: UUID | None
    started: datetime
    solved: datetime | None
    confirmed_by: str
    confirmed_at: datetime | None
    satisfaction: int | None
    state: str
    counts_for: tuple[str, ...]
    org_id: UUID | None


def _record(row: dict[str, Any]) -> RecordFacts:
    return RecordFacts(**(row | {"counts_for": tuple(row["counts_for"] or ())}))


async def of_need(need_id: UUID) -> list[RecordFacts]:
    """Return the records of a need, oldest first."""
    rows = await DB.rows(f"SELECT {COLUMNS} FROM help_record WHERE need_id = $1 ORDER BY created_at, id", need_id)  # noqa: S608 - fixed columns
    return [_record(row) for row in rows]


async def of_helper(person_id: UUID, year: int) -> list[RecordFacts]:
    """Return a helper's records that were begun or solved in a calendar year, newest first."""
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS} FROM help_record
        WHERE helper_person = $1
          AND extract(year FROM coalesce(solved, started) AT TIME ZONE 'Asia/Shanghai') = $2
        ORDER BY coalesce(solved, started) DESC, id
        """,  # noqa: S608 - fixed columns
        person_id,
        year,
    )
    return [_record(row) for row in rows]


async def verified_by_helpers(person_ids: Iterable[UUID], year: int) -> list[Done]:
    """Return the verified records of helpers in a calendar year; what was never confirmed is not among them."""
    rows = await DB.rows(
        """
        SELECT helper_person AS person_id, route,
               (coalesce(solved, confirmed_at) AT TIME ZONE 'Asia/Shanghai')::date AS day
        FROM help_record
        WHERE helper_person = ANY($1::uuid[]) AND state = 'VERIFIED' AND 'K11' = ANY(counts_for)
          AND extract(year FROM coalesce(solved, confirmed_at) AT TIME ZONE 'Asia/Shanghai') = $2
        """,
        list(set(person_ids)),
        year,
    )
    return [Done(person_id=row["person_id"], day=row["day"], verified=True, route=row["route"]) for row in rows]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A cadre's own duty of a year: due or not, done or not, and the records behind it."""

    year: int
    due: bool
    days: int
    done: bool
    route: str
    records: tuple[RecordFacts, ...]


async def my_duty(viewer: Viewer, *, now: datetime) -> Duty:
    """Return the viewer's own duty of this calendar year, assessed as if the year ended as things stand."""
    require(viewer, "duty", "R")
    assert viewer.person_id is not None
    year = local_day(now).year
    terms = await queries_duty.cadre_terms(date(year, 1, 1), date(year, 12, 31), person_id=viewer.person_id)
    due = who_is_due(_terms(terms), year)
    done = duty_done(await verified_by_helpers([viewer.person_id], year), year)
    return Duty(
        year=year,
        due=bool(due),
        days=due[0].days if due else 0,
        done=viewer.person_id in done,
        route=done.get(viewer.person_id, ""),
        records=tuple(await of_helper(viewer.person_id, year)),
    )


def _terms(found: Iterable[CadreTerm]) -> list[Term]:
    return [
        Term(person_id=term.person_id, org_id=term.org_id, cadre_type=term.cadre_type, start=term.start, end=term.end)
        for term in found
    ]


class DutyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """K11 of an organisation and everything below it for a calendar year."""

    year: int
    total: Ratio
    by_type: dict[str, Ratio]
    by_route: dict[str, int]


async def k11_for(viewer: Viewer, year: int) -> DutyFigures:
    """Return K11 of the viewer's organisation and below; each person is assessed at one unit only."""
    due = await _due_in_scope(viewer, year)
    records = await verified_by_helpers((one.person_id for one in due), year)
    return DutyFigures(
        year=year,
        total=k11(due, records, year),
        by_type=k11_by_type(due, records, year),
        by_route=k11_by_route(due, records, year),
    )


async def _due_in_scope(viewer: Viewer, year: int) -> list[Due]:
    grant = require(viewer, "duty", "R")
    if viewer.role not in CADRE_ROLES:
        raise NotAllowed
    terms = await queries_duty.cadre_terms(date(year, 1, 1), date(year, 12, 31))
    due = who_is_due(_terms(terms), year)
    if grant.scope is Scope.OWN:
        return [one for one in due if one.person_id == viewer.person_id]
    units = await organisations.lines({one.org_id for one in due})
    return [one for one in due if one.org_id in units and viewer.covers(units[one.org_id].path)]


async def k25_for(school_ids: list[UUID], *, census: date) -> Ratio:
    """Return K25 of schools in the school year of a census day."""
    first_year = school_year(census)
    first, last = school_year_of(first_year)
    roll = {one.person_id: one.since for one in await queries_duty.in_difficulty(school_ids)}
    rows = await DB.rows(
        """
        SELECT student_id, array_agg((confirmed_at AT TIME ZONE 'Asia/Shanghai')::date) AS days FROM help_record
        WHERE student_id = ANY($1::uuid[]) AND state = 'VERIFIED' AND 'K25' = ANY(counts_for)
          AND (confirmed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN $2 AND $3
        GROUP BY student_id
        """,
        list(roll),
        first,
        last,
    )
    return k25(roll, {row["student_id"]: row["days"] for row in rows}, census, first_year)
