"""Pages of the desk: complaints about running help and their decision, and the button that stops it for safety."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.acting import Act, act_on_form
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import grant_for, may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.matches import forms, queries_desk, service_progress
from app.matches.queries_desk import DeskMatch, DisputeLine
from app.matches.rules import DISPUTE_DECISIONS, STATES

Asked = Request[Any, Any, Any]


class DisputesPage(Page, frozen=True, kw_only=True):
    """The queue of complaints."""

    waiting: tuple[DisputeLine, ...]
    decided: tuple[DisputeLine, ...]


class DeskMatchPage(Page, frozen=True, kw_only=True):
    """One match for the desk."""

    found: DeskMatch
    form: FormView
    states: dict[str, str]
    decisions: dict[str, str]
    back: str


@get("/disputes", **may("match.dispute", "A"))
async def disputes(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show the complaints that wait, and those decided lately."""
    lines = await queries_desk.disputes(viewer, now=now)
    page = DisputesPage(
        shell=shell,
        title="争议处理",
        waiting=tuple(line for line in lines if line.state == "DISPUTED"),
        decided=tuple(line for line in lines if line.state != "DISPUTED"),
    )
    return pages.render(request, "matches/disputes.html", page)


async def _page(viewer: Viewer, shell: Shell, match_id: UUID, now: datetime, form: FormView) -> DeskMatchPage:
    return DeskMatchPage(
        shell=shell,
        title="对接处置",
        found=await queries_desk.for_desk(viewer, match_id, now=now),
        form=form,
        states=dict(STATES),
        decisions=dict(DISPUTE_DECISIONS),
        back=_back(viewer),
    )


def _back(viewer: Viewer) -> str:
    return "/disputes" if grant_for(viewer, "match.dispute", "A") else "/crisis"


@get("/disputes/{match_id:uuid}", **may("match.stop", "A"))
async def one(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one match to the desk."""
    page = await _page(viewer, shell, match_id, now, FormView())
    return pages.render(request, "matches/desk.html", page)


async def _act(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime, act: Act
) -> Response[bytes]:
    """Look whether the match is in reach, act, and go back to the queue."""
    await queries_desk.for_desk(viewer, match_id, now=now)

    async def again(view: FormView) -> Response[bytes]:
        page = await _page(viewer, shell, match_id, now, view)
        return pages.render(request, "matches/desk.html", page, status=FORM_STATUS)

    return await act_on_form(
        request, act, again=again, done=lambda said: pages.redirect(request, _back(viewer), Notice("success", said))
    )


@post("/disputes/{match_id:uuid}/decide", **may("match.dispute", "A"))
async def decide(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Decide a complaint: the help goes on, or it ends."""

    async def act(form: Form) -> str:
        said = forms.read_decision(form)
        await service_progress.decide_dispute(viewer, match_id, goes_on=said.goes_on, reason=said.reason, now=now)
        if said.goes_on:
            return "已决定继续，双方都已收到通知。"
        return "已终止，双方都已收到通知，系统会优先为同学另找。"

    return await _act(request, match_id, viewer, shell, pages, now, act)


@post("/disputes/{match_id:uuid}/stop", **may("match.stop", "A"))
async def stop(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Stop booked or running help at once, for safety."""

    async def act(form: Form) -> str:
        await service_progress.stop_for_safety(viewer, match_id, forms.read_stop(form), now=now)
        return "已停止这次对接，双方都已收到通知。请亲自联系同学说明。"

    return await _act(request, match_id, viewer, shell, pages, now, act)


ROUTES: tuple[ControllerRouterHandler, ...] = (disputes, one, decide, stop)
