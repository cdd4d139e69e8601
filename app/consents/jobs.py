"""Jobs of consents: what signing up and a guardian's agreement mean, and the birthdays."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.consents import service
from app.consents.rules import ADULT_FROM, OWN_FROM
from app.kit.outbox import Fact, at_once, subscribe
from app.kit.viewer import SYSTEM
from app.people import queries as people

OWN_CONSENT_WITHIN = timedelta(days=30)


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


@subscribe("student.birthday", name="consents.birthday")
async def birthday(fact: Fact, now: datetime) -> None:
    """Hand the consents to the student: at fourteen with thirty days to choose, at eighteen at once (domain 4)."""
    age = int(str(fact.payload["age"]))
    if fact.subject_id is None or age not in {OWN_FROM, ADULT_FROM}:
        return
    await service.guardians_consents_end(
        fact.subject_id,
        birthday=date.fromisoformat(str(fact.payload["day"])),
        until=now + OWN_CONSENT_WITHIN if age == OWN_FROM else now,
        now=now,
        link=f"/consents?birthday={age}",
    )


@subscribe("tick.night", name="consents.settle_ended")
async def settle_ended(_fact: Fact, now: datetime) -> None:
    """Let nothing stand on a guardian's consent that has run out."""
    await service.settle_ended(now)
