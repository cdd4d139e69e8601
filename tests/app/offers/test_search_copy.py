"""Meilisearch beside the database: it follows by the outbox, and the page goes on when it is away or outdated."""

import functools
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from app.kit.db import DB
from app.kit.outbox import run_everything
from app.offers import queries_gate, queries_search, service
from search.failover import Failover, Limits
from tests.support.meili_fake import MeiliFake
from tests.support.meili_routes import MASTER
from tests.support.offers import published
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MeiliFake]:
    """A Meilisearch with seconds to answer: a busy machine is not what these tests are about."""
    patient = functools.partial(Failover, limits=Limits(answer=5.0))
    monkeypatch.setattr("app.offers.queries_engine.Failover", patient)
    with MeiliFake() as server:
        queries_gate.configure(server.url, MASTER)
        yield server
        await queries_gate.close()
        queries_gate.configure(None, None)


async def test_the_copy_follows_and_the_page_goes_on_without_it(world: World, app: Litestar, fake: MeiliFake) -> None:
    first, second = await published(world), await published(world, title="另一个新媒体运营岗位")
    await run_everything(world.now)
    engines = await queries_gate.searching()
    assert engines.copy is not None
    assert await engines.copy.versions() == await queries_search.public_versions(world.now)
    async with Visitor(app) as nobody:
        found = (await nobody.get("/api/v1/offers?q=新媒体")).json()
        assert (found["engine"], found["degraded"], found["total"]) == ("meilisearch", False, 2)
        await service.pause(world.viewer("cit"), first, now=world.now)
        stale = (await nobody.get("/api/v1/offers?q=新媒体")).json()
        assert [one["id"] for one in stale["offers"]] == [str(second)]
        await run_everything(world.now)
        assert set(await engines.copy.versions()) == {second}
        fake.kill()
        for _ in range(4):
            away = await nobody.get("/api/v1/offers?q=新媒体")
            assert (away.status_code, away.json()["engine"], away.json()["degraded"]) == (200, "postgres", True)
        assert "Meilisearch" not in (await nobody.get("/offers?q=新媒体")).text
    async with Visitor(app, world["sysa"]) as operator:
        assert "Meilisearch" in (await operator.get("/operations")).text


async def test_an_index_of_another_pipeline_rests_and_calls_for_a_rebuild_once(world: World, app: Litestar) -> None:
    await queries_gate.close()
    offer = await published(world)
    await queries_gate.close()
    await DB.rows("COMMENT ON TABLE listing_search IS 'another'")
    async with Visitor(app) as nobody:
        for _ in range(2):
            page = await nobody.get("/offers?q=新媒体")
            assert page.status_code == 200
            assert "搜索正在整理" in page.text
            assert f"/offers/{offer}" in page.text
        assert (await nobody.get("/api/v1/offers?q=新媒体")).status_code == 503
    await queries_gate.close()
    assert await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = 'search.outdated'") == 1
