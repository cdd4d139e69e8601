"""What people see and change about themselves; their notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.people.rules import masked_phone

NOTES_SHOWN = 100


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may change about themselves; an empty phone number leaves the present one."""

    phone: str
    region_code: str
    languages: tuple[str, ...]
    gender_pref: str
    safe_contact_window: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The account page's view of its owner; the phone number is masked."""

    name: str
    login: str
    phone: str
    verified: str
    mfa: str
    is_student: bool
    school: str = ""
    class_name: str = ""
    student_no: str = ""
    region_code: str = ""
    languages: tuple[str, ...] = ()
    gender_pref: str = "N"
    safe_contact_window: str = ""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One notification."""

    id: UUID
    text: str
    link: str
    created_at: datetime
    read_at: datetime | None
    urgent: bool


async def me(viewer: Viewer) -> Me:
    """Return what the platform holds about the viewer."""
    rows = await DB.rows(
        """
        SELECT p.id, p.name, p.phone_sealed, p.verified, a.login, a.mfa, s.id IS NOT NULL AS is_student,
               o.name AS school, s.class_name, s.student_no, s.region_code, s.languages, s.gender_pref,
               s.safe_contact_window
        FROM account a JOIN person p ON p.id = a.person LEFT JOIN student_profile s ON s.person = p.id
        LEFT JOIN organisation o ON o.id = s.school_id WHERE a.id = $1
        """,
        viewer.account_id,
    )
    if not rows:
        raise NotFound
    return _me(rows[0])


def _me(row: dict[str, Any]) -> Me:
    sealed = row["phone_sealed"]
    phone = vault().unseal(bytes(sealed), f"person.phone:{row['id']}") if sealed else ""
    own = {"name": row["name"], "login": row["login"], "verified": row["verified"], "mfa": row["mfa"]}
    if not row["is_student"]:
        return Me(phone=masked_phone(phone), is_student=False, **own)
    return Me(
        phone=masked_phone(phone),
        is_student=True,
        school=row["school"] or "",
        class_name=row["class_name"],
        student_no=row["student_no"],
        region_code=row["region_code"],
        languages=tuple(row["languages"] or ()),
        gender_pref=row["gender_pref"],
        safe_contact_window=row["safe_contact_window"],
        **own,
    )


async def change(viewer: Viewer, new: Profile, *, now: datetime) -> None:
    """Write what the viewer changed about themselves."""
    async with DB.transaction():
        if new.phone:
            await DB.rows(
                "UPDATE person SET phone_sealed = $2, phone_hash = $3, updated_at = $4 WHERE id = $1",
                viewer.person_id,
                vault().seal(new.phone, f"person.phone:{viewer.person_id}"),
                vault().lookup(new.phone),
                now,
            )
        await DB.rows(
            """
            UPDATE student_profile SET region_code = coalesce(nullif($2, ''), region_code), languages = $3,
                   gender_pref = $4, safe_contact_window = $5, updated_at = $6, version = version + 1
            WHERE person = $1
            """,
            viewer.person_id,
            new.region_code,
            list(new.languages) or ["PTH"],
            new.gender_pref,
            new.safe_contact_window,
            now,
        )
        await audit(viewer, "profile.change", "person", viewer.person_id, now=now, fields=("phone", "languages"))


async def notes(viewer: Viewer) -> tuple[Note, ...]:
    """Return the viewer's newest notifications."""
    rows = await DB.rows(
        """
        SELECT id, text, link, created_at, read_at, urgent FROM notification
        WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2
        """,
        viewer.account_id,
        NOTES_SHOWN,
    )
    return tuple(Note(**row) for row in rows)


async def read_note(viewer: Viewer, note_id: UUID, *, now: datetime) -> str:
    """Mark one of the viewer's notifications as read; returns where it leads."""
    rows = await DB.rows(
        """
        UPDATE notification SET read_at = coalesce(read_at, $3), updated_at = $3 WHERE id = $1 AND account_id = $2
        RETURNING link
        """,
        note_id,
        viewer.account_id,
        now,
    )
    if not rows:
        raise NotFound
    return str(rows[0]["link"]) or "/notifications"


async def read_all(viewer: Viewer, *, now: datetime) -> None:
    """Mark every notification of the viewer as read."""
    await DB.rows(
        "UPDATE notification SET read_at = $2, updated_at = $2 WHERE account_id = $1 AND read_at IS NULL",
        viewer.account_id,
        now,
    )
