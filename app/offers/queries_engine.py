"""The engines and the planner of this process. Importing this loads the dictionary: come through `queries_gate`."""

import asyncio
import importlib
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from app.offers.queries_gate import Address, lag, lend
from search import postgres_lexicon
from search.asking import Answer, Wider, ask, wider
from search.documents import Document
from search.engine import Engine, Finder
from search.failover import BreakerState, Failover
from search.highlight import highlighted, snippet
from search.lexicon import Lexicon, LexiconData
from search.pipeline import Pipeline, pipeline
from search.planner import Planner
from search.postgres import PostgresEngine
from search.postgres_schema import LEXICON_TABLE, TABLE
from search.query import Question
from search.suggest import Suggestion, suggest, titles_question

LOOK_SECONDS: Final = 20.0
"""How often a process asks whether the lexicon was built anew."""


class Engines:
    """PostgreSQL, in front of it Meilisearch when it has an address, and the planner with the newest lexicon."""

    def __init__(self, words: Pipeline, address: Address) -> None:
        self._words = words
        self.engine: Engine = PostgresEngine(lend, words)
        self.copy: Engine | None = None
        self._failover: Failover | None = None
        if address.url:
            module: Any = importlib.import_module("search.meilisearch")
            self.copy = cast("Engine", module.MeilisearchEngine(address.url, address.key or None))
            self._failover = Failover(self.copy, self.engine, lag=lag)
        self._planner = Planner(words, Lexicon(LexiconData(0, (), {}, ())))
        self._built: datetime | None = None
        self._looked = -LOOK_SECONDS

    @property
    def _finder(self) -> Finder:
        return self._failover or self.engine

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents into the index of the database, in the present transaction."""
        await self._sign()
        await self.engine.put(documents)

    async def _sign(self) -> None:
        """Write on an empty index which pipeline fills it; one that holds something is another's until a rebuild."""
        async with lend() as connection:
            written = await connection.fetchval("SELECT obj_description(to_regclass($1), 'pg_class')", TABLE) or ""
            if written == self._words.version:
                return
            if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {TABLE})"):  # noqa: S608 - our own name
                await connection.execute(f"COMMENT ON TABLE {TABLE} IS '{self._words.version}'")

    async def planner(self) -> Planner:
        """Return the planner with the newest lexicon."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            async with lend() as connection:
                built = await postgres_lexicon.built_at(connection)
                if built is not None and built != self._built:
                    stored = await postgres_lexicon.load(connection)
                    if stored is not None and stored.pipeline == self._words.version:
                        self._planner = await asyncio.to_thread(Planner, self._words, stored.lexicon)
                    self._built = built
        return self._planner

    async def ask(self, question: Question) -> Answer:
        """Answer a question."""
        return await ask(self._finder, await self.planner(), question)

    async def wider(self, question: Question) -> tuple[Wider, ...]:
        """Return wider questions that find something."""
        return await wider(self._finder, await self.planner(), question)

    async def suggest(self, typed: str) -> tuple[Suggestion, ...]:
        """Return whole questions that begin as typed."""
        return suggest(await self.planner(), typed, most=6)

    def titles(self, typed: str, question: Question) -> Question:
        """Return the question whose hits are offered while typing."""
        return titles_question(typed, question, most=4)

    def marked(self, text: str, terms: Sequence[str]) -> str:
        """Return a text as safe HTML with the words marked."""
        return highlighted(text, terms)

    def excerpt(self, text: str, terms: Sequence[str]) -> str:
        """Return the piece of a text around its first word as safe HTML."""
        return snippet(text, terms, 56)

    async def outdated(self) -> bool:
        """Return whether another text pipeline wrote the index, or no lexicon of this one was built yet."""
        async with lend() as connection:
            stored = await connection.fetchval(f"SELECT pipeline FROM {LEXICON_TABLE}")  # noqa: S608 - our own name
        return stored != self._words.version or not (await self.engine.health()).ok

    async def says(self) -> tuple[str, ...]:
        """Return what the operator should know of the engines."""
        said: list[str] = []
        own = await self.engine.health()
        if not own.ok:
            said.append(own.says)
        if self._failover is not None and self._failover.state is not BreakerState.CLOSED:
            said.append(f"Meilisearch 暂时不用（{self._failover.last_failure}），搜索由数据库回答。")
        return tuple(said)

    async def close(self) -> None:
        """Close connections to other servers."""
        if self._failover is not None:
            await self._failover.settle()
        close = getattr(self.copy, "close", None)
        if close is not None:
            await close()


async def opened(address: Address) -> Engines:
    """Return the engines of this process; the dictionary loads in a thread."""
    return Engines(await asyncio.to_thread(pipeline), address)
