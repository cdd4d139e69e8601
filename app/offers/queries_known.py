"""The offers that exist, as an import compares them with the rows of a workbook."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.kit.db import DB

GONE: Final = ("DRAFT", "REJECTED", "REVOKED", "EXPIRED", "ARCHIVED")
"""States in which the same offer may be brought again."""


class LiveOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a listing the same as another one."""

    type: str
    provider_id: UUID
    address_hash: str
    submitted_at: datetime | None
    terms: Mapping[str, Any]


async def live() -> list[LiveOffer]:
    """Return every offer that is waiting, published, paused or full."""
    rows = await DB.rows(
        """
        SELECT type, provider_id, address_hash, submitted_at, terms FROM offer
        WHERE NOT state = ANY($1::text[]) AND provider_id IS NOT NULL
        """,
        list(GONE),
    )
    return [LiveOffer(**{**row, "terms": json.loads(row["terms"])}) for row in rows]


async def live_among(offer_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these offers are still there."""
    rows = await DB.rows(
        "SELECT id FROM offer WHERE id = ANY($1::uuid[]) AND NOT state = ANY($2::text[])",
        list(offer_ids),
        list(GONE),
    )
    return frozenset(row["id"] for row in rows)
