"""The seasons of the school year as they stand in their table."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.offers.rules_search import Season, season_of


def _season(row: dict[str, Any]) -> Season:
    collections = tuple((each["label"], each["query"]) for each in json.loads(row.pop("collections")))
    return Season(**{**row, "kinds": tuple(row["kinds"].split()), "collections": collections})


async def seasons() -> tuple[Season, ...]:
    """Return every season in the order of its beginning."""
    rows = await DB.rows("SELECT code, title, lead, first, last, kinds, collections, active FROM season ORDER BY first")
    return tuple(_season(row) for row in rows)


async def season_now(now: datetime) -> Season | None:
    """Return the season of today, if any."""
    return season_of(await seasons(), local_day(now))


async def id_of(code: str) -> UUID | None:
    """Return the id of a season."""
    found: UUID | None = await DB.value("SELECT id FROM season WHERE code = $1", code)
    return found
