"""What others may know about offers: facts for matching, and one offer as a given viewer may see it."""

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, Role, Viewer
from app.offers.rules import RUNNING, hidden_types
from app.organisations import queries as organisations
from app.organisations.queries_providers import ProviderFacts
from app.organisations.queries_providers import facts as provider_facts
from app.people import queries as people

_COLUMNS = """
id, no, provider_id, type, title, text, region_code, capacity, used, valid_from, valid_to, age_min, age_max, stages,
state, terms, facets, price_fen, source_appointment, source_account, author_account, org_id, org_path, published_at,
submitted_at, verified_until, findings, return_reason, review_round, revoke_asked_by, revoke_reason, draft, version,
created_at, ended_at
"""


class OfferFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One offer with its provider, for matching, for pages and for the search index."""

    id: UUID
    no: str
    provider_id: UUID | None
    provider_name: str
    provider_type: str
    provider_state: str
    contact_checked: bool
    type: str
    title: str
    text: str
    region_code: str
    capacity: int
    used: int
    valid_from: date
    valid_to: date
    age_min: int
    age_max: int
    stages: tuple[str, ...]
    state: str
    terms: dict[str, Any]
    facets: dict[str, Any]
    price_fen: int | None
    source_appointment: UUID | None
    source_account: UUID | None
    author_account: UUID | None
    org_id: UUID | None
    org_path: str
    published_at: datetime | None
    submitted_at: datetime | None
    verified_until: date | None
    findings: tuple[dict[str, str], ...]
    return_reason: str
    review_round: int
    revoke_asked_by: UUID | None
    revoke_reason: str
    draft: dict[str, list[str]]
    version: int
    created_at: datetime
    ended_at: datetime | None

    @property
    def remaining(self) -> int:
        """Places nobody holds yet."""
        return max(0, self.capacity - self.used)


def _facts(row: dict[str, Any], providers: dict[UUID, ProviderFacts]) -> OfferFacts:
    provider = providers.get(row["provider_id"])
    row = row | {
        "terms": json.loads(row["terms"]),
        "facets": json.loads(row["facets"]),
        "draft": json.loads(row["draft"]),
        "findings": tuple(json.loads(row["findings"])),
        "stages": tuple(row["stages"] or ()),
    }
    return OfferFacts(
        **row,
        provider_name=provider.legal_name if provider else "",
        provider_type=provider.type if provider else "",
        provider_state=provider.state if provider else "",
        contact_checked=provider is not None and provider.contact_checked_at is not None,
    )


async def select(where: str, *args: Any) -> list[OfferFacts]:
    """Return offers for a WHERE clause of ours, with their providers, in two statements."""
    rows = await DB.rows(f"SELECT {_COLUMNS} FROM offer WHERE {where}", *args)  # noqa: S608 - clauses are ours, values are arguments
    providers = await provider_facts(row["provider_id"] for row in rows if row["provider_id"])
    return [_facts(row, providers) for row in rows]


async def facts(offer_id: UUID) -> OfferFacts | None:
    """Return one offer in any state, or None; the caller decides who may see it."""
    found = await select("id = $1", offer_id)
    return found[0] if found else None


async def many(ids: Iterable[UUID]) -> dict[UUID, OfferFacts]:
    """Return offers by id, in any state."""
    return {offer.id: offer for offer in await select("id = ANY($1::uuid[])", list(set(ids)))}


async def published_of_kind(kind: str, *, now: datetime, only: list[UUID] | None = None) -> list[OfferFacts]:
    """Return the published offers of a kind (`only` some of them) valid today with a place left, oldest first."""
    return await select(
        """
        type = $1 AND state = 'PUBLISHED' AND valid_to >= $2 AND used < capacity
        AND (verified_until IS NULL OR verified_until >= $2) AND ($3::uuid[] IS NULL OR id = ANY($3::uuid[]))
        ORDER BY published_at, id
        """,
        kind,
        local_day(now),
        only,
    )


class OpenWish(msgspec.Struct, frozen=True):
    """An open need of a student for which an offer may be chosen directly."""

    need_id: UUID
    title: str


WishTeller = Callable[[UUID, str, datetime], Awaitable[tuple[OpenWish, ...]]]
_WISH_TELLERS: list[WishTeller] = []


def tells_open_wishes(teller: WishTeller) -> WishTeller:
    """Register who can tell a student's open needs of a kind of offer; needs lie beside offers, matches above both."""
    if teller not in _WISH_TELLERS:
        _WISH_TELLERS.append(teller)
    return teller


async def open_wishes(viewer: Viewer, kind: str, now: datetime) -> tuple[OpenWish, ...]:
    """Return the viewer's open needs for which this kind of offer may be chosen."""
    if viewer.role is not Role.STU or viewer.person_id is None:
        return ()
    told = [await tell(viewer.person_id, kind, now) for tell in _WISH_TELLERS]
    return tuple(wish for wishes in told for wish in wishes)


async def hidden_from(viewer: Viewer, now: datetime) -> frozenset[str]:
    """Return the kinds this viewer must not see (domain 4); only a student's age and stage hide anything."""
    if viewer.role is not Role.STU or viewer.person_id is None:
        return frozenset()
    student = await people.student(viewer.person_id, now)
    return hidden_types(student.age, student.stage, student.grade_year) if student else frozenset()


async def public(offer_id: UUID, viewer: Viewer, now: datetime) -> OfferFacts | None:
    """Return a published, valid offer that this viewer may see, or None."""
    found = await select(
        "id = $1 AND state = 'PUBLISHED' AND valid_to >= $2 AND (verified_until IS NULL OR verified_until >= $2)",
        offer_id,
        local_day(now),
    )
    if not found or found[0].type in await hidden_from(viewer, now):
        return None
    return found[0]


async def seen_by(viewer: Viewer, offer_id: UUID, now: datetime) -> OfferFacts | None:
    """Return an offer this viewer may see: public, or in any state when it is theirs or theirs to verify."""
    shown = await public(offer_id, viewer, now)
    if shown is not None:
        return shown
    offer = await facts(offer_id)
    if offer is None:
        return None
    return offer if is_own(viewer, offer) or await may_verify(viewer, offer.org_path, offer.region_code) else None


async def reportable(viewer: Viewer, offer_id: UUID, now: datetime) -> OfferFacts | None:
    """Return an offer somebody may complain about: running or under investigation, even when no list shows it."""
    offer = await facts(offer_id)
    if offer is None or offer.state not in RUNNING | {"SUSPENDED"} or offer.type in await hidden_from(viewer, now):
        return None
    return offer


def is_own(viewer: Viewer, offer: OfferFacts) -> bool:
    """Tell whether an offer belongs to the viewer: to the provider acted for, or to the organisation and below."""
    if viewer.role in PROVIDER_ROLES:
        return viewer.provider_id is not None and viewer.provider_id == offer.provider_id
    return viewer.role in CADRE_ROLES and viewer.covers(offer.org_path)


async def may_verify(viewer: Viewer, org_path: str, region_code: str) -> bool:
    """Tell whether a reviewer's scope includes an offer: sourced at or below the organisation, or in its region."""
    if viewer.role is not Role.REV or not viewer.second_factor or viewer.org_id is None:
        return False
    if org_path:
        return viewer.covers(org_path)
    org = await organisations.line(viewer.org_id)
    return org is not None and in_region(region_code, org.region_code)


def in_region(region_code: str, place: str) -> bool:
    """Tell whether a code lies in a place: the province, a city, or a county."""
    if place.endswith("00"):
        return region_code.startswith(place[:2] if place.endswith("0000") else place[:4])
    return region_code == place


async def mine(viewer: Viewer) -> list[OfferFacts]:
    """Return every offer of the viewer, newest change first."""
    if viewer.role in PROVIDER_ROLES and viewer.provider_id is not None:
        return await select("provider_id = $1 ORDER BY updated_at DESC, id LIMIT 500", viewer.provider_id)
    if viewer.role in CADRE_ROLES and viewer.org_path:
        return await select(
            "(org_path = $1 OR starts_with(org_path, $1 || '/')) ORDER BY updated_at DESC, id LIMIT 500",
            viewer.org_path,
        )
    return []


async def by_fingerprint(fingerprints: Iterable[str]) -> dict[str, UUID]:
    """Return offers that exist already, by the fingerprint of what they offer (import finds duplicates by it)."""
    rows = await DB.rows(
        """
        SELECT fingerprint, id FROM offer
        WHERE fingerprint = ANY($1::text[]) AND fingerprint <> '' AND state NOT IN ('REJECTED', 'REVOKED', 'ARCHIVED')
        """,
        list(set(fingerprints)),
    )
    return {row["fingerprint"]: row["id"] for row in rows}
