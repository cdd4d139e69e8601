"""Many organisations or providers at once, with their past: for moves from another system, and for the demo.

Nothing is checked but what the database and the state machine check; only entry points of the operator call this.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from piccolo.table import Table

from app.kit.audit import audit
from app.kit.bulk import PastStep, add_history, add_rows
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.viewer import SYSTEM
from app.organisations.rules import CHECKLISTS, PROVIDER_MACHINE, VERIFY_LIFE
from app.organisations.service import ticked_json
from app.organisations.tables import Branch, Organisation, Provider, School


class PlacedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that knows its place: `path` is the chain of ids down to its own."""

    id: UUID
    code: str
    name: str
    level: str
    parent_id: UUID | None
    path: str
    region_code: str
    kind: str = "团委"
    school_type: str = ""
    enrolment_by_stage: dict[str, int] = {}
    psych_teachers: int = 0
    grade: str = ""
    class_name: str = ""
    members: int = 0
    demo: bool = False


class KnownProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider with the steps that brought it where it is."""

    id: UUID
    type: str
    legal_name: str
    region_code: str
    contact_person: str
    contact_phone: str
    applied_at: datetime
    past: tuple[PastStep, ...]
    uscc: str = ""
    address: str = ""
    unit_kind: str = ""
    well_known_basis: str = ""
    person_id: UUID | None = None
    demo: bool = False


async def add_many(organisations: Sequence[PlacedOrganisation], *, now: datetime) -> int:
    """Write organisations with their schools and branches; returns how many."""
    rows: list[Table] = [
        Organisation(
            id=one.id,
            code=one.code,
            name=one.name,
            level=one.level,
            parent_id=one.parent_id,
            path=one.path,
            region_code=one.region_code,
            kind=one.kind,
            created_at=now,
            updated_at=now,
            org_id=one.id,
            demo=one.demo,
        )
        for one in organisations
    ]
    rows += [
        School(
            organisation=one.id,
            school_type=one.school_type,
            enrolment_by_stage=one.enrolment_by_stage,
            census_day=local_day(now),
            psych_teacher_count=one.psych_teachers,
            counselling_room="ROOM" if one.psych_teachers else "NONE",
            created_at=now,
            updated_at=now,
            org_id=one.id,
        )
        for one in organisations
        if one.level == "L4"
    ]
    rows += [
        Branch(
            organisation=one.id,
            grade=one.grade,
            class_name=one.class_name,
            member_count=one.members,
            committee_size=3 if one.members >= 7 else 1,  # noqa: PLR2004 - domain 2.2
            created_at=now,
            updated_at=now,
            org_id=one.id,
        )
        for one in organisations
        if one.level == "L6"
    ]
    async with DB.transaction():
        await add_rows(rows)
        await audit(SYSTEM, "organisation.add_many", "organisation", None, now=now, purpose=str(len(organisations)))
    return len(organisations)


async def add_providers(providers: Sequence[KnownProvider], *, now: datetime) -> dict[UUID, str]:
    """Write providers in the state their past leads to, with its history; returns the states by id."""
    async with DB.transaction():
        states = await add_history(PROVIDER_MACHINE, [(one.id, "APPLIED", one.past) for one in providers])
        await add_rows([_provider(one, states[one.id]) for one in providers])
        await audit(SYSTEM, "provider.add_many", "provider", None, now=now, purpose=str(len(providers)))
    return states


def _provider(one: KnownProvider, state: str) -> Provider:
    verified = next((step for step in reversed(one.past) if step.event == "verify"), None)
    last = one.past[-1].at if one.past else one.applied_at
    return Provider(
        id=one.id,
        type=one.type,
        legal_name=one.legal_name,
        uscc=one.uscc,
        person_id=one.person_id,
        region_code=one.region_code,
        address=one.address,
        unit_kind=one.unit_kind,
        well_known_basis=one.well_known_basis,
        contact_person=one.contact_person,
        contact_phone_sealed=vault().seal(one.contact_phone, f"provider.phone:{one.id}"),
        contact_checked_at=verified.at if verified else None,
        state=state,
        verified_at=verified.at if verified else None,
        verified_by=verified.account_id if verified else None,
        verify_due=_due(one.type, local_day(verified.at)) if verified else None,
        checklist=ticked_json(frozenset(CHECKLISTS.get(one.type, {}))) if verified else "{}",
        created_at=one.applied_at,
        updated_at=last,
        demo=one.demo,
    )


def _due(kind: str, day: date) -> date | None:
    life = VERIFY_LIFE.get(kind)
    return day + life if life else None
