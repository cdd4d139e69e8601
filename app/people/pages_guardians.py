"""Pages of the crisis side: a student's guardians, and the mark that one of them may not be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.permissions import Scope, may, require
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.people import forms_staff, queries_guardians, service_guardians
from app.people.pages_sign_in import form_of
from app.people.queries_guardians import StudentGuardians, StudentLine
from app.people.rules import RELATIONS

Req = Request[Any, Any, Any]


class FindPage(Page, frozen=True, kw_only=True):
    """The search for a student of the own school."""

    words: str
    lines: tuple[StudentLine, ...]
    searches: bool


class GuardiansPage(Page, frozen=True, kw_only=True):
    """One student's guardians."""

    found: StudentGuardians
    form: FormView
    asked: UUID | None
    relations: dict[str, str]
    back: str


@get("/students", **may("guardian", "R"))
async def find(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Find a student of the own school."""
    words = request.query_params.get("q", "").strip()[:40]
    page = FindPage(
        shell=shell,
        title="学生监护人",
        words=words,
        lines=await queries_guardians.find(viewer, words),
        searches=require(viewer, "guardian", "R").scope is not Scope.ALL,
    )
    return pages.render(request, "people/find_student.html", page)


async def _draw(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime, view: FormView
) -> Response[bytes]:
    found = await queries_guardians.of_student(viewer, person_id, now=now)
    asked = request.path_params.get("link_id")
    page = GuardiansPage(
        shell=shell,
        title=f"{found.student.name} · 监护人",
        found=found,
        form=view,
        asked=asked if isinstance(asked, UUID) else None,
        relations=dict(RELATIONS),
        back="/crisis" if require(viewer, "guardian", "R").scope is Scope.ALL else "/students",
    )
    status = FORM_STATUS if view.errors else 200
    return pages.render(request, "people/guardians.html", page, status=status)


@get("/students/{person_id:uuid}", **may("guardian", "R"))
async def one(
    request: Req, person_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show a student's guardians."""
    return await _draw(request, person_id, viewer, shell, pages, now, FormView())


@post("/students/{person_id:uuid}/guardians/{link_id:uuid}/bar", **may("guardian", "U"))
async def bar(
    request: Req, person_id: UUID, link_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Mark that a guardian may not be told, with the reason."""
    await queries_guardians.of_student(viewer, person_id, now=now)
    try:
        reason = forms_staff.reason(await form_of(request))
    except FormInvalid as problem:
        return await _draw(request, person_id, viewer, shell, pages, now, problem.view)
    await service_guardians.bar(viewer, person_id, link_id, reason, now=now)
    words = "已标记：不联系这位监护人。对方也不能再代办。"
    return pages.redirect(request, f"/students/{person_id}", Notice("success", words))


ROUTES = (find, one, bar)
