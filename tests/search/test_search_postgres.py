"""What only the PostgreSQL engine does: samples, windows, settings that end with a search, a rebuild that fails."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from search import postgres_facets, postgres_lexicon, postgres_schema
from search.documents import Document, Point
from search.engine import IndexOutdatedError
from search.lexicon_build import lexicon_of
from search.memory import MemoryEngine
from search.pipeline import pipeline
from search.planner import Planner
from search.postgres import Connection, PostgresEngine
from search.postgres_rows import clean, code_of, copied, row_of
from search.query import Near, Question, Range, Sort

TABLE = "own_search"
START = datetime(2026, 11, 1, tzinfo=UTC)
CITIES = ("广州", "深圳", "佛山")


def _document(number: int) -> Document:
    city, house = CITIES[number % 3], number * 2_654_435_761 >> 9 & 1 == 0
    return Document(
        id=UUID(int=number + 1),
        version=1,
        kind="HOUSE" if house else "INTERN",
        title=f"（示例）{city}{'单间' if house else '实习'}{number}",
        text="近地铁，可月付。",
        place=(city,),
        city=f"44{number % 3:02d}00",
        facets={"mode": ("ONLINE",) if number % 5 else ("ONSITE", "BOTH")},
        amount_fen=None if number % 7 == 0 else number * 100,
        published_at=START - timedelta(days=number),
        point=None if number % 11 == 0 else Point(23 + number / 500, 113 + number / 500),
    )


DOCUMENTS = [_document(number) for number in range(900)]
HOMES = sum(1 for document in DOCUMENTS if document.kind == "HOUSE")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(server_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(server_url)
    await connection.execute(postgres_schema.create(TABLE, pipeline=pipeline().version))
    yield connection
    await connection.execute(postgres_schema.drop(TABLE))
    await connection.close()


def _engine(connection: asyncpg.Connection, *, above: int = 200_000) -> PostgresEngine:
    @asynccontextmanager
    async def lend() -> AsyncIterator[Connection]:
        yield connection

    return PostgresEngine(lend, pipeline(), table=TABLE, approximate_above=above)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(own: asyncpg.Connection) -> PostgresEngine:
    engine = _engine(own)
    assert await engine.rebuild(_stream(DOCUMENTS)) == len(DOCUMENTS)
    return engine


async def _stream(documents: list[Document]) -> AsyncIterator[Document]:
    for document in documents:
        yield document


@pytest.fixture(scope="module")
def planner() -> Planner:
    return Planner(pipeline(), lexicon_of(pipeline(), DOCUMENTS))


HERE = Near(point=Point(23.6, 113.6))
QUESTIONS = [
    Question(words="租房", facets=("kind", "city", "mode")),
    Question(words="单间 广州", page=3),
    Question(sort=Sort.NEWEST, page=5),
    Question(words="实习", sort=Sort.NEAREST, near=HERE),
    Question(sort=Sort.NEAREST, near=HERE, page=8),
    Question(near=msgspec.structs.replace(HERE, radius_km=60), facets=("city",)),
    Question(near=msgspec.structs.replace(HERE, radius_km=400), sort=Sort.CHEAPEST),
    Question(words="实习", any_of={"city": ("440000", "440100")}, facets=("city", "mode"), sort=Sort.DEAREST),
    Question(amount_fen=Range(low=100_00, high=300_00, high_in=False, unknown=True), facets=("mode",)),
    Question(all_of={"mode": ("ONSITE", "BOTH")}, none_of={"kind": ("HOUSE",)}),
    Question(words="地铁", published_since=START - timedelta(days=100)),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
async def test_it_answers_like_memory(filled: PostgresEngine, planner: Planner, question: Question) -> None:
    memory = MemoryEngine(pipeline())
    await memory.put(DOCUMENTS)
    plan = planner.plan(question.words)
    ours, theirs = await filled.find(plan, question), await memory.find(plan, question)
    assert ours.ids == theirs.ids
    assert (ours.total, ours.total_exact, ours.facets_exact) == (theirs.total, True, True)
    assert ours.facets == theirs.facets


async def test_a_large_answer_is_counted_from_a_sample(
    own: asyncpg.Connection, filled: PostgresEngine, planner: Planner
) -> None:
    assert filled.name == "postgres"
    question = Question(words="地铁", facets=("kind", "city", "mode"))
    found = await _engine(own, above=300).find(planner.plan("地铁"), question)
    assert not found.total_exact
    assert not found.facets_exact
    assert found.total % 16 == 0
    assert math.isclose(found.total, len(DOCUMENTS), rel_tol=0.1)
    assert math.isclose(found.facets["kind"]["HOUSE"], HOMES, rel_tol=0.3)
    rare = await _engine(own, above=300).find(planner.plan("单间15"), Question(words="单间15"))
    assert rare.total_exact


async def test_many_marks_are_counted_from_a_sample(
    filled: PostgresEngine, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_facets, "MOST_MARKED", 100)
    found = await filled.find(planner.plan("地铁"), Question(words="地铁", facets=("kind", "mode")))
    assert (found.total, found.total_exact, found.facets_exact) == (900, True, False)
    assert found.facets["kind"] == {"HOUSE": HOMES, "INTERN": len(DOCUMENTS) - HOMES}
    assert math.isclose(found.facets["mode"]["ONLINE"], 720, rel_tol=0.2)


async def test_its_settings_end_with_the_search(
    own: asyncpg.Connection, filled: PostgresEngine, planner: Planner
) -> None:
    transaction = own.transaction()
    await transaction.start()
    await filled.put([msgspec.structs.replace(DOCUMENTS[0], id=UUID(int=5000), title="（示例）独一无二的桌子")])
    found = await filled.find(planner.plan("独一无二的桌子"), Question(words="独一无二的桌子"))
    assert found.ids[0] == UUID(int=5000)
    assert await own.fetchval("SHOW enable_seqscan") == "on"
    await transaction.rollback()
    assert await own.fetchval("SHOW enable_seqscan") == "on"
    assert UUID(int=5000) not in await filled.versions()


async def test_a_rebuild_that_fails_leaves_everything_as_it_was(
    own: asyncpg.Connection, filled: PostgresEngine
) -> None:
    async def broken() -> AsyncIterator[Document]:
        yield DOCUMENTS[0]
        raise OSError("the source went away")

    before = await filled.versions()
    with pytest.raises(OSError, match="went away"):
        await filled.rebuild(broken())
    assert await filled.versions() == before
    assert await own.fetchval("SELECT to_regclass($1)", f"{TABLE}_new") is None
    assert (await filled.health()).ok


async def test_an_index_of_another_pipeline_is_refused(
    own: asyncpg.Connection, filled: PostgresEngine, planner: Planner
) -> None:
    await own.execute(f"COMMENT ON TABLE {TABLE} IS 'older'")
    fresh = _engine(own)
    with pytest.raises(IndexOutdatedError, match="search rebuild"):
        await fresh.find(planner.plan(""), Question())
    health = await fresh.health()
    assert not health.ok
    assert "older" in health.says
    await own.execute(f"COMMENT ON TABLE {TABLE} IS '{pipeline().version}'")
    assert (await fresh.health()).ok
    assert (await filled.stats()).documents == len(DOCUMENTS)


async def test_a_missing_table_is_said(own: asyncpg.Connection) -> None:
    @asynccontextmanager
    async def lend() -> AsyncIterator[Connection]:
        yield own

    health = await PostgresEngine(lend, pipeline(), table="nowhere").health()
    assert not health.ok
    assert "nowhere" in health.says


async def test_the_lexicon_is_handed_over(own: asyncpg.Connection, planner: Planner) -> None:
    await own.execute("CREATE SCHEMA own_words; SET search_path TO own_words")
    try:
        await own.execute(postgres_schema.create_lexicon())
        assert await postgres_lexicon.load(own) is None
        assert await postgres_lexicon.built_at(own) is None
        await postgres_lexicon.save(own, planner.lexicon, "1.x")
        await postgres_lexicon.save(own, planner.lexicon, "1.y")
        stored = await postgres_lexicon.load(own)
        assert stored is not None
        assert stored.pipeline == "1.y"
        assert stored.built_at == await postgres_lexicon.built_at(own)
        assert stored.lexicon.dumps() == planner.lexicon.dumps()
    finally:
        await own.execute("RESET search_path; DROP SCHEMA own_words CASCADE")


def test_values_are_made_safe_to_store() -> None:
    assert clean("a\0b\ud800") == "a�b?"
    assert len(clean("长" * 500)) == 64
    assert code_of("city", "440100") == 440100
    assert code_of("city", "广州") != code_of("county", "广州")


def test_a_row_is_copied_as_one_line() -> None:
    odd = msgspec.structs.replace(DOCUMENTS[1], city="", facets={"mode": ("a\tb\nc\\d'e",)}, amount_fen=10**12)
    line = copied(row_of(odd, pipeline().lexemes(odd)))
    assert line.count(b"\n") == 1
    assert line.count(b"\t") == 13


@pytest.mark.parametrize("name", ["a;b", "A", "", "1a", "x" * 60])
def test_only_a_name_is_a_table(name: str) -> None:
    with pytest.raises(ValueError, match="table name"):
        postgres_schema.create(name)
