"""Every search engine behind one handle, so that one suite of tests asks them all the same."""

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import msgspec

from search import postgres_schema
from search.asking import Answer, ask
from search.documents import Document
from search.engine import Engine
from search.lexicon_build import lexicon_of
from search.meilisearch import MeilisearchEngine
from search.memory import MemoryEngine
from search.pipeline import Pipeline, pipeline
from search.planner import Planner
from search.postgres import PostgresEngine
from search.query import Question
from search.vocabulary import vocabulary
from tests.support.meili_fake import MeiliFake
from tests.support.meili_routes import MASTER

REAL_URL = os.environ.get("QINGQIAO_MEILI_URL", "")
REAL_KEY = os.environ.get("QINGQIAO_MEILI_KEY", "")
ENGINES = ("memory", "postgres", "meilisearch", *(("meilisearch-real",) if REAL_URL else ()))
STORED = ENGINES[1:]
"""The engines that keep what they are given outside this process."""


@dataclass(slots=True)
class Rig:
    """One engine, ready to be asked; `planner` understands questions about what was put last."""

    name: str
    engine: Engine
    planner: Planner
    family: str
    fake: MeiliFake | None = None

    async def put(self, *documents: Document) -> None:
        """Write documents and wait until they are there."""
        await self.engine.put(documents)
        await self.settle()

    async def fill(self, documents: Sequence[Document]) -> None:
        """Rebuild the index from documents, and the planner's lexicon with it."""
        await self.engine.rebuild(stream(documents))
        self.planner = planner_of(documents)

    async def settle(self) -> None:
        """Wait until what was written can be found."""
        if isinstance(self.engine, MeilisearchEngine):
            await self.engine.wait()

    async def ask(self, words: str = "", **more: object) -> Answer:
        """Ask as the service does."""
        return await ask(self.engine, self.planner, Question(words=words, **more))  # type: ignore[arg-type]


def planner_of(documents: Iterable[Document], with_pipeline: Pipeline | None = None) -> Planner:
    """Return a planner whose lexicon knows the words of these documents."""
    own = with_pipeline or pipeline()
    return Planner(own, lexicon_of(own, documents))


async def stream(documents: Iterable[Document]) -> AsyncIterator[Document]:
    """Yield documents as a rebuild reads them."""
    for document in documents:
        yield document


@asynccontextmanager
async def rig(name: str, database_url: str, *, pipeline_of: Pipeline | None = None) -> AsyncIterator[Rig]:
    """Open an empty engine by its name, and leave nothing behind."""
    own, family = pipeline_of or pipeline(), f"t{uuid4().hex[:10]}"
    planner = planner_of((), own)
    if name == "memory":
        yield Rig(name, MemoryEngine(own), planner, family)
    elif name == "postgres":
        async with postgres(database_url, own, family) as engine:
            yield Rig(name, engine, planner, family)
    else:
        fake = None if name == "meilisearch-real" else MeiliFake()
        async with meilisearch(fake, own, family) as one:
            yield Rig(name, one, planner, family, fake)


@asynccontextmanager
async def meilisearch(fake: MeiliFake | None, own: Pipeline, family: str) -> AsyncIterator[MeilisearchEngine]:
    """Open an engine on a fake server, or on the real one; an empty index is there."""
    url, key = address(fake)
    with fake or nullcontext():
        async with MeilisearchEngine(url, key, index=family, pipeline=own) as engine:
            await engine.rebuild(stream(()))
            yield engine
            if fake is None:
                await engine.drop()


def address(fake: MeiliFake | None) -> tuple[str, str]:
    """Return address and key of the fake, or of the real server."""
    return (fake.url, MASTER) if fake is not None else (REAL_URL, REAL_KEY)


@asynccontextmanager
async def postgres(database_url: str, own: Pipeline, family: str) -> AsyncIterator[PostgresEngine]:
    """Open an engine on a table of its own."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool:
        await pool.execute(postgres_schema.create(family, pipeline=own.version))
        yield PostgresEngine(pool.acquire, own, table=family)
        await pool.execute(postgres_schema.drop(family))


@asynccontextmanager
async def beside(one: Rig, database_url: str, own: Pipeline | None = None) -> AsyncIterator[Engine]:
    """Open a second engine on what the first one keeps, as another process would."""
    if one.name == "postgres":
        async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool:
            yield PostgresEngine(pool.acquire, own or pipeline(), table=one.family)
    else:
        url, key = address(one.fake)
        async with MeilisearchEngine(url, key, index=one.family, pipeline=own or pipeline()) as engine:
            yield engine


def changed_pipeline() -> Pipeline:
    """Return a pipeline of another version, as after a change of the vocabulary."""
    return Pipeline(msgspec.structs.replace(vocabulary(), digest="0123456789ab"))
