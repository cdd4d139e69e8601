"""One form of every character: width, case, traditional or simplified. Lengths may change, offsets are kept."""

import unicodedata
from functools import cache
from typing import Final

from opencc_pyo3 import OpenCC

_BLANK: Final = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp", "Co"})
_NOTHING: Final = frozenset({"Cf", "Mn", "Me"})
_HAN_BLOCKS: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))


@cache
def _simplified() -> dict[str, str]:
    """Return the simplified form of every Han character that has one, character by character."""
    characters = "".join(chr(code) for first, end in _HAN_BLOCKS for code in range(first, end))
    one_form = unicodedata.normalize("NFC", characters)
    lines = "\n".join(one_form)
    converted = OpenCC("t2s").convert(lines, punctuation=False).split("\n")
    pairs = zip(one_form, converted, strict=True)
    return {old: new for old, new in pairs if old != new and len(new) == 1}


class _Folding(dict[int, str]):
    """A table for `str.translate` that works each character out once."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(chr(code))
        self[code] = folded
        return folded


def _fold_one(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BLANK:
        return " "
    if category in _NOTHING:
        return ""
    table = _simplified()
    wide = unicodedata.normalize("NFKC", character).casefold()
    return "".join(table.get(each, each) for each in wide if unicodedata.category(each) not in _NOTHING)


_TABLE: Final = _Folding()


def fold(text: str) -> str:
    """Return a text in the one form that documents and questions are compared in; any garbage in, no error out."""
    return text.translate(_TABLE)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters the place of the original character it came from."""
    parts = [_TABLE[code] for code in map(ord, text)]
    folded = "".join(parts)
    if len(folded) == len(parts) and "" not in parts:
        return folded, list(range(len(parts)))
    return folded, [place for place, part in enumerate(parts) for _ in part]
