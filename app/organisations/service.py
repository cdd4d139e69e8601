"""The league tree: add and change organisations."""

import json
from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB, expect_one
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.permissions import Scope, require
from app.kit.viewer import Viewer
from app.organisations import queries
from app.organisations.errors import CodeTaken, WrongPlace
from app.organisations.rules import may_stand_below
from app.organisations.tables import Branch, Organisation, School


class NewOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """What an organisation is made of; `parent_id` is data, also for schools."""

    code: str
    name: str
    level: str
    parent_id: UUID | None
    region_code: str
    kind: str = "团委"
    liaison_person: str = ""
    phone: str = ""
    school_type: str = ""
    grade: str = ""
    class_name: str = ""


async def add(viewer: Viewer, new: NewOrganisation, *, now: datetime) -> UUID:
    """Add an organisation below one of the viewer's own; only a system administrator adds the province."""
    grant = require(viewer, "organisation", "C")
    parent = await queries.line(new.parent_id) if new.parent_id else None
    if parent is not None and grant.scope is not Scope.ALL and not viewer.covers(parent.path):
        raise NotFound
    if not may_stand_below(new.level, parent.level if parent else None) or (
        parent is None and grant.scope is not Scope.ALL
    ):
        raise WrongPlace(field="level")
    async with DB.transaction():
        if await DB.value("SELECT 1 FROM organisation WHERE code = $1", new.code):
            raise CodeTaken(field="code")
        org_id = new_id()
        await Organisation(
            id=org_id,
            code=new.code,
            name=new.name,
            level=new.level,
            parent_id=new.parent_id,
            path=f"{parent.path}/{org_id}" if parent else str(org_id),
            region_code=new.region_code,
            kind=new.kind,
            liaison_person=new.liaison_person,
            phone_sealed=vault().seal(new.phone, f"organisation.phone:{org_id}") if new.phone else None,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=org_id,
        ).save()
        if new.level == "L4":
            await School(organisation=org_id, school_type=new.school_type or "CM", org_id=org_id).save()
        if new.level == "L6":
            await Branch(organisation=org_id, grade=new.grade, class_name=new.class_name or new.name[:40]).save()
        await audit(viewer, "organisation.add", "organisation", org_id, now=now)
    return org_id


class ChangedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed about an organisation; its place in the tree stays."""

    name: str
    kind: str
    status: str
    liaison_person: str
    school_type: str = ""
    guardian_consent_switch: str = ""
    version: int = 1


async def change(viewer: Viewer, org_id: UUID, new: ChangedOrganisation, *, now: datetime) -> None:
    """Change names and settings of an organisation of the viewer's scope."""
    grant = require(viewer, "organisation", "U")
    org = await queries.line(org_id)
    if org is None or not (grant.scope is Scope.ALL or viewer.covers(org.path)):
        raise NotFound
    async with DB.transaction():
        changed = await DB.rows(
            """
            UPDATE organisation SET name = $3, kind = $4, status = $5, liaison_person = $6, updated_at = $7,
                   version = version + 1
            WHERE id = $1 AND version = $2 RETURNING id
            """,
            org_id,
            new.version,
            new.name,
            new.kind,
            new.status,
            new.liaison_person,
            now,
        )
        expect_one(changed)
        if org.level == "L4" and new.school_type:
            await DB.rows(
                """
                UPDATE school SET school_type = $2, guardian_consent_switch = $3, updated_at = $4, version = version + 1
                WHERE organisation = $1
                """,
                org_id,
                new.school_type,
                new.guardian_consent_switch or "A2A3_CONSENT",
                now,
            )
        await audit(viewer, "organisation.change", "organisation", org_id, now=now, fields=("name", "kind", "status"))


async def consent_switch(school_id: UUID) -> str:
    """Return a school's rule for consent to screening between 14 and 17; unknown schools ask for consent."""
    found: str | None = await DB.value("SELECT guardian_consent_switch FROM school WHERE organisation = $1", school_id)
    return found or "A2A3_CONSENT"


def ticked_json(ticked: frozenset[str]) -> str:
    """Return the stored form of a ticked checklist."""
    return json.dumps({"ticked": sorted(ticked)})
