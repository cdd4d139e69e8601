"""Jobs of the sessions: reminders, who did not come, and what becomes of booked times when a match ends."""

from datetime import datetime

from app.kit.outbox import Fact, at_once, subscribe
from app.sessions import service_absence, service_steps


@at_once("match.cancelled", "match.terminated", "match.lapsed", "match.completed")
async def match_over(fact: Fact, now: datetime) -> None:
    """Cancel what is still planned, in the transaction that ended the match: the time is free again at once."""
    if fact.subject_id is not None:
        await service_steps.cancel_open(fact.subject_id, now=now)


@at_once("match.no_show")
async def missed(fact: Fact, now: datetime) -> None:
    """Mark the booked session as missed, by whom the event says."""
    if fact.subject_id is not None:
        by = "P_ABSENT" if fact.payload.get("event") == "provider_absent" else "S_ABSENT"
        await service_steps.cancel_open(fact.subject_id, now=now, missed_by=by)


@subscribe("tick.minute", name="sessions.reminders")
async def reminders(_fact: Fact, now: datetime) -> None:
    """Remind both sides a day and two hours before, and ask for a record that is missing."""
    await service_absence.remind(now)
    await service_absence.ask_for_records(now)


@subscribe("tick.minute", name="sessions.absence", queue="urgent")
async def absence(_fact: Fact, now: datetime) -> None:
    """Note who has not checked in a quarter of an hour after the appointed time."""
    await service_absence.note_absent_providers(now)
