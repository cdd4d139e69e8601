"""The two reviewed files of words, read once: what is kept whole, what carries no wish, and what finds what else."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from search.folding import fold

_WORDS_FILE: Final = "words.txt"
_SYNONYMS_FILE: Final = "synonyms.txt"
_KIND: Final = re.compile(r"@([A-Za-z]+)")


class VocabularyError(ValueError):
    """A line of a vocabulary file that cannot be read; the message names the line."""


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """A frequent head with everything that serves it; its word stands in documents, so one look-up finds them all.

    Offers of its `kinds` have it by nature; words of `unless` in a title take it away, words of `after` make it late.
    """

    head: str
    members: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """Both files. `equals` are two-way sets, `narrower` one-way lists, `misspelt` readings of wrong characters."""

    words: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    stop: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    equals: tuple[tuple[str, ...], ...] = ()
    narrower: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    concepts: tuple[Concept, ...] = ()
    misspelt: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    digest: str = ""


class _Entries:
    """What the lines of a synonym file add up to."""

    def __init__(self) -> None:
        self.equals: list[tuple[str, ...]] = []
        self.narrower: dict[str, list[str]] = {}
        self.concepts: list[Concept] = []
        self.misspelt: dict[str, str] = {}

    def read(self, line: str) -> None:
        if ">>" in line:
            self.concepts.append(_concept(*line.split(">>", 1)))
        elif ">" in line:
            head, _, rest = line.partition(">")
            self.narrower.setdefault(_one(head), []).extend(_listed(rest))
        elif "~" in line:
            wrong, _, right = line.partition("~")
            self.misspelt[_one(wrong)] = _one(right)
        elif "=" in line:
            self.equals.append(tuple(dict.fromkeys(_one(word) for word in line.split("="))))
        else:
            raise VocabularyError(f"neither =, >, >> nor ~: {line}")


def _one(text: str) -> str:
    word = fold(text).strip()
    if not word or len(word) > 20 or "," in word:  # noqa: PLR2004 - no entry is a sentence
        raise VocabularyError(f"not a word: {text!r}")
    return word


def _listed(text: str) -> list[str]:
    return [_one(word) for word in text.split(",")]


def _concept(head: str, rest: str) -> Concept:
    rest, _, after = rest.partition("?")
    served, _, unless = rest.partition("!")
    kinds = tuple(_KIND.findall(served))
    return Concept(
        head=_one(head),
        members=tuple(_listed(_KIND.sub("", served))),
        kinds=kinds,
        unless=tuple(_listed(unless)) if unless.strip() else (),
        after=tuple(_listed(after)) if after.strip() else (),
    )


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        kept = line.strip()
        if kept and not kept.startswith("#"):
            yield kept


def _sections(text: str) -> dict[str, set[str]]:
    sections: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in _lines(text):
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), set())
        else:
            current.update(fold(word) for word in line.split())
    return sections


def _merged(sets: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the two-way sets with those that share a word made one, the words in the order they were written."""
    home: dict[str, list[str]] = {}
    for each in sets:
        one: list[str] = []
        for word in each:
            for member in home.get(word, [word]):
                if member not in one:
                    one.append(member)
        for member in one:
            home[member] = one
    return tuple(tuple(one) for one in {id(one): one for one in home.values()}.values())


def parse(words: str, synonyms: str) -> Vocabulary:
    """Read the text of both files; raise :class:`VocabularyError` for a line that cannot be read."""
    sections = _sections(words)
    entries = _Entries()
    for line in _lines(synonyms):
        entries.read(line)
    return Vocabulary(
        words=frozenset(sections.get("word", ())),
        whole=frozenset(sections.get("whole", ())),
        stop=frozenset(sections.get("stop", ())),
        weak=frozenset(sections.get("weak", ())),
        equals=_merged(entries.equals),
        narrower={head: tuple(dict.fromkeys(rest)) for head, rest in entries.narrower.items()},
        concepts=tuple(entries.concepts),
        misspelt=entries.misspelt,
        digest=hashlib.sha256("\n".join((*_lines(words), *_lines(synonyms))).encode()).hexdigest()[:12],
    )


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary this product ships with."""
    files = resources.files("search")
    return parse(
        (files / _WORDS_FILE).read_text(encoding="utf-8"), (files / _SYNONYMS_FILE).read_text(encoding="utf-8")
    )
