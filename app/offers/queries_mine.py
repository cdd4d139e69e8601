"""One's own offers and what surrounds the form: the provider acted for, providers to choose from, the region."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.viewer import CADRE_ROLES, Viewer
from app.offers.kinds import Kind
from app.offers.queries import OfferFacts, mine
from app.offers.rules import MACHINE, TYPES, has_ended
from app.organisations import queries as organisations
from app.organisations import queries_supply as supply
from app.organisations.queries_providers import ProviderFacts
from app.regions import rules as regions

_GROUPS = (
    ("要您处理", ("DRAFT", "RETURNED", "EXPIRED")),
    ("核验中", ("SUBMITTED", "VERIFYING", "SUSPENDED")),
    ("正在发布", ("PUBLISHED", "FULL", "PAUSED")),
    ("已结束", ("REJECTED", "REVOKED", "ARCHIVED")),
)


class MyOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One of my offers, and what I may do with it now."""

    id: UUID
    no: str
    type: str
    title: str
    provider: str
    place: str
    state: str
    used: int
    capacity: int
    valid_to: date
    verified_until: date | None
    return_reason: str
    holds: tuple[str, ...]
    verbs: frozenset[str]


class Group(msgspec.Struct, frozen=True):
    """My offers in one stage of their life."""

    title: str
    offers: tuple[MyOffer, ...]


async def own_provider(viewer: Viewer) -> ProviderFacts | None:
    """Return the provider the viewer acts for, or None."""
    return await supply.one(viewer.provider_id) if viewer.provider_id else None


async def region_of(viewer: Viewer) -> str:
    """Return the region code of the viewer's organisation, or an empty text (then all of Guangdong)."""
    if viewer.role not in CADRE_ROLES or viewer.org_id is None:
        return ""
    org = await organisations.line(viewer.org_id)
    return org.region_code if org else ""


async def providers_to_choose(viewer: Viewer, kind: Kind, region_code: str) -> tuple[ProviderFacts, ...]:
    """Return the providers a cadre may bring an offer of; a provider brings its own only."""
    if viewer.role not in CADRE_ROLES:
        return ()
    city = regions.city_of(region_code)
    return tuple(await supply.in_region(kind.provider_types, city.code if city else supply.PROVINCE))


async def groups(viewer: Viewer, *, now: datetime) -> tuple[Group, ...]:
    """Return my offers by stage; empty stages are left out."""
    found = [_mine(offer, local_day(now)) for offer in await mine(viewer)]
    listed = (Group(title, tuple(offer for offer in found if offer.state in states)) for title, states in _GROUPS)
    return tuple(group for group in listed if group.offers)


def _mine(offer: OfferFacts, day: date) -> MyOffer:
    may = {event for event in ("pause", "resume", "withdraw") if MACHINE.may(offer.state, event, "PROVIDER")}
    if "resume" in may and has_ended(offer.valid_to, offer.verified_until, day):
        may.discard("resume")
    if offer.state in {"DRAFT", "RETURNED", "EXPIRED", "PUBLISHED", "PAUSED", "FULL"}:
        may.add("edit")
    if offer.state == "DRAFT":
        may.add("discard")
    else:
        may.add("copy")
    return MyOffer(
        id=offer.id,
        no=offer.no,
        type=TYPES[offer.type],
        title=offer.title or "（还没有标题）",
        provider=offer.provider_name,
        place=regions.label(offer.region_code) if offer.region_code else "",
        state=offer.state,
        used=offer.used,
        capacity=offer.capacity,
        valid_to=offer.valid_to,
        verified_until=offer.verified_until,
        return_reason=offer.return_reason,
        holds=tuple(finding["sentence"] for finding in offer.findings if finding["severity"] == "hold"),
        verbs=frozenset(may),
    )
