"""Showing why a text was found: places in the original text, safe HTML, and a short piece around the first place."""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from search.folding import fold, fold_with_offsets

_MOST_TERMS: Final = 200
_SNIPPET: Final = 80


class Span(NamedTuple):
    """A place in the original text, from `start` up to but not including `end`."""

    start: int
    end: int


class _Patterns(NamedTuple):
    """What to look for: Han words anywhere, Latin words and numbers only whole (Java is not in JavaScript)."""

    han: re.Pattern[str] | None
    latin: re.Pattern[str] | None


@lru_cache(maxsize=256)
def _patterns(terms: tuple[str, ...]) -> _Patterns:
    kept = sorted(filter(None, terms), key=lambda term: (-len(term), term))[:_MOST_TERMS]
    latin = [re.escape(term) for term in kept if term[0].isascii() and term[0].isalnum()]
    han = [term for term in kept if not (term[0].isascii() and term[0].isalnum())]
    return _Patterns(
        han=re.compile(_by_first(han)) if han else None,
        latin=re.compile(rf"(?<![a-z0-9])(?:{'|'.join(latin)})(?![a-z0-9])") if latin else None,
    )


def _by_first(terms: list[str]) -> str:
    """Return a pattern that decides by the first character, which is what keeps many words quick to look for."""
    rests: dict[str, list[str]] = {}
    for term in terms:
        rests.setdefault(term[0], []).append(re.escape(term[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items())


def spans(text: str, terms: Sequence[str]) -> tuple[Span, ...]:
    """Return where the terms stand in a text of any width, case or script; touching spans are one."""
    folded = fold(text)
    hits = [match.span() for pattern in _patterns(tuple(terms)) if pattern for match in pattern.finditer(folded)]
    if not hits:
        return ()
    _, places = fold_with_offsets(text)
    found: list[Span] = []
    for first, last in sorted(hits):
        start, end = places[first], places[last - 1] + 1
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return tuple(found)


def highlighted(text: str, terms: Sequence[str]) -> str:
    """Return a text as safe HTML with the terms marked."""
    return _marked(text, spans(text, terms))


def snippet(text: str, terms: Sequence[str], length: int = _SNIPPET) -> str:
    """Return the piece of a text around its first term as safe HTML, with … where something was left out."""
    places = spans(text, terms)
    start = max(0, places[0].start - length // 4) if places and len(text) > length else 0
    start = max(0, min(start, len(text) - length))
    end = start + length
    inside = [Span(max(each.start, start) - start, min(each.end, end) - start) for each in places]
    piece = _marked(text[start:end], [each for each in inside if each.start < each.end])
    return ("…" if start else "") + piece + ("…" if end < len(text) else "")


def _marked(text: str, places: Sequence[Span]) -> str:
    parts: list[str] = []
    at = 0
    for place in places:
        parts += (html.escape(text[at : place.start]), "<mark>", html.escape(text[place.start : place.end]), "</mark>")
        at = place.end
    parts.append(html.escape(text[at:]))
    return "".join(parts)
