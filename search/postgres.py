"""The embedded default engine: PostgreSQL with a narrow table, words for filters, and steps instead of scores.

It is handed connections and makes none. Written inside the listing's own transaction, so that a listing and its index
are never apart; read with the planner's wrong ideas switched off (it ignores what fetching long values costs).
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol
from uuid import UUID

from search.documents import Document
from search.engine import Found, Health, IndexOutdatedError, Stats
from search.pipeline import Pipeline
from search.postgres_facets import Counts, FacetReader
from search.postgres_hits import HitReader
from search.postgres_rebuild import Rebuild
from search.postgres_rows import clean, code_of, row_of
from search.postgres_schema import COLUMNS, TABLE, checked
from search.query import Plan, Question
from search.tiers import tiers

_FRESH_SECONDS: Final = 30.0
_SETTINGS: Final = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; "
    "SET LOCAL enable_memoize = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; "
    "SET LOCAL plan_cache_mode = force_generic_plan"
)


class Connection(Protocol):
    """What the engine uses of an asyncpg connection."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement, or without arguments several."""
        ...

    async def executemany(self, command: str, args: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of arguments."""
        ...

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Return the rows of a query."""
        ...

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first column of the first row."""
        ...

    async def copy_to_table(
        self,
        table_name: str,
        *,
        source: Any,
        columns: Sequence[str],
        format: str,  # noqa: A002 - asyncpg's own name
    ) -> str:
        """Load rows."""
        ...

    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...


Connections = Callable[[], AbstractAsyncContextManager[Connection]]
"""Lends a connection: that of the present transaction when there is one, else one of a pool."""


class PostgresEngine:
    """Search in one table of the service's own database."""

    name = "postgres"

    def __init__(
        self, connections: Connections, pipeline: Pipeline, *, table: str = TABLE, approximate_above: int = 200_000
    ) -> None:
        self._connections = connections
        self._pipeline = pipeline
        self._table = checked(table)
        self._checked_at = -_FRESH_SECONDS
        self._facets = FacetReader(table, approximate_above=approximate_above)
        self._hits = HitReader(table)

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents; an older version never replaces a newer one, an invisible one is taken out."""
        gone = [(document.id, document.version) for document in documents if not document.visible]
        kept = [document for document in documents if document.visible]
        async with self._connections() as connection:
            if gone:
                await connection.executemany(f"DELETE FROM {self._table} WHERE id = $1 AND version <= $2", gone)  # noqa: S608 - checked name
            if kept:
                await self._write(connection, kept)

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Take documents out; an id that is not there is fine."""
        async with self._connections() as connection:
            await connection.execute(f"DELETE FROM {self._table} WHERE id = ANY($1::uuid[])", list(ids))  # noqa: S608 - checked name

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question."""
        question.check()
        steps = tiers(plan)
        async with self._reading() as connection:
            await self._check(connection)
            counts: Counts = await self._facets.counts(connection, steps.match, question)
            ids: list[UUID] = []
            if counts.total > question.offset:
                ids = await self._hits.page(connection, steps, question, counts)
        return Found(
            ids=tuple(ids),
            total=counts.total,
            facets=counts.facets,
            total_exact=counts.exact,
            facets_exact=counts.facets_exact,
            engine=self.name,
        )

    async def versions(self) -> Mapping[UUID, int]:
        """Return id and version of everything in the index."""
        async with self._connections() as connection:
            rows = await connection.fetch(f"SELECT id, version FROM {self._table}")  # noqa: S608 - checked name
        return {row["id"]: row["version"] for row in rows}

    async def rebuild(self, documents: AsyncIterator[Document]) -> int:
        """Fill a fresh table beside this one and swap; reads go on, writes made meanwhile are carried over."""
        async with self._connections() as connection:
            held = await Rebuild(connection, self._pipeline, self._table).run(documents)
        self._checked_at = -_FRESH_SECONDS
        return held

    async def stats(self) -> Stats:
        """Return how many documents the index holds and how many bytes it takes."""
        async with self._connections() as connection:
            held = await connection.fetchval(f"SELECT count(*) FROM {self._table}")  # noqa: S608 - checked name
            size = await connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", self._table)
            written = await self._written_by(connection)
        return Stats(engine=self.name, documents=held, bytes=size, pipeline=written)

    async def health(self) -> Health:
        """Return whether the index is there and written by this pipeline."""
        async with self._connections() as connection:
            if await connection.fetchval("SELECT to_regclass($1)", self._table) is None:
                return Health(ok=False, says=f"没有搜索索引表 {self._table}，请先运行数据库迁移。")
            self._checked_at = -_FRESH_SECONDS
            try:
                await self._check(connection)
            except IndexOutdatedError as outdated:
                return Health(ok=False, says=str(outdated))
        return Health(ok=True)

    async def _write(self, connection: Connection, documents: Sequence[Document]) -> None:
        await self._learn(connection, documents)
        rows = [row_of(document, self._pipeline.lexemes(document)) for document in documents]
        columns = ", ".join(COLUMNS)
        values = ", ".join(
            f"${at}::text::tsvector" if name == "tsv" else f"${at}" for at, name in enumerate(COLUMNS, 1)
        )
        changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")
        await connection.executemany(
            f"INSERT INTO {self._table} AS held ({columns}) VALUES ({values}) "  # noqa: S608 - our own names
            f"ON CONFLICT (id) DO UPDATE SET {changes} WHERE held.version <= excluded.version",
            rows,
        )

    async def _learn(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Keep the names of facet values this process has not seen stored yet."""
        values = {(name, clean(value)) for document in documents for name, value in document.facet_values()}
        fresh = sorted((code_of(name, value), name, value) for name, value in values - self._facets.known())
        if fresh:
            await connection.executemany(
                f"INSERT INTO {self._table}_value (code, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",  # noqa: S608 - checked name
                fresh,
            )

    async def _check(self, connection: Connection) -> None:
        """Raise :class:`IndexOutdatedError` when another pipeline wrote the index; looks at most twice a minute."""
        if time.monotonic() - self._checked_at < _FRESH_SECONDS:
            return
        written = await self._written_by(connection)
        if written != self._pipeline.version and await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {self._table})"  # noqa: S608 - checked name
        ):
            raise IndexOutdatedError(
                f"搜索索引由 {written or '未知'} 版文本处理写成，现在是 {self._pipeline.version}，"
                "请运行 qingqiao search rebuild。"
            )
        self._checked_at = time.monotonic()

    async def _written_by(self, connection: Connection) -> str:
        return await connection.fetchval("SELECT obj_description($1::text::regclass, 'pg_class')", self._table) or ""

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection with the settings of a search, which end with it."""
        async with self._connections() as connection:
            inside = connection.is_in_transaction()
            await connection.execute(("SAVEPOINT search; " if inside else "BEGIN READ ONLY; ") + _SETTINGS)
            try:
                yield connection
            finally:
                await connection.execute(
                    "ROLLBACK TO SAVEPOINT search; RELEASE SAVEPOINT search" if inside else "ROLLBACK"
                )
