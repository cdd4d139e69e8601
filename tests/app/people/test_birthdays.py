"""What a birthday changes (domain 4): 14, 16, 18 and 26, by moving the clock; the second night changes nothing."""

from datetime import date, datetime, timedelta

import pytest
from litestar import Litestar

from app.consents import queries as consents
from app.consents import service as consents_service
from app.kit.clock import SHANGHAI, MovableClock
from app.kit.db import DB
from app.kit.outbox import record, run_everything
from app.kit.viewer import SYSTEM
from app.people import queries as people
from app.people import service_birthdays
from app.people.rules import BIRTHDAYS, birthday
from tests.support.visitor import Visitor
from tests.support.world import World

AGREED = datetime(2026, 11, 1, 4, 0, tzinfo=SHANGHAI)


async def _night(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.night", None, now=clock.now())
    await run_everything(clock.now())


def _on(clock: MovableClock, day: date) -> None:
    clock.set(datetime(day.year, day.month, day.day, 2, 10, tzinfo=SHANGHAI))


async def _link(world: World, key: str) -> None:
    """Make 示例家长 the verified guardian of a student."""
    await DB.rows(
        """
        INSERT INTO guardian_link (id, student_person_id, guardian_person_id, relation, proof, verified_at, state,
                                   contact_allowed, created_at, updated_at, version, data_class, legal_basis)
        VALUES (gen_random_uuid(), $1, $2, 'MO', 'SCHOOL_RECORD', $3, 'ACTIVE', 'YES', $3, $3, 1, 'L3', '')
        """,
        world[key].person,
        world["gua"].person,
        AGREED,
    )


async def _facts(key: str, world: World) -> list[int]:
    rows = await DB.rows(
        """
        SELECT (payload::jsonb ->> 'age')::int AS age FROM outbox_fact
        WHERE kind = 'student.birthday' AND subject_id = $1 ORDER BY created_at
        """,
        world[key].person,
    )
    return [row["age"] for row in rows]


def test_a_birthday_on_the_leap_day_is_the_first_of_march_in_a_short_year() -> None:
    assert birthday(date(2012, 2, 29), 14) == date(2026, 3, 1)
    assert birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)
    assert birthday(date(2010, 6, 1), 18) == date(2028, 6, 1)
    assert BIRTHDAYS == (12, 14, 16, 18, 26)


async def test_at_fourteen_the_student_decides_and_the_old_agreement_runs_out(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    child = world["child"]
    await _link(world, "child")
    await consents_service.give_as_guardian(child.person, world["gua"].person, now=AGREED)
    _on(clock, date(2027, 8, 31))
    await _night(clock)
    assert await _facts("child", world) == []
    _on(clock, date(2027, 9, 1))
    await _night(clock)
    await _night(clock)
    assert await _facts("child", world) == [14]
    notes = await DB.rows("SELECT link FROM notification WHERE account_id = $1", child.account)
    assert [note["link"] for note in notes] == ["/consents?birthday=14"]
    async with Visitor(app, child) as visitor:
        assert "你满 14 岁了" in (await visitor.get("/consents?birthday=14")).text
    assert "P02" in await consents.given(child.person, now=clock.now())
    _on(clock, date(2027, 10, 2))
    await _night(clock)
    await _night(clock)
    assert await consents.given(child.person, now=clock.now()) == frozenset()
    found = await people.student(child.person, clock.now())
    assert found is not None
    assert not found.guardian_consent
    assert await people.wards_of(world["gua"].person) == [child.person]


async def test_what_a_guardian_agrees_to_after_the_birthday_stays(world: World, clock: MovableClock) -> None:
    child = world["child"]
    await _link(world, "child")
    await consents_service.give_as_guardian(child.person, world["gua"].person, now=AGREED)
    _on(clock, date(2027, 9, 1))
    await _night(clock)
    _on(clock, date(2027, 9, 5))
    await consents_service.give(world.viewer("gua"), child.person, ["P02"], now=clock.now())
    await _night(clock)
    _on(clock, date(2027, 10, 20))
    await _night(clock)
    assert await consents.given(child.person, now=clock.now()) == {"P02"}
    found = await people.student(child.person, clock.now())
    assert found is not None
    assert found.guardian_consent


async def test_at_eighteen_nobody_acts_for_the_student_any_more(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    student = world["stu"]
    await _link(world, "stu")
    await consents_service.give(SYSTEM, student.person, ["P03"], now=AGREED)
    await consents_service.give(world.viewer("gua"), student.person, ["P02"], now=AGREED)
    await DB.rows("UPDATE sign_in_session SET expires_at = $1", AGREED + timedelta(days=2000))
    _on(clock, date(2028, 5, 31))
    await _night(clock)
    assert await people.wards_of(world["gua"].person) == [student.person]
    _on(clock, date(2028, 6, 2))
    await _night(clock)
    await _night(clock)
    assert await _facts("stu", world) == [18]
    assert await people.wards_of(world["gua"].person) == []
    assert await people.guardians_of(student.person) == []
    assert await consents.given(student.person, now=clock.now()) == {"P03"}
    notes = await DB.rows("SELECT account_id, link FROM notification WHERE link LIKE '/consents?birthday%'")
    assert [(note["account_id"], note["link"]) for note in notes] == [(student.account, "/consents?birthday=18")]
    told = "SELECT count(*)::int FROM notification WHERE account_id = $1 AND template = 'account.changed'"
    assert await DB.value(told, world["gua"].account) == 1
    async with Visitor(app, student) as visitor:
        assert "你满 18 岁了" in (await visitor.get("/consents?birthday=18")).text
        assert "已成年，不再代办" in (await visitor.get("/account")).text


@pytest.mark.parametrize(("day", "ages"), [(date(2026, 6, 1), [16]), (date(2036, 6, 1), [26])])
async def test_sixteen_and_twenty_six_are_said_once(
    world: World, clock: MovableClock, day: date, ages: list[int]
) -> None:
    _on(clock, day)
    assert await service_birthdays.celebrate(now=clock.now()) >= 1
    assert await service_birthdays.celebrate(now=clock.now()) == 0
    assert await _facts("stu", world) == ages


async def test_a_clock_that_stood_still_for_weeks_finds_the_birthday(world: World, clock: MovableClock) -> None:
    _on(clock, date(2028, 6, 25))
    await _night(clock)
    assert await _facts("stu", world) == [18]
    clock.move(days=30)
    await _night(clock)
    assert await _facts("stu", world) == [18]
