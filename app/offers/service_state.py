"""One place where the state of an offer changes: lock, step, history, facts and the people who are told."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import step
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import grant_for
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, Viewer
from app.offers import service_search
from app.offers.rules import MACHINE, RUNNING
from app.offers.tables import Offer
from app.people import queries as people

_COLUMNS = (
    "id, no, type, title, state, provider_id, org_path, region_code, capacity, used, valid_from, valid_to, "
    "verified_until, source_account, source_appointment, author_account, review_round, revoke_asked_by, revoke_reason, "
    "published_at, version"
)


class OfferRow(msgspec.Struct, frozen=True, kw_only=True):
    """What verbs need of an offer while they hold its lock."""

    id: UUID
    no: str
    type: str
    title: str
    state: str
    provider_id: UUID | None
    org_path: str
    region_code: str
    capacity: int
    used: int
    valid_from: date
    valid_to: date
    verified_until: date | None
    source_account: UUID | None
    source_appointment: UUID | None
    author_account: UUID | None
    review_round: int
    revoke_asked_by: UUID | None
    revoke_reason: str
    published_at: datetime | None
    version: int


async def read(offer_id: UUID) -> OfferRow:
    """Return an offer without a lock, or refuse as not found."""
    rows = await DB.rows(f"SELECT {_COLUMNS} FROM offer WHERE id = $1", offer_id)  # noqa: S608 - our own column list
    if not rows:
        raise NotFound
    return OfferRow(**rows[0])


async def locked(offer_id: UUID) -> OfferRow:
    """Return an offer whose row is locked until the transaction ends."""
    rows = await DB.rows(f"SELECT {_COLUMNS} FROM offer WHERE id = $1 FOR UPDATE", offer_id)  # noqa: S608 - our own column list
    if not rows:
        raise NotFound
    return OfferRow(**rows[0])


def part_of(viewer: Viewer, row: OfferRow) -> str:
    """Return the part the viewer plays for their own offer (PROVIDER or CADRE); others do not find it."""
    grant = grant_for(viewer, "offer", "C")
    if grant is not None:
        if viewer.role in PROVIDER_ROLES and viewer.provider_id is not None and viewer.provider_id == row.provider_id:
            return "PROVIDER"
        if viewer.role in CADRE_ROLES and viewer.covers(row.org_path):
            return "CADRE"
    raise NotFound


async def move(
    row: OfferRow, event: str, actor: str, *, viewer: Viewer, now: datetime, reason: str = "", **columns: Any
) -> OfferRow:
    """Make one step of the machine and record the fact that follows from it; returns the row as it is now."""
    target = await step(MACHINE, row.id, row.state, event, actor, viewer=viewer, now=now, reason=reason)
    if target not in RUNNING and row.state in RUNNING:
        columns["ended_at"] = now
    changed: dict[Any, Any] = {"state": target, "version": row.version + 1, "updated_at": now, **columns}
    await Offer.update(changed).where(Offer.id == row.id)
    if target == "PUBLISHED":
        await record("offer.published", row.id, now=now, provider_id=row.provider_id, cause=event)
    elif row.state in RUNNING or target == "REVOKED":
        await record("offer.gone", row.id, now=now, provider_id=row.provider_id, cause=event, state=target)
    elif target == "SUBMITTED":
        await record("offer.submitted", row.id, now=now, provider_id=row.provider_id)
    if "PUBLISHED" in {row.state, target}:
        await service_search.follow(row.id, now)
    known = {name: value for name, value in columns.items() if name in OfferRow.__struct_fields__}
    return msgspec.structs.replace(row, state=target, version=row.version + 1, **known)


async def tell_owners(row: OfferRow, template: str, now: datetime) -> None:
    """Notify whoever answers for an offer: its author, the cadre who found it, the provider's accounts."""
    accounts = {row.author_account, row.source_account} - {None}
    if row.provider_id is not None:
        accounts |= set(await people.accounts_of_provider(row.provider_id))
    for account in sorted(account for account in accounts if account is not None):
        await notify(account, template, f"/offers/{row.id}", now=now)
