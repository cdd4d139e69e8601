"""Guardians: the link between a student and who may consent for them."""

from datetime import datetime
from uuid import UUID

from app.kit.db import DB


async def verified_guardians(student_person_id: UUID) -> list[UUID]:
    """Return persons who may consent for a student: linked, verified by the school, and safe to involve."""
    rows = await DB.rows(
        """
        SELECT guardian_person_id AS id FROM guardian_link
        WHERE student_person_id = $1 AND state = 'ACTIVE' AND verified_at IS NOT NULL AND contact_allowed = 'YES'
          AND guardian_person_id IS NOT NULL ORDER BY created_at
        """,
        student_person_id,
    )
    return [row["id"] for row in rows]


async def mark_consent(student_person_id: UUID, guardian_person_id: UUID, *, given: bool, now: datetime) -> None:
    """Keep on the link whether this guardian's consent stands; `StudentFacts.guardian_consent` reads it."""
    await DB.rows(
        """
        UPDATE guardian_link SET consented_at = $3, updated_at = $4, version = version + 1
        WHERE student_person_id = $1 AND guardian_person_id = $2
        """,
        student_person_id,
        guardian_person_id,
        now if given else None,
        now,
    )
