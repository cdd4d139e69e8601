"""The professional's private note of one meeting."""

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
from app.sessions import forms, service_notes
from app.sessions.service_notes import Note

Asked = Request[Any, Any, Any]


class NotePage(Page, frozen=True, kw_only=True):
    """A private note beside what the student reads."""

    note: Note
    form: FormView


@get("/sessions/{session_id:uuid}/note", **may("session.note", "R"))
async def note(
    request: Asked, session_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Open the note for its author."""
    found = await service_notes.read(viewer, session_id, now=now)
    page = NotePage(shell=shell, title="我的私人记录", note=found, form=FormView.of(note=found.text))
    return pages.render(request, "sessions/note.html", page)


@post("/sessions/{session_id:uuid}/note", **may("session.note", "U"))
async def keep_note(
    request: Asked, session_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Keep the note."""
    found = await service_notes.read(viewer, session_id, now=now)
    try:
        text = forms.read_note(await request.form())
    except FormInvalid as problem:
        page = NotePage(shell=shell, title="我的私人记录", note=found, form=problem.view)
        return pages.render(request, "sessions/note.html", page, status=FORM_STATUS)
    session = await service_notes.write(viewer, session_id, text, now=now)
    return pages.redirect(request, f"/matches/{session.match_id}", Notice("success", "私人记录已加密保存。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (note, keep_note)
