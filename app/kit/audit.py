"""Audit rows and state history, written in the same transaction as what they tell of."""

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.machine import Machine
from app.kit.viewer import Viewer


async def audit(
    viewer: Viewer,
    what: str,
    object_type: str,
    object_id: UUID | None,
    *,
    now: datetime,
    fields: Iterable[str] = (),
    purpose: str = "",
    result: str = "OK",
) -> None:
    """Write one audit row: who, in which appointment, did or read what. Never the contents, only field names."""
    await DB.rows(
        """
        INSERT INTO audit_log (id, at, account_id, appointment_id, role, what, object_type, object_id, fields, purpose,
                               result, request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12)
        """,
        new_id(),
        now,
        viewer.account_id,
        viewer.appointment_id,
        viewer.role.value,
        what[:60],
        object_type,
        object_id,
        json.dumps(list(fields)),
        purpose[:200],
        result,
        viewer.request_id[:40],
    )


async def step(
    machine: Machine,
    object_id: UUID,
    state: str,
    event: str,
    actor: str,
    *,
    viewer: Viewer,
    now: datetime,
    reason: str = "",
) -> str:
    """Decide a transition by the machine's table and write its history; returns the new state or raises IllegalStep.

    The caller writes the new state to its own table in the same transaction. `actor` is the part the viewer plays in
    the table of domain 6 (STUDENT, PROVIDER, REVIEWER, SYS ...), not the role.
    """
    target = machine.target(state, event, actor)
    await DB.rows(
        """
        INSERT INTO state_change (id, machine, object_id, source, event, target, actor, account_id, appointment_id,
                                  reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        new_id(),
        machine.name,
        object_id,
        state,
        event,
        target,
        actor,
        viewer.account_id,
        viewer.appointment_id,
        reason,
        now,
    )
    return target


class Change(dict[str, object]):
    """One row of history: source, event, target, actor, reason, at."""


async def history(object_id: UUID) -> list[Change]:
    """Return every state change of a thing, oldest first."""
    rows = await DB.rows(
        """
        SELECT machine, source, event, target, actor, reason, at FROM state_change WHERE object_id = $1 ORDER BY at, id
        """,
        object_id,
    )
    return [Change(row) for row in rows]
