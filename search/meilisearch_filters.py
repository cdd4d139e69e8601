"""A planned question in the filter language of Meilisearch. Values are always quoted, so none is ever an operator."""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from search.documents import Document
from search.query import Near, Question, Range, Sort, Token
from search.tiers import All, Expression

NOTHING: Final = "kind IN []"
LONGEST_VALUE: Final = 468
"""Bytes of a filter value the server looks at; a longer one can be no value of ours."""
_OWN_FACETS: Final = frozenset({"kind", "city", "county"})
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,60}")
_NEWEST: Final = ("published:desc", "id:desc")
_LONGEST_NAME: Final = 60


def attribute(facet: str) -> str:
    """Return the attribute a facet is kept in."""
    if facet in _OWN_FACETS:
        return facet
    if _PLAIN_NAME.fullmatch(facet):
        return f"facet_{facet}"
    return f"facet_x{facet.encode()[:_LONGEST_NAME].hex()}"


def seconds(moment: datetime) -> int:
    """Return a moment as whole seconds since 1970: no engine orders more finely."""
    return math.floor(moment.timestamp())


def day(value: date) -> int:
    """Return a day as a number that grows by one each day."""
    return value.toordinal()


def quoted(value: str) -> str:
    """Return a value in quotes, with quotes and backslashes in it escaped."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def either(parts: Iterable[str]) -> str:
    """Return the parts joined so that one is enough; none at all can never hold."""
    return _joined(parts, " OR ") or NOTHING


def every(parts: Iterable[str]) -> str:
    """Return the parts joined so that all must hold; no part at all is no condition."""
    return _joined((part for part in parts if part), " AND ")


def _joined(parts: Iterable[str], word: str) -> str:
    given = list(dict.fromkeys(parts))
    return given[0] if len(given) == 1 else f"({word.join(given)})" if given else ""


def one_of(name: str, values: Iterable[str]) -> str:
    """Return the condition that an attribute holds one of the values."""
    short = [value for value in values if value and len(value.encode()) <= LONGEST_VALUE]
    return f"{name} IN [{', '.join(map(quoted, short))}]"


def facet_filters(question: Question) -> dict[str, str]:
    """Return, for each facet with a choice, the condition of that choice."""
    return {facet: one_of(attribute(facet), values) for facet, values in question.any_of.items() if values}


def fixed_filters(question: Question) -> list[str]:
    """Return the conditions that hold whatever is chosen within the facets."""
    parts = [one_of(attribute(facet), (value,)) for facet, values in question.all_of.items() for value in values]
    parts += [f"NOT {one_of(attribute(facet), values)}" for facet, values in question.none_of.items() if values]
    if question.amount_fen is not None:
        parts.append(_range("amount", question.amount_fen))
    if question.published_since is not None:
        parts.append(f"published >= {seconds(question.published_since)}")
    if question.open_on is not None:
        parts.append(f"(open_until IS NULL OR open_until >= {day(question.open_on)})")
    if question.age is not None:
        parts.append(f"(age_min IS NULL OR age_min <= {question.age})")
        parts.append(f"(age_max IS NULL OR age_max >= {question.age})")
    if question.near is not None and question.near.radius_km is not None:
        parts.append(_around(question.near, question.near.radius_km))
    return parts


def _around(near: Near, radius_km: float) -> str:
    return f"_geoRadius({near.point.lat:.7f}, {near.point.lng:.7f}, {radius_km * 1000:.3f})"


def _range(name: str, given: Range) -> str:
    parts: list[str] = []
    if given.low is not None:
        parts.append(f"{name} {'>=' if given.low_in else '>'} {given.low}")
    if given.high is not None:
        parts.append(f"{name} {'<=' if given.high_in else '<'} {given.high}")
    told = every(parts or [f"{name} IS NOT NULL"])
    return either([told, f"{name} IS NULL"]) if given.unknown else told


def words_filter(expression: Expression) -> str:
    """Return the condition that a document holds what an expression over words asks for; all of nothing is none."""
    if isinstance(expression, Token):
        return f"terms {'STARTS WITH' if expression.prefix else '='} {quoted(expression.text)}"
    if isinstance(expression, All):
        return every(map(words_filter, expression.parts))
    words = [part.text for part in expression.parts if isinstance(part, Token) and not part.prefix]
    parts = [one_of("terms", words)] if len(words) > 1 else []
    parts += [words_filter(part) for part in expression.parts if not parts or not _is_word(part)]
    return either(parts)


def _is_word(part: Expression) -> bool:
    return isinstance(part, Token) and not part.prefix


def order(question: Question) -> list[str] | None:
    """Return the sort of a question, None when relevance decides."""
    if question.sort is Sort.NEAREST and question.near is not None:
        point = question.near.point
        return [f"_geoPoint({point.lat:.7f}, {point.lng:.7f}):asc", *_NEWEST]
    if question.sort is Sort.CHEAPEST:
        return ["amount:asc", *_NEWEST]
    if question.sort is Sort.DEAREST:
        return ["amount:desc", *_NEWEST]
    if question.sort is Sort.NEWEST:
        return list(_NEWEST)
    return None


def stored(document: Document) -> dict[str, object]:
    """Return what is kept of a document beside its words: what filters, sorts and counts."""
    kept: dict[str, object] = {
        "id": str(document.id),
        "version": document.version,
        "kind": document.kind,
        "city": document.city,
        "county": document.county,
        "published": seconds(document.published_at),
        "amount": document.amount_fen,
        "open_until": None if document.open_until is None else day(document.open_until),
        "age_min": document.age_min,
        "age_max": document.age_max,
        **{attribute(facet): list(values) for facet, values in document.facets.items() if facet not in _OWN_FACETS},
    }
    if document.point is not None:
        kept["_geo"] = {"lat": document.point.lat, "lng": document.point.lng}
    return kept
