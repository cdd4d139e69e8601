"""What every search engine can do; the service, the fail-over and the contract tests know no more than this."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from search.documents import Document
from search.query import Plan, Question


class IndexOutdatedError(RuntimeError):
    """The index was written by another version of the text pipeline; it answers only after a rebuild."""


class EngineUnavailableError(RuntimeError):
    """The engine cannot be reached, is too slow, or answers with something that is not an answer."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one engine found: ids in order, how many there are in all, counts for each facet asked for.

    `total_exact` and `facets_exact` say whether the numbers were counted or estimated. `degraded` is set when the
    preferred engine did not answer.
    """

    ids: tuple[UUID, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    total_exact: bool = True
    facets_exact: bool = True
    engine: str = ""
    degraded: bool = False


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """How large an index is; `bytes` is None where the engine cannot tell."""

    engine: str
    documents: int
    bytes: int | None = None
    pipeline: str = ""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an engine can answer now, with a sentence for the operations page when it cannot."""

    ok: bool
    says: str = ""


class Finder(Protocol):
    """Whatever answers a planned question: an engine, or a fail-over in front of two."""

    @property
    def name(self) -> str:
        """A short name for answers, logs and figures."""
        ...

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question."""
        ...


class Engine(Protocol):
    """A place where documents are put and found.

    Garbage in a question never raises; a page out of reach raises `QuestionRefusedError`, an index of another pipeline
    `IndexOutdatedError`.
    """

    @property
    def name(self) -> str:
        """A short name for answers, logs and figures."""
        ...

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents; an older version never replaces a newer one, an invisible one is taken out."""
        ...

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Take documents out; an id that is not there is fine."""
        ...

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question."""
        ...

    async def versions(self) -> Mapping[UUID, int]:
        """Return id and version of everything in the index, so that it can be compared with the truth."""
        ...

    async def rebuild(self, documents: AsyncIterator[Document]) -> int:
        """Fill a fresh index, swap it in without a failed read or a lost write, and return how many it holds."""
        ...

    async def stats(self) -> Stats:
        """Return the size of the index."""
        ...

    async def health(self) -> Health:
        """Return whether the engine can answer."""
        ...
