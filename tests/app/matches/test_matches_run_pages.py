"""Pages of the runs: progress, figures by scope, shortages, recruiting, what-ifs, and the warning for the operator."""

from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import run_everything
from app.matches import queries_runs, service_runs, service_supply
from tests.app.matches.test_matches_runs import people, tick_night
from tests.support.visitor import Visitor
from tests.support.world import World


async def _batch() -> UUID:
    found: UUID = await DB.value("SELECT id FROM match_batch ORDER BY started_at DESC LIMIT 1")
    return found


async def test_a_city_starts_a_run_and_watches_it(app: Litestar, world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=12, volunteers=11)
    async with Visitor(app, world["cit"]) as visitor:
        assert "还没有运行过" in (await visitor.get("/matching")).text
        page = await visitor.follow(await visitor.post("/matching"))
        assert "正在读取求助和资源" in page.text
        again = await visitor.post("/matching")
        assert again.status_code == 409
        assert "已经有一次匹配正在进行" in again.text
        batch_id = await _batch()
        await service_runs.split(batch_id, now=clock.now())
        part = await visitor.get(f"/matching/runs/{batch_id}", headers={"HX-Request": "true"})
        assert "已完成 0 / 1 部分" in part.text
        assert "<html" not in part.text
        await run_everything(clock.now())
        over = await visitor.get(f"/matching/runs/{batch_id}", headers={"HX-Request": "true"})
        assert over.headers["HX-Redirect"] == f"/matching/runs/{batch_id}"
        page = await visitor.get(f"/matching/runs/{batch_id}")
        assert "已证明最优" in page.text
        assert "<span><b>11</b></span>" in page.text
        assert ">11<" in (await visitor.get("/matching")).text
    async with Visitor(app, world["cit2"]) as visitor:
        page = await visitor.get(f"/matching/runs/{batch_id}")
        assert "没有等待匹配的求助" in page.text, "another city sees its own figures only"
    async with Visitor(app, world["sysa"]) as visitor:
        page = await visitor.get(f"/matching/runs/{batch_id}")
        assert "计算用时" in page.text
        assert "/matching/shortage" not in page.text
        assert (await visitor.get("/matching/shortage")).status_code == 403
    async with Visitor(app, world["cty"]) as visitor:
        assert (await visitor.post("/matching")).status_code == 403
    async with Visitor(app, world["sch"]) as visitor:
        assert (await visitor.get("/matching")).status_code == 403


async def test_shortages_are_shown_by_scope_and_small_counts_are_hidden_above(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await people(world, clock, needs=3, volunteers=1)
    await tick_night(clock)
    async with Visitor(app, world["cit"]) as visitor:
        page = await visitor.get("/matching/shortage")
        assert "佛山市" in page.text
        assert "资源合适，名额不够" in page.text
        assert '<td data-label="还缺" class="number"><b>2</b></td>' in page.text
    async with Visitor(app, world["prv"]) as visitor:
        page = await visitor.get("/matching/shortage")
        assert "<b>&lt;10</b>" in page.text
        assert "<b>2</b>" not in page.text
    async with Visitor(app, world["cit2"]) as visitor:
        assert "佛山市" not in (await visitor.get("/matching/shortage")).text


async def test_recruiting_opens_one_task_and_tells_the_city(app: Litestar, world: World, clock: MovableClock) -> None:
    form = {"city": "440600", "kind": "COUNSEL", "wanted": "5"}
    async with Visitor(app, world["prv"]) as visitor:
        page = await visitor.follow(await visitor.post("/matching/supply", form))
        assert "已发出招募任务" in page.text
        assert "佛山市 · 心理辅导" in page.text
        await visitor.post("/matching/supply", form | {"wanted": "7"})
    assert await DB.rows("SELECT wanted FROM match_supply_task") == [{"wanted": 7}]
    told = await DB.rows("SELECT account_id FROM notification WHERE template = 'supply.wanted'")
    assert {row["account_id"] for row in told} == {world["cit"].account}
    task = await DB.value("SELECT id FROM match_supply_task")
    async with Visitor(app, world["cit2"]) as visitor:
        assert "佛山" not in (await visitor.get("/matching/supply")).text
        assert (await visitor.post(f"/matching/supply/{task}/done", {"note": "找到了"})).status_code == 404
        assert (await visitor.post("/matching/supply", form)).status_code == 404
    async with Visitor(app, world["cit"]) as visitor:
        assert (await visitor.post(f"/matching/supply/{task}/done", {"note": ""})).status_code == 422
        page = await visitor.follow(await visitor.post(f"/matching/supply/{task}/done", {"note": "找到两名志愿者"}))
        assert "找到两名志愿者" in page.text
    with pytest.raises(NotFound):
        await service_supply.open_task(world.viewer("prv"), "440000", "COUNSEL", 3, now=clock.now())


async def test_a_what_if_is_answered_on_a_copy(app: Litestar, world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=3, volunteers=1)
    async with Visitor(app, world["cit"]) as visitor:
        wrong = await visitor.post("/matching/what-if", {"kind": "COUNSEL", "city": "440300", "count": "2"})
        assert wrong.status_code == 422, "another city is not in scope"
        form = {"kind": "COUNSEL", "city": "440600", "count": "1", "languages": ["YUE"]}
        answer = await visitor.post("/matching/what-if", form)
        page = await visitor.follow(answer)
        assert "在佛山增加 1 名会粤语的心理咨询志愿者" in page.text
        assert "正在计算" in page.text
        await run_everything(clock.now())
        page = await visitor.get(answer.headers["location"])
        assert "可以多服务 2 人（普通 2 人）。" in page.text
    assert await DB.value("SELECT count(*) FROM match_plan") == 0
    assert await DB.value("SELECT count(*) FROM offer") == 1
    async with Visitor(app, world["prv"]) as visitor:
        assert (await visitor.get(answer.headers["location"])).status_code == 200
    async with Visitor(app, world["cit2"]) as visitor:
        assert (await visitor.get(answer.headers["location"])).status_code == 404


async def test_a_failed_run_warns_the_operator(app: Litestar, world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=1, volunteers=1)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    await service_runs.split(batch_id, now=clock.now())
    await DB.rows("UPDATE match_component SET state = 'FAILED', fault = '没有通过证明。'")
    await service_runs.close(batch_id, now=clock.now())
    async with Visitor(app, world["sysa"]) as visitor:
        page = await visitor.get("/operations")
        assert "整体匹配没有全部完成：没有通过证明。" in page.text
        page = await visitor.get(f"/matching/runs/{batch_id}")
        assert "有一部分没有完成" in page.text
        assert "已证明最优" not in page.text


async def test_a_list_of_runs_asks_a_fixed_number_of_questions(
    world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    true_rows = DB.rows

    async def counting(sql: str, *args: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await true_rows(sql, *args)

    counts = []
    for _ in range(2):
        await tick_night(clock)
        clock.move(days=1)
        monkeypatch.setattr(DB, "rows", counting)
        asked.clear()
        await queries_runs.runs(world.viewer("prv"))
        counts.append(len(asked))
        monkeypatch.undo()
    assert counts[0] == counts[1]


async def test_the_proof_claims_no_more_than_was_compared(app: Litestar, world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=2, volunteers=2)
    batch_id = await service_runs.begin("NIGHT", now=clock.now())
    assert batch_id is not None
    await service_runs.split(batch_id, now=clock.now())
    await DB.rows("UPDATE match_component SET figures = jsonb_set(figures, '{all_pairs}', 'false')")
    await run_everything(clock.now())
    async with Visitor(app, world["cit"]) as visitor:
        page = await visitor.get(f"/matching/runs/{batch_id}")
        assert "不在证明之内" in page.text
        assert "没有任何别的安排" not in page.text
