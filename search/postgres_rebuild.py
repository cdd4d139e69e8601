"""Filling a fresh table and swapping it in: no failed read, and no write lost that happens meanwhile."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

from search.documents import Document
from search.pipeline import Pipeline
from search.postgres_rows import clean, code_of, copied, row_of
from search.postgres_schema import COLUMNS, create_indexes, create_table, swap

if TYPE_CHECKING:
    from search.postgres import Connection

_LINES: Final = 500
_CATCH_UP_ROUNDS: Final = 5
_LOCK_MS: Final = 2000


class Rebuild:
    """One rebuild on one connection, which must not be inside a transaction."""

    def __init__(self, connection: "Connection", pipeline: Pipeline, table: str) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._table = table
        self._fresh = f"{table}_new"
        self._values: set[tuple[int, str, str]] = set()
        self._seen: set[UUID] = set()

    async def run(self, documents: AsyncIterator[Document]) -> int:
        """Fill, index and swap; return how many documents the new table holds. A second rebuild waits for the first."""
        await self._connection.execute("SELECT pg_advisory_lock(hashtext($1))", self._fresh)
        try:
            await self._begin()
            await self._connection.copy_to_table(
                self._fresh, source=self._lines(documents), columns=COLUMNS, format="text"
            )
            await self._index()
            for _ in range(_CATCH_UP_ROUNDS):
                if not await self._catch_up():
                    break
            await self._swap()
            held: int = await self._connection.fetchval(f"SELECT count(*) FROM {self._table}")  # noqa: S608 - checked name
        finally:
            await self._forget()
            await self._connection.execute("SELECT pg_advisory_unlock(hashtext($1))", self._fresh)
        return held

    async def _begin(self) -> None:
        """Make the fresh table and start to note every write; taking the trigger's lock waits for writes under way."""
        await self._connection.execute(
            f"DROP TABLE IF EXISTS {self._fresh}; {create_table(self._fresh, indexes=False)}"
            f"TRUNCATE {self._table}_changed; "
            f"DROP TRIGGER IF EXISTS note ON {self._table}; "
            f"CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {self._table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self._table}_note();"
        )

    async def _lines(self, documents: AsyncIterator[Document]) -> AsyncIterator[bytes]:
        lines: list[bytes] = []
        async for document in documents:
            if not document.visible or document.id in self._seen:
                continue
            self._seen.add(document.id)
            lines.append(copied(row_of(document, self._pipeline.lexemes(document))))
            pairs = ((name, clean(value)) for name, value in document.facet_values())
            self._values.update((code_of(name, value), name, value) for name, value in pairs)
            if len(lines) >= _LINES:
                yield b"".join(lines)
                lines.clear()
        yield b"".join(lines)

    async def _index(self) -> None:
        await self._connection.executemany(
            f"INSERT INTO {self._table}_value (code, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",  # noqa: S608 - checked name
            sorted(self._values),
        )
        await self._connection.execute(
            f"BEGIN; SET LOCAL maintenance_work_mem = '256MB'; {create_indexes(self._fresh)} COMMIT"
        )
        await self._connection.execute(f"VACUUM ANALYZE {self._fresh}")

    async def _catch_up(self) -> int:
        """Carry over the writes noted so far, and return how many there were."""
        columns = ", ".join(COLUMNS)
        changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")
        carried: int = await self._connection.fetchval(
            f"""
            WITH noted AS (DELETE FROM {self._table}_changed RETURNING id),
                 wanted AS (SELECT DISTINCT id FROM noted),
                 gone AS (DELETE FROM {self._fresh} AS old USING wanted WHERE old.id = wanted.id
                          AND NOT EXISTS (SELECT FROM {self._table} AS now WHERE now.id = old.id)),
                 kept AS (INSERT INTO {self._fresh} AS held ({columns})
                          SELECT {", ".join(f"now.{name}" for name in COLUMNS)}
                          FROM {self._table} AS now JOIN wanted ON wanted.id = now.id
                          ON CONFLICT (id) DO UPDATE SET {changes})
            SELECT count(*) FROM noted
            """  # noqa: S608 - our own names
        )
        return carried

    async def _swap(self) -> None:
        """Lock, carry over the last writes, rename; readers wait a few milliseconds and then read the new table."""
        await self._connection.execute(f"BEGIN; SET LOCAL lock_timeout = {_LOCK_MS}")
        try:
            await self._connection.execute(f"LOCK TABLE {self._table} IN ACCESS EXCLUSIVE MODE")
            await self._catch_up()
            await self._connection.execute(swap(self._table, self._pipeline.version))
            await self._connection.execute("COMMIT")
        except BaseException:
            await self._connection.execute("ROLLBACK")
            raise

    async def _forget(self) -> None:
        """Leave nothing behind, whether the swap happened or not."""
        if self._connection.is_in_transaction():
            await self._connection.execute("ROLLBACK")
        await self._connection.execute(
            f"DROP TRIGGER IF EXISTS note ON {self._table}; DROP TABLE IF EXISTS {self._fresh};"
            f"TRUNCATE {self._table}_changed"
        )
