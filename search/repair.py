"""Characters that sound right but are wrong: 会记 for 会计, 前段开发 for 前端开发."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from search.lexicon import Lexicon, Term
from search.text import pieces

_LONGEST_WINDOW: Final = 6
_LIGHTEST: Final = 2
_LONGEST_PIECE: Final = 24
_SHORT: Final = 2
_HEAVY: Final = 20


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
        exactly = (lexicon.keys, lexicon.sounding, False)
        southern = (lexicon.fuzzy_keys, lexicon.sounding_alike, True)
        for keys, terms, loose in (exactly, southern):
            changes = [
                change._replace(start=piece.start + change.start, end=piece.start + change.end)
                for piece in pieces(text)
                if piece.script == "han"
                for change in self._changes(piece.text[:_LONGEST_PIECE], keys, terms, loose=loose)
            ]
            if changes:
                return _applied(text, changes)
        return None

    def _changes(
        self, han: str, keys: Callable[[str], list[str]], terms: Callable[[str], Sequence[Term]], *, loose: bool
    ) -> list[_Change]:
        changes: list[_Change] = []
        for start in range(len(han)):
            for end in range(start + 2, min(len(han), start + _LONGEST_WINDOW) + 1):
                window = han[start:end]
                if self._lexicon.weight(window):
                    continue
                for term in {term for key in keys(window) for term in terms(key)}:
                    if _plausible(term, window, loose=loose):
                        score = 4.0 * len(window) + 3.0 * _shared(term, window) + math.log1p(term.weight)
                        changes.append(_Change(score, start, end, term.text))
        return changes


def _shared(term: Term, window: str) -> int:
    return sum(1 for a, b in zip(window, term.text, strict=True) if a == b)


def _plausible(term: Term, window: str, *, loose: bool) -> bool:
    """Return whether a person who meant the term may have written the window.

    Short words that share no character sound alike by chance; only a frequent one is believed.
    """
    if len(term.text) != len(window) or term.text == window or term.weight < _LIGHTEST:
        return False
    return _shared(term, window) > 0 or (not loose and (len(window) > _SHORT or term.weight >= _HEAVY))


def _applied(text: str, changes: list[_Change]) -> str:
    """Return the text with the best changes that do not overlap."""
    taken: list[_Change] = []
    for change in sorted(changes, key=lambda each: (-each.score, each.start)):
        if all(change.end <= other.start or change.start >= other.end for other in taken):
            taken.append(change)
    for change in sorted(taken, key=lambda each: -each.start):
        text = text[: change.start] + change.word + text[change.end :]
    return text
