"""Looking for something: the grid with its filters, one offer, and complaints about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response

from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.parts import OfferCard, Pager
from app.kit.permissions import open_to
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.offers import forms, queries, queries_list, queries_page, service_fraud
from app.offers.kinds import KINDS
from app.offers.pages_home import KIND_ICONS
from app.offers.queries_list import FACETS, SORTS, Listing, Wanted
from app.offers.queries_page import OfferPageFacts
from app.offers.rules import REPORT_KINDS, TYPES
from app.regions import rules as regions

PRICED = {"INTERN": "每月报酬（元）", "HOUSE": "月租（元）", "SPONSOR": "每年金额（元）"}
"""Kinds with a price to filter by, and what the price is."""

Options = dict[str, str]


class ListPage(Page, frozen=True, kw_only=True):
    """The grid of offers."""

    form: FormView
    kinds: tuple[NavItem, ...]
    cards: tuple[OfferCard, ...]
    total: int
    pager: Pager
    cities: Options
    districts: Options
    facets: tuple[tuple[str, str, Options], ...]
    stages: Options
    sorts: Options
    price_label: str
    may_fit: bool
    chips: tuple[tuple[str, str], ...]
    hidden: tuple[tuple[str, str], ...]
    reset_href: str
    wider_href: str
    wider_text: str


class OfferPage(Page, frozen=True, kw_only=True):
    """One offer."""

    offer: OfferPageFacts
    ask_href: str


class ReportPage(Page, frozen=True, kw_only=True):
    """A complaint about one offer."""

    form: FormView
    offer_id: UUID
    offer_title: str
    kinds: Options


@get("/offers", **open_to("Published offers are everybody's; the query leaves out what an age must not see."))
async def index(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what is on offer."""
    form = Form.from_request_data(request.query_params)
    hidden = await queries.hidden_from(viewer, now)
    wanted = _wanted(form, hidden)
    found = await queries_list.listing(viewer, wanted, now=now, hidden=hidden)
    page = _list_page(shell, form, wanted, found, hidden, may_fit=viewer.role is Role.STU)
    return pages.render(request, "offers/list.html", page, block="results")


def _wanted(form: Form, hidden: frozenset[str]) -> Wanted:
    kind = form.raw("type")
    kind = kind if kind in TYPES and kind not in hidden else ""
    city = form.raw("city") if regions.city_of(form.raw("city")) else ""
    district = form.raw("district") if regions.same_city(form.raw("district"), city) else ""
    page = form.raw("page")
    priced = kind in PRICED
    options = queries_list.facet_options(kind)
    return Wanted(
        words=form.raw("q")[:60],
        type=kind,
        city=city,
        district=district,
        price_min=form.yuan("price_min", "最低", required=False) if priced else None,
        price_max=form.yuan("price_max", "最高", required=False) if priced else None,
        stage=form.raw("stage") if form.raw("stage") in forms.STAGES else "",
        fits_me=form.flag("fit"),
        facets=tuple((name, form.raw(name)) for name in options if form.raw(name) in options[name]),
        sort=form.raw("sort") if form.raw("sort") in SORTS else "new",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1,  # noqa: PLR2004 - four digits are plenty
    )


def _chosen(wanted: Wanted) -> dict[str, str]:
    """Return the filters in force as query parameters."""
    given = {
        "q": wanted.words,
        "type": wanted.type,
        "city": wanted.city,
        "district": wanted.district,
        "price_min": "" if wanted.price_min is None else f"{wanted.price_min / 100:g}",
        "price_max": "" if wanted.price_max is None else f"{wanted.price_max / 100:g}",
        "stage": wanted.stage,
        "fit": "yes" if wanted.fits_me else "",
        **dict(wanted.facets),
        "sort": "" if wanted.sort == "new" else wanted.sort,
    }
    return {name: value for name, value in given.items() if value}


def _href(chosen: Mapping[str, str], *without: str, **more: str) -> str:
    left = {name: value for name, value in {**chosen, **more}.items() if name not in without}
    return f"/offers?{urlencode(left)}" if left else "/offers"


def _counted(labels: Mapping[str, str], counts: Mapping[str, int]) -> Options:
    return {code: f"{label}（{counts.get(code, 0)}）" for code, label in labels.items()}


def _list_page(
    shell: Shell, form: Form, wanted: Wanted, found: Listing, hidden_kinds: frozenset[str], *, may_fit: bool
) -> ListPage:
    chosen = _chosen(wanted)
    facets = queries_list.facet_options(wanted.type)
    wider = _wider(chosen, wanted)
    number = min(max(1, wanted.page), found.pages)
    return ListPage(
        shell=shell,
        title=f"找机会 · {TYPES[wanted.type]}" if wanted.type else "找机会",
        form=FormView(values_by_name={**form.view().values_by_name}, errors=form.errors),
        kinds=_kinds(chosen, wanted, found, hidden_kinds),
        cards=found.cards,
        total=found.total,
        pager=Pager(
            number=number,
            pages=found.pages,
            previous_href=_href(chosen, page=str(number - 1)) if number > 1 else "",
            next_href=_href(chosen, page=str(number + 1)) if number < found.pages else "",
        ),
        cities=_counted({city.code: city.name for city in regions.cities()}, found.counts.get("city", {})),
        districts={place.code: place.name for place in regions.counties(wanted.city)} if wanted.city else {},
        facets=tuple(
            (name, FACETS[name], _counted(labels, found.counts.get(name, {}))) for name, labels in facets.items()
        ),
        stages=dict(forms.STAGES),
        sorts=dict(SORTS),
        price_label=PRICED.get(wanted.type, ""),
        may_fit=may_fit,
        chips=_chips(chosen, wanted, facets),
        hidden=tuple((name, value) for name, value in chosen.items() if name != "q"),
        reset_href=_href({"type": wanted.type} if wanted.type else {}),
        wider_href=wider[0],
        wider_text=wider[1],
    )


def _kinds(chosen: Mapping[str, str], wanted: Wanted, found: Listing, hidden: frozenset[str]) -> tuple[NavItem, ...]:
    own = {name for name in FACETS if name in dict(wanted.facets)} | {"price_min", "price_max", "sort"}
    counts = found.counts.get("type", {})
    everything = NavItem("全部", _href(chosen, "type", *own), "category", current=not wanted.type)
    return (
        everything,
        *(
            NavItem(
                f"{kind.label} {counts.get(kind.code, 0)}",
                _href({name: value for name, value in chosen.items() if name not in own}, type=kind.code),
                KIND_ICONS.get(kind.code, "category"),
                current=wanted.type == kind.code,
            )
            for kind in KINDS.values()
            if kind.code not in hidden
        ),
    )


def _chips(
    chosen: Mapping[str, str], wanted: Wanted, facets: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return the filters in force as words, each with the address of the list without it."""
    chips = [("q", f"“{wanted.words}”"), ("district", regions.label(wanted.district))]
    if not wanted.district:
        chips[1] = ("city", regions.label(wanted.city))
    chips += [("stage", forms.STAGES.get(wanted.stage, "")), ("fit", "适合我的年龄和学段")]
    if wanted.price_min is not None:
        chips.append(("price_min", f"不低于 {wanted.price_min / 100:g} 元"))
    if wanted.price_max is not None:
        chips.append(("price_max", f"不高于 {wanted.price_max / 100:g} 元"))
    chips += [(name, facets[name][value]) for name, value in wanted.facets]
    return tuple((label, _href(chosen, name)) for name, label in chips if name in chosen)


def _wider(chosen: Mapping[str, str], wanted: Wanted) -> tuple[str, str]:
    """Return the next wider search for an empty result: drop the narrowest thing first."""
    if wanted.facets or wanted.price_min is not None or wanted.price_max is not None:
        names = (*dict(wanted.facets), "price_min", "price_max")
        return _href(chosen, *names), "放宽条件再看看"
    if wanted.district:
        return _href(chosen, "district"), f"看{regions.label(wanted.city)}全市的"
    if wanted.city:
        return _href(chosen, "city", "district"), "看全省的"
    if wanted.words:
        return _href(chosen, "q"), "不限关键词再看看"
    return "/offers", "看全部机会"


@get("/offers/{offer_id:uuid}", **open_to("Published offers are everybody's; the query decides about others."))
async def show(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one offer."""
    offer = await queries_page.page_of(viewer, offer_id, now=now)
    if offer is None:
        raise NotFound
    page = OfferPage(shell=shell, title=offer.title, offer=offer, ask_href=f"/needs/new?offer={offer.id}")
    return pages.render(request, "offers/show.html", page)


@get("/offers/{offer_id:uuid}/report", **open_to("Whoever is signed in may complain.", signed_in=True))
async def report_form(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Ask what happened."""
    return pages.render(request, "offers/report.html", await _report_page(viewer, offer_id, shell, FormView(), now))


async def _report_page(viewer: Viewer, offer_id: UUID, shell: Shell, form: FormView, now: datetime) -> ReportPage:
    offer = await queries.reportable(viewer, offer_id, now)
    if offer is None:
        raise NotFound
    return ReportPage(
        shell=shell, title="举报", form=form, offer_id=offer.id, offer_title=offer.title, kinds=dict(REPORT_KINDS)
    )


@post("/offers/{offer_id:uuid}/report", **open_to("Whoever is signed in may complain.", signed_in=True))
async def report(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """File the complaint; a serious one hides the offer at once."""
    form = Form.from_request_data(await request.form())
    page = await _report_page(viewer, offer_id, shell, form.view(), now)
    try:
        complaint = forms.read_complaint(form)
    except FormInvalid as invalid:
        page = await _report_page(viewer, offer_id, shell, invalid.view, now)
        return pages.render(request, "offers/report.html", page, status=FORM_STATUS)
    hidden = await service_fraud.report(viewer, page.offer_id, complaint.kind, complaint.text, now=now)
    said = "谢谢你告诉我们。这条信息已经先下架，会有人核实。" if hidden else "谢谢你告诉我们，会有人核实。"
    return pages.redirect(request, "/offers", Notice("success", f"{said}如果已经转了钱，请马上拨打 110 或 96110。"))


ROUTES = (index, show, report_form, report)
