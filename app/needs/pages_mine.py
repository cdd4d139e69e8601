"""My requests: the list, the page after submitting, and every verb of the person who asked."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post

from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.parts import TimelineStep
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import CITIZEN_ROLES, Viewer
from app.needs import forms, queries, queries_draft, queries_story, service
from app.needs.pages_steps import AnyRequest
from app.needs.queries import NeedFacts
from app.needs.rules import CATEGORIES, SUBS
from app.needs.rules_request import NewNeed
from app.needs.rules_story import STATE_TONES, STATE_WORDS


class MineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the list; `asks` is what the student should do now."""

    id: UUID
    no: str
    title: str
    sub: str
    state: str
    words: str
    tone: str
    at: datetime
    now: str
    asks: str


class MinePage(Page, frozen=True, kw_only=True):
    """My requests."""

    needs: tuple[MineLine, ...]
    draft: bool


class SentPage(Page, frozen=True, kw_only=True):
    """The page after submitting."""

    need_id: str
    no: str
    story: tuple[TimelineStep, ...]


class CalmPage(Page, frozen=True, kw_only=True):
    """The calm page after a submission that a person looks at first."""

    form: FormView
    no: str
    need_id: str
    asked: bool
    by_cadre: bool


class EditPage(Page, frozen=True, kw_only=True):
    """A returned request, to be changed."""

    form: FormView
    need_id: str
    about: str
    reason: str
    kind: str
    category: str
    by_people: bool
    choices: Mapping[str, Mapping[str, str]]


_ASKS = {"RETURNED": "去补充", "TO_CONFIRM": "去确认"}


@get("/needs/sent/{need_id:uuid}", **may("need", "C"))
async def sent(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Say that the request arrived and what happens next; the calm page when a person should be there first."""
    story = await queries_story.timeline(viewer, need_id, now=now)
    need = story.need
    if need.state == "RISK_HOLD":
        calm = CalmPage(
            shell=shell,
            title="我们看到了",
            form=FormView(),
            no=need.no,
            need_id=str(need.id),
            asked=False,
            by_cadre=viewer.role not in CITIZEN_ROLES,
        )
        return pages.render(request, "safety/calm.html", calm)
    page = SentPage(shell=shell, title="求助已经收到", need_id=str(need.id), no=need.no, story=story.steps)
    return pages.render(request, "needs/sent.html", page)


@get("/my-help", **may("need", "U"))
async def mine(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """List my requests."""
    lines = tuple(_line(need) for need in await queries.mine(viewer, now))
    draft = await queries_draft.draft_of(viewer) is not None
    page = MinePage(shell=shell, title="我的求助", needs=lines, draft=draft)
    return pages.render(request, "needs/mine.html", page)


def _line(need: NeedFacts) -> MineLine:
    return MineLine(
        id=need.id,
        no=need.no,
        title=need.title,
        sub=need.sub,
        state=need.state,
        words=STATE_WORDS[need.state],
        tone=STATE_TONES.get(need.state, "neutral"),
        at=need.created_at,
        now=need.close_reason,
        asks=_ASKS.get(need.state, ""),
    )


@post("/my-help/{need_id:uuid}/withdraw", **may("need", "U"))
async def withdraw(
    request: AnyRequest, need_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Withdraw a request."""
    await service.withdraw(viewer, need_id, now=now)
    return pages.redirect(request, "/my-help", Notice("success", "求助已撤回。需要时随时可以再来。"))


@post("/my-help/{need_id:uuid}/confirm", **may("need", "U"))
async def confirm(
    request: AnyRequest, need_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Confirm that it is solved."""
    form = Form.from_request_data(await request.form())
    satisfaction = form.integer("satisfaction", "满意程度", min_value=1, max_value=5)
    if satisfaction is None or form.errors:
        return pages.redirect(request, f"/my-help/{need_id}", Notice("warning", "请先选择满意程度，再点“已解决”。"))
    await service.confirm(viewer, need_id, satisfaction, now=now)
    return pages.redirect(request, f"/my-help/{need_id}", Notice("success", "谢谢你的确认，真为你高兴。"))


@post("/my-help/{need_id:uuid}/not-solved", **may("need", "U"))
async def not_solved(
    request: AnyRequest, need_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Say that it is not solved."""
    await service.not_solved(viewer, need_id, now=now)
    return pages.redirect(request, f"/my-help/{need_id}", Notice("info", "知道了，我们重新帮你找，并请老师再看一遍。"))


async def _edit_page(viewer: Viewer, shell: Shell, need_id: UUID, now: datetime, form: FormView | None) -> EditPage:
    story = await queries_story.timeline(viewer, need_id, now=now)
    need = story.need
    if "resubmit" not in story.actions:
        raise Refusal("这条求助现在不需要补充。", next_step="请到“我的求助”查看最新进展。")
    reason = next((step.text for step in reversed(story.steps) if step.title == "请补充一下"), "")
    return EditPage(
        shell=shell,
        title="补充后重新提交",
        form=form or forms.view_of(need),
        need_id=str(need_id),
        about=f"{CATEGORIES[need.category]} · {SUBS[need.sub]}",
        reason=reason,
        kind=need.kind,
        category=need.category,
        by_people=need.kind in forms.PEOPLE_KINDS,
        choices=forms.CHOICES,
    )


@get("/my-help/{need_id:uuid}/edit", **may("need", "C"))
async def edit(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show a returned request to be changed."""
    return pages.render(request, "needs/edit.html", await _edit_page(viewer, shell, need_id, now, None))


@post("/my-help/{need_id:uuid}/resubmit", **may("need", "C"))
async def resubmit(
    request: AnyRequest, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Send a returned request again."""
    page = await _edit_page(viewer, shell, need_id, now, None)
    need = await queries.own(viewer, need_id, now)
    form = Form.from_request_data(await request.form())
    title, text = forms.read_words(form)
    values = NewNeed(student_id=need.student_id, sub=need.sub, title=title, text=text, region_code="")
    command = forms.read_how(form, values, local_day(now))
    try:
        if not form.errors:
            sent_again = await service.resubmit(viewer, need_id, command, now=now)
            return pages.redirect(request, f"/needs/sent/{sent_again.need_id}")
    except Refusal as problem:
        form.fail(problem.field, f"{problem.said}{problem.next}")
    page = await _edit_page(viewer, shell, need_id, now, form.view())
    return pages.render(request, "needs/edit.html", page, status=FORM_STATUS)


ROUTES = (sent, mine, withdraw, confirm, not_solved, edit, resubmit)
