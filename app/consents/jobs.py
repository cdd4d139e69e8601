"""Jobs of consents: what signing up and a guardian's agreement mean, and the fourteenth birthday."""

from datetime import datetime, timedelta
from uuid import UUID

from app.consents import service
from app.kit.outbox import Fact, at_once, subscribe
from app.kit.viewer import SYSTEM
from app.people import queries as people
from app.people import service_guardians

OWN_CONSENT_WITHIN = timedelta(days=30)
OWN_FROM = 14


@at_once("account.signed_up")
async def write_registration(fact: Fact, now: datetime) -> None:
    """Write the consent to registration in the transaction of the sign-up; the page showed its text."""
    person_id = UUID(str(fact.payload["person_id"]))
    student = await people.student(person_id, now)
    if student is not None:
        await service.give(SYSTEM, person_id, ["P01"], now=now)
    else:
        await service.give_own(person_id, ["P01"], now=now)


@at_once("guardian.verified")
async def write_guardian(fact: Fact, now: datetime) -> None:
    """Write what a guardian agreed to, as soon as the school has confirmed that they are one."""
    student_id, guardian_id = UUID(str(fact.payload["student"])), UUID(str(fact.payload["guardian"]))
    await service.give_as_guardian(student_id, guardian_id, now=now)


@at_once("person.forgotten")
async def forget(fact: Fact, _now: datetime) -> None:
    """Delete the consents of somebody whose person is deleted in the same transaction."""
    assert fact.subject_id is not None
    await service.forget(fact.subject_id)


@subscribe("tick.night", name="consents.fourteenth_birthday")
async def fourteenth_birthday(_fact: Fact, now: datetime) -> None:
    """Ask students who have turned fourteen for their own consent; the guardian's holds thirty days more."""
    for person_id in await service_guardians.turning(OWN_FROM, now):
        await service.own_consents_due(person_id, now=now, until=now + OWN_CONSENT_WITHIN)
