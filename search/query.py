"""The typed question a person asks, and the plan made of its words; engines turn both into their own language."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from search.documents import Point

MOST_RESULTS: Final = 1000
"""Nobody reads beyond the first thousand results; a page that begins there is refused by every engine alike."""

MOST_PAGE: Final = 100
NEAR_POLE: Final = 85.0


class QuestionRefusedError(ValueError):
    """A question no engine answers: a page out of reach, or a place that is not on the map."""


class Sort(StrEnum):
    """The orders a person may choose; ties always go to the newer one, then to the greater id."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NEAREST = "nearest"


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a number. A bound of None is open; `low_in` and `high_in` say whether the bound itself belongs."""

    low: int | None = None
    high: int | None = None
    low_in: bool = True
    high_in: bool = True
    unknown: bool = False

    def holds(self, value: int | None) -> bool:
        """Return whether a value lies within; a value nobody told lies within only when `unknown` is set."""
        if value is None:
            return self.unknown
        above = self.low is None or value > self.low or (self.low_in and value == self.low)
        below = self.high is None or value < self.high or (self.high_in and value == self.high)
        return above and below


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A place to measure distances from; with a radius, only what lies within it is found (the edge included)."""

    point: Point
    radius_km: float | None = None


_NO_FACETS: Final[Mapping[str, tuple[str, ...]]] = {}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks. Every empty field means “anything”.

    `any_of`: within one facet one of the values is enough, and every facet named must agree. `all_of`: every value
    must be there. `none_of`: no value may be there. `facets` names the facets to count; the count of a facet ignores
    that facet's own `any_of`, so that another value can be chosen beside it. `exact` switches every rewriting off.
    `age` finds offers open to that age; `open_on` finds offers still valid on that day.
    """

    words: str = ""
    any_of: Mapping[str, tuple[str, ...]] = _NO_FACETS
    all_of: Mapping[str, tuple[str, ...]] = _NO_FACETS
    none_of: Mapping[str, tuple[str, ...]] = _NO_FACETS
    amount_fen: Range | None = None
    published_since: datetime | None = None
    open_on: date | None = None
    age: int | None = None
    near: Near | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 20
    facets: tuple[str, ...] = ()
    exact: bool = False

    @property
    def offset(self) -> int:
        """How many results stand before this page."""
        return (self.page - 1) * self.size

    def check(self) -> None:
        """Raise :class:`QuestionRefusedError` for a page out of reach or a place that is not on the map."""
        if not 1 <= self.size <= MOST_PAGE or self.page < 1 or self.offset + self.size > MOST_RESULTS:
            raise QuestionRefusedError(f"page {self.page} of {self.size} is out of reach")
        if self.sort is Sort.NEAREST and self.near is None:
            raise QuestionRefusedError("the nearest first needs a place")
        if self.near is not None:
            self._check_place(self.near)

    def _check_place(self, near: Near) -> None:
        reach = (near.radius_km or 0.0) / 111.0
        inside = abs(near.point.lat) + reach <= NEAR_POLE and abs(near.point.lng) + reach / 0.08 <= 180.0  # noqa: PLR2004 - degrees
        if not inside or (near.radius_km is not None and near.radius_km <= 0):
            raise QuestionRefusedError("this place is not on the map")


class Token(msgspec.Struct, frozen=True):
    """One indexed word, or with `prefix` every indexed word that begins so."""

    text: str
    prefix: bool = False


Alternative = tuple[Token, ...]
"""Words that must all be there."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the person asked for: any of its alternatives will do, the first ones are what was written.

    `literal` is how many of the alternatives are the person's own words; `text` is the group as a person reads it.
    `short` says the same as `alternatives` with concept words (=租房) in the place of long lists, for indexes that hold
    such words; it is empty when there is nothing to shorten. `core` is the concept word that documents about this thing
    carry. `weight` is how telling the group is (the rarer, the
    more); a `minor` group (a place, a weak word) is never all that is left of a question; `wider` is what to accept
    instead of the group before it is given up.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    literal: int = 1
    short: tuple[Alternative, ...] = ()
    core: str = ""
    weight: float = 1.0
    minor: bool = False
    wider: tuple[Alternative, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a question, understood: every group must be met, unless `spare` groups may stay unmet.

    `text` is what is searched for in readable words; `rewritten_from` is what was typed, when that is something else
    than `text`. `by` says what kind of rewriting made the plan. `met` is how many documents are known
    to meet every group, when that was asked before. An empty plan has no groups and finds everything.
    """

    groups: tuple[Group, ...] = ()
    text: str = ""
    rewritten_from: str = ""
    by: str = ""
    spare: int = 0
    met: int | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no word to search for."""
        return not self.groups
