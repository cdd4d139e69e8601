"""Pages: my account, my sessions, my password, my notifications, my other hats."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.navigation import start_page
from app.kit.permissions import open_to
from app.kit.render import Notice, Page, Renderer, Shell, local_path
from app.kit.viewer import PROVIDER_ROLES, STAFF_ROLES, Role, Viewer
from app.people import forms, queries_staff, service_guardians, service_profile, service_sessions, service_sign_in
from app.people.errors import SecondFactorNeeded
from app.people.pages_sign_in import form_of
from app.people.queries_staff import GuardianLine
from app.people.rules import GENDER_WISHES, LANGUAGES
from app.people.service_profile import Me, Note
from app.people.service_sessions import SessionLine

Req = Request[Any, Any, Any]
MINE: dict[str, Any] = open_to("One's own account.", signed_in=True)


class AccountPage(Page, frozen=True, kw_only=True):
    """What the platform holds about me, and what I can do with it."""

    me: Me
    guardian: bool
    volunteer: bool
    unit: bool
    guardians: tuple[GuardianLine, ...]


class ProfilePage(Page, frozen=True, kw_only=True):
    """What I may change about myself."""

    form: FormView
    me: Me
    languages: dict[str, str]
    wishes: dict[str, str]
    regions: tuple[tuple[str, str], ...]


class PasswordPage(Page, frozen=True, kw_only=True):
    """A change of password."""

    form: FormView


class SessionsPage(Page, frozen=True, kw_only=True):
    """Where I am signed in."""

    sessions: tuple[SessionLine, ...]


class GuardianCodePage(Page, frozen=True, kw_only=True):
    """A code for a guardian, shown this once."""

    code: str
    who: str
    back: str


class NotesPage(Page, frozen=True, kw_only=True):
    """My notifications."""

    notes: tuple[Note, ...]
    unread: int


def complete(viewer: Viewer) -> Viewer:
    """Return the viewer, or refuse while a staff session has not passed its second factor."""
    if viewer.role in STAFF_ROLES and not viewer.second_factor:
        raise SecondFactorNeeded
    return viewer


@get("/account", **MINE)
async def account(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show my account."""
    assert complete(viewer).person_id is not None
    me = await service_profile.me(viewer)
    page = AccountPage(
        shell=shell,
        title="账户与授权",
        me=me,
        guardian=viewer.role is Role.GUA,
        volunteer=viewer.role is Role.VOL,
        unit=viewer.role in PROVIDER_ROLES - {Role.VOL},
        guardians=await queries_staff.guardians(viewer.person_id) if me.is_student and viewer.person_id else (),
    )
    return pages.render(request, "people/account.html", page)


def _profile_page(shell: Shell, view: FormView, me: Me) -> ProfilePage:
    return ProfilePage(
        shell=shell,
        title="我的资料",
        form=view,
        me=me,
        languages=dict(LANGUAGES),
        wishes=dict(GENDER_WISHES),
        regions=tuple(forms.region_options()),
    )


@get("/account/profile", **MINE)
async def profile_form(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show what I may change."""
    me = await service_profile.me(complete(viewer))
    view = FormView.of(
        region_code=me.region_code,
        languages=me.languages,
        gender_pref=me.gender_pref,
        safe_contact_window=me.safe_contact_window,
    )
    return pages.render(request, "people/profile.html", _profile_page(shell, view, me))


@post("/account/profile", **MINE)
async def profile(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Change my data."""
    form = await form_of(request)
    try:
        await service_profile.change(complete(viewer), forms.profile(form), now=now)
    except FormInvalid as problem:
        me = await service_profile.me(viewer)
        return pages.render(request, "people/profile.html", _profile_page(shell, problem.view, me), status=FORM_STATUS)
    return pages.redirect(request, "/account", Notice("success", "资料已保存。"))


@get("/account/password", **MINE)
async def password_form(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the change of password."""
    complete(viewer)
    return pages.render(request, "people/password.html", PasswordPage(shell=shell, title="修改密码", form=FormView()))


@post("/account/password", **MINE)
async def password(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Change my password; other devices are signed out."""
    form = await form_of(request)
    try:
        typed = forms.password_change(form)
        await service_sign_in.change_password(complete(viewer), typed.old, typed.new, now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return pages.redirect(request, "/account", Notice("success", "密码已修改，其他设备已退出登录。"))
    page = PasswordPage(shell=shell, title="修改密码", form=view)
    return pages.render(request, "people/password.html", page, status=FORM_STATUS)


@get("/account/sessions", **MINE)
async def sessions(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show where I am signed in."""
    lines = await service_sessions.listed(complete(viewer), now=now)
    return pages.render(request, "people/sessions.html", SessionsPage(shell=shell, title="登录的设备", sessions=lines))


@post("/account/sessions/{session_id:uuid}/revoke", **MINE)
async def revoke_session(
    request: Req, session_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Sign one device out."""
    await service_sessions.revoke(viewer, session_id, now=now)
    return pages.redirect(request, "/account/sessions", Notice("success", "这台设备已退出登录。"))


@post("/account/sessions/revoke-others", **MINE)
async def revoke_others(request: Req, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Sign every other device out."""
    count = await service_sessions.revoke_others(viewer, now=now)
    words = f"其他 {count} 台设备已退出登录。" if count else "没有其他设备在登录。"
    return pages.redirect(request, "/account/sessions", Notice("success", words))


@post("/account/hat/{hat_id:uuid}", **MINE)
async def hat(request: Req, hat_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Put on another hat."""
    worn = await service_sessions.wear(viewer, hat_id, now=now)
    target = start_page(worn)
    if worn.role in STAFF_ROLES and not worn.second_factor:
        target = f"/account/second-factor?next={target}"
    return pages.redirect(request, target, Notice("success", "身份已切换。"))


@post("/account/guardian-code", **MINE)
async def guardian_code(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Make a code with which my guardian can join."""
    assert viewer.person_id is not None
    code = await service_guardians.invite(viewer, viewer.person_id, now=now)
    page = GuardianCodePage(shell=shell, title="监护人邀请码", code=code, who=viewer.name, back="/account")
    return pages.render(request, "people/guardian_code.html", page)


@get("/notifications", **MINE)
async def notifications(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show my notifications."""
    notes = await service_profile.notes(complete(viewer))
    page = NotesPage(shell=shell, title="消息", notes=notes, unread=sum(note.read_at is None for note in notes))
    return pages.render(request, "people/notifications.html", page)


@post("/notifications/read", **MINE)
async def read_all(request: Req, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Mark all as read."""
    await service_profile.read_all(viewer, now=now)
    return pages.redirect(request, "/notifications", Notice("success", "都标为已读了。"))


@post("/notifications/{note_id:uuid}/open", **MINE)
async def open_note(request: Req, note_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Mark one as read and go where it leads."""
    return pages.redirect(request, local_path(await service_profile.read_note(viewer, note_id, now=now)))


ROUTES = (
    account,
    profile_form,
    profile,
    password_form,
    password,
    sessions,
    revoke_session,
    revoke_others,
    hat,
    guardian_code,
    notifications,
    read_all,
    open_note,
)
