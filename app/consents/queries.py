"""Which consents a person has given, and which count now."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.consents.rules import counts
from app.kit.db import DB
from app.people import queries as people

_ACTIVE = "withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"


class ConsentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One consent as the person sees it."""

    id: UUID
    purpose: str
    given_by: str
    recipient_id: UUID | None
    items: tuple[str, ...]
    text_version: str
    at: datetime
    method: str
    expires_at: datetime | None
    withdrawn_at: datetime | None


async def given(subject_id: UUID, *, now: datetime) -> frozenset[str]:
    """Return the purposes that are consented to now; below fourteen only a guardian's consent counts."""
    rows = await DB.rows(
        f"SELECT DISTINCT purpose, given_by FROM consent WHERE subject_id = $1 AND {_ACTIVE}",  # noqa: S608 - fixed text
        subject_id,
        now,
    )
    if not rows:
        return frozenset()
    age = await _age(subject_id, now)
    return frozenset(row["purpose"] for row in rows if counts(row["given_by"], age))


async def consent_id(
    subject_id: UUID, purpose: str, recipient: UUID | None = None, *, now: datetime | None = None, given_by: str = ""
) -> UUID | None:
    """Return the newest consent that counts for a purpose (and this recipient), or None."""
    rows = await DB.rows(
        """
        SELECT id, given_by FROM consent
        WHERE subject_id = $1 AND purpose = $2 AND recipient_id IS NOT DISTINCT FROM $3 AND withdrawn_at IS NULL
          AND ($4::timestamptz IS NULL OR expires_at IS NULL OR expires_at > $4) AND ($5 = '' OR given_by = $5)
        ORDER BY at DESC, id DESC
        """,
        subject_id,
        purpose,
        recipient,
        now,
        given_by,
    )
    if not rows:
        return None
    age = await _age(subject_id, now) if now is not None else None
    return next((row["id"] for row in rows if counts(row["given_by"], age)), None)


async def of_subject(subject_id: UUID) -> tuple[ConsentLine, ...]:
    """Return every consent of a person, newest first; the caller has checked who asks."""
    rows = await DB.rows(
        """
        SELECT id, purpose, given_by, recipient_id, items, text_version, at, method, expires_at, withdrawn_at
        FROM consent WHERE subject_id = $1 ORDER BY at DESC, id DESC
        """,
        subject_id,
    )
    return tuple(_line(row) for row in rows)


def _line(row: dict[str, Any]) -> ConsentLine:
    return ConsentLine(**(row | {"items": tuple(row["items"] or ())}))


async def _age(subject_id: UUID, now: datetime) -> int | None:
    found = await people.student(subject_id, now)
    return found.age if found else None
