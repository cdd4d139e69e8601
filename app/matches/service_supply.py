"""Tasks to find offers where a run found a shortage; one open task for each city and kind."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import Role, Viewer
from app.matches import queries_runs
from app.needs import service_steps as need_steps
from app.organisations import queries as organisations

PAGE = "/matching/supply"


async def open_task(viewer: Viewer, city: str, kind: str, wanted: int, *, now: datetime) -> UUID:
    """Ask the committees of a city to find offers; an open task of the same city and kind gets the new number."""
    require(viewer, "match.supply", "C")
    if not await queries_runs.covers_city(viewer, city):
        raise NotFound
    async with DB.transaction():
        rows = await DB.rows(
            """
            INSERT INTO match_supply_task (id, created_at, updated_at, version, data_class, legal_basis, region_code,
                                           kind, wanted, state, account_id, created_by_appointment, at, note)
            VALUES ($1, $2, $2, 1, 'L2', 'duty', $3, $4, $5, 'OPEN', $6, $7, $2, '')
            ON CONFLICT (region_code, kind) WHERE state = 'OPEN'
            DO UPDATE SET wanted = EXCLUDED.wanted, updated_at = EXCLUDED.updated_at,
                          version = match_supply_task.version + 1
            RETURNING id
            """,
            new_id(),
            now,
            city,
            kind,
            wanted,
            viewer.account_id,
            viewer.appointment_id,
        )
        task_id: UUID = rows[0]["id"]
        await audit(viewer, "supply.want", "match_supply_task", task_id, now=now)
        await record("supply.wanted", task_id, now=now, region=city, offer_kind=kind, wanted=wanted)
        place = await organisations.org_for_region(city)
        for account in await need_steps.handlers([Role.CIT, Role.CTY], place.path if place else "", now=now):
            await notify(account, "supply.wanted", PAGE, now=now)
    return task_id


async def finish(viewer: Viewer, task_id: UUID, note: str, *, now: datetime) -> None:
    """Note that a task is done and what came of it."""
    require(viewer, "match.supply", "R")
    async with DB.transaction():
        rows = await DB.rows(
            "SELECT region_code FROM match_supply_task WHERE id = $1 AND state = 'OPEN' FOR UPDATE", task_id
        )
        if not rows or not await queries_runs.covers_city(viewer, rows[0]["region_code"]):
            raise NotFound
        await DB.rows(
            """
            UPDATE match_supply_task SET state = 'DONE', done_at = $2, done_by = $3, note = $4, updated_at = $2,
                   version = version + 1 WHERE id = $1
            """,
            task_id,
            now,
            viewer.account_id,
            note,
        )
        await audit(viewer, "supply.done", "match_supply_task", task_id, now=now)
