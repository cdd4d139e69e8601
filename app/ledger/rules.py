"""What counts: routes, who is due, the figures K11 and K25, and cells too small to show (domain 11, 8.2)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

ROUTES: Final[Mapping[str, str]] = {
    "A": "领办12355个案",
    "B": "结对资助",
    "C": "对接企业岗位",
    "D": "对接租赁房源",
    "E": "其他实际困难",
}
STATES: Final[Mapping[str, str]] = {
    "CLAIMED": "等学生确认",
    "VERIFIED": "学生已确认",
    "UNCONFIRMED": "没有收到确认，不计入",
    "NOT_SOLVED": "学生说没有解决，不计入",
}
_ROUTE_OF_KIND: Final[Mapping[str, str]] = {"SPONSOR": "B", "INTERN": "C", "HOUSE": "D"}
_FIGURE_OF_KIND: Final[Mapping[str, str]] = {"SPONSOR": "K13", "INTERN": "K14", "HOUSE": "K15"}
DUE_FROM_DAYS: Final = 60
ON_ROLL_DAYS: Final = 90
SCHOOL_YEAR_MONTH: Final = 9
ABOVE_SCHOOL: Final = 10
INSIDE_SCHOOL: Final = 5
_ABOVE_SCHOOL_LEVELS: Final = frozenset({"L1", "L2", "L3"})


def route_for(kind: str) -> str:
    """Return the route of the cadre duty that a kind of offer belongs to."""
    return _ROUTE_OF_KIND.get(kind, "E")


def counts_for(kind: str, *, by_cadre: bool, in_difficulty: bool) -> tuple[str, ...]:
    """Return the figures a record may count for, each once."""
    figures = ["K11"] if by_cadre else []
    if kind in _FIGURE_OF_KIND:
        figures.append(_FIGURE_OF_KIND[kind])
    if in_difficulty:
        figures.append("K25")
    return tuple(figures)


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment of a cadre; both days count, `end` None means "still in office"."""

    person_id: UUID
    org_id: UUID
    cadre_type: str
    start: date
    end: date | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A person who owes the duty of a year, with the unit and type by which the person is assessed."""

    person_id: UUID
    org_id: UUID
    cadre_type: str
    days: int


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A help record as the figures read it: whose, on which day it was solved, verified or not."""

    person_id: UUID
    day: date
    verified: bool
    route: str = "E"


class Ratio(msgspec.Struct, frozen=True):
    """A figure with its numerator and denominator; `percent` has one decimal, None when nobody is due."""

    done: int
    due: int

    @property
    def percent(self) -> float | None:
        """The share in per cent, halves rounded up."""
        return None if not self.due else (self.done * 2000 + self.due) // (2 * self.due) / 10


def days_in_office(terms: Iterable[Term], year: int) -> int:
    """Count the days of a calendar year on which a person was a cadre; overlapping appointments count once."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    days: set[date] = set()
    for term in terms:
        start, end = max(first, term.start), min(last, term.end or last)
        days |= {start + timedelta(days=number) for number in range((end - start).days + 1)}
    return len(days)


def who_is_due(terms: Iterable[Term], year: int) -> tuple[Due, ...]:
    """Return who owes the duty of a year: once a person, from 60 days in office, at the unit of 12-31 or the last one.

    Several appointments on the last day: the one that began last decides.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    by_person: dict[UUID, list[Term]] = {}
    for term in terms:
        if term.start <= last and (term.end is None or term.end >= first):
            by_person.setdefault(term.person_id, []).append(term)
    due: list[Due] = []
    for person_id, held in by_person.items():
        days = days_in_office(held, year)
        if days >= DUE_FROM_DAYS:
            final = max(held, key=lambda term: (min(term.end or last, last), term.start))
            due.append(Due(person_id=person_id, org_id=final.org_id, cadre_type=final.cadre_type, days=days))
    return tuple(sorted(due, key=lambda one: str(one.person_id)))


def duty_done(records: Iterable[Done], year: int) -> dict[UUID, str]:
    """Return who has done the duty of a year, with the route of the first verified record."""
    found: dict[UUID, str] = {}
    for record in sorted((one for one in records if one.verified and one.day.year == year), key=lambda one: one.day):
        found.setdefault(record.person_id, record.route)
    return found


def k11(due: Sequence[Due], records: Iterable[Done], year: int) -> Ratio:
    """Return 干部办实事完成率: persons due with a verified record in the calendar year, of the persons due."""
    done = duty_done(records, year)
    return Ratio(sum(one.person_id in done for one in due), len(due))


def k11_by_type(due: Sequence[Due], records: Sequence[Done], year: int) -> dict[str, Ratio]:
    """Return K11 by type of cadre (FT, PT, SEC)."""
    kinds = sorted({one.cadre_type for one in due})
    return {kind: k11([one for one in due if one.cadre_type == kind], records, year) for kind in kinds}


def k11_by_route(due: Sequence[Due], records: Sequence[Done], year: int) -> dict[str, int]:
    """Return how many persons fulfilled the duty by each route."""
    done = duty_done(records, year)
    routes = [done[one.person_id] for one in due if one.person_id in done]
    return {route: routes.count(route) for route in ROUTES if route in routes}


def school_year_of(first_year: int) -> tuple[date, date]:
    """Return the first and last day of the school year that begins in a year."""
    return date(first_year, SCHOOL_YEAR_MONTH, 1), date(first_year + 1, SCHOOL_YEAR_MONTH, 1) - timedelta(days=1)


def k25(on_roll: Mapping[UUID, date], confirmed: Mapping[UUID, Iterable[date]], census: date, first_year: int) -> Ratio:
    """Return 困境学生帮扶率 on a census day: students 90 days or longer on the roll, with a confirmed record this year.

    `on_roll` gives since when each student is in difficulty, `confirmed` the days of their confirmed records.
    """
    first, last = school_year_of(first_year)
    due = {student for student, since in on_roll.items() if (census - since).days >= ON_ROLL_DAYS}
    helped = {student for student in due if any(first <= day <= last for day in confirmed.get(student, ()))}
    return Ratio(len(helped), len(due))


def at_share(values: Sequence[float], percent: int) -> float | None:
    """Return the value below or at which a share of the sorted values lies (nearest rank), with one decimal."""
    if not values:
        return None
    return round(values[max(0, -(-len(values) * percent // 100) - 1)], 1)


def smallest_cell(org_level: str) -> int:
    """Return the smallest count that may be shown: 10 above school level, 5 inside the school."""
    return ABOVE_SCHOOL if org_level in _ABOVE_SCHOOL_LEVELS else INSIDE_SCHOOL


def shown(count: int, org_level: str) -> str:
    """Return a count as text, "<10" or "<5" when the cell is too small; a zero is a zero."""
    least = smallest_cell(org_level)
    return str(count) if count == 0 or count >= least else f"<{least}"


def shown_cells(counts: Mapping[str, int], org_level: str) -> dict[str, str]:
    """Return the cells of one total as text, with complementary suppression.

    When exactly one cell is hidden, the smallest other one is hidden too, so that the total gives nothing away.
    """
    least = smallest_cell(org_level)
    hidden = {name for name, count in counts.items() if 0 < count < least}
    others = {name: count for name, count in counts.items() if name not in hidden and count > 0}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda name: (others[name], name)))
    return {
        name: (f"<{least}" if 0 < count < least else "—") if name in hidden else str(count)
        for name, count in counts.items()
    }
