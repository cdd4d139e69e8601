"""The commands of the search index: rebuild it, compare it with the truth, tell its size, judge what it finds."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import click
import msgspec

from app.cli_data import reachable_database
from app.kit.clock import SystemClock
from app.kit.db import DB
from app.kit.migrate import MigrationPending, pending
from app.kit.stack.errors import StackError
from app.offers import queries_search as truth
from app.settings import Settings
from search import postgres_lexicon, postgres_schema
from search.documents import Document
from search.engine import Engine, EngineUnavailableError, IndexOutdatedError
from search.evaluate import Report, evaluate, load
from search.lexicon_build import LexiconBuilder, lexicon_of
from search.meilisearch import MeilisearchEngine
from search.memory import MemoryEngine
from search.pipeline import pipeline
from search.planner import Planner
from search.postgres import PostgresEngine

CLOCK: Final = SystemClock()
EVERY: Final = 1_000
PATIENCE: Final = 3_600.0
"""Copying a million offers into a fresh table is one statement of many minutes."""
SHOWN: Final = 10
STORED: Final = ("postgres", "meilisearch")
_engine = click.option(
    "--engine",
    "wanted",
    type=click.Choice(["all", *STORED]),
    default="all",
    show_default=True,
    help="哪个引擎。 Which engine.",
)


class SearchAwayError(StackError):
    """An engine cannot be used now."""

    def __init__(self, says: str) -> None:
        super().__init__(f"搜索引擎现在不可用：{says}", f"The search engine cannot be used now: {says}")


class DriftError(StackError):
    """The index and the database do not agree."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"索引与数据库有 {count} 处不一致，加 --fix 可修复。", f"{count} differences; --fix mends them."
        )


class Drift(msgspec.Struct, frozen=True):
    """What an index holds other than the truth: offers it lacks, holds in an older version, or should not hold."""

    missing: tuple[UUID, ...]
    outdated: tuple[UUID, ...]
    extra: tuple[UUID, ...]

    @property
    def count(self) -> int:
        """How many differences there are."""
        return len(self.missing) + len(self.outdated) + len(self.extra)


@click.group()
def search() -> None:
    """重建、核对、统计和评测搜索索引。 Rebuild, verify, measure and judge the search index."""


@search.command()
@_engine
def rebuild(wanted: str) -> None:
    """重建索引，期间搜索照常。 Fill a fresh index and swap it in; searches go on meanwhile."""
    _run(lambda url, settings: _rebuild(url, settings, wanted))


@search.command()
def learn() -> None:
    """重建词表；索引由旧版写成时一并重建。 Build the lexicon, and the index when it is outdated."""
    _run(_learn)


@search.command()
@_engine
@click.option("--fix", is_flag=True, help="修复不一致。 Mend the differences.")
def verify(wanted: str, *, fix: bool) -> None:
    """核对索引与数据库。 Compare the index with the database; exit code 1 when they differ."""
    _run(lambda url, settings: _verify(url, settings, wanted, fix=fix))


@search.command()
@_engine
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def stats(wanted: str, *, as_json: bool) -> None:
    """索引的大小、版本和失败的任务。 Size, pipeline and failed tasks of the index."""
    _run(lambda url, settings: _stats(url, settings, wanted, as_json=as_json))


@search.command(name="eval")
@click.argument("source", metavar="FILE.json", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--engine",
    "wanted",
    type=click.Choice(["memory", *STORED]),
    default="postgres",
    show_default=True,
    help="哪个引擎。 Which engine.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def eval_(source: Path, wanted: str, *, as_json: bool) -> None:
    """用评测集给搜索打分。 Judge the search by a set of judged queries, in a scratch index."""
    if wanted == "memory":
        _show(asyncio.run(_judge(MemoryEngine(pipeline()), source)), as_json=as_json)
        return
    _run(lambda url, settings: _eval(url, settings, wanted, source, as_json=as_json))


def _run(work: Callable[[str, Settings], Coroutine[Any, Any, None]]) -> None:
    """Run a piece of work with the address of the database; an engine that is away becomes a sentence."""
    settings = Settings.from_env(os.environ)
    with reachable_database(settings) as url:
        try:
            asyncio.run(work(url, settings))
        except (EngineUnavailableError, IndexOutdatedError) as error:
            raise SearchAwayError(str(error)) from error


@asynccontextmanager
async def _engines(url: str, settings: Settings, wanted: str) -> AsyncIterator[list[Engine]]:
    """Open the database and the engines asked for; `all` leaves Meilisearch out where it has no address."""
    DB.configure(url)
    await DB.open(most=4, patience=PATIENCE)
    try:
        if await pending():
            raise MigrationPending
        await _tables()
        engines: list[Engine] = [PostgresEngine(DB.connection, pipeline())] if wanted != "meilisearch" else []
        if wanted == "postgres" or (wanted == "all" and not settings.meili_url):
            yield engines
            return
        async with _meilisearch(settings) as meilisearch:
            yield [*engines, meilisearch]
    finally:
        await DB.close()


async def _tables() -> None:
    """Make the tables of the PostgreSQL engine where no migration has made them."""
    async with DB.connection() as connection:
        if await connection.fetchval("SELECT to_regclass($1::text)", postgres_schema.TABLE) is None:
            await connection.execute(postgres_schema.create())
        if await connection.fetchval("SELECT to_regclass($1::text)", postgres_schema.LEXICON_TABLE) is None:
            await connection.execute(postgres_schema.create_lexicon())


def _meilisearch(settings: Settings, family: str = "offers") -> MeilisearchEngine:
    if not settings.meili_url:
        raise SearchAwayError("QINGQIAO_MEILI_URL")
    return MeilisearchEngine(settings.meili_url, settings.meili_key, index=family)


async def _rebuild(url: str, settings: Settings, wanted: str) -> None:
    async with _engines(url, settings, wanted) as engines:
        words = LexiconBuilder(pipeline())
        for number, engine in enumerate(engines):
            documents = _counted(truth.public_documents(CLOCK.now()), engine.name, words if number == 0 else None)
            await engine.rebuild(documents)
            await mend(engine, await drift_of(engine, CLOCK.now()), CLOCK.now())
            held = (await engine.stats()).documents
            click.echo(f"{engine.name}: 已重建，{held} 条。 Rebuilt with {held} offers.")
        async with DB.connection() as connection:
            lexicon = words.build()
            await postgres_lexicon.save(connection, lexicon, pipeline().version)
            click.echo(f"词表 lexicon: {len(lexicon)} 词。")


async def _learn(url: str, settings: Settings) -> None:
    async with _engines(url, settings, "postgres") as engines:
        words = LexiconBuilder(pipeline())
        documents = _counted(truth.public_documents(CLOCK.now()), "lexicon", words)
        outdated = (await engines[0].stats()).pipeline != pipeline().version
        if outdated:
            await engines[0].rebuild(documents)
            await mend(engines[0], await drift_of(engines[0], CLOCK.now()), CLOCK.now())
        else:
            async for _ in documents:
                pass
        async with DB.connection() as connection:
            lexicon = words.build()
            await postgres_lexicon.save(connection, lexicon, pipeline().version)
        click.echo(f"词表 lexicon: {len(lexicon)} 词。")


async def _counted(
    documents: AsyncIterator[Document], name: str, words: LexiconBuilder | None
) -> AsyncIterator[Document]:
    """Pass documents on, tell how far it is, and let the lexicon read along."""
    count = 0
    async for document in documents:
        count += 1
        if words is not None:
            words.add(document)
        if count % EVERY == 0:
            click.echo(f"{name}: {count} …", err=True)
        yield document


async def _verify(url: str, settings: Settings, wanted: str, *, fix: bool) -> None:
    left = 0
    async with _engines(url, settings, wanted) as engines:
        for engine in engines:
            drift = await drift_of(engine, CLOCK.now())
            _tell(engine.name, drift)
            if fix and drift.count:
                await mend(engine, drift, CLOCK.now())
                drift = await drift_of(engine, CLOCK.now())
                click.echo(f"{engine.name}: 已修复，余 {drift.count} 处。 Mended; {drift.count} left.")
            left += drift.count
    if left:
        raise DriftError(left)


async def drift_of(engine: Engine, now: datetime) -> Drift:
    """Compare an index with the public offers of the database."""
    held, wanted = await engine.versions(), await truth.public_versions(now)
    return Drift(
        missing=tuple(one for one in wanted if one not in held),
        outdated=tuple(one for one in wanted if one in held and held[one] != wanted[one]),
        extra=tuple(one for one in held if one not in wanted),
    )


async def mend(engine: Engine, drift: Drift, now: datetime) -> None:
    """Write what is missing or old as it is now, and take out what should not be there.

    After a rebuild this is the replay: what other processes wrote meanwhile is found by its version.
    """
    await engine.remove([*drift.outdated, *drift.extra])
    await _settle(engine)
    wrong = [*drift.missing, *drift.outdated]
    for start in range(0, len(wrong), EVERY):
        await engine.put(await truth.documents_of(wrong[start : start + EVERY], now))
    await _settle(engine)


async def _settle(engine: Engine) -> None:
    if isinstance(engine, MeilisearchEngine):
        await engine.wait()


def _tell(name: str, drift: Drift) -> None:
    if not drift.count:
        click.echo(f"{name}: 一致。 No difference.")
    for label, ids in (("缺少 missing", drift.missing), ("过旧 outdated", drift.outdated), ("多余 extra", drift.extra)):
        if ids:
            more = " …" if len(ids) > SHOWN else ""
            click.echo(f"{name}: {label} {len(ids)}: {' '.join(map(str, ids[:SHOWN]))}{more}")


async def _stats(url: str, settings: Settings, wanted: str, *, as_json: bool) -> None:
    told: list[dict[str, Any]] = []
    async with _engines(url, settings, wanted) as engines:
        for engine in engines:
            health = await engine.health()
            known = msgspec.to_builtins(await engine.stats()) if health.ok else {"engine": engine.name}
            failures = await engine.failures() if health.ok and isinstance(engine, MeilisearchEngine) else ()
            told.append({**known, "ok": health.ok, "says": health.says, "failures": msgspec.to_builtins(failures)})
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for one in told:
        click.echo(_line(one))


def _line(one: dict[str, Any]) -> str:
    if not one["ok"]:
        return f"{one['engine']}: 不可用 {one['says']}"
    size = f"{one['bytes'] / 1_000_000:.1f} MB" if one.get("bytes") else "?"
    failed = "".join(f"\n  失败 task {task['uid']} {task['kind']}: {task['says']}" for task in one["failures"])
    return f"{one['engine']}: {one['documents']} 条 offers, {size}, pipeline {one['pipeline']}{failed}"


async def _eval(url: str, settings: Settings, wanted: str, source: Path, *, as_json: bool) -> None:
    scratch = f"eval_{uuid4().hex[:10]}"
    if wanted == "meilisearch":
        async with _meilisearch(settings, scratch) as engine:
            try:
                report = await _judge(engine, source)
            finally:
                await engine.drop()
    else:
        async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
            await pool.execute(postgres_schema.create(scratch, pipeline=pipeline().version))
            try:
                report = await _judge(PostgresEngine(pool.acquire, pipeline(), table=scratch), source)
            finally:
                await pool.execute(postgres_schema.drop(scratch))
    _show(report, as_json=as_json)


async def _judge(engine: Engine, source: Path) -> Report:
    """Fill an empty engine with the documents of a judged set and ask every query."""
    documents, queries = load(source)

    async def every() -> AsyncIterator[Document]:
        for document in documents:
            yield document

    await engine.rebuild(every())
    return await evaluate(engine, Planner(pipeline(), lexicon_of(pipeline(), documents)), queries)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(report), ensure_ascii=False, indent=1))
        return
    for name, score in (("all", report.all), *report.categories.items()):
        click.echo(
            f"{name:12} {score.queries:4} 问 queries  recall@10 {score.recall:.3f}  nDCG@10 {score.ndcg:.3f}  "
            f"must_not {score.must_not}  zero {score.zero}"
        )
