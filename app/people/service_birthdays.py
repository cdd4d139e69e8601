"""Birthdays at which an age band changes (domain 4): said once as a fact; what follows is everybody's own."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.kit.clock import age_on, local_day
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.outbox import record
from app.people import queries, service_once
from app.people.rules import ADULT_FROM, BIRTHDAYS, birthday

LOOK_BACK = timedelta(days=30)
"""A clock that stood still for a month still finds every birthday."""


async def celebrate(*, now: datetime) -> int:
    """Record `student.birthday` once for everybody who has reached a boundary; returns how many."""
    said = 0
    async with DB.transaction():
        for age in BIRTHDAYS:
            keys = {f"birthday:{age}:{person}": (person, born) for person, born in await _turning(age, now)}
            for key in sorted(await service_once.first_times(keys, now=now)):
                person, born = keys[key]
                if age == ADULT_FROM:
                    await _end_guardians(person, now)
                await record("student.birthday", person, now=now, age=age, day=birthday(born, age))
                said += 1
    return said


async def _turning(age: int, now: datetime) -> list[tuple[UUID, date]]:
    """Return students (with an account, or with somebody who acts for them) who reached an age in the last month."""
    day = local_day(now)
    rows = await DB.rows(
        """
        SELECT p.id, p.birth_date FROM student_profile s JOIN person p ON p.id = s.person
        WHERE p.birth_date + make_interval(years => $1) BETWEEN $2::date AND $3::date + 1
          AND (EXISTS (SELECT 1 FROM account a WHERE a.person = p.id)
               OR EXISTS (SELECT 1 FROM guardian_link g WHERE g.student_person_id = p.id))
        ORDER BY p.id
        """,
        age,
        day - LOOK_BACK,
        day,
    )
    return [(row["id"], row["birth_date"]) for row in rows if age_on(row["birth_date"], day) == age]


async def _end_guardians(student_id: UUID, now: datetime) -> None:
    """Let nobody act for a student any more who has come of age; a guardian who was barred stays barred."""
    rows = await DB.rows(
        """
        UPDATE guardian_link SET state = 'ENDED', consented_at = NULL, updated_at = $2, version = version + 1
        WHERE student_person_id = $1 AND state IN ('ACTIVE', 'INVITED') RETURNING guardian_person_id, contact_allowed
        """,
        student_id,
        now,
    )
    for row in rows:
        if row["guardian_person_id"] is not None and row["contact_allowed"] == "YES":
            account = await queries.account_of_person(row["guardian_person_id"])
            if account is not None:
                await notify(account, "account.changed", "/account", now=now)
