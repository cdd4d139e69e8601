"""Jobs of offers: the clock, and what follows when a provider is revoked."""

from datetime import datetime

from app.kit.outbox import Fact, subscribe
from app.offers import service_clock, service_fraud


@subscribe("tick.minute", name="offers.expire")
async def expire(_fact: Fact, now: datetime) -> None:
    """End what is over."""
    await service_clock.expire(now=now)


@subscribe("tick.night", name="offers.night")
async def night(_fact: Fact, now: datetime) -> None:
    """End what is over, archive what ended a year ago, remind owners before the end."""
    await service_clock.expire(now=now)
    await service_clock.archive(now=now)
    await service_clock.remind(now=now)


@subscribe("provider.revoked", name="offers.provider_revoked", queue="urgent")
async def provider_revoked(fact: Fact, now: datetime) -> None:
    """Revoke every running offer of the provider."""
    if fact.subject_id is not None:
        await service_fraud.revoke_provider(fact.subject_id, now=now)
