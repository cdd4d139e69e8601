"""Filling every engine of the measurement in one pass over the corpus, the time of each kept apart."""

import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from search.documents import Document
from search.lexicon_build import LexiconBuilder
from search.measure.peers import Peer
from search.pipeline import Lexemes, Pipeline
from search.postgres import Connections, PostgresEngine
from search.synthetic import listings

BATCH = 2_000


class Remembering(Pipeline):
    """The pipeline, which cuts the document at hand once for all engines."""

    def __init__(self) -> None:
        super().__init__()
        self._last: tuple[Document, Lexemes] | None = None

    def lexemes(self, document: Document) -> Lexemes:
        """Return the words of a document, those of the last one without work."""
        if self._last is None or self._last[0] is not document:
            self._last = (document, super().lexemes(document))
        return self._last[1]


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each part, the lexicon, and how many different words a document has."""

    seconds: dict[str, float]
    lexicon: bytes
    words_each: float


class _Pass:
    """One pass over the corpus: words are cut here, peers are fed here, the engine takes what is yielded."""

    def __init__(self, pipeline: Remembering, peers: Sequence[Peer], count: int) -> None:
        self.pipeline = pipeline
        self.words = LexiconBuilder(pipeline)
        self.seconds = dict.fromkeys(("corpus", "words", "lexicon", *(peer.name for peer in peers)), 0.0)
        self.cut = 0
        self._peers = peers
        self._count = count

    async def documents(self) -> AsyncIterator[Document]:
        """Yield the corpus, feeding the peers in batches."""
        batch: list[tuple[Document, Lexemes]] = []
        corpus = listings(self._count)
        while True:
            began = time.perf_counter()
            document = next(corpus, None)
            cut = time.perf_counter()
            self.seconds["corpus"] += cut - began
            if document is None:
                break
            lexemes = self.pipeline.lexemes(document)
            read = time.perf_counter()
            self.words.add(document, lexemes)
            self.seconds["words"] += read - cut
            self.seconds["lexicon"] += time.perf_counter() - read
            self.cut += len(lexemes.anywhere)
            batch.append((document, lexemes))
            if len(batch) == BATCH:
                await self._feed(batch)
                batch = []
            yield document
        await self._feed(batch)

    async def _feed(self, batch: list[tuple[Document, Lexemes]]) -> None:
        for peer in self._peers:
            began = time.perf_counter()
            await peer.add(batch)
            self.seconds[peer.name] += time.perf_counter() - began


async def fill(connections: Connections, table: str, peers: Sequence[Peer], count: int) -> Filled:
    """Build every index; the engine's own time is what is left of the pass."""
    pipeline = Remembering()
    one = _Pass(pipeline, peers, count)
    began = time.perf_counter()
    await PostgresEngine(connections, pipeline, table=table).rebuild(one.documents())
    whole = time.perf_counter() - began
    one.seconds["postgres"] = whole - sum(one.seconds.values())
    for peer in peers:
        began = time.perf_counter()
        await peer.finish()
        one.seconds[peer.name] += time.perf_counter() - began
    began = time.perf_counter()
    lexicon = one.words.build().dumps()
    one.seconds["lexicon"] += time.perf_counter() - began
    seconds = {name: round(value, 2) for name, value in one.seconds.items()}
    return Filled(seconds=seconds, lexicon=lexicon, words_each=round(one.cut / max(1, count), 1))
