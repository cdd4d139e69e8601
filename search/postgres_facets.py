"""Counting: how many there are, and how many of each facet value, exactly or from a sixteenth of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from search.postgres_rows import SAMPLES, code_of, quoted, sample_word
from search.postgres_sql import Conditions, both, filters, tsquery
from search.query import Question
from search.tiers import Expression

if TYPE_CHECKING:
    from search.postgres import Connection

_COLUMNS: Final = ("kind", "city", "county")
MOST_MARKED: Final = 20_000
"""Facets other than kind, city and county are counted one by one up to so many hits, above from a sixteenth."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted; `newest` is the moment of the newest document in the table, in its own seconds."""

    total: int
    facets: Mapping[str, Mapping[str, int]]
    exact: bool = True
    facets_exact: bool = True
    newest: int | None = None


class FacetReader:
    """Counts in one table; remembers which number stands for which facet value."""

    def __init__(self, table: str, *, approximate_above: int) -> None:
        self._table = table
        self._above = approximate_above
        self._values: dict[int, tuple[str, str]] = {}

    def known(self) -> frozenset[tuple[str, str]]:
        """Return the facet values that are surely stored."""
        return frozenset(self._values.values())

    async def counts(self, connection: "Connection", match: Expression, question: Question) -> Counts:
        """Return the total and the counts of every facet asked for; a facet ignores its own choice."""
        conditions = Conditions(question)
        words = both(tsquery(match), filters(question))
        sample = await self._sample(connection, conditions, words)
        own = [name for name in question.facets if not question.any_of.get(name)]
        counted = await self._counted(connection, conditions, both(words, sample), own)
        facets = dict(counted.facets)
        exact = counted.facets_exact
        for name in question.facets:
            if name not in facets:
                without = both(tsquery(match), filters(question, without=name), sample)
                other = await self._counted(connection, conditions, without, [name])
                facets[name] = other.facets[name]
                exact = exact and other.facets_exact
        if not sample:
            return Counts(total=counted.total, facets=facets, facets_exact=exact, newest=counted.newest)
        scaled = {name: _times(SAMPLES, each) for name, each in facets.items()}
        total = counted.total * SAMPLES
        return Counts(total=total, facets=scaled, exact=False, facets_exact=False, newest=counted.newest)

    async def _sample(self, connection: "Connection", conditions: Conditions, words: str) -> str:
        """Return the tsquery of a sample when the table is large and very much is found, else an empty text."""
        rows = await connection.fetchval(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass($1)", self._table
        )
        if rows is None or rows <= self._above:
            return ""
        sample = quoted(sample_word(0))
        where, arguments = conditions.sql(both(words, sample))
        found = await connection.fetchval(f"SELECT count(*) FROM {self._table} WHERE {where}", *arguments)  # noqa: S608 - our own SQL
        return sample if found * SAMPLES > self._above else ""

    async def _counted(self, connection: "Connection", conditions: Conditions, words: str, names: list[str]) -> Counts:
        """Return the total, the newest moment in the table, and the counts of these facets."""
        where, arguments = conditions.sql(words)
        columns = [name for name in _COLUMNS if name in names]
        sets = "".join(f", ({name})" for name in columns)
        listed = "".join(f", grouping({name}) AS no_{name}, {name}" for name in columns)
        rows = await connection.fetch(
            f"SELECT count(*) AS n, (SELECT max(published) FROM {self._table}) AS newest{listed} "  # noqa: S608 - our own SQL
            f"FROM {self._table} WHERE {where} GROUP BY GROUPING SETS ((){sets})",
            *arguments,
        )
        facets: dict[str, dict[str, int]] = {name: {} for name in names}
        total, newest = 0, None
        for row in rows:
            newest = row["newest"]
            name = next((each for each in columns if row[f"no_{each}"] == 0), "")
            if not name:
                total = row["n"]
            elif row[name] is not None:
                facets[name][await self._value(connection, name, row[name])] = row["n"]
        some = total > MOST_MARKED
        if total and len(columns) < len(names):
            if some:
                where, arguments = conditions.sql(both(words, quoted(sample_word(1))))
            await self._count_marks(connection, where, arguments, facets)
            for name in set(names) - set(columns) if some else ():
                facets[name] = _times(SAMPLES, facets[name])
        return Counts(total=total, facets=facets, facets_exact=len(columns) == len(names) or not some, newest=newest)

    async def _count_marks(
        self, connection: "Connection", where: str, arguments: list[Any], facets: dict[str, dict[str, int]]
    ) -> None:
        rows = await connection.fetch(
            f"SELECT mark, sum(n)::int AS n FROM (SELECT marks, count(*) AS n FROM {self._table} WHERE {where} "  # noqa: S608 - our own SQL
            "GROUP BY marks) AS alike, unnest(marks) AS mark GROUP BY mark",
            *arguments,
        )
        for row in rows:
            value = await self._value(connection, "", row["mark"])
            name = self._values[row["mark"]][0] if row["mark"] in self._values else ""
            if name in facets:
                facets[name][value] = row["n"]

    async def _value(self, connection: "Connection", name: str, code: int) -> str:
        """Return the facet value a number stands for."""
        if code not in self._values:
            rows = await connection.fetch(f"SELECT code, name, value FROM {self._table}_value")  # noqa: S608 - checked name
            self._values = {row["code"]: (row["name"], row["value"]) for row in rows}
        found = self._values.get(code)
        if found is not None and (not name or code_of(name, found[1]) == code):
            return found[1]
        return str(code)


def _times(factor: int, counts: Mapping[str, int]) -> dict[str, int]:
    return {value: count * factor for value, count in counts.items()}
