"""Asking as a person expects: repair what only sounds right, forgive one word, offer the nearest wider search."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

import msgspec

from search.engine import Finder, Found
from search.planner import Planner
from search.query import Plan, Question

FEW: Final = 3
_MOST_WIDER: Final = 4


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of a search.

    `terms` are the words to highlight. `showing` and `rewritten_from` belong to “showing results for …”. `partial` is
    set when some of the hits meet all but one of the words; `strict` is how many meet them all.
    """

    ids: tuple[UUID, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    terms: tuple[str, ...] = ()
    showing: str = ""
    rewritten_from: str = ""
    strict: int = 0
    partial: bool = False
    total_exact: bool = True
    facets_exact: bool = True
    engine: str = ""
    degraded: bool = False


class Wider(msgspec.Struct, frozen=True, kw_only=True):
    """A wider search that finds something: the question, what was left out of it, and how many it finds."""

    question: Question
    left_out: str
    total: int


async def ask(engine: Finder, planner: Planner, question: Question) -> Answer:
    """Answer a question; signs without a word browse, and only a page out of reach is refused."""
    question.check()
    plan = planner.plan(question.words, exact=question.exact)
    found = await engine.find(plan, question)
    if question.exact or plan.empty:
        return _answer(plan, found, strict=found.total)
    if not found.total and (repaired := planner.repaired(question.words)) is not None:
        other = await engine.find(repaired, question)
        if other.total:
            plan, found = repaired, other
    strict = found.total
    if strict < FEW and (relaxed := planner.relaxed(plan, strict)) is not None:
        more = await engine.find(relaxed, question)
        if more.total > strict:
            plan, found = relaxed, more
    return _answer(plan, found, strict=strict)


def _answer(plan: Plan, found: Found, *, strict: int) -> Answer:
    return Answer(
        ids=found.ids,
        total=found.total,
        facets=found.facets,
        terms=highlight_terms(plan),
        showing=plan.text,
        rewritten_from=plan.rewritten_from if found.total else "",
        strict=strict,
        partial=found.total > strict,
        total_exact=found.total_exact,
        facets_exact=found.facets_exact,
        engine=found.engine,
        degraded=found.degraded,
    )


def highlight_terms(plan: Plan) -> tuple[str, ...]:
    """Return the words of a plan that stand in texts, the longest first."""
    words = {token.text for group in plan.groups for way in group.alternatives for token in way}
    return tuple(sorted((word for word in words if word[0] not in "=^@"), key=lambda word: (-len(word), word)))


async def wider(engine: Finder, planner: Planner, question: Question) -> tuple[Wider, ...]:
    """Return up to four wider searches that find something, the nearest first: without one filter, without one word."""
    offers: list[Wider] = []
    for left_out, candidate in _widenings(planner, question):
        plan = planner.plan(candidate.words)
        found = await engine.find(plan, msgspec.structs.replace(candidate, facets=(), page=1, size=1))
        if found.total:
            offers.append(Wider(question=candidate, left_out=left_out, total=found.total))
        if len(offers) >= _MOST_WIDER:
            break
    return tuple(offers)


def _widenings(planner: Planner, question: Question) -> Iterator[tuple[str, Question]]:
    """Yield the questions that ask for a little less, with the name of what each leaves out."""
    plain = msgspec.structs.replace(question, page=1, exact=False)
    if plain.exact != question.exact:
        yield "exact", plain
    if plain.amount_fen is not None:
        yield "amount_fen", msgspec.structs.replace(plain, amount_fen=None)
    if plain.near is not None and plain.near.radius_km is not None:
        wide = msgspec.structs.replace(plain.near, radius_km=plain.near.radius_km * 3)
        yield "radius_km", msgspec.structs.replace(plain, near=wide)
    order = sorted(plain.any_of, key=lambda name: (name == "kind", name == "city", name))
    for name in order:
        rest = {other: values for other, values in plain.any_of.items() if other != name}
        yield name, msgspec.structs.replace(plain, any_of=rest)
    groups = planner.plan(plain.words).groups
    if len(groups) > 1:
        for left_out in sorted(groups, key=lambda group: group.weight):
            rest_words = " ".join(group.text for group in groups if group is not left_out)
            yield left_out.text, msgspec.structs.replace(plain, words=rest_words)
    if plain.any_of or plain.all_of or plain.amount_fen is not None or plain.near is not None:
        yield "filters", Question(words=plain.words, size=plain.size, facets=plain.facets)
