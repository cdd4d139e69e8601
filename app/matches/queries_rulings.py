"""Rulings of cadres on pairs: which are in force, and what the last run made of them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.matches.rules_runs import CHOICES, Outcome

_COLUMNS = "id, need_id, offer_id, verdict, reason, account_id, created_by_appointment, at, ended_at, outcome"


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a cadre on a pair: PIN, FORBID or OVERRIDE; in force while `ended_at` is None."""

    id: UUID
    need_id: UUID
    offer_id: UUID
    verdict: str
    reason: str
    account_id: UUID
    created_by_appointment: UUID | None
    at: datetime
    ended_at: datetime | None
    outcome: Outcome

    @property
    def chooses(self) -> bool:
        """Whether the ruling gives the need its offer."""
        return self.verdict in CHOICES


def _ruling(row: dict[str, Any]) -> Ruling:
    return Ruling(**(row | {"outcome": msgspec.convert(json.loads(row["outcome"]), Outcome)}))


async def in_force(need_ids: Iterable[UUID]) -> list[Ruling]:
    """Return the rulings in force on needs, oldest first."""
    rows = await DB.rows(
        f"SELECT {_COLUMNS} FROM match_ruling WHERE need_id = ANY($1::uuid[]) AND ended_at IS NULL ORDER BY at, id",  # noqa: S608 - fixed columns
        list(set(need_ids)),
    )
    return [_ruling(row) for row in rows]


async def of_need(need_id: UUID) -> list[Ruling]:
    """Return every ruling on a need, the ones in force first, then the newest."""
    rows = await DB.rows(
        f"""
        SELECT {_COLUMNS} FROM match_ruling WHERE need_id = $1
        ORDER BY ended_at IS NOT NULL, at DESC, id DESC LIMIT 100
        """,  # noqa: S608 - fixed columns
        need_id,
    )
    return [_ruling(row) for row in rows]


async def find(ruling_id: UUID) -> Ruling | None:
    """Return one ruling, or None; the caller checks who asks."""
    rows = await DB.rows(f"SELECT {_COLUMNS} FROM match_ruling WHERE id = $1", ruling_id)  # noqa: S608 - fixed columns
    return _ruling(rows[0]) if rows else None


async def forbidden(need_id: UUID, offer_id: UUID) -> bool:
    """Tell whether a cadre ruled a pair out."""
    return bool(
        await DB.value(
            """
            SELECT 1 FROM match_ruling
            WHERE need_id = $1 AND offer_id = $2 AND verdict = 'FORBID' AND ended_at IS NULL LIMIT 1
            """,
            need_id,
            offer_id,
        )
    )
