"""The door to the search engines: loaded at the first search of a process, so that one that never searches stays small.

The dictionary of Chinese words takes about seventy megabytes; `searching` loads it in a thread, and other requests go
on meanwhile.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from app.kit.db import DB
from search.documents import Document
from search.query import Question

if TYPE_CHECKING:
    from search.asking import Answer, Wider
    from search.engine import Engine
    from search.suggest import Suggestion


class Searching(Protocol):
    """What `queries_engine` offers to this process."""

    engine: "Engine"
    copy: "Engine | None"

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents into the index of the database, in the present transaction."""
        ...

    async def ask(self, question: Question) -> "Answer":
        """Answer a question."""
        ...

    async def wider(self, question: Question) -> "tuple[Wider, ...]":
        """Return wider questions that find something."""
        ...

    async def suggest(self, typed: str) -> "tuple[Suggestion, ...]":
        """Return whole questions that begin as typed."""
        ...

    def titles(self, typed: str, question: Question) -> Question:
        """Return the question whose hits are offered while typing."""
        ...

    def marked(self, text: str, terms: Sequence[str]) -> str:
        """Return a text as safe HTML with the words marked."""
        ...

    def excerpt(self, text: str, terms: Sequence[str]) -> str:
        """Return the piece of a text around its first word as safe HTML."""
        ...

    async def outdated(self) -> bool:
        """Return whether another text pipeline wrote the index, or no lexicon of this one was built yet."""
        ...

    async def says(self) -> tuple[str, ...]:
        """Return what the operator should know of the engines."""
        ...

    async def close(self) -> None:
        """Close connections to other servers."""
        ...


class Address(msgspec.Struct, frozen=True):
    """Where Meilisearch is; an empty address means there is none."""

    url: str = ""
    key: str = ""


class _Room:
    """What this process has loaded, if anything."""

    def __init__(self) -> None:
        self.address = Address()
        self.open: Searching | None = None
        self.turn = asyncio.Lock()


_ROOM = _Room()


def configure(url: str | None, key: str | None) -> None:
    """Say where Meilisearch is; entry points call it once, before the first search."""
    _ROOM.address = Address(url or "", key or "")
    _ROOM.open = None


def has_copy() -> bool:
    """Return whether this service keeps a copy of the index in Meilisearch."""
    return bool(_ROOM.address.url)


async def searching() -> Searching:
    """Return the engines of this process, loaded when they are first needed."""
    if _ROOM.open is None:
        async with _ROOM.turn:
            if _ROOM.open is None:
                module: Any = await asyncio.to_thread(importlib.import_module, "app.offers.queries_engine")
                _ROOM.open = cast("Searching", await module.opened(_ROOM.address))
    return _ROOM.open


async def close() -> None:
    """Close what was opened; a later search opens it again."""
    if _ROOM.open is not None:
        await _ROOM.open.close()
        _ROOM.open = None


@asynccontextmanager
async def lend() -> AsyncIterator[Any]:
    """Lend the connection of the present transaction, or one of the pool."""
    if DB.inside:
        yield DB.here().connection
        return
    async with DB.connection() as connection:
        yield connection


async def lag() -> float:
    """Return the age in seconds of the oldest change that the copy was not sent yet."""
    oldest: datetime | None = await DB.value(
        """
        SELECT min(f.created_at) FROM outbox_delivery d JOIN outbox_fact f ON f.id = d.fact_id
        WHERE d.subscriber = 'offers.search_copy' AND d.state <> 'DONE'
        """
    )
    return (datetime.now(oldest.tzinfo) - oldest).total_seconds() if oldest is not None else 0.0
