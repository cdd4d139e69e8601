"""Visits and calls of cadres to providers: the evidence for routes C and D of the yearly task."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotAllowed
from app.kit.ids import new_id
from app.kit.permissions import require
from app.kit.viewer import CADRE_ROLES, Viewer
from app.organisations.tables import ProviderContact

CONTACT_KINDS = {"VISIT": "实地走访", "VIDEO": "视频连线", "CALL": "电话联系"}


class NewContact(msgspec.Struct, frozen=True, kw_only=True):
    """One contact: when, how, how long, and what came out of it."""

    provider_id: UUID
    day: date
    kind: str
    note: str = ""
    minutes: int = 0


async def record_contact(viewer: Viewer, contact: NewContact, *, now: datetime) -> UUID:
    """Record that a cadre visited or called a provider; only in the cadre's own appointment."""
    require(viewer, "provider", "C")
    if viewer.role not in CADRE_ROLES or viewer.appointment_id is None:
        raise NotAllowed
    contact_id = new_id()
    async with DB.transaction():
        await ProviderContact(
            id=contact_id,
            provider=contact.provider_id,
            appointment_id=viewer.appointment_id,
            day=contact.day,
            kind=contact.kind,
            note=contact.note,
            minutes=contact.minutes,
            org_id=viewer.org_id,
            created_by_appointment=viewer.appointment_id,
            created_at=now,
            updated_at=now,
        ).save()
        await audit(viewer, "provider.contact", "provider", contact.provider_id, now=now)
    return contact_id
