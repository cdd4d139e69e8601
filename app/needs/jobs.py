"""Jobs of the needs: the timers, once a minute."""

from datetime import datetime

from app.kit.outbox import Fact, subscribe
from app.needs import service_clock


@subscribe("tick.minute", name="needs.timers")
async def timers(_fact: Fact, now: datetime) -> None:
    """Run the timers of needs."""
    await service_clock.run_timers(now)
