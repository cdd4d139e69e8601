"""Sign in, change and reset a password; lock-out after wrong tries."""

import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import new_token, token_hash
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.permissions import require
from app.kit.viewer import NOBODY, Viewer
from app.people import queries_staff, service_sessions
from app.people.errors import LinkUsed, LoginTaken, PasswordWeak, SignInRefused
from app.people.rules_sign_in import LINK_LIFE, lock_after, login_problem, password_problem
from app.people.service_passwords import hashed, matches
from app.people.tables import OneTimeToken


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session: its token for the cookie, whose it is, and whether a second factor is set up."""

    token: str
    account_id: UUID
    person_id: UUID
    has_second_factor: bool


def folded_login(login: str) -> str:
    """Return a login as it is stored and compared."""
    return unicodedata.normalize("NFKC", login).strip().lower()


async def sign_in(viewer: Viewer, login: str, password: str, *, now: datetime, device: str) -> SignedIn:
    """Begin a session, or refuse in one sentence for unknown login, wrong password and waiting account alike.

    Whatever is wrong, one argon2 check is made, so that the time tells nothing.
    """
    rows = await DB.rows(
        "SELECT id, person, password_hash, mfa, status, failed, locked_until FROM account WHERE login = $1",
        folded_login(login),
    )
    account = rows[0] if rows else None
    right = await matches(account["password_hash"] if account else "", password)
    waiting = account is not None and account["locked_until"] is not None and account["locked_until"] > now
    if account is None or account["status"] != "ACTIVE" or waiting or not right:
        await _refused(account, now=now, count=account is not None and not waiting and not right)
        raise SignInRefused
    async with DB.transaction():
        await DB.rows(
            "UPDATE account SET failed = 0, locked_until = NULL, last_login = $2 WHERE id = $1", account["id"], now
        )
        token = await service_sessions.begin(
            account["id"], account["person"], now=now, device=device, replaces=viewer.session_id
        )
        await audit(
            Viewer(account_id=account["id"], request_id=viewer.request_id), "sign_in", "account", account["id"], now=now
        )
    return SignedIn(
        token=token,
        account_id=account["id"],
        person_id=account["person"],
        has_second_factor=account["mfa"] != "NONE",
    )


async def _refused(account: dict[str, Any] | None, *, now: datetime, count: bool) -> None:
    """Count and audit a refusal; the login as typed is kept nowhere."""
    async with DB.transaction():
        if account is not None and count:
            await count_failure(account["id"], now=now)
        await audit(NOBODY, "sign_in", "account", account["id"] if account else None, now=now, result="REFUSED")


async def count_failure(account_id: UUID, *, now: datetime) -> None:
    """Count a wrong password or code; from the fifth on the account waits, longer each time."""
    failed = await DB.value("UPDATE account SET failed = failed + 1 WHERE id = $1 RETURNING failed", account_id)
    wait = lock_after(failed)
    if wait is not None:
        await DB.rows("UPDATE account SET locked_until = $2 WHERE id = $1", account_id, now + wait)


def check_password(password: str, *, login: str = "", name: str = "") -> None:
    """Refuse a weak password with the reason."""
    problem = password_problem(password, login=login, name=name)
    if problem:
        raise PasswordWeak(problem, field="password")


async def check_login(login: str) -> str:
    """Return the login as it will be stored, or refuse one that is taken or malformed."""
    folded = folded_login(login)
    problem = login_problem(folded)
    if problem:
        raise LoginTaken(problem, field="login")
    if await DB.value("SELECT 1 FROM account WHERE login = $1", folded):
        raise LoginTaken(field="login")
    return folded


async def change_password(viewer: Viewer, old: str, new: str, *, now: datetime) -> None:
    """Change the viewer's own password; every other session ends."""
    rows = await DB.rows("SELECT id, login, password_hash FROM account WHERE id = $1", viewer.account_id)
    if not rows:
        raise NotFound
    if not await matches(rows[0]["password_hash"], old):
        async with DB.transaction():
            await count_failure(rows[0]["id"], now=now)
            await audit(viewer, "password.change", "account", rows[0]["id"], now=now, result="REFUSED")
        raise SignInRefused("现在的密码不对。", field="old_password")
    check_password(new, login=rows[0]["login"], name=viewer.name)
    fresh = await hashed(new)
    async with DB.transaction():
        await DB.rows("UPDATE account SET password_hash = $2, updated_at = $3 WHERE id = $1", rows[0]["id"], fresh, now)
        await service_sessions.end_all(rows[0]["id"], now=now, but=viewer.session_id)
        await audit(viewer, "password.change", "account", rows[0]["id"], now=now)
        await notify(rows[0]["id"], "account.changed", "/account", now=now)


async def reset_link(viewer: Viewer, person_id: UUID, *, now: datetime, second_factor: bool = False) -> str:
    """Make a one-time code with which a person of the viewer's scope sets a new password (and a new second factor).

    Returns the code, shown once; it is good for a day.
    """
    require(viewer, "people", "U")
    await queries_staff.person_page(viewer, person_id, now=now)
    account = await DB.value(
        "SELECT id FROM account WHERE person = $1 AND status <> 'CLOSED' ORDER BY created_at LIMIT 1", person_id
    )
    if account is None:
        raise NotFound
    async with DB.transaction():
        code = await one_time("RESET", account, now=now)
        if second_factor:
            await DB.rows("UPDATE account SET mfa = 'NONE', totp_secret_sealed = NULL WHERE id = $1", account)
            await service_sessions.end_all(account, now=now)
        await audit(viewer, "password.reset_code", "account", account, now=now)
        await notify(account, "account.changed", "/account", now=now)
    return code


async def one_time(purpose: str, subject_id: UUID | None, *, now: datetime) -> str:
    """Make a one-time token; older unused ones for the same purpose and subject end."""
    await DB.rows(
        """
        UPDATE one_time_token SET expires_at = $3
        WHERE purpose = $1 AND subject_id IS NOT DISTINCT FROM $2 AND used_at IS NULL AND expires_at > $3
        """,
        purpose,
        subject_id,
        now,
    )
    token = new_token()
    await OneTimeToken(
        purpose=purpose, token_hash=token_hash(token), subject_id=subject_id, expires_at=now + LINK_LIFE, created_at=now
    ).save()
    return token


async def token_subject(purpose: str, token: str, *, now: datetime) -> tuple[UUID, UUID | None]:
    """Return (id of the token, its subject) while it can be used, or raise LinkUsed."""
    rows = await DB.rows(
        """
        SELECT id, subject_id FROM one_time_token
        WHERE purpose = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3
        """,
        purpose,
        token_hash(token.strip()),
        now,
    )
    if not rows:
        raise LinkUsed
    return rows[0]["id"], rows[0]["subject_id"]


async def use_token(token_id: UUID, *, now: datetime) -> None:
    """Use a token up; two who do it at once get one success and one LinkUsed."""
    used = await DB.rows(
        "UPDATE one_time_token SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id", token_id, now
    )
    if not used:
        raise LinkUsed


async def activate(viewer: Viewer, token: str, login: str, password: str, *, now: datetime, device: str) -> SignedIn:
    """Use an activation or reset code: choose a password (and, the first time, a login) and begin a session."""
    purpose, token_id, account = await code_account(token, now=now)
    name = await DB.value("SELECT name FROM person WHERE id = $1", account["person"])
    folded = account["login"] if purpose == "RESET" else await check_login(login)
    check_password(password, login=folded, name=name)
    fresh = await hashed(password)
    async with DB.transaction():
        await use_token(token_id, now=now)
        await DB.rows(
            """
            UPDATE account SET login = $2, password_hash = $3, status = 'ACTIVE', failed = 0, locked_until = NULL,
                   last_login = $4, updated_at = $4, version = version + 1 WHERE id = $1
            """,
            account["id"],
            folded,
            fresh,
            now,
        )
        await service_sessions.end_all(account["id"], now=now)
        begun = await service_sessions.begin(
            account["id"], account["person"], now=now, device=device, replaces=viewer.session_id
        )
        who = Viewer(account_id=account["id"], request_id=viewer.request_id)
        await audit(who, f"account.{purpose.lower()}", "account", account["id"], now=now)
    return SignedIn(
        token=begun,
        account_id=account["id"],
        person_id=account["person"],
        has_second_factor=account["mfa"] != "NONE",
    )


async def code_account(token: str, *, now: datetime) -> tuple[str, UUID, dict[str, Any]]:
    """Return (ACTIVATE or RESET, id of the token, its account), or raise LinkUsed."""
    try:
        purpose = "ACTIVATE"
        token_id, account_id = await token_subject(purpose, token, now=now)
    except LinkUsed:
        purpose = "RESET"
        token_id, account_id = await token_subject(purpose, token, now=now)
    rows = await DB.rows("SELECT id, person, login, mfa FROM account WHERE id = $1", account_id)
    if not rows:
        raise LinkUsed
    return purpose, token_id, rows[0]
