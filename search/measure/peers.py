"""What a peer of the measurement can do, and the textbook peer: tsvector with ts_rank_cd and the texts in one table."""

from collections.abc import Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from search.documents import Document
from search.pipeline import Lexemes
from search.query import Plan, Question, Sort, Token
from search.tiers import TITLE, All, Expression, tiers

LINES: Final = 1_000
COLUMNS: Final = (
    "id", "kind", "city", "county", "published", "amount", "lat", "lng", "title", "body", "words_title", "words_body",
)  # fmt: skip
_ORDERS: Final = {
    Sort.NEWEST: "published DESC, id DESC",
    Sort.CHEAPEST: "amount ASC NULLS LAST, published DESC, id DESC",
    Sort.DEAREST: "amount DESC NULLS LAST, published DESC, id DESC",
}


class Peer(Protocol):
    """An engine to compare with: filled once, then asked."""

    @property
    def name(self) -> str:
        """Its name in the figures."""
        ...

    async def add(self, documents: Sequence[tuple[Document, Lexemes]]) -> None:
        """Take documents with their words."""
        ...

    async def finish(self) -> None:
        """Make everything searchable."""
        ...

    async def find(self, plan: Plan, question: Question) -> tuple[list[UUID], int, dict[str, dict[str, int]]]:
        """Return ids of the page, the total, and the counts asked for."""
        ...

    async def bytes(self) -> int:
        """Return the size of the index."""
        ...


class NaivePeer:
    """PostgreSQL as its manual teaches it, with the same words: a baseline for what tuning brings."""

    name = "naive tsvector"

    def __init__(self, connection: Any, table: str) -> None:
        self._connection = connection
        self._table = table

    async def create(self) -> None:
        """Make the table."""
        await self._connection.execute(
            f"""
            CREATE TABLE {self._table} (
                id uuid PRIMARY KEY, kind text, city text, county text, published timestamptz, amount int,
                lat float8, lng float8, title text, body text, words_title text, words_body text, tsv tsvector)
            """
        )

    async def add(self, documents: Sequence[tuple[Document, Lexemes]]) -> None:
        """Copy rows in."""
        await self._connection.copy_records_to_table(
            self._table, columns=COLUMNS, records=[_row(document, lexemes) for document, lexemes in documents]
        )

    async def finish(self) -> None:
        """Fill the weighted vectors and build the usual indexes."""
        table = self._table
        await self._connection.execute(
            f"UPDATE {table} SET tsv = setweight(array_to_tsvector(string_to_array(words_title, ' ')), 'A') "  # noqa: S608 - our own name
            "|| setweight(array_to_tsvector(string_to_array(words_body, ' ')), 'B')"
        )
        for sql in (
            f"ALTER TABLE {table} DROP COLUMN words_title, DROP COLUMN words_body",
            f"VACUUM FULL {table}",
            f"CREATE INDEX ON {table} USING gin (tsv)",
            f"CREATE INDEX ON {table} (published DESC)",
            f"CREATE INDEX ON {table} (kind, city)",
            f"ANALYZE {table}",
        ):
            await self._connection.execute(sql)

    async def find(self, plan: Plan, question: Question) -> tuple[list[UUID], int, dict[str, dict[str, int]]]:
        """Return the page, the total and the counts, each by the obvious statement."""
        query = "" if plan.empty else tsquery(tiers(plan).match)
        args: list[Any] = [query] if query else []
        where = self._where(question, query, args)
        order = _ORDERS.get(question.sort, "ts_rank_cd(tsv, $1::text::tsquery) DESC, published DESC, id DESC")
        if question.sort is Sort.NEAREST and question.near is not None:
            here = question.near.point
            order = f"(lat - {here.lat}) ^ 2 + ((lng - {here.lng}) * cos(radians({here.lat}))) ^ 2, id DESC"
        elif not query and question.sort is Sort.RELEVANCE:
            order = _ORDERS[Sort.NEWEST]
        page = f"ORDER BY {order} LIMIT {question.size} OFFSET {question.offset}"
        rows = await self._connection.fetch(f"SELECT id FROM {self._table} WHERE {where} {page}", *args)  # noqa: S608 - values are arguments
        total = await self._connection.fetchval(f"SELECT count(*) FROM {self._table} WHERE {where}", *args)  # noqa: S608 - likewise
        counts = {facet: await self._counts(facet, where, args) for facet in question.facets}
        return [row["id"] for row in rows], total, counts

    def _where(self, question: Question, query: str, args: list[Any]) -> str:
        parts = ["tsv @@ $1::text::tsquery"] if query else ["true"]
        for facet, values in question.any_of.items():
            args.append(list(values))
            parts.append(f"{facet} = ANY(${len(args)}::text[])")
        if question.near is not None and question.near.radius_km is not None:
            here, degrees = question.near.point, question.near.radius_km / 111.2
            parts.append(f"lat BETWEEN {here.lat - degrees} AND {here.lat + degrees}")
            parts.append(
                f"(lat - {here.lat}) ^ 2 + ((lng - {here.lng}) * cos(radians({here.lat}))) ^ 2 <= {degrees**2}"
            )
        return " AND ".join(parts)

    async def _counts(self, facet: str, where: str, args: Sequence[Any]) -> dict[str, int]:
        sql = f"SELECT {facet} AS value, count(*) AS number FROM {self._table} WHERE {where} GROUP BY 1"  # noqa: S608 - likewise
        return {row["value"]: row["number"] for row in await self._connection.fetch(sql, *args)}

    async def bytes(self) -> int:
        """Return the size of table and indexes."""
        size: int = await self._connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", self._table)
        return size


def _row(document: Document, lexemes: Lexemes) -> tuple[Any, ...]:
    point = document.point
    return (
        document.id, document.kind, document.city, document.county, document.published_at, document.amount_fen,
        point.lat if point else None, point.lng if point else None, document.title, document.text,
        " ".join(lexemes.title), " ".join(lexemes.anywhere),
    )  # fmt: skip


def tsquery(expression: Expression) -> str:
    """Return an expression over words as a tsquery; words of the title are words like any other here."""
    if isinstance(expression, Token):
        word = expression.text.removeprefix(TITLE).replace("'", "''").replace("\\", "\\\\")
        return f"'{word}'{':*' if expression.prefix else ''}"
    mark = " & " if isinstance(expression, All) else " | "
    return f"({mark.join(map(tsquery, expression.parts))})"
