"""Keeping and forgetting: saved searches with their alerts, favourites, what was seen lately."""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound, SignInNeeded
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.viewer import NOBODY, Viewer
from app.offers import queries, queries_found, queries_saved
from app.offers.errors import TooManySaved
from app.offers.queries_saved import EVERY, MOST_SEEN, Saved
from app.offers.rules import hidden_types
from app.offers.rules_search import Asked
from app.people import queries as people

MOST_SAVED: Final = 20
MOST_ALERTED: Final = 50
PAUSES: Final = {"DAY": timedelta(hours=23), "WEEK": timedelta(days=6, hours=23), "NO": timedelta(days=365)}


async def save(viewer: Viewer, asked: Asked, every: str, *, now: datetime) -> UUID:
    """Keep a search; the same search again only changes how often it tells."""
    if viewer.account_id is None:
        raise SignInNeeded
    every = every if every in EVERY else "WEEK"
    pairs = [pair for pair in asked.pairs() if pair[0] not in {"view", "near", "page"}]
    query = urlencode(pairs)
    fingerprint = vault().lookup(hashlib.sha256(query.encode()).hexdigest())
    async with DB.transaction():
        await DB.rows("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 41))", str(viewer.account_id))
        known: UUID | None = await DB.value(
            "UPDATE saved_search SET every = $3, due_at = $4, updated_at = $5, version = version + 1 "
            "WHERE account_id = $1 AND fingerprint = $2 RETURNING id",
            viewer.account_id,
            fingerprint,
            every,
            now + PAUSES[every],
            now,
        )
        if known is not None:
            return known
        held = await DB.value("SELECT count(*) FROM saved_search WHERE account_id = $1", viewer.account_id)
        if held >= MOST_SAVED:
            raise TooManySaved
        saved_id = new_id()
        await DB.rows(
            """
            INSERT INTO saved_search (id, created_at, updated_at, version, data_class, legal_basis, account_id,
                                      person_id, asked, fingerprint, every, looked_at, due_at, fresh)
            VALUES ($1, $2, $2, 1, 'L3', 'request', $3, $4, $5, $6, $7, $2, $8, 0)
            """,
            saved_id,
            now,
            viewer.account_id,
            viewer.person_id,
            vault().seal(query, queries_saved.place_of(saved_id)),
            fingerprint,
            every,
            now + PAUSES[every],
        )
    return saved_id


async def forget(viewer: Viewer, saved_id: UUID) -> None:
    """Delete a saved search of one's own."""
    gone = await DB.value(
        "DELETE FROM saved_search WHERE id = $1 AND account_id = $2 RETURNING id", saved_id, viewer.account_id
    )
    if gone is None:
        raise NotFound


async def opened(viewer: Viewer, saved_id: UUID) -> Saved:
    """Return a saved search of one's own; its new offers count as seen."""
    found = await queries_saved.one(viewer, saved_id)
    if found is None:
        raise NotFound
    await DB.rows("UPDATE saved_search SET fresh = 0 WHERE id = $1", saved_id)
    return found


async def favour(viewer: Viewer, offer_id: UUID, *, wanted: bool, now: datetime) -> None:
    """Put an offer aside, or take it back; only what the viewer may see can be put aside."""
    if viewer.account_id is None:
        raise SignInNeeded
    if await queries.public(offer_id, viewer, now) is None:
        raise NotFound
    if not wanted:
        await DB.rows("DELETE FROM favourite WHERE account_id = $1 AND offer = $2", viewer.account_id, offer_id)
        return
    await DB.rows(
        """
        INSERT INTO favourite (id, created_at, updated_at, version, data_class, legal_basis, account_id, offer)
        VALUES ($1, $2, $2, 1, 'L3', 'request', $3, $4) ON CONFLICT DO NOTHING
        """,
        new_id(),
        now,
        viewer.account_id,
        offer_id,
    )


async def look(viewer: Viewer, offer_id: UUID, *, now: datetime) -> None:
    """Remember that a signed-in person looked at an offer; only the newest are kept."""
    if viewer.account_id is None:
        return
    await DB.rows(
        """
        INSERT INTO seen_offer (id, created_at, updated_at, version, data_class, legal_basis,
                                account_id, offer, seen_at)
        VALUES ($1, $2, $2, 1, 'L3', 'request', $3, $4, $2)
        ON CONFLICT (account_id, offer) DO UPDATE SET seen_at = excluded.seen_at
        """,
        new_id(),
        now,
        viewer.account_id,
        offer_id,
    )
    await DB.rows(
        """
        DELETE FROM seen_offer WHERE account_id = $1 AND id NOT IN
            (SELECT id FROM seen_offer WHERE account_id = $1 ORDER BY seen_at DESC LIMIT $2)
        """,
        viewer.account_id,
        MOST_SEEN,
    )


async def clear(viewer: Viewer) -> None:
    """Forget everything the viewer looked at."""
    await DB.rows("DELETE FROM seen_offer WHERE account_id = $1", viewer.account_id)


async def alert(asked: Asked, saved: Saved, *, now: datetime) -> int:
    """Look for what is new since the last time, tell in neutral words when there is some, and return how many."""
    found = await queries_found.search(
        NOBODY,
        msgspec.structs.replace(asked, sort="new", page=1),
        now=now,
        hidden=await _hidden(saved, now),
        size=MOST_ALERTED,
    )
    if found.resting:
        return 0
    fresh = sum(1 for row in found.rows if row["published_at"] and row["published_at"] > saved.looked_at)
    await DB.rows(
        "UPDATE saved_search SET looked_at = $2, due_at = $3, fresh = fresh + $4, updated_at = $2 WHERE id = $1",
        saved.id,
        now,
        now + PAUSES[saved.every],
        fresh,
    )
    if fresh:
        await notify(saved.account_id, "search.new", f"/saved/{saved.id}", now=now, once_unread=True)
    return fresh


async def _hidden(saved: Saved, now: datetime) -> frozenset[str]:
    student = await people.student(saved.person_id, now) if saved.person_id else None
    return hidden_types(student.age, student.stage, student.grade_year) if student else frozenset()
