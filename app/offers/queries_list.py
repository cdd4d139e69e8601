"""The public list: filters, order, counts for each filter value, pages; and the cards it shows."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.images import pictures_of
from app.kit.parts import OfferCard
from app.kit.viewer import STAFF_ROLES, Role, Viewer
from app.offers.kinds import KINDS
from app.offers.queries import hidden_from
from app.offers.rules import TYPES, provider_label
from app.offers.rules_public import normalised
from app.organisations.queries_providers import ProviderFacts
from app.organisations.queries_providers import facts as provider_facts
from app.people import queries as people
from app.regions import rules as regions

PAGE_SIZE: Final = 12
SOON_DAYS: Final = 7
FACETS: Final[Mapping[str, str]] = {
    "topics": "话题",
    "modes": "方式",
    "languages": "语言",
    "subjects": "科目",
    "post_kind": "岗位类别",
    "unit_kind": "单位性质",
    "house_kind": "房源类型",
    "kind": "资助方式",
}
"""Facets a visitor can filter by, with their titles; each kind has some of them."""

SORTS: Final[Mapping[str, str]] = {"new": "最新发布", "price": "价格从低到高", "deadline": "截止时间近"}
_ORDER: Final[Mapping[str, str]] = {
    "new": "published_at DESC NULLS LAST, id DESC",
    "price": "price_fen ASC NULLS LAST, published_at DESC, id",
    "deadline": "valid_to ASC, published_at DESC, id",
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor is looking for; every empty field means “anything”."""

    words: str = ""
    type: str = ""
    city: str = ""
    district: str = ""
    price_min: int | None = None
    price_max: int | None = None
    stage: str = ""
    fits_me: bool = False
    facets: tuple[tuple[str, str], ...] = ()
    sort: str = "new"
    page: int = 1


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the list: cards, how many there are in all, and how many each filter value would give."""

    cards: tuple[OfferCard, ...]
    total: int
    pages: int
    counts: Mapping[str, Mapping[str, int]]


class _Where:
    """Named conditions with numbered arguments; a count leaves out the condition of its own facet."""

    def __init__(self) -> None:
        self.args: list[Any] = []
        self.parts: dict[str, str] = {}

    def add(self, name: str, sql: str, *values: Any) -> None:
        first = len(self.args) + 1
        numbers = [f"${first + offset}" for offset in range(len(values))]
        self.args.extend(values)
        self.parts[name] = sql.format(*numbers)

    def sql(self, *, without: str = "") -> str:
        return " AND ".join(f"({sql})" for name, sql in self.parts.items() if name != without) or "true"


async def listing(viewer: Viewer, wanted: Wanted, *, now: datetime, hidden: frozenset[str] | None = None) -> Listing:
    """Return the page of published offers this viewer asked for; two statements, and two more for names and photos.

    `hidden` are the kinds the viewer must not see, when the caller has asked already.
    """
    hidden = await hidden_from(viewer, now) if hidden is None else hidden
    where = await _conditions(viewer, wanted, hidden, now)
    order = _ORDER.get(wanted.sort, _ORDER["new"])
    rows = await DB.rows(
        f"""
        SELECT id, type, title, provider_id, region_code, capacity, used, valid_to, terms, count(*) OVER () AS total
        FROM offer WHERE {where.sql()} ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET {(max(1, wanted.page) - 1) * PAGE_SIZE}
        """,  # noqa: S608 - conditions and orders are ours, values are arguments
        *where.args,
    )
    counts = await _counts(where)
    total = rows[0]["total"] if rows else 0
    if not rows and wanted.page > 1:
        return await listing(viewer, msgspec.structs.replace(wanted, page=1), now=now, hidden=hidden)
    return Listing(
        cards=await cards_of(rows, local_day(now), known=viewer.role in STAFF_ROLES),
        total=total,
        pages=max(1, -(-total // PAGE_SIZE)),
        counts=counts,
    )


async def newest(viewer: Viewer, *, now: datetime, hidden: frozenset[str], limit: int = 6) -> tuple[OfferCard, ...]:
    """Return the newest published offers this viewer may see, for the home page."""
    where = await _conditions(viewer, Wanted(), hidden, now)
    rows = await DB.rows(
        f"""
        SELECT id, type, title, provider_id, region_code, capacity, used, valid_to, terms
        FROM offer WHERE {where.sql()} ORDER BY {_ORDER["new"]} LIMIT {limit}
        """,  # noqa: S608 - conditions are ours, values are arguments
        *where.args,
    )
    return await cards_of(rows, local_day(now), known=viewer.role in STAFF_ROLES)


async def _conditions(viewer: Viewer, wanted: Wanted, hidden: frozenset[str], now: datetime) -> _Where:
    where = _Where()
    day = local_day(now)
    where.add("state", "state = 'PUBLISHED'")
    where.add("valid", "valid_to >= {0} AND (verified_until IS NULL OR verified_until >= {0})", day)
    if hidden:
        where.add("hidden", "NOT (type = ANY({0}::text[]))", sorted(hidden))
    if wanted.type:
        where.add("type", "type = {0}", wanted.type)
    if wanted.city:
        where.add("city", "left(region_code, 4) = left({0}, 4)", wanted.city)
    if wanted.district:
        where.add("district", "region_code = {0}", wanted.district)
    if wanted.price_min is not None:
        where.add("price_min", "price_fen >= {0}", wanted.price_min)
    if wanted.price_max is not None:
        where.add("price_max", "price_fen <= {0}", wanted.price_max)
    if wanted.stage:
        where.add("stage", "cardinality(stages) = 0 OR {0} = ANY(stages)", wanted.stage)
    if wanted.fits_me:
        await _fits_me(where, viewer, now)
    for number, word in enumerate(normalised(wanted.words).split()[:6]):
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where.add(f"word{number}", "search_text LIKE {0}", f"%{pattern}%")
    for name, value in wanted.facets:
        where.add(name, "facets::jsonb @> {0}::jsonb OR facets::jsonb @> {1}::jsonb", *_contains(name, value))
    return where


async def _fits_me(where: _Where, viewer: Viewer, now: datetime) -> None:
    student = await people.student(viewer.person_id, now) if viewer.person_id and viewer.role is Role.STU else None
    if student is not None:
        where.add(
            "fits_me",
            "age_min <= {0} AND age_max >= {0} AND (cardinality(stages) = 0 OR {1} = ANY(stages))",
            student.age,
            student.stage,
        )


def _contains(name: str, value: str) -> tuple[str, str]:
    return json.dumps({name: [value]}), json.dumps({name: value})


async def _counts(where: _Where) -> dict[str, dict[str, int]]:
    """Count every filter value in one statement; each facet ignores its own condition, so that one can change it."""
    by_type, by_city = where.sql(without="type"), where.sql(without="city")
    branches = [
        f"SELECT 'type' AS facet, type AS value, count(*) AS number FROM offer WHERE {by_type} GROUP BY 2",  # noqa: S608 - ours
        f"SELECT 'city', left(region_code, 4) || '00', count(*) FROM offer WHERE {by_city} GROUP BY 2",  # noqa: S608 - ours
    ]
    branches += [
        f"""
        SELECT '{name}', each.value, count(*) FROM offer, LATERAL jsonb_array_elements_text(
            CASE jsonb_typeof(facets::jsonb -> '{name}') WHEN 'array' THEN facets::jsonb -> '{name}'
                 WHEN 'string' THEN jsonb_build_array(facets::jsonb -> '{name}') ELSE '[]'::jsonb END) AS each
        WHERE {where.sql(without=name)} GROUP BY 2
        """  # noqa: S608 - names and conditions are ours, values are arguments
        for name in FACETS
    ]
    counts: dict[str, dict[str, int]] = {}
    for row in await DB.rows(" UNION ALL ".join(branches), *where.args):
        counts.setdefault(row["facet"], {})[row["value"]] = row["number"]
    return counts


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


def facet_options(kind: str) -> dict[str, dict[str, str]]:
    """Return the facets of a kind with the labels of their values; without a kind, those that several share."""
    if kind not in KINDS:
        return {}
    fields = {field.name: field for field in KINDS[kind].fields}
    return {name: dict(fields[name].choices) for name in FACETS if name in fields and fields[name].choices}
