"""The providers a cadre may choose from when bringing a new offer."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.kit.db import DB
from app.organisations.queries_providers import ProviderFacts, facts

PROVINCE = "440000"


async def one(provider_id: UUID) -> ProviderFacts | None:
    """Return one provider, or None."""
    return (await facts([provider_id])).get(provider_id)


async def in_region(types: Iterable[str], region_code: str, limit: int = 300) -> list[ProviderFacts]:
    """Return providers of these types in the city of a code (everywhere for the province), by name."""
    rows = await DB.rows(
        """
        SELECT id FROM provider
        WHERE type = ANY($1::text[]) AND state IN ('APPLIED', 'VERIFYING', 'VERIFIED')
          AND ($2 = $3 OR left(region_code, 4) = left($2, 4))
        ORDER BY legal_name, id LIMIT $4
        """,
        list(types),
        region_code,
        PROVINCE,
        limit,
    )
    found = await facts(row["id"] for row in rows)
    return sorted(found.values(), key=lambda provider: (provider.legal_name, provider.id))


class Verified(NamedTuple):
    """A provider whose verification ends on a day."""

    id: UUID
    region_code: str
    verify_due: date


async def verified_until(first: date, last: date) -> list[Verified]:
    """Return verified providers (volunteers have their vetting) whose verification ends within some days."""
    rows = await DB.rows(
        """
        SELECT id, region_code, verify_due FROM provider
        WHERE state = 'VERIFIED' AND type <> 'VOL' AND verify_due BETWEEN $1 AND $2 ORDER BY verify_due, id
        """,
        first,
        last,
    )
    return [Verified(**row) for row in rows]


async def known() -> list[ProviderFacts]:
    """Return every provider that has a unified social credit code, the verified ones first."""
    rows = await DB.rows(
        "SELECT id FROM provider WHERE uscc <> '' AND state <> 'REJECTED' ORDER BY state <> 'VERIFIED', created_at"
    )
    order = [row["id"] for row in rows]
    found = await facts(order)
    return [found[provider_id] for provider_id in order]
