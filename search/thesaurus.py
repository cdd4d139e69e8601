"""What a word also finds: the synonym file turned into alternatives, once, with the concept words of the index."""

from collections.abc import Iterator
from typing import Final

from search.pipeline import Pipeline
from search.query import Alternative, Token

_MOST_ALTERNATIVES: Final = 40


class Entry:
    """One word: `served` by alternatives in order, the `short` form, and the concept word it is about."""

    __slots__ = ("core", "served", "short")

    def __init__(self, served: tuple[Alternative, ...], short: tuple[Alternative, ...], core: str) -> None:
        self.served = served
        self.short = short
        self.core = core


class Thesaurus:
    """Every entry of the synonym file, ready to be asked."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        words = pipeline.vocabulary
        self._equal = pipeline.equal
        self._narrower = words.narrower if pipeline.tricks.synonyms else dict[str, tuple[str, ...]]()
        concepts = words.concepts if pipeline.tricks.synonyms else ()
        self._head = {word: each for each in concepts for word in self._equal.get(each.head, (each.head,))}
        self._concepts = concepts
        self._entries: dict[str, Entry] = {}
        self.keys = frozenset((*self._equal, *self._narrower, *self._head))

    def entry(self, word: str) -> Entry | None:
        """Return what a word also finds, or None when it has no synonyms."""
        if word not in self.keys:
            return None
        known = self._entries.get(word)
        if known is None:
            known = self._entries[word] = self._made(word)
        return known

    def _made(self, word: str) -> Entry:
        concept = self._head.get(word)
        implied = set(self._members(word)) if concept else set[str]()
        served: dict[Alternative, None] = {}
        short: dict[Alternative, None] = {}
        if concept:
            short[(Token(f"={concept.head}"),)] = None
        for other in self._reached(word):
            served.update(dict.fromkeys(self._ways(other)))
            through = self._head.get(other)
            if other in implied:
                continue
            if through is None:
                short.update(dict.fromkeys(self._ways(other)))
                continue
            short[(Token(f"={through.head}"),)] = None
            for member in self._members(other):
                served.update(dict.fromkeys(self._ways(member)))
        if concept:
            for member in self._members(word):
                served.update(dict.fromkeys(self._ways(member)))
        most = _MOST_ALTERNATIVES
        return Entry(tuple(served)[:most], tuple(short)[:most], self._core(word))

    def _core(self, word: str) -> str:
        """Return the concept a word is about: its own, or a longer one it begins (心理 is about 心理咨询)."""
        reached = self._reached(word)
        begun = (each for each in self._concepts if each.head in reached and each.head.startswith(word))
        head = self._head.get(word) or next(begun, None)
        return f"={head.head}" if head else ""

    def _reached(self, word: str) -> dict[str, None]:
        """Return every word this one leads to: its equals, then what is narrower than any of them with its equals."""
        same = self._equal.get(word, (word,))
        reached = dict.fromkeys(each for each in same if each != word)
        for each in (word, *(other for other in same if other != word)):
            for narrow in self._narrower.get(each, ()):
                reached.update(dict.fromkeys(self._equal.get(narrow, (narrow,))))
        reached.pop(word, None)
        return reached

    def _members(self, word: str) -> Iterator[str]:
        concept = self._head[word]
        yield from self._equal.get(concept.head, (concept.head,))
        for member in concept.members:
            yield from self._equal.get(member, (member,))

    def _ways(self, word: str) -> tuple[Alternative, ...]:
        tokens = tuple(Token(text) for text in self._pipeline.tokens(word))
        return (tokens,) if tokens else ()
