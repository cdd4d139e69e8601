"""Hours as their volunteer, those who confirm them and a stranger with a certificate in hand may see them."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Role, Viewer
from app.people import queries_vetting
from app.sessions.rules_hours import masked

MOST_SHOWN = 200
PAGE_LINES = 20


class HoursLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log."""

    id: UUID
    person_id: UUID
    kind: str
    day: date
    minutes: int
    what: str
    state: str
    reason: str
    name: str = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as its owner has it."""

    id: UUID
    no: str
    code: str
    person_id: UUID
    name: str
    first_day: date
    last_day: date
    credit_minutes: int
    added_minutes: int
    sessions: int
    issued_at: datetime
    revoked_at: datetime | None
    revoked_reason: str


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a stranger needs in order to compare a certificate, and nothing more."""

    no: str
    name: str
    first_day: date
    last_day: date
    credit_minutes: int
    added_minutes: int
    issued_at: datetime
    revoked_at: datetime | None


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """The minutes of a volunteer in a stretch of days, and the sessions they come from."""

    credit: int = 0
    added: int = 0
    waiting: int = 0
    sessions: int = 0


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer's hours: sums, entries and certificates."""

    sums: Sums
    lines: tuple[HoursLine, ...]
    entries: int
    certificates: tuple[Certificate, ...]


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One page of declared hours that wait, and how many there are."""

    lines: tuple[HoursLine, ...]
    entries: int


_CERTIFICATE = """
id, no, code, person_id, name, first_day, last_day, credit_minutes, added_minutes, sessions, issued_at, revoked_at,
revoked_reason
"""


async def sums_of(person_id: UUID, first: date = date.min, last: date = date.max) -> Sums:
    """Return the sums of a person between two days."""
    rows = await DB.rows(
        """
        SELECT coalesce(sum(minutes) FILTER (WHERE kind = 'CREDIT' AND state = 'CONFIRMED'), 0)::int AS credit,
               coalesce(sum(minutes) FILTER (WHERE kind = 'ADDED' AND state = 'CONFIRMED'), 0)::int AS added,
               coalesce(sum(minutes) FILTER (WHERE state = 'WAITING'), 0)::int AS waiting,
               count(*) FILTER (WHERE kind = 'CREDIT')::int AS sessions
        FROM service_hours WHERE person_id = $1 AND day BETWEEN $2 AND $3
        """,
        person_id,
        first,
        last,
    )
    return Sums(**rows[0])


async def log_of(viewer: Viewer, page: int = 1) -> Log:
    """Return one page of the viewer's own hours, newest first, with the sums of all of them."""
    require(viewer, "hours", "C")
    if viewer.person_id is None:
        raise NotFound
    rows = await DB.rows(
        """
        SELECT id, person_id, kind, day, minutes, what, state, reason FROM service_hours
        WHERE person_id = $1 ORDER BY day DESC, id DESC LIMIT $2 OFFSET $3
        """,
        viewer.person_id,
        PAGE_LINES,
        (page - 1) * PAGE_LINES,
    )
    entries = await DB.value("SELECT count(*)::int FROM service_hours WHERE person_id = $1", viewer.person_id)
    papers = await DB.rows(
        f"SELECT {_CERTIFICATE} FROM service_hours_certificate WHERE person_id = $1 ORDER BY issued_at DESC, id LIMIT $2",  # noqa: S608, E501 - fixed columns
        viewer.person_id,
        MOST_SHOWN,
    )
    return Log(
        sums=await sums_of(viewer.person_id),
        lines=tuple(HoursLine(**row) for row in rows),
        entries=entries,
        certificates=tuple(Certificate(**row) for row in papers),
    )


async def waiting(viewer: Viewer, page: int = 1) -> Queue:
    """Return one page of declared hours of the viewer's area that wait for somebody to confirm; never one's own."""
    require(viewer, "hours", "A")
    area = {line.person_id: line.name for line in await queries_vetting.listed(viewer, limit=5000)}
    others = [person for person in area if person != viewer.person_id]
    rows = await DB.rows(
        """
        SELECT id, person_id, kind, day, minutes, what, state, reason FROM service_hours
        WHERE state = 'WAITING' AND person_id = ANY($1::uuid[]) ORDER BY created_at, id LIMIT $2 OFFSET $3
        """,
        others,
        PAGE_LINES,
        (page - 1) * PAGE_LINES,
    )
    entries = await DB.value(
        "SELECT count(*)::int FROM service_hours WHERE state = 'WAITING' AND person_id = ANY($1::uuid[])", others
    )
    return Queue(lines=tuple(HoursLine(**row, name=area[row["person_id"]]) for row in rows), entries=entries)


async def certificates_in_area(viewer: Viewer) -> tuple[Certificate, ...]:
    """Return valid certificates of the viewer's area, newest first, for those who may revoke them."""
    require(viewer, "hours", "A")
    area = [line.person_id for line in await queries_vetting.listed(viewer, limit=5000)]
    rows = await DB.rows(
        f"""
        SELECT {_CERTIFICATE} FROM service_hours_certificate
        WHERE revoked_at IS NULL AND person_id = ANY($1::uuid[]) ORDER BY issued_at DESC, id LIMIT $2
        """,  # noqa: S608 - fixed columns
        area,
        MOST_SHOWN,
    )
    return tuple(Certificate(**row) for row in rows)


async def certificate(viewer: Viewer, certificate_id: UUID) -> Certificate:
    """Return a certificate to its owner or to those who confirm hours in its area; NotFound for everybody else."""
    require(viewer, "hours", "R")
    rows = await DB.rows(
        f"SELECT {_CERTIFICATE} FROM service_hours_certificate WHERE id = $1",  # noqa: S608 - fixed columns
        certificate_id,
    )
    if not rows or (viewer.role is Role.VOL and rows[0]["person_id"] != viewer.person_id):
        raise NotFound
    if viewer.role is not Role.VOL:
        await queries_vetting.ensure_in_scope(viewer, rows[0]["person_id"])
    return Certificate(**rows[0])


async def verify(code: str) -> Verified:
    """Return what a stranger may see of the certificate with this code; NotFound for any other code."""
    rows = await DB.rows(
        """
        SELECT no, name, first_day, last_day, credit_minutes, added_minutes, issued_at, revoked_at
        FROM service_hours_certificate WHERE code = $1
        """,
        code,
    )
    if not rows:
        raise NotFound
    return Verified(**(rows[0] | {"name": masked(rows[0]["name"])}))
