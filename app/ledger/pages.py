"""The workbench where every role begins, and the cadre's duty of the year."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.navigation import more_for, top_for
from app.kit.permissions import may, open_to
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.ledger import forms, queries, queries_work, service
from app.ledger.queries import Duty, DutyFigures
from app.ledger.queries_work import Work
from app.ledger.rules import ROUTES as WAYS
from app.ledger.rules import shown
from app.needs import queries_counts
from app.needs.queries_counts import OpenLine
from app.organisations import queries as organisations

Asked = Request[Any, Any, Any]
PROVINCE_LEVEL = "L1"


class WorkPage(Page, frozen=True, kw_only=True):
    """What waits for me, in numbers that lead to the work, and the doors of my role."""

    work: Work
    doors: tuple[NavItem, ...]


class DutyPage(Page, frozen=True, kw_only=True):
    """My duty of the year: done or not, by which record, what counts, and how the organisation stands."""

    duty: Duty
    figures: DutyFigures | None
    due_shown: str
    done_shown: str
    ways: dict[str, str]
    open_needs: tuple[OpenLine, ...]


class DirectPage(Page, frozen=True, kw_only=True):
    """A need that a cadre has solved without an offer."""

    line: OpenLine
    ways: dict[str, str]
    form: FormView


@get("/work", **open_to("Everybody who works here lands on it; each role sees its own numbers.", signed_in=True))
async def work(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show what waits for the viewer."""
    doors = tuple(
        item for item in (*top_for(viewer.role, "/work"), *more_for(viewer.role, "/work")) if item.href != "/work"
    )
    page = WorkPage(shell=shell, title="工作台", work=await queries_work.work_of(viewer, now=now), doors=doors)
    return pages.render(request, "ledger/work.html", page)


@get("/duty", **may("duty", "R"))
async def duty(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show the viewer's duty of this year, and K11 of the organisation."""
    mine = await queries.my_duty(viewer, now=now)
    figures = await queries.k11_for(viewer, mine.year)
    unit = await organisations.line(viewer.org_id) if viewer.org_id else None
    level = unit.level if unit else PROVINCE_LEVEL
    page = DutyPage(
        shell=shell,
        title="我的任务",
        duty=mine,
        figures=figures,
        due_shown=shown(figures.total.due, level),
        done_shown=shown(figures.total.done, level),
        ways=dict(WAYS),
        open_needs=await queries_counts.open_lines(viewer),
    )
    return pages.render(request, "ledger/duty.html", page)


async def _line(viewer: Viewer, need_id: UUID) -> OpenLine:
    found = next((line for line in await queries_counts.open_lines(viewer, 1000) if line.id == need_id), None)
    if found is None:
        raise NotFound
    return found


@get("/duty/solve/{need_id:uuid}", **may("help", "A"))
async def solve_form(request: Asked, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Ask what was done for an open need."""
    page = DirectPage(
        shell=shell, title="直接解决", line=await _line(viewer, need_id), ways=dict(WAYS), form=FormView()
    )
    return pages.render(request, "ledger/solve.html", page)


@post("/duty/solve/{need_id:uuid}", **may("help", "A"))
async def solve(
    request: Asked, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Write the record and ask the student to confirm."""
    try:
        given = forms.read_direct(await request.form())
    except FormInvalid as problem:
        page = DirectPage(
            shell=shell, title="直接解决", line=await _line(viewer, need_id), ways=dict(WAYS), form=problem.view
        )
        return pages.render(request, "ledger/solve.html", page, status=FORM_STATUS)
    await service.solve_directly(viewer, need_id, given, now=now)
    return pages.redirect(request, "/duty", Notice("success", "已记录，等学生确认后计入今年的任务。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (work, duty, solve_form, solve)
