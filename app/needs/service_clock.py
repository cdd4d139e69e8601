"""The timers of a need (domain 9 and 10): widen, look for supply, expire, remind, close, and late reviews."""

from datetime import datetime, timedelta
from typing import Any

from app.kit.clock_work import after_working_days
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import SYSTEM, Role
from app.needs.queries import COLUMNS, NeedFacts, facts_of, not_reviewers
from app.needs.rules import (
    CONFIRM_REMINDERS,
    CONFIRM_WITHIN,
    NO_SUPPLY_AFTER,
    REVIEW_WORKING_DAYS,
    SUPPLY_TASK_WORKING_DAYS,
    WIDEN_AFTER,
)
from app.needs.rules_request import reviewer_roles
from app.needs.service_steps import change, handlers, move, tell
from app.people import queries as people

BATCH = 200
LAST_WORD = timedelta(days=1)
"""Nobody is closed on the day of the last reminder, even after the service was away."""
NO_SUPPLY_TEXT = "三十天里两次扩大范围，还是没有找到合适的资源。你可以拨打 12355，请老师一起想办法，也可以重新提交。"


async def run_timers(now: datetime) -> int:
    """Run every timer that is due; safe to run twice. Returns how many needs were touched."""
    touched = 0
    for timer in (widen, look_for_supply, expire, remind, close_unconfirmed, late_reviews):
        touched += await timer(now)
    return touched


async def _due(condition: str, *args: Any) -> list[NeedFacts]:
    sql = f"SELECT {COLUMNS} FROM need WHERE {condition} ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"  # noqa: S608 - fixed conditions
    return [facts_of(row) for row in await DB.rows(sql, *args)]


def _waiting_since(need: NeedFacts) -> datetime:
    return max(moment for moment in (need.opened_at, need.last_proposal_at, need.created_at) if moment is not None)


async def widen(now: datetime) -> int:
    """Let matching look further away after 24 hours without a proposal."""
    async with DB.transaction():
        found = await _due(
            "state = 'OPEN' AND escalation = 0 AND greatest(opened_at, last_proposal_at) <= $1", now - WIDEN_AFTER
        )
        for need in found:
            await change(need.id, now=now, escalation=1, escalated_at=now)
            await record("need.widened", need.id, now=now, offer_kind=need.kind)
    return len(found)


async def look_for_supply(now: datetime) -> int:
    """Ask county and city cadres to find supply after three working days without a proposal."""
    async with DB.transaction():
        waiting = await _due(
            "state = 'OPEN' AND escalation = 1 AND greatest(opened_at, last_proposal_at) <= $1", now - WIDEN_AFTER
        )
        found = [need for need in waiting if after_working_days(_waiting_since(need), SUPPLY_TASK_WORKING_DAYS) <= now]
        for need in found:
            await change(need.id, now=now, escalation=2, escalated_at=now)
            await record("need.no_supply_task", need.id, now=now, offer_kind=need.kind)
            for account in await handlers([Role.CTY, Role.CIT], need.org_path, now=now):
                await notify(account, "supply.wanted", "/needs?state=OPEN&late=yes", now=now)
    return len(found)


async def expire(now: datetime) -> int:
    """Say honestly after 30 days and both escalations that nothing was found, and what to do instead."""
    async with DB.transaction():
        found = await _due("state = 'OPEN' AND escalation >= 2 AND opened_at <= $1", now - NO_SUPPLY_AFTER)
        for need in found:
            await move(
                need,
                "no_supply",
                "SYS",
                viewer=SYSTEM,
                now=now,
                reason=NO_SUPPLY_TEXT,
                close_code="NO_SUPPLY",
                close_reason=NO_SUPPLY_TEXT,
            )
            await record("need.closed", need.id, now=now, code="NO_SUPPLY")
            await tell(need, "need.closed", now=now)
    return len(found)


async def remind(now: datetime) -> int:
    """Ask again on day 4 and day 9 whether the problem is solved."""
    touched = 0
    for number, after in enumerate(CONFIRM_REMINDERS):
        async with DB.transaction():
            found = await _due(
                "state = 'TO_CONFIRM' AND reminders = $1 AND confirm_since <= $2",
                number,
                now - after,
            )
            for need in found:
                await change(need.id, now=now, reminders=number + 1)
                account = await people.account_of_person(need.student_id)
                if account is not None:
                    await notify(account, "need.to_confirm", f"/my-help/{need.id}", now=now)
            touched += len(found)
    return touched


async def close_unconfirmed(now: datetime) -> int:
    """Close a request without an answer in 14 days as unconfirmed; it is never counted as solved."""
    async with DB.transaction():
        found = await _due(
            "state = 'TO_CONFIRM' AND confirm_since <= $1 AND reminders >= $2 AND updated_at <= $3",
            now - CONFIRM_WITHIN,
            len(CONFIRM_REMINDERS),
            now - LAST_WORD,
        )
        for need in found:
            await move(need, "no_answer", "SYS", viewer=SYSTEM, now=now, close_code="UNCONFIRMED")
            await record("need.closed", need.id, now=now, code="UNCONFIRMED")
            await tell(need, "need.closed", now=now)
    return len(found)


async def late_reviews(now: datetime) -> int:
    """Show a review that waits longer than one working day to the next level, once."""
    async with DB.transaction():
        waiting = await _due("state = 'REVIEW' AND overdue_told_at IS NULL AND review_since <= $1", now - WIDEN_AFTER)
        found = [
            need
            for need in waiting
            if need.review_since is not None and after_working_days(need.review_since, REVIEW_WORKING_DAYS) <= now
        ]
        for need in found:
            await change(need.id, now=now, overdue_told_at=now)
            above = need.org_path.rpartition("/")[0]
            roles = list(reviewer_roles(need.sub))
            kept_out = await not_reviewers(need)
            for account in await handlers(roles, above or need.org_path, now=now, without=kept_out):
                await notify(account, "review.waiting", f"/review/needs/{need.id}", now=now)
    return len(found)
