"""Counting searches without their words: by week, kind, city and the names of the filters."""

from datetime import datetime, timedelta

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.ids import new_id
from app.offers.rules_search import Asked


async def count(asked: Asked, total: int, *, now: datetime) -> None:
    """Count one search; a further page of the same search is not another one."""
    if asked.page > 1:
        return
    day = local_day(now)
    await DB.rows(
        """
        INSERT INTO search_count (id, created_at, updated_at, version, data_class, legal_basis,
                                  week, kind, city, filters, asked, without, found)
        VALUES ($1, $2, $2, 1, 'L1', 'duty', $3, $4, $5, $6, 1, $7, $8)
        ON CONFLICT (week, kind, city, filters) DO UPDATE
        SET asked = search_count.asked + 1, without = search_count.without + excluded.without,
            found = least(search_count.found::bigint + excluded.found, 2000000000), updated_at = excluded.updated_at
        """,
        new_id(),
        now,
        day - timedelta(days=day.weekday()),
        asked.kind,
        asked.city,
        " ".join(asked.filter_names())[:200],
        int(total == 0),
        total,
    )
