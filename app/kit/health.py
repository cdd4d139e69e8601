"""Health: alive, and ready with each dependency's state; metrics for Prometheus."""

import asyncio
from typing import Any

import redis.asyncio as redis
from litestar import Response, get
from litestar.datastructures import State
from litestar.enums import MediaType

from app.kit import metrics
from app.kit.db import DB
from app.kit.permissions import open_to
from app.kit.stack.schema import known_migrations

LONGEST_WAIT = 2.0
_HAS_HISTORY = "SELECT to_regclass('migration') IS NOT NULL"


@get("/health/live", **open_to("Tells a supervisor that the process answers."))
async def live() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"state": "ok"}


async def _database(state: State) -> str:
    """Ask the database; once its schema was found current, this process need not look at the migrations again."""
    await DB.value("SELECT 1")
    if not state.get("schema_current"):
        rows = await DB.rows("SELECT name FROM migration") if await DB.value(_HAS_HISTORY) else []
        if not known_migrations() <= {str(row["name"]) for row in rows}:
            return "migration_pending"
        state.schema_current = True
    return "ok"


async def _broker(url: str) -> str:
    if not url.startswith("redis"):
        return "not_checked"
    client = redis.Redis.from_url(url, socket_connect_timeout=LONGEST_WAIT, socket_timeout=LONGEST_WAIT)
    try:
        await client.ping()
    finally:
        await client.aclose()
    return "ok"


async def _try(check: Any) -> str:
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            return str(await check)
    except Exception:  # noqa: BLE001 - whatever is wrong with a dependency, the answer is "down"
        return "down"


@get("/health/ready", **open_to("Tells a load balancer which dependencies answer."))
async def ready(state: State) -> Response[dict[str, Any]]:
    """Answer 200 when the database is up and current; a broker that is away only delays jobs."""
    database = await _try(_database(state))
    broker = await _try(_broker(state.settings.broker_url))
    good = database == "ok"
    return Response(
        {"state": "ok" if good else "down", "database": database, "broker": broker},
        status_code=200 if good else 503,
    )


@get("/metrics", media_type=MediaType.TEXT, **open_to("Counts and times without personal data."))
async def prometheus() -> Response[bytes]:
    """Return the metrics in Prometheus text form."""
    rows = await DB.rows(
        """
        SELECT count(*) FILTER (WHERE state = 'DUE') AS due, count(*) FILTER (WHERE state = 'DEAD') AS dead,
               coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE state = 'DUE')), 0) AS age
        FROM outbox_delivery WHERE state <> 'DONE'
        """
    )
    metrics.OUTBOX_WAITING.set(rows[0]["due"])
    metrics.OUTBOX_DEAD.set(rows[0]["dead"])
    metrics.OUTBOX_AGE.set(max(0.0, float(rows[0]["age"])))
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")


ROUTES = (live, ready, prometheus)
