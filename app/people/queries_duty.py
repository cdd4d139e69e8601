"""Who was a cadre when, and who is on the difficulty roll: what the figures of the ledger need."""

from datetime import date
from uuid import UUID

import msgspec

from app.kit.db import DB


class CadreTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment of a cadre who owes the yearly duty; `end` None means "still in office"."""

    appointment_id: UUID
    person_id: UUID
    name: str
    org_id: UUID
    cadre_type: str
    start: date
    end: date | None


async def cadre_terms(first: date, last: date, *, person_id: UUID | None = None) -> list[CadreTerm]:
    """Return cadre appointments that touch a stretch of days; exempt ones are left out."""
    rows = await DB.rows(
        """
        SELECT t.id AS appointment_id, t.person AS person_id, p.name, t.organisation_id AS org_id, t.cadre_type,
               t.start, t."end"
        FROM appointment t JOIN person p ON p.id = t.person
        WHERE t.cadre_type IN ('FT', 'PT', 'SEC') AND t.duty_unit <> 'EXEMPT' AND t.organisation_id IS NOT NULL
          AND t.start <= $2 AND (t."end" IS NULL OR t."end" >= $1) AND ($3::uuid IS NULL OR t.person = $3)
        ORDER BY t.person, t.start, t.id
        """,
        first,
        last,
        person_id,
    )
    return [CadreTerm(**row) for row in rows]


class OnRoll(msgspec.Struct, frozen=True):
    """A student in difficulty and since when."""

    person_id: UUID
    school_id: UUID
    since: date


async def in_difficulty(school_ids: list[UUID]) -> list[OnRoll]:
    """Return the students in difficulty of schools."""
    rows = await DB.rows(
        """
        SELECT person AS person_id, school_id, in_difficulty_since AS since FROM student_profile
        WHERE school_id = ANY($1::uuid[]) AND in_difficulty_since IS NOT NULL AND enrol_state IN ('IN', 'RETURNED')
        ORDER BY person
        """,
        school_ids,
    )
    return [OnRoll(**row) for row in rows]


async def since_when(person_id: UUID) -> date | None:
    """Return since when a student is on the difficulty roll, or None."""
    found: date | None = await DB.value("SELECT in_difficulty_since FROM student_profile WHERE person = $1", person_id)
    return found


async def person_of_appointment(appointment_id: UUID) -> UUID | None:
    """Return whose appointment it is."""
    found: UUID | None = await DB.value("SELECT person FROM appointment WHERE id = $1", appointment_id)
    return found


async def org_of_appointment(appointment_id: UUID) -> UUID | None:
    """Return the organisation of an appointment."""
    found: UUID | None = await DB.value("SELECT organisation_id FROM appointment WHERE id = $1", appointment_id)
    return found
