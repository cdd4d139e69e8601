"""Many rows at once with COPY, in the present transaction; for rosters, imports, migrations and the demo."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import ForeignKey, Serial
from piccolo.table import Table

from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.machine import Machine


class PastStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was made elsewhere or before: the event, who played which part, and when."""

    event: str
    actor: str
    at: datetime
    account_id: UUID | None = None
    reason: str = ""


async def add_rows(rows: Sequence[Table]) -> int:
    """Write rows of one or several tables with COPY; rows of one table stand next to each other. Returns how many.

    It skips Piccolo's and our own checks but not those of the database; the caller has decided what is written.
    """
    for table, group in groupby(rows, key=_table_of):
        columns = [column for column in table._meta.columns if not isinstance(column, Serial)]  # noqa: SLF001 - Piccolo's own description of a table
        names = [column._meta.db_column_name for column in columns]  # noqa: SLF001 - likewise
        records = [tuple(_plain(getattr(row, column._meta.name)) for column in columns) for row in group]  # noqa: SLF001 - likewise
        await DB.here().connection.copy_records_to_table(
            table._meta.tablename,  # noqa: SLF001 - likewise
            records=records,
            columns=names,
        )
    return len(rows)


def _table_of(row: Table) -> type[Table]:
    return type(row)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    assert not isinstance(value, ForeignKey)
    return value


async def add_history(machine: Machine, pasts: Iterable[tuple[UUID, str, Sequence[PastStep]]]) -> dict[UUID, str]:
    """Write the history of things that came with one: (id, first state, steps). Returns the state each ended in.

    Every step must stand in the machine's table, as if it had been made here; otherwise IllegalStep is raised.
    """
    records: list[tuple[Any, ...]] = []
    ends: dict[UUID, str] = {}
    for object_id, first, past in pasts:
        state = first
        for step in past:
            target = machine.target(state, step.event, step.actor)
            records.append(
                (
                    new_id(),
                    machine.name,
                    object_id,
                    state,
                    step.event,
                    target,
                    step.actor,
                    step.account_id,
                    step.reason,
                    step.at,
                )
            )
            state = target
        ends[object_id] = state
    names = ("id", "machine", "object_id", "source", "event", "target", "actor", "account_id", "reason", "at")
    await DB.here().connection.copy_records_to_table("state_change", records=records, columns=names)
    return ends
