"""Pages and forms on which both sides answer: accept with the list of what is shared, decline, cancel, take back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.consents.rules import TEXTS
from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.matches import forms, queries_views, service, service_progress
from app.matches.errors import AgreementIncomplete
from app.matches.queries_views import ProposalCard, RequestLine
from app.matches.rules import DECLINE_CODES

Asked = Request[Any, Any, Any]


class AcceptPage(Page, frozen=True, kw_only=True):
    """What exactly the provider will get to know, before the student says yes."""

    card: ProposalCard
    consent_text: str
    after: str
    form: FormView


class DeclinePage(Page, frozen=True, kw_only=True):
    """Why not, with codes; a student may leave it empty."""

    action: str
    back: str
    title_of_offer: str
    codes: dict[str, str]
    required: bool
    form: FormView


def _accept_page(shell: Shell, card: ProposalCard, form: FormView) -> AcceptPage:
    text = TEXTS[card.purpose]
    return AcceptPage(shell=shell, title="接受这项帮助", card=card, consent_text=text.text, after=text.after, form=form)


@get("/matches/{match_id:uuid}/accept", **may("match", "A"))
async def accept_form(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what is shared with whom before the student accepts."""
    card = await queries_views.proposal(viewer, match_id, now)
    return pages.render(request, "matches/accept.html", _accept_page(shell, card, FormView()))


@post("/matches/{match_id:uuid}/accept", **may("match", "A"))
async def accept(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Accept as the student, with the consent ticked."""
    card = await queries_views.proposal(viewer, match_id, now)
    try:
        agreed = forms.read_agree(await request.form())
    except FormInvalid as problem:
        page = _accept_page(shell, card, problem.view)
        return pages.render(request, "matches/accept.html", page, status=FORM_STATUS)
    match = await service.student_accepts(viewer, match_id, now=now, agree=agreed)
    words = "双方都同意了，可以约时间了。" if match.state == "CONFIRMED" else "已接受，正在等对方回复。"
    return pages.redirect(request, f"/my-help/{match.need_id}", Notice("success", words))


def _decline_page(shell: Shell, match_id: UUID, line: RequestLine | ProposalCard, form: FormView) -> DeclinePage:
    if isinstance(line, ProposalCard):
        return DeclinePage(
            shell=shell,
            title="谢绝这项推荐",
            action=f"/matches/{match_id}/decline",
            back=f"/my-help/{line.match.need_id}",
            title_of_offer=line.title,
            codes=dict(DECLINE_CODES),
            required=False,
            form=form,
        )
    return DeclinePage(
        shell=shell,
        title="谢绝这个请求",
        action=f"/requests/{match_id}/decline",
        back="/requests",
        title_of_offer=line.offer_title,
        codes=dict(DECLINE_CODES),
        required=True,
        form=form,
    )


@get("/matches/{match_id:uuid}/decline", **may("match", "A"))
async def decline_form(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Ask the student why not; the answer may stay empty."""
    card = await queries_views.proposal(viewer, match_id, now)
    return pages.render(request, "matches/decline.html", _decline_page(shell, match_id, card, FormView()))


@post("/matches/{match_id:uuid}/decline", **may("match", "A"))
async def decline(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Decline as the student."""
    card = await queries_views.proposal(viewer, match_id, now)
    try:
        said = forms.read_decline(await request.form(), required=False)
    except FormInvalid as problem:
        page = _decline_page(shell, match_id, card, problem.view)
        return pages.render(request, "matches/decline.html", page, status=FORM_STATUS)
    match = await service.student_declines(viewer, match_id, now=now, code=said.code, note=said.note)
    return pages.redirect(request, f"/my-help/{match.need_id}", Notice("success", "已谢绝，我们接着找下一个。"))


@post("/my-help/{need_id:uuid}/choose/{offer_id:uuid}", **may("match", "A"))
async def choose(
    request: Asked, need_id: UUID, offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Pick an offer from the list for one of my needs."""
    match_id = await service.choose_offer(viewer, need_id, offer_id, now=now)
    return pages.redirect(request, f"/matches/{match_id}/accept", Notice("info", "请看一下会把哪些信息给对方。"))


@post("/matches/{match_id:uuid}/take-back", **may("match", "A"))
async def take_back(request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Withdraw the consent and end the match."""
    match = await service_progress.take_back(viewer, match_id, now=now)
    return pages.redirect(request, f"/my-help/{match.need_id}", Notice("success", "已撤回，对方不再看到你的信息。"))


@post("/matches/{match_id:uuid}/cancel", **may("match", "A"))
async def cancel(request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Cancel a confirmed or booked match."""
    part = await queries_views.side(viewer, match_id, now)
    match = await service_progress.cancel(viewer, match_id, now=now)
    back = f"/my-help/{match.need_id}" if part == "STUDENT" else "/requests"
    return pages.redirect(request, back, Notice("success", "已取消，系统会优先另找合适的选择。"))


@post("/matches/{match_id:uuid}/replace", **may("match", "A"))
async def replace(request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask for somebody else after the provider did not come."""
    match = await service_progress.replace(viewer, match_id, now=now)
    return pages.redirect(request, f"/my-help/{match.need_id}", Notice("success", "好的，我们优先为你换一位。"))


@post("/requests/{match_id:uuid}/accept", **may("match", "A"))
async def provider_accept(
    request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Accept as the provider; the place is taken."""
    match = await service.provider_accepts(viewer, match_id, now=now)
    words = "已确认，可以看到联系方式并约时间了。" if match.state == "CONFIRMED" else "已接受，正在等同学回复。"
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", words))


@get("/requests/{match_id:uuid}/decline", **may("match", "A"))
async def provider_decline_form(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Ask the provider why not."""
    line = await queries_views.request_line(viewer, match_id, now)
    return pages.render(request, "matches/decline.html", _decline_page(shell, match_id, line, FormView()))


@post("/requests/{match_id:uuid}/decline", **may("match", "A"))
async def provider_decline(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Decline as the provider, with a code."""
    line = await queries_views.request_line(viewer, match_id, now)
    try:
        said = forms.read_decline(await request.form(), required=True)
    except FormInvalid as problem:
        page = _decline_page(shell, match_id, line, problem.view)
        return pages.render(request, "matches/decline.html", page, status=FORM_STATUS)
    await service.provider_declines(viewer, match_id, said.code, now=now, note=said.note)
    return pages.redirect(request, "/requests", Notice("success", "已谢绝，不影响您的评价。"))


@post("/matches/{match_id:uuid}/agreement", **may("match", "A"))
async def agreement(request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Write down the agreement so far; when nothing is missing, the match is scheduled."""
    line = await queries_views.request_line(viewer, match_id, now)
    try:
        agreed = forms.read_agreement(await request.form(), line.match.kind)
    except FormInvalid as problem:
        return pages.redirect(request, f"/matches/{match_id}", Notice("warning", "".join(problem.form.errors.values())))
    missing = await service_progress.note_agreement(viewer, match_id, agreed.entries, now=now)
    if missing or agreed.start is None:
        raise AgreementIncomplete(missing or ("开始时间",))
    await service_progress.sign(viewer, match_id, now=now, start=agreed.start)
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", "已经安排好，可以按时开始了。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (
    accept_form,
    accept,
    decline_form,
    decline,
    choose,
    take_back,
    cancel,
    replace,
    provider_accept,
    provider_decline_form,
    provider_decline,
    agreement,
)
