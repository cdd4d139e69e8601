"""One question as a few requests to Meilisearch, and their answers as one page.

The steps of a plan (as written in the title, in the title, as written anywhere, anywhere, nearly) are queries that
exclude each other, so a page is cut out of them one after the other. Where the words are as written, the readable
words are sent too, with the strategy `all` (`frequency` where words may be missing), and Meilisearch ranks; where
its own cutting of the text loses a document the plain filter is asked again.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol
from uuid import UUID

import msgspec
from meilisearch_python_sdk.models.search import SearchParams

from search import meilisearch_filters as filters
from search.engine import Found
from search.meilisearch_index import CHINESE
from search.query import Plan, Question
from search.tiers import Tiers, tiers

COUNTS: Final = "counts"
KIND: Final = "kind"
MOST_WORDS: Final = 10
"""A query of Meilisearch counts ten words; a longer one is left to the filter."""
_FACET: Final = "facet:"
_SIZE: Final = "size:"
_HITS: Final = "hits:"
_MOST_ROUNDS: Final = 3
"""A page is made in one round, later pages in two; a third when the ranking lost documents."""
_RANKED: Final = (0, 2)
"""The steps in which the words stand as they were written."""


class Answer(Protocol):
    """What is read of the answer to one query."""

    hits: list[dict[str, Any]]
    estimated_total_hits: int | None
    facet_distribution: dict[str, dict[str, int]] | None


class _Step(msgspec.Struct, frozen=True):
    """One step: what it filters by, and the readable words it is ranked by, if any."""

    where: str
    words: str = ""


class Search:
    """One question on its way: `next` says what to ask, `take` what was answered, `found` makes the page."""

    def __init__(self, uid: str, plan: Plan, question: Question) -> None:
        self._uid = uid
        self._question = question
        self._order = filters.order(question)
        self._chosen = filters.facet_filters(question)
        self._fixed = filters.fixed_filters(question)
        expression = tiers(plan)
        self._match = filters.words_filter(expression.match)
        ranked = self._order is None and not plan.empty
        self._steps = self._stepped(plan, expression) if ranked else [_Step(self._where(self._match))]
        self._counted: dict[str, Answer] = {}
        self._sizes: dict[int, int] = {}
        self._hits: dict[int, tuple[UUID, ...]] = {}
        self._plain: set[int] = set()
        self._asked = 0

    def _where(self, *words: str, without: str = "") -> str:
        chosen = (condition for facet, condition in self._chosen.items() if facet != without)
        return filters.every([*words, *chosen, *self._fixed])

    def _stepped(self, plan: Plan, expression: Tiers) -> list[_Step]:
        steps: list[_Step] = []
        before: list[str] = []
        words = _readable(plan)
        for number, step in enumerate(expression.steps):
            where = filters.words_filter(step)
            fresh = filters.every([where, f"NOT {filters.either(before)}"] if before else [where])
            steps.append(_Step(self._where(fresh), words if number in _RANKED else ""))
            before.append(where)
        return steps

    def next(self) -> dict[str, SearchParams]:
        """Return the next queries by name; none when the page is complete."""
        queries: dict[str, SearchParams] = {}
        if not self._asked:
            queries |= self._counting()
            queries |= {f"{_SIZE}{at}": self._size(at) for at in range(len(self._steps)) if self._needs_size(at)}
            if self._question.offset == 0 or len(self._steps) == 1:
                start, count = self._question.offset, self._question.size
                queries |= {f"{_HITS}{at}": self._page(at, start, count) for at in range(len(self._steps))}
        elif self._asked <= _MOST_ROUNDS:
            queries |= {
                f"{_HITS}{at}": self._page(at, start, count)
                for at, start, count in self._slices()
                if len(self._hits.get(at, ())) < count
            }
        self._asked += 1
        return queries

    def _needs_size(self, at: int) -> bool:
        """Whether the size of a step must be asked for on its own: a later page, or a ranking that may lose some."""
        return len(self._steps) > 1 and (self._question.offset > 0 or bool(self._steps[at].words))

    def _counting(self) -> dict[str, SearchParams]:
        """Return the queries that count: one for all facets without a choice, one more for each facet with one."""
        plain = dict.fromkeys((KIND, *(facet for facet in self._question.facets if facet not in self._chosen)))
        queries = {COUNTS: self._count(self._where(self._match), tuple(plain))}
        for facet in self._question.facets:
            if facet in self._chosen:
                queries[f"{_FACET}{facet}"] = self._count(self._where(self._match, without=facet), (facet,))
        return queries

    def _count(self, where: str, facets: tuple[str, ...]) -> SearchParams:
        names = [filters.attribute(facet) for facet in facets]
        return SearchParams(index_uid=self._uid, q="", filter=where or None, facets=names, limit=0)

    def _size(self, at: int) -> SearchParams:
        return SearchParams(index_uid=self._uid, q="", filter=self._steps[at].where or None, limit=0)

    def _page(self, at: int, start: int, count: int) -> SearchParams:
        step = self._steps[at]
        words = "" if at in self._plain else step.words
        strategy: Literal["all", "frequency"] = "frequency" if at > _RANKED[-1] else "all"
        return SearchParams(
            index_uid=self._uid,
            q=words,
            filter=step.where or None,
            sort=self._order,
            offset=start,
            limit=count,
            attributes_to_retrieve=["id"],
            matching_strategy=strategy,
            locales=[CHINESE] if words else None,
        )

    def _slices(self) -> list[tuple[int, int, int]]:
        """Return which part of which step makes the page: the step, where it begins there, and how many."""
        slices: list[tuple[int, int, int]] = []
        start, wanted = self._question.offset, self._question.size
        for at in range(len(self._steps)):
            size = self._sizes.get(at, 0)
            count = max(0, min(size - start, wanted))
            if count:
                slices.append((at, start, count))
                wanted -= count
            start = max(0, start - size)
        return slices

    def take(self, answers: Mapping[str, Answer]) -> None:
        """Remember the answers to the last queries."""
        for name, answer in answers.items():
            head, _, rest = name.rpartition(":")
            if head == _SIZE[:-1]:
                self._sizes[int(rest)] = answer.estimated_total_hits or 0
            elif head == _HITS[:-1]:
                self._hits[int(rest)] = tuple(UUID(hit["id"]) for hit in answer.hits)
                self._sizes.setdefault(int(rest), answer.estimated_total_hits or 0)
            else:
                self._counted[name] = answer
        for at, _, count in self._slices():
            if at in self._hits and len(self._hits[at]) < count:
                self._plain.add(at)

    def found(self) -> Found:
        """Return the page."""
        ids: list[UUID] = []
        for at, _, count in self._slices():
            ids.extend(self._hits.get(at, ())[:count])
        facets = {facet: self._facet(facet) for facet in self._question.facets}
        return Found(
            ids=tuple(ids), total=sum(self._values(COUNTS, KIND).values()), facets=facets, engine="meilisearch"
        )

    def _facet(self, facet: str) -> dict[str, int]:
        return self._values(f"{_FACET}{facet}" if facet in self._chosen else COUNTS, facet)

    def _values(self, query: str, facet: str) -> dict[str, int]:
        counts = (self._counted[query].facet_distribution or {}).get(filters.attribute(facet), {})
        return {str(value): int(count) for value, count in counts.items() if count}


def _readable(plan: Plan) -> str:
    """Return the words as written, the unfinished one last; a blank at the end says that no word is unfinished."""
    words = [token for group in plan.groups if group.alternatives for token in group.alternatives[0]]
    if len(words) > MOST_WORDS:
        return ""
    whole = [token.text for token in words if not token.prefix]
    begun = [token.text for token in words if token.prefix]
    return " ".join([*whole, *begun]) + ("" if begun else " ")
