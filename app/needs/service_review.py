"""What reviewers decide: approve, return, route to a case, merge, close; never the author, never for a friend."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import grant_for, require
from app.kit.viewer import Role, Viewer
from app.needs.errors import CannotMerge, CaseOnly, NotACase, NotWithoutReason, OwnRequest, PrivateDetails
from app.needs.queries import NeedFacts, in_scope, not_reviewers
from app.needs.rules import MACHINE, RISKS, at_most_yellow
from app.needs.rules_request import TITLE_MOST, is_counselling, never_in_market, reviewer_roles
from app.needs.service_checks import LIVE
from app.needs.service_steps import change, lock, move, sealed_text, tell
from app.texts.rules import find_private, masked

DESK_ROLES = frozenset({Role.SEA, Role.SUP})


async def locked_for_review(viewer: Viewer, need_id: UUID) -> NeedFacts:
    """Lock a need for somebody who may decide on it; out of scope is 404, own or counselling without training 403."""
    grant = require(viewer, "need.review", "A")
    need = await lock(need_id)
    if not in_scope(viewer, grant.scope, need.org_path):
        raise NotAllowed if viewer.role is Role.PSY else NotFound
    if viewer.role not in reviewer_roles(need.sub) and viewer.role is not Role.PSY:
        raise NotAllowed("心理健康类求助由心理教师或经过培训的审核员审核。")
    if viewer.account_id in await not_reviewers(need):
        raise OwnRequest
    return need


def _reason(text: str) -> str:
    if not text.strip():
        raise NotWithoutReason(field="reason")
    return text.strip()[:500]


async def approve(viewer: Viewer, need_id: UUID, *, now: datetime, mask: bool = False, looked_at: bool = False) -> None:
    """Open a request for matching. Private details found are masked (`mask`) or judged harmless (`looked_at`)."""
    async with DB.transaction():
        need = await locked_for_review(viewer, need_id)
        MACHINE.target(need.state, "approve", "REVIEWER")
        if never_in_market(need.sub) or not at_most_yellow(need.risk):
            raise CaseOnly
        words: dict[str, Any] = {}
        if find_private(f"{need.title}\n{need.text}"):
            if not (mask or looked_at):
                raise PrivateDetails(
                    "文字里可能有能认出同学的内容，请先处理。", next_step="一键去标识，或确认这些内容不指向个人。"
                )
            if mask:
                words = {
                    "title": masked(need.title)[:TITLE_MOST],
                    "text_sealed": sealed_text(need_id, masked(need.text)),
                }
        await move(
            need,
            "approve",
            "REVIEWER",
            viewer=viewer,
            now=now,
            opened_at=now,
            reviewer_account=viewer.account_id,
            escalation=0,
            escalated_at=None,
            **words,
        )
        await record("need.opened", need_id, now=now, offer_kind=need.kind)
        await tell(need, "need.opened", now=now)


async def return_(viewer: Viewer, need_id: UUID, reason: str, *, now: datetime) -> None:
    """Return a request to its author with a reason."""
    async with DB.transaction():
        need = await locked_for_review(viewer, need_id)
        await move(
            need,
            "return",
            "REVIEWER",
            viewer=viewer,
            now=now,
            reason=_reason(reason),
            reviewer_account=viewer.account_id,
        )
        await notify(need.author_account, "need.returned", f"/my-help/{need_id}", now=now)


async def route_to_case(viewer: Viewer, need_id: UUID, reason: str, *, now: datetime, risk: str = "") -> None:
    """Hand a request to the case desk: bullying and harm, or a risk of orange and more (domain 6.1)."""
    async with DB.transaction():
        actor = "DESK" if viewer.role in DESK_ROLES else "REVIEWER"
        if actor == "DESK":
            require(viewer, "crisis", "U")
            need = await lock(need_id)
        else:
            need = await locked_for_review(viewer, need_id)
        if need.state == "IN_SERVICE" and viewer.role in DESK_ROLES | {Role.PSY, Role.EXP}:
            actor = "PROFESSIONAL"
        level = max(need.risk, risk or "NONE", key=RISKS.index)
        if actor == "REVIEWER" and need.state == "REVIEW" and at_most_yellow(level) and not never_in_market(need.sub):
            raise NotACase
        await to_case(viewer, need, actor, _reason(reason), now=now, risk=level)


async def to_case(viewer: Viewer, need: NeedFacts, actor: str, reason: str, *, now: datetime, risk: str) -> None:
    """Make the step to a case inside the present transaction; the match, if any, is paused by its own layer."""
    await move(need, "route_to_case", actor, viewer=viewer, now=now, reason=reason, risk=risk)
    await record("need.to_case", need.id, now=now, student_id=need.student_id, was=need.state)
    await tell(need, "need.case", now=now)


async def merge(viewer: Viewer, need_id: UUID, survivor_id: UUID, *, now: datetime) -> None:
    """Merge a request into an earlier one of the same student; the earliest time is kept (domain 12.5)."""
    async with DB.transaction():
        first, second = sorted((need_id, survivor_id))
        await lock(first)
        await lock(second)
        need, survivor = await locked_for_review(viewer, need_id), await lock(survivor_id)
        MACHINE.target(need.state, "merge_duplicate", "REVIEWER")
        _check_merge(need, survivor)
        await move(need, "merge_duplicate", "REVIEWER", viewer=viewer, now=now, dup_of=survivor_id)
        earliest = min(need.first_at or now, survivor.first_at or now)
        await change(survivor_id, now=now, first_at=earliest)
        await _decide_pair(need_id, survivor_id, "MERGED", now=now)
        await record("need.closed", need_id, now=now, code="MERGED", survivor=survivor_id)
        await tell(need, "need.closed", now=now)


def _check_merge(need: NeedFacts, survivor: NeedFacts) -> None:
    if need.student_id != survivor.student_id:
        raise CannotMerge("不是同一位同学的求助，不能合并。")
    if is_counselling(need.sub) != is_counselling(survivor.sub):
        raise CannotMerge("心理类求助不能和生活类求助合并。")
    if need.sub != survivor.sub:
        raise CannotMerge("求助的具体事项不同，请分别处理。")
    if "RISK_HOLD" in {need.state, survivor.state} or survivor.state not in LIVE or need.id == survivor.id:
        raise CannotMerge("其中一条现在不能合并，请分别处理。")


async def dismiss_pair(viewer: Viewer, need_id: UUID, other_id: UUID, *, now: datetime) -> None:
    """Say that two requests are not the same."""
    async with DB.transaction():
        await locked_for_review(viewer, need_id)
        await _decide_pair(need_id, other_id, "DISTINCT", now=now)
        await audit(viewer, "need.distinct", "need", need_id, now=now)


async def _decide_pair(need_id: UUID, other_id: UUID, decision: str, *, now: datetime) -> None:
    await DB.rows(
        """
        UPDATE duplicate_candidate SET decision = $3, decided_at = $4, updated_at = $4, version = version + 1
        WHERE (need_id = $1 AND other_id = $2) OR (need_id = $2 AND other_id = $1)
        """,
        need_id,
        other_id,
        decision,
        now,
    )


async def close_unsolvable(viewer: Viewer, need_id: UUID, reason: str, *, now: datetime) -> None:
    """Close a request nobody can solve, with a reason the student reads."""
    async with DB.transaction():
        need = await locked_for_review(viewer, need_id)
        text = _reason(reason)
        await move(
            need,
            "close_unsolvable",
            "REVIEWER",
            viewer=viewer,
            now=now,
            reason=text,
            close_code="NOT_SOLVABLE",
            close_reason=text,
        )
        await record("need.closed", need_id, now=now, code="NOT_SOLVABLE")
        await tell(need, "need.closed", now=now)


def may_review(viewer: Viewer) -> bool:
    """Tell whether the viewer reviews needs at all."""
    return grant_for(viewer, "need.review", "A") is not None
