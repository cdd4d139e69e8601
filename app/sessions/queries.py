"""Reads of sessions: what is booked, what is free, and what each side may see of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.matches import queries as matches
from app.matches.queries import MatchFacts
from app.offers import queries as offers
from app.offers.kinds import KINDS
from app.sessions.rules import Busy, free_slots

COLUMNS = """
id, match_id, provider_id, student_id, proposed_by, mode, start, "end", place, link, state, attendance, checked_in_at,
result, next_plan, minutes
"""


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One session without the professional's note. `result` is what the student may read."""

    id: UUID
    match_id: UUID
    provider_id: UUID
    student_id: UUID
    proposed_by: str
    mode: str
    start: datetime
    end: datetime
    place: str
    link: str
    state: str
    attendance: str
    checked_in_at: datetime | None
    result: str
    next_plan: str
    minutes: int


def session_of(row: dict[str, Any]) -> SessionFacts:
    """Build a session from a row of COLUMNS."""
    return SessionFacts(**row)


async def of_matches(match_ids: Iterable[UUID]) -> dict[UUID, tuple[SessionFacts, ...]]:
    """Return the sessions of matches, oldest first; the caller has checked who asks."""
    rows = await DB.rows(
        f"SELECT {COLUMNS} FROM service_session WHERE match_id = ANY($1::uuid[]) ORDER BY start, id",  # noqa: S608 - fixed columns
        list(match_ids),
    )
    found: dict[UUID, tuple[SessionFacts, ...]] = {}
    for row in rows:
        found[row["match_id"]] = (*found.get(row["match_id"], ()), session_of(row))
    return found


async def of_match(match_id: UUID) -> tuple[SessionFacts, ...]:
    """Return the sessions of one match, oldest first."""
    return (await of_matches([match_id])).get(match_id, ())


async def find(session_id: UUID) -> SessionFacts:
    """Return one session; NotFound when there is none. The caller checks who asks."""
    rows = await DB.rows(f"SELECT {COLUMNS} FROM service_session WHERE id = $1", session_id)  # noqa: S608 - fixed columns
    if not rows:
        raise NotFound
    return session_of(rows[0])


async def busy_of(provider_id: UUID, now: datetime) -> tuple[Busy, ...]:
    """Return the times of a provider that are booked or proposed from now on."""
    rows = await DB.rows(
        """
        SELECT start, "end" FROM service_session
        WHERE provider_id = $1 AND state IN ('PROPOSED', 'BOOKED', 'RUNNING') AND "end" > $2 ORDER BY start
        """,
        provider_id,
        now,
    )
    return tuple(Busy(row["start"], row["end"]) for row in rows)


async def free_of(match: MatchFacts, now: datetime) -> tuple[datetime, ...]:
    """Return the free times a match can be booked at, from the weekly times of its offer."""
    offer = await offers.facts(match.offer_id)
    if offer is None or offer.type not in KINDS:
        return ()
    kind = KINDS[offer.type]
    weekly = kind.features(kind.from_json(offer.terms)).get("slots") or ()
    return free_slots(weekly, await busy_of(match.provider_id, now), now)


async def modes_of(match: MatchFacts) -> tuple[str, ...]:
    """Return the modes in which an offer can take place."""
    offer = await offers.facts(match.offer_id)
    if offer is None or offer.type not in KINDS:
        return ()
    kind = KINDS[offer.type]
    return tuple(kind.features(kind.from_json(offer.terms)).get("modes") or ("FF",))


async def note_of(viewer: Viewer, session_id: UUID) -> bytes | None:
    """Return the sealed note of a session to the professional who wrote it, and to nobody else."""
    require(viewer, "session.note", "R")
    session = await find(session_id)
    match = await matches.find(session.match_id)
    if match is None or viewer.provider_id != match.provider_id:
        raise NotFound
    sealed: bytes | None = await DB.value("SELECT summary_sealed FROM service_session WHERE id = $1", session_id)
    return sealed


async def feedback_given(match_id: UUID) -> frozenset[str]:
    """Return which sides have given feedback."""
    rows = await DB.rows("SELECT DISTINCT by FROM feedback WHERE match_id = $1", match_id)
    return frozenset(row["by"] for row in rows)


async def due_reminders(column: str, before: datetime, now: datetime) -> list[SessionFacts]:
    """Return booked sessions that begin before a moment and have not been announced in this way."""
    assert column in {"reminded_24", "reminded_2"}, column
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS} FROM service_session
        WHERE state = 'BOOKED' AND NOT {column} AND start > $1 AND start <= $2 ORDER BY start, id
        """,  # noqa: S608 - the column is one of two
        now,
        before,
    )
    return [session_of(row) for row in rows]
