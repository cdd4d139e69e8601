"""From a document to the words an index keeps of it; the same for every engine."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec

from search.documents import Document
from search.folding import fold
from search.text import Segmenter, is_han, latin_words, layouts, pieces, runs
from search.vocabulary import Concept, Vocabulary, vocabulary

PIPELINE: Final = "1"
"""Raise this when documents are cut or marked in another way; every index then asks for a rebuild."""

LONGEST_TAG: Final = 8
_FEN: Final = 100


class Tricks(msgspec.Struct, frozen=True, kw_only=True):
    """What the pipeline does beyond cutting words; each can be switched off to measure what it brings."""

    split: bool = True
    words: bool = True
    bigrams: bool = True
    prefix: bool = True
    fold: bool = True
    synonyms: bool = True
    pinyin: bool = True
    repair: bool = True
    relax: bool = True
    kinds: bool = True


class Lexemes(msgspec.Struct, frozen=True, kw_only=True):
    """Words of a document: `anywhere` all of them, `title` those of title, tags and place.

    Concepts begin with =; in `title` stand those the document is about.
    """

    anywhere: frozenset[str]
    title: frozenset[str]


class _Marker:
    """One concept, ready to be looked for in the words of a document."""

    def __init__(self, concept: Concept, ways: frozenset[tuple[str, ...]], fold: Callable[[str], str]) -> None:
        self.word = f"={concept.head}"
        self.kinds = frozenset(concept.kinds)
        self._unless = frozenset(map(fold, concept.unless))
        self._after = frozenset(map(fold, concept.after))
        self._single = frozenset(way[0] for way in ways if len(way) == 1)
        self._several = tuple(frozenset(way) for way in ways if len(way) > 1)

    def mark(self, kind: str, title: set[str], body: set[str]) -> tuple[bool, bool]:
        """Return whether the concept stands anywhere in a document, and whether it is what the document is about."""
        if not self._unless.isdisjoint(title):
            return False, False
        native = kind in self.kinds
        about = native or (not self.kinds and self._stands_in(title))
        return native or self._stands_in(body), about and self._after.isdisjoint(title)

    def _stands_in(self, words: set[str]) -> bool:
        return not self._single.isdisjoint(words) or any(way <= words for way in self._several)


class Pipeline:
    """Cuts and marks documents. Build it once: it loads the dictionary."""

    def __init__(self, words: Vocabulary | None = None, tricks: Tricks | None = None) -> None:
        self.vocabulary = words or vocabulary()
        self.tricks = tricks or Tricks()
        known = self.vocabulary if self.tricks.words else Vocabulary()
        self.segmenter = Segmenter(known, split=self.tricks.split, bigrams=self.tricks.bigrams)
        self.fold: Callable[[str], str] = fold if self.tricks.fold else str.lower
        equals = self.vocabulary.equals if self.tricks.synonyms else ()
        self.equal = {word: each for each in equals for word in each}
        concepts = self.vocabulary.concepts if self.tricks.synonyms else ()
        self._markers = tuple(self._marker(concept) for concept in concepts)

    @property
    def version(self) -> str:
        """Which pipeline an index was written by."""
        return f"{PIPELINE}.{self.vocabulary.digest}"

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the words a written phrase asks for, all of which must be there."""
        folded = self.fold(text)
        shapes = layouts(folded)
        if shapes and len(folded) == len(shapes[0]):
            return (shapes[0],)
        found: list[str] = []
        for piece in pieces(folded):
            if piece.script != "han":
                found.append(latin_words(piece.text)[0])
                continue
            for run in runs(self.segmenter.cut(piece.text)):
                pairs = [a + b for a, b in pairwise(run)] if self.tricks.bigrams else []
                found.extend(pairs or run)
        return tuple(dict.fromkeys(found))

    def words(self, text: str) -> set[str]:
        """Return every word a text is found by."""
        return self.segmenter.document_words(text)

    def lexemes(self, document: Document) -> Lexemes:
        """Return the words an index keeps of a document."""
        title = self.words("\n".join((document.title, *document.tags, *document.place)))
        tags = {tag for tag in map(self.fold, document.tags) if 1 < len(tag) <= LONGEST_TAG and is_han(tag)}
        title |= tags - self.vocabulary.whole
        body = title | self.words(f"{document.text}\n{document.organisation}")
        if document.amount_fen is not None and document.amount_fen > 0 and document.amount_fen % _FEN == 0:
            body.add(str(document.amount_fen // _FEN))
        kind = document.kind if self.tricks.kinds else ""
        marks = [(marker.word, *marker.mark(kind, title, body)) for marker in self._markers]
        body.update(word for word, anywhere, _ in marks if anywhere)
        title.update(word for word, _, about in marks if about)
        return Lexemes(anywhere=frozenset(body), title=frozenset(title))

    def _marker(self, concept: Concept) -> _Marker:
        members: dict[str, None] = dict.fromkeys(self.equal.get(concept.head, (concept.head,)))
        for member in concept.members:
            members.update(dict.fromkeys(self.equal.get(member, (member,))))
        ways = frozenset(way for member in members if (way := self.tokens(member)))
        return _Marker(concept, ways, self.fold)


@cache
def pipeline() -> Pipeline:
    """Return the pipeline this product ships with."""
    return Pipeline()
