"""Persons and appointments as staff see them: their organisation and below."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import age_on, local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, require
from app.kit.viewer import Viewer
from app.people.rules import band, masked_phone

PAGE_SIZE = 50


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person with one appointment in a list."""

    person_id: UUID
    appointment_id: UUID
    name: str
    role: str
    organisation: str
    position: str
    cadre_type: str
    start: date
    end: date | None
    account_state: str


class AppointmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment of a person; `mine` tells whether the viewer may end or renew it."""

    id: UUID
    role: str
    organisation: str
    position: str
    cadre_type: str
    start: date
    end: date | None
    over: bool
    mine: bool


class GuardianLine(msgspec.Struct, frozen=True, kw_only=True):
    """A guardian link of a student."""

    id: UUID
    name: str
    relation: str
    state: str
    verified_at: datetime | None
    consented_at: datetime | None
    contact_allowed: str


class PersonPage(msgspec.Struct, frozen=True, kw_only=True):
    """One person as staff of the same organisation or above see them."""

    id: UUID
    name: str
    phone: str
    verified: str
    band: str
    account_state: str
    mfa: str
    is_student: bool
    appointments: tuple[AppointmentLine, ...]
    guardians: tuple[GuardianLine, ...]


async def people(viewer: Viewer, *, words: str = "", role: str = "", page: int = 1, now: datetime) -> list[PersonLine]:
    """Return persons with appointments in the viewer's organisation and below, one more than a page when there are."""
    grant = require(viewer, "people", "R")
    rows = await DB.rows(
        """
        SELECT p.id AS person_id, t.id AS appointment_id, p.name, t.role, coalesce(o.name, '') AS organisation,
               t.position, t.cadre_type, t.start, t."end",
               coalesce((SELECT a.status FROM account a WHERE a.person = p.id ORDER BY a.created_at LIMIT 1), 'NONE')
                   AS account_state
        FROM appointment t JOIN person p ON p.id = t.person LEFT JOIN organisation o ON o.id = t.organisation_id
        WHERE t.role NOT IN ('STU', 'GUA', 'VOL', 'EMP', 'HOU', 'SPO')
          AND ($1 OR o.path = $2 OR o.path LIKE $2 || '/%')
          AND (t."end" IS NULL OR t."end" >= $3)
          AND ($4 = '' OR p.name ILIKE '%' || $4 || '%' OR o.name ILIKE '%' || $4 || '%')
          AND ($5 = '' OR t.role = $5)
        ORDER BY o.level NULLS FIRST, o.name, p.name, t.id LIMIT $6 OFFSET $7
        """,
        grant.scope is Scope.ALL,
        viewer.org_path,
        local_day(now),
        words,
        role,
        PAGE_SIZE + 1,
        (page - 1) * PAGE_SIZE,
    )
    return [PersonLine(**row) for row in rows]


async def students(viewer: Viewer, *, words: str = "", page: int = 1) -> list[dict[str, Any]]:
    """Return students of the viewer's schools by name or number, for the roster page."""
    grant = require(viewer, "people", "R")
    return await DB.rows(
        """
        SELECT p.id AS person_id, p.name, s.student_no, s.class_name, o.name AS school,
               EXISTS (SELECT 1 FROM account a WHERE a.person = p.id) AS signed_up
        FROM student_profile s JOIN person p ON p.id = s.person JOIN organisation o ON o.id = s.school_id
        WHERE ($1 OR o.path = $2 OR o.path LIKE $2 || '/%')
          AND ($3 = '' OR p.name ILIKE '%' || $3 || '%' OR s.student_no = $3)
        ORDER BY o.name, s.class_name, s.student_no LIMIT $4 OFFSET $5
        """,
        grant.scope is Scope.ALL,
        viewer.org_path,
        words,
        PAGE_SIZE + 1,
        (page - 1) * PAGE_SIZE,
    )


async def person_page(viewer: Viewer, person_id: UUID, *, now: datetime) -> PersonPage:
    """Return one person of the viewer's scope: by an appointment there, or as a student of a school there."""
    grant = require(viewer, "people", "R")
    everything = grant.scope is Scope.ALL
    rows = await DB.rows(
        """
        SELECT p.id, p.name, p.birth_date, p.verified, p.phone_sealed, s.id AS profile, o.path AS school_path,
               coalesce(a.status, 'NONE') AS account_state, coalesce(a.mfa, 'NONE') AS mfa
        FROM person p LEFT JOIN student_profile s ON s.person = p.id LEFT JOIN organisation o ON o.id = s.school_id
        LEFT JOIN LATERAL (SELECT status, mfa FROM account WHERE person = p.id ORDER BY created_at LIMIT 1) a ON true
        WHERE p.id = $1
        """,
        person_id,
    )
    appointments = await _appointments(viewer, person_id, everything=everything, day=local_day(now))
    if not rows:
        raise NotFound
    row = rows[0]
    in_school = row["school_path"] is not None and viewer.covers(row["school_path"])
    if not everything and not in_school and not any(line.mine for line in appointments):
        raise NotFound
    sealed = row["phone_sealed"]
    phone = vault().unseal(bytes(sealed), f"person.phone:{person_id}") if sealed else ""
    return PersonPage(
        id=person_id,
        name=row["name"],
        phone=masked_phone(phone),
        verified=row["verified"],
        band=band(age_on(row["birth_date"], local_day(now))) if row["birth_date"] else "",
        account_state=row["account_state"],
        mfa=row["mfa"],
        is_student=row["profile"] is not None,
        appointments=appointments,
        guardians=await guardians(person_id) if row["profile"] is not None else (),
    )


async def _appointments(viewer: Viewer, person_id: UUID, *, everything: bool, day: date) -> tuple[AppointmentLine, ...]:
    rows = await DB.rows(
        """
        SELECT t.id, t.role, coalesce(o.name, v.legal_name, '') AS organisation, t.position, t.cadre_type, t.start,
               t."end", coalesce(o.path, '') AS path
        FROM appointment t LEFT JOIN organisation o ON o.id = t.organisation_id
        LEFT JOIN provider v ON v.id = t.provider_id
        WHERE t.person = $1 ORDER BY t.start DESC, t.id
        """,
        person_id,
    )
    lines = []
    for row in rows:
        path = row.pop("path")
        over = row["end"] is not None and row["end"] < day
        lines.append(AppointmentLine(**row, over=over, mine=everything or viewer.covers(path)))
    return tuple(lines)


async def guardians(student_person_id: UUID) -> tuple[GuardianLine, ...]:
    """Return the guardian links of a student; the caller has checked who asks."""
    rows = await DB.rows(
        """
        SELECT g.id, coalesce(p.name, '') AS name, g.relation, g.state, g.verified_at, g.consented_at, g.contact_allowed
        FROM guardian_link g LEFT JOIN person p ON p.id = g.guardian_person_id
        WHERE g.student_person_id = $1 ORDER BY g.created_at
        """,
        student_person_id,
    )
    return tuple(GuardianLine(**row) for row in rows)
