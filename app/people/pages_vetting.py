"""Pages: the vetting of volunteers, for those who decide and for the volunteers themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.clock import local_day
from app.kit.errors import NotAllowed, NotFound, Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.permissions import grant_for, open_to
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.people import forms, forms_staff, queries_vetting, service_vetting
from app.people.pages_account import complete
from app.people.pages_sign_in import form_of
from app.people.queries_vetting import VettingLine, VettingPage
from app.people.rules_vetting import CREDENTIALS, EVENTS, STATES, TRAINING_PARTS, VOTES, sessions_needed

Req = Request[Any, Any, Any]
STAFF = open_to("The table of vetting decides by role; checked in the query and in the verb.", signed_in=True)
FIELDS = {
    "documents_incomplete": ("reason",),
    "credential_verified": ("reason",),
    "check_clear": ("checked_on", "reference"),
    "check_hit": ("checked_on", "reference"),
    "training_pass": ("scores",),
    "renewed": ("checked_on", "reference", "expiry"),
    "renewed_adult": ("expiry",),
    "complaint": ("reason",),
    "confirmed": ("reason",),
    "cleared": ("reason",),
    "annual_check_hit": ("checked_on", "reference"),
    "interview_fail": ("reason",),
    "not_suitable": ("reason",),
}
"""What each step asks for, beside the button."""


class VettingListPage(Page, frozen=True, kw_only=True):
    """Applicants and volunteers by state."""

    lines: tuple[VettingLine, ...]
    tabs: tuple[NavItem, ...]
    states: dict[str, str]
    credentials: dict[str, str]


class VolunteerPage(Page, frozen=True, kw_only=True):
    """One volunteer with the steps that may be taken."""

    volunteer: VettingPage
    form: FormView
    states: dict[str, str]
    events: dict[str, str]
    credentials: dict[str, str]
    parts: dict[str, str]
    fields: dict[str, tuple[str, ...]]
    votes: dict[str, int]
    sessions_needed: int
    own: bool
    may_count: bool
    may_check: bool


def _staff(viewer: Viewer) -> Viewer:
    """Return the viewer when their role has any part in vetting."""
    complete(viewer)
    if viewer.role is Role.VOL or not any(grant_for(viewer, "vetting", verb) for verb in "ACR"):
        raise NotAllowed
    return viewer


@get("/vetting", **STAFF)
async def listed(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """List applicants by state."""
    state = request.query_params.get("state", "")
    state = state if state in STATES else ""
    counts = await queries_vetting.counts(_staff(viewer))
    tabs = [NavItem("全部", "/vetting", "list", current=not state, badge=sum(counts.values()))]
    tabs += [
        NavItem(label, f"/vetting?state={code}", "list", current=state == code, badge=counts[code])
        for code, label in STATES.items()
        if counts.get(code)
    ]
    page = VettingListPage(
        shell=shell,
        title="志愿者准入",
        lines=await queries_vetting.listed(viewer, state=state),
        tabs=tuple(tabs),
        states=dict(STATES),
        credentials=dict(CREDENTIALS),
    )
    return pages.render(request, "people/vetting.html", page)


def _page(viewer: Viewer, shell: Shell, found: VettingPage, view: FormView) -> VolunteerPage:
    own = found.person_id == viewer.person_id
    return VolunteerPage(
        shell=shell,
        title="我的志愿者资格" if own else f"{found.name} · 准入",
        volunteer=found,
        form=view,
        states=dict(STATES),
        events=dict(EVENTS),
        credentials=dict(CREDENTIALS),
        parts=dict(TRAINING_PARTS),
        fields=FIELDS,
        votes=dict(VOTES),
        sessions_needed=sessions_needed(found.credential),
        own=own,
        may_count=viewer.role is Role.SUP and found.vetting == "PROBATION",
        may_check=viewer.role in {Role.SCH, Role.CTY, Role.CIT, Role.PRV}
        and found.vetting in {"ACTIVE", "ACTIVE_ADULT", "LAPSED"},
    )


@get("/vetting/me", **STAFF)
async def mine(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show a volunteer their own vetting."""
    if viewer.role is not Role.VOL or viewer.person_id is None:
        raise NotFound
    found = await queries_vetting.page(viewer, viewer.person_id)
    return pages.render(request, "people/volunteer.html", _page(viewer, shell, found, FormView()))


@post("/vetting/me/pause", **STAFF)
async def pause(request: Req, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Rest, or come back."""
    if viewer.role is not Role.VOL:
        raise NotFound
    paused = (await form_of(request)).raw("paused") == "yes"
    await service_vetting.pause(viewer, paused=paused, now=now)
    words = "已休息，不会收到新的对接。" if paused else "欢迎回来。"
    return pages.redirect(request, "/vetting/me", Notice("success", words))


@get("/vetting/{person_id:uuid}", **STAFF)
async def one(request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one volunteer with the steps that may be taken."""
    found = await queries_vetting.page(_staff(viewer), person_id)
    return pages.render(request, "people/volunteer.html", _page(viewer, shell, found, FormView()))


@post("/vetting/{person_id:uuid}/steps/{event:str}", **STAFF)
async def take_step(
    request: Req, person_id: UUID, event: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Take one step of the table."""
    if event not in EVENTS:
        raise NotFound
    before = await queries_vetting.page(complete(viewer), person_id)
    form: Form = await form_of(request)
    try:
        evidence = forms_staff.evidence(form, local_day(now))
        state = await service_vetting.take_step(viewer, person_id, event, evidence, now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        if problem.status != 409:  # noqa: PLR2004 - conflicts are shown beside the steps
            raise
        view = forms.with_refusal(form, problem)
    else:
        words = f"现在是“{STATES[state]}”。" if state != before.vetting else "已记下您的意见，还需要其他人确认。"
        target = "/vetting/me" if viewer.role is Role.VOL else "/vetting"
        return pages.redirect(request, target, Notice("success", f"{EVENTS[event]}：{words}"))
    page = _page(viewer, shell, before, view)
    return pages.render(request, "people/volunteer.html", page, status=FORM_STATUS)


@post("/vetting/{person_id:uuid}/supervised", **STAFF)
async def supervised(request: Req, person_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Count one supervised session."""
    count = await service_vetting.count_supervised(_staff(viewer), person_id, now=now)
    return pages.redirect(request, f"/vetting/{person_id}", Notice("success", f"督导观察已记 {count} 次。"))


@post("/vetting/{person_id:uuid}/check", **STAFF)
async def yearly_check(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Write the yearly record check."""
    form = await form_of(request)
    found = await queries_vetting.page(_staff(viewer), person_id)
    result = form.choice("result", "查询结果", {"CLEAR": "无记录", "HIT": "命中"})
    form.day("checked_on", "查询日期", latest=local_day(now))
    try:
        evidence = forms_staff.evidence(form, local_day(now))
        await service_vetting.annual_check(viewer, person_id, result, evidence, now=now)
    except FormInvalid as problem:
        page = _page(viewer, shell, found, problem.view)
        return pages.render(request, "people/volunteer.html", page, status=FORM_STATUS)
    return pages.redirect(request, "/vetting", Notice("success", "查询结果已登记。"))


ROUTES = (listed, mine, pause, one, take_step, supervised, yearly_check)
