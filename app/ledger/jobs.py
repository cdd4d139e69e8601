"""Jobs of the ledger: a record when help was completed, verified when the student says so."""

from datetime import datetime
from uuid import UUID

from app.kit.outbox import Fact, at_once, subscribe
from app.ledger import service
from app.needs import queries as needs


@subscribe("match.completed", name="ledger.record")
async def record(fact: Fact, now: datetime) -> None:
    """Write the help record of a completed match; a student who was faster has confirmed it already."""
    if fact.subject_id is None:
        return
    await service.from_match(fact.subject_id, now=now)
    need_id = fact.payload.get("need_id")
    need = await needs.facts(UUID(str(need_id))) if need_id else None
    if need is not None and need.state == "SOLVED":
        await service.verify(need.id, confirmed_by="STUDENT", satisfaction=need.satisfaction, now=now)


@subscribe("need.solved", name="ledger.verify")
async def verify(fact: Fact, now: datetime) -> None:
    """Verify the records of a need the student has confirmed."""
    if fact.subject_id is not None:
        satisfaction = fact.payload.get("satisfaction")
        await service.verify(
            fact.subject_id,
            confirmed_by=str(fact.payload.get("confirmed_by", "STUDENT")),
            satisfaction=int(satisfaction) if satisfaction else None,
            now=now,
        )


@at_once("need.not_solved")
async def not_solved(fact: Fact, now: datetime) -> None:
    """Keep a record out of the figures when the student says that nothing was solved."""
    if fact.subject_id is not None:
        await service.set_aside(fact.subject_id, "NOT_SOLVED", now=now)


@subscribe("need.closed", name="ledger.unconfirmed")
async def unconfirmed(fact: Fact, now: datetime) -> None:
    """Keep a record out of the figures when nobody confirmed it."""
    if fact.subject_id is not None and fact.payload.get("code") == "UNCONFIRMED":
        await service.set_aside(fact.subject_id, "UNCONFIRMED", now=now)
