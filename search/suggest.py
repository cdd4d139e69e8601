"""What to offer while a person is still typing: words of the corpus, and the question that finds fitting titles."""

from typing import Final

import msgspec

from search.lexicon import Lexicon, Term
from search.planner import Planner
from search.query import Question
from search.text import is_han
from search.units import LONGEST_QUESTION

_MOST: Final = 8
_LEAST_LETTERS: Final = 2


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A whole question to offer, and how many documents its last word stands in."""

    text: str
    documents: int


def suggest(planner: Planner, typed: str, most: int = _MOST) -> tuple[Suggestion, ...]:
    """Return up to `most` questions that begin as typed, by characters, pinyin or initials; nothing for garbage."""
    text = planner.pipeline.fold(typed[: 4 * LONGEST_QUESTION]).lstrip()[:LONGEST_QUESTION]
    before, _, last = text.rpartition(" ")
    terms = _continued(planner.lexicon, last) if last else []
    lead = f"{before.strip()} " if before.strip() else ""
    offered: dict[str, Suggestion] = {}
    for term in terms:
        if term.df and term.text not in planner.pipeline.vocabulary.stop:
            offered.setdefault(term.text, Suggestion(text=lead + term.text, documents=term.df))
        if len(offered) >= most:
            break
    return tuple(offered.values())


def titles_question(typed: str, question: Question, most: int = 5) -> Question:
    """Return the question whose hits are offered as listings while typing; filters of the page are kept."""
    return msgspec.structs.replace(question, words=typed, page=1, size=most, facets=())


def _continued(lexicon: Lexicon, last: str) -> list[Term]:
    terms = lexicon.written_from(last)
    if last.isascii() and last.isalpha() and len(last) >= _LEAST_LETTERS:
        heard = [*lexicon.abbreviated(last)[:4], *lexicon.sounding(last)[:4], *lexicon.sounding_from(last)]
        terms = [*terms, *heard]
    return [term for term in terms if len(term.text) > 1 or not is_han(term.text)]
