"""Reading what somebody looks for out of an address; nonsense counts as not given, and is named for the API."""

from app.kit.forms import Form
from app.kit.parts import page_number
from app.offers import forms
from app.offers.rules import TYPES
from app.offers.rules_search import LAST_PAGE, LONGEST, PRICED, RADII, SORTS, Asked, facet_options
from app.regions import rules as regions

_SOUTH, _NORTH, _WEST, _EAST = 18.0, 27.0, 108.0, 119.0
_MOST_FEN = 100_000_000
_MOST_VALUES = 20


def read(form: Form, hidden: frozenset[str] = frozenset()) -> Asked:
    """Return what is asked for. What makes no sense is left out; `form.errors` names it."""
    kind = _code(form, "type", set(TYPES) - hidden, "没有这种类型。")
    city = _code(form, "city", {place.code for place in regions.cities()}, "没有这个城市。")
    district = form.raw("district")
    if district and not (city and district != city and regions.same_city(district, city)):
        form.fail("district", "这个区县不在所选的城市里。")
        district = ""
    low, high = (_yuan(form, name) if kind in PRICED else None for name in ("price_min", "price_max"))
    near = _near(form)
    sort = _code(form, "sort", set(SORTS), "没有这种排序。") or "best"
    return Asked(
        words=_words(form),
        kind=kind,
        city=city,
        district=district,
        facets=_facets(form, kind),
        price_min=low,
        price_max=high,
        stage=_code(form, "stage", set(forms.STAGES), "没有这个学段。"),
        fits_me=form.flag("fit"),
        sort="best" if sort in {"low", "high"} and kind not in PRICED else sort,
        near=near,
        radius=_code(form, "radius", set(RADII), "没有这个范围。") if near or city else "",
        exact=form.flag("exact"),
        view="map" if form.raw("view") == "map" else "",
        page=min(page_number(form.raw("page")), LAST_PAGE),
    )


def _words(form: Form) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in form.raw("q")[: 4 * LONGEST])
    return " ".join(printable.split())[:LONGEST]


def _code(form: Form, name: str, allowed: set[str], sentence: str) -> str:
    given = form.raw(name)
    if not given or given in allowed:
        return given
    form.fail(name, sentence)
    return ""


def _facets(form: Form, kind: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = []
    view = form.view()
    for name, options in facet_options(kind).items():
        given = dict.fromkeys(view.values(name)[:_MOST_VALUES])
        values = tuple(value for value in given if value in options)
        if len(values) < len([value for value in given if value]):
            form.fail(name, "没有这个选项。")
        if values:
            found.append((name, values))
    return tuple(found)


def _yuan(form: Form, name: str) -> int | None:
    given = form.raw(name)
    if not given:
        return None
    fen = form.yuan(name, "金额", required=False)
    if fen is None or not 0 <= fen <= _MOST_FEN:
        form.fail(name, "请填写金额。")
        return None
    return fen


def _near(form: Form) -> tuple[float, float] | None:
    given = form.raw("near")
    if not given:
        return None
    try:
        lat, lng = (float(part) for part in given[:40].split(","))
    except ValueError:
        lat = lng = 0.0
    if not (_SOUTH <= lat <= _NORTH and _WEST <= lng <= _EAST):
        form.fail("near", "这个位置不在广东附近。")
        return None
    return (round(lat, 3), round(lng, 3))
