"""Jobs of organisations: verifications that have run out."""

from datetime import datetime

from app.kit.outbox import Fact, subscribe
from app.organisations import service_providers


@subscribe("tick.night", name="organisations.lapse_verifications")
async def lapse_verifications(_fact: Fact, now: datetime) -> None:
    """Let verifications of providers run out."""
    await service_providers.lapse_overdue(now)
