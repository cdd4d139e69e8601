"""What time does to offers: they end, are archived a year later, and their owners are reminded before."""

from datetime import datetime, timedelta

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.viewer import SYSTEM
from app.offers.rules import ARCHIVE_AFTER, REMIND_DAYS, RUNNING
from app.offers.service_state import OfferRow, locked, move, tell_owners


async def expire(*, now: datetime) -> int:
    """End every offer past its last day or past its verification; returns how many. Safe to run twice."""
    day = local_day(now)
    async with DB.transaction():
        rows = await DB.rows(
            """
            SELECT id FROM offer WHERE state = ANY($1::text[]) AND (valid_to < $2 OR verified_until < $2)
            ORDER BY id FOR UPDATE SKIP LOCKED
            """,
            sorted(RUNNING),
            day,
        )
        for found in rows:
            row = await locked(found["id"])
            reason = "有效期已过" if row.valid_to < day else "核验已过期，需要重新核验"
            row = await move(row, "end_date", "SYS", viewer=SYSTEM, now=now, reason=reason, return_reason=reason)
            await tell_owners(row, "offer.ended", now)
        return len(rows)


async def archive(*, now: datetime) -> int:
    """Archive what expired twelve months ago; returns how many."""
    async with DB.transaction():
        rows = await DB.rows(
            "SELECT id FROM offer WHERE state = 'EXPIRED' AND ended_at < $1 ORDER BY id FOR UPDATE SKIP LOCKED",
            now - ARCHIVE_AFTER,
        )
        for found in rows:
            await move(await locked(found["id"]), "archive", "SYS", viewer=SYSTEM, now=now)
        return len(rows)


async def remind(*, now: datetime) -> int:
    """Remind owners 60, 30 and 7 days before an offer ends, once a day at most; returns how many offers."""
    day = local_day(now)
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE offer SET reminded_on = $1
            WHERE state = ANY($2::text[]) AND LEAST(valid_to, COALESCE(verified_until, valid_to)) = ANY($3::date[])
              AND reminded_on IS DISTINCT FROM $1 RETURNING id
            """,
            day,
            sorted(RUNNING),
            [day + timedelta(days=days) for days in REMIND_DAYS],
        )
        reminded: list[OfferRow] = [await locked(found["id"]) for found in rows]
        for row in reminded:
            await tell_owners(row, "offer.ending", now)
        return len(reminded)
