"""From typed words to a plan: synonyms, pinyin, initials, slips of the hand; then repair and relaxation."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

import msgspec

from search.latin import LatinReader
from search.lexicon import Lexicon
from search.pipeline import Pipeline
from search.query import Alternative, Group, Plan, Token
from search.repair import Repairer
from search.text import is_han, layouts
from search.thesaurus import Thesaurus
from search.units import LONGEST_QUESTION, Cutter, Unit

_LONGEST_INPUT: Final = 4 * LONGEST_QUESTION
_SHORTEST_WHOLE: Final = 3
_MOST_OF_ONE: Final = 48


class Planner:
    """Understands questions with one vocabulary and one lexicon; safe to share between tasks."""

    def __init__(self, pipeline: Pipeline, lexicon: Lexicon) -> None:
        self._pipeline = pipeline
        self._lexicon = lexicon
        self._tricks = pipeline.tricks
        self._thesaurus = Thesaurus(pipeline)
        self._cutter = Cutter(pipeline, self._thesaurus.keys)
        self._latin = LatinReader(lexicon, pipeline.tricks)
        self._repairer = Repairer(lexicon)
        self._needed = lru_cache(maxsize=4096)(self._sifted)

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline whose documents this planner's plans find."""
        return self._pipeline

    @property
    def lexicon(self) -> Lexicon:
        """The words this planner knows."""
        return self._lexicon

    def plan(self, words: str, *, exact: bool = False) -> Plan:
        """Return the plan of what was typed; with `exact` only the words themselves, in one form of characters."""
        text = self._pipeline.fold(words[:_LONGEST_INPUT]).strip()[:LONGEST_QUESTION]
        if exact:
            return self._exact(text)
        corrected, units = self._read(text)
        if not units:
            return Plan(text=text)
        if self._tricks.prefix:
            units = self._finished(units)
        groups = [group for at, unit in enumerate(units) for group in self._groups(unit, last=at == len(units) - 1)]
        shown = _shown(corrected, [group.text for group in groups])
        said = "".join(group.text for group in groups)
        rewritten = corrected != text or any(self._rewrote(unit) for unit in units)
        return Plan(
            groups=tuple(groups),
            text=shown if rewritten else corrected,
            rewritten_from=text if rewritten and said != text.replace(" ", "") else "",
            by="reading" if rewritten else "",
        )

    def repaired(self, words: str) -> Plan | None:
        """Return a plan for what was probably meant by characters that only sound right, or None."""
        if not self._tricks.repair:
            return None
        text = self._pipeline.fold(words[:_LONGEST_INPUT]).strip()[:LONGEST_QUESTION]
        better = self._repairer.repaired(text)
        if better is None:
            return None
        return msgspec.structs.replace(self.plan(better), text=better, rewritten_from=text, by="sound")

    def relaxed(self, plan: Plan, met: int | None = None) -> Plan | None:
        """Return the plan that forgives one unmet group, or None when it has but one; `met` meet every group."""
        if not self._tricks.relax or len(plan.groups) < 2:  # noqa: PLR2004 - one group has nothing to spare
            return None
        return msgspec.structs.replace(plan, spare=1, met=met)

    def _exact(self, text: str) -> Plan:
        units = [atom for atom in self._cutter.cut(text) if atom.text]
        groups = [Group(text=each.text, alternatives=tuple(self._literal(each.text))) for each in units]
        return Plan(groups=tuple(group for group in groups if group.alternatives), text=text)

    def _read(self, text: str) -> tuple[str, list[Unit]]:
        """Return the text with known misspellings corrected, cut into units."""
        corrected = text
        if self._tricks.synonyms:
            for wrong, right in self._pipeline.vocabulary.misspelt.items():
                if wrong in corrected:
                    corrected = corrected.replace(wrong, right)
        return corrected, self._cutter.cut(corrected)

    def _finished(self, units: list[Unit]) -> list[Unit]:
        """Join the last two units when together they begin a word that is being typed: 心理 | 咨 begins 心理咨询."""
        if len(units) < 2:  # noqa: PLR2004 - two are joined
            return units
        first, last = units[-2:]
        text = first.text + last.text
        written = first.script in {"han", "key"} and first.end == last.start
        if not (written and last.singles and self._lexicon.written_from(text, most=1)):
            return units
        return [*units[:-2], Unit(text, "han", first.start, last.end)]

    def _rewrote(self, unit: Unit) -> bool:
        return not unit.key and unit.script != "han" and bool(self._latin.read(unit.text, last=True).words)

    def _groups(self, unit: Unit, *, last: bool) -> list[Group]:
        if unit.key or unit.script == "han":
            return [self._written(unit, last=last)]
        reading = self._latin.read(unit.text, last=last)
        if reading.sequence:
            return [self._written(each, last=False) for each in self._cutter.cut("".join(reading.words))]
        literal = self._literal(unit.text) if reading.keep else []
        alternatives: dict[Alternative, None] = dict.fromkeys(literal)
        short: dict[Alternative, None] = dict.fromkeys(literal)
        count, core = len(literal), ""
        for word in reading.words:
            group = self._phrase(word)
            if not count:
                count, core = group.literal, group.core
            alternatives.update(dict.fromkeys(group.alternatives))
            short.update(dict.fromkeys(group.short or group.alternatives))
        if last and self._tricks.prefix and not (reading.known or reading.words):
            alternatives[(Token(unit.text, prefix=True),)] = None
            short[(Token(unit.text, prefix=True),)] = None
        text = reading.words[0] if reading.words and not reading.keep else unit.text
        return [self._group(text, tuple(alternatives), tuple(short), count or 1, core=core)]

    def _phrase(self, text: str) -> Group:
        """Return a word or phrase as one group; a phrase of several units needs all of their first words."""
        units = self._cutter.cut(text)
        if len(units) == 1:
            return self._written(units[0], last=False)
        literal = tuple(Token(token) for token in self._pipeline.tokens(text))
        return self._group(text, (literal,), (literal,), 1)

    def _written(self, unit: Unit, *, last: bool) -> Group:
        """Return the group of a unit written in Han characters or listed in the synonym file."""
        completed = self._completed(unit) if last and self._tricks.prefix else ""
        word = completed or unit.text
        literal = self._literal(unit.text)
        if completed:
            literal = [*self._literal(completed), *literal] if self._lexicon.df(unit.text) else self._literal(completed)
        alternatives: dict[Alternative, None] = dict.fromkeys(literal)
        short: dict[Alternative, None] = dict.fromkeys(literal)
        entry = self._thesaurus.entry(word)
        if entry is not None:
            alternatives.update(dict.fromkeys(entry.served))
            short.update(dict.fromkeys(entry.short))
        if last and self._tricks.prefix:
            for way in self._beginnings(unit):
                alternatives[way] = None
                short[way] = None
        core = entry.core if entry is not None else ""
        short = dict.fromkeys(self._needed(tuple(short), len(literal)))
        return self._group(unit.text, tuple(alternatives), tuple(short), len(literal), core=core)

    def _sifted(self, ways: tuple[Alternative, ...], literal: int) -> tuple[Alternative, ...]:
        """Return the ways that can find something the others do not; fewer ways make a quicker question.

        No document holds a word the lexicon does not know, and who finds 编程 has found 少儿编程, too.
        """
        known = [way for at, way in enumerate(ways) if at < literal or self._occurs(way)]
        tokens = [frozenset(token.text for token in way if not token.prefix) for way in known]
        whole = [frozenset(part for text in each for part in self._inside(text)) for each in tokens]
        return tuple(
            way
            for at, way in enumerate(known)
            if at < literal
            or any(token.prefix for token in way)
            or not any(
                other and other <= whole[at] and (other != tokens[at] or before < at)
                for before, other in enumerate(tokens)
                if before != at and not any(token.prefix for token in known[before])
            )
        )

    def _inside(self, text: str) -> list[str]:
        """Return the words a document surely holds that holds this one."""
        return self._pipeline.segmenter.parts(text) if self._tricks.split and is_han(text) else [text]

    def _occurs(self, way: Alternative) -> bool:
        lexicon = self._lexicon
        return not lexicon.documents or all(
            token.prefix or token.text[0] == "=" or lexicon.df(token.text) for token in way
        )

    def _literal(self, text: str) -> list[Alternative]:
        """Return the ways to find a word as it is written: whole, and by its parts when no document has it whole."""
        tokens = tuple(Token(token) for token in self._pipeline.tokens(text))
        ways = [tokens] if tokens else []
        if len(text) >= _SHORTEST_WHOLE and len(tokens) == 1 and not self._lexicon.df(text) and not layouts(text):
            parts = tuple(Token(part) for part in self._parts(text))
            if parts:
                ways.append(parts)
        return ways

    def _parts(self, word: str) -> list[str]:
        """Return the parts of a dictionary word that together cover it, or nothing."""
        parts = [part for part in self._pipeline.segmenter.parts(word) if part != word]
        covered = {at for part in parts for at in range(word.find(part), word.find(part) + len(part))}
        return parts if len(covered) == len(word) else []

    def _completed(self, unit: Unit) -> str:
        """Return the heaviest word that continues an unfinished one, when only one way to go on weighs most."""
        if unit.key or self._lexicon.df(unit.text) or len(unit.text) < 2:  # noqa: PLR2004 - one character says too little
            return ""
        terms = self._lexicon.written_from(unit.text, most=1)
        return terms[0].text if terms else ""

    def _beginnings(self, unit: Unit) -> list[Alternative]:
        """Return the ways to find words that begin like an unfinished last one."""
        if unit.key or layouts(unit.text):
            return []
        if unit.singles:
            pairs = zip(unit.singles[:-2], unit.singles[1:-1], strict=True)
            return [(*(Token(a + b) for a, b in pairs), Token(unit.text[-2:], prefix=True))]
        if self._lexicon.df(unit.text):
            return []
        return [(Token(unit.text, prefix=True),)]

    def _group(
        self, text: str, ways: Sequence[Alternative], short: Sequence[Alternative], literal: int, *, core: str = ""
    ) -> Group:
        words = self._pipeline.vocabulary
        known = [max((self._lexicon.df(token.text) for token in way), default=0) for way in ways[:literal]]
        kept = tuple(islice(ways, _MOST_OF_ONE))
        lone = len(text) == 1
        minor = (
            lone
            or text in words.weak
            or text in self._lexicon.places
            or text.removesuffix("市") in self._lexicon.places
        )
        return Group(
            text=text,
            alternatives=kept or ((Token(text),),),
            short=tuple(short),
            literal=max(1, literal),
            core=core,
            weight=0.0
            if lone or text in words.weak
            else self._lexicon.telling(max(known, default=0)) / (4 if minor else 1),
            minor=minor,
            wider=self._wider(text),
        )

    def _wider(self, text: str) -> tuple[Alternative, ...]:
        """Return the place a longer name begins with: 武汉大学 stands in 武汉."""
        for size in range(len(text) - 1, 1, -1):
            if text[:size] in self._lexicon.places:
                return ((Token(text[:size]),),)
        return ()


def _shown(text: str, words: list[str]) -> str:
    """Return the words as a person would write them: with a blank where one was typed or a script changes."""
    return (" " if " " in text else "").join(words)
