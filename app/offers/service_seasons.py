"""Changing a season: its window, greeting, kinds to the front, and collections."""

import json
from datetime import datetime

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.offers.queries_seasons import id_of
from app.offers.rules_search import Season


async def change(viewer: Viewer, season: Season, *, now: datetime) -> None:
    """Write a season that exists."""
    require(viewer, "season", "U")
    async with DB.transaction():
        season_id = await id_of(season.code)
        if season_id is None:
            raise NotFound
        await DB.rows(
            """
            UPDATE season SET title = $2, lead = $3, first = $4, last = $5, kinds = $6, collections = $7::jsonb,
                   active = $8, version = version + 1, updated_at = $9, created_by_appointment = $10 WHERE id = $1
            """,
            season_id,
            season.title,
            season.lead,
            season.first,
            season.last,
            " ".join(season.kinds),
            json.dumps([{"label": label, "query": query} for label, query in season.collections], ensure_ascii=False),
            season.active,
            now,
            viewer.appointment_id,
        )
        await audit(viewer, "season.change", "season", season_id, now=now)
