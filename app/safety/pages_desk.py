"""The crisis desk: the list, one alert, and every act of its owner."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.acting import Act, act_on_form
from app.kit.forms import FORM_STATUS, Form, FormView, OptionRow
from app.kit.permissions import grant_for, may
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.safety import queries, service, service_assess
from app.safety.forms import PRACTICAL_SUBS, read_assessment, read_finish, read_guardian, read_service
from app.safety.rules import BASES, HISTORY, IDEATION, LEVELS, MEANS, OUTCOMES, PLAN, SERVICES, Level

AnyRequest = Request[Any, Any, Any]


class DeskPage(Page, frozen=True, kw_only=True):
    """The list of alerts."""

    alerts: tuple[queries.AlertLine, ...]
    tabs: tuple[NavItem, ...]
    closed: bool


class AlertPage(Page, frozen=True, kw_only=True):
    """One alert."""

    alert: queries.AlertDetail
    form: FormView
    levels: tuple[Level, ...]
    level: Level | None
    may_take_over: bool
    decisions: tuple[OptionRow, ...]
    choices: dict[str, dict[str, str]]


@get("/crisis", **may("crisis", "R"))
async def desk(
    request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime, closed: str = ""
) -> Response[bytes]:
    """Show the open alerts, newest first."""
    done = closed == "yes"
    alerts = tuple(await queries.desk(viewer, now=now, closed=done))
    tabs = (
        NavItem("等待和处理中", "/crisis", "alert-triangle", current=not done),
        NavItem("最近办结", "/crisis?closed=yes", "circle-check", current=done),
    )
    page = DeskPage(shell=shell, title="危机台", alerts=alerts, tabs=tabs, closed=done)
    return pages.render(request, "safety/desk.html", page, block="alerts")


async def _alert_page(
    viewer: Viewer, shell: Shell, alert_id: UUID, now: datetime, form: FormView | None = None
) -> AlertPage:
    alert = await queries.alert(viewer, alert_id, now=now)
    held = alert.need_state == "RISK_HOLD"
    decisions = (
        (("CLEAR", "放行到审核", "已联系并评估为黄色或更低，求助继续办理。", ""), _case_row(held=True))
        if held
        else tuple((code, label, "", "") for code, label in OUTCOMES.items())
    )
    return AlertPage(
        shell=shell,
        title="紧急提醒",
        alert=alert,
        form=form or FormView(),
        levels=tuple(LEVELS.values()),
        level=LEVELS.get(alert.level),
        may_take_over=grant_for(viewer, "crisis", "A") is not None,
        decisions=decisions,
        choices={
            "basis": dict(BASES),
            "ideation": IDEATION,
            "plan": PLAN,
            "means": MEANS,
            "history": HISTORY,
            "services": dict(SERVICES),
            "subs": dict(PRACTICAL_SUBS),
        },
    )


def _case_row(*, held: bool) -> OptionRow:
    return ("CASE", OUTCOMES["CASE"], "由专人跟进；实际困难可以作为新的求助继续办。" if held else "", "")


@get("/crisis/{alert_id:uuid}", **may("crisis", "R"))
async def show(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one alert."""
    return pages.render(request, "safety/alert.html", await _alert_page(viewer, shell, alert_id, now))


async def _act(
    request: AnyRequest,
    alert_id: UUID,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
    act: Act,
) -> Response[bytes]:
    """Read the form, act, and come back to the alert."""
    here = f"/crisis/{alert_id}"

    async def again(view: FormView) -> Response[bytes]:
        page = await _alert_page(viewer, shell, alert_id, now, view)
        return pages.render(request, "safety/alert.html", page, status=FORM_STATUS)

    return await act_on_form(
        request, act, again=again, done=lambda said: pages.redirect(request, here, Notice("success", said))
    )


@post("/crisis/{alert_id:uuid}/acknowledge", **may("crisis", "U"))
async def acknowledge(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Take an alert in hand."""
    await service.acknowledge(viewer, alert_id, now=now)
    return pages.redirect(request, f"/crisis/{alert_id}", Notice("success", "已由你处理。请在 15 分钟内联系同学。"))


@post("/crisis/{alert_id:uuid}/take-over", **may("crisis", "A"))
async def take_over(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Take an alert over."""
    await service.take_over(viewer, alert_id, now=now)
    return pages.redirect(request, f"/crisis/{alert_id}", Notice("success", "已由你接手。"))


@post("/crisis/{alert_id:uuid}/contact", **may("crisis", "U"))
async def contact(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Note the first contact."""
    await service.contacted(viewer, alert_id, now=now)
    return pages.redirect(request, f"/crisis/{alert_id}", Notice("success", "已记录首次联系。"))


@post("/crisis/{alert_id:uuid}/called", **may("crisis", "U"))
async def called(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Note that an emergency service was called."""

    async def act(form: Form) -> str:
        await service.called(viewer, alert_id, read_service(form), now=now)
        return "已记录。"

    return await _act(request, alert_id, viewer, shell, pages, now, act)


@post("/crisis/{alert_id:uuid}/guardian", **may("crisis", "U"))
async def guardian(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Note what the guardian was told."""

    async def act(form: Form) -> str:
        told, reason = read_guardian(form)
        await service.guardian(viewer, alert_id, told=told, reason=reason, now=now)
        return "已记录监护人告知情况。"

    return await _act(request, alert_id, viewer, shell, pages, now, act)


@post("/crisis/{alert_id:uuid}/assess", **may("risk", "C"))
async def assess(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Write a risk assessment."""

    async def act(form: Form) -> str:
        await service_assess.assess(viewer, alert_id, read_assessment(form), now=now)
        return "风险评估已保存。"

    return await _act(request, alert_id, viewer, shell, pages, now, act)


@post("/crisis/{alert_id:uuid}/finish", **may("crisis", "U"))
async def finish(
    request: AnyRequest, alert_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Clear the request, open a case, or close the alert."""

    async def act(form: Form) -> str:
        decision, note, again = read_finish(form)
        if decision == "CLEAR":
            await service_assess.clear(viewer, alert_id, note, now=now)
            return "求助已放行到审核。"
        if decision == "CASE":
            sent = await service_assess.to_case(viewer, alert_id, note, now=now, again=again)
            return f"已转个案；实际困难已作为 {sent.no} 继续办理。" if sent else "已转个案。"
        await service_assess.close(viewer, alert_id, decision, note, now=now)
        return "已办结。"

    return await _act(request, alert_id, viewer, shell, pages, now, act)


ROUTES = (desk, show, acknowledge, take_over, contact, called, guardian, assess, finish)
