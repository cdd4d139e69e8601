"""The judged set: floors in all and by category, on memory and PostgreSQL, and what each trick is worth."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from search import postgres_schema
from search.documents import Document
from search.evaluate import Judged, Report, evaluate
from search.lexicon_build import lexicon_of
from search.memory import MemoryEngine
from search.pipeline import Pipeline, Tricks, pipeline
from search.planner import Planner
from search.postgres import Connection, PostgresEngine

FLOOR, CATEGORY_FLOOR = 0.97, 0.93
TABLE = "relevance_search"


async def _in_memory(documents: Sequence[Document], queries: Sequence[Judged], tricks: Tricks | None = None) -> Report:
    own = Pipeline(tricks=tricks) if tricks else pipeline()
    engine = MemoryEngine(own)
    await engine.put(documents)
    return await evaluate(engine, Planner(own, lexicon_of(own, documents)), queries)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def memory_report(judged_documents: list[Document], judged_queries: list[Judged]) -> Report:
    return await _in_memory(judged_documents, judged_queries)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def postgres_report(
    server_url: str, judged_documents: list[Document], judged_queries: list[Judged]
) -> AsyncIterator[Report]:
    own = await asyncpg.connect(server_url)
    await own.execute(postgres_schema.create(TABLE, pipeline=pipeline().version))

    @asynccontextmanager
    async def lend() -> AsyncIterator[Connection]:
        yield own

    engine = PostgresEngine(lend, pipeline(), table=TABLE)
    await engine.put(judged_documents)
    yield await evaluate(engine, Planner(pipeline(), lexicon_of(pipeline(), judged_documents)), judged_queries)
    await own.execute(postgres_schema.drop(TABLE))
    await own.close()


def _holds(report: Report) -> None:
    assert report.all.recall >= FLOOR
    assert report.all.ndcg >= FLOOR
    low = {name: each for name, each in report.categories.items() if min(each.recall, each.ndcg) < CATEGORY_FLOOR}
    assert low == {}
    assert report.all.must_not == 0
    assert {outcome.words for outcome in report.outcomes if not outcome.first} <= {"市长"}


async def test_memory_finds_what_the_judges_found_right(memory_report: Report) -> None:
    _holds(memory_report)


async def test_postgres_finds_what_the_judges_found_right(postgres_report: Report) -> None:
    _holds(postgres_report)


async def test_both_engines_give_the_same_first_ten(memory_report: Report, postgres_report: Report) -> None:
    for ours, theirs in zip(memory_report.outcomes, postgres_report.outcomes, strict=True):
        assert ours.first == theirs.first, ours.words


@pytest.mark.parametrize(
    ("trick", "gain", "category", "category_gain"),
    [
        ("split", 0.02, "segment", 0.2),
        ("prefix", 0.004, "prefix", 0.08),
        ("fold", 0.04, "traditional", 0.6),
        ("synonyms", 0.2, "synonym", 0.5),
        ("pinyin", 0.15, "pinyin", 0.9),
        ("repair", 0.05, "homophone", 0.5),
        ("relax", 0.01, "segment", 0.09),
        ("kinds", 0.03, "traditional", 0.05),
    ],
)
async def test_each_trick_keeps_its_gain(
    trick: str,
    gain: float,
    category: str,
    category_gain: float,
    memory_report: Report,
    judged_documents: list[Document],
    judged_queries: list[Judged],
) -> None:
    tricks = msgspec.structs.replace(Tricks(), **{trick: False})
    without = await _in_memory(judged_documents, judged_queries, tricks)
    assert memory_report.all.ndcg - without.all.ndcg >= gain
    assert memory_report.categories[category].ndcg - without.categories[category].ndcg >= category_gain


async def test_words_of_the_field_keep_their_gain(
    memory_report: Report, judged_documents: list[Document], judged_queries: list[Judged]
) -> None:
    without = await _in_memory(judged_documents, judged_queries, Tricks(words=False))
    assert memory_report.all.recall - without.all.recall > 0.001
    no_pets = msgspec.structs.replace(judged_documents[0], text="室友安静，不养宠物。")
    assert "宠物" not in pipeline().lexemes(no_pets).anywhere
    assert "宠物" in Pipeline(tricks=Tricks(words=False)).lexemes(no_pets).anywhere


async def test_pairs_of_characters_find_names_no_dictionary_knows(judged_documents: list[Document]) -> None:
    name = msgspec.structs.replace(judged_documents[0], title="岑圩口公寓招租", tags=())
    for bigrams in (True, False):
        own = Pipeline(tricks=Tricks(bigrams=bigrams))
        words = own.lexemes(name).title
        assert ("岑圩" in words) is bigrams
