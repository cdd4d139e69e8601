"""Staff pages: import a roster of students or cadres from Excel."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, FormView
from app.kit.permissions import may
from app.kit.render import Page, Renderer, Shell
from app.kit.scanning import scan_upload
from app.kit.viewer import Viewer
from app.people import forms, service_roster
from app.people.pages_sign_in import form_of
from app.people.service_roster import RosterPreview, RosterResult

Req = Request[Any, Any, Any]
LARGEST = 8 * 1024 * 1024
OUTCOMES = {
    "accept": ("将添加", "good"),
    "update": ("将更新", "go"),
    "duplicate": ("已有", "neutral"),
    "refuse": ("有问题", "bad"),
    "skip": ("跳过", "neutral"),
}


class RosterPage(Page, frozen=True, kw_only=True):
    """The upload."""

    form: FormView


class RosterPreviewPage(Page, frozen=True, kw_only=True):
    """Every row with its outcome, before anything is written."""

    upload: RosterPreview
    counts: tuple[tuple[str, str, int], ...]
    outcomes: dict[str, tuple[str, str]]


class RosterResultPage(Page, frozen=True, kw_only=True):
    """What was written, with the activation codes of new cadres, shown this once."""

    result: RosterResult
    kind: str


@get("/people/import", **may("people", "C"))
async def upload_form(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the upload."""
    return pages.render(request, "people/roster.html", RosterPage(shell=shell, title="导入名单", form=FormView()))


@post("/people/import", **may("people", "C"))
async def upload(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Read a file and show what would be written."""
    form = await form_of(request)
    files = form.files("file")
    content = await files[0].read() if files else b""
    if not content:
        form.fail("file", "请选择一个 Excel 文件。")
    elif len(content) > LARGEST:
        form.fail("file", "文件太大，最多 8 MB，请分成几个文件。")
    else:
        try:
            await scan_upload(content, request.app.state.settings.clamd_url, field="file")
            made = await service_roster.preview(viewer, files[0].filename, content, now=now)
        except Refusal as problem:
            forms.with_refusal(form, problem)
        else:
            return pages.redirect(request, f"/people/import/{made.id}")
    page = RosterPage(shell=shell, title="导入名单", form=form.view())
    return pages.render(request, "people/roster.html", page, status=FORM_STATUS)


@get("/people/import/{upload_id:uuid}", **may("people", "C"))
async def preview(request: Req, upload_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show every row with its outcome."""
    made = await service_roster.opened(viewer, upload_id)
    page = RosterPreviewPage(
        shell=shell,
        title="核对名单",
        upload=made,
        counts=tuple((code, label, made.count(code)) for code, (label, _) in OUTCOMES.items()),
        outcomes=OUTCOMES,
    )
    return pages.render(request, "people/roster_preview.html", page)


@post("/people/import/{upload_id:uuid}/confirm", **may("people", "C"))
async def confirm(
    request: Req, upload_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Write the accepted rows."""
    kind = (await service_roster.opened(viewer, upload_id)).kind
    result = await service_roster.confirm(viewer, upload_id, now=now)
    page = RosterResultPage(shell=shell, title="名单已导入", result=result, kind=kind)
    return pages.render(request, "people/roster_result.html", page)


ROUTES = (upload_form, upload, preview, confirm)
