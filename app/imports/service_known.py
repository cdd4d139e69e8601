"""What the platform knows already, as the rules of the import ask for it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.imports.rules_rows import digest
from app.imports.rules_values import KnownListings, KnownProvider
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.offers import queries_known
from app.offers.kinds import KINDS
from app.offers.queries_around import REFERENCE_RENT
from app.offers.queries_known import LiveOffer
from app.organisations import queries_supply as supply
from app.organisations.queries_providers import ProviderFacts, facts

A_DAY: Final = timedelta(hours=24)


class StoredFingerprints(frozenset[str]):
    """Fingerprints as they are stored: keyed, because the one of a volunteer is made of a telephone number."""

    __slots__ = ()

    def isdisjoint(self, other: Iterable[object], /) -> bool:
        """Tell whether none of the plain fingerprints is stored."""
        return super().isdisjoint(keyed(str(one)) for one in other)


def keyed(fingerprint: str) -> str:
    """Return a fingerprint as it is stored and compared."""
    return vault().lookup(f"import:{fingerprint}")


async def written_before(among: Collection[str] | None = None) -> frozenset[str]:
    """Return the stored fingerprints of imported rows whose offers are still there; of all rows, or of some."""
    rows = await DB.rows(
        """
        SELECT fingerprint, object_id FROM import_row
        WHERE state = 'DONE' AND ($1::text[] IS NULL OR fingerprint = ANY($1::text[]))
        """,
        None if among is None else list(among),
    )
    there = await queries_known.live_among(row["object_id"] for row in rows)
    return frozenset(row["fingerprint"] for row in rows if row["object_id"] in there)


async def known_listings(now: datetime) -> KnownListings:
    """Gather what is stored: listings brought in any way, owners of addresses, providers, reference rents."""
    offers = await queries_known.live()
    providers = await facts({offer.provider_id for offer in offers})
    brought = frozenset(keyed(one) for offer in offers for one in _fingerprints(offer, providers[offer.provider_id]))
    return KnownListings(
        fingerprints=StoredFingerprints(brought | await written_before()),
        address_owners={
            offer.address_hash: providers[offer.provider_id].uscc or providers[offer.provider_id].legal_name
            for offer in offers
            if offer.address_hash
        },
        providers=_by_code(await supply.known(), _recent(offers, now)),
        reference_rents=REFERENCE_RENT,
    )


def _fingerprints(offer: LiveOffer, provider: ProviderFacts) -> Iterator[str]:
    """Return what a row of the import that brings the same listing would have as its fingerprint."""
    names = [name for name in (provider.uscc, provider.legal_name) if name]
    terms = offer.terms
    if offer.type == "INTERN":
        yield from (digest("INTERN", who, terms.get("post"), terms.get("start"), terms.get("end")) for who in names)
    elif offer.type == "HOUSE":
        yield from (digest("HOUSE", who, offer.address_hash) for who in names)
    elif offer.type == "SPONSOR":
        in_order = KINDS["SPONSOR"].from_json(terms).to_json().values()
        yield from (digest("SPONSOR", who, *in_order) for who in names)


def _recent(offers: Iterable[LiveOffer], now: datetime) -> Counter[UUID]:
    return Counter(offer.provider_id for offer in offers if offer.submitted_at and offer.submitted_at > now - A_DAY)


def _by_code(providers: Iterable[ProviderFacts], recent: Counter[UUID]) -> dict[str, KnownProvider]:
    found: dict[str, KnownProvider] = {}
    for provider in providers:
        found.setdefault(
            provider.uscc,
            KnownProvider(
                legal_name=provider.legal_name,
                verified_on=local_day(provider.verified_at) if provider.verified_at else None,
                listings_last_24h=recent[provider.id],
            ),
        )
    return found
