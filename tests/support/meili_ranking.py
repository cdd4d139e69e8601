"""Which documents a Meilisearch query finds and in which order: the matching and the ranking rules, on few documents.

It follows the documented rules with plain loops: terms with prefixes, typos, joined neighbours and synonyms; the
matching strategies; and the ranking rules as one sort key, each a bucket finer than the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rapidfuzz.distance import OSA

from tests.support import meili_filter
from tests.support.meili_text import Tokenizer

MOST_WORDS = 10
LONGEST_JOIN = 3
MOST_SYNONYMS = 50
MOST_SYNONYM_WORDS = 100
FAR = 8
NEXT_ELEMENT = 8
SYNONYM, EXACT, PREFIX, TYPO = "synonym", "exact", "prefix", "typo"
Places = dict[int, list[int]]
Synonyms = Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]


@dataclass(slots=True)
class Words:
    """The words of one document: for each word the attributes and places where it stands."""

    places: dict[str, Places] = field(default_factory=dict)
    whole: dict[int, list[str]] = field(default_factory=dict)

    def add(self, attribute: int, words: Iterable[tuple[str, int]], start: int) -> int:
        """Add the words of one value; return the place after the last one."""
        last = start - 1
        for word, place in words:
            last = start + place
            self.places.setdefault(word, {}).setdefault(attribute, []).append(last)
            self.whole.setdefault(attribute, []).append(word)
        return last + NEXT_ELEMENT


@dataclass(frozen=True, slots=True)
class Match:
    """How one part of the query was met: the kind, the typos, and where its first and last word stand."""

    kind: str
    typos: int
    places: dict[int, list[int]]
    length: int = 1


@dataclass(frozen=True, slots=True)
class Typos:
    """The typo settings of an index."""

    enabled: bool
    one: int
    two: int
    numbers: bool
    words: frozenset[str]

    def allowed(self, word: str) -> int:
        """Return how many typos a word of a query may have."""
        if not self.enabled or word in self.words or (not self.numbers and _numeric(word)) or len(word) < self.one:
            return 0
        return 1 if len(word) < self.two else 2


def _numeric(word: str) -> bool:
    return all(char.isnumeric() or not char.isalnum() for char in word)


@dataclass(frozen=True, slots=True)
class Query:
    """A query cut into terms; `prefix` tells whether the last one may be the beginning of a word."""

    terms: tuple[str, ...]
    prefix: bool
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to match, so that every document is found."""
        return not (self.terms or self.phrases or self.without)


def parse(text: str, tokenizer: Tokenizer) -> Query:
    """Cut a query: quotes make phrases, a minus before a word takes documents away, ten terms count."""
    outside, phrases, without = [], [], []
    for number, part in enumerate(text.split('"')):
        if number % 2:
            words = tuple(word for word, _ in tokenizer.words(part))
            phrases += [words] if words else []
            continue
        for piece in part.split():
            if piece.startswith("-") and len(piece) > 1:
                without += [word for word, _ in tokenizer.words(piece[1:])]
            else:
                outside.append(piece)
    terms = [word for word, _ in tokenizer.words(" ".join(outside))]
    ends_in_word = bool(text) and not text[-1].isspace() and bool([*tokenizer.words(text[-1])])
    return Query(tuple(terms[:MOST_WORDS]), ends_in_word, tuple(phrases), tuple(without))


@dataclass(frozen=True, slots=True)
class Ranker:
    """The matching of one query against the documents of one index."""

    query: Query
    settings: Mapping[str, Any]
    synonyms: Synonyms
    typos: Typos

    def dropped(self, documents: Mapping[str, Words], strategy: str) -> list[frozenset[int]]:
        """Return, for each step of the matching strategy, the terms that may be missing."""
        steps = [frozenset[int]()]
        count = len(self.query.terms)
        if strategy == "all" or count <= 1:
            return steps
        if strategy == "last":
            return steps + [frozenset(range(kept, count)) for kept in range(count - 1, 0, -1)]
        often = [sum(bool(self._term(words, at, at)) for words in documents.values()) for at in range(count)]
        weights = sorted({number or 1_000_000_000 for number in often}, reverse=True)
        for weight in weights[:-1]:
            steps.append(steps[-1] | {at for at in range(count) if (often[at] or 1_000_000_000) == weight})
        return steps

    def match(self, words: Words, steps: Sequence[frozenset[int]]) -> tuple[int, list[Match]] | None:
        """Return the first step a document passes, with the matches of its path; None when it passes none."""
        if any(word in words.places for word in self.query.without):
            return None
        phrases = [found for phrase in self.query.phrases if (found := _phrase(words, phrase))]
        if len(phrases) < len(self.query.phrases):
            return None
        for number, missing in enumerate(steps):
            path = self._path(words, [at for at in range(len(self.query.terms)) if at not in missing])
            if path is not None:
                return number, [Match(EXACT, 0, places, 2) for places in phrases] + path
        return None

    def _path(self, words: Words, terms: list[int]) -> list[Match] | None:
        """Return the path with the fewest typos through the terms, neighbours joined where that helps."""
        best: list[tuple[int, list[Match]] | None] = [(0, [])] + [None] * len(terms)
        for end in range(1, len(terms) + 1):
            for length in range(1, min(LONGEST_JOIN, end) + 1):
                before = best[end - length]
                first, last = terms[end - length], terms[end - 1]
                if before is None or last - first != length - 1:
                    continue
                match = self._term(words, first, last)
                now = best[end]
                if match and (now is None or before[0] + match.typos < now[0]):
                    best[end] = before[0] + match.typos, [*before[1], match]
        found = best[len(terms)]
        return None if found is None else found[1]

    def _term(self, words: Words, first: int, last: int) -> Match | None:
        """Return how the terms from first to last, written as one, are met."""
        parts = self.query.terms[first : last + 1]
        word = "".join(parts)
        if word in words.places:
            return Match(EXACT, 0, words.places[word], len(parts))
        for other in self.synonyms.get(parts, ()):
            places = _phrase(words, other)
            if places:
                return Match(SYNONYM, 0, places, len(parts))
        prefix = self.query.prefix and last == len(self.query.terms) - 1 and self.settings["prefixSearch"] != "disabled"
        if prefix:
            places = _merged([places for one, places in words.places.items() if one.startswith(word)])
            if places:
                return Match(PREFIX, 0, places, len(parts))
        return self._mistyped(words, word, len(parts))

    def _mistyped(self, words: Words, word: str, parts: int) -> Match | None:
        most = self.typos.allowed(word) - (parts - 1)
        for typos in range(1, most + 1):
            near = [
                places
                for one, places in words.places.items()
                if one[0] == word[0] and OSA.distance(one, word, score_cutoff=typos) == typos
            ]
            if near:
                return Match(TYPO, typos, _merged(near), parts)
        return None


def _merged(several: Iterable[Places]) -> Places:
    result: Places = {}
    for places in several:
        for attribute, found in places.items():
            result.setdefault(attribute, []).extend(found)
    return result


def _phrase(words: Words, phrase: Sequence[str]) -> Places:
    """Return where the words stand one after the other."""
    if not phrase or any(word not in words.places for word in phrase):
        return {}
    result: Places = {}
    for attribute, starts in words.places[phrase[0]].items():
        found = [
            start
            for start in starts
            if all(start + step in words.places[word].get(attribute, ()) for step, word in enumerate(phrase))
        ]
        if found:
            result[attribute] = found
    return result


def keys(
    rules: Sequence[str],
    words: Words,
    step: int,
    path: Sequence[Match],
    query: Query,
    order: Sequence[str],
    document: Mapping[str, Any],
) -> tuple[Any, ...]:
    """Return the sort key of one found document; the smallest comes first."""
    key: list[Any] = []
    for rule in rules:
        if rule == "sort":
            key += [_ordered(document, one) for one in order]
        elif ":" in rule:
            key.append(_ordered(document, rule))
        elif path:
            key.append(_relevance(rule, words, step, path, query))
    return tuple(key)


def _relevance(rule: str, words: Words, step: int, path: Sequence[Match], query: Query) -> Any:
    if rule == "words":
        return step
    if rule == "typo":
        return sum(match.typos for match in path)
    if rule == "proximity":
        return sum(_apart(one, other) for one, other in pairwise(path))
    if rule in {"attributeRank", "attribute"}:
        return sum(min(match.places) for match in path)
    if rule == "wordPosition":
        return sum(_position(match, at) for at, match in enumerate(path))
    inexact = sum(match.kind != EXACT for match in path)
    return (0 if list(query.terms) in words.whole.values() and len(path) == len(query.terms) else 1, inexact)


def _apart(one: Match, other: Match) -> int:
    best = FAR
    for attribute, firsts in one.places.items():
        for first in firsts:
            for second in other.places.get(attribute, ()):
                gap = second - first if second > first else first - second + 1
                best = min(best, max(gap, 1))
    return best


def _position(match: Match, at: int) -> int:
    distance = min(abs(place - at) for places in match.places.values() for place in places)
    bounds = (0, 1, 4, 7, 11, 16, 24, 64, 256, 1024)
    return next((cost for cost, bound in enumerate(bounds) if distance <= bound), len(bounds))


def _ordered(document: Mapping[str, Any], one: str) -> tuple[Any, ...]:
    """Return the key of `attribute:asc`, `attribute:desc` or `_geoPoint(lat,lng):asc`; what has no value comes last."""
    name, direction = one.rsplit(":", 1)
    sign = 1 if direction == "asc" else -1
    if name.startswith("_geoPoint("):
        lat, lng = (float(part) for part in name[len("_geoPoint(") : -1].split(","))
        place = meili_filter.geo(document)
        return (1,) if place is None else (0, sign * meili_filter.distance(place, (lat, lng)))
    found = meili_filter.values(document, name)
    numbers = [value for value in found if isinstance(value, int | float)]
    if numbers:
        return (0, 0, sign * min(numbers) if sign == 1 else -max(numbers))
    texts = sorted(str(value) for value in found)
    if not texts:
        return (1,)
    return (0, 1, tuple(sign * ord(char) for char in texts[0]) + ((sign * -1,) if sign == 1 else (1,)))


def synonyms_of(
    settings: Mapping[str, Any], tokenizer: Tokenizer
) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the synonyms cut into words: keys of up to three words count, fifty phrases and a hundred words each."""
    result: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for written, others in settings["synonyms"].items():
        key = tuple(word for word, _ in tokenizer.words(written))
        if not 1 <= len(key) <= LONGEST_JOIN:
            continue
        phrases, count = [], 0
        for other in sorted(set(others))[:MOST_SYNONYMS]:
            words = tuple(word for word, _ in tokenizer.words(other))
            count += len(words)
            if words and count <= MOST_SYNONYM_WORDS:
                phrases.append(words)
        result[key] = result.get(key, ()) + tuple(phrases)
    return result
