"""Calendars: one session as a file, the private feed, and the page on which it is opened and revoked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.errors import NotFound
from app.kit.permissions import may, open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.sessions import documents, service_calendar
from app.sessions.service_calendar import FeedState

Asked = Request[Any, Any, Any]
OWN: dict[str, Any] = open_to("One's own calendar.", signed_in=True)
SECRET: dict[str, Any] = open_to("The address itself is the secret; calendar programmes cannot sign in.")
TYPE = "text/calendar; charset=utf-8"
ENDING = ".ics"


class CalendarPage(Page, frozen=True, kw_only=True):
    """My calendar address: open or not; the address itself shows only when it has just been made."""

    feed: FeedState | None
    address: str


def _file(request: Asked, content: bytes, name: str) -> Response[bytes]:
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Robots-Tag": "noindex",
    }
    assert request.method
    return Response(content=content, media_type=TYPE, headers=headers)


@get("/sessions/{session_id:uuid}/calendar.ics", **may("match", "A"))
async def session_file(request: Asked, session_id: UUID, viewer: Viewer, now: datetime) -> Response[bytes]:
    """Return one session for a calendar programme."""
    session = await service_calendar.session_file(viewer, session_id, now=now)
    address = request.app.state.settings.public_url
    return _file(request, documents.calendar([session], address, now), "qingqiao.ics")


@get("/calendar/{name:str}", **SECRET)
async def feed(request: Asked, name: str, now: datetime) -> Response[bytes]:
    """Return the feed behind a secret address."""
    if not name.endswith(ENDING):
        raise NotFound
    sessions = await service_calendar.feed(name.removesuffix(ENDING), now=now)
    return _file(request, documents.calendar(sessions, request.app.state.settings.public_url, now), "qingqiao.ics")


async def _page(viewer: Viewer, shell: Shell, address: str) -> CalendarPage:
    return CalendarPage(shell=shell, title="日历订阅", feed=await service_calendar.feed_state(viewer), address=address)


@get("/account/calendar", **OWN)
async def my_calendar(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show whether a feed is open."""
    return pages.render(request, "sessions/calendar.html", await _page(viewer, shell, ""))


@post("/account/calendar", **OWN)
async def open_feed(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Open a feed, or a new one in place of the old; its address is shown this once."""
    token = await service_calendar.open_feed(viewer, now=now)
    address = f"{request.app.state.settings.public_url}/calendar/{token}{ENDING}"
    return pages.render(request, "sessions/calendar.html", await _page(viewer, shell, address))


@post("/account/calendar/close", **OWN)
async def close_feed(request: Asked, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Revoke the feed."""
    await service_calendar.close_feed(viewer, now=now)
    return pages.redirect(request, "/account/calendar", Notice("success", "订阅地址已停用。"))


ROUTES: tuple[ControllerRouterHandler, ...] = (session_file, feed, my_calendar, open_feed, close_feed)
