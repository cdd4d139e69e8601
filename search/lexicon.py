"""The words of the corpus with how often they occur and how they sound: what pinyin, initials and typos turn into."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.text import is_han

_MOST_KEYS: Final = 8
_SHORT_TYPO, _LONG_TYPO = 4, 8
_LONGEST_CHUNK: Final = 24
_FUZZY_ENDS: Final = (("ing", "in"), ("eng", "en"), ("ang", "an"))
_FUZZY_STARTS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


class Term(msgspec.Struct, frozen=True, array_like=True):
    """A word, in how many documents it stands, how much it weighs (titles and tags count more), and its syllables."""

    text: str
    df: int
    weight: int
    syllables: tuple[str, ...] = ()


class LexiconData(msgspec.Struct, frozen=True, array_like=True):
    """What is stored of a lexicon: the terms, the readings of characters and the places."""

    documents: int = 0
    terms: tuple[Term, ...] = ()
    readings: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    places: tuple[str, ...] = ()


def fuzzy(syllable: str) -> str:
    """Return a syllable as many southern speakers type it: zh as z, ing as in, n as l."""
    for old, new in _FUZZY_STARTS:
        if syllable.startswith(old):
            syllable = new + syllable[len(old) :]
            break
    for old, new in _FUZZY_ENDS:
        if syllable.endswith(old):
            return syllable[: -len(old)] + new
    return syllable


class Lexicon:
    """Look-ups over the terms of a corpus; every list is ordered by weight, the heaviest first."""

    def __init__(self, data: LexiconData) -> None:
        self.documents = data.documents
        self.places = frozenset(data.places)
        self._data = data
        self._readings = data.readings
        self._terms = {term.text: term for term in data.terms}
        self._joined: dict[str, list[Term]] = defaultdict(list)
        self._initials: dict[str, list[Term]] = defaultdict(list)
        self._fuzzy: dict[str, list[Term]] = defaultdict(list)
        self._latin: dict[int, list[str]] = defaultdict(list)
        for term in sorted(data.terms, key=lambda each: (-each.weight, each.text)):
            if term.syllables:
                self._joined["".join(term.syllables)].append(term)
                self._initials["".join(each[0] for each in term.syllables)].append(term)
                self._fuzzy["".join(fuzzy(each) for each in term.syllables)].append(term)
            elif term.text.isascii() and term.text.isalpha():
                self._latin[len(term.text)].append(term.text)
        self._heaviest = max((term.weight for term in data.terms), default=0)
        self._sorted = sorted(self._joined)
        self._texts = sorted(self._terms)

    @classmethod
    def loads(cls, blob: bytes) -> "Lexicon":
        """Return the lexicon stored in a blob."""
        return cls(msgspec.msgpack.decode(blob, type=LexiconData))

    def dumps(self) -> bytes:
        """Return the lexicon as a blob."""
        return msgspec.msgpack.encode(self._data)

    def __len__(self) -> int:
        return len(self._terms)

    def df(self, word: str) -> int:
        """In how many documents a word stands."""
        term = self._terms.get(word)
        return term.df if term else 0

    def weight(self, word: str) -> int:
        """How much a word weighs; 0 for an unknown word."""
        term = self._terms.get(word)
        return term.weight if term else 0

    def telling(self, df: int) -> float:
        """How much a word tells that stands in so many documents: its inverse document frequency."""
        return math.log1p(self.documents / (df + 0.5))

    def sounding(self, letters: str) -> Sequence[Term]:
        """Return the terms whose full pinyin this is."""
        return self._joined.get(letters, ())

    def sounding_alike(self, letters: str) -> Sequence[Term]:
        """Return the terms whose pinyin this is when southern confusions are forgiven."""
        return self._fuzzy.get(letters, ())

    def abbreviated(self, letters: str) -> Sequence[Term]:
        """Return the terms whose initials these are."""
        return self._initials.get(letters, ())

    def sounding_from(self, letters: str, most: int = 40) -> list[Term]:
        """Return terms whose pinyin begins so, the heaviest first; looks at the first ones only."""
        found: list[Term] = []
        for place in range(bisect_left(self._sorted, letters), len(self._sorted)):
            if not self._sorted[place].startswith(letters) or len(found) >= most * 8:
                break
            found.extend(self._joined[self._sorted[place]])
        return sorted(found, key=lambda term: (-term.weight, term.text))[:most]

    def written_from(self, text: str, most: int = 40) -> list[Term]:
        """Return terms that begin with this text, the heaviest first."""
        found: list[Term] = []
        for place in range(bisect_left(self._texts, text), len(self._texts)):
            if not self._texts[place].startswith(text) or len(found) >= most * 50:
                break
            found.append(self._terms[self._texts[place]])
        return sorted(found, key=lambda term: (-term.weight, term.text))[:most]

    def glued(self, letters: str, *, by_initials: bool = False) -> list[str]:
        """Return the words that letters without blanks are made of, or nothing: wuhanzufang is 武汉 and 租房.

        Initials say little, so that only the heaviest words are believed to be meant by them.
        """
        table = self._initials if by_initials else self._joined
        least = self._heaviest / 10 if by_initials else 0
        best: list[tuple[float, int, str] | None] = [(0.0, 0, "")] + [None] * len(letters)
        for end in range(2, len(letters) + 1):
            for start in range(max(0, end - _LONGEST_CHUNK), end - 1):
                before = best[start]
                terms = table.get(letters[start:end])
                if before is None or not terms or terms[0].weight < least:
                    continue
                score = before[0] + math.log1p(terms[0].weight) - 9.0
                kept = best[end]
                if kept is None or score > kept[0]:
                    best[end] = (score, start, terms[0].text)
        words: list[str] = []
        end = len(letters)
        while end > 0:
            step = best[end]
            if step is None:
                return []
            words.append(step[2])
            end = step[1]
        return words[::-1]

    def keys(self, han: str) -> list[str]:
        """Return the pinyin these characters may stand for; several when a character has several readings."""
        each = [self._readings.get(character, ()) for character in han]
        if not all(each):
            return []
        return ["".join(one) for one, _ in zip(product(*each), range(_MOST_KEYS), strict=False)]

    def fuzzy_keys(self, han: str) -> list[str]:
        """Return the keys of these characters with southern confusions forgiven."""
        each = [tuple(dict.fromkeys(fuzzy(one) for one in self._readings.get(character, ()))) for character in han]
        if not all(each):
            return []
        return ["".join(one) for one, _ in zip(product(*each), range(_MOST_KEYS), strict=False)]

    def nearly(self, word: str) -> str:
        """Return the Latin term one slip away (two in a long word), or an empty string."""
        if len(word) < _SHORT_TYPO or not (word.isascii() and word.isalpha()):
            return ""
        slips = 2 if len(word) >= _LONG_TYPO else 1
        near = [term for size in range(len(word) - slips, len(word) + slips + 1) for term in self._latin.get(size, ())]
        hits = process.extract(word, near, scorer=OSA.distance, score_cutoff=slips, limit=8)
        return min(hits, key=lambda hit: (hit[1], -self.weight(hit[0]), hit[0]))[0] if hits else ""


class Tally:
    """Counts words while documents go by; :meth:`terms` turns the counts into terms."""

    TITLE: Final = 4
    TAG: Final = 5

    def __init__(self) -> None:
        self.documents = 0
        self.places: set[str] = set()
        self._df: dict[str, int] = defaultdict(int)
        self._weight: dict[str, int] = defaultdict(int)

    def add(self, words: Iterable[str], title: Iterable[str], tags: Iterable[str], place: Iterable[str]) -> None:
        """Count one document: all its words, those of title and tags, its whole tags, and its places."""
        self.documents += 1
        for word in words:
            self._df[word] += 1
            self._weight[word] += 1
        for word in title:
            self._weight[word] += self.TITLE
        for tag in tags:
            self._weight[tag] += self.TAG
        self.places.update(place)

    def weight(self, word: str) -> int:
        """How much a word weighs so far."""
        return self._weight.get(word, 0)

    def raise_to(self, word: str, weight: int) -> None:
        """Let a word weigh at least so much: a synonym weighs what it leads to."""
        self._weight[word] = max(self._weight.get(word, 0), weight)

    def terms(self) -> list[tuple[str, int, int]]:
        """Return word, document frequency and weight of everything worth looking up."""
        return [
            (word, self._df.get(word, 0), weight)
            for word, weight in self._weight.items()
            if weight > 0 and word and word[0] not in "=^@" and (len(word) > 1 or not is_han(word))
        ]
