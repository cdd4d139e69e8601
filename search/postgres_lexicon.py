"""The lexicon on its way from the worker that builds it to every process that plans questions."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from search.lexicon import Lexicon
from search.postgres_schema import LEXICON_TABLE

if TYPE_CHECKING:
    from search.postgres import Connection


class Stored(NamedTuple):
    """A stored lexicon with the pipeline it belongs to and when it was built."""

    lexicon: Lexicon
    pipeline: str
    built_at: datetime


async def save(connection: "Connection", lexicon: Lexicon, pipeline: str) -> None:
    """Store a lexicon in the place of the one before."""
    await connection.execute(
        f"INSERT INTO {LEXICON_TABLE} (id, pipeline, built_at, data) VALUES (1, $1, now(), $2) "  # noqa: S608 - our own name
        "ON CONFLICT (id) DO UPDATE "
        "SET pipeline = excluded.pipeline, built_at = excluded.built_at, data = excluded.data",
        pipeline,
        lexicon.dumps(),
    )


async def built_at(connection: "Connection") -> datetime | None:
    """Return when the stored lexicon was built, so that a process knows whether its own is the newest."""
    found: datetime | None = await connection.fetchval(f"SELECT built_at FROM {LEXICON_TABLE}")  # noqa: S608 - our own name
    return found


async def load(connection: "Connection") -> Stored | None:
    """Return the stored lexicon, or None before the first was built."""
    rows = await connection.fetch(f"SELECT pipeline, built_at, data FROM {LEXICON_TABLE}")  # noqa: S608 - our own name
    return Stored(Lexicon.loads(rows[0]["data"]), rows[0]["pipeline"], rows[0]["built_at"]) if rows else None
