"""Characters that sound right but are wrong: 会记 for 会计, 前段开发 for 前端开发."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from search.lexicon import Lexicon, Term
from search.text import pieces

_LONGEST_WINDOW: Final = 6
_LIGHTEST: Final = 2
_LONGEST_PIECE: Final = 24


class _Change(NamedTuple):
    """One window of the text with the word it should have been."""

    score: float
    start: int
    end: int
    word: str


class Repairer:
    """Finds the words of the corpus that a text sounds like."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def repaired(self, text: str) -> str | None:
        """Return the text with its unknown words replaced by known ones of the same sound, or None."""
        lexicon = self._lexicon
        for keys, terms in ((lexicon.keys, lexicon.sounding), (lexicon.fuzzy_keys, lexicon.sounding_alike)):
            changes = [
                change._replace(start=piece.start + change.start, end=piece.start + change.end)
                for piece in pieces(text)
                if piece.script == "han"
                for change in self._changes(piece.text[:_LONGEST_PIECE], keys, terms)
            ]
            if changes:
                return _applied(text, changes)
        return None

    def _changes(
        self, han: str, keys: Callable[[str], list[str]], terms: Callable[[str], Sequence[Term]]
    ) -> list[_Change]:
        changes: list[_Change] = []
        for start in range(len(han)):
            for end in range(start + 2, min(len(han), start + _LONGEST_WINDOW) + 1):
                window = han[start:end]
                if self._lexicon.weight(window):
                    continue
                candidates = [term for key in keys(window) for term in terms(key)]
                changes.extend(self._change(window, start, term) for term in candidates if _fits(term, window))
        return changes

    def _change(self, window: str, start: int, term: Term) -> _Change:
        shared = sum(1 for a, b in zip(window, term.text, strict=True) if a == b)
        score = 4.0 * len(window) + 3.0 * shared + math.log1p(term.weight)
        return _Change(score, start, start + len(window), term.text)


def _fits(term: Term, window: str) -> bool:
    return len(term.text) == len(window) and term.text != window and term.weight >= _LIGHTEST


def _applied(text: str, changes: list[_Change]) -> str:
    """Return the text with the best changes that do not overlap."""
    taken: list[_Change] = []
    for change in sorted(changes, key=lambda each: (-each.score, each.start)):
        if all(change.end <= other.start or change.start >= other.end for other in taken):
            taken.append(change)
    for change in sorted(taken, key=lambda each: -each.start):
        text = text[: change.start] + change.word + text[change.end :]
    return text
