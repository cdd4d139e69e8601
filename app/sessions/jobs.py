"""Jobs of the sessions: reminders, and what becomes of booked times when a match ends."""

from datetime import datetime
from uuid import UUID

from app.kit.outbox import Fact, at_once, subscribe
from app.sessions import service
from app.sessions.rules import REMIND_DAY, REMIND_SOON


@at_once("match.cancelled", "match.terminated", "match.lapsed", "match.completed")
async def match_over(fact: Fact, now: datetime) -> None:
    """Cancel what is still planned, in the transaction that ended the match: the time is free again at once."""
    if fact.subject_id is not None:
        await service.cancel_open(fact.subject_id, now=now)


@at_once("match.no_show")
async def missed(fact: Fact, now: datetime) -> None:
    """Mark the booked session as missed, by whom the event says."""
    if fact.subject_id is not None:
        by = "P_ABSENT" if fact.payload.get("event") == "provider_absent" else "S_ABSENT"
        await service.cancel_open(UUID(str(fact.subject_id)), now=now, missed_by=by)


@subscribe("tick.minute", name="sessions.reminders")
async def reminders(_fact: Fact, now: datetime) -> None:
    """Remind both sides a day and two hours before."""
    await service.remind(now, "reminded_24", now + REMIND_DAY)
    await service.remind(now, "reminded_2", now + REMIND_SOON)
