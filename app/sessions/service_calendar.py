"""A secret calendar address: opened, renewed, revoked by its owner, and read by whoever holds it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import new_token, token_hash
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.matches import queries_views
from app.people import queries as people
from app.sessions import queries
from app.sessions.queries import SessionFacts
from app.sessions.tables import CalendarFeed

SHOWS_BACK = timedelta(days=30)


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a feed is open, since when, and when a calendar programme last read it."""

    opened_at: datetime
    read_at: datetime | None


async def session_file(viewer: Viewer, session_id: UUID, *, now: datetime) -> SessionFacts:
    """Return a session to one of its two sides."""
    session = await queries.find(session_id)
    await queries_views.side(viewer, session.match_id, now)
    return session


async def feed_state(viewer: Viewer) -> FeedState | None:
    """Return the viewer's open feed, without its secret: that is shown once."""
    rows = await DB.rows(
        """
        SELECT created_at AS opened_at, read_at FROM session_calendar_feed
        WHERE account_id = $1 AND revoked_at IS NULL
        """,
        viewer.account_id,
    )
    return FeedState(**rows[0]) if rows else None


async def open_feed(viewer: Viewer, *, now: datetime) -> str:
    """Open a feed and return its secret this once; the address before it ends."""
    if viewer.account_id is None or viewer.person_id is None:
        raise NotFound
    async with DB.transaction():
        await close_feed(viewer, now=now)
        token = new_token()
        feed = CalendarFeed(
            account_id=viewer.account_id,
            person_id=viewer.person_id,
            token_hash=token_hash(token),
            created_at=now,
            updated_at=now,
        )
        await feed.save()
        await audit(viewer, "calendar.open", "calendar_feed", feed.id, now=now)
    return token


async def close_feed(viewer: Viewer, *, now: datetime) -> None:
    """Revoke the viewer's feed; the address answers "not found" from then on."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE session_calendar_feed SET revoked_at = $2, updated_at = $2, version = version + 1
            WHERE account_id = $1 AND revoked_at IS NULL RETURNING id
            """,
            viewer.account_id,
            now,
        )
        for row in rows:
            await audit(viewer, "calendar.close", "calendar_feed", row["id"], now=now)


async def feed(token: str, *, now: datetime) -> list[SessionFacts]:
    """Return the sessions behind a secret address; NotFound when it is unknown, revoked, or its account is closed."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE session_calendar_feed SET read_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL
            RETURNING account_id, person_id
            """,
            token_hash(token),
            now,
        )
        if not rows or await people.account_of_person(rows[0]["person_id"]) is None:
            raise NotFound
        hats = await people.hats_of(rows[0]["person_id"], local_day(now))
        providers = [hat.provider_id for hat in hats if hat.provider_id is not None]
        return await queries.coming_for(rows[0]["person_id"], providers, now - SHOWS_BACK)
