"""K11 and K25 by their formulas: the worked example of the domain reference and the cases around it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.ledger.rules import (
    Done,
    Ratio,
    Term,
    at_share,
    counts_for,
    days_in_office,
    duty_done,
    k11,
    k11_by_route,
    k11_by_type,
    k25,
    route_for,
    school_year_of,
    shown,
    shown_cells,
    who_is_due,
)

YEAR = 2026
A, B, C, D, E = (UUID(int=number) for number in range(1, 6))
UNIT, OTHER = UUID(int=100), UUID(int=101)


def term(person: UUID, kind: str = "PT", start: date = date(2025, 1, 1), end: date | None = None) -> Term:
    return Term(person_id=person, org_id=UNIT, cadre_type=kind, start=start, end=end)


def done(person: UUID, day: date = date(2026, 10, 1), *, verified: bool = True, route: str = "E") -> Done:
    return Done(person_id=person, day=day, verified=verified, route=route)


def test_k11_of_the_worked_example_is_three_of_four() -> None:
    terms = [term(A, "FT"), term(B), term(C), term(D), term(E, "SEC", date(2026, 11, 21))]
    due = who_is_due(terms, YEAR)
    assert days_in_office([terms[-1]], YEAR) == 41
    assert {one.person_id for one in due} == {A, B, C, D}
    records = [done(A, route="C"), done(B), done(C, route="D"), done(D, verified=False), done(E)]
    figure = k11(due, records, YEAR)
    assert (figure.done, figure.due, figure.percent) == (3, 4, 75.0)
    assert k11_by_type(due, records, YEAR) == {"FT": Ratio(1, 1), "PT": Ratio(2, 3)}
    assert k11_by_route(due, records, YEAR) == {"C": 1, "D": 1, "E": 1}


def test_somebody_appointed_on_20_november_is_not_due_and_60_days_are() -> None:
    assert who_is_due([term(E, start=date(2026, 11, 20))], YEAR) == ()
    assert who_is_due([term(E, start=date(2026, 11, 3))], YEAR) == ()
    [due] = who_is_due([term(E, start=date(2026, 11, 2))], YEAR)
    assert due.days == 60


def test_a_cadre_who_moves_is_due_once_at_the_last_unit_with_the_record_of_the_first() -> None:
    first = term(A, "PT", date(2026, 1, 1), date(2026, 2, 28))
    second = Term(person_id=A, org_id=OTHER, cadre_type="FT", start=date(2026, 3, 1))
    [due] = who_is_due([second, first], YEAR)
    assert (due.org_id, due.cadre_type, due.days) == (OTHER, "FT", 365)
    assert k11([due], [done(A, date(2026, 1, 20))], YEAR) == Ratio(1, 1)


def test_who_left_during_the_year_is_assessed_at_the_last_unit() -> None:
    [due] = who_is_due([term(A, end=date(2026, 6, 30))], YEAR)
    assert (due.org_id, due.days) == (UNIT, 181)


def test_overlapping_appointments_count_each_day_once() -> None:
    assert (
        days_in_office([term(A, end=date(2026, 2, 28)), term(A, start=date(2026, 2, 1), end=date(2026, 3, 1))], YEAR)
        == 60
    )


def test_records_of_another_year_or_without_confirmation_do_not_count() -> None:
    assert duty_done([done(A, date(2025, 12, 31)), done(B, verified=False), done(C, date(2026, 12, 31))], YEAR) == {
        C: "E"
    }


def test_several_records_of_one_person_count_once() -> None:
    due = who_is_due([term(A)], YEAR)
    assert k11(due, [done(A), done(A, route="C")], YEAR) == Ratio(1, 1)


def test_k25_of_the_worked_example_is_51_of_56() -> None:
    census = date(2026, 12, 1)
    students = [UUID(int=number) for number in range(58)]
    roll = {student: census - timedelta(days=90) for student in students[:56]}
    roll |= {student: census - timedelta(days=89) for student in students[56:]}
    confirmed = {student: [date(2026, 10, 10)] for student in students[:51]}
    confirmed |= {student: [date(2026, 8, 31)] for student in students[51:54]}
    figure = k25(roll, confirmed, census, 2026)
    assert (figure.done, figure.due, figure.percent) == (51, 56, 91.1)


def test_a_school_year_runs_from_september_to_august() -> None:
    assert school_year_of(2026) == (date(2026, 9, 1), date(2027, 8, 31))


@pytest.mark.parametrize(
    ("ratio", "percent"), [(Ratio(0, 0), None), (Ratio(0, 3), 0.0), (Ratio(1, 3), 33.3), (Ratio(2, 3), 66.7)]
)
def test_a_share_has_one_decimal_and_nobody_due_has_none(ratio: Ratio, percent: float | None) -> None:
    assert ratio.percent == percent


def test_routes_and_figures_follow_the_kind_of_help() -> None:
    assert [route_for(kind) for kind in ("SPONSOR", "INTERN", "HOUSE", "COUNSEL", "")] == ["B", "C", "D", "E", "E"]
    assert counts_for("INTERN", by_cadre=True, in_difficulty=False) == ("K11", "K14")
    assert counts_for("COUNSEL", by_cadre=False, in_difficulty=True) == ("K25",)


@pytest.mark.parametrize(
    ("count", "level", "text"),
    [
        (0, "L1", "0"),
        (9, "L1", "<10"),
        (10, "L2", "10"),
        (4, "L4", "<5"),
        (5, "L4", "5"),
        (4, "L6", "<5"),
        (7, "L3", "<10"),
    ],
)
def test_small_counts_are_hidden(count: int, level: str, text: str) -> None:
    assert shown(count, level) == text


def test_one_hidden_cell_takes_the_smallest_other_one_along() -> None:
    assert shown_cells({"EC": 3, "EM": 12, "ED": 40}, "L2") == {"EC": "<10", "EM": "—", "ED": "40"}
    assert shown_cells({"EC": 3, "EM": 4, "ED": 40}, "L2") == {"EC": "<10", "EM": "<10", "ED": "40"}
    assert shown_cells({"EC": 30, "EM": 0}, "L2") == {"EC": "30", "EM": "0"}
    assert shown_cells({"EC": 3, "EM": 0}, "L2") == {"EC": "<10", "EM": "0"}


def test_medians_and_ninetieth_percentiles_are_nearest_ranks() -> None:
    assert at_share([], 50) is None
    assert at_share([2.0], 90) == 2.0
    assert at_share([1.0, 2.0, 3.0, 4.0], 50) == 2.0
    assert at_share([float(number) for number in range(1, 11)], 90) == 9.0
