"""Sessions: begun at sign-in, seen, listed, revoked, and worn with one hat at a time."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import new_token, token_hash
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.viewer import Viewer
from app.people import queries
from app.people.rules_sign_in import idle_life
from app.people.tables import SignInSession


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in device in the list of its owner."""

    id: UUID
    device: str
    created_at: datetime
    last_seen: datetime
    current: bool


async def life_of(person_id: UUID, now: datetime) -> timedelta:
    """Return how long a session of a person lives without use."""
    hats = await queries.hats_of(person_id, local_day(now))
    return idle_life(hat.role for hat in hats)


async def begin(account_id: UUID, person_id: UUID, *, now: datetime, device: str, replaces: UUID | None = None) -> str:
    """Begin a session and return its token; the session it replaces ends, so that a known token is worth nothing."""
    token = new_token()
    if replaces is not None:
        await DB.rows("UPDATE sign_in_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", replaces, now)
    await SignInSession(
        id=new_id(),
        account=account_id,
        token_hash=token_hash(token),
        last_seen=now,
        expires_at=now + await life_of(person_id, now),
        device=device[:80],
        created_at=now,
        updated_at=now,
    ).save()
    return token


async def pass_second_factor(viewer: Viewer, *, now: datetime) -> str:
    """Note that this session passed its second factor, under a new token."""
    token = new_token()
    await DB.rows(
        "UPDATE sign_in_session SET second_factor_at = $2, token_hash = $3, updated_at = $2 WHERE id = $1",
        viewer.session_id,
        now,
        token_hash(token),
    )
    return token


async def sign_out(viewer: Viewer, *, now: datetime) -> None:
    """End the session in use."""
    async with DB.transaction():
        await DB.rows("UPDATE sign_in_session SET revoked_at = $2 WHERE id = $1", viewer.session_id, now)
        await audit(viewer, "session.end", "session", viewer.session_id, now=now)


async def listed(viewer: Viewer, *, now: datetime) -> tuple[SessionLine, ...]:
    """Return the viewer's live sessions, the one in use first."""
    rows = await DB.rows(
        """
        SELECT id, device, created_at, last_seen FROM sign_in_session
        WHERE account = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id <> $3, last_seen DESC
        """,
        viewer.account_id,
        now,
        viewer.session_id,
    )
    return tuple(SessionLine(**row, current=row["id"] == viewer.session_id) for row in rows)


async def revoke(viewer: Viewer, session_id: UUID, *, now: datetime) -> None:
    """End one of the viewer's own sessions."""
    async with DB.transaction():
        ended = await DB.rows(
            """
            UPDATE sign_in_session SET revoked_at = $3 WHERE id = $1 AND account = $2 AND revoked_at IS NULL
            RETURNING id
            """,
            session_id,
            viewer.account_id,
            now,
        )
        if not ended:
            raise NotFound
        await audit(viewer, "session.revoke", "session", session_id, now=now)


async def revoke_others(viewer: Viewer, *, now: datetime) -> int:
    """End every session of the viewer but the one in use; returns how many."""
    async with DB.transaction():
        assert viewer.account_id is not None
        ended = await end_all(viewer.account_id, now=now, but=viewer.session_id)
        await audit(viewer, "session.revoke_others", "account", viewer.account_id, now=now)
    return ended


async def end_all(account_id: UUID, *, now: datetime, but: UUID | None = None) -> int:
    """End the sessions of an account, all but one."""
    ended = await DB.rows(
        """
        UPDATE sign_in_session SET revoked_at = $2
        WHERE account = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3 RETURNING id
        """,
        account_id,
        now,
        but,
    )
    return len(ended)


async def wear(viewer: Viewer, hat_id: UUID, *, now: datetime) -> Viewer:
    """Put on another hat; returns the viewer as they are from now on."""
    hat = next((hat for hat in viewer.hats if hat.id == hat_id), None)
    if hat is None:
        raise NotFound
    async with DB.transaction():
        await DB.rows("UPDATE sign_in_session SET hat_id = $2 WHERE id = $1", viewer.session_id, hat_id)
        worn = msgspec.structs.replace(viewer, hat=hat)
        await audit(worn, "session.hat", "appointment", hat_id, now=now)
    return worn
