"""Fetching a page: the best step first, in it the newest months or the nearest circle first, until it is full."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from search.postgres_facets import Counts
from search.postgres_rows import bucket_of, bucket_word
from search.postgres_sql import Conditions, both, cells, either, filters, order, tsquery
from search.query import Near, Question, Sort
from search.tiers import Tiers

if TYPE_CHECKING:
    from search.postgres import Connection

_WINDOWS: Final = (2, 8)
_AHEAD: Final = 2
_RINGS_KM: Final = (5.0, 25.0, 100.0)
_FEW: Final = 500
_HANDFUL: Final = 40
_HOPE: Final = 5
"""A wider window is tried only when the narrower one gave at least a fifth of what is needed."""


class HitReader:
    """Reads pages of ids from one table."""

    def __init__(self, table: str) -> None:
        self._table = table

    async def page(self, connection: "Connection", steps: Tiers, question: Question, counts: Counts) -> list[UUID]:
        """Return the ids of the page a question asks for."""
        if question.sort is Sort.RELEVANCE and counts.total <= _HANDFUL:
            return await self._handful(connection, steps, question)
        need = question.offset + question.size
        taken: dict[UUID, None] = {}
        ordered = steps.steps if question.sort is Sort.RELEVANCE else (steps.match,)
        for at, step in enumerate(ordered):
            more = need + len(taken) if at else need
            async for ids in self._tries(connection, tsquery(step), question, counts, more):
                if len(ids) >= more:
                    break
            else:  # No part of the table was enough.
                ids = await self._fetch(connection, both(tsquery(step), filters(question)), question, more)
            taken.update(dict.fromkeys(ids))
            if len(taken) >= min(need, counts.total):
                break
        return list(taken)[question.offset : need]

    async def _handful(self, connection: "Connection", steps: Tiers, question: Question) -> list[UUID]:
        """Return a page of few hits with one query: looking at their long values costs less than many queries."""
        where, arguments = Conditions(question).sql(both(tsquery(steps.match), filters(question)))
        cases: list[str] = []
        for number, step in enumerate(steps.steps[:-1]):
            arguments.append(tsquery(step))
            cases.append(f"WHEN tsv @@ ${len(arguments)}::text::tsquery THEN {number}")
        rank = f"CASE {' '.join(cases)} ELSE {len(cases)} END, " if cases else ""
        arguments.extend((question.size, question.offset))
        rows = await connection.fetch(
            f"SELECT id FROM {self._table} WHERE {where} ORDER BY {rank}{order(question, arguments)} "  # noqa: S608 - our own SQL
            f"LIMIT ${len(arguments) - 1}::int OFFSET ${len(arguments)}::int",
            *arguments,
        )
        return [row["id"] for row in rows]

    async def _tries(
        self, connection: "Connection", words: str, question: Question, counts: Counts, need: int
    ) -> AsyncIterator[Sequence[UUID]]:
        """Yield what parts of the table give that hold the first hits for certain when they give enough of them."""
        if counts.total < 4 * need + _FEW:
            return
        if question.sort is Sort.NEAREST and question.near is not None:
            for radius in _rings(question.near):
                yield await self._fetch(connection, both(words, filters(question)), question, need, radius=radius)
        elif question.sort in {Sort.RELEVANCE, Sort.NEWEST} and counts.newest is not None:
            newest = bucket_of(counts.newest)
            for size in _WINDOWS:
                window = either([bucket_word(newest + _AHEAD - back) for back in range(size + _AHEAD)])
                ids = await self._fetch(connection, both(words, filters(question), window), question, need)
                yield ids
                if len(ids) < need / _HOPE:
                    return

    async def _fetch(
        self, connection: "Connection", words: str, question: Question, most: int, *, radius: float | None = None
    ) -> list[UUID]:
        conditions = Conditions(question)
        if radius is not None and question.near is not None:
            conditions.within(question.near, radius)
            words = both(words, cells(question.near, radius))
        where, arguments = conditions.sql(words)
        by = order(question, arguments)
        arguments.append(most)
        rows = await connection.fetch(
            f"SELECT id FROM {self._table} WHERE {where} ORDER BY {by} LIMIT ${len(arguments)}::int",  # noqa: S608 - our own SQL
            *arguments,
        )
        return [row["id"] for row in rows]


def _rings(near: Near) -> Iterator[float]:
    for radius in _RINGS_KM:
        if near.radius_km is None or radius < near.radius_km:
            yield radius
