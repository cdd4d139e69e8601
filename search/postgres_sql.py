"""Questions as SQL for the narrow table. Words ride in one tsquery argument, numbers in others; no text enters SQL."""

import math
from collections.abc import Sequence
from typing import Any, Final

from search.memory import EARTH_KM
from search.postgres_rows import CELLS, DEGREE, cell_word, day, filter_word, moment, quoted, whole
from search.query import Near, Question, Range, Sort
from search.tiers import All, Expression, Some

_MOST_CELLS: Final = 64
_KM_PER_DEGREE: Final = 111.195
TOLERANCE_KM: Final = 0.0002


def tsquery(expression: Expression) -> str:
    """Return an expression in the text form of a tsquery; empty for the expression that holds for everything."""
    if isinstance(expression, All):
        return " & ".join(filter(None, (_inner(part) for part in expression.parts)))
    if isinstance(expression, Some):
        return " | ".join(filter(None, (_inner(part) for part in expression.parts)))
    return quoted(expression.text) + (":*" if expression.prefix else "")


def _inner(part: Expression) -> str:
    text = tsquery(part)
    return f"({text})" if text and isinstance(part, All | Some) else text


def both(*texts: str) -> str:
    """Return tsquery texts joined so that all must hold."""
    kept = [text for text in texts if text]
    return kept[0] if len(kept) == 1 else " & ".join(f"({text})" for text in kept)


def either(words: Sequence[str]) -> str:
    """Return the tsquery text of words of which one is enough."""
    return " | ".join(quoted(word) for word in words)


def filters(question: Question, *, without: str = "") -> str:
    """Return the tsquery text of the facet filters and of the place; `without` leaves one facet's `any_of` out."""
    parts = [
        either([filter_word(name, value) for value in values])
        for name, values in question.any_of.items()
        if values and name != without
    ]
    parts += [quoted(filter_word(name, value)) for name, values in question.all_of.items() for value in values]
    parts += ["!" + quoted(filter_word(name, value)) for name, values in question.none_of.items() for value in values]
    if question.near is not None and question.near.radius_km is not None:
        parts.append(cells(question.near, question.near.radius_km))
    return both(*parts) if any(parts) else ""


def cells(near: Near, radius_km: float) -> str:
    """Return the tsquery text of the grid cells a circle touches, or nothing when they are too many."""
    low, high, west, east = _box(near, radius_km)
    for size in CELLS:
        rows = range(math.floor(low * size), math.floor(high * size) + 1)
        columns = range(math.floor(west * size), math.floor(east * size) + 1)
        if len(rows) * len(columns) <= _MOST_CELLS:
            return either([cell_word(size, row, column) for row in rows for column in columns])
    return ""


def _box(near: Near, radius_km: float) -> tuple[float, float, float, float]:
    high = radius_km / _KM_PER_DEGREE * 1.001 + 1e-6
    wide = high / max(0.05, math.cos(math.radians(min(89.0, abs(near.point.lat) + high))))
    return near.point.lat - high, near.point.lat + high, near.point.lng - wide, near.point.lng + wide


class Conditions:
    """The WHERE clause of one question: its numbers are arguments, and the tsquery is always the first of them."""

    def __init__(self, question: Question) -> None:
        self._arguments: list[Any] = []
        self._parts: list[str] = []
        if question.amount_fen is not None:
            self._range("amount", question.amount_fen)
        if question.published_since is not None:
            self._add("published >= {}", moment(question.published_since))
        if question.open_on is not None:
            self._add("(open_until IS NULL OR open_until >= {})", day(question.open_on))
        if question.age is not None:
            age = max(-1, min(32767, question.age))
            self._add("(age_min IS NULL OR age_min <= {})", age)
            self._add("(age_max IS NULL OR age_max >= {})", age)
        if question.near is not None and question.near.radius_km is not None:
            self.within(question.near, question.near.radius_km)

    def within(self, near: Near, radius_km: float) -> None:
        """Keep what lies in a circle: first the box around it, then the distance itself."""
        low, high, west, east = _box(near, radius_km)
        self._add("lat BETWEEN {} AND {}", whole(round(low * DEGREE)), whole(round(high * DEGREE)))
        self._add("lng BETWEEN {} AND {}", whole(round(west * DEGREE)), whole(round(east * DEGREE)))
        lat, lng = self._argument(float(near.point.lat)), self._argument(float(near.point.lng))
        self._add(f"{distance(lat, lng)} <= {{}}", radius_km + TOLERANCE_KM)

    def sql(self, words: str) -> tuple[str, list[Any]]:
        """Return the clause and its arguments for a tsquery text; an empty text asks for no words."""
        parts = [f"tsv @@ ${len(self._arguments) + 1}::text::tsquery", *self._parts] if words else self._parts
        arguments = [*self._arguments, words] if words else [*self._arguments]
        return " AND ".join(parts) or "true", arguments

    def _range(self, column: str, bounds: Range) -> None:
        parts: list[str] = []
        if bounds.low is not None:
            parts.append(f"{column} {'>=' if bounds.low_in else '>'} {self._argument(whole(bounds.low))}")
        if bounds.high is not None:
            parts.append(f"{column} {'<=' if bounds.high_in else '<'} {self._argument(whole(bounds.high))}")
        known = " AND ".join(parts) or f"{column} IS NOT NULL"
        self._parts.append(f"(({known}) OR {column} IS NULL)" if bounds.unknown else f"({known})")

    def _argument(self, value: float) -> str:
        self._arguments.append(value)
        return f"${len(self._arguments)}" + ("::float8" if isinstance(value, float) else "::int")

    def _add(self, sql: str, *values: float) -> None:
        self._parts.append(sql.format(*(self._argument(value) for value in values)))


def distance(lat: str, lng: str) -> str:
    """Return the SQL of the great-circle distance in kilometres from the place whose arguments are named."""
    there, east = f"radians(lat / {DEGREE}.0::float8)", f"radians(lng / {DEGREE}.0::float8 - {lng})"
    half = f"(sin(({there} - radians({lat})) / 2) ^ 2 + cos(radians({lat})) * cos({there}) * sin({east} / 2) ^ 2)"
    return f"({2 * EARTH_KM!r}::float8 * asin(least(1, sqrt({half}))))"


def order(question: Question, arguments: list[Any]) -> str:
    """Return the ORDER BY of a question; the added zero keeps PostgreSQL from walking the date index and filtering.

    The arguments the order needs are added to the list.
    """
    newest = "published + 0 DESC, id DESC"
    if question.sort is Sort.CHEAPEST:
        return f"amount ASC NULLS LAST, {newest}"
    if question.sort is Sort.DEAREST:
        return f"amount DESC NULLS LAST, {newest}"
    if question.sort is Sort.NEAREST and question.near is not None:
        arguments.extend((float(question.near.point.lat), float(question.near.point.lng)))
        far = distance(f"${len(arguments) - 1}::float8", f"${len(arguments)}::float8")
        return f"{far} ASC NULLS LAST, {newest}"
    return newest
