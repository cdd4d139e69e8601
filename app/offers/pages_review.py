"""The reviewer's desk for offers: the queue, one offer with its findings and checklist, decisions, investigations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response

from app.kit.errors import NotFound, Refusal
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import may, open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.offers import queries_review, service_fraud, service_review
from app.offers.queries_review import QueueLine, ReviewFacts

DECIDED = "The verb decides and writes an audit row for every refusal."


class QueuePage(Page, frozen=True, kw_only=True):
    """Offers that wait for verification."""

    rows: tuple[QueueLine, ...]
    late: int


class ReviewPage(Page, frozen=True, kw_only=True):
    """One offer to be verified."""

    offer: ReviewFacts
    form: FormView


@get("/review/offers", **may("offer.review", "A"))
async def queue(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what waits."""
    rows = await queries_review.waiting(viewer, now=now)
    page = QueuePage(shell=shell, title="供给核验", rows=rows, late=sum(row.late for row in rows))
    return pages.render(request, "offers/queue.html", page)


@get("/review/offers/{offer_id:uuid}", **may("offer.review", "A"))
async def review(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer
) -> Response[bytes]:
    """Show one offer with everything a decision needs."""
    page = await _page(viewer, offer_id, shell, FormView())
    return pages.render(request, "offers/review.html", page)


async def _page(viewer: Viewer, offer_id: UUID, shell: Shell, form: FormView) -> ReviewPage:
    offer = await queries_review.for_review(viewer, offer_id)
    if offer is None:
        raise NotFound
    return ReviewPage(shell=shell, title=f"核验：{offer.title}", offer=offer, form=form)


@post("/review/offers/{offer_id:uuid}/pass", **open_to(DECIDED, signed_in=True))
async def pass_offer(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Pass the offer with its checklist."""
    form = Form.from_request_data(await request.form())
    ticked = form.view().values("checklist")
    try:
        done = await service_review.pass_offer(viewer, offer_id, ticked, now=now, note=form.raw("note")[:300])
    except Refusal as problem:
        if problem.status != FORM_STATUS:
            raise
        form.fail("checklist", problem.said)
        page = await _page(viewer, offer_id, shell, form.view())
        return pages.render(request, "offers/review.html", page, status=FORM_STATUS)
    said = "已通过，等待第二位审核人员。" if done.still_needed else "已通过并发布。"
    return pages.redirect(request, "/review/offers", Notice("success", said))


async def _return(viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> str:
    await service_review.ask_more(viewer, offer_id, reason, now=now)
    return "已退回，对方会收到通知。"


async def _refuse(viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> str:
    await service_review.fail(viewer, offer_id, reason, now=now)
    return "已判定不通过，对方会收到通知。"


async def _suspend(viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> str:
    await service_fraud.suspend(viewer, offer_id, reason, now=now)
    return "已停用待查，同学们看不到它了。"


async def _clear(viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> str:
    await service_fraud.clear(viewer, offer_id, reason, now=now)
    return "已排除问题，重新发布。"


async def _revoke(viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> str:
    revoked = await service_fraud.confirm(viewer, offer_id, reason, now=now)
    return "已撤销。" if revoked else "已提出撤销，等待第二个人确认。"


_VERBS = {"return": _return, "refuse": _refuse, "suspend": _suspend, "clear": _clear, "revoke": _revoke}


@post(
    [f"/review/offers/{{offer_id:uuid}}/{verb}" for verb in _VERBS],
    **open_to(DECIDED, signed_in=True),
)
async def decide(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Return, refuse, suspend, clear or revoke an offer; the path's last word says which, the form why."""
    form = Form.from_request_data(await request.form())
    reason = form.raw("reason")[:500]
    try:
        said = await _VERBS[request.url.path.rsplit("/", 1)[-1]](viewer, offer_id, reason, now)
    except Refusal as problem:
        if problem.status != FORM_STATUS:
            raise
        form.fail("reason", f"{problem.said}{problem.next}")
        page = await _page(viewer, offer_id, shell, form.view())
        return pages.render(request, "offers/review.html", page, status=FORM_STATUS)
    return pages.redirect(request, "/review/offers", Notice("success", said))


ROUTES = (queue, review, pass_offer, decide)
