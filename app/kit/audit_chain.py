"""The chain of audit rows: sealed every minute, checked every night; a changed row breaks every hash after it."""

import hashlib
import json
from datetime import datetime
from typing import Any

from app.kit.db import DB
from app.kit.logs import logger
from app.kit.outbox import Fact, subscribe

SEAL_AT_ONCE = 5000
CHAIN_LOCK = 7_112_357
_COLUMNS = (
    "id, seq, at, account_id, appointment_id, role, what, object_type, object_id, fields, purpose, result, "
    "request_id, prev_hash, hash"
)


def link(previous: bytes, row: dict[str, Any]) -> bytes:
    """Return the hash of a row after the hash before it (SHA-256 over a canonical JSON form)."""
    body = {key: str(value) for key, value in row.items() if key not in {"hash", "prev_hash"}}
    return hashlib.sha256(previous + json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).digest()


@subscribe("tick.minute", name="kit.seal_audit")
async def seal(_fact: Fact, _now: datetime) -> None:
    """Chain the rows written since the last time."""
    await DB.rows("SELECT pg_advisory_xact_lock($1)", CHAIN_LOCK)
    last = await DB.value("SELECT hash FROM audit_log WHERE hash IS NOT NULL ORDER BY seq DESC LIMIT 1")
    previous = last or b""
    rows = await DB.rows(
        f"SELECT {_COLUMNS} FROM audit_log WHERE hash IS NULL ORDER BY seq LIMIT $1",  # noqa: S608 - fixed columns
        SEAL_AT_ONCE,
    )
    for row in rows:
        mark = link(previous, row)
        await DB.rows("UPDATE audit_log SET prev_hash = $2, hash = $3 WHERE id = $1", row["id"], previous, mark)
        previous = mark


async def first_break() -> int | None:
    """Return the `seq` of the first sealed row whose chain does not hold, or None."""
    rows = await DB.rows(
        f"SELECT {_COLUMNS} FROM audit_log WHERE hash IS NOT NULL ORDER BY seq"  # noqa: S608 - fixed columns
    )
    previous: bytes | None = None
    for row in rows:
        before = row["prev_hash"] if previous is None else previous
        if row["prev_hash"] != before or link(before, row) != row["hash"]:
            return int(row["seq"])
        previous = row["hash"]
    return None


@subscribe("tick.night", name="kit.check_audit")
async def check(_fact: Fact, _now: datetime) -> None:
    """Check the whole chain and shout when it is broken."""
    broken = await first_break()
    if broken is not None:
        logger("audit").error("audit_chain_broken", seq=broken)
