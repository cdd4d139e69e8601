"""How facts of plain records become numbers of a column."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.model import Slot
from matching.pool.calendars import HORIZON
from matching.pool.columns import NO_DAY


def bits_of(codes: Iterable[StrEnum], order: type[StrEnum]) -> int:
    """Mask of codes, bit 0 is the first of the enumeration."""
    known = tuple(order)
    return sum(1 << known.index(code) for code in codes)


def code_of(code: StrEnum | None, order: type[StrEnum]) -> int:
    """Give 0 for an unknown code, else its position in the enumeration, counted from 1."""
    return 0 if code is None else 1 + tuple(order).index(code)


def day_of(day: date | None) -> int:
    """Give the ordinal of a day, `NO_DAY` for an unknown one."""
    return NO_DAY if day is None else day.toordinal()


def number_of(value: int | None) -> int:
    """Give -1 for an unknown number, else the number, never below 0 (no fact of a record is meant to be)."""
    return -1 if value is None else max(0, value)


def minutes_of(slots: Sequence[Slot], start: int) -> list[tuple[int, int]]:
    """Clip slots to the 14 days from `start` and count their minutes from there."""
    clipped = [(max(0, slot.start - start), min(HORIZON, slot.end - start)) for slot in slots]
    return [(opens, closes) for opens, closes in clipped if opens < closes]


def ragged(rows: Sequence[Sequence[Any]], kind: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Put lists into CSR form: pointers int64[n+1] and values; a list of tuples gives a row for each tuple."""
    pointer = np.zeros(len(rows) + 1, np.int64)
    pointer[1:] = np.cumsum([len(row) for row in rows])
    return pointer, np.array([value for row in rows for value in row], kind)
