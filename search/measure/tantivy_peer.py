"""The peer to beat: tantivy in process, with the words of the same pipeline; only installed for development."""

import asyncio
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import tantivy

from search.documents import Document
from search.measure.peers import Peer
from search.pipeline import Lexemes
from search.query import Near, Plan, Question, Sort, Token
from search.tiers import TITLE, All, Expression, tiers

MOST_HITS: Final = 10_000_000
TITLE_BOOST: Final = 3.0
HEAP: Final = 256_000_000
_FACETS: Final = ("kind", "city", "county")
_NOWHERE: Final = 200.0
_DOCUMENT: Final[Any] = tantivy.Document


class TantivyPeer:
    """One index in a folder. Ranking is BM25 with the title boosted, orders use fast fields."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for name in ("title", "words"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in _FACETS:
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        for name in ("published", "amount"):
            builder.add_integer_field(name, indexed=True, fast=True)
        for name in ("lat", "lng"):
            builder.add_float_field(name, indexed=True, fast=True)
        self._schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._writer: tantivy.IndexWriter | None = None

    async def add(self, documents: Sequence[tuple[Document, Lexemes]]) -> None:
        """Give the writer documents."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=HEAP)
        for document, lexemes in documents:
            self._writer.add_document(_DOCUMENT.from_dict(_fields(document, lexemes), self._schema))

    async def finish(self) -> None:
        """Commit and wait for the merges."""
        if self._writer is not None:
            await asyncio.to_thread(self._commit, self._writer)
            self._writer = None
        self._index.reload()

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        writer.wait_merging_threads()

    async def find(self, plan: Plan, question: Question) -> tuple[list[UUID], int, dict[str, dict[str, int]]]:
        """Return the page, the total and the counts."""
        searcher = self._index.searcher()
        query = self._query(plan, question)
        if question.sort is Sort.NEAREST and question.near is not None:
            return self._nearest(searcher, query, question, question.near)
        field = {Sort.NEWEST: "published", Sort.CHEAPEST: "amount", Sort.DEAREST: "amount"}.get(question.sort)
        if plan.empty and question.sort is Sort.RELEVANCE:
            field = "published"
        order = tantivy.Order.Asc if question.sort is Sort.CHEAPEST else tantivy.Order.Desc
        found = searcher.search(query, question.size, order_by_field=field, offset=question.offset, order=order)
        ids = [self._id(searcher, address) for _, address in found.hits]
        counts = {facet: _counts(_aggregated(searcher, query, facet)) for facet in question.facets}
        return ids, _total(found), counts

    def _nearest(
        self, searcher: tantivy.Searcher, query: tantivy.Query, question: Question, near: Near
    ) -> tuple[list[UUID], int, dict[str, dict[str, int]]]:
        """Return the nearest: the box by its fields, the distances worked out here."""
        hits = [address for _, address in searcher.search(query, MOST_HITS).hits]
        lats = searcher.fast_field_values("lat", hits)
        lngs = searcher.fast_field_values("lng", hits)
        shrink = math.cos(math.radians(near.point.lat))
        far = [
            math.hypot((lat or _NOWHERE) - near.point.lat, ((lng or _NOWHERE) - near.point.lng) * shrink) * 111.2
            for lat, lng in zip(lats, lngs, strict=True)
        ]
        reach = near.radius_km or math.inf
        ordered = sorted((distance, at) for at, distance in enumerate(far) if distance <= reach)
        page = ordered[question.offset : question.offset + question.size]
        return [self._id(searcher, hits[at]) for _, at in page], len(ordered), {}

    def _id(self, searcher: tantivy.Searcher, address: tantivy.DocAddress) -> UUID:
        return UUID(searcher.doc(address).get_first("id"))

    def _query(self, plan: Plan, question: Question) -> tantivy.Query:
        parts = [] if plan.empty else [(tantivy.Occur.Must, self._words(tiers(plan).match))]
        for facet, values in question.any_of.items():
            chosen = tantivy.Query.term_set_query(self._schema, facet, list(values))
            parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)))
        if question.near is not None and question.near.radius_km is not None:
            parts += [(tantivy.Occur.Must, one) for one in self._box(question.near, question.near.radius_km / 111.2)]
        return tantivy.Query.boolean_query(parts) if parts else tantivy.Query.all_query()

    def _box(self, near: Near, degrees: float) -> list[tantivy.Query]:
        wide = degrees / math.cos(math.radians(near.point.lat))
        bounds = (("lat", near.point.lat, degrees), ("lng", near.point.lng, wide))
        kind = tantivy.FieldType.Float
        return [
            tantivy.Query.range_query(self._schema, name, kind, middle - reach, middle + reach)
            for name, middle, reach in bounds
        ]

    def _words(self, expression: Expression) -> tantivy.Query:
        if isinstance(expression, Token):
            return self._word(expression)
        occur = tantivy.Occur.Must if isinstance(expression, All) else tantivy.Occur.Should
        return tantivy.Query.boolean_query([(occur, self._words(part)) for part in expression.parts])

    def _word(self, token: Token) -> tantivy.Query:
        text = token.text.removeprefix(TITLE)
        if token.prefix:
            return tantivy.Query.regex_query(self._schema, "words", f"{re.escape(text)}.*")
        titled = tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, "title", text, "freq"), TITLE_BOOST)
        anywhere = tantivy.Query.term_query(self._schema, "words", text, "freq")
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, titled), (tantivy.Occur.Should, anywhere)])

    async def bytes(self) -> int:
        """Return the size of the folder."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())


def _fields(document: Document, lexemes: Lexemes) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": str(document.id),
        "title": " ".join(lexemes.title),
        "words": " ".join(lexemes.anywhere),
        "kind": document.kind,
        "city": document.city,
        "county": document.county,
        "published": int(document.published_at.timestamp()),
    }
    if document.amount_fen is not None:
        fields["amount"] = document.amount_fen
    if document.point is not None:
        fields["lat"], fields["lng"] = document.point.lat, document.point.lng
    return fields


def _total(found: tantivy.SearchResult) -> int:
    """Return the count, which the published types of tantivy leave out."""
    return int(getattr(found, "count", 0))


def _aggregated(searcher: Any, query: tantivy.Query, facet: str) -> dict[str, Any]:
    counted: dict[str, Any] = searcher.aggregate(query, {"counts": {"terms": {"field": facet, "size": 500}}})
    return counted


def _counts(answer: dict[str, Any]) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["counts"]["buckets"]}


def peer(folder: Path) -> Peer:
    """Return the peer; the measurement finds it by this name when tantivy is installed."""
    return TantivyPeer(folder)
