"""Runs over whole kinds: components, certificates, versions, caps, and the queue beside them."""

import json
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.matches import queries, service_arrays, service_runs, service_snapshot, service_sweep
from app.matches.errors import RunGoing
from app.matches.rules_runs import Figures
from matching.instances import Solution
from matching.solvers.province import solve
from tests.support.matching import counsellor, matches_of, opened
from tests.support.world import World


async def people(world: World, clock: MovableClock, *, needs: int, volunteers: int, capacity: int = 1) -> list[UUID]:
    """Publish volunteers and open needs without letting any job run."""
    for number in range(volunteers):
        await world.volunteer(f"v{number}", f"示例志愿者{number:02}", languages=("YUE", "PTH"))
        await counsellor(world, f"v{number}", title=f"第{number:02}位志愿者的倾听与陪伴")
    await DB.rows("UPDATE offer SET capacity = $1", capacity)
    ids = []
    for number in range(needs):
        key = f"s{number}"
        await world.student(key, f"示例同学{number:02}", "school", birth=world.now.date() - timedelta(days=17 * 365))
        ids.append(await opened(world, clock.now(), key))
    await DB.rows("UPDATE outbox_delivery SET state = 'DONE'")
    return ids


async def tick_night(clock: MovableClock) -> None:
    """Let the night's run begin and everything follow."""
    await service_runs.begin("NIGHT", now=clock.now())
    await run_everything(clock.now())


async def batch() -> dict[str, object]:
    """Return the only run."""
    rows = await DB.rows("SELECT * FROM match_batch")
    assert len(rows) == 1
    return rows[0]


async def test_a_night_is_split_solved_proven_stored_and_closed(world: World, clock: MovableClock) -> None:
    ids = await people(world, clock, needs=3, volunteers=2)
    await tick_night(clock)
    run = await batch()
    assert run["state"] == "DONE"
    assert run["finished_at"] == clock.now()
    figures = msgspec.convert(json.loads(str(run["figures"])), Figures)
    assert (figures.requests, figures.matched, figures.queue_matched) == (3, 2, 2)
    assert figures.cities[0].city == "440600"
    assert (figures.cities[0].short, figures.cities[0].without) == (1, 0)
    proof = json.loads(str(run["certificate"]))
    assert (proof["dual_gap"], proof["tier_violations"], proof["faults"]) == (0, 0, [])
    plan = await DB.rows("SELECT need_id, offer_id FROM match_plan")
    assert len({row["offer_id"] for row in plan}) == 2
    for row in plan:
        first = await DB.rows("SELECT rank, origin FROM match WHERE need_id = $1 AND offer_id = $2", *row.values())
        assert first == [{"rank": 1, "origin": "AUTO"}]
    shown = [len(await matches_of(need_id)) for need_id in ids]
    assert shown == [2, 2, 2], "alternates fill up afterwards"
    level = await DB.rows("SELECT level FROM match_offer_price")
    assert all(row["level"] > 0 for row in level), "every place is short"


async def test_a_component_done_twice_writes_once(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=2, volunteers=2)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    assert await service_runs.split(batch_id, now=clock.now()) == 1
    assert await service_runs.split(batch_id, now=clock.now()) == 0
    (part,) = await service_runs.components_of(batch_id, "WAITING")
    assert await service_runs.solve(part, now=clock.now())
    assert not await service_runs.solve(part, now=clock.now())
    assert await DB.value("SELECT count(*) FROM match_plan") == 2
    assert await service_runs.close(batch_id, now=clock.now())
    assert not await service_runs.close(batch_id, now=clock.now())
    assert await service_sweep.planned(part, now=clock.now()) == 2
    assert await service_sweep.planned(part, now=clock.now()) == 0


async def test_an_answer_without_a_valid_certificate_is_never_stored(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=2, volunteers=2)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    await service_runs.split(batch_id, now=clock.now())
    (part,) = await service_runs.components_of(batch_id, "WAITING")
    snapshot = await service_snapshot.take("COUNSEL", clock.now())
    sheet = service_arrays.lay(snapshot)
    solution = solve(sheet.instance())
    doubled = service_arrays.judged(sheet, sheet.instance(), _all_on_first(solution))
    assert not doubled.proof.valid
    async with DB.transaction():
        assert not await service_runs.store(part, batch_id, snapshot, doubled, now=clock.now())
        await service_runs.close_if_last(batch_id, now=clock.now())
    await run_everything(clock.now())
    assert (await batch())["state"] == "FAILED"
    assert "没有通过证明" in str((await batch())["fault"])
    assert await DB.value("SELECT count(*) FROM match_plan") == 0
    assert await DB.value("SELECT count(*) FROM match_offer_price") == 0


def _all_on_first(solution: Solution) -> Solution:
    """Tamper with an answer: nobody gets anything, at the same prices."""
    return Solution(assignment=solution.assignment * 0 - 1, price=solution.price, level=solution.level)


async def test_what_changed_since_the_snapshot_is_not_proposed(world: World, clock: MovableClock) -> None:
    first, second = await people(world, clock, needs=2, volunteers=2)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    await service_runs.split(batch_id, now=clock.now())
    (part,) = await service_runs.components_of(batch_id, "WAITING")
    await service_runs.solve(part, now=clock.now())
    await DB.rows("UPDATE need SET version = version + 1 WHERE id = $1", first)
    await DB.rows("UPDATE need SET state = 'WITHDRAWN' WHERE id = $1", second)
    assert await service_sweep.planned(part, now=clock.now()) == 0
    assert await matches_of(first) == {}


async def test_one_run_at_a_time(world: World, clock: MovableClock) -> None:
    await service_runs.start(world.viewer("cit"), now=clock.now())
    with pytest.raises(RunGoing):
        await service_runs.start(world.viewer("prv"), now=clock.now())
    assert await service_runs.begin("NIGHT", now=clock.now()) is None
    await run_everything(clock.now())
    assert (await batch())["state"] == "DONE"
    await service_runs.start(world.viewer("prv"), now=clock.now())


async def test_a_run_that_nobody_finishes_is_given_up(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=1, volunteers=1)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    await service_runs.split(batch_id, now=clock.now())
    await DB.rows("UPDATE outbox_delivery SET state = 'DONE'")
    clock.move(hours=7)
    assert await service_runs.give_up_stuck(clock.now()) == 1
    await run_everything(clock.now())
    assert (await batch())["state"] == "FAILED"


async def test_a_volunteer_is_not_asked_more_often_than_the_week_allows(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=6, volunteers=1, capacity=20)
    await DB.rows("UPDATE volunteer_profile SET weekly_cap = 2")
    await tick_night(clock)
    assert await DB.value("SELECT count(*) FROM match") == 2
    figures = msgspec.convert(json.loads(str((await batch())["figures"])), Figures)
    assert figures.matched == 2


async def test_the_urgent_need_gets_the_only_place(world: World, clock: MovableClock) -> None:
    ids = await people(world, clock, needs=3, volunteers=1)
    await DB.rows("UPDATE need SET urgency = 'H' WHERE id = $1", ids[2])
    await tick_night(clock)
    plan = await DB.rows("SELECT need_id FROM match_plan")
    assert [row["need_id"] for row in plan] == [ids[2]]
    figures = msgspec.convert(json.loads(str((await batch())["figures"])), Figures)
    assert figures.by_tier == (1, 0, 0)


async def test_alternates_go_to_the_offer_that_others_need_less(world: World, clock: MovableClock) -> None:
    (need_id,) = await people(world, clock, needs=1, volunteers=3)
    offers = [row["id"] for row in await DB.rows("SELECT id FROM offer ORDER BY id")]
    for offer_id, price in zip(offers, (3_000, 0, 100), strict=True):
        await DB.rows(
            "INSERT INTO match_offer_price (offer_id, kind, price, level, at) VALUES ($1, 'COUNSEL', $2, 0, $3)",
            offer_id,
            price,
            clock.now(),
        )
    await service_sweep.sweep(now=clock.now())
    shown = [match.offer_id for match in await queries.of_need(need_id)]
    assert set(shown) == set(offers)
    assert shown[-1] == offers[0], "the dearest place is shown last"
