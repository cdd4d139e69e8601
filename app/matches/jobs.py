"""Jobs of the matches: propose when something changed, let go when something ended, watch the clock."""

from datetime import datetime
from uuid import UUID

from app.kit.outbox import Fact, subscribe
from app.matches import service_birthday, service_cascades, service_propose, service_runs, service_sweep
from app.needs import queries as needs


def _id(value: object) -> UUID | None:
    return UUID(str(value)) if value and str(value) != "None" else None


@subscribe("need.opened", "need.changed", "need.widened", name="matches.propose", queue="matching")
async def propose(fact: Fact, now: datetime) -> None:
    """Propose for a need that was opened, opened again, changed or widened."""
    if fact.subject_id is not None:
        await service_propose.propose(fact.subject_id, now=now, cause=fact.kind.partition(".")[2].upper())


@subscribe(
    "match.declined", "match.lapsed", "match.cancelled", "match.terminated", name="matches.next", queue="matching"
)
async def next_candidate(fact: Fact, now: datetime) -> None:
    """Find the next candidate as soon as one has said no."""
    need_id = _id(fact.payload.get("need_id"))
    if need_id is not None:
        await service_propose.propose(need_id, now=now, cause="NEXT")


@subscribe("offer.published", "offer.changed", name="matches.new_offer", queue="matching")
async def new_offer(fact: Fact, now: datetime) -> None:
    """Look again at the needs that a new, changed or freed offer could serve."""
    if fact.subject_id is not None:
        await service_sweep.for_offer(fact.subject_id, now=now, cause="OFFER")


@subscribe("offer.gone", name="matches.offer_gone", queue="urgent")
async def offer_gone(fact: Fact, now: datetime) -> None:
    """Let the proposals of an offer lapse that is no longer published."""
    if fact.subject_id is not None:
        await service_cascades.offer_gone(fact.subject_id, str(fact.payload.get("state", "")), now=now)


@subscribe("provider.revoked", name="matches.provider_revoked", queue="urgent")
async def provider_revoked(fact: Fact, now: datetime) -> None:
    """Terminate every match of a revoked provider."""
    if fact.subject_id is not None:
        await service_cascades.provider_revoked(fact.subject_id, now=now)


@subscribe("need.withdrawn", "need.to_case", "need.closed", "need.solved", name="matches.need_ended", queue="urgent")
async def need_ended(fact: Fact, now: datetime) -> None:
    """End what is left of a need that has ended."""
    if fact.subject_id is not None:
        await service_cascades.need_ended(fact.subject_id, now=now)


@subscribe("consent.withdrawn", name="matches.consent_withdrawn", queue="urgent")
async def consent_withdrawn(fact: Fact, now: datetime) -> None:
    """Stop what a withdrawn consent no longer allows (within five minutes, T29)."""
    subject = _id(fact.payload.get("subject")) or fact.subject_id
    if subject is not None:
        await service_cascades.consent_withdrawn(
            subject,
            str(fact.payload.get("purpose", "")),
            _id(fact.payload.get("recipient_id")),
            _id(fact.payload.get("consent_id")),
            now=now,
        )


@subscribe("consent.given", name="matches.consent_given", queue="matching")
async def consent_given(fact: Fact, now: datetime) -> None:
    """Propose for the needs of a student who has just allowed it."""
    if fact.subject_id is not None and fact.payload.get("purpose") == service_propose.AUTOMATIC:
        for need_id in await needs.open_ids_of(fact.subject_id):
            await service_propose.propose(need_id, now=now, cause="CONSENT")


@subscribe("student.birthday", name="matches.birthday", queue="matching")
async def birthday(fact: Fact, now: datetime) -> None:
    """Gate the needs of a student again whose age band has changed."""
    if fact.subject_id is not None:
        await service_birthday.gate_again(fact.subject_id, now=now)


@subscribe("provider.verified", "volunteer.changed", name="matches.provider_changed", queue="matching")
async def provider_changed(_fact: Fact, now: datetime) -> None:
    """Look again when somebody may serve who could not before."""
    await service_sweep.sweep(now=now, cause="PROVIDER")


@subscribe("tick.minute", name="matches.timers")
async def timers(_fact: Fact, now: datetime) -> None:
    """Let overdue answers lapse and follow up on who did not come."""
    await service_cascades.lapse_overdue(now)
    await service_cascades.follow_up_no_shows(now)


@subscribe("tick.sweep", name="matches.sweep", queue="matching")
async def sweep(_fact: Fact, now: datetime) -> None:
    """Propose for every open need that could be shown more."""
    await service_sweep.sweep(now=now)


@subscribe("tick.night", name="matches.night", queue="matching")
async def night(_fact: Fact, now: datetime) -> None:
    """Begin the run over everybody who waits; its parts are jobs of their own."""
    await service_runs.begin("NIGHT", now=now)
