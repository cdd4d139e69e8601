"""What happens to a request the moment it is submitted: crisis scan, then the reviewers' queue, then duplicates."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import SYSTEM, Viewer
from app.needs.queries import NeedFacts, not_reviewers, unsealed_text
from app.needs.rules import SUBS
from app.needs.rules_request import is_counselling, must_be_held, reviewer_roles
from app.needs.service_steps import handlers, lock, move
from app.texts.rules import LEXICON_VERSION, SIMILAR_FROM, CrisisFinding, Severity, scan_crisis, similarity
from app.texts.service import report

SAME_TEXT_WITHIN: Final = timedelta(days=30)
LIVE: Final = ("SUBMITTED", "REVIEW", "RETURNED", "OPEN", "MATCHED", "IN_SERVICE", "TO_CONFIRM")
"""States in which a need can have a double; one that is held for risk never has (domain 12.5)."""


async def check(viewer: Viewer, need_id: UUID, words: str, *, now: datetime) -> str:
    """Scan a need that was just submitted and move it on; returns RISK_HOLD or REVIEW."""
    need = await lock(need_id)
    finding = scan_crisis(words)
    if finding is None and must_be_held(need.sub):
        finding = CrisisFinding(Severity.AB, (Severity.AB,), f"选择了“{SUBS[need.sub]}”。", LEXICON_VERSION)
    if finding is not None:
        return await _hold(viewer, need, finding, now=now)
    state = await move(need, "checks_passed", "SYS", viewer=SYSTEM, now=now, review_since=now, overdue_told_at=None)
    await ask_reviewers(need, now=now)
    await find_doubles(need, now=now)
    await record("need.review", need.id, now=now, org_id=need.org_id)
    return state


async def _hold(viewer: Viewer, need: NeedFacts, finding: CrisisFinding, *, now: datetime) -> str:
    state = await move(need, "risk_found", "SYS", viewer=SYSTEM, now=now)
    await report(
        "need.risk_found",
        finding,
        object_type="need",
        object_id=need.id,
        now=now,
        student_id=need.student_id,
        account_id=viewer.account_id,
    )
    return state


async def ask_reviewers(need: NeedFacts, *, now: datetime) -> None:
    """Tell the nearest people who may review this need, never its author or somebody close to the student."""
    kept_out = await not_reviewers(need)
    for account in await handlers(list(reviewer_roles(need.sub)), need.org_path, now=now, without=kept_out):
        await notify(account, "review.waiting", f"/review/needs/{need.id}", now=now)


async def find_doubles(need: NeedFacts, *, now: datetime) -> int:
    """Write duplicate candidates of a need for a human to look at; returns how many (domain 12.5)."""
    rows = await DB.rows(
        """
        SELECT id, sub, title, text_sealed, state, created_at FROM need
        WHERE student_id = $1 AND id <> $2 AND state <> 'RISK_HOLD' AND (state = ANY($3::text[]) OR created_at >= $4)
        """,
        need.student_id,
        need.id,
        list(LIVE),
        now - SAME_TEXT_WITHIN,
    )
    found = 0
    for row in rows:
        if is_counselling(row["sub"]) != is_counselling(need.sub):
            continue
        likeness = similarity(f"{need.title}{need.text}", f"{row['title']}{unsealed_text(row)}")
        same_sub = row["sub"] == need.sub and row["state"] in LIVE
        if same_sub or (likeness >= SIMILAR_FROM and row["created_at"] >= now - SAME_TEXT_WITHIN):
            found += await _keep_pair(need.id, row["id"], "SAME_SUB" if same_sub else "SAME_TEXT", likeness, now=now)
    return found


async def _keep_pair(need_id: UUID, other_id: UUID, basis: str, likeness: float, *, now: datetime) -> int:
    rows = await DB.rows(
        """
        INSERT INTO duplicate_candidate (id, created_at, updated_at, version, data_class, legal_basis, need_id,
                                         other_id, basis, similarity, decision)
        SELECT $1, $2, $2, 1, 'L4', 'duty', $3, $4, $5, $6, ''
        WHERE NOT EXISTS (SELECT 1 FROM duplicate_candidate
                          WHERE (need_id = $3 AND other_id = $4) OR (need_id = $4 AND other_id = $3))
        RETURNING id
        """,
        new_id(),
        now,
        need_id,
        other_id,
        basis,
        round(likeness * 100),
    )
    return len(rows)
