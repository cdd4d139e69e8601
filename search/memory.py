"""An engine that keeps everything in memory: the documented measure for the real ones, and quick in tests."""

import math
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from search.documents import Document, Point
from search.engine import Found, Health, Stats
from search.pipeline import Lexemes, Pipeline
from search.query import MOST_RESULTS, Near, Plan, Question, Sort
from search.tiers import TITLE, All, Expression, Some, tiers

EARTH_KM: Final = 6371.0088


def distance_km(a: Point, b: Point) -> float:
    """Return the great-circle distance of two points in kilometres."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lng - a.lng) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


class MemoryEngine:
    """Posting sets in dictionaries. One process, nothing stored; the order is that of every engine."""

    name = "memory"

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._documents: dict[UUID, Document] = {}
        self._lexemes: dict[UUID, Lexemes] = {}
        self._postings: dict[str, set[UUID]] = defaultdict(set)

    async def put(self, documents: Sequence[Document]) -> None:
        """Write documents; an older version never replaces a newer one, an invisible one is taken out."""
        for document in documents:
            known = self._documents.get(document.id)
            if known is not None and known.version > document.version:
                continue
            self._drop(document.id)
            if document.visible:
                self._add(document)

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Take documents out; an id that is not there is fine."""
        for each in ids:
            self._drop(each)

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question."""
        question.check()
        steps = tiers(plan)
        matching = self._matching(steps.match)
        hits = {each for each in matching if fits(self._documents[each], question)}
        rank = self._ranks(steps.steps, hits) if question.sort is Sort.RELEVANCE else {}
        ordered = sorted(hits, key=lambda each: order_key(self._documents[each], question, rank.get(each, 0)))
        facets = {name: self._count(matching, name, question) for name in question.facets}
        page = ordered[:MOST_RESULTS][question.offset : question.offset + question.size]
        return Found(ids=tuple(page), total=len(hits), facets=facets, engine=self.name)

    async def versions(self) -> Mapping[UUID, int]:
        """Return id and version of everything held."""
        return {each: document.version for each, document in self._documents.items()}

    async def rebuild(self, documents: AsyncIterator[Document]) -> int:
        """Fill a fresh engine and take its place; what was written meanwhile is kept."""
        before = dict(self._documents)
        fresh = MemoryEngine(self._pipeline)
        async for document in documents:
            await fresh.put([document])
        for each in before.keys() | self._documents.keys():
            now = self._documents.get(each)
            if now is not before.get(each):
                await (fresh.put([now]) if now is not None else fresh.remove([each]))
        self._documents, self._lexemes, self._postings = fresh._documents, fresh._lexemes, fresh._postings
        return len(self._documents)

    async def stats(self) -> Stats:
        """Return how many documents are held."""
        return Stats(engine=self.name, documents=len(self._documents), pipeline=self._pipeline.version)

    async def health(self) -> Health:
        """Return that memory is always there."""
        return Health(ok=True)

    def _add(self, document: Document) -> None:
        lexemes = self._pipeline.lexemes(document)
        self._documents[document.id] = document
        self._lexemes[document.id] = lexemes
        for word in _marked(lexemes):
            self._postings[word].add(document.id)

    def _drop(self, each: UUID) -> None:
        if self._documents.pop(each, None) is not None:
            for word in _marked(self._lexemes.pop(each)):
                self._postings[word].discard(each)

    def _matching(self, expression: Expression) -> set[UUID]:
        if isinstance(expression, All):
            if not expression.parts:
                return set(self._documents)
            first, *rest = (self._matching(part) for part in expression.parts)
            return first.intersection(*rest)
        if isinstance(expression, Some):
            return set[UUID]().union(*(self._matching(part) for part in expression.parts))
        if not expression.prefix:
            return set(self._postings.get(expression.text, ()))
        begun = [ids for word, ids in self._postings.items() if word.startswith(expression.text)]
        return set[UUID]().union(*begun)

    def _ranks(self, steps: Iterable[Expression], hits: set[UUID]) -> dict[UUID, int]:
        rank: dict[UUID, int] = {}
        for number, step in enumerate(steps):
            for each in self._matching(step) & hits:
                rank.setdefault(each, number)
        return rank

    def _count(self, matching: set[UUID], name: str, question: Question) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for each in matching:
            document = self._documents[each]
            if fits(document, question, without=name):
                counts.update(set(document.values(name)))
        return dict(counts)


def _marked(lexemes: Lexemes) -> set[str]:
    return set(lexemes.anywhere) | {TITLE + word for word in lexemes.title}


def fits(document: Document, question: Question, *, without: str = "") -> bool:
    """Return whether a document passes every filter of a question; `without` leaves out one facet's `any_of`."""
    for name, values in question.any_of.items():
        if values and name != without and not set(values) & set(document.values(name)):
            return False
    if any(not set(values) <= set(document.values(name)) for name, values in question.all_of.items()):
        return False
    if any(set(values) & set(document.values(name)) for name, values in question.none_of.items()):
        return False
    return _numbers_fit(document, question) and _place_fits(document, question.near)


def _numbers_fit(document: Document, question: Question) -> bool:
    if question.amount_fen is not None and not question.amount_fen.holds(document.amount_fen):
        return False
    if question.published_since is not None and seconds(document.published_at) < seconds(question.published_since):
        return False
    if question.open_on is not None and document.open_until is not None and document.open_until < question.open_on:
        return False
    if question.age is None:
        return True
    young = document.age_min is not None and question.age < document.age_min
    return not young and not (document.age_max is not None and question.age > document.age_max)


def _place_fits(document: Document, near: Near | None) -> bool:
    if near is None or near.radius_km is None:
        return True
    return document.point is not None and distance_km(near.point, document.point) <= near.radius_km


def seconds(moment: datetime) -> int:
    """Return a moment as whole seconds: no engine orders more finely."""
    return math.floor(moment.timestamp())


def order_key(document: Document, question: Question, rank: int) -> tuple[float, ...]:
    """Return what a document is sorted by, smallest first; unknown amounts and places come last."""
    tie = (-seconds(document.published_at), -document.id.int)
    amount = document.amount_fen
    if question.sort is Sort.CHEAPEST:
        return (amount if amount is not None else math.inf, *tie)
    if question.sort is Sort.DEAREST:
        return (-amount if amount is not None else math.inf, *tie)
    if question.sort is Sort.NEAREST and question.near is not None:
        far = distance_km(question.near.point, document.point) if document.point is not None else math.inf
        return (far, *tie)
    return (rank if question.sort is Sort.RELEVANCE else 0, *tie)
