"""The student's page of one need, and the page both sides share about a confirmed match."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.matches import forms as match_forms
from app.matches import queries_views as match_views
from app.needs import queries_story
from app.needs.queries_story import Story
from app.sessions import forms, queries, queries_views, service, service_absence, service_feedback
from app.sessions.queries_views import Desk, Meeting, MyHelp
from app.sessions.rules import RISK_LEVELS, SCORES, TAGS

Asked = Request[Any, Any, Any]


class MyHelpPage(Page, frozen=True, kw_only=True):
    """What happened to my request, what is proposed, and what comes next."""

    story: Story
    help: MyHelp
    form: FormView
    scores: dict[str, str]


class MeetingPage(Page, frozen=True, kw_only=True):
    """A match for one of its two sides: contact, times, record, feedback."""

    meeting: Meeting
    line: match_views.RequestLine | None
    card: match_views.ProposalCard | None
    form: FormView
    modes: dict[str, str]
    risks: dict[str, str]
    scores: dict[str, str]
    tags: dict[str, str]


class RequestsPage(Page, frozen=True, kw_only=True):
    """The provider's requests."""

    desk: Desk


@get("/my-help/{need_id:uuid}", **may("need", "R"))
async def my_help(
    request: Asked, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show the timeline of a need, up to three proposals with their reasons, and the confirmed one."""
    shown = await queries_views.my_help(viewer, need_id, now=now)
    story = await queries_story.timeline(viewer, need_id, now=now, proposals=bool(shown.waiting))
    page = MyHelpPage(shell=shell, title="我的求助", story=story, help=shown, form=FormView(), scores=dict(SCORES))
    return pages.render(request, "sessions/my_help.html", page)


@get("/requests", **may("match", "A"))
async def requests(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show the provider what waits for an answer and what runs."""
    page = RequestsPage(shell=shell, title="对接请求", desk=await queries_views.desk(viewer, now=now))
    return pages.render(request, "sessions/requests.html", page)


async def _meeting_page(viewer: Viewer, match_id: UUID, shell: Shell, now: datetime, form: FormView) -> MeetingPage:
    found = await queries_views.meeting(viewer, match_id, now=now)
    student = found.side == "STUDENT"
    return MeetingPage(
        shell=shell,
        title="对接详情",
        meeting=found,
        line=None if student else await match_views.request_line(viewer, match_id, now),
        card=await match_views.proposal(viewer, match_id, now) if student else None,
        form=form,
        modes={code: label for code, label in forms.MODES.items() if not found.modes or code in found.modes},
        risks=dict(RISK_LEVELS),
        scores=dict(SCORES),
        tags=dict(TAGS),
    )


@get("/matches/{match_id:uuid}", **may("match", "A"))
async def match_page(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one match to one of its two sides."""
    page = await _meeting_page(viewer, match_id, shell, now, FormView())
    return pages.render(request, "sessions/meeting.html", page)


async def draw_again(
    request: Asked,
    problem: FormInvalid,
    match_id: UUID,
    *,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
) -> Response[bytes]:
    """Draw the page again with everything that was typed and a sentence beside each field."""
    page = await _meeting_page(viewer, match_id, shell, now, problem.view)
    return pages.render(request, "sessions/meeting.html", page, status=FORM_STATUS)


@post("/matches/{match_id:uuid}/book", **may("match", "A"))
async def book(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Book a free time, or propose one of one's own to the other side."""
    try:
        booking, own = forms.read_booking(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    await (service.propose_time if own else service.book)(viewer, match_id, booking, now=now)
    words = "已经告诉对方，等对方同意。" if own else "约好了，开始前会提醒双方。"
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", words))


@post("/sessions/{session_id:uuid}/agree", **may("match", "A"))
async def agree(request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Agree to a proposed time."""
    await service.agree(viewer, session_id, now=now)
    held = await queries.find(session_id)
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", "约好了，开始前会提醒双方。"))


@post("/sessions/{session_id:uuid}/provider-absent", **may("match", "A"))
async def provider_absent(
    request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Say that the other side did not come."""
    match = await service_absence.provider_absent(viewer, session_id, now=now)
    words = "对不起，让你白等了。可以再约一次，也可以换一位；想马上和人说话，请拨打 12355。"
    return pages.redirect(request, f"/my-help/{match.need_id}", Notice("warning", words))


@post("/matches/{match_id:uuid}/feedback", **may("match", "A"))
async def feedback(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Give feedback from 1 to 5."""
    try:
        opinion = forms.read_opinion(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    await service_feedback.tell(viewer, match_id, opinion, now=now)
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", "谢谢，收到了。"))


@post("/matches/{match_id:uuid}/complain", **may("match", "A"))
async def complain(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Ask the platform to step in while the help is running."""
    try:
        words = match_forms.read_complaint(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    await service_feedback.complain(viewer, match_id, words, now=now)
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", "收到了，会有专人分别联系双方。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (
    my_help,
    requests,
    match_page,
    book,
    agree,
    provider_absent,
    feedback,
    complain,
)
