"""Jobs of people: appointments that are over, vetting's clock, invitations nobody answered."""

from datetime import datetime

from app.kit.outbox import Fact, subscribe
from app.people import service, service_guardians, service_vetting


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
