"""Connections for the measurement, which runs outside the service and so makes its own."""

import importlib
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from search.postgres import Connection

PATIENCE: Final = 3_600
"""Seconds one statement may take: indexes of a million rows are built in one."""


class Pool(Protocol):
    """What the measurement uses of a pool of connections."""

    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection."""
        ...

    async def execute(self, query: str) -> str:
        """Run statements."""
        ...


def pool_of(url: str, size: int = 1) -> AbstractAsyncContextManager[Pool]:
    """Open a pool of at most `size` connections; it is closed at the end of the block."""
    asyncpg: Any = importlib.import_module("asyncpg")
    opened: AbstractAsyncContextManager[Pool] = asyncpg.create_pool(
        url, min_size=1, max_size=size, command_timeout=PATIENCE
    )
    return opened
