"""Looking for something: the list, suggestions while typing, one offer, and complaints about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response

from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.permissions import open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.offers import (
    forms,
    forms_search,
    queries,
    queries_found,
    queries_list,
    queries_page,
    queries_saved,
    queries_seasons,
    service_counts,
    service_fraud,
    service_saved,
    service_search,
)
from app.offers.pages_found import list_page
from app.offers.queries_page import OfferPageFacts
from app.offers.rules import REPORT_KINDS
from app.offers.rules_search import PAGE_SIZE

Options = dict[str, str]


class SuggestPage(Page, frozen=True, kw_only=True):
    """What is offered while somebody types: whole searches and offers."""

    words: tuple[tuple[str, str], ...]
    offers: tuple[tuple[str, str], ...]


class OfferPage(Page, frozen=True, kw_only=True):
    """One offer."""

    offer: OfferPageFacts
    ask_href: str
    may_keep: bool
    kept: bool


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
    asked = forms_search.read(form, hidden)
    season = await queries_seasons.season_now(now)
    found = await queries_found.search(
        viewer, asked, now=now, hidden=hidden, first=season.kinds if season is not None else ()
    )
    if found.resting:
        cards = await queries_list.newest(viewer, now=now, hidden=hidden, limit=PAGE_SIZE)
        await service_search.call_for_rebuild(now)
        found = queries_found.Results(cards=cards, total=len(cards), resting=True)
    else:
        await service_counts.count(asked, found.total, now=now)
    wider = () if found.cards else await queries_found.wider(viewer, asked, now=now, hidden=hidden)
    browsing = not (asked.words or asked.kind or asked.filter_names() or asked.city or asked.view or asked.page > 1)
    page = list_page(
        shell,
        viewer,
        asked,
        found,
        hidden=hidden,
        wider=wider,
        season=season.without(hidden) if season and browsing else None,
    )
    return pages.render(request, "offers/list.html", page, block="results")


@get("/offers/suggest", **open_to("Suggestions come from published offers only."))
async def suggest(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Offer whole searches and offers that begin as typed."""
    form = Form.from_request_data(request.query_params)
    asked = forms_search.read(form, await queries.hidden_from(viewer, now))
    words, offers = await queries_found.suggestions(viewer, asked.words, asked, now=now)
    page = SuggestPage(
        shell=shell,
        title="搜索建议",
        words=tuple((word, asked.href("exact", q=word)) for word in words),
        offers=offers,
    )
    return pages.render(request, "offers/suggest.html", page, block="options")


@get("/offers/{offer_id:uuid}", **open_to("Published offers are everybody's; the query decides about others."))
async def show(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one offer."""
    offer = await queries_page.page_of(viewer, offer_id, now=now)
    if offer is None:
        raise NotFound
    if offer.public:
        await service_saved.look(viewer, offer_id, now=now)
    page = OfferPage(
        shell=shell,
        title=offer.title,
        offer=offer,
        ask_href=f"/needs/new?offer={offer.id}",
        may_keep=viewer.signed_in and offer.public,
        kept=offer_id in await queries_saved.favourite_ids(viewer, [offer_id]),
    )
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


ROUTES = (index, suggest, show, report_form, report)
