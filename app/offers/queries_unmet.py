"""What people looked for and did not find: city by kind by week, for committees; there are no words and no persons."""

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.permissions import require
from app.kit.viewer import Role, Viewer
from app.offers.rules import TYPES
from app.organisations import queries as organisations
from app.regions import rules as regions

WEEKS: Final = 6


class UnmetLine(msgspec.Struct, frozen=True, kw_only=True):
    """One kind in one city: searches and those without a result in the weeks shown, newest first."""

    city: str
    kind: str
    asked: int
    without: int
    weeks: tuple[tuple[int, int], ...]
    offers: int


def weeks(now: datetime) -> tuple[date, ...]:
    """Return the Mondays of the weeks shown, newest first."""
    day = local_day(now)
    monday = day - timedelta(days=day.weekday())
    return tuple(monday - timedelta(weeks=number) for number in range(WEEKS))


async def unmet(viewer: Viewer, *, now: datetime) -> tuple[UnmetLine, ...]:
    """Return the lines of the viewer's city, or of the province, those with most searches in vain first."""
    require(viewer, "demand", "R")
    own = ""
    if viewer.role is not Role.PRV:
        org = await organisations.line(viewer.org_id) if viewer.org_id else None
        city = regions.city_of(org.region_code) if org else None
        if city is None:
            return ()
        own = city.code
    shown = weeks(now)
    rows = await DB.rows(
        """
        SELECT week, kind, city, sum(asked)::int AS asked, sum(without)::int AS without
        FROM search_count WHERE week >= $1 AND ($2 = '' OR city = $2) GROUP BY week, kind, city
        """,
        shown[-1],
        own,
    )
    supply = await DB.rows(
        """
        SELECT type, left(region_code, 4) || '00' AS city, count(*)::int AS number FROM offer
        WHERE state = 'PUBLISHED' AND valid_to >= $1 GROUP BY 1, 2
        """,
        local_day(now),
    )
    there = {(row["city"], row["type"]): row["number"] for row in supply}
    found: dict[tuple[str, str], dict[date, tuple[int, int]]] = {}
    for row in rows:
        found.setdefault((row["city"], row["kind"]), {})[row["week"]] = (row["asked"], row["without"])
    lines = [
        UnmetLine(
            city=regions.label(city) if city else "未选城市",
            kind=TYPES.get(kind, "未选类型"),
            asked=sum(asked for asked, _ in by_week.values()),
            without=sum(without for _, without in by_week.values()),
            weeks=tuple(by_week.get(week, (0, 0)) for week in shown),
            offers=_number(there, city, kind),
        )
        for (city, kind), by_week in found.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.without, -line.asked, line.city, line.kind))[:200])


def _number(there: dict[tuple[str, str], int], city: str, kind: str) -> int:
    return sum(
        number for (of_city, of_kind), number in there.items() if city in {"", of_city} and kind in {"", of_kind}
    )
