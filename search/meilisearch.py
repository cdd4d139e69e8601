"""The production engine: Meilisearch through its documented interface.

What is found is decided by a filter over the planned words, the very words the other engines look up; in which order
is decided by Meilisearch's own ranking of the readable question. So both engines agree on what there is and on every
count, no query language reaches the server, and a document of another language cannot change a Chinese answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.index import AsyncIndex
from meilisearch_python_sdk.models.search import SearchParams

from search.documents import Document
from search.engine import EngineUnavailableError, Found, Health, IndexOutdatedError, Stats
from search.meilisearch_index import document_fields, index_uid
from search.meilisearch_rebuild import Rebuild, remove_stale
from search.meilisearch_search import Answer, Search
from search.meilisearch_tasks import TaskFailure, Tasks, failure_of, talking
from search.pipeline import Pipeline
from search.pipeline import pipeline as shipped_pipeline
from search.query import Plan, Question

NAME: Final = "meilisearch"
PAGE: Final = 1_000
SECONDS: Final = 10
Replay = Callable[[datetime], AsyncIterator[Document]]


class MeilisearchEngine:
    """One index on one server. Writes are tasks: :meth:`wait` returns when they are done.

    Callers that write from several processes take turns (the drain of the outbox holds a lock), because the server
    cannot compare versions by itself. `replay` yields what changed in the truth since a moment; a rebuild asks it
    for what other processes wrote in the meantime.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        index: str = "offers",
        pipeline: Pipeline | None = None,
        replay: Replay | None = None,
    ) -> None:
        self.pipeline = pipeline or shipped_pipeline()
        self.uid = index_uid(index, self.pipeline)
        self._family = f"{index}-"
        self._client = AsyncClient(url, key or None, timeout=SECONDS)
        self._index: AsyncIndex = self._client.index(self.uid)
        self._tasks = Tasks(self._client)
        self._replay = replay
        self._turn = asyncio.Lock()
        self._known: dict[UUID, int] = {}
        self._rebuild: Rebuild | None = None

    @property
    def name(self) -> str:
        """The name in answers, logs and figures."""
        return NAME

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents; an older version never replaces a newer one, an invisible one is taken out."""
        newest: dict[UUID, Document] = {}
        for document in documents:
            held = newest.get(document.id)
            if held is None or held.version <= document.version:
                newest[document.id] = document
        async with self._turn:
            present = await self._versions_of(list(newest))
            fresh = [one for one in newest.values() if one.version >= present.get(one.id, one.version)]
            await self._write(fresh)

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Take documents out; an id that is not there is fine."""
        async with self._turn:
            await self._versions_of([])
            await self._erase(ids)

    async def _write(self, documents: Sequence[Document]) -> None:
        await self._erase([one.id for one in documents if not one.visible])
        visible = [one for one in documents if one.visible]
        for start in range(0, len(visible), PAGE):
            fields = [document_fields(one, self.pipeline) for one in visible[start : start + PAGE]]
            with talking():
                self._tasks.follow(await self._index.add_documents(fields, primary_key="id"))
        self._known.update({one.id: one.version for one in documents})
        if self._rebuild is not None:
            await self._rebuild.also(documents)

    async def _erase(self, ids: Sequence[UUID]) -> None:
        if not ids:
            return
        with talking():
            self._tasks.follow(await self._index.delete_documents([str(one) for one in ids]))
        if self._rebuild is not None:
            await self._rebuild.also_remove(ids)

    async def wait(self) -> None:
        """Wait until everything this process wrote is in the index; raise `TaskFailedError` if some of it is not."""
        async with self._turn:
            await self._wait()

    async def _wait(self) -> None:
        self._known.clear()
        await self._tasks.wait()

    async def _versions_of(self, ids: Sequence[UUID]) -> dict[UUID, int]:
        """Return the versions of these documents: as written by this process, else as they are in the index."""
        present: dict[UUID, int] = {}
        for start in range(0, max(len(ids), 1), PAGE):
            some = [str(one) for one in ids[start : start + PAGE]] or ["-"]
            with talking():
                found = await self._index.get_documents(ids=some, fields=["id", "version"], limit=PAGE)
                present.update({UUID(one["id"]): int(one["version"]) for one in found.results})
        return present | {one: self._known[one] for one in ids if one in self._known}

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question."""
        question.check()
        search = Search(self.uid, plan, question)
        while queries := search.next():
            search.take(await self._ask(queries))
        return search.found()

    async def _ask(self, queries: Mapping[str, SearchParams]) -> dict[str, Answer]:
        client: Any = self._client
        with talking():
            answers: list[Answer] = await client.multi_search(list(queries.values()))
            return dict(zip(queries, answers, strict=True))

    async def versions(self) -> Mapping[UUID, int]:
        """Return id and version of everything in the index."""
        found: dict[UUID, int] = {}
        offset = 0
        while True:
            with talking():
                page = await self._index.get_documents(offset=offset, limit=PAGE, fields=["id", "version"])
                found.update({UUID(one["id"]): int(one["version"]) for one in page.results})
            offset += PAGE
            if offset >= page.total:
                return found

    async def rebuild(self, documents: AsyncIterator[Document]) -> int:
        """Fill a fresh index, swap it in without a failed read or a lost write, and return how many it holds."""
        began = datetime.now(UTC)
        rebuild = Rebuild(self._client, self.uid, self.pipeline)
        async with self._turn:
            await rebuild.begin()
            self._rebuild = rebuild
        try:
            async for batch in _batches(documents):
                async with self._turn:
                    await rebuild.fill(batch)
            await rebuild.settle()
            async with self._turn:
                await self._wait()
                await rebuild.swap()
                self._rebuild = None
        except BaseException:
            self._rebuild = None
            await rebuild.abandon()
            raise
        if self._replay is not None:
            async for batch in _batches(self._replay(began)):
                await self.put(batch)
            await self.wait()
        await remove_stale(self._client, family=self._family, keep=self.uid)
        return (await self.stats()).documents

    async def drop(self) -> None:
        """Delete every index of this family; for scratch indexes and tests."""
        await remove_stale(self._client, family=self._family, keep="")

    async def stats(self) -> Stats:
        """Return the size of the index."""
        with talking():
            raw = await self._index.get_stats()
        size = raw.used_index_size if isinstance(raw.used_index_size, int) else raw.index_size
        return Stats(
            engine=NAME,
            documents=raw.number_of_documents,
            bytes=size if isinstance(size, int) else None,
            pipeline=self.pipeline.version,
        )

    async def health(self) -> Health:
        """Return whether the server is up and holds an index of this pipeline."""
        try:
            with talking():
                health = await self._client.health()
                await self._ask({"canary": SearchParams(index_uid=self.uid, q="", limit=0)})
        except (EngineUnavailableError, IndexOutdatedError) as error:
            return Health(ok=False, says=str(error))
        return Health(ok=health.status == "available", says="" if health.status == "available" else health.status)

    async def failures(self, *, limit: int = 20) -> tuple[TaskFailure, ...]:
        """Return the newest tasks of this index that failed, for the operations page."""
        with talking():
            tasks = await self._client.get_tasks(index_ids=[self.uid], statuses="failed", limit=limit)
        return tuple(failure_of(one) for one in tasks.results)


async def _batches(documents: AsyncIterator[Document]) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in documents:
        batch.append(document)
        if len(batch) == PAGE:
            yield batch
            batch = []
    if batch:
        yield batch
