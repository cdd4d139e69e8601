"""The escalation chain: an alert nobody took in hand rings further and further (domain 10, T02)."""

from datetime import datetime

from app.kit.db import DB
from app.kit.viewer import Role
from app.safety.rules import ACKNOWLEDGE_WITHIN, circles_due
from app.safety.service import ring

CIRCLES = ([Role.SUP, Role.CIT], [Role.SUP, Role.CIT, Role.PRV], [Role.SUP, Role.CIT, Role.PRV, Role.PSY])


async def escalate(now: datetime) -> int:
    """Ring the next circle for every alert without an owner; each circle rings once. Returns how many rang."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            SELECT * FROM crisis_alert
            WHERE ack_at IS NULL AND closed_at IS NULL AND at <= $1 AND escalated < $2
            ORDER BY at FOR UPDATE SKIP LOCKED
            """,
            now - ACKNOWLEDGE_WITHIN,
            len(CIRCLES),
        )
        rang = 0
        for row in rows:
            reached = circles_due(now - row["at"])
            if reached <= row["escalated"]:
                continue
            await DB.rows(
                "UPDATE crisis_alert SET escalated = $2, nudged_at = $3, updated_at = $3 WHERE id = $1",
                row["id"],
                reached,
                now,
            )
            await ring(row, CIRCLES[reached - 1], now=now)
            rang += 1
    return rang
