"""What-ifs: asked on a page, solved by a worker on a copy of the whole, never written anywhere but in the answer."""

import json
from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.matches import service_library, service_snapshot
from app.matches.rules_trials import Question
from app.matches.tables_runs import MatchTrial


async def ask(viewer: Viewer, question: Question, *, now: datetime) -> UUID:
    """Ask what would change with more offers; a worker answers in a moment. Returns the trial."""
    require(viewer, "match.supply", "R")
    async with DB.transaction():
        trial = MatchTrial(
            id=new_id(),
            account_id=viewer.account_id,
            org_path=viewer.org_path,
            question=msgspec.json.encode(question).decode(),
            at=now,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=viewer.org_id,
            legal_basis="duty",
        )
        await trial.save()
        await record("match.trial_wanted", trial.id, now=now)
        await audit(viewer, "match.trial", "match_trial", trial.id, now=now)
    return trial.id


async def answer(trial_id: UUID, *, now: datetime) -> bool:
    """Solve a what-if on a copy; False when it was answered before."""
    async with DB.transaction():
        rows = await DB.rows(
            "SELECT question FROM match_trial WHERE id = $1 AND state = 'WAITING' FOR UPDATE", trial_id
        )
        if not rows:
            return False
        question = msgspec.convert(json.loads(rows[0]["question"]), Question)
        snapshot = await service_snapshot.take(question.kind, now)
        found = await service_library.tried(snapshot, question)
        await DB.rows(
            """
            UPDATE match_trial SET state = 'DONE', answer = $2::jsonb, answered_at = $3, updated_at = $3,
                   version = version + 1 WHERE id = $1
            """,
            trial_id,
            msgspec.json.encode(found).decode(),
            now,
        )
    return True
