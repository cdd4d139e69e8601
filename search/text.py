"""Chinese text into words: folding, then one cut for questions and a finer one for documents."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

import rjieba

from search.folding import fold
from search.vocabulary import Vocabulary, vocabulary

HAN: Final = "㐀-䶿一-鿿豈-﫿\U00020000-\U000323af〇々"
_PIECE: Final = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<latin>[a-z][a-z0-9]*(?:\.(?=[a-z])[a-z0-9]+)*[+#]*)|(?P<number>[0-9]+(?:\.[0-9]+)?[a-z]*)"
)
_LAYOUT: Final = re.compile(r"([1-9一二两三四五六])[室房]([0-9一二两三零])[厅卫]")
_DIGIT: Final = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "零": "0"}
_KNOWN_FREQUENCY: Final = 200_000
_ONLY_HAN: Final = re.compile(rf"[{HAN}]+")
LONGEST_TOKEN: Final = 32


class Piece(NamedTuple):
    """A run of one script in a folded text: `han`, `latin` or `number`, and where it begins."""

    script: str
    text: str
    start: int


def pieces(folded: str) -> Iterator[Piece]:
    """Yield the runs of Han, Latin and digits of a folded text; everything else parts them."""
    for match in _PIECE.finditer(folded):
        yield Piece(match.lastgroup or "", match.group()[: 4 * LONGEST_TOKEN], match.start())


def is_han(text: str) -> bool:
    """Return whether a text is made of Han characters only."""
    return _ONLY_HAN.fullmatch(text) is not None


def layouts(folded: str) -> list[str]:
    """Return the layouts of homes a text speaks of in one form: 一房一厅, 1室1厅 and 一室一厅 are all 1室1厅."""
    return [f"{_digit(rooms)}室{_digit(halls)}厅" for rooms, halls in _LAYOUT.findall(folded)]


def _digit(character: str) -> str:
    return _DIGIT.get(character, character)


class Segmenter:
    """Cuts Han text with the words of the field; `split` off leaves out the parts of long words (for measurement)."""

    def __init__(self, words: Vocabulary, *, split: bool = True, bigrams: bool = True) -> None:
        self._jieba = rjieba.Jieba()
        self._whole = words.whole
        self._split = split
        self._bigrams = bigrams
        self._parts = lru_cache(maxsize=65_536)(self.parts)
        for word in sorted(words.words | words.whole):
            if is_han(word):
                self._jieba.add_word(word, _KNOWN_FREQUENCY, "n")

    def cut(self, han: str) -> list[str]:
        """Return the words of a Han text, in order and without overlap."""
        return list(self._jieba.cut(han, False))

    def parts(self, word: str) -> list[str]:
        """Return the dictionary words inside one word, itself last; a word kept whole has no parts."""
        if len(word) <= 2 or word in self._whole:  # noqa: PLR2004 - two characters have no parts
            return [word]
        return list(self._jieba.cut_for_search(word, False))

    def known(self, word: str) -> bool:
        """Return whether the dictionary knows a word."""
        return bool(self._jieba.has_word(word))

    def document_words(self, text: str) -> set[str]:
        """Return every word a text is found by: words, their parts, and pairs of characters no word covers."""
        folded = fold(text)
        found: set[str] = set(layouts(folded))
        for piece in pieces(folded):
            if piece.script == "han":
                self._add_han(piece.text, found)
            else:
                found.update(latin_words(piece.text))
        return {word[:LONGEST_TOKEN] for word in found}

    def _add_han(self, han: str, found: set[str]) -> None:
        before = ""
        for word in self._jieba.cut(han, False):
            if len(word) > 1:
                found.update(self._parts(word) if self._split else (word,))
                before = ""
                continue
            found.add(word)
            if before and self._bigrams:
                found.add(before + word)
            before = word


def runs(words: list[str]) -> Iterator[list[str]]:
    """Yield each longer word alone and neighbouring single characters together."""
    singles: list[str] = []
    for word in words:
        if len(word) == 1:
            singles.append(word)
            continue
        if singles:
            yield singles
            singles = []
        yield [word]
    if singles:
        yield singles


def latin_words(text: str) -> tuple[str, ...]:
    """Return a Latin or number run with its parts: node.js is found by node, 3200 by 3200.00, n1 by itself."""
    text = text[:LONGEST_TOKEN]
    if "." not in text:
        return (text,)
    if text[0].isdigit():
        whole, _, rest = text.partition(".")
        return (whole,) if not rest.strip("0") else (text,)
    return (text, text.replace(".", ""), *text.split("."))


@cache
def segmenter() -> Segmenter:
    """Return the segmenter with this product's vocabulary."""
    return Segmenter(vocabulary())
