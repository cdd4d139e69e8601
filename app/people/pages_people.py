"""Staff pages: persons and appointments of my organisation and below."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.parts import Pager, page_number
from app.kit.permissions import grant_for, may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.organisations import queries as organisations
from app.organisations.rules import folded
from app.people import forms, forms_staff, queries_staff, service, service_guardians, service_sign_in
from app.people.errors import RoleNotYours
from app.people.forms_staff import AppointmentStart
from app.people.pages_account import GuardianCodePage
from app.people.pages_sign_in import form_of
from app.people.queries_staff import PAGE_SIZE, PersonLine, PersonPage
from app.people.rules import PROOFS, SEXES
from app.people.rules_roles import CADRE_TYPES
from app.people.service import NewAppointment

Req = Request[Any, Any, Any]


class PeoplePage(Page, frozen=True, kw_only=True):
    """Persons with appointments."""

    lines: tuple[PersonLine, ...]
    words: str
    role: str
    roles: dict[str, str]
    pager: Pager
    may_add: bool


class StudentsPage(Page, frozen=True, kw_only=True):
    """Students of the roster."""

    lines: tuple[dict[str, Any], ...]
    words: str
    pager: Pager


class NewPersonPage(Page, frozen=True, kw_only=True):
    """A new person with an appointment, or another appointment for somebody known."""

    form: FormView
    person_id: UUID | None
    person_name: str
    roles: dict[str, str]
    sexes: dict[str, str]
    cadre_types: dict[str, str]
    back: str


class CodePage(Page, frozen=True, kw_only=True):
    """A one-time code, shown this once."""

    name: str
    code: str
    purpose: str
    back: str


class OnePersonPage(Page, frozen=True, kw_only=True):
    """One person."""

    person: PersonPage
    form: FormView
    proofs: dict[str, str]


def _pager(page: int, count: int, path: str) -> Pager:
    more = count > PAGE_SIZE
    return Pager(
        number=page,
        pages=page + 1 if more else page,
        previous_href=f"{path}&page={page - 1}" if page > 1 else "",
        next_href=f"{path}&page={page + 1}" if more else "",
    )


@get("/people", **may("people", "R"))
async def people(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """List persons with appointments."""
    words = request.query_params.get("q", "").strip()[:40]
    role = request.query_params.get("role", "")
    number = page_number(request.query_params.get("page", ""))
    lines = await queries_staff.people(viewer, words=words, role=role, page=number, now=now)
    roles = forms_staff.roles_for(viewer.role)
    page = PeoplePage(
        shell=shell,
        title="人员与任职",
        lines=tuple(lines[:PAGE_SIZE]),
        words=words,
        role=role if role in roles else "",
        roles=roles,
        pager=_pager(number, len(lines), f"/people?q={words}&role={role}"),
        may_add=bool(roles),
    )
    return pages.render(request, "people/people.html", page)


@get("/people/students", **may("people", "R"))
async def students(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """List students of the roster."""
    words = request.query_params.get("q", "").strip()[:40]
    number = page_number(request.query_params.get("page", ""))
    lines = await queries_staff.students(viewer, words=words, page=number)
    page = StudentsPage(
        shell=shell,
        title="学生名单",
        lines=tuple(lines[:PAGE_SIZE]),
        words=words,
        pager=_pager(number, len(lines), f"/people/students?q={words}"),
    )
    return pages.render(request, "people/students.html", page)


def _new_page(
    viewer: Viewer, shell: Shell, view: FormView, person_id: UUID | None = None, name: str = ""
) -> NewPersonPage:
    return NewPersonPage(
        shell=shell,
        title="新增任职" if person_id else "新增人员",
        form=view,
        person_id=person_id,
        person_name=name,
        roles=forms_staff.roles_for(viewer.role),
        sexes=dict(SEXES),
        cadre_types=dict(CADRE_TYPES),
        back=_back(viewer, person_id),
    )


def _back(viewer: Viewer, person_id: UUID | None) -> str:
    """Return the page a viewer came from, among those the viewer may open."""
    if person_id:
        return f"/people/{person_id}"
    return "/people" if grant_for(viewer, "people", "R") else "/organisations"


@get("/people/new", **may("people", "C"))
async def new_person_form(
    request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show the form for a new person."""
    view = FormView.of(organisation=viewer.hat.org_name if viewer.hat else "", start=local_day(now).isoformat())
    return pages.render(request, "people/new_person.html", _new_page(viewer, shell, view))


async def _appointment(viewer: Viewer, start: AppointmentStart) -> NewAppointment:
    """Find the organisation by its full name within the viewer's scope."""
    found = await organisations.search_scope(viewer, start.organisation, thing="people")
    exact = [org for org in found if folded(org.name) == folded(start.organisation)] or list(found)
    if len(exact) == 1:
        return start.command(exact[0].id)
    if not exact:
        raise RoleNotYours(f"在您管理的范围里没有找到“{start.organisation}”。", field="organisation")
    names = "、".join(org.name for org in exact[:5])
    raise RoleNotYours(f"名字相近的组织有：{names}。请写全称。", field="organisation")


@post("/people/new", **may("people", "C"))
async def new_person(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Add a person and show the activation code once."""
    form = await form_of(request)
    try:
        person, start = forms_staff.person(form, viewer.role, local_day(now))
        added = await service.add_person(viewer, person, await _appointment(viewer, start), now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = _kept(form, problem)
    else:
        back = f"/people/{added.person_id}" if grant_for(viewer, "people", "R") else "/people/new"
        return _code_page(request, shell, pages, person.name, added.code, back)
    return pages.render(request, "people/new_person.html", _new_page(viewer, shell, view), status=FORM_STATUS)


def _kept(form: Form, problem: Refusal) -> FormView:
    """Return the form's view when the refusal belongs to one of its fields; otherwise let the refusal through."""
    if not problem.field:
        raise problem
    return forms.with_refusal(form, problem)


def _code_page(request: Req, shell: Shell, pages: Renderer, name: str, code: str, back: str) -> Response[bytes]:
    page = CodePage(shell=shell, title="任职已生效", name=name, code=code, purpose="激活账号", back=back)
    return pages.render(request, "people/code.html", page)


@get("/people/{person_id:uuid}", **may("people", "R"))
async def person(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one person."""
    return await _person_page(request, person_id, viewer, shell, pages, FormView(), now)


async def _person_page(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, view: FormView, now: datetime
) -> Response[bytes]:
    found = await queries_staff.person_page(viewer, person_id, now=now)
    page = OnePersonPage(
        shell=shell,
        title=found.name,
        person=found,
        form=view,
        proofs=dict(PROOFS),
    )
    status = FORM_STATUS if view.errors else 200
    return pages.render(request, "people/person.html", page, status=status)


@get("/people/{person_id:uuid}/appointments/new", **may("people", "U"))
async def appoint_form(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show the form for another appointment."""
    found = await queries_staff.person_page(viewer, person_id, now=now)
    view = FormView.of(start=local_day(now).isoformat())
    return pages.render(request, "people/new_person.html", _new_page(viewer, shell, view, person_id, found.name))


@post("/people/{person_id:uuid}/appointments/new", **may("people", "U"))
async def appoint(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Give somebody another appointment."""
    found = await queries_staff.person_page(viewer, person_id, now=now)
    form = await form_of(request)
    try:
        start = forms_staff.appointment(form, viewer.role, local_day(now))
        added = await service.appoint(viewer, person_id, await _appointment(viewer, start), now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = _kept(form, problem)
    else:
        if added.code:
            return _code_page(request, shell, pages, found.name, added.code, f"/people/{person_id}")
        return pages.redirect(request, f"/people/{person_id}", Notice("success", "任职已添加。"))
    page = _new_page(viewer, shell, view, person_id, found.name)
    return pages.render(request, "people/new_person.html", page, status=FORM_STATUS)


@post("/people/{person_id:uuid}/appointments/{appointment_id:uuid}/end", **may("people", "U"))
async def end_appointment(
    request: Req,
    person_id: UUID,
    appointment_id: UUID,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
) -> Response[bytes]:
    """Set the last day of an appointment: to end it, or to renew it."""
    form = await form_of(request)
    try:
        day = forms_staff.last_day(form)
    except FormInvalid as problem:
        return await _person_page(request, person_id, viewer, shell, pages, problem.view, now)
    change = service.renew_appointment if form.raw("act") == "renew" else service.end_appointment
    await change(viewer, appointment_id, day, now=now)
    words = f"这项任职到 {day.isoformat()} 23:59 为止。"
    return pages.redirect(request, f"/people/{person_id}", Notice("success", words))


@post("/people/{person_id:uuid}/reset", **may("people", "U"))
async def reset(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Make a one-time code for a new password, and when asked for a new second factor."""
    found = await queries_staff.person_page(viewer, person_id, now=now)
    form = await form_of(request)
    if found.account_state == "INVITED":
        code, purpose = await service.renew_invitation(viewer, person_id, now=now), "激活账号"
    else:
        again = form.flag("second_factor")
        code = await service_sign_in.reset_link(viewer, person_id, now=now, second_factor=again)
        purpose = "重设密码"
    page = CodePage(
        shell=shell, title="一次性代码", name=found.name, code=code, purpose=purpose, back=f"/people/{person_id}"
    )
    return pages.render(request, "people/code.html", page)


@post("/people/{person_id:uuid}/guardian-code", **may("people", "U"))
async def guardian_code(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Make a code for a student's guardian, to be handed over on paper."""
    found = await queries_staff.person_page(viewer, person_id, now=now)
    code = await service_guardians.invite(viewer, person_id, now=now)
    page = GuardianCodePage(shell=shell, title="监护人邀请码", code=code, who=found.name, back=f"/people/{person_id}")
    return pages.render(request, "people/guardian_code.html", page)


@post("/people/{person_id:uuid}/guardians/{link_id:uuid}/verify", **may("people", "U"))
async def verify_guardian(
    request: Req, person_id: UUID, link_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Confirm that a guardian is one."""
    await service_guardians.verify(viewer, link_id, forms_staff.proof(await form_of(request)), now=now)
    return pages.redirect(request, f"/people/{person_id}", Notice("success", "监护关系已核对。"))


ROUTES = (
    people,
    students,
    new_person_form,
    new_person,
    person,
    appoint_form,
    appoint,
    end_appointment,
    reset,
    guardian_code,
    verify_guardian,
)
