"""What Latin letters mean: a word of the corpus, pinyin, glued pinyin, initials, or a slip of the hand."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from search.lexicon import Lexicon, Term
from search.pipeline import Tricks

_MOST_READINGS: Final = 3
_MOST_BEGUN: Final = 5
_SHARE: Final = 0.25
_OUTWEIGHS: Final = 8
_SHORTEST_BEGUN: Final = 3
_SHORTEST_GLUED: Final = 4
_LONGEST: Final = 32


class Reading(NamedTuple):
    """Words these letters stand for; `keep` keeps the letters as well, `sequence` wants every word, not any.

    `known` is set when the letters themselves stand in documents.
    """

    words: tuple[str, ...] = ()
    keep: bool = True
    sequence: bool = False
    known: bool = False


class LatinReader:
    """Reads Latin words with a lexicon; what was read is remembered."""

    def __init__(self, lexicon: Lexicon, tricks: Tricks) -> None:
        self._lexicon = lexicon
        self._tricks = tricks
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, letters: str, *, last: bool) -> Reading:
        lexicon = self._lexicon
        known = lexicon.df(letters) > 0
        if not (letters.isascii() and letters.isalpha()) or len(letters) > _LONGEST:
            return Reading(known=known)
        if known:
            outweighing = [
                term for term in lexicon.sounding(letters) if term.weight > _OUTWEIGHS * lexicon.weight(letters)
            ]
            words = _best(outweighing, _MOST_READINGS) if self._tricks.pinyin else ()
            return Reading(words=words, known=True)
        if self._tricks.pinyin and (reading := self._by_sound(letters, last=last)):
            return reading
        if self._tricks.repair and (near := lexicon.nearly(letters)):
            return Reading(words=(near,), keep=False)
        return Reading()

    def _by_sound(self, letters: str, *, last: bool) -> Reading | None:
        """Return the first reading by sound that leads anywhere; the surest ways are tried first."""
        lexicon = self._lexicon
        long = len(letters) >= _SHORTEST_GLUED
        words = _best(lexicon.sounding(letters), _MOST_READINGS)
        if not words and long and (glued := lexicon.glued(letters)):
            return Reading(words=tuple(glued), keep=False, sequence=True)
        if not words and last and len(letters) >= _SHORTEST_BEGUN:
            words = _best(lexicon.sounding_from(letters), _MOST_BEGUN)
        if not words and len(letters) > 1:
            words = _best(lexicon.abbreviated(letters), _MOST_READINGS)
        if not words and long:
            words = _best(lexicon.sounding_alike(_southern(letters)), _MOST_READINGS)
        if words:
            return Reading(words=words, keep=False)
        if long and not lexicon.nearly(letters) and (glued := lexicon.glued(letters, by_initials=True)):
            return Reading(words=tuple(glued), keep=False, sequence=True)
        return None


def _southern(letters: str) -> str:
    for old, new in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an")):
        letters = letters.replace(old, new)
    return letters


def _best(terms: Sequence[Term], most: int) -> tuple[str, ...]:
    """Return the heaviest readings; those far lighter than the first are left out."""
    if not terms:
        return ()
    least = terms[0].weight * _SHARE
    return tuple(term.text for term in terms[:most] if term.weight >= least)
