"""The page on which a cadre decides for one need: pin, forbid, propose at once, take back."""

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
from app.matches import forms_runs, service_choices, service_rulings
from app.matches.service_choices import Choices

Asked = Request[Any, Any, Any]
SAID = {
    "PIN": "已指定，下一次匹配会照办，并算出对其他同学的影响。",
    "FORBID": "好的，这一项不会再推荐给这位同学。",
    "OVERRIDE": "已直接推荐给同学，由同学决定是否接受。",
}
ACTS = (
    ("PIN", "下次匹配就安排这一项"),
    ("OVERRIDE", "现在就推荐给同学"),
    ("FORBID", "不再推荐这一项"),
)


class ChoicesPage(Page, frozen=True, kw_only=True):
    """The offers that fit a need, and what cadres decided."""

    found: Choices
    form: FormView
    acts: tuple[tuple[str, str], ...]


def _page(shell: Shell, found: Choices, form: FormView) -> ChoicesPage:
    return ChoicesPage(shell=shell, title=f"求助 {found.need.no} 的匹配", found=found, form=form, acts=ACTS)


@get("/needs/{need_id:uuid}/choices", **may("match.rule", "R"))
async def choices(
    request: Asked, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what fits a need and what was decided."""
    found = await service_choices.choices(viewer, need_id, now=now)
    return pages.render(request, "matches/choices.html", _page(shell, found, FormView()))


@post("/needs/{need_id:uuid}/choices", **may("match.rule", "C"))
async def decide(
    request: Asked, need_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Decide on one pair, with a reason."""
    await service_rulings.need_in_scope(viewer, need_id, "C")
    try:
        decision = forms_runs.read_decision(await request.form())
    except FormInvalid as problem:
        found = await service_choices.choices(viewer, need_id, now=now)
        return pages.render(request, "matches/choices.html", _page(shell, found, problem.view), status=FORM_STATUS)
    await service_rulings.rule(viewer, need_id, decision.offer_id, decision.verdict, decision.reason, now=now)
    return pages.redirect(request, f"/needs/{need_id}/choices", Notice("success", SAID[decision.verdict]))


@post("/rulings/{ruling_id:uuid}/take-back", **may("match.rule", "C"))
async def take_back(request: Asked, ruling_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Take a ruling back."""
    ruling = await service_rulings.take_back(viewer, ruling_id, now=now)
    return pages.redirect(request, f"/needs/{ruling.need_id}/choices", Notice("success", "已收回这项决定。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (choices, decide, take_back)
