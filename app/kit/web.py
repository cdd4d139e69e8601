"""What stands between a request and its handler: the viewer, the guard, refusals as pages, and the shell."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import MediaType, ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from app.kit import metrics
from app.kit.db import DB
from app.kit.errors import NotFound, Refusal, SignInNeeded
from app.kit.forms import FORM_STATUS, FormInvalid
from app.kit.logs import logger
from app.kit.navigation import roles_of, tabs_for, top_for
from app.kit.permissions import require
from app.kit.render import Page, Renderer, Shell
from app.kit.security import HEADERS
from app.kit.viewer import CITIZEN_ROLES, NOBODY, ROLE_LABELS, STAFF_ROLES, Role, Viewer

SESSION_COOKIE = "qq_session"
CSRF_COOKIE = "qq_csrf"

Authenticate = Callable[[str, datetime], Awaitable[Viewer]]
Connection = ASGIConnection[Any, Any, Any, Any]


class ErrorPage(Page, frozen=True, kw_only=True):
    """A refusal or a failure: a sentence, the next step, a way back."""

    sentence: str
    next_step: str
    status: int
    back: str = "/"


class ViewerMiddleware(ASGIMiddleware):
    """Finds out who looks, measures the request and writes one log line."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the viewer into the scope and watch the answer go out."""
        began = time.perf_counter()
        connection: Connection = ASGIConnection(scope)
        clock = connection.app.state.clock
        token = connection.cookies.get(SESSION_COOKIE, "")
        viewer = await self._authenticate(token, clock.now()) if token else NOBODY
        request_id = uuid4().hex
        scope["state"]["viewer"] = Viewer(
            account_id=viewer.account_id,
            person_id=viewer.person_id,
            name=viewer.name,
            hat=viewer.hat,
            hats=viewer.hats,
            session_id=viewer.session_id,
            second_factor=viewer.second_factor,
            request_id=request_id,
        )
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watch)
        finally:
            took = time.perf_counter() - began
            route = scope.get("path_template") or "-"
            metrics.REQUESTS.labels(route, str(status)).inc()
            metrics.REQUEST_SECONDS.labels(route).observe(took)
            logger("web").info(
                "request",
                method=str(scope.get("method", "")),
                route=route,
                status=status,
                ms=round(took * 1000, 1),
                request_id=request_id,
            )


def viewer_of(connection: Connection) -> Viewer:
    """Return who looks."""
    found = connection.scope.get("state", {}).get("viewer", NOBODY)
    assert isinstance(found, Viewer)
    return found


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Check the route's declared permission before its handler runs; a route that declares none does not start."""
    viewer = viewer_of(connection)
    if "permission" in handler.opt:
        require(viewer, *handler.opt["permission"])
    elif handler.opt.get("signed_in") and not viewer.signed_in:
        raise SignInNeeded


async def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """Give handlers their `viewer`."""
    return viewer_of(request)


async def provide_now(state: State) -> datetime:
    """Give handlers their `now`, read once."""
    now: datetime = state.clock.now()
    return now


async def provide_renderer(state: State) -> Renderer:
    """Give handlers their `pages`."""
    renderer: Renderer = state.renderer
    return renderer


async def provide_shell(request: Request[Any, Any, Any]) -> Shell:
    """Give handlers what surrounds their page."""
    return await shell_for(request)


async def shell_for(request: Connection) -> Shell:
    """Build the shell: name, role, navigation, unread count, notices."""
    viewer = viewer_of(request)
    if viewer.account_id is None:
        return plain_shell(request, 0)
    unread = await DB.value(
        "SELECT count(*) FROM notification WHERE account_id = $1 AND read_at IS NULL", viewer.account_id
    )
    return plain_shell(request, unread)


def plain_shell(request: Connection, unread: int) -> Shell:
    """Build the shell without asking the database: what error pages use."""
    viewer = viewer_of(request)
    path = request.scope["path"]
    renderer: Renderer = request.app.state.renderer
    waiting_factor = viewer.role in STAFF_ROLES and not viewer.second_factor
    role = Role.ANON if waiting_factor else viewer.role
    return Shell(
        path=path,
        csrf=str(ScopeState.from_scope(request.scope).csrf_token or ""),
        name=viewer.name,
        role_label=ROLE_LABELS[viewer.role] if viewer.signed_in else "",
        organisation=viewer.hat.org_name if viewer.hat else "",
        roles=roles_of(viewer),
        nav=top_for(role, path),
        tabs=tabs_for(role, path, unread),
        unread=unread,
        student=viewer.role in CITIZEN_ROLES,
        demo=bool(request.app.state.demo),
        notices=renderer.notices(request),
    )


def _wants_json(request: Connection) -> bool:
    return request.scope["path"].startswith(("/api/", "/health/"))


def _error_page(request: Connection, template: str, page_parts: dict[str, Any]) -> Response[Any]:
    renderer: Renderer = request.app.state.renderer
    page = ErrorPage(shell=plain_shell(request, 0), **page_parts)
    response = renderer.render(request, template, page, status=page.status)
    response.headers.update(HEADERS)
    return response


def refused(request: Request[Any, Any, Any], problem: Refusal) -> Response[Any]:
    """Answer a refusal: a redirect to sign-in, JSON for the API, a page otherwise."""
    if _wants_json(request):
        return Response(
            {"code": problem.code, "sentence": problem.said, "next_step": problem.next},
            status_code=problem.status,
            media_type=MediaType.JSON,
        )
    renderer: Renderer = request.app.state.renderer
    if isinstance(problem, SignInNeeded):
        wanted = request.scope["path"] if request.method == "GET" else "/"
        return renderer.redirect(request, f"/sign-in?next={wanted}")
    special = {404: "errors/404.html", 403: "errors/403.html"}
    template = special.get(problem.status, "errors/refusal.html")
    return _error_page(
        request,
        template,
        {
            "title": "没有找到" if isinstance(problem, NotFound) else "这一步没有完成",
            "sentence": problem.said,
            "next_step": problem.next,
            "status": problem.status,
            "back": request.headers.get("referer", "/"),
        },
    )


_HTTP_SENTENCES = {
    404: ("没有找到", "没有找到这个页面。", "请检查网址，或回到首页。"),
    405: ("没有找到", "这个地址不能这样打开。", "请从页面上的按钮进入。"),
    403: (
        "请重新提交",
        "页面停留太久，或浏览器没有保存必要的信息，这次提交没有被接受。",
        "请返回上一页刷新后再提交一次。",
    ),
    413: ("文件太大", "上传的内容太大。", "请换一个小一些的文件。"),
    400: ("没有看懂", "提交的内容不完整或格式不对。", "请返回上一页检查后再提交。"),
    429: ("请稍候", "操作太频繁了。", "请过一会儿再试。"),
}


def http_problem(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Answer Litestar's own refusals (404, 405, CSRF ...) in the same manner."""
    status = problem.status_code
    title, sentence, next_step = _HTTP_SENTENCES.get(status, _HTTP_SENTENCES[400])
    if _wants_json(request):
        return Response({"code": str(status), "sentence": sentence}, status_code=status, media_type=MediaType.JSON)
    template = "errors/404.html" if status in {404, 405} else "errors/refusal.html"
    parts = {"title": title, "sentence": sentence, "next_step": next_step, "status": status}
    return _error_page(request, template, parts)


def not_filled(request: Request[Any, Any, Any], problem: FormInvalid) -> Response[Any]:
    """Answer a form that a handler could not show again (a single button, a forged post): the sentences on a page."""
    parts = {
        "title": "请检查填写的内容",
        "sentence": "；".join(dict.fromkeys(problem.view.errors.values())),
        "next_step": "请返回上一页补充后再提交。",
        "status": FORM_STATUS,
        "back": request.headers.get("referer", "/"),
    }
    return _error_page(request, "errors/refusal.html", parts)


def crashed(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """Answer a failure of ours: logged with its trace, shown as a sentence."""
    logger("web").error("crash", exc_info=problem, route=request.scope.get("path_template"))
    if _wants_json(request):
        return Response({"code": "500", "sentence": "系统出错了。"}, status_code=500, media_type=MediaType.JSON)
    parts = {
        "title": "系统出错了",
        "sentence": "系统出错了，您填写的内容没有提交成功。",
        "next_step": "请稍后再试；如果着急，请拨打 12355。",
        "status": 500,
    }
    return _error_page(request, "errors/500.html", parts)
