"""How Meilisearch cuts text into words: scripts, separators, jieba without guessing, then short dictionary words.

Written from the public description of its tokenizer. Differences that matter here are kept: Han words longer than
two characters are cut again into dictionary words of two or three characters, a text in no stated language is
cut into single characters (the real server guesses, and guesses badly on short text), and hard separators put words
eight places apart.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba

HARD = 8
MOST_TOKENS = 1_000
_SEPARATING = frozenset({"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sm", "Zl", "Zp", "Zs", "Cc"})
_HARD_MARKS = frozenset(".;!?\n\r。；！？")
_CHINESE = frozenset({"cmn", "zho", "zh"})
_JIEBA = rjieba.Jieba()


def is_han(char: str) -> bool:
    """Tell whether a character is an ideograph."""
    return "㐀" <= char <= "鿿" or "豈" <= char <= "﫿" or "\U00020000" <= char <= "\U0003134f"


def is_kana(char: str) -> bool:
    """Tell whether a character is a Japanese syllable sign."""
    return "぀" <= char <= "ヿ"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """The tokenizer of one index, from its settings and the languages stated for a text."""

    separators: frozenset[str] = frozenset()
    non_separators: frozenset[str] = frozenset()
    dictionary: frozenset[str] = frozenset()
    stop_words: frozenset[str] = frozenset()
    locales: frozenset[str] = field(default_factory=frozenset)

    def words(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield every word in its normalised form with its place; the first one stands at 0."""
        yield from _words(self, text)

    def cut(self, text: str) -> Iterator[tuple[str, int]]:
        """Cut the text; `words` does it once for each text."""
        place = -1
        for piece, separates in list(self._pieces(text))[:MOST_TOKENS]:
            if separates:
                place += HARD - 1 if piece in _HARD_MARKS and place >= 0 else 0
                continue
            place += 1
            if piece not in self.stop_words:
                yield piece, place

    def _separates(self, char: str) -> bool:
        if char in self.non_separators:
            return False
        return char in self.separators or char == "`" or unicodedata.category(char) in _SEPARATING

    def _pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        run = ""
        for char in normalise(text):
            if self._separates(char):
                yield from ((word, False) for word in self._cut(run))
                run = ""
                yield char, True
            elif run and _script(char) is not None and _run_script(run) not in {None, _script(char)}:
                yield from ((word, False) for word in self._cut(run))
                run = char
            else:
                run += char
        yield from ((word, False) for word in self._cut(run))

    def _cut(self, run: str) -> list[str]:
        if not run or run in self.dictionary or not any(is_han(char) or is_kana(char) for char in run):
            return [run] if run else []
        if not self.locales & _CHINESE:
            return list(run)
        return [short for word in _JIEBA.cut(run, False) for short in _short_words(word)]


@lru_cache(maxsize=50_000)
def _words(tokenizer: Tokenizer, text: str) -> tuple[tuple[str, int], ...]:
    return tuple(tokenizer.cut(text))


def normalise(text: str) -> str:
    """Return the text without compatibility forms, accents and capitals, as the normalisers leave it."""
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


def _script(char: str) -> str | None:
    if is_han(char) or is_kana(char):
        return "cj"
    return "latin" if char.isalpha() else None


def _run_script(run: str) -> str | None:
    return next((script for char in reversed(run) if (script := _script(char))), None)


def _short_words(word: str) -> list[str]:
    """Cut one of jieba's words into dictionary words of two, else three characters, else single characters."""
    if len(word) <= 2 or (word.isascii() and word.isalnum()):
        return [word]
    found, start = [], 0
    while start < len(word):
        for length in (2, 3):
            if len(word) - start >= length and _JIEBA.has_word(word[start : start + length]):
                break
        else:
            length = 1
        found.append(word[start : start + length])
        start += length
    return found
