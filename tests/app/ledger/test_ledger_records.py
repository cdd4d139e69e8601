"""Help records on the database: direct help, confirmation, what is set aside, and the pages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.outbox import run_everything
from app.ledger import queries, service
from app.ledger.errors import RecordExists, WordsBlocked
from app.ledger.queries_flow import k31_for
from app.ledger.service import DirectHelp
from app.needs import service as needs
from app.needs import service_clock
from tests.support.matching import completed, need_state, opened
from tests.support.visitor import Visitor
from tests.support.world import World

HELP = DirectHelp(action="帮一名学生办好了临时困难补助。", result="补助已经到账，学费交上了。")


async def test_direct_help_counts_when_the_student_has_confirmed(world: World, clock: MovableClock) -> None:
    need_id = await opened(world, clock.now(), sub="EC1", text="家里收入少了很多，学费还差一部分。", slots=())
    with pytest.raises(WordsBlocked):
        await service.solve_directly(
            world.viewer("sch"), need_id, DirectHelp(action="联系了13812345678的家长", result="办好了"), now=clock.now()
        )
    with pytest.raises(NotFound):
        await service.solve_directly(world.viewer("sch2"), need_id, HELP, now=clock.now())
    await service.solve_directly(world.viewer("sch"), need_id, HELP, now=clock.now())
    assert await need_state(need_id) == "TO_CONFIRM"
    with pytest.raises(RecordExists):
        await service.solve_directly(world.viewer("sch"), need_id, HELP, now=clock.now())
    assert not (await queries.my_duty(world.viewer("sch"), now=clock.now())).done
    await needs.confirm(world.viewer("stu"), need_id, 4, now=clock.now())
    await run_everything(clock.now())
    await run_everything(clock.now())
    duty = await queries.my_duty(world.viewer("sch"), now=clock.now())
    assert (duty.done, duty.route, len(duty.records)) == (True, "E", 1)
    assert duty.records[0].counts_for == ("K11",)
    figures = await queries.k11_for(world.viewer("sch"), 2026)
    assert (figures.total.done, figures.total.due) == (1, 2)
    assert figures.by_type["FT"].done == 1
    above = await queries.k11_for(world.viewer("prv"), 2026)
    assert (above.total.done, above.total.due) == (1, 7)


async def test_what_nobody_confirms_never_counts(world: World, clock: MovableClock) -> None:
    need_id = await opened(world, clock.now(), sub="EC1", text="家里收入少了很多，学费还差一部分。", slots=())
    await service.solve_directly(world.viewer("sch"), need_id, HELP, now=clock.now())
    for _ in range(3):
        clock.move(days=5)
        await service_clock.run_timers(clock.now())
    await run_everything(clock.now())
    [record] = await queries.of_need(need_id)
    assert record.state == "UNCONFIRMED"
    assert not (await queries.my_duty(world.viewer("sch"), now=clock.now())).done


async def test_not_solved_sets_the_record_aside_and_looks_again(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    assert match.ended_at is not None
    clock.set(match.ended_at)
    await run_everything(clock.now())
    await needs.not_solved(world.viewer("stu"), match.need_id, now=clock.now())
    await run_everything(clock.now())
    [record] = await queries.of_need(match.need_id)
    assert record.state == "NOT_SOLVED"
    assert await need_state(match.need_id) == "OPEN"


async def test_a_job_that_comes_after_not_solved_writes_nothing(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    await needs.not_solved(world.viewer("stu"), match.need_id, now=clock.now())
    assert await service.from_match(match.id, now=clock.now()) is None


async def test_a_record_is_written_once_even_when_the_job_runs_twice(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    first = await service.from_match(match.id, now=clock.now())
    assert await service.from_match(match.id, now=clock.now()) == first
    assert len(await queries.of_need(match.need_id)) == 1


async def test_k25_counts_confirmed_help_of_students_on_the_roll(world: World, clock: MovableClock) -> None:
    await DB.rows(
        "UPDATE student_profile SET in_difficulty_since = $2 WHERE person = $1", world["stu"].person, date(2026, 8, 1)
    )
    match = await completed(world, clock.now())
    assert match.ended_at is not None
    await run_everything(match.ended_at)
    await needs.confirm(world.viewer("stu"), match.need_id, 5, now=match.ended_at)
    await run_everything(match.ended_at)
    figure = await queries.k25_for([world.orgs["school"]], census=date(2026, 12, 1))
    assert (figure.done, figure.due) == (1, 1)
    early = await queries.k25_for([world.orgs["school"]], census=date(2026, 9, 1))
    assert early.due == 0


async def test_k31_tells_how_needs_fared(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    await needs.confirm(world.viewer("stu"), match.need_id, 5, now=clock.now())
    end = datetime(2027, 1, 1, tzinfo=UTC)
    figures = await k31_for(world.viewer("cit"), clock.now() - timedelta(days=1), end)
    assert figures.fill.percent == 100.0
    assert figures.hours_to_proposal == (0.0, 0.0)
    assert figures.answers.proposed == 1
    with pytest.raises(NotAllowed):
        await k31_for(world.viewer("stu"), clock.now(), end)


@pytest.mark.parametrize("key", ["sch", "gra", "cty", "cit", "prv", "psy", "rev", "vol", "emp", "hou", "spo", "fnd"])
async def test_everybody_lands_on_a_workbench(app: Litestar, world: World, key: str) -> None:
    async with Visitor(app, world[key]) as somebody:
        page = await somebody.get("/work")
    assert page.status_code == 200
    assert "工作台" in page.text


async def test_the_duty_page_and_the_form_of_direct_help(app: Litestar, world: World, clock: MovableClock) -> None:
    need_id = await opened(world, clock.now(), sub="EC1", text="家里收入少了很多，学费还差一部分。", slots=())
    private = await opened(world, clock.now())
    async with Visitor(app, world["sch"]) as cadre:
        page = await cadre.get("/duty")
        assert page.status_code == 200
        assert f"/duty/solve/{need_id}" in page.text
        assert str(private) not in page.text, "counselling needs are not listed for cadres"
        assert world["stu"].name not in page.text
        wrong = await cadre.post(f"/duty/solve/{need_id}", {"action": "", "result": "", "route": "E"})
        assert wrong.status_code == 422
        named = {"action": "联系了13812345678", "result": "补助已经到账", "route": "E"}
        assert (await cadre.post(f"/duty/solve/{need_id}", named)).status_code == 422
        right = named | {"action": "帮一名学生办好了补助"}
        assert (await cadre.post(f"/duty/solve/{need_id}", right)).status_code == 303
        assert (await cadre.get(f"/duty/solve/{need_id}")).status_code == 404
    async with Visitor(app, world["stu"]) as student:
        assert (await student.get("/duty")).status_code == 403
