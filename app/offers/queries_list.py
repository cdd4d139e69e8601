"""The cards of offers: how one looks in a grid, and the newest ones for the home page."""

import json
from datetime import date, datetime
from typing import Any, Final

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.images import pictures_of
from app.kit.parts import OfferCard
from app.kit.viewer import STAFF_ROLES, Viewer
from app.offers.kinds import KINDS
from app.offers.rules import TYPES, provider_label
from app.organisations.queries_providers import ProviderFacts
from app.organisations.queries_providers import facts as provider_facts
from app.regions import rules as regions

SOON_DAYS: Final = 7
COLUMNS: Final = (
    "id, type, title, text, provider_id, region_code, capacity, used, valid_to, terms, price_fen, published_at, version"
)
PUBLIC: Final = "state = 'PUBLISHED' AND valid_to >= $1 AND (verified_until IS NULL OR verified_until >= $1)"
"""What anybody may find on the day $1."""


async def newest(
    viewer: Viewer, *, now: datetime, hidden: frozenset[str], limit: int = 6, first: tuple[str, ...] = ()
) -> tuple[OfferCard, ...]:
    """Return the newest published offers this viewer may see, those of some kinds first."""
    rows = await DB.rows(
        f"""
        SELECT newest.* FROM unnest($2::text[]) AS kind (code), LATERAL (
            SELECT {COLUMNS} FROM offer WHERE type = kind.code AND {PUBLIC} ORDER BY published_at DESC LIMIT {limit}
        ) AS newest
        ORDER BY newest.type = ANY($3::text[]) DESC, newest.published_at DESC, newest.id DESC LIMIT {limit}
        """,  # noqa: S608 - conditions are ours, values are arguments
        local_day(now),
        sorted(set(TYPES) - hidden),
        list(first),
    )
    return await cards_of(rows, local_day(now), known=viewer.role in STAFF_ROLES)


async def cards_of(rows: list[dict[str, Any]], day: date, *, known: bool) -> tuple[OfferCard, ...]:
    """Return the cards of offer rows: names of providers and photos come in one statement each."""
    providers = await provider_facts(row["provider_id"] for row in rows)
    photos = await pictures_of("offer", [row["id"] for row in rows])
    return tuple(
        _card(
            row,
            providers.get(row["provider_id"]),
            photos[row["id"]][0].address(320) if row["id"] in photos else "",
            day,
            known=known,
        )
        for row in rows
    )


def _card(row: dict[str, Any], provider: ProviderFacts | None, photo: str, day: date, *, known: bool) -> OfferCard:
    kind = KINDS[row["type"]]
    terms = kind.from_json(json.loads(row["terms"]))
    card = kind.card(terms)
    anonymous = bool(getattr(terms, "anonymous", False))
    left = row["capacity"] - row["used"]
    days = (row["valid_to"] - day).days
    return OfferCard(
        href=f"/offers/{row['id']}",
        title=row["title"],
        kind=row["type"],
        kind_label=TYPES[row["type"]],
        provider=provider_label(provider.type, provider.legal_name, anonymous=anonymous, known=known)
        if provider
        else "",
        verified=True,
        tags=tuple(chip for chip in card.chips if chip),
        price=card.line,
        place=regions.label(row["region_code"]),
        places_left=f"余 {left} 个名额",
        deadline="今天截止" if days == 0 else f"还剩 {days} 天" if days <= SOON_DAYS else "",
        urgent=days <= SOON_DAYS,
        photo=photo,
        photo_alt=f"{row['title']}的照片" if photo else "",
    )
