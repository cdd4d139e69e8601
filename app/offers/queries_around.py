"""What is known around an offer before it is judged: the provider, other listings, the reference rent."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.offers.rules_legality import ListingFacts
from app.organisations import queries_supply as supply
from app.regions.rules import city_of

NEAR_BITS: Final = 4
"""Two pictures whose 64-bit hashes differ in at most this many bits show the same thing."""


def _rents() -> Mapping[str, int]:
    source = files("app.offers").joinpath("reference_rent.csv").read_text(encoding="utf-8")
    lines = (line for line in source.splitlines() if not line.startswith("#"))
    return MappingProxyType({row["city"]: int(row["yuan_per_month"]) * 100 for row in csv.DictReader(lines)})


REFERENCE_RENT: Final = _rents()
"""Sample reference rent of one room by city code, in fen per month (示例参考值)."""


async def listing_facts(
    provider_id: UUID | None, *, kind: str, region_code: str, address_hash: str, offer_id: UUID | None, now: datetime
) -> ListingFacts:
    """Gather the facts the legality rules ask for; the offer itself does not count as another listing."""
    provider = await supply.one(provider_id) if provider_id else None
    seen = await DB.rows(
        """
        SELECT (SELECT count(*) FROM offer WHERE provider_id = $1 AND submitted_at > $2 AND id IS DISTINCT FROM $3)
                   AS listings,
               EXISTS (SELECT 1 FROM offer WHERE $4 <> '' AND address_hash = $4 AND provider_id <> $1
                       AND state NOT IN ('DRAFT', 'REJECTED', 'ARCHIVED')) AS address_elsewhere,
               EXISTS (SELECT 1 FROM stored_file f
                       JOIN stored_file other ON other.object_type = 'offer' AND other.phash <> ''
                            AND other.object_id <> f.object_id
                            AND bit_count(('x' || other.phash)::bit(64) # ('x' || f.phash)::bit(64)) <= $5
                       JOIN offer o ON o.id = other.object_id AND o.provider_id <> $1
                       WHERE f.object_type = 'offer' AND f.object_id = $3 AND f.phash <> '') AS photo_elsewhere
        """,
        provider_id,
        now - timedelta(hours=24),
        offer_id,
        address_hash,
        NEAR_BITS,
    )
    city = city_of(region_code)
    return ListingFacts(
        today=local_day(now),
        provider_type=provider.type if provider else "",
        uscc=provider.uscc if provider else "",
        legal_name=provider.legal_name if provider else "",
        provider_verified_on=local_day(provider.verified_at) if provider and provider.verified_at else None,
        listings_last_24h=seen[0]["listings"] + 1,
        reference_rent_fen=REFERENCE_RENT.get(city.code) if city and kind == "HOUSE" else None,
        same_photo_elsewhere=seen[0]["photo_elsewhere"],
        same_address_elsewhere=seen[0]["address_elsewhere"],
    )
