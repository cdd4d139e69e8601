"""What the clock does once: a mark with a key that exists only once, written with what was done."""

from collections.abc import Iterable
from datetime import datetime

from app.kit.db import DB
from app.kit.ids import new_id


async def first_time(key: str, *, now: datetime) -> bool:
    """Tell whether nothing was done under this key before, and mark it as done in the present transaction."""
    return bool(await first_times([key], now=now))


async def first_times(keys: Iterable[str], *, now: datetime) -> frozenset[str]:
    """Return those of the keys under which nothing was done before, and mark them all."""
    wanted = list(dict.fromkeys(keys))
    rows = await DB.rows(
        """
        INSERT INTO clock_mark (id, key, created_at, updated_at, version, data_class, legal_basis)
        SELECT each.id, each.key, $3, $3, 1, 'L2', 'duty' FROM unnest($1::uuid[], $2::text[]) AS each (id, key)
        ON CONFLICT (key) DO NOTHING RETURNING key
        """,
        [new_id() for _key in wanted],
        wanted,
        now,
    )
    return frozenset(row["key"] for row in rows)
