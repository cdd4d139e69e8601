"""What the provider submits about a meeting: check in, absent, record, finish."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.forms import FormInvalid
from app.kit.permissions import may
from app.kit.render import Notice, Renderer, Shell
from app.kit.viewer import Viewer
from app.matches import service_progress
from app.sessions import forms, queries, service, service_absence
from app.sessions.pages import draw_again

Asked = Request[Any, Any, Any]


@post("/sessions/{session_id:uuid}/start", **may("match", "A"))
async def start(request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Check in."""
    await service.start(viewer, session_id, now=now)
    held = await queries.find(session_id)
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", "已签到，服务开始。"))


@post("/matches/{match_id:uuid}/start", **may("match", "A"))
async def start_placement(
    request: Asked, match_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Begin a placement, a tenancy or a sponsorship."""
    await service_progress.start(viewer, match_id, now=now)
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", "已登记开始。"))


@post("/sessions/{session_id:uuid}/student-absent", **may("match", "A"))
async def student_absent(
    request: Asked, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Say that the student did not come."""
    await service_absence.student_absent(viewer, session_id, now=now)
    held = await queries.find(session_id)
    words = "已登记。学校老师会关心一下这位同学，不会影响他。"
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("info", words))


@post("/sessions/{session_id:uuid}/record", **may("match", "A"))
async def record(
    request: Asked, session_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """File the record of a session."""
    held = await queries.find(session_id)
    try:
        filed = forms.read_record(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, held.match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    await service.file_record(viewer, session_id, filed, now=now)
    return pages.redirect(request, f"/matches/{held.match_id}", Notice("success", "记录已保存，过程记录只有您能看到。"))


@post("/matches/{match_id:uuid}/finish", **may("match", "A"))
async def finish(
    request: Asked, match_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Complete the match."""
    try:
        result = forms.read_result(await request.form())
    except FormInvalid as problem:
        return await draw_again(request, problem, match_id, viewer=viewer, shell=shell, pages=pages, now=now)
    await service.finish(viewer, match_id, result, now=now)
    return pages.redirect(request, f"/matches/{match_id}", Notice("success", "已办结，等同学确认。谢谢您！"))


ROUTES: tuple[ControllerRouterHandler, ...] = (start, start_placement, student_absent, record, finish)
