"""Reads of providers: the list of a reviewer, one provider with its checklist, facts for offers."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import Change, history
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, require
from app.kit.viewer import PROVIDER_ROLES, Viewer
from app.organisations import queries
from app.organisations.rules import region_in_scope


class ProviderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A provider in a list."""

    id: UUID
    type: str
    legal_name: str
    region_code: str
    state: str
    created_at: datetime
    verify_due: date | None
    strikes: int


class ProviderPage(msgspec.Struct, frozen=True, kw_only=True):
    """A provider with everything a reviewer needs."""

    id: UUID
    type: str
    legal_name: str
    uscc: str
    region_code: str
    address: str
    unit_kind: str
    hr_licence_no: str
    rental_filing_no: str
    contact_person: str
    contact_phone: str
    contact_checked_at: datetime | None
    state: str
    verified_at: datetime | None
    verify_due: date | None
    strikes: int
    refusal_reason: str
    checklist: frozenset[str]
    version: int
    created_at: datetime
    changes: tuple[Change, ...] = ()

    @property
    def returned(self) -> bool:
        """Whether the application came back with a reason and waits for the provider."""
        return self.state == "APPLIED" and bool(self.refusal_reason)


async def _in_scope(viewer: Viewer, region_code: str) -> bool:
    if viewer.org_id is None:
        return False
    org = await queries.line(viewer.org_id)
    return org is not None and region_in_scope(org.level, org.region_code, region_code)


async def listed(viewer: Viewer, *, state: str = "", words: str = "", limit: int = 100) -> tuple[ProviderLine, ...]:
    """Return providers of the viewer's region (volunteers are in the vetting list), those that wait first."""
    grant = require(viewer, "provider", "A" if viewer.role == "REV" else "R")
    if viewer.role in PROVIDER_ROLES:
        raise NotFound
    org = await queries.line(viewer.org_id) if viewer.org_id else None
    if org is None:
        return ()
    everything = grant.scope is Scope.ALL or org.level == "L1"
    rows = await DB.rows(
        """
        SELECT id, type, legal_name, region_code, state, created_at, verify_due, strikes FROM provider
        WHERE type <> 'VOL' AND ($1 = '' OR state = $1) AND ($2 = '' OR legal_name ILIKE '%' || $2 || '%')
          AND ($3 OR (left(region_code, 4) = left($4, 4) AND ($5 OR region_code = $4)))
        ORDER BY state NOT IN ('APPLIED', 'VERIFYING'), created_at DESC LIMIT $6
        """,
        state,
        words,
        everything,
        org.region_code,
        org.level == "L2",
        limit,
    )
    return tuple(ProviderLine(**row) for row in rows)


async def page(viewer: Viewer, provider_id: UUID) -> ProviderPage:
    """Return one provider: of the viewer's region, or the viewer's own."""
    grant = require(viewer, "provider", "A" if viewer.role == "REV" else "R")
    rows = await DB.rows("SELECT * FROM provider WHERE id = $1", provider_id)
    if not rows:
        raise NotFound
    row = rows[0]
    own = viewer.provider_id == provider_id
    if not own and (
        viewer.role in PROVIDER_ROLES
        or (grant.scope is not Scope.ALL and not await _in_scope(viewer, row["region_code"]))
    ):
        raise NotFound
    return _page(row, tuple(await history(provider_id)))


def _page(row: dict[str, Any], changes: tuple[Change, ...]) -> ProviderPage:
    sealed = row["contact_phone_sealed"]
    phone = vault().unseal(bytes(sealed), f"provider.phone:{row['id']}") if sealed else ""
    names = {field.name for field in msgspec.structs.fields(ProviderPage)} & set(row)
    return ProviderPage(
        **{name: row[name] for name in names if name != "checklist"},
        contact_phone=phone,
        checklist=frozenset(json.loads(row["checklist"] or "{}").get("ticked", ())),
        changes=changes,
    )


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What offers and matching need of a provider."""

    id: UUID
    type: str
    legal_name: str
    uscc: str
    state: str
    region_code: str
    contact_person: str
    contact_checked_at: datetime | None
    person_id: UUID | None
    verified_at: datetime | None
    created_at: datetime
    source_appointment: UUID | None


async def facts(ids: Iterable[UUID]) -> dict[UUID, ProviderFacts]:
    """Return providers by id, for services of other capabilities."""
    rows = await DB.rows(
        """
        SELECT id, type, legal_name, uscc, state, region_code, contact_person, contact_checked_at, person_id,
               verified_at, created_at, source_appointment
        FROM provider WHERE id = ANY($1::uuid[])
        """,
        list(set(ids)),
    )
    return {row["id"]: ProviderFacts(**row) for row in rows}


async def contact_of(provider_id: UUID) -> tuple[str, str]:
    """Return the contact person and phone number in clear; the caller shows it only to a confirmed party."""
    rows = await DB.rows("SELECT contact_person, contact_phone_sealed FROM provider WHERE id = $1", provider_id)
    if not rows:
        raise NotFound
    sealed = rows[0]["contact_phone_sealed"]
    phone = vault().unseal(bytes(sealed), f"provider.phone:{provider_id}") if sealed else ""
    return rows[0]["contact_person"], phone
