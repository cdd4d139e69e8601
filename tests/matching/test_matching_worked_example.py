"""The worked example of section 9, and the ranking around it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.codes import CheckResult, GenderWish, Kind, Language, Mode, PartCode, PartState
from matching.explain import headline
from matching.model import Offer, RecordCheck, Request, ServiceTerms, shown
from matching.reasons import ReasonCode
from matching.solvers.queue import propose
from matching.verify import verify_proposals
from tests.matching.makers import NOW, POLICY, TODAY, ask, give, slot


def _volunteer(name: str, topic: str, hours: float, languages: set[Language], **facts: Any) -> Offer:
    terms = ServiceTerms(
        topics=frozenset({topic}),
        modes=frozenset({Mode.ON, Mode.VI}),
        languages=frozenset(languages),
        slots=(slot(1, 8, hours),),
    )
    return give(offer_id=name, provider_id=f"p{name}", person_ids=frozenset({f"v{name}"}), terms=terms, **facts)


def _three(check_of_a: date = date(2027, 1, 10)) -> list[Offer]:
    both = {Language.YUE, Language.PTH}
    return [
        _volunteer(
            "A", "PS1", 3, both, used=3, last_match_on=TODAY - timedelta(days=2), ratings_sum=24, ratings_count=5,
            record_check=RecordCheck(CheckResult.CLEAR, check_of_a),
        ),
        _volunteer("B", "PS1", 1, {Language.PTH}, used=0, last_match_on=TODAY - timedelta(days=20)),
        _volunteer(
            "C", "PS2", 4, both, used=1, last_match_on=TODAY - timedelta(days=7), ratings_sum=13, ratings_count=3
        ),
    ]  # fmt: skip


def _student(**facts: Any) -> Request:
    return ask(slots=(slot(1, 6, 12),), modes=frozenset({Mode.ON}), **facts)


def test_the_worked_example_gives_its_three_scores_in_its_order() -> None:
    answer = propose(_student(), _three(), today=TODAY, now=NOW)
    assert [(one.rank, one.pair.offer_id, one.score) for one in answer.ranked] == [
        (1, "A", 86.7),
        (2, "B", 82.5),
        (3, "C", 80.8),
    ]
    assert answer.fitting == 3
    assert answer.refused == ()
    assert not answer.widened


def test_the_parts_of_the_first_volunteer_are_those_of_the_formula() -> None:
    first = propose(_student(), _three(), today=TODAY, now=NOW).ranked[0]
    assert {part.code: part.value for part in first.parts} == {
        PartCode.TOPIC: 1.0,
        PartCode.AVAILABILITY: 1.0,
        PartCode.DISTANCE: 1.0,
        PartCode.LANGUAGE: 1.0,
        PartCode.LOAD: 0.25,
        PartCode.FAIRNESS: 0.142857,
        PartCode.QUALITY: 0.85,
    }
    assert all(part.state is PartState.FITS for part in first.parts)
    assert headline(first.parts)[:3] == (
        "正好擅长你说的这件事。",
        "最近 7 天里有 3 小时你们都有空。",
        "可以线上进行，不用跑路。",
    )


@pytest.mark.parametrize("age", [14, 15, 17])
def test_a_minor_never_gets_a_volunteer_whose_check_is_thirteen_months_old(age: int) -> None:
    answer = propose(_student(age=age), _three(date(2026, 4, 10)), today=TODAY, now=NOW)
    assert [one.pair.offer_id for one in answer.ranked] == ["B", "C"]
    assert [reason.code for reason in answer.refused[0].reasons] == [ReasonCode.CHECK_EXPIRED]


def test_an_adult_may_get_that_volunteer() -> None:
    answer = propose(_student(age=18), _three(date(2026, 4, 10)), today=TODAY, now=NOW)
    assert [one.pair.offer_id for one in answer.ranked] == ["A", "B", "C"]


def test_a_gender_wish_keeps_c_out_as_in_journey_01() -> None:
    three = _three()
    offers = [three[0], three[1], _volunteer("C", "PS2", 4, {Language.YUE}, gender="M")]
    answer = propose(_student(age=16, gender_wish=GenderWish.F), offers, today=TODAY, now=NOW)
    assert [one.pair.offer_id for one in answer.ranked] == ["A", "B"]
    again = _student(age=16, gender_wish=GenderWish.F, excluded_offer_ids=frozenset({"A"}))
    assert [one.pair.offer_id for one in propose(again, offers, today=TODAY, now=NOW).ranked] == ["B"]


@pytest.mark.parametrize(
    ("limit", "waiting", "names"), [(3, 0, "ABC"), (3, 2, "A"), (3, 3, ""), (3, 5, ""), (1, 0, "A")]
)
def test_no_more_than_the_limit_waits_for_an_answer(limit: int, waiting: int, names: str) -> None:
    answer = propose(_student(), _three(), today=TODAY, now=NOW, limit=limit, open_already=waiting)
    assert [one.pair.offer_id for one in answer.ranked] == list(names)


def test_equal_scores_go_to_the_longest_idle_and_then_to_the_lowest_id() -> None:
    offers = [
        give(offer_id="d", provider_id="1", last_match_on=TODAY - timedelta(days=20)),
        give(offer_id="c", provider_id="2", last_match_on=TODAY - timedelta(days=30)),
        give(offer_id="b", provider_id="3", last_match_on=None),
        give(offer_id="a", provider_id="4", last_match_on=TODAY - timedelta(days=20)),
    ]
    answer = propose(ask(), offers, today=TODAY, now=NOW, limit=4)
    assert [one.pair.offer_id for one in answer.ranked] == ["b", "c", "a", "d"]
    assert len({one.points for one in answer.ranked}) == 1


def test_two_offers_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="share the id o1"):
        propose(ask(), [give(), give()], today=TODAY, now=NOW)


def test_the_judge_agrees_with_the_ranking_and_sees_each_fault() -> None:
    offers = [*_three(), give(Kind.HOUSE, offer_id="H")]
    answer = propose(_student(), offers, today=TODAY, now=NOW, policy=POLICY)
    assert verify_proposals(_student(), offers, answer, today=TODAY, now=NOW, policy=POLICY) == ()
    wrong = type(answer)(answer.need_id, answer.ranked[1:], (), 2, answer.widened)
    assert len(verify_proposals(_student(), offers, wrong, today=TODAY, now=NOW, policy=POLICY)) == 4


@given(st.integers(0, 100_000_000))
def test_a_score_is_shown_with_one_decimal_and_halves_go_up(points: int) -> None:
    assert abs(shown(points) - points / 1_000_000) <= 0.05 + 1e-9
    assert shown(86_650_000) == 86.7
    assert shown(86_649_999) == 86.6
