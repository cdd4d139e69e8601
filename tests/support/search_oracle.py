"""What a question without words must find, worked out the slow way; it shares no code with any engine."""

import math
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from search.documents import Document, Point
from search.query import Question, Range, Sort


def expected(documents: Iterable[Document], question: Question) -> list[UUID]:
    """Return the ids in order: sorted as asked, then the newer, then the greater id."""
    found = [one for one in documents if one.visible and passes(one, question)]
    found.sort(key=lambda one: one.id.int, reverse=True)
    found.sort(key=lambda one: int(one.published_at.timestamp()), reverse=True)
    if question.sort is Sort.CHEAPEST:
        found.sort(key=lambda one: (one.amount_fen is None, one.amount_fen or 0))
    elif question.sort is Sort.DEAREST:
        found.sort(key=lambda one: (one.amount_fen is None, -(one.amount_fen or 0)))
    elif question.sort is Sort.NEAREST and question.near is not None:
        here = question.near.point
        found.sort(key=lambda one: metres(here, one.point) if one.point is not None else math.inf)
    return [one.id for one in found]


def counts(documents: Iterable[Document], question: Question, facet: str) -> dict[str, int]:
    """Return how many documents each value of a facet would leave, the facet's own choice put aside."""
    counted: Counter[str] = Counter()
    for one in documents:
        if one.visible and passes(one, question, aside=facet):
            counted.update(set(values(one, facet)))
    return dict(counted)


def values(document: Document, facet: str) -> tuple[str, ...]:
    """Return the values of a facet."""
    own = {"kind": document.kind, "city": document.city, "county": document.county}
    if facet in own:
        return (own[facet],) if own[facet] else ()
    return tuple(document.facets.get(facet, ()))


def passes(document: Document, question: Question, *, aside: str = "") -> bool:
    """Tell whether a document passes the filters."""
    for facet, wanted in question.any_of.items():
        if facet != aside and wanted and not any(value in wanted for value in values(document, facet)):
            return False
    for facet, wanted in question.all_of.items():
        if not all(value in values(document, facet) for value in wanted):
            return False
    for facet, unwanted in question.none_of.items():
        if any(value in unwanted for value in values(document, facet)):
            return False
    return _numbers(document, question)


def _numbers(document: Document, question: Question) -> bool:
    if question.amount_fen is not None and not _within(document.amount_fen, question.amount_fen):
        return False
    if question.published_since is not None and document.published_at < question.published_since:
        return False
    if question.open_on is not None and document.open_until is not None and document.open_until < question.open_on:
        return False
    if question.age is not None and not (document.age_min or 0) <= question.age <= (document.age_max or 200):
        return False
    if question.near is None or question.near.radius_km is None:
        return True
    return document.point is not None and metres(question.near.point, document.point) <= question.near.radius_km * 1000


def _within(amount: int | None, bounds: Range) -> bool:
    if amount is None:
        return bounds.unknown
    low = bounds.low is None or amount > bounds.low or (amount == bounds.low and bounds.low_in)
    high = bounds.high is None or amount < bounds.high or (amount == bounds.high and bounds.high_in)
    return low and high


def metres(one: Point, other: Point) -> float:
    """Return the distance by the spherical law of cosines, which the engines do not use."""
    lat, far = math.radians(one.lat), math.radians(other.lat)
    turn = math.radians(other.lng - one.lng)
    cosine = math.sin(lat) * math.sin(far) + math.cos(lat) * math.cos(far) * math.cos(turn)
    return 6_371_008.8 * math.acos(max(-1.0, min(1.0, cosine)))
