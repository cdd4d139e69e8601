"""What somebody looks for, as the address of the list says it; and the question it asks of the index."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from app.offers.kinds import KINDS
from app.regions import rules as regions
from search.documents import Point
from search.query import Near, Question, Range, Sort

PAGE_SIZE: Final = 12
LAST_PAGE: Final = 83
"""Beyond about a thousand results nobody reads; no engine answers there."""
LONGEST: Final = 60
FACETS: Final[Mapping[str, tuple[str, str]]] = {
    "topics": ("topic", "话题"),
    "modes": ("mode", "方式"),
    "languages": ("language", "语言"),
    "subjects": ("subject", "科目"),
    "post_kind": ("post_kind", "岗位类别"),
    "unit_kind": ("unit_kind", "单位性质"),
    "house_kind": ("house_kind", "房源类型"),
    "grant": ("grant_kind", "资助方式"),
}
"""Facets by their name in the address: the name in the index, and the title a person reads."""
_FIELD: Final[Mapping[str, str]] = {"grant": "kind"}
PRICED: Final[Mapping[str, str]] = {"INTERN": "每月报酬（元）", "HOUSE": "月租（元）", "SPONSOR": "每年金额（元）"}
"""Kinds with an amount to filter and sort by, and what the amount is."""
SORTS: Final[Mapping[str, str]] = {
    "best": "最相关",
    "new": "最新发布",
    "low": "金额从低到高",
    "high": "金额从高到低",
    "near": "离我最近",
}
_SORTS: Final = {
    "best": Sort.RELEVANCE,
    "new": Sort.NEWEST,
    "low": Sort.CHEAPEST,
    "high": Sort.DEAREST,
    "near": Sort.NEAREST,
}
RADII: Final[Mapping[str, str]] = {"5": "5 公里内", "10": "10 公里内", "30": "30 公里内", "100": "100 公里内"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; every empty field means “anything”. Amounts are in fen."""

    words: str = ""
    kind: str = ""
    city: str = ""
    district: str = ""
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    stage: str = ""
    fits_me: bool = False
    sort: str = "best"
    near: tuple[float, float] | None = None
    radius: str = ""
    exact: bool = False
    view: str = ""
    page: int = 1

    @property
    def place(self) -> Point | None:
        """Where distances are measured from: the place given, else the middle of the county or city."""
        if self.near is not None:
            return Point(*self.near)
        found = regions.region(self.district or self.city)
        return Point(found.lat, found.lon) if found is not None else None

    def pairs(self, *, paged: bool = False) -> list[tuple[str, str]]:
        """Return this as the parameters of an address, only what is set, in a fixed order."""
        near = "" if self.near is None else f"{self.near[0]:.3f},{self.near[1]:.3f}"
        given = [
            ("q", self.words),
            ("type", self.kind),
            ("city", self.city),
            ("district", self.district),
            *((name, value) for name, values in self.facets for value in values),
            ("price_min", "" if self.price_min is None else f"{self.price_min / 100:g}"),
            ("price_max", "" if self.price_max is None else f"{self.price_max / 100:g}"),
            ("stage", self.stage),
            ("fit", "yes" if self.fits_me else ""),
            ("near", near),
            ("radius", self.radius),
            ("sort", "" if self.sort == "best" else self.sort),
            ("exact", "yes" if self.exact else ""),
            ("view", self.view),
            ("page", str(self.page) if paged and self.page > 1 else ""),
        ]
        return [(name, value) for name, value in given if value]

    def href(self, *without: str, path: str = "/offers", **more: str) -> str:
        """Return the address of this search without some parameters, and with others in their place."""
        left = [pair for pair in self.pairs() if pair[0] not in without and pair[0] not in more]
        query = urlencode([*left, *((name, value) for name, value in more.items() if value)])
        return f"{path}?{query}" if query else path

    def filter_names(self) -> tuple[str, ...]:
        """Return the names of the filters used, without their values and without the words."""
        aside = {"type", "city", "q", "sort", "view", "page"}
        return tuple(dict.fromkeys(name for name, _ in self.pairs() if name not in aside))

    def question(
        self, *, hidden: frozenset[str], today: date, age: int | None = None, stage: str = "", size: int = PAGE_SIZE
    ) -> Question:
        """Return the question for the index; `age` and `stage` are the asker's own, for what fits them."""
        any_of: dict[str, tuple[str, ...]] = {FACETS[name][0]: values for name, values in self.facets}
        for name, value in (("kind", self.kind), ("city", self.city), ("county", self.district)):
            if value:
                any_of[name] = (value,)
        stages = tuple(one for one in (self.stage, stage if self.fits_me else "") if one)
        place = self.place
        sort = _SORTS[self.sort]
        radius = float(self.radius) if self.radius else None
        return Question(
            words=self.words,
            any_of=any_of,
            all_of={"stage": stages} if stages else {},
            none_of={"kind": tuple(sorted(hidden))} if hidden else {},
            amount_fen=self._amounts(),
            open_on=today,
            age=age if self.fits_me else None,
            near=Near(point=place, radius_km=radius) if place and (radius or sort is Sort.NEAREST) else None,
            sort=Sort.RELEVANCE if sort is Sort.NEAREST and place is None else sort,
            page=self.page,
            size=size,
            facets=("kind", "city", "county", *(FACETS[name][0] for name in facet_options(self.kind))),
            exact=self.exact,
        )

    def _amounts(self) -> Range | None:
        if self.price_min is None and self.price_max is None:
            return None
        return Range(low=self.price_min, high=self.price_max)


def facet_options(kind: str) -> dict[str, dict[str, str]]:
    """Return the facets of a kind with the labels of their values; without a kind there are none."""
    if kind not in KINDS:
        return {}
    fields = {field.name: field for field in KINDS[kind].fields}
    named = {name: fields.get(_FIELD.get(name, name)) for name in FACETS}
    return {name: dict(field.choices) for name, field in named.items() if field is not None and field.choices}


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """A window of the year with its greeting, the kinds it brings to the front, and collections (label, query)."""

    code: str
    title: str
    lead: str
    first: int
    last: int
    kinds: tuple[str, ...]
    collections: tuple[tuple[str, str], ...]
    active: bool = True

    def without(self, hidden: frozenset[str]) -> "Season":
        """Return the season as somebody sees it from whom some kinds are hidden."""
        shown = tuple(
            (label, query) for label, query in self.collections if dict(parse_qsl(query)).get("type") not in hidden
        )
        return msgspec.structs.replace(self, collections=shown)

    def on(self, day: date) -> bool:
        """Return whether a day lies in the window, which may cross the new year."""
        at = day.month * 100 + day.day
        inside = self.first <= at <= self.last if self.first <= self.last else at >= self.first or at <= self.last
        return self.active and inside


def season_of(seasons: tuple[Season, ...], day: date) -> Season | None:
    """Return the season of a day; of several the one that began last."""
    at = day.month * 100 + day.day
    running = [season for season in seasons if season.on(day)]
    return min(running, key=lambda season: (at - season.first) % 1300, default=None)
