"""Pages: sign in and out, second factor, activation, first administrator."""

from datetime import datetime
from typing import Any

import segno
from litestar import Request, Response, get, post

from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.navigation import start_page
from app.kit.permissions import open_to
from app.kit.render import Notice, Page, Renderer, Shell, local_path
from app.kit.viewer import STAFF_ROLES, Viewer
from app.kit.web import SESSION_COOKIE
from app.people import forms, service, service_second_factor, service_sessions, service_sign_in
from app.people.rules_sign_in import OTHER_IDLE, device_of
from app.people.service_sign_in import SignedIn

Req = Request[Any, Any, Any]
FACTOR = "/account/second-factor"


class SignInPage(Page, frozen=True, kw_only=True):
    """Login and password; `next` is where to go afterwards."""

    form: FormView
    next: str


class FactorPage(Page, frozen=True, kw_only=True):
    """Six digits; for somebody new, with the picture that sets the authenticator up."""

    form: FormView
    next: str
    secret: str = ""
    picture: str = ""


class ActivatePage(Page, frozen=True, kw_only=True):
    """A one-time code and a new password."""

    form: FormView
    code: str
    new_account: bool
    known: bool


class FirstAdminPage(Page, frozen=True, kw_only=True):
    """The first administrator's name, login and password."""

    form: FormView
    token: str


async def form_of(request: Req) -> Form:
    """Return what was submitted."""
    return Form.from_request_data(await request.form())


def device(request: Req) -> str:
    """Return a short name of the visitor's device."""
    return device_of(request.headers.get("user-agent", ""))


def keep_session(request: Req, response: Response[bytes], token: str) -> Response[bytes]:
    """Put a session's token into its cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(OTHER_IDLE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.app.state.settings.public_url.startswith("https://"),
    )
    return response


async def welcome(
    request: Req, pages: Renderer, signed_in: SignedIn, now: datetime, *, wanted: str = "", words: str = ""
) -> Response[bytes]:
    """Send somebody who has just signed in on their way; staff pass their second factor first."""
    viewer = await service.viewer_after(signed_in, now)
    target = local_path(wanted, "") or start_page(viewer)
    if signed_in.has_second_factor or any(hat.role in STAFF_ROLES for hat in viewer.hats):
        target = f"{FACTOR}?next={target}"
    response = pages.redirect(request, target, Notice("success", words) if words else None)
    return keep_session(request, response, signed_in.token)


def is_in(viewer: Viewer) -> bool:
    """Tell whether somebody is signed in all the way: staff only after their second factor."""
    return viewer.signed_in and (viewer.second_factor or viewer.role not in STAFF_ROLES)


@get("/sign-in", **open_to("Everybody signs in here."))
async def sign_in_form(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the sign-in form; whoever is signed in already goes on."""
    wanted = local_path(request.query_params.get("next", ""), "")
    if is_in(viewer):
        return pages.redirect(request, wanted or start_page(viewer))
    return pages.render(
        request, "people/sign_in.html", SignInPage(shell=shell, title="登录", form=FormView(), next=wanted)
    )


@post("/sign-in", **open_to("Everybody signs in here."))
async def sign_in(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Sign in, or show the form again with one sentence whatever was wrong."""
    form = await form_of(request)
    wanted = local_path(form.raw("next"), "")
    try:
        typed = forms.sign_in(form)
        signed_in = await service_sign_in.sign_in(viewer, typed.login, typed.password, now=now, device=device(request))
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now, wanted=wanted)
    page = SignInPage(shell=shell, title="登录", form=view, next=wanted)
    return pages.render(request, "people/sign_in.html", page, status=FORM_STATUS)


@post("/sign-out", **open_to("Whoever is signed in may leave.", signed_in=True))
async def sign_out(request: Req, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """End the session in use."""
    await service_sessions.sign_out(viewer, now=now)
    response = pages.redirect(request, "/", Notice("success", "已退出登录。"))
    response.delete_cookie(SESSION_COOKIE)
    return response


def _picture(address: str) -> str:
    """Return a QR code as a data address; the policy of the page allows pictures of that kind."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)


async def _factor_page(viewer: Viewer, shell: Shell, form: FormView, wanted: str) -> FactorPage:
    if await service_second_factor.is_set_up(viewer):
        return FactorPage(shell=shell, title="输入验证码", form=form, next=wanted)
    secret, address = await service_second_factor.enrolment(viewer)
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return FactorPage(
        shell=shell, title="设置两步验证", form=form, next=wanted, secret=spaced, picture=_picture(address)
    )


@get(FACTOR, **open_to("Part of signing in.", signed_in=True))
async def factor_form(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Ask for the six digits; somebody new sets the authenticator up here."""
    wanted = local_path(request.query_params.get("next", ""), "")
    return pages.render(request, "people/second_factor.html", await _factor_page(viewer, shell, FormView(), wanted))


@post(FACTOR, **open_to("Part of signing in.", signed_in=True))
async def factor(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Check the six digits."""
    form = await form_of(request)
    wanted = local_path(form.raw("next"), "")
    code = form.text("code", "验证码", max_len=12)
    try:
        form.check()
        token = await service_second_factor.verify(viewer, code, now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return keep_session(request, pages.redirect(request, wanted or start_page(viewer)), token)
    page = await _factor_page(viewer, shell, view, wanted)
    return pages.render(request, "people/second_factor.html", page, status=FORM_STATUS)


@get("/activate", **open_to("Whoever holds a one-time code."))
async def activate_form(request: Req, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask for the code, then for a login and a password."""
    code = request.query_params.get("code", "").strip()
    page = await _activate_page(shell, code, FormView.of(code=code), now)
    return pages.render(request, "people/activate.html", page, status=FORM_STATUS if page.form.errors else 200)


async def _activate_page(shell: Shell, code: str, form: FormView, now: datetime) -> ActivatePage:
    new_account, known = True, False
    if code:
        try:
            purpose, _, _ = await service_sign_in.code_account(code, now=now)
            new_account, known = purpose == "ACTIVATE", True
        except Refusal as problem:
            form = FormView(values_by_name=form.values_by_name, errors={"code": problem.said + problem.next})
    title = "激活账号" if new_account else "重设密码"
    return ActivatePage(shell=shell, title=title, form=form, code=code, new_account=new_account, known=known)


@post("/activate", **open_to("Whoever holds a one-time code."))
async def activate(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Use the code."""
    form = await form_of(request)
    code = form.text("code", "一次性代码", max_len=100)
    try:
        purpose, _, _ = await service_sign_in.code_account(code, now=now)
        login = form.text("login", "登录名", max_len=60, required=purpose == "ACTIVATE")
        password = form.password("password", "密码")
        form.check()
        signed_in = await service_sign_in.activate(viewer, code, login, password, now=now, device=device(request))
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now, words="密码已设好，欢迎。")
    page = await _activate_page(shell, code, view, now)
    return pages.render(request, "people/activate.html", page, status=FORM_STATUS)


@get("/first-admin/{token:str}", **open_to("Whoever started the service holds this link."))
async def first_admin_form(request: Req, token: str, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask for the first administrator's login and password."""
    await service.check_first_admin(token, now=now)
    page = FirstAdminPage(shell=shell, title="创建第一位管理员", form=FormView(), token=token)
    return pages.render(request, "people/first_admin.html", page)


@post("/first-admin/{token:str}", **open_to("Whoever started the service holds this link."))
async def first_admin(
    request: Req, token: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Create the first administrator; the second factor comes next."""
    form = await form_of(request)
    name = form.text("name", "姓名", max_len=40)
    login = form.text("login", "登录名", max_len=60)
    password = form.password("password", "密码")
    try:
        form.check()
        signed_in = await service.create_first_admin(
            viewer, token, name, login, password, now=now, device=device(request)
        )
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        if problem.status != FORM_STATUS:
            raise
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now)
    page = FirstAdminPage(shell=shell, title="创建第一位管理员", form=view, token=token)
    return pages.render(request, "people/first_admin.html", page, status=FORM_STATUS)


ROUTES = (
    sign_in_form,
    sign_in,
    sign_out,
    factor_form,
    factor,
    activate_form,
    activate,
    first_admin_form,
    first_admin,
)
