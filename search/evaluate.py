"""How well a search finds what judges found right: recall@10, nDCG@10 and forbidden hits, in all and by category."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from search.asking import ask
from search.documents import Document, Point
from search.engine import Engine
from search.planner import Planner
from search.query import Question

DEPTH: Final = 10
KINDS: Final[Mapping[str, str]] = {
    "internship": "INTERN",
    "rental": "HOUSE",
    "counsellor": "COUNSEL",
    "sponsorship": "SPONSOR",
    "course": "STUDY",
    "legal": "LEGAL",
}
"""Judged sets name kinds in English words; the service has codes."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One judged query: the grade of every right document, and the documents that must not be among the first ten."""

    number: int
    category: str
    words: str
    right: Mapping[UUID, int]
    must_not: frozenset[UUID] = frozenset()


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Means over queries; queries with nothing to find count only for forbidden hits."""

    queries: int
    recall: float
    ndcg: float
    must_not: int
    zero: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One query with what came of it."""

    number: int
    category: str
    words: str
    recall: float | None
    ndcg: float | None
    forbidden: tuple[int, ...]
    first: tuple[int, ...]
    missing: tuple[int, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The score in all and by category, and every query's outcome."""

    engine: str
    all: Score
    categories: Mapping[str, Score]
    outcomes: tuple[Outcome, ...]


def load(path: Path) -> tuple[list[Document], list[Judged]]:
    """Read a judged set of the form of `search_judged.json`."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return [document_of(each) for each in data["documents"]], [_judged(each) for each in data["queries"]]


def document_of(listing: Mapping[str, Any]) -> Document:
    """Return a listing of a judged set as a document; its names of city and county serve as codes."""
    lat, lng = listing.get("lat") or 0.0, listing.get("lng") or 0.0
    pay = listing.get("pay")
    return Document(
        id=UUID(int=listing["id"]),
        version=listing.get("version", 1),
        kind=KINDS.get(str(listing["kind"]), str(listing["kind"])),
        title=listing["title"],
        text=listing.get("description", ""),
        tags=tuple(listing.get("tags", ())),
        place=tuple(each for each in (listing.get("city"), listing.get("county")) if each),
        city=listing.get("city") or "",
        county=listing.get("county") or "",
        facets={"tags": tuple(listing.get("tags", ()))},
        amount_fen=None if pay is None else round(pay * 100),
        published_at=datetime.fromtimestamp(listing.get("published_at", 0), UTC),
        point=Point(lat, lng) if lat or lng else None,
        visible=listing.get("status", "open") == "open",
    )


def _judged(query: Mapping[str, Any]) -> Judged:
    return Judged(
        number=query["qid"],
        category=query["category"],
        words=query["q"],
        right={UUID(int=int(each)): grade for each, grade in query["rel"].items()},
        must_not=frozenset(UUID(int=each) for each in query.get("must_not", ())),
    )


async def evaluate(engine: Engine, planner: Planner, queries: Sequence[Judged]) -> Report:
    """Ask every query and judge the first ten hits."""
    outcomes: list[Outcome] = []
    for query in queries:
        answer = await ask(engine, planner, Question(words=query.words, size=DEPTH))
        outcomes.append(judge(query, answer.ids))
    by_category: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_category[outcome.category].append(outcome)
    return Report(
        engine=engine.name,
        all=_score(outcomes),
        categories={name: _score(each) for name, each in by_category.items()},
        outcomes=tuple(outcomes),
    )


def judge(query: Judged, ids: Sequence[UUID]) -> Outcome:
    """Return recall, nDCG and forbidden hits of one answer; recall divides by ten at most."""
    first = ids[:DEPTH]
    found = sum(1 for each in first if each in query.right)
    gain = sum(_gain(query.right.get(each, 0), place) for place, each in enumerate(first))
    ideal = sum(_gain(grade, place) for place, grade in enumerate(sorted(query.right.values(), reverse=True)[:DEPTH]))
    missing = sorted(each.int for each in query.right if each not in first)
    return Outcome(
        number=query.number,
        category=query.category,
        words=query.words,
        recall=found / min(DEPTH, len(query.right)) if query.right else None,
        ndcg=gain / ideal if query.right else None,
        forbidden=tuple(each.int for each in first if each in query.must_not),
        first=tuple(each.int for each in first),
        missing=tuple(missing) if len(query.right) <= DEPTH else (),
    )


def _gain(grade: int, place: int) -> float:
    return ((1 << grade) - 1) / math.log2(place + 2)


def _score(outcomes: Sequence[Outcome]) -> Score:
    recalls = [each.recall for each in outcomes if each.recall is not None]
    ndcgs = [each.ndcg for each in outcomes if each.ndcg is not None]
    return Score(
        queries=len(outcomes),
        recall=round(sum(recalls) / len(recalls), 4) if recalls else 1.0,
        ndcg=round(sum(ndcgs) / len(ndcgs), 4) if ndcgs else 1.0,
        must_not=sum(len(each.forbidden) for each in outcomes),
        zero=sum(1 for each in outcomes if not each.first),
    )
