"""A run over all kinds: split into components, each solved and proven in a job of its own, then closed (domain 9).

Every step reads the present state and may run twice: a component that is done is left alone, and a process that dies
in the middle leaves nothing behind, because a component's answer is written in one transaction.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.bulk import add_rows
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import SYSTEM, Viewer
from app.matches import service_library, service_snapshot
from app.matches.errors import RunGoing
from app.matches.rules_runs import STUCK_AFTER, Figures, Proof, added, proven, within
from app.matches.service_snapshot import Snapshot
from app.matches.tables_runs import MatchComponent, MatchOfferPrice, MatchPlan
from app.offers.kinds import KINDS

if TYPE_CHECKING:
    from app.matches.service_arrays import Solved

NOT_FINISHED = "这一部分在时限内没有算完。"


async def start(viewer: Viewer, *, now: datetime) -> UUID:
    """Start a run by hand; refused while another one is going on."""
    require(viewer, "match.run", "C")
    async with DB.transaction():
        batch_id = await begin("HAND", now=now, viewer=viewer)
        if batch_id is None:
            raise RunGoing
        await audit(viewer, "match.run", "match_batch", batch_id, now=now)
    return batch_id


async def begin(cause: str, *, now: datetime, viewer: Viewer = SYSTEM) -> UUID | None:
    """Open a run and ask a worker to split it; None while another one is going on."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            INSERT INTO match_batch (id, created_at, updated_at, version, data_class, legal_basis, cause, state,
                                     started_at, account_id, created_by_appointment, total, figures, certificate, fault)
            VALUES ($1, $2, $2, 1, 'L2', 'duty', $3, 'RUNNING', $2, $4, $5, 0, '{}', '{}', '')
            ON CONFLICT (state) WHERE state = 'RUNNING' DO NOTHING RETURNING id
            """,
            new_id(),
            now,
            cause,
            viewer.account_id,
            viewer.appointment_id,
        )
        if not rows:
            return None
        await record("match.run_wanted", rows[0]["id"], now=now, cause=cause)
    batch_id: UUID = rows[0]["id"]
    return batch_id


async def _running(batch_id: UUID) -> bool:
    """Lock a run for the rest of the transaction and tell whether it still goes on."""
    return bool(await DB.value("SELECT state = 'RUNNING' FROM match_batch WHERE id = $1 FOR UPDATE", batch_id))


async def split(batch_id: UUID, *, now: datetime) -> int:
    """Split what waits into components, one fact for each; returns how many. A second call changes nothing."""
    async with DB.transaction():
        if not await _running(batch_id):
            return 0
        if await DB.value("SELECT 1 FROM match_component WHERE batch_id = $1 LIMIT 1", batch_id):
            return 0
        parts: list[MatchComponent] = []
        for kind in KINDS:
            parts += await _parts(batch_id, kind, len(parts), now)
        await add_rows(parts)
        await DB.rows("UPDATE match_batch SET total = $2, updated_at = $3 WHERE id = $1", batch_id, len(parts), now)
        for part in parts:
            await record("match.component_due", part.id, now=now, batch_id=batch_id)
        if not parts:
            await record("match.run_solved", batch_id, now=now)
    return len(parts)


async def _parts(batch_id: UUID, kind: str, before: int, now: datetime) -> list[MatchComponent]:
    """Split one kind; without needs no place of it is scarce."""
    snapshot = await service_snapshot.take(kind, now)
    if not snapshot.requests:
        await DB.rows("DELETE FROM match_offer_price WHERE kind = $1", kind)
        return []
    split_up, between = await service_library.divide(snapshot)
    return [
        MatchComponent(
            id=new_id(),
            batch_id=batch_id,
            kind=kind,
            number=number,
            need_ids=need_ids,
            offer_ids=offer_ids,
            figures=_json(between if number == before + 1 else Figures()),
            certificate="{}",
            created_at=now,
            updated_at=now,
            legal_basis="duty",
        )
        for number, (need_ids, offer_ids) in enumerate(split_up, start=before + 1)
    ]


async def solve(component_id: UUID, *, now: datetime) -> bool:
    """Solve one component and store its proven answer; False when that was done before or the run is over."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            SELECT c.batch_id, c.kind, c.need_ids, c.offer_ids, c.figures FROM match_component c
            JOIN match_batch b ON b.id = c.batch_id
            WHERE c.id = $1 AND c.state = 'WAITING' AND b.state = 'RUNNING' FOR UPDATE OF c
            """,
            component_id,
        )
        if not rows:
            return False
        row = rows[0]
        snapshot = await service_snapshot.take(row["kind"], now, need_ids=row["need_ids"], offer_ids=row["offer_ids"])
        solved = await service_library.solved(snapshot)
        # Until here the row holds what pairs of this kind's components could add, once for all of them.
        between = msgspec.convert(json.loads(row["figures"]), Figures)
        solved = msgspec.structs.replace(solved, figures=within(solved.figures, between))
        await store(component_id, row["batch_id"], snapshot, solved, now=now)
        await close_if_last(row["batch_id"], now=now)
    return True


async def store(component_id: UUID, batch_id: UUID, snapshot: Snapshot, solved: "Solved", *, now: datetime) -> bool:
    """Write an answer with COPY, in the present transaction; one without a valid certificate leaves only its fault."""
    if not solved.proof.valid:
        await _finish(component_id, "FAILED", solved, now=now, fault=solved.proof.sentence())
        await record("match.run_faulty", batch_id, now=now, component_id=component_id)
        return False
    await add_rows(
        [
            MatchPlan(
                id=new_id(),
                batch_id=batch_id,
                component_id=component_id,
                need_id=pair.need_id,
                offer_id=pair.offer_id,
                score=pair.score,
                price=pair.price,
                level=pair.level,
                need_version=snapshot.needs[pair.need_id].version,
                offer_version=snapshot.facts[pair.offer_id].version,
            )
            for pair in solved.pairs
        ]
    )
    await put_prices(snapshot.kind, solved.prices, now=now, batch_id=batch_id)
    for ruling_id, outcome in solved.outcomes.items():
        told = msgspec.structs.replace(outcome, batch_id=str(batch_id))
        await DB.rows("UPDATE match_ruling SET outcome = $2::jsonb WHERE id = $1", ruling_id, _json(told))
    await _finish(component_id, "DONE", solved, now=now)
    await record("match.component_solved", component_id, now=now, batch_id=batch_id)
    return True


async def put_prices(
    kind: str, prices: Iterable[tuple[UUID, int, int]], *, now: datetime, batch_id: UUID | None = None
) -> None:
    """Replace the stored prices of these offers, with COPY, in the present transaction."""
    rows = [
        MatchOfferPrice(offer_id=offer_id, kind=kind, price=price, level=level, batch_id=batch_id, at=now)
        for offer_id, price, level in prices
    ]
    await DB.rows("DELETE FROM match_offer_price WHERE offer_id = ANY($1::uuid[])", [row.offer_id for row in rows])
    await add_rows(rows)


async def _finish(component_id: UUID, state: str, solved: "Solved", *, now: datetime, fault: str = "") -> None:
    await DB.rows(
        """
        UPDATE match_component SET state = $2, figures = $3::jsonb, certificate = $4::jsonb, seconds = $5,
               solved_at = $6, fault = $7, updated_at = $6, version = version + 1 WHERE id = $1
        """,
        component_id,
        state,
        _json(solved.figures),
        _json(solved.proof),
        solved.seconds,
        now,
        fault,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def close_if_last(batch_id: UUID, *, now: datetime) -> None:
    """Say that a run is solved when no component waits any more; the run's row lets one component ask at a time."""
    if await _running(batch_id) and not await DB.value(
        "SELECT 1 FROM match_component WHERE batch_id = $1 AND state = 'WAITING' LIMIT 1", batch_id
    ):
        await record("match.run_solved", batch_id, now=now)


async def close(batch_id: UUID, *, now: datetime) -> bool:
    """Add up a run whose components are all done or failed; False when there is nothing to close."""
    async with DB.transaction():
        if not await _running(batch_id):
            return False
        rows = await DB.rows(
            "SELECT state, figures, certificate, fault FROM match_component WHERE batch_id = $1 ORDER BY number",
            batch_id,
        )
        if any(row["state"] == "WAITING" for row in rows):
            return False
        done = [row for row in rows if row["state"] == "DONE"]
        figures = added([msgspec.convert(json.loads(row["figures"]), Figures) for row in done])
        proof = proven([msgspec.convert(json.loads(row["certificate"]), Proof) for row in done])
        failed = [row["fault"] for row in rows if row["state"] == "FAILED"]
        if not rows and await _is_stuck(batch_id, now):
            failed = [NOT_FINISHED]
        await DB.rows(
            """
            UPDATE match_batch SET state = $2, finished_at = $3, figures = $4::jsonb, certificate = $5::jsonb,
                   fault = $6, updated_at = $3, version = version + 1 WHERE id = $1
            """,
            batch_id,
            "FAILED" if failed else "DONE",
            now,
            _json(figures),
            _json(proof),
            "".join(dict.fromkeys(failed)),
        )
        await record("match.run_closed", batch_id, now=now, failed=len(failed))
    return True


async def _is_stuck(batch_id: UUID, now: datetime) -> bool:
    return bool(await DB.value("SELECT started_at <= $2 FROM match_batch WHERE id = $1", batch_id, now - STUCK_AFTER))


async def give_up_stuck(now: datetime) -> int:
    """Mark components that nobody finished in hours as failed, so that a run never stays open for ever."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE match_component c SET state = 'FAILED', fault = $2, updated_at = $3
            FROM match_batch b WHERE b.id = c.batch_id AND b.state = 'RUNNING' AND b.started_at <= $1
              AND c.state = 'WAITING' RETURNING c.batch_id
            """,
            now - STUCK_AFTER,
            NOT_FINISHED,
            now,
        )
        stale = await DB.rows(
            "SELECT id FROM match_batch WHERE state = 'RUNNING' AND started_at <= $1", now - STUCK_AFTER
        )
        for row in stale:
            await record("match.run_solved", row["id"], now=now)
    return len(rows)


async def components_of(batch_id: UUID, state: str) -> list[UUID]:
    """Return the components of a run in a state, in order."""
    rows = await DB.rows(
        "SELECT id FROM match_component WHERE batch_id = $1 AND state = $2 ORDER BY number", batch_id, state
    )
    return [row["id"] for row in rows]
