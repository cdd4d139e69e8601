"""Reviewers are told what waits for them, providers what was decided; always in neutral words."""

from datetime import datetime
from uuid import UUID

from app.kit.clock import local_day
from app.kit.notify import notify
from app.organisations import queries_providers
from app.people import queries, queries_duty

_WAITING = frozenset({"APPLIED", "VERIFYING"})


async def tell_of_application(provider_id: UUID, *, now: datetime) -> None:
    """Tell the nearest reviewers of a provider or volunteer that still waits; never the one who brought it.

    A reviewer who has not yet read of a full queue is not told again.
    """
    provider = (await queries_providers.facts([provider_id])).get(provider_id)
    if provider is None:
        return
    kind, link, state = "review.provider", "/providers?state=APPLIED", provider.state
    if provider.type == "VOL":
        volunteer = (await queries.volunteer_of_provider([provider_id])).get(provider_id)
        kind, link, state = "review.volunteer", "/vetting?state=APPLIED", volunteer.vetting if volunteer else ""
    if state not in _WAITING:
        return
    sources = await _sources(provider.source_appointment)
    for account in await queries.reviewers(provider.region_code, local_day(now), but=sources):
        await notify(account, kind, link, now=now, once_unread=True)


async def _sources(appointment_id: UUID | None) -> list[UUID]:
    """Return the accounts of the cadre who brought the provider."""
    person = await queries_duty.person_of_appointment(appointment_id) if appointment_id else None
    return await queries.accounts_of_person(person) if person else []


async def tell_provider(provider_id: UUID, template: str, *, now: datetime) -> None:
    """Tell everybody who acts for an organisation; volunteers learn of theirs by the vetting."""
    provider = (await queries_providers.facts([provider_id])).get(provider_id)
    if provider is None or provider.type == "VOL":
        return
    for account in await queries.accounts_of_provider(provider_id):
        await notify(account, template, "/my-provider", now=now)
