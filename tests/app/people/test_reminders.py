"""Before a check, a credential or a verification ends: 60, 30 and 7 days, once each, by the clock."""

from datetime import date, timedelta

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.notify import TEXTS
from app.kit.outbox import record, run_everything
from app.people.rules import RECORD_CHECK_DAYS, check_ends, check_holds
from app.people.rules_vetting import reminder_for
from tests.support.visitor import Visitor
from tests.support.world import World


async def _morning(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.morning", None, now=clock.now())
    await run_everything(clock.now())


async def _told(world: World, key: str, template: str) -> int:
    found: int = await DB.value(
        "SELECT count(*)::int FROM notification WHERE account_id = $1 AND template = $2", world[key].account, template
    )
    return found


@pytest.mark.parametrize(
    ("left", "due"), [(61, 0), (60, 60), (59, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, 0)]
)
def test_which_reminder_is_due(left: int, due: int) -> None:
    assert reminder_for(left) == due


def test_the_last_day_of_a_check_is_the_last_on_which_it_holds() -> None:
    day = date(2026, 3, 1)
    assert check_holds(day, check_ends(day))
    assert not check_holds(day, check_ends(day) + timedelta(days=1))


async def test_a_record_check_is_reminded_of_three_times(app: Litestar, world: World, clock: MovableClock) -> None:
    left = RECORD_CHECK_DAYS - 1 - 30
    clock.move(days=left - 61)
    await _morning(clock)
    assert await _told(world, "vol", "expiry.check") == 0
    for expected in (1, 2, 3):
        clock.move(days={1: 1, 2: 30, 3: 23}[expected])
        await _morning(clock)
        await _morning(clock)
        assert await _told(world, "vol", "expiry.check") == expected
        assert await _told(world, "rev", "expiry.follow_up") == (expected == 3)
        assert await _told(world, "cty", "expiry.follow_up") == (expected == 3)
    assert await _told(world, "cit", "expiry.follow_up") == 0
    assert await _told(world, "rev_c2", "expiry.follow_up") == 0
    links = await DB.rows("SELECT DISTINCT template, link FROM notification WHERE template LIKE 'expiry.%'")
    assert {row["template"]: row["link"] for row in links} == {
        "expiry.check": "/vetting/me",
        "expiry.follow_up": f"/vetting/{world['vol'].person}",
    }
    async with Visitor(app, world["vol"]) as volunteer:
        ends = check_ends(local_day(world.now) - timedelta(days=30))
        assert f"{ends.year}年{ends.month}月{ends.day}日" in (await volunteer.get("/vetting/me")).text
        assert TEXTS["expiry.check"] in (await volunteer.get("/notifications")).text


async def test_a_credential_and_a_verification_are_reminded_of(world: World, clock: MovableClock) -> None:
    day = local_day(clock.now())
    await DB.rows(
        "UPDATE volunteer_profile SET credential_expiry = $2, vetting = 'ACTIVE_ADULT' WHERE person = $1",
        world["vol"].person,
        day + timedelta(days=20),
    )
    await DB.rows(
        "UPDATE provider SET verify_due = $2 WHERE id = $1", world.orgs["hou.provider"], day + timedelta(days=7)
    )
    await _morning(clock)
    assert await _told(world, "vol", "expiry.credential") == 1
    assert await _told(world, "hou", "expiry.verification") == 1
    assert await _told(world, "rev", "expiry.follow_up") == 1
    clock.move(days=13)
    await DB.rows("UPDATE volunteer_profile SET credential_expiry = $1", local_day(clock.now()) + timedelta(days=400))
    await _morning(clock)
    assert await _told(world, "vol", "expiry.credential") == 1


async def test_who_does_not_work_is_not_reminded(world: World, clock: MovableClock) -> None:
    await DB.rows("UPDATE volunteer_profile SET vetting = 'SUSPENDED'")
    clock.move(days=RECORD_CHECK_DAYS - 31 - 10)
    await _morning(clock)
    assert await _told(world, "vol", "expiry.check") == 0
