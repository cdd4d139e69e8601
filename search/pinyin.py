"""Readings of words, worked out where a lexicon is built; a process that only answers questions never loads this."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Final

from pypinyin import Style, lazy_pinyin, pinyin

from search.text import is_han

_SYLLABLE: Final = re.compile(r"[a-z]+")
_COMMON_FIRST, _COMMON_LAST = 0xB0, 0xF8
_MOST_READINGS: Final = 4


@lru_cache(maxsize=65536)
def syllables(word: str) -> tuple[str, ...]:
    """Return the reading of a Han word without tones, one syllable for each character; empty when one has none."""
    if not is_han(word):
        return ()
    read = tuple(_plain(each) for each in lazy_pinyin(word, style=Style.NORMAL, errors="ignore"))
    return read if len(read) == len(word) and all(_SYLLABLE.fullmatch(each) for each in read) else ()


def _plain(syllable: str) -> str:
    return syllable.lower().replace("ü", "v").replace("ê", "e")


def readings(characters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return every usual reading of each of these characters and of the common ones (GB 2312)."""
    wanted = dict.fromkeys((*_common(), *characters))
    listed = [character for character in wanted if is_han(character)]
    every = ((each, pinyin(each, style=Style.NORMAL, heteronym=True)[0]) for each in listed)
    return {character: kept for character, found in every if (kept := _usual(found))}


def _usual(found: Iterable[str]) -> tuple[str, ...]:
    plain = dict.fromkeys(each for each in map(_plain, found) if _SYLLABLE.fullmatch(each))
    return tuple(islice(plain, _MOST_READINGS))


@lru_cache(maxsize=1)
def _common() -> tuple[str, ...]:
    rows = range(_COMMON_FIRST, _COMMON_LAST)
    cells = range(0xA1, 0xFF)
    text = b"".join(bytes((row, cell)) for row in rows for cell in cells).decode("gb2312", errors="ignore")
    return tuple(text)
