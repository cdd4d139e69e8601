"""What the figures of supply and demand need of matches: answers, lapses, no-shows, and when a need was confirmed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.db import DB


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over the matches of some needs, from their history; a match counts once for each thing that happened."""

    proposed: int = 0
    declined_by_students: int = 0
    declined_by_providers: int = 0
    lapsed: int = 0
    no_shows_of_students: int = 0
    no_shows_of_providers: int = 0


async def answers(need_ids: Iterable[UUID]) -> Answers:
    """Count what happened to the matches of needs; proposals that lapsed for another choice are not lapses."""
    rows = await DB.rows(
        """
        SELECT (SELECT count(*) FROM match WHERE need_id = ANY($1::uuid[]))::int AS proposed,
               count(*) FILTER (WHERE c.target = 'S_DECLINED')::int AS declined_by_students,
               count(*) FILTER (WHERE c.target = 'P_DECLINED')::int AS declined_by_providers,
               count(*) FILTER (WHERE c.target = 'LAPSED' AND c.reason = 'no_answer')::int AS lapsed,
               count(*) FILTER (WHERE c.target = 'NO_SHOW_S')::int AS no_shows_of_students,
               count(*) FILTER (WHERE c.target = 'NO_SHOW_P')::int AS no_shows_of_providers
        FROM match m JOIN state_change c ON c.object_id = m.id WHERE m.need_id = ANY($1::uuid[])
        """,
        list(need_ids),
    )
    return Answers(**rows[0])


async def confirmed_at(need_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when each need was first confirmed."""
    rows = await DB.rows(
        """
        SELECT need_id, min(confirmed_at) AS at FROM match
        WHERE need_id = ANY($1::uuid[]) AND confirmed_at IS NOT NULL GROUP BY need_id
        """,
        list(need_ids),
    )
    return {row["need_id"]: row["at"] for row in rows}
