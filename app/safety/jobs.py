"""Jobs of the crisis desk: the alert at once, the escalation every minute."""

from datetime import datetime

from app.kit.outbox import Fact, at_once, subscribe
from app.safety import service, service_clock


@at_once("need.risk_found", "text.risk_found")
async def alert(fact: Fact, now: datetime) -> None:
    """Write the alert in the transaction in which the words were stored."""
    await service.alert_from_fact(fact, now)


@subscribe("tick.minute", name="safety.escalate", queue="urgent")
async def escalate(_fact: Fact, now: datetime) -> None:
    """Ring further for alerts nobody took in hand."""
    await service_clock.escalate(now)
