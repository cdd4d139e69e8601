"""Reads of matches: rows for verbs and jobs, and what each side of a match may see."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.kit.parts import ScorePart
from app.matches.rules import LIVE, PART_LABELS
from app.needs import queries as needs
from app.needs.rules import SUBS
from app.offers.queries import OpenWish, tells_open_wishes

COLUMNS = """
id, need_id, offer_id, student_id, provider_id, kind, score, reasons, state, origin, proposed_at, deadline_at,
s_accepted_at, confirmed_at, ended_at, ended_reason, decline_code, decline_note, shared_fields, consent_id, holds_place,
no_shows, rebooks, agreement, next_at, rating, run_id, rank, version
"""
_LIVE = sorted(LIVE)


class MatchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One match as services and jobs see it. `next_at` is the start of the booked meeting."""

    id: UUID
    need_id: UUID
    offer_id: UUID
    student_id: UUID
    provider_id: UUID
    kind: str
    score: float
    reasons: dict[str, Any]
    state: str
    origin: str
    proposed_at: datetime
    deadline_at: datetime | None
    s_accepted_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    ended_reason: str
    decline_code: str
    decline_note: str
    shared_fields: tuple[str, ...]
    consent_id: UUID | None
    holds_place: bool
    no_shows: int
    rebooks: int
    agreement: dict[str, Any]
    next_at: datetime | None
    rating: int | None
    run_id: UUID | None
    rank: int
    version: int

    @property
    def parts(self) -> tuple[ScorePart, ...]:
        """Why this was proposed, part by part."""
        return tuple(
            ScorePart(
                label=PART_LABELS.get(part["code"], part["code"]),
                verdict=part["verdict"],
                points=part["points"],
                most=part["most"],
                why=part["why"],
            )
            for part in self.reasons.get("parts", [])
        )

    @property
    def fix(self) -> str:
        """What would make it fit better, in one line."""
        return "".join(dict.fromkeys(part["remedy"] for part in self.reasons.get("parts", []) if part["remedy"]))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing before one says yes."""
        return tuple(self.reasons.get("notes", []))


def match_of(row: dict[str, Any]) -> MatchFacts:
    """Build a match from a row of COLUMNS."""
    return MatchFacts(
        **(
            row
            | {
                "reasons": json.loads(row["reasons"]) or {},
                "agreement": json.loads(row["agreement"]),
                "shared_fields": tuple(row["shared_fields"] or ()),
                "holds_place": bool(row["holds_place"]),
            }
        )
    )


async def find(match_id: UUID) -> MatchFacts | None:
    """Return one match, or None; the caller checks who asks."""
    rows = await DB.rows(f"SELECT {COLUMNS} FROM match WHERE id = $1", match_id)  # noqa: S608 - fixed columns
    return match_of(rows[0]) if rows else None


async def of_need(need_id: UUID) -> list[MatchFacts]:
    """Return every match of a need, oldest first."""
    rows = await DB.rows(f"SELECT {COLUMNS} FROM match WHERE need_id = $1 ORDER BY proposed_at, id", need_id)  # noqa: S608 - fixed columns
    return [match_of(row) for row in rows]


async def live_where(column: str, value: UUID) -> list[MatchFacts]:
    """Return live matches of one need, offer, provider or student."""
    assert column in {"need_id", "offer_id", "provider_id", "student_id"}, column
    rows = await DB.rows(
        f"SELECT {COLUMNS} FROM match WHERE {column} = $1 AND state = ANY($2::text[]) ORDER BY proposed_at, id",  # noqa: S608 - checked above
        value,
        _LIVE,
    )
    return [match_of(row) for row in rows]


async def overdue(now: datetime, limit: int = 500) -> list[UUID]:
    """Return matches whose answer is overdue."""
    rows = await DB.rows(
        """
        SELECT id FROM match WHERE state IN ('PROPOSED', 'S_ACCEPTED', 'P_ACCEPTED') AND deadline_at <= $1
        ORDER BY deadline_at, id LIMIT $2
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def in_state_since(state: str, before: datetime) -> list[MatchFacts]:
    """Return matches that have been in a state since before a moment (no-shows that nobody followed up)."""
    rows = await DB.rows(
        f"SELECT {COLUMNS} FROM match WHERE state = $1 AND updated_at <= $2 ORDER BY updated_at, id",  # noqa: S608 - fixed columns
        state,
        before,
    )
    return [match_of(row) for row in rows]


class ProviderLoad(msgspec.Struct, frozen=True):
    """What a provider's matches say about fairness, load and quality."""

    booked_week: int = 0
    last_match_on: date | None = None
    ratings_sum: int = 0
    ratings_count: int = 0


async def loads(provider_ids: Iterable[UUID], now: datetime) -> dict[UUID, ProviderLoad]:
    """Return the load of providers in one query: sessions of the coming week, last match, ratings."""
    rows = await DB.rows(
        """
        SELECT provider_id,
               count(*) FILTER (WHERE state = 'SCHEDULED' AND next_at >= $2 AND next_at < $3) AS booked_week,
               max((confirmed_at AT TIME ZONE 'Asia/Shanghai')::date) AS last_match_on,
               coalesce(sum(rating), 0)::int AS ratings_sum, count(rating)::int AS ratings_count
        FROM match WHERE provider_id = ANY($1::uuid[]) GROUP BY provider_id
        """,
        list(set(provider_ids)),
        now,
        now + timedelta(days=7),
    )
    return {row.pop("provider_id"): ProviderLoad(**row) for row in rows}


class History(msgspec.Struct, frozen=True):
    """What happened before between one need and its offers."""

    excluded_offers: frozenset[UUID] = frozenset()
    excluded_providers: frozenset[UUID] = frozenset()
    open_offers: frozenset[UUID] = frozenset()
    waiting: int = 0
    taken: bool = False


async def histories(need_ids: Iterable[UUID]) -> dict[UUID, History]:
    """Return the history of needs: declined pairs, earlier providers, open proposals, and whether one is taken."""
    rows = await DB.rows(
        """
        SELECT need_id,
               array_agg(offer_id) FILTER (WHERE state IN ('S_DECLINED', 'P_DECLINED')
                   OR (state = 'LAPSED' AND ended_reason = 'no_answer')) AS declined,
               array_agg(provider_id) FILTER (WHERE state IN ('CANCELLED', 'TERMINATED')) AS earlier,
               array_agg(offer_id) FILTER (WHERE state IN ('PROPOSED', 'S_ACCEPTED', 'P_ACCEPTED')) AS open,
               count(*) FILTER (WHERE state = ANY($2::text[])
                   AND state NOT IN ('PROPOSED', 'S_ACCEPTED', 'P_ACCEPTED')) AS held
        FROM match WHERE need_id = ANY($1::uuid[]) GROUP BY need_id
        """,
        list(set(need_ids)),
        _LIVE,
    )
    return {
        row["need_id"]: History(
            excluded_offers=frozenset(row["declined"] or ()),
            excluded_providers=frozenset(row["earlier"] or ()),
            open_offers=frozenset(row["open"] or ()),
            waiting=len(row["open"] or ()),
            taken=row["held"] > 0,
        )
        for row in rows
    }


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the last run of a need found: how many offers it saw, why others were kept away, what would help."""

    at: datetime
    cause: str
    offers_seen: int
    proposed: int
    widen: int
    refusals: dict[str, int]
    hints: tuple[str, ...]


async def last_run(need_id: UUID) -> RunFacts | None:
    """Return the newest run of a need, or None."""
    rows = await DB.rows(
        """
        SELECT at, cause, offers_seen, proposed, widen, refusals, hints FROM match_run
        WHERE need_id = $1 ORDER BY at DESC, id DESC LIMIT 1
        """,
        need_id,
    )
    if not rows:
        return None
    row = rows[0]
    hints = tuple(hint["sentence"] for hint in json.loads(row["hints"]))
    return RunFacts(**(row | {"refusals": json.loads(row["refusals"]), "hints": hints}))


@tells_open_wishes
async def open_wishes(person_id: UUID, kind: str, _now: datetime) -> tuple[OpenWish, ...]:
    """Return a student's open needs for which an offer of this kind may be chosen; the offer's page asks."""
    found = await needs.facts_many(await needs.open_ids_of(person_id))
    return tuple(
        OpenWish(need.id, need.title or SUBS.get(need.sub, need.no)) for need in found.values() if need.kind == kind
    )
