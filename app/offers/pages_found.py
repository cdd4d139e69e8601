"""The list as a page shows it: kinds, filters with counts, chips, the map of cities, and the way on from nothing."""

from collections.abc import Mapping
from typing import Final

import msgspec

from app.kit.forms import FormView
from app.kit.parts import OfferCard, Pager
from app.kit.permissions import grant_for
from app.kit.render import NavItem, Page, Shell
from app.kit.viewer import Role, Viewer
from app.offers import forms
from app.offers.kinds import KINDS
from app.offers.pages_home import KIND_ICONS
from app.offers.queries_found import Results, Wider
from app.offers.rules import TYPES
from app.offers.rules_search import FACETS, PRICED, RADII, SORTS, Asked, Season, facet_options
from app.regions import rules as regions

Options = dict[str, str]
Chip = tuple[str, str]

TILES: Final = {
    "441800": (3, 0), "440200": (4, 0), "441600": (5, 0), "441400": (6, 0), "445100": (7, 0),
    "441200": (2, 1), "440600": (3, 1), "440100": (4, 1), "441900": (5, 1), "441300": (6, 1), "445200": (7, 1),
    "445300": (2, 2), "440700": (3, 2), "442000": (4, 2), "440300": (5, 2), "441500": (6, 2), "440500": (7, 2),
    "440800": (0, 3), "440900": (1, 3), "441700": (2, 3), "440400": (4, 3),
}  # fmt: skip
"""Where each city stands in the map of tiles: column and row, as they lie to each other."""
_SHADES: Final = (0, 3, 10)
"""A city is darker by one shade for each of these numbers it exceeds."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One city of the map."""

    name: str
    count: int
    href: str
    x: int
    y: int
    shade: int
    current: bool


class ListPage(Page, frozen=True, kw_only=True):
    """The list of offers."""

    form: FormView
    kinds: tuple[NavItem, ...]
    cards: tuple[OfferCard, ...]
    total: int
    about: bool
    pager: Pager
    cities: Options
    districts: Options
    facets: tuple[tuple[str, str, Options], ...]
    stages: Options
    sorts: Options
    radii: Options
    price_label: str
    may_fit: bool
    chips: tuple[Chip, ...]
    hidden: tuple[Chip, ...]
    reset_href: str
    showing: str
    showing_instead: str
    literal_href: str
    partial: bool
    resting: bool
    wider: tuple[Chip, ...]
    views: tuple[NavItem, ...]
    tiles: tuple[Tile, ...]
    season: Season | None
    saved_values: tuple[Chip, ...]
    signed_in: bool
    sign_in_href: str
    desks: tuple[NavItem, ...]


def list_page(
    shell: Shell,
    viewer: Viewer,
    asked: Asked,
    found: Results,
    *,
    hidden: frozenset[str],
    wider: tuple[Wider, ...],
    season: Season | None,
) -> ListPage:
    """Return the page of some results."""
    number = min(max(1, asked.page), found.pages)
    options = facet_options(asked.kind)
    return ListPage(
        shell=shell,
        title=f"找机会 · {TYPES[asked.kind]}" if asked.kind else "找机会",
        form=FormView(values_by_name=_values(asked)),
        kinds=_kinds(asked, found, hidden),
        cards=found.cards,
        total=found.total,
        about=not found.exact,
        pager=Pager(
            number=number,
            pages=found.pages,
            previous_href=asked.href(page=str(number - 1) if number > 2 else "") if number > 1 else "",  # noqa: PLR2004 - the first page has no number
            next_href=asked.href(page=str(number + 1)) if number < found.pages else "",
        ),
        cities=_counted(
            {city.code: city.name for city in regions.cities()}, found.counts.get("city", {}), (asked.city,)
        ),
        districts=_counted(
            {place.code: place.name for place in regions.counties(asked.city)},
            found.counts.get("district", {}),
            (asked.district,),
        )
        if asked.city
        else {},
        facets=tuple(
            (name, FACETS[name][1], _counted(labels, found.counts.get(name, {}), dict(asked.facets).get(name, ())))
            for name, labels in options.items()
        ),
        stages=dict(forms.STAGES),
        sorts=_sorts(asked),
        radii=dict(RADII) if asked.place is not None else {},
        price_label=PRICED.get(asked.kind, ""),
        may_fit=viewer.role is Role.STU,
        chips=_chips(asked),
        hidden=tuple(pair for pair in asked.pairs() if pair[0] not in {"q", "exact"}),
        reset_href=Asked(kind=asked.kind, words=asked.words).href(),
        showing=found.showing,
        showing_instead=found.rewritten_from,
        literal_href=asked.href(exact="yes"),
        partial=found.partial,
        resting=found.resting,
        wider=tuple(_wider(asked, each) for each in wider),
        views=(
            NavItem("列表", asked.href("view"), "list-check", current=not asked.view),
            NavItem("按城市看", asked.href(view="map"), "map-pin", current=asked.view == "map"),
        ),
        tiles=_tiles(asked, found.counts.get("city", {})) if asked.view == "map" else (),
        season=season,
        saved_values=tuple(asked.pairs()),
        signed_in=viewer.signed_in,
        sign_in_href="/sign-in?next=/offers",
        desks=_desks(viewer),
    )


def _desks(viewer: Viewer) -> tuple[NavItem, ...]:
    """Return where committees go from here: what was not found, and the seasons."""
    doors = (
        ("demand", "没找到的需求", "/demand", "zoom-question"),
        ("season", "时令专题", "/seasons", "calendar-event"),
    )
    return tuple(NavItem(label, href, sign) for thing, label, href, sign in doors if grant_for(viewer, thing, "R"))


def _values(asked: Asked) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in asked.pairs():
        values[name] = (*values.get(name, ()), value)
    return values


def _counted(labels: Mapping[str, str], counts: Mapping[str, int], chosen: tuple[str, ...] = ()) -> Options:
    """Return labels with their counts; what would find nothing is left out unless it is chosen."""
    return {
        code: f"{label}（{counts.get(code, 0)}）"
        for code, label in labels.items()
        if counts.get(code, 0) or code in chosen or len(labels) <= 8  # noqa: PLR2004 - a short list stays whole
    }


def _sorts(asked: Asked) -> Options:
    left_out = set() if asked.kind in PRICED else {"low", "high"}
    if asked.place is None:
        left_out.add("near")
    near = "离我最近" if asked.near else "离市中心最近"
    return {code: near if code == "near" else label for code, label in SORTS.items() if code not in left_out}


def _kinds(asked: Asked, found: Results, hidden: frozenset[str]) -> tuple[NavItem, ...]:
    own = (*FACETS, "price_min", "price_max")
    counts = found.counts.get("type", {})
    everything = NavItem("全部", asked.href("type", *own), "category", current=not asked.kind)
    return (
        everything,
        *(
            NavItem(
                f"{kind.label} {counts.get(kind.code, 0)}",
                asked.href(*own, type=kind.code),
                KIND_ICONS.get(kind.code, "category"),
                current=asked.kind == kind.code,
            )
            for kind in KINDS.values()
            if kind.code not in hidden
        ),
    )


def _chips(asked: Asked) -> tuple[Chip, ...]:
    """Return the filters in force as words, each with the address of the list without it."""
    options = facet_options(asked.kind)
    chips: list[Chip] = []
    if asked.words:
        chips.append((f"“{asked.words}”", asked.href("q", "exact")))
    if asked.city and not asked.district:
        chips.append((regions.label(asked.city), asked.href("city", "radius")))
    if asked.district:
        chips.append((regions.label(asked.district), asked.href("district")))
    if asked.near:
        chips.append(("我的位置附近", asked.href("near", "radius", "sort")))
    if asked.radius:
        chips.append((RADII[asked.radius], asked.href("radius")))
    if asked.stage:
        chips.append((forms.STAGES[asked.stage], asked.href("stage")))
    if asked.fits_me:
        chips.append(("适合我的年龄和学段", asked.href("fit")))
    if asked.price_min is not None:
        chips.append((f"不低于 {asked.price_min / 100:g} 元", asked.href("price_min")))
    if asked.price_max is not None:
        chips.append((f"不高于 {asked.price_max / 100:g} 元", asked.href("price_max")))
    for name, values in asked.facets:
        for value in values:
            kept = tuple(other for other in values if other != value)
            rest = tuple((one, kept if one == name else its) for one, its in asked.facets)
            left = msgspec.structs.replace(asked, facets=tuple((one, its) for one, its in rest if its))
            chips.append((options[name][value], left.href()))
    return tuple(chips)


def _wider(asked: Asked, wider: Wider) -> Chip:
    """Return a wider search in words with its address."""
    left_out = wider.left_out
    known: dict[str, tuple[str, tuple[str, ...]]] = {
        "type": ("不限类型", ("type", *FACETS, "price_min", "price_max")),
        "city": ("看全省的", ("city", "district", "radius")),
        "district": (f"看{regions.label(asked.city)}全市的", ("district",)),
        "amount_fen": ("不限金额", ("price_min", "price_max")),
        "radius_km": ("看远一些的", ("radius",)),
        "exact": ("也看意思相近的", ("exact",)),
        **{name: (f"不限{title}", (name,)) for name, (_, title) in FACETS.items()},
    }
    number = f"（{wider.total} 条）"
    if left_out in known:
        said, without = known[left_out]
        return said + number, asked.href(*without)
    if left_out == "filters":
        return f"不限条件{number}", Asked(words=asked.words).href()
    return f"只搜“{wider.words}”{number}", asked.href(q=wider.words)


def _tiles(asked: Asked, counts: Mapping[str, int]) -> tuple[Tile, ...]:
    names = {city.code: city.short for city in regions.cities()}
    found: list[Tile] = []
    for code, (column, row) in TILES.items():
        count = counts.get(code, 0)
        found.append(
            Tile(
                name=names[code],
                count=count,
                href=asked.href("district", "view", city=code),
                x=column * 50,
                y=row * 50,
                shade=sum(count > least for least in _SHADES),
                current=asked.city == code,
            )
        )
    return tuple(found)
