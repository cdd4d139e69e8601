"""The land of the synthetic province: its cities, where people live, what they speak, when they are free."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matching.codes import Language
from matching.pool.columns import I32, I64, U8, Bools

F64 = npt.NDArray[np.float64]
Draw = np.random.Generator


class City(NamedTuple):
    """A city: code, counties (0: none at all), people in millions, how often volunteers live there, own language."""

    code: str
    counties: int
    people: float
    volunteers: float
    language: Language


_YUE, _HAK, _NAN = Language.YUE, Language.HAK, Language.NAN
CITIES = (
    City("4401", 11, 18.8, 2.0, _YUE),
    City("4402", 10, 2.9, 0.7, _HAK),
    City("4403", 9, 17.8, 2.2, _YUE),
    City("4404", 3, 2.5, 1.5, _YUE),
    City("4405", 7, 5.5, 0.7, _NAN),
    City("4406", 5, 9.6, 1.3, _YUE),
    City("4407", 7, 4.8, 0.7, _YUE),
    City("4408", 9, 7.0, 0.7, _YUE),
    City("4409", 5, 6.2, 0.7, _YUE),
    City("4412", 8, 4.1, 0.7, _YUE),
    City("4413", 5, 6.1, 0.7, _YUE),
    City("4414", 8, 3.9, 0.7, _HAK),
    City("4415", 4, 2.7, 0.7, _NAN),
    City("4416", 6, 2.8, 0.7, _HAK),
    City("4417", 4, 2.6, 0.7, _YUE),
    City("4418", 8, 4.0, 0.7, _YUE),
    City("4419", 0, 10.5, 1.1, _YUE),
    City("4420", 0, 4.5, 0.7, _YUE),
    City("4451", 3, 2.6, 0.7, _NAN),
    City("4452", 5, 5.6, 0.7, _NAN),
    City("4453", 5, 2.4, 0.7, _YUE),
)
_BORDERS = (
    "4401-4406 4401-4419 4401-4420 4401-4418 4401-4413 4401-4402 4403-4419 4403-4413 4404-4420 4404-4407 4405-4451 "
    "4405-4452 4406-4407 4406-4412 4406-4418 4406-4420 4407-4420 4407-4417 4407-4453 4408-4409 4409-4417 4409-4453 "
    "4412-4453 4412-4418 4402-4418 4402-4416 4413-4419 4413-4416 4413-4415 4414-4416 4414-4452 4414-4451 4415-4452 "
    "4415-4416 4451-4452 4417-4453"
)
NEIGHBOURS = frozenset((border[:4], border[5:]) for border in _BORDERS.split())

_LANGUAGES = tuple(Language)
PTH = 1 << _LANGUAGES.index(Language.PTH)
WINDOWS = 21
"""Weekly windows: morning, afternoon and evening of seven days. A pool begins on a Monday at nine."""
_WINDOW_MINUTES = (0, 300, 600)
_DAY = 1_440
_WEEK = 7 * _DAY
_HALF_HOUR = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Land:
    """P places. `living`, `helping` float64[P]: where students and providers are, as shares.

    `speaks` uint8[P]: the own language of the place as a bit. `city` int64[P]: position of the place of its city.
    """

    living: F64
    helping: F64
    speaks: U8
    city: I64

    @classmethod
    def of(cls, codes: tuple[str, ...], draw: Draw) -> "Land":
        """Settle the places; a city code has inhabitants of its own only where there are no counties."""
        by_code = {city.code: city for city in CITIES}
        cities = [by_code[code[:4]] for code in codes]
        settled = np.array(
            [(code[4:] == "00") == (city.counties == 0) for code, city in zip(codes, cities, strict=True)]
        )
        people = np.array([city.people / max(1, city.counties) for city in cities])
        living = settled * people * draw.lognormal(0, 0.4, len(codes))
        helping = living * np.array([city.volunteers for city in cities])
        return cls(
            living=living / living.sum(),
            helping=helping / helping.sum(),
            speaks=np.array([1 << _LANGUAGES.index(city.language) for city in cities], np.uint8),
            city=np.array([codes.index(f"{code[:4]}00") for code in codes], np.int64),
        )

    def settle(self, count: int, shares: F64, draw: Draw) -> I32:
        """Draw a place for everybody, ascending."""
        return np.sort(draw.choice(len(shares), count, p=shares)).astype(np.int32)

    def talk(self, place: I32, common: float, own: float, draw: Draw) -> U8:
        """Draw the languages of people of these places: Mandarin and the local one, at least one of the two."""
        count = len(place)
        spoken = np.where(often(common, count, draw), PTH, 0)
        spoken |= np.where(often(own, count, draw), self.speaks[place], 0)
        return np.where(spoken == 0, PTH, spoken).astype(np.uint8)


def often(share: float, count: int, draw: Draw) -> Bools:
    """Draw yes for this share of everybody."""
    return draw.random(count) < share


def chosen(count: int, shares: tuple[float, ...], draw: Draw) -> I64:
    """Draw one of several cases for everybody."""
    return draw.choice(len(shares), count, p=np.array(shares)).astype(np.int64)


def zipf(count: int, cases: int, exponent: float, draw: Draw) -> I64:
    """Draw one of many cases, the first ones much more often."""
    shares = 1.0 / np.arange(1, cases + 1) ** exponent
    return draw.choice(cases, count, p=shares / shares.sum()).astype(np.int64)


def calendars(count: int, often: float, said: Bools, draw: Draw) -> tuple[I64, I32, I32]:
    """Draw weekly times for 14 days in CSR form (pointer, start, end); nothing for those who have not said when.

    In each of the 21 windows somebody is free with the probability `often`, in one at least, for 60, 90 or 120
    minutes from one of three half hours on.
    """
    free = draw.random((count, WINDOWS)) < often
    free[np.arange(count), draw.integers(0, WINDOWS, count)] = True
    free &= said[:, None]
    row, window = np.nonzero(free)
    base = (window // 3) * _DAY + np.array(_WINDOW_MINUTES)[window % 3]
    start = base + _HALF_HOUR * draw.integers(0, 3, len(row))
    end = start + _HALF_HOUR * draw.integers(2, 5, len(row))
    week = free.sum(axis=1)
    pointer = np.concatenate([[0], np.cumsum(2 * week)]).astype(np.int64)
    within = np.arange(len(row)) - np.repeat(np.cumsum(week) - week, week)
    starts, ends = np.empty(2 * len(row), np.int32), np.empty(2 * len(row), np.int32)
    for again in range(2):
        at = pointer[row] + again * week[row] + within
        starts[at], ends[at] = start + again * _WEEK, end + again * _WEEK
    return pointer, starts, ends


def lists_of(count: I64, values: I64) -> tuple[I64, I64]:
    """Turn counts and a flat array of at least as many values into CSR form."""
    pointer = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return pointer, values[: int(pointer[-1])]
