"""The commands of the search index: judging a set, and comparing an index with the database."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
from click.testing import CliRunner

from app.cli_search import drift_of, mend, search
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.offers import queries_search
from search.documents import Document
from search.memory import MemoryEngine
from search.pipeline import pipeline
from search.synthetic import listing
from tests.support.offers import published
from tests.support.world import World

JUDGED = Path(__file__).parents[1] / "data" / "search_judged.json"


def test_a_judged_set_is_scored_in_all_and_by_category() -> None:
    result = CliRunner().invoke(search, ["eval", str(JUDGED), "--engine", "memory", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["all"]["queries"] == 91
    assert report["all"]["recall"] >= 0.93
    assert set(report["categories"]) >= {"simple", "pinyin", "traditional"}
    shown = CliRunner().invoke(search, ["eval", str(JUDGED), "--engine", "memory"])
    assert "recall@10" in shown.output


async def truth(clock: MovableClock) -> list[Document]:
    return [one async for one in queries_search.public_documents(clock.now())]


async def test_only_what_is_public_is_read_for_the_index(world: World, clock: MovableClock) -> None:
    offer_id = await published(world)
    (document,) = await truth(clock)
    assert document.id == offer_id
    assert document.visible
    assert await queries_search.public_versions(clock.now()) == {offer_id: document.version}
    await DB.rows("UPDATE offer SET state = 'SUSPENDED' WHERE id = $1", offer_id)
    assert await truth(clock) == []
    (hidden,) = await queries_search.documents_of([offer_id], clock.now())
    assert not hidden.visible


async def test_drift_is_told_and_mended(world: World, clock: MovableClock) -> None:
    offer_id = await published(world)
    (document,) = await truth(clock)
    engine = MemoryEngine(pipeline())
    await engine.put([listing(1)])
    drift = await drift_of(engine, clock.now())
    assert (drift.missing, drift.outdated, drift.extra) == ((offer_id,), (), (listing(1).id,))
    await mend(engine, drift, clock.now())
    assert await engine.versions() == {offer_id: document.version}
    await engine.remove([offer_id])
    await engine.put(
        [msgspec.structs.replace(document, version=document.version + 5, published_at=clock.now() - timedelta(1))]
    )
    drift = await drift_of(engine, clock.now())
    assert drift.outdated == (offer_id,)
    await mend(engine, drift, clock.now())
    assert (await drift_of(engine, clock.now())).count == 0
