"""A fresh index beside the live one: filled without waiting for each batch, kept up with writes, then swapped in."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

from meilisearch_python_sdk import AsyncClient

from search.documents import Document
from search.engine import EngineUnavailableError, IndexOutdatedError
from search.meilisearch_index import document_fields, settings
from search.meilisearch_tasks import Tasks, talking
from search.pipeline import Pipeline

MOST_OPEN: Final = 50
_GONE: Final = 2**62


class Rebuild:
    """One rebuild of one index. Writes of this process go to both; the newest version of each document wins."""

    def __init__(self, client: AsyncClient, live: str, pipeline: Pipeline) -> None:
        self._client = client
        self._live = live
        self._pipeline = pipeline
        self._fresh = f"{live}-{uuid4().hex[:8]}"
        self._index = client.index(self._fresh)
        self._tasks = Tasks(client)
        self._held: dict[UUID, int] = {}

    async def begin(self) -> None:
        """Make the fresh index, and the live one too when there is none yet, for a swap needs both."""
        with talking():
            missing = await self._client.get_raw_index(self._live) is None
        for uid in (self._live, self._fresh) if missing else (self._fresh,):
            with talking():
                index = await self._client.create_index(uid, primary_key="id")
                self._tasks.follow(await index.update_settings(settings(self._pipeline.vocabulary)))
        await self._tasks.wait()

    async def fill(self, documents: Sequence[Document]) -> None:
        """Add a batch from the truth, without what a write has already brought in a newer version."""
        wanted = [one for one in documents if one.visible and one.version > self._held.get(one.id, -1)]
        await self._add(wanted)
        if len(self._tasks) >= MOST_OPEN:
            await self._tasks.wait()

    async def also(self, documents: Sequence[Document]) -> None:
        """Follow a write to the live index."""
        newer = [one for one in documents if one.version >= self._held.get(one.id, -1)]
        await self.also_remove([one.id for one in newer if not one.visible])
        await self._add([one for one in newer if one.visible])

    async def _add(self, documents: Sequence[Document]) -> None:
        if not documents:
            return
        self._held.update({one.id: one.version for one in documents})
        fields = [document_fields(one, self._pipeline) for one in documents]
        with talking():
            task = await self._index.add_documents(fields, primary_key="id")
        self._tasks.follow(task)

    async def also_remove(self, ids: Sequence[UUID]) -> None:
        """Follow a removal; a batch of the truth read before it does not bring the documents back."""
        if not ids:
            return
        self._held.update(dict.fromkeys(ids, _GONE))
        with talking():
            self._tasks.follow(await self._index.delete_documents([str(one) for one in ids]))

    async def settle(self) -> None:
        """Wait until everything sent so far is indexed."""
        await self._tasks.wait()

    async def swap(self) -> None:
        """Put the fresh index in the place of the live one, at once for every reader, and delete the old one."""
        await self._tasks.wait()
        with talking():
            self._tasks.follow(await self._client.swap_indexes([(self._live, self._fresh)]))
        await self._tasks.wait()
        with talking():
            self._tasks.follow(await self._index.delete())
        await self._tasks.wait()

    async def abandon(self) -> None:
        """Delete the fresh index after something went wrong; what cannot be deleted now goes at the next rebuild."""
        try:
            with talking():
                await self._index.delete()
        except (EngineUnavailableError, IndexOutdatedError):
            return


async def remove_stale(client: AsyncClient, *, family: str, keep: str) -> None:
    """Delete the indexes of older pipelines and of rebuilds that never ended."""
    tasks = Tasks(client)
    with talking():
        for info in await client.get_raw_indexes(limit=1_000) or ():
            if info.uid.startswith(family) and info.uid != keep:
                tasks.follow(await client.index(info.uid).delete())
    await tasks.wait()
