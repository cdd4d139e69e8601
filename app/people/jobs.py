"""Jobs of people: what the clock does about appointments, vetting, guardians and birthdays, and who is told."""

from datetime import datetime
from uuid import UUID

from app.kit.outbox import Fact, subscribe
from app.people import (
    service,
    service_birthdays,
    service_guardians,
    service_reminders,
    service_reviewers,
    service_vetting,
)


@subscribe("tick.minute", name="people.end_appointments")
async def end_appointments(_fact: Fact, now: datetime) -> None:
    """Say once of every appointment that is over that it has ended."""
    await service.close_ended_appointments(now)


@subscribe("tick.night", name="people.vetting_clock")
async def vetting_clock(_fact: Fact, now: datetime) -> None:
    """Let record checks and credentials expire, and applications nobody follows up end."""
    await service_vetting.run_clock(now)


@subscribe("tick.night", name="people.drop_silent_invitations")
async def drop_silent_invitations(_fact: Fact, now: datetime) -> None:
    """Delete guardians' invitations that nobody answered."""
    await service_guardians.drop_silent(now)


@subscribe("provider.applied", name="people.tell_provider_reviewers")
async def tell_provider_reviewers(fact: Fact, now: datetime) -> None:
    """Tell reviewers that somebody has applied, or has sent a returned application again."""
    if fact.subject_id is not None:
        await service_reviewers.tell_of_application(fact.subject_id, now=now)


@subscribe("volunteer.changed", name="people.tell_volunteer_reviewers")
async def tell_volunteer_reviewers(fact: Fact, now: datetime) -> None:
    """Tell reviewers that a volunteer has handed in what was missing."""
    if fact.payload.get("state") == "APPLIED":
        await service_reviewers.tell_of_application(UUID(str(fact.payload["provider_id"])), now=now)


@subscribe("provider.returned", name="people.tell_returned_provider")
async def tell_returned_provider(fact: Fact, now: datetime) -> None:
    """Tell a provider that its application needs more."""
    if fact.subject_id is not None:
        await service_reviewers.tell_provider(fact.subject_id, "provider.returned", now=now)


@subscribe(
    "provider.verified",
    "provider.rejected",
    "provider.suspended",
    "provider.lapsed",
    "provider.revoked",
    name="people.tell_decided_provider",
)
async def tell_decided_provider(fact: Fact, now: datetime) -> None:
    """Tell a provider that something was decided about it."""
    if fact.subject_id is not None:
        await service_reviewers.tell_provider(fact.subject_id, "provider.decided", now=now)


@subscribe("tick.morning", name="people.remind_of_endings")
async def remind_of_endings(_fact: Fact, now: datetime) -> None:
    """Remind volunteers and providers before something of theirs ends."""
    await service_reminders.remind(now=now)


@subscribe("tick.night", name="people.birthdays")
async def birthdays(_fact: Fact, now: datetime) -> None:
    """Say who has reached an age at which something changes."""
    await service_birthdays.celebrate(now=now)
