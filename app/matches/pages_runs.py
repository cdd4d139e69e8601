"""Pages of the runs for committees: list, one run with its progress, shortages, supply tasks and what-ifs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.pages_operations import Caution, warns_operator
from app.kit.permissions import grant_for, may
from app.kit.render import NavItem, Notice, Page, Renderer, Shell, wants_block
from app.kit.viewer import Viewer
from app.matches import forms_runs, queries_runs, service_runs, service_supply, service_trials
from app.matches.queries_runs import RunLine, RunView, Shortage, TaskLine, TrialView
from app.offers.rules import TYPES
from app.people.rules import LANGUAGES
from app.regions import rules as regions

Asked = Request[Any, Any, Any]
_PLACES = (
    ("匹配运行", "/matching", "activity", "match.run"),
    ("资源缺口", "/matching/shortage", "map-pin", "match.supply"),
    ("招募任务", "/matching/supply", "speakerphone", "match.supply"),
    ("假如增加资源", "/matching/what-if", "help-circle", "match.supply"),
)


class RunsPage(Page, frozen=True, kw_only=True):
    """The newest runs, and the button that starts one."""

    tabs: tuple[NavItem, ...]
    runs: tuple[RunLine, ...]
    may_start: bool
    masked: bool


class RunPage(Page, frozen=True, kw_only=True):
    """One run: its progress, or what it did beside the queue and its proof."""

    tabs: tuple[NavItem, ...]
    run: RunView
    map_href: str


class ShortagePage(Page, frozen=True, kw_only=True):
    """Where what is missing, by city and kind."""

    tabs: tuple[NavItem, ...]
    shortage: Shortage
    may_recruit: bool


class SupplyPage(Page, frozen=True, kw_only=True):
    """Tasks to find offers."""

    tabs: tuple[NavItem, ...]
    tasks: tuple[TaskLine, ...]
    form: FormView


class TrialsPage(Page, frozen=True, kw_only=True):
    """The what-if form and the viewer's earlier questions."""

    tabs: tuple[NavItem, ...]
    form: FormView
    kinds: dict[str, str]
    cities: dict[str, str]
    languages: dict[str, str]
    trials: tuple[tuple[TrialView, str], ...]


class TrialPage(Page, frozen=True, kw_only=True):
    """One what-if with its answer."""

    tabs: tuple[NavItem, ...]
    trial: TrialView
    question: str


def _tabs(viewer: Viewer, here: str) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(label, href, icon, current=href == here)
        for label, href, icon, thing in _PLACES
        if grant_for(viewer, thing, "R")
    )


@warns_operator
async def cautions(now: datetime) -> tuple[Caution, ...]:
    """Warn of runs whose answer did not pass its certificate, or that nobody finished, in the last three days."""
    return tuple(
        Caution(f"{started:%m-%d} 的整体匹配没有全部完成：{fault}", f"/matching/runs/{batch_id}")
        for batch_id, started, fault in await queries_runs.failures(now)
    )


@get("/matching", **may("match.run", "R"))
async def runs(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """List the newest runs."""
    page = RunsPage(
        shell=shell,
        title="整体匹配",
        tabs=_tabs(viewer, "/matching"),
        runs=await queries_runs.runs(viewer),
        may_start=grant_for(viewer, "match.run", "C") is not None,
        masked=await queries_runs.cities_of(viewer) is None,
    )
    return pages.render(request, "matches/runs.html", page)


@post("/matching", **may("match.run", "C"))
async def start(request: Asked, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Start a run by hand."""
    batch_id = await service_runs.start(viewer, now=now)
    return pages.redirect(request, f"/matching/runs/{batch_id}", Notice("success", "已经开始，进度会自动更新。"))


@get("/matching/runs/{batch_id:uuid}", **may("match.run", "R"))
async def run(request: Asked, batch_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one run; while it goes on HTMX renews the progress, and a run that ended meanwhile opens anew."""
    found = await queries_runs.run(viewer, batch_id)
    if wants_block(request) and not found.busy:
        return pages.redirect(request, f"/matching/runs/{batch_id}")
    page = RunPage(
        shell=shell,
        title="匹配运行",
        tabs=_tabs(viewer, "/matching"),
        run=found,
        map_href="/matching/shortage" if grant_for(viewer, "match.supply", "R") else "",
    )
    return pages.render(request, "matches/run.html", page, block="progress")


@get("/matching/shortage", **may("match.supply", "R"))
async def shortage(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show where what is missing."""
    page = ShortagePage(
        shell=shell,
        title="资源缺口",
        tabs=_tabs(viewer, "/matching/shortage"),
        shortage=await queries_runs.shortage(viewer),
        may_recruit=grant_for(viewer, "match.supply", "C") is not None,
    )
    return pages.render(request, "matches/shortage.html", page)


@get("/matching/supply", **may("match.supply", "R"))
async def supply(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """List the tasks to find offers."""
    return pages.render(request, "matches/supply.html", await _supply_page(viewer, shell, FormView()))


async def _supply_page(viewer: Viewer, shell: Shell, form: FormView) -> SupplyPage:
    return SupplyPage(
        shell=shell,
        title="招募任务",
        tabs=_tabs(viewer, "/matching/supply"),
        tasks=await queries_runs.tasks(viewer),
        form=form,
    )


@post("/matching/supply", **may("match.supply", "C"))
async def recruit(request: Asked, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Open a task to find offers in a city."""
    wanted = forms_runs.read_wanted(await request.form())
    await service_supply.open_task(viewer, wanted.city, wanted.kind, wanted.number, now=now)
    words = "已发出招募任务，当地团委会收到提醒。"
    return pages.redirect(request, "/matching/supply", Notice("success", words))


@post("/matching/supply/{task_id:uuid}/done", **may("match.supply", "R"))
async def recruited(
    request: Asked, task_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Note what came of a task."""
    try:
        note = forms_runs.read_note(await request.form())
    except FormInvalid as problem:
        page = await _supply_page(viewer, shell, problem.view)
        return pages.render(request, "matches/supply.html", page, status=FORM_STATUS)
    await service_supply.finish(viewer, task_id, note, now=now)
    return pages.redirect(request, "/matching/supply", Notice("success", "已记下结果。"))


async def _trials_page(viewer: Viewer, shell: Shell, form: FormView) -> TrialsPage:
    found = await queries_runs.trials(viewer)
    return TrialsPage(
        shell=shell,
        title="假如增加资源",
        tabs=_tabs(viewer, "/matching/what-if"),
        form=form,
        kinds=dict(TYPES),
        cities=await _cities(viewer),
        languages=dict(LANGUAGES),
        trials=tuple((trial, trial.question.sentence(LANGUAGES)) for trial in found),
    )


async def _cities(viewer: Viewer) -> dict[str, str]:
    scope = await queries_runs.cities_of(viewer, "match.supply")
    return {city.code: city.name for city in regions.cities() if scope is None or city.code in scope}


@get("/matching/what-if", **may("match.supply", "R"))
async def trials(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the what-if form."""
    return pages.render(request, "matches/trials.html", await _trials_page(viewer, shell, FormView()))


@post("/matching/what-if", **may("match.supply", "R"))
async def ask(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask a what-if; a worker answers it."""
    try:
        question = forms_runs.read_question(await request.form(), await _cities(viewer), LANGUAGES)
    except FormInvalid as problem:
        page = await _trials_page(viewer, shell, problem.view)
        return pages.render(request, "matches/trials.html", page, status=FORM_STATUS)
    trial_id = await service_trials.ask(viewer, question, now=now)
    return pages.redirect(request, f"/matching/what-if/{trial_id}")


@get("/matching/what-if/{trial_id:uuid}", **may("match.supply", "R"))
async def trial(request: Asked, trial_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one what-if with its answer."""
    found = await queries_runs.trial(viewer, trial_id)
    page = TrialPage(
        shell=shell,
        title="假如增加资源",
        tabs=_tabs(viewer, "/matching/what-if"),
        trial=found,
        question=found.question.sentence(LANGUAGES),
    )
    return pages.render(request, "matches/trial.html", page, block="answer")


ROUTES: tuple[ControllerRouterHandler, ...] = (
    runs,
    start,
    run,
    shortage,
    supply,
    recruit,
    recruited,
    trials,
    ask,
    trial,
)
