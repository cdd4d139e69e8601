"""The second factor: a time-based code (RFC 6238) from an authenticator application."""

import hmac
from datetime import datetime

import pyotp

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.viewer import Viewer
from app.people import service_sessions
from app.people.errors import CodeRefused, SignInRefused
from app.people.rules_sign_in import TOTP_STEP_SECONDS, TOTP_WINDOW
from app.people.service_sign_in import count_failure

ISSUER = "青桥"


async def is_set_up(viewer: Viewer) -> bool:
    """Tell whether the viewer's account has a second factor."""
    return bool(await DB.value("SELECT mfa = 'OTP' FROM account WHERE id = $1", viewer.account_id))


async def enrolment(viewer: Viewer) -> tuple[str, str]:
    """Return (secret, otpauth address) to set up; the page shows the same secret until it is used."""
    rows = await DB.rows("SELECT login, mfa, totp_secret_sealed FROM account WHERE id = $1", viewer.account_id)
    if not rows or rows[0]["mfa"] != "NONE":
        raise NotFound
    sealed = rows[0]["totp_secret_sealed"]
    if sealed:
        secret = vault().unseal(bytes(sealed), f"account.totp:{viewer.account_id}")
    else:
        secret = pyotp.random_base32()
        await DB.rows(
            "UPDATE account SET totp_secret_sealed = $2 WHERE id = $1",
            viewer.account_id,
            vault().seal(secret, f"account.totp:{viewer.account_id}"),
        )
    return secret, pyotp.TOTP(secret).provisioning_uri(name=rows[0]["login"], issuer_name=ISSUER)


async def verify(viewer: Viewer, code: str, *, now: datetime) -> str:
    """Check a code, set up the factor if it is new, and return the session's new token.

    Each step of 30 seconds is good for one sign-in: the same code a second time is refused. Wrong codes count as
    wrong passwords do, and a waiting account refuses right codes too.
    """
    rows = await DB.rows(
        "SELECT id, mfa, totp_secret_sealed, last_totp_step, locked_until FROM account WHERE id = $1", viewer.account_id
    )
    if not rows or not rows[0]["totp_secret_sealed"]:
        raise NotFound
    account = rows[0]
    if account["locked_until"] is not None and account["locked_until"] > now:
        raise SignInRefused("输错次数太多，请过一会儿再试。")
    secret = vault().unseal(bytes(account["totp_secret_sealed"]), f"account.totp:{account['id']}")
    step = matching_step(secret, code, now)
    if step is not None:
        async with DB.transaction():
            fresh = await DB.rows(
                """
                UPDATE account SET last_totp_step = $2, mfa = 'OTP', failed = 0, locked_until = NULL, updated_at = $3
                WHERE id = $1 AND last_totp_step < $2 RETURNING id
                """,
                account["id"],
                step,
                now,
            )
            if fresh:
                token = await service_sessions.pass_second_factor(viewer, now=now)
                await audit(viewer, "second_factor", "account", account["id"], now=now)
                if account["mfa"] == "NONE":
                    await notify(account["id"], "account.changed", "/account", now=now)
                return token
    async with DB.transaction():
        await count_failure(account["id"], now=now)
        await audit(viewer, "second_factor", "account", account["id"], now=now, result="REFUSED")
    raise CodeRefused(field="code")


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the number of the 30-second step a code belongs to, at most one step from now, or None."""
    present = int(now.timestamp()) // TOTP_STEP_SECONDS
    typed = "".join(char for char in code if char.isdigit())
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(present - TOTP_WINDOW, present + TOTP_WINDOW + 1):
        if hmac.compare_digest(totp.at(step * TOTP_STEP_SECONDS), typed):
            found = step
    return found
