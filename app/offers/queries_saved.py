"""What a person keeps of their searches: saved searches, favourites, what was seen lately. Nobody else reads it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.parts import OfferCard
from app.kit.viewer import STAFF_ROLES, Viewer
from app.offers.queries import hidden_from
from app.offers.queries_found import visible
from app.offers.queries_list import cards_of

MOST_SEEN = 24
EVERY = {"DAY": "每天", "WEEK": "每周", "NO": "不提醒"}


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A saved search with its address opened."""

    id: UUID
    account_id: UUID
    person_id: UUID | None
    query: str
    every: str
    looked_at: datetime
    due_at: datetime
    fresh: int

    @property
    def values(self) -> dict[str, list[str]]:
        """Return the parameters of the search."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query):
            found.setdefault(name, []).append(value)
        return found


def place_of(saved_id: UUID) -> str:
    """Return where the sealed address of a saved search belongs."""
    return f"saved_search.asked:{saved_id}"


def _saved(row: dict[str, Any]) -> Saved:
    return Saved(query=vault().unseal(row.pop("asked"), place_of(row["id"])), **row)


_COLUMNS = "id, account_id, person_id, asked, every, looked_at, due_at, fresh"


async def saved(viewer: Viewer) -> tuple[Saved, ...]:
    """Return the viewer's saved searches, newest first."""
    rows = await DB.rows(
        f"SELECT {_COLUMNS} FROM saved_search WHERE account_id = $1 ORDER BY created_at DESC",  # noqa: S608 - ours
        viewer.account_id,
    )
    return tuple(_saved(row) for row in rows)


async def one(viewer: Viewer, saved_id: UUID) -> Saved | None:
    """Return one saved search of the viewer, or None."""
    return next((each for each in await saved(viewer) if each.id == saved_id), None)


async def due(now: datetime, limit: int = 200) -> tuple[Saved, ...]:
    """Return saved searches whose time to look has come, locked."""
    rows = await DB.rows(
        f"""
        SELECT {_COLUMNS} FROM saved_search WHERE every <> 'NO' AND due_at <= $1
        ORDER BY due_at, id LIMIT {limit} FOR UPDATE SKIP LOCKED
        """,  # noqa: S608 - ours
        now,
    )
    return tuple(_saved(row) for row in rows)


async def favourite_ids(viewer: Viewer, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which of these offers the viewer has put aside."""
    if viewer.account_id is None or not ids:
        return frozenset()
    rows = await DB.rows(
        "SELECT offer FROM favourite WHERE account_id = $1 AND offer = ANY($2::uuid[])", viewer.account_id, list(ids)
    )
    return frozenset(row["offer"] for row in rows)


async def favourites(viewer: Viewer, now: datetime) -> tuple[OfferCard, ...]:
    """Return the offers the viewer put aside that are still on show, newest first."""
    return await _cards(
        viewer, "SELECT offer FROM favourite WHERE account_id = $1 ORDER BY created_at DESC LIMIT 100", now
    )


async def seen(viewer: Viewer, now: datetime) -> tuple[OfferCard, ...]:
    """Return the offers the viewer looked at lately that are still on show."""
    return await _cards(
        viewer, "SELECT offer FROM seen_offer WHERE account_id = $1 ORDER BY seen_at DESC LIMIT 12", now
    )


async def _cards(viewer: Viewer, sql: str, now: datetime) -> tuple[OfferCard, ...]:
    if viewer.account_id is None:
        return ()
    rows = await DB.rows(sql, viewer.account_id)
    shown = await visible([row["offer"] for row in rows], await hidden_from(viewer, now), now)
    return await cards_of(shown, local_day(now), known=viewer.role in STAFF_ROLES)
