"""Reads of sessions: what is booked, what is free, and what each side may see of it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotFound
from app.matches.queries import MatchFacts
from app.offers import queries as offers
from app.offers.kinds import KINDS
from app.offers.queries import OfferFacts
from app.sessions.rules_times import Busy, Change, Timetable, free_slots

COLUMNS = """
id, match_id, provider_id, student_id, proposed_by, mode, start, "end", place, link, state, attendance, checked_in_at,
result, next_plan, minutes, moves, summary_by
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
    moves: UUID | None = None
    summary_by: UUID | None = None


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


async def busy_of(provider_id: UUID, now: datetime, *, but: UUID | None = None) -> tuple[Busy, ...]:
    """Return the times of a provider that are booked or proposed from now on, leaving one session out."""
    rows = await DB.rows(
        """
        SELECT start, "end" FROM service_session
        WHERE provider_id = $1 AND state IN ('PROPOSED', 'BOOKED', 'RUNNING') AND "end" > $2
          AND ($3::uuid IS NULL OR (id <> $3 AND moves IS DISTINCT FROM $3)) ORDER BY start
        """,
        provider_id,
        now,
        but,
    )
    return tuple(Busy(row["start"], row["end"]) for row in rows)


async def changes_of(provider_id: UUID, first: date) -> tuple[Change, ...]:
    """Return the days from one on that differ from the weekly times of a provider."""
    rows = await DB.rows(
        """
        SELECT day, kind, start, "end" FROM session_day_change
        WHERE provider_id = $1 AND day >= $2 ORDER BY day, start, kind DESC
        """,
        provider_id,
        first,
    )
    return tuple(Change(**row) for row in rows)


async def timetable_of(provider_id: UUID, now: datetime) -> Timetable | None:
    """Return the times a provider has set for all its offers, or None while none are set."""
    rows = await DB.rows("SELECT weekly, on_holidays FROM session_timetable WHERE provider_id = $1", provider_id)
    if not rows:
        return None
    weekly = msgspec.json.decode(rows[0]["weekly"], type=tuple[tuple[int, int, int], ...])
    return Timetable(weekly, await changes_of(provider_id, local_day(now)), rows[0]["on_holidays"])


def weekly_in(offer: OfferFacts) -> tuple[tuple[int, int, int], ...]:
    """Return the weekly times that an offer itself names."""
    if offer.type not in KINDS:
        return ()
    kind = KINDS[offer.type]
    return tuple(kind.features(kind.from_json(offer.terms)).get("slots") or ())


async def free_of(match: MatchFacts, now: datetime, *, but: UUID | None = None) -> tuple[datetime, ...]:
    """Return the free times a match can be booked at: the provider's timetable, or else the times of its offer.

    A session that is to be moved (`but`) does not stand in its own way.
    """
    times = await timetable_of(match.provider_id, now)
    if times is None:
        offer = await offers.facts(match.offer_id)
        if offer is None or not (weekly := weekly_in(offer)):
            return ()
        times = Timetable(weekly, await changes_of(match.provider_id, local_day(now)))
    return free_slots(times, await busy_of(match.provider_id, now, but=but), now)


async def modes_of(match: MatchFacts) -> tuple[str, ...]:
    """Return the modes in which an offer can take place."""
    offer = await offers.facts(match.offer_id)
    if offer is None or offer.type not in KINDS:
        return ()
    kind = KINDS[offer.type]
    return tuple(kind.features(kind.from_json(offer.terms)).get("modes") or ("FF",))


async def feedback_given(match_id: UUID) -> frozenset[str]:
    """Return which sides have given feedback."""
    rows = await DB.rows("SELECT DISTINCT by FROM feedback WHERE match_id = $1", match_id)
    return frozenset(row["by"] for row in rows)


async def due_reminders(column: str, before: datetime, now: datetime) -> list[SessionFacts]:
    """Return booked sessions that begin before a moment and have not been announced in this way."""
    assert column in {"reminded_24", "reminded_2"}, column
    return await _where(f"state = 'BOOKED' AND NOT {column} AND start > $1 AND start <= $2", now, before)


async def not_checked_in(start: datetime) -> list[SessionFacts]:
    """Return booked sessions that should have begun before a moment and at which nobody has checked in."""
    return await _where("state = 'BOOKED' AND checked_in_at IS NULL AND start <= $1", start)


async def without_record(end: datetime) -> list[SessionFacts]:
    """Return sessions that were over before a moment, still without a word of what became of them."""
    return await _where("""state IN ('BOOKED', 'RUNNING') AND NOT reminded_open AND "end" <= $1""", end)


async def coming_for(student_id: UUID, provider_ids: list[UUID], since: datetime) -> list[SessionFacts]:
    """Return what stands in somebody's calendar: booked, running and past sessions, as a student or for providers."""
    return await _where(
        "state IN ('BOOKED', 'RUNNING', 'DONE') AND start >= $3 AND (student_id = $1 OR provider_id = ANY($2::uuid[]))",
        student_id,
        provider_ids,
        since,
    )


async def _where(condition: str, *args: Any) -> list[SessionFacts]:
    rows = await DB.rows(f"SELECT {COLUMNS} FROM service_session WHERE {condition} ORDER BY start, id", *args)  # noqa: S608 - fixed conditions of this file
    return [session_of(row) for row in rows]
