"""Documents as rows, and filters as words: how the PostgreSQL engine writes what it later asks for."""

import hashlib
import math
import zlib
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from search.documents import Document
from search.pipeline import Lexemes
from search.tiers import TITLE

EPOCH: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
_EPOCH_DAY: Final = date(2020, 1, 1)
_INT: Final = 2**31 - 1
_SMALL: Final = 2**15 - 1
DEGREE: Final = 10_000_000
BUCKET_SECONDS: Final = 30 * 86_400
SAMPLES: Final = 16
CELLS: Final = (20, 2)
"""Cells per degree of the fine and the coarse grid: about 5 and 55 kilometres."""

_LONGEST_VALUE: Final = 120

Row = tuple[
    UUID,
    int,
    int,
    int | None,
    int | None,
    int,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    list[int] | None,
    str,
]


def clean(value: str) -> str:
    """Return a facet value PostgreSQL can store: no NUL, no half characters, never longer than a word may be."""
    kept = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if len(kept) > _LONGEST_VALUE:
        return hashlib.sha256(kept.encode()).hexdigest()
    return kept


def code_of(name: str, value: str) -> int:
    """Return the number a facet value is kept as; region codes and years are their own."""
    kept = clean(value)
    if name in {"city", "county"} and kept.isascii() and kept.isdigit() and 0 < len(kept) <= 8:  # noqa: PLR2004 - fits
        return int(kept)
    return zlib.crc32(f"{name}={kept}".encode()) & _INT


def filter_word(name: str, value: str) -> str:
    """Return the indexed word of a facet value."""
    return f"@{clean(name)}={clean(value)}"


def bucket_of(published: int) -> int:
    """Return the thirty days a moment (in the table's seconds) lies in."""
    return published // BUCKET_SECONDS


def bucket_word(bucket: int) -> str:
    """Return the indexed word of thirty days."""
    return f"@m{bucket}"


def sample_word(number: int) -> str:
    """Return the indexed word of one sixteenth of all documents."""
    return f"@h{number}"


def cell_word(per_degree: int, row: int, column: int) -> str:
    """Return the indexed word of a cell of a grid."""
    return f"@g{per_degree}_{row}_{column}"


def moment(at: datetime) -> int:
    """Return a moment in the table's seconds."""
    return max(-_INT, min(_INT, math.floor(at.timestamp()) - EPOCH))


def day(on: date) -> int:
    """Return a day in the table's days."""
    return max(-_SMALL, min(_SMALL, (on - _EPOCH_DAY).days))


def whole(value: int) -> int:
    """Return a number within what a column holds."""
    return max(-_INT, min(_INT, value))


def quoted(word: str) -> str:
    """Return a word as it stands in the text form of a tsvector or tsquery."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def row_of(document: Document, lexemes: Lexemes) -> Row:
    """Return a document as a row in the order of the table's columns."""
    values = document.facet_values()
    marks = [code_of(name, value) for name, value in values if name not in {"kind", "city", "county"}]
    point = document.point
    return (
        document.id,
        document.version,
        code_of("kind", document.kind),
        code_of("city", document.city) if document.city else None,
        code_of("county", document.county) if document.county else None,
        moment(document.published_at),
        None if document.amount_fen is None else whole(document.amount_fen),
        None if point is None else round(point.lat * DEGREE),
        None if point is None else round(point.lng * DEGREE),
        None if document.open_until is None else day(document.open_until),
        None if document.age_min is None else max(0, min(_SMALL, document.age_min)),
        None if document.age_max is None else max(0, min(_SMALL, document.age_max)),
        sorted(set(marks)) or None,
        " ".join(quoted(word) for word in words_of(document, lexemes)),
    )


def words_of(document: Document, lexemes: Lexemes) -> list[str]:
    """Return every word a document is indexed under: text, marked title, filters, time, place and sample."""
    words = [*lexemes.anywhere, *(TITLE + word for word in lexemes.title)]
    words.extend(filter_word(name, value) for name, value in document.facet_values())
    words.append(bucket_word(bucket_of(moment(document.published_at))))
    words.append(sample_word(document.id.int % SAMPLES))
    if document.point is not None:
        lat, lng = document.point.lat, document.point.lng
        words.extend(cell_word(size, math.floor(lat * size), math.floor(lng * size)) for size in CELLS)
    return words


def copied(row: Row) -> bytes:
    """Return a row as a line of COPY in text form."""
    return ("\t".join(_field(value) for value in row) + "\n").encode()


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, list):
        return "{" + ",".join(str(each) for each in value) + "}"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    text = str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
