"""The provider's times, and what both sides do with a booked one: move, cancel, check in."""

from collections.abc import Mapping
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
from app.sessions import forms, forms_times, queries, queries_times, service_absence, service_moves, service_times
from app.sessions.pages import draw_again
from app.sessions.queries_times import Times
from app.sessions.rules_times import CHANGE_LABELS, CHANGES, HOURS, WEEKDAYS

Asked = Request[Any, Any, Any]


class TimesPage(Page, frozen=True, kw_only=True):
    """When people can book me: the weekly grid, days that differ, what is booked and what is still free."""

    times: Times
    ticked: frozenset[str]
    form: FormView
    weekdays: Mapping[int, str]
    rows: tuple[tuple[int, str], ...]
    kinds: Mapping[str, str]
    kind_labels: Mapping[str, str]


async def _page(viewer: Viewer, shell: Shell, now: datetime, form: FormView) -> TimesPage:
    times = await queries_times.times_of(viewer, now=now)
    return TimesPage(
        shell=shell,
        title="我的时间",
        times=times,
        ticked=frozenset(form.values("cell")) or times.cells,
        form=form,
        weekdays=WEEKDAYS,
        rows=tuple((minute, f"{minute // 60}:00") for minute in HOURS),
        kinds=CHANGES,
        kind_labels=CHANGE_LABELS,
    )


@get("/my-times", **may("availability", "R"))
async def my_times(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show the provider's times."""
    return pages.render(request, "sessions/times.html", await _page(viewer, shell, now, FormView()))


@post("/my-times", **may("availability", "U"))
async def set_week(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep the weekly grid."""
    try:
        weekly, on_holidays = forms_times.read_week(await request.form())
    except FormInvalid as problem:
        page = await _page(viewer, shell, now, problem.view)
        return pages.render(request, "sessions/times.html", page, status=FORM_STATUS)
    await service_times.set_week(viewer, weekly, on_holidays=on_holidays, now=now)
    words = "每周的时间已保存，同学马上就能按新的时间预约。" if weekly else "已保存：现在没有可约的时间。"
    return pages.redirect(request, "/my-times", Notice("success", words))


@post("/my-times/changes", **may("availability", "U"))
async def add_change(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Add a day off or extra hours."""
    try:
        change = forms_times.read_change(await request.form(), now)
    except FormInvalid as problem:
        page = await _page(viewer, shell, now, problem.view)
        return pages.render(request, "sessions/times.html", page, status=FORM_STATUS)
    booked = await service_times.add_change(viewer, change, now=now)
    notice = Notice("success", "已登记。")
    if booked:
        notice = Notice("warning", f"已登记。这段时间里还有 {booked} 个约好的预约，请打开它改时间。")
    return pages.redirect(request, "/my-times", notice)


@post("/my-times/changes/drop", **may("availability", "U"))
async def drop_change(request: Asked, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Take back a day off or extra hours."""
    day, kind, start = forms_times.read_dropped(await request.form())
    await service_times.drop_change(viewer, day, kind, start, now=now)
    return pages.redirect(request, "/my-times", Notice("success", "已删去。"))


@post("/sessions/{session_id:uuid}/move", **may("match", "A"))
async def move(
    request: Asked, session_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Move a booked session, or propose to."""
    held = await queries.find(session_id)
    try:
        booking, _own = forms.read_booking(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, held.match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    moved = await service_moves.move(viewer, session_id, booking, now=now)
    words = "时间已改好，双方都会收到提醒。" if moved else "已经问对方能不能改；对方同意以前，原来的时间不变。"
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", words))


@post("/sessions/{session_id:uuid}/cancel", **may("match", "A"))
async def cancel(request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Take back or turn down a proposal, or cancel a later meeting."""
    held = await queries.find(session_id)
    await service_moves.cancel(viewer, session_id, now=now)
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", "已取消，并告诉了对方。"))


@post("/sessions/{session_id:uuid}/check-in", **may("match", "A"))
async def check_in(request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Say that one is there and waits."""
    held = await queries.find(session_id)
    await service_absence.check_in(viewer, session_id, now=now)
    words = "已签到。同学到了，请点“开始服务”；过了 15 分钟还没来，请登记“同学没有来”。"
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", words))


ROUTES: tuple[ControllerRouterHandler, ...] = (my_times, set_week, add_change, drop_change, move, cancel, check_in)
