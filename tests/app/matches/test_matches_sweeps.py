"""Runs over many needs: new offers, the quarter hour, the night, and how long they take."""

from datetime import timedelta

import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import record, run_everything
from app.matches import queries, service, service_propose, service_sweep
from app.matches.rules import MOST_OPEN
from app.needs import queries as needs
from tests.support.matching import counsellor, matches_of, only_match, opened, proposed
from tests.support.world import World


async def _many(world: World, count: int) -> None:
    for number in range(count):
        await world.volunteer(f"v{number}", f"示例志愿者{number:02}", languages=("YUE", "PTH"))
        await counsellor(world, f"v{number}", title=f"第{number:02}位志愿者的倾听与陪伴")


async def test_no_more_than_three_wait_at_once_and_a_decline_makes_room(world: World, clock: MovableClock) -> None:
    await _many(world, 5)
    need_id = await opened(world, clock.now())
    await run_everything(clock.now())
    live = await queries.live_where("need_id", need_id)
    assert len(live) == MOST_OPEN
    await service.student_declines(world.viewer("stu"), live[0].id, now=clock.now())
    await run_everything(clock.now())
    states = await matches_of(need_id)
    assert sorted(states.values()) == ["PROPOSED", "PROPOSED", "PROPOSED", "S_DECLINED"]
    assert await service_sweep.sweep(now=clock.now()) == 0


async def test_a_new_offer_reaches_needs_that_wait(world: World, clock: MovableClock) -> None:
    need_id = await opened(world, clock.now())
    await run_everything(clock.now())
    assert await queries.live_where("need_id", need_id) == []
    offer_id = await counsellor(world)
    await run_everything(clock.now())
    assert (await only_match(need_id)).offer_id == offer_id
    found = await needs.facts(need_id)
    assert found is not None
    assert found.first_proposal_at == clock.now()


async def test_the_ticks_propose_too_and_twice_changes_nothing(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    await DB.rows("DELETE FROM match WHERE id = $1", match.id)
    for kind in ("tick.sweep", "tick.sweep", "tick.night"):
        async with DB.transaction():
            await record(kind, None, now=clock.now())
        await run_everything(clock.now())
    assert (await only_match(match.need_id)).state == "PROPOSED"


async def test_at_night_two_needs_do_not_pile_up_on_the_same_volunteer(world: World, clock: MovableClock) -> None:
    await world.student("stu2", "示例同学丁", "school", birth=world.now.date() - timedelta(days=17 * 365))
    await _many(world, 2)
    await DB.rows("UPDATE offer SET capacity = 1")
    ids = [await opened(world, clock.now(), key) for key in ("stu", "stu2")]
    await DB.rows("UPDATE outbox_delivery SET state = 'DONE'")
    assert await service_sweep.night(now=clock.now()) == 4
    first = [(await queries.of_need(need_id))[0].offer_id for need_id in ids]
    assert len(set(first)) == 2, "the first proposals of the night go to different volunteers"


@pytest.mark.parametrize("change", ["risk = 'ORANGE'", "state = 'REVIEW'", "kind = ''"])
async def test_what_is_not_in_the_pool_is_never_proposed(world: World, clock: MovableClock, change: str) -> None:
    await counsellor(world)
    need_id = await opened(world, clock.now())
    await DB.rows(f"UPDATE need SET {change} WHERE id = $1", need_id)
    await run_everything(clock.now())
    assert await service_sweep.night(now=clock.now()) == 0
    assert await matches_of(need_id) == {}


async def test_widening_reaches_a_neighbouring_city(world: World, clock: MovableClock) -> None:
    offer_id = await counsellor(world, modes="FF")
    await DB.rows("UPDATE offer SET region_code = '440104' WHERE id = $1", offer_id)
    need_id = await opened(world, clock.now(), modes=("FF",))
    await run_everything(clock.now())
    assert await matches_of(need_id) == {}
    clock.move(hours=24)
    async with DB.transaction():
        await record("tick.minute", None, now=clock.now())
    await run_everything(clock.now())
    match = await only_match(need_id)
    assert any("稍远" in note for note in match.notes)


async def test_a_run_asks_the_database_a_fixed_number_of_questions(
    world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    true_rows = DB.rows

    async def counting(sql: str, *args: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await true_rows(sql, *args)

    counts: list[int] = []
    for number in (1, 4):
        await _many_more(world, number)
        monkeypatch.setattr(DB, "rows", counting)
        asked.clear()
        for kind in ("COUNSEL",):
            await service_propose.supply(kind, clock.now())
        counts.append(len(asked))
        monkeypatch.undo()
    assert counts[0] == counts[1]


async def _many_more(world: World, count: int) -> None:
    for number in range(count):
        key = f"more{count}{number}"
        await world.volunteer(key, f"示例志愿者{key}", languages=("YUE", "PTH"))
        await counsellor(world, key, title=f"{key}的倾听与陪伴时间")
