"""Reads of providers for the capabilities above: who offers, in which state, since when verified."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.db import DB

PROVIDER_COLUMNS = """
id, type, legal_name, uscc, person_id, region_code, address, unit_kind, well_known_basis, contact_checked_at, state,
verified_at, source_appointment, org_id
"""


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer, a review or a match needs of its provider; no phone number."""

    id: UUID
    type: str
    legal_name: str
    uscc: str
    person_id: UUID | None
    region_code: str
    address: str
    unit_kind: str
    well_known_basis: str
    contact_checked_at: datetime | None
    state: str
    verified_at: datetime | None
    source_appointment: UUID | None
    org_id: UUID | None


async def provider_facts(ids: Iterable[UUID]) -> dict[UUID, ProviderFacts]:
    """Return providers by id."""
    rows = await DB.rows(f"SELECT {PROVIDER_COLUMNS} FROM provider WHERE id = ANY($1::uuid[])", list(set(ids)))  # noqa: S608 - our own column list
    return {row["id"]: ProviderFacts(**row) for row in rows}


async def one_provider(provider_id: UUID) -> ProviderFacts | None:
    """Return one provider, or None."""
    return (await provider_facts([provider_id])).get(provider_id)


async def providers_near(types: Iterable[str], city_code: str, limit: int = 200) -> list[ProviderFacts]:
    """Return providers of these types in a city (every city for the province's code), usable for a new offer."""
    rows = await DB.rows(
        f"""
        SELECT {PROVIDER_COLUMNS} FROM provider
        WHERE type = ANY($1::text[]) AND state IN ('APPLIED', 'VERIFYING', 'VERIFIED')
          AND ($2 = '440000' OR left(region_code, 4) = left($2, 4))
        ORDER BY legal_name, id LIMIT $3
        """,  # noqa: S608 - our own column list
        list(types),
        city_code,
        limit,
    )
    return [ProviderFacts(**row) for row in rows]
