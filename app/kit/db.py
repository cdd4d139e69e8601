"""The database: one engine, configured at start, with a transaction that always gives its connection back.

Piccolo 1.38 leaves the connection and the context variable behind when COMMIT or ROLLBACK fails; after as many
failures as the pool is wide the service hangs, and later blocks silently join the dead transaction. `Transaction`
below returns both whatever happens.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.kit.errors import Changed
from app.kit.ids import new_id

ACQUIRE_SECONDS = 10.0
COMMAND_SECONDS = 30.0


class Transaction(PostgresTransaction):
    """A Piccolo transaction whose clean-up cannot be skipped, and whose inner blocks are savepoints."""

    engine: "Database"

    async def begin(self) -> None:
        """Start the transaction or savepoint."""
        await self.transaction.start()

    async def commit(self) -> None:
        """Commit; inside another transaction, release the savepoint."""
        await self.transaction.commit()
        self._committed = True

    async def rollback(self) -> None:
        """Undo what was written since this block began."""
        await self.transaction.rollback()
        self._rolled_back = True

    async def __aenter__(self) -> Self:
        """Begin, or set a savepoint when a transaction is open already."""
        parent = self._parent
        if parent is None:
            self.connection = await self.engine.lend()
            try:
                self.transaction = self.connection.transaction()
                await self.begin()
            except BaseException:
                await self.engine.take_back(self.connection)
                raise
        else:
            self.connection = parent.connection
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None = None,
        exception: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> Literal[False]:
        """Commit or roll back, then return the connection and forget the context, even when that fails."""
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self.rollback()
            elif not self._committed and not self._rolled_back:
                await self.commit()
        finally:
            self.engine.current_transaction.reset(self.context)
            if self._parent is None:
                await self.engine.take_back(self.connection)
        return False


class Database(PostgresEngine):
    """The one engine of the service; `configure` gives it an address, `open` its pool."""

    def __init__(self) -> None:
        super().__init__(config={}, extensions=(), log_queries=False)
        self.url = ""

    def configure(self, url: str) -> None:
        """Take the address of the database; nothing is opened yet."""
        self.url = url
        parts = urlsplit(url)
        self.config = {
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "host": parts.hostname or "127.0.0.1",
            "port": parts.port or 5432,
            "database": parts.path.lstrip("/"),
        }

    async def open(self, *, least: int = 1, most: int = 10, patience: float = COMMAND_SECONDS) -> None:
        """Open the connection pool on the running event loop; no statement may take longer than `patience` seconds."""
        if self.pool is None:
            self.pool = await asyncpg.create_pool(
                **self.config, min_size=least, max_size=most, command_timeout=patience
            )

    async def close(self) -> None:
        """Close the pool."""
        if self.pool is not None:
            pool, self.pool = self.pool, None
            try:
                await asyncio.wait_for(pool.close(), 3)
            except TimeoutError:
                pool.terminate()

    def transaction(self, allow_nested: bool = True) -> Transaction:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Return our transaction; nested blocks join the outer one."""
        return Transaction(engine=self, allow_nested=allow_nested)

    def here(self) -> Transaction:
        """Return the transaction we are in; verbs use it for raw SQL, locks and COPY."""
        found = self.current_transaction.get()
        assert found is not None, "this needs a transaction"
        assert isinstance(found, Transaction)
        return found

    @property
    def inside(self) -> bool:
        """Whether a transaction is open in this context."""
        return self.current_transaction.get() is not None

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """Run SQL with $1-style arguments, in the present transaction when there is one."""
        found = self.current_transaction.get()
        if found is not None:
            return [dict(row) for row in await found.connection.fetch(sql, *args)]
        async with self.connection() as connection:
            return [dict(row) for row in await connection.fetch(sql, *args)]

    async def value(self, sql: str, *args: Any) -> Any:
        """Run SQL and return the first column of the first row, or None."""
        found = await self.rows(sql, *args)
        return next(iter(found[0].values())) if found else None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Lend a connection of the pool, outside any transaction."""
        if self.pool is None:
            connection = await asyncpg.connect(**self.config)
            try:
                yield connection
            finally:
                await connection.close()
            return
        async with self.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            yield connection

    async def lend(self) -> Any:
        """Take a connection for a transaction; a full pool answers with TimeoutError, not with silence."""
        if self.pool is None:
            return await asyncpg.connect(**self.config)
        return await self.pool.acquire(timeout=ACQUIRE_SECONDS)

    async def take_back(self, connection: Any) -> None:
        """Return a transaction's connection."""
        if self.pool is None:
            await connection.close()
        else:
            await self.pool.release(connection)

    async def get_new_connection(self) -> Any:
        """Connect outside the pool (Piccolo's hook)."""
        return await asyncpg.connect(**self.config)

    async def check_version(self) -> None:
        """Skip Piccolo's look at the server while modules are imported; there is no address yet."""

    async def prep_database(self) -> None:
        """Skip Piccolo's extension set-up: migrations do that."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


DB = Database()


class Record:
    """The columns every table has (domain 7): who owns a row, who made it, which version it is.

    `data_class` is L1 to L5 (domain 5), `legal_basis` a short code such as `consent:P02` or `duty`.
    """

    id = UUID(primary_key=True, default=new_id)
    created_at = Timestamptz(default=TimestamptzNow())
    created_by_appointment = UUID(null=True, default=None)
    updated_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)
    org_id = UUID(null=True, default=None, index=True)
    data_class = Varchar(length=2, default="L2")
    legal_basis = Varchar(length=40, default="")


def expect_one(returned: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one row an update with a version check touched, or raise Changed."""
    if len(returned) != 1:
        raise Changed
    return returned[0]
