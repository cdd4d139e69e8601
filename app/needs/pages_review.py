"""The review queue, one request under review with its verbs, and the list of requests of one's own schools."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter

from app.kit.acting import Act, act_on_form
from app.kit.errors import NotAllowed
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.parts import Pager
from app.kit.permissions import grant_for, may
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import CITIZEN_ROLES, Viewer
from app.needs import forms, queries_staff, service_review
from app.needs.pages_steps import AnyRequest
from app.needs.rules import CATEGORIES, MACHINE, STATES
from app.needs.rules_request import NewNeed, never_in_market

StateParameter = Annotated[str, QueryParameter(name="state")]
"""`state` itself is a name Litestar keeps for its own."""
LEVELS = {"ORANGE": "橙色（高）", "RED": "红色（极高）"}


class QueuePage(Page, frozen=True, kw_only=True):
    """The review queue."""

    needs: tuple[queries_staff.ReviewLine, ...]
    tabs: tuple[NavItem, ...]


class ReviewPage(Page, frozen=True, kw_only=True):
    """One request under review."""

    review: queries_staff.Review
    form: FormView
    rows: tuple[tuple[str, str], ...]
    events: tuple[str, ...]
    case_only: bool
    levels: dict[str, str]


class ListPage(Page, frozen=True, kw_only=True):
    """Requests of one's own schools."""

    list: queries_staff.StaffList
    tabs: tuple[NavItem, ...]
    form: FormView
    categories: dict[str, str]
    pager: Pager


class StaffPage(Page, frozen=True, kw_only=True):
    """One request for staff."""

    found: queries_staff.StaffNeed
    rows: tuple[tuple[str, str], ...]
    decide_href: str


def _rows(review: queries_staff.Review | queries_staff.StaffNeed) -> tuple[tuple[str, str], ...]:
    need = review.need
    command = NewNeed(
        student_id=need.student_id,
        sub=need.sub,
        title=need.title,
        text=need.text,
        region_code=need.region_code,
        modes=need.modes,
        languages=need.languages,
        gender_pref=need.gender_pref,
        slots=need.slots,
        wishes=need.wishes,
        urgency=need.urgency,
        amount_fen=need.amount_fen,
    )
    return forms.summary(command)


@get("/review/needs", **may("need.review", "A"))
async def queue(
    request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime, which: StateParameter = "REVIEW"
) -> Response[bytes]:
    """Show what waits for a review."""
    wanted = which if which in {"REVIEW", "OPEN"} else "REVIEW"
    tabs = (
        NavItem("等待审核", "/review/needs", "checklist", current=wanted == "REVIEW"),
        NavItem("正在找资源", "/review/needs?state=OPEN", "search", current=wanted == "OPEN"),
    )
    lines = tuple(await queries_staff.waiting(viewer, now=now, state=wanted))
    return pages.render(request, "needs/queue.html", QueuePage(shell=shell, title="需求审核", needs=lines, tabs=tabs))


async def _review_page(
    viewer: Viewer, shell: Shell, need_id: UUID, now: datetime, form: FormView | None = None
) -> ReviewPage:
    review = await queries_staff.review(viewer, need_id, now=now)
    state = review.need.state
    return ReviewPage(
        shell=shell,
        title="审核求助",
        review=review,
        form=form or FormView(),
        rows=_rows(review),
        events=tuple(event for event in MACHINE.events if MACHINE.may(state, event, "REVIEWER")),
        case_only=never_in_market(review.need.sub),
        levels=LEVELS,
    )


@get("/review/needs/{need_id:uuid}", **may("need.review", "A"))
async def review(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one request with what to check."""
    return pages.render(request, "needs/review.html", await _review_page(viewer, shell, need_id, now))


async def _decide(
    request: AnyRequest,
    need_id: UUID,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
    act: Act,
) -> Response[bytes]:
    async def again(view: FormView) -> Response[bytes]:
        page = await _review_page(viewer, shell, need_id, now, view)
        return pages.render(request, "needs/review.html", page, status=FORM_STATUS)

    return await act_on_form(
        request, act, again=again, done=lambda said: pages.redirect(request, "/review/needs", Notice("success", said))
    )


def _reason(form: Form, name: str, label: str) -> str:
    text = form.text(name, label, max_len=300, multiline=True)
    form.check()
    return text


@post("/review/needs/{need_id:uuid}/approve", **may("need.review", "A"))
async def approve(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Approve: as it is, with details masked, or after judging them harmless."""

    async def act(form: Form) -> str:
        how = form.raw("hits")
        await service_review.approve(viewer, need_id, now=now, mask=how == "mask", looked_at=how == "fine")
        return "已通过，正在自动寻找合适的帮助。"

    return await _decide(request, need_id, viewer, shell, pages, now, act)


@post("/review/needs/{need_id:uuid}/return", **may("need.review", "A"))
async def return_(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Return with a reason."""

    async def act(form: Form) -> str:
        await service_review.return_(viewer, need_id, _reason(form, "return_reason", "要补充什么"), now=now)
        return "已退回，提交人会看到你写的话。"

    return await _decide(request, need_id, viewer, shell, pages, now, act)


@post("/review/needs/{need_id:uuid}/route", **may("need.review", "A"))
async def route(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Hand over to a case."""

    async def act(form: Form) -> str:
        reason = form.text("route_reason", "转个案的理由", max_len=300, multiline=True)
        risk = form.choice("risk", "风险等级", LEVELS, required=False)
        form.check()
        await service_review.route_to_case(viewer, need_id, reason, now=now, risk=risk)
        return "已转个案，不会进入公开对接。"

    return await _decide(request, need_id, viewer, shell, pages, now, act)


@post("/review/needs/{need_id:uuid}/close", **may("need.review", "A"))
async def close(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Close what nobody can solve, with an explanation."""

    async def act(form: Form) -> str:
        await service_review.close_unsolvable(viewer, need_id, _reason(form, "close_reason", "说明"), now=now)
        return "已办结，同学会看到说明。"

    return await _decide(request, need_id, viewer, shell, pages, now, act)


@post("/review/needs/{need_id:uuid}/merge/{other_id:uuid}", **may("need.review", "A"))
async def merge(
    request: AnyRequest, need_id: UUID, other_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Merge into an earlier request."""
    await service_review.merge(viewer, need_id, other_id, now=now)
    return pages.redirect(request, "/review/needs", Notice("success", "已合并，时间按最早的一条算。"))


@post("/review/needs/{need_id:uuid}/distinct/{other_id:uuid}", **may("need.review", "A"))
async def distinct(
    request: AnyRequest, need_id: UUID, other_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Say that two requests are not the same."""
    await service_review.dismiss_pair(viewer, need_id, other_id, now=now)
    return pages.redirect(request, f"/review/needs/{need_id}", Notice("info", "已标记为不是同一件事。"))


@get("/needs", **may("need.list", "R"))
async def listed(  # noqa: PLR0913, PLR0917 - the filters of one list
    request: AnyRequest,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
    which: StateParameter = "",
    category: str = "",
    late: str = "",
    number: int = 1,
) -> Response[bytes]:
    """List the requests of one's own schools."""
    if viewer.role in CITIZEN_ROLES:
        return pages.redirect(request, "/my-help")
    wanted = which if which in STATES else ""
    number = max(1, number)
    found = await queries_staff.listed(
        viewer, now=now, state=wanted, category=category, late=late == "yes", page=number
    )
    rest = f"category={category}&late={late}"
    tabs = [NavItem("全部", f"/needs?{rest}", "list", current=not wanted)]
    tabs += [
        NavItem(f"{label} {found.counts[code]}", f"/needs?state={code}&{rest}", "list", current=wanted == code)
        for code, label in STATES.items()
        if code in found.counts
    ]
    here = f"/needs?state={wanted}&{rest}&number="
    page = ListPage(
        shell=shell,
        title="本单位的求助",
        list=found,
        tabs=tuple(tabs),
        form=FormView.of(category=category, late=late),
        categories=dict(CATEGORIES),
        pager=Pager(
            number=number,
            pages=number + 1 if found.more else number,
            previous_href=f"{here}{number - 1}" if number > 1 else "",
            next_href=f"{here}{number + 1}" if found.more else "",
        ),
    )
    return pages.render(request, "needs/list.html", page)


@get("/needs/{need_id:uuid}", **may("need.list", "R"))
async def staff_need(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one request to staff of its school or region."""
    if viewer.role in CITIZEN_ROLES:
        raise NotAllowed
    found = await queries_staff.staff_need(viewer, need_id, now=now)
    rows = _rows(found) if found.shown else ()
    decides = found.need.state == "OPEN" and found.need.kind and grant_for(viewer, "match.rule", "R")
    href = f"/needs/{need_id}/choices" if decides else ""
    page = StaffPage(shell=shell, title=f"求助 {found.need.no}", found=found, rows=rows, decide_href=href)
    return pages.render(request, "needs/staff.html", page)


ROUTES = (queue, review, approve, return_, route, close, merge, distinct, listed, staff_need)
