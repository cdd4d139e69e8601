"""Each part of the score, for each kind, at its ends and in between."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from matching.codes import HouseKind, Kind, Language, Mode, PartCode, SponsorKind, Stage
from matching.enquiry import enquire
from matching.model import HouseWish, InternWish, Offer, Request, SponsorWish
from matching.scoring import WEIGHTS, load, parts, points, share
from tests.matching.makers import NOW, POLICY, TODAY, ask, give, slot, terms_of


def part(code: PartCode, request: Request, offer: Offer, widen: int = 0) -> float | None:
    enquiry = enquire(request, today=TODAY, now=NOW, widen=widen, policy=POLICY)
    value = parts(enquiry, offer)[list(PartCode).index(code)]
    return None if value is None else value / 1_000_000


def offering(kind: Kind, **terms: Any) -> Offer:
    return give(kind, terms=replace(terms_of(kind), **terms))


@pytest.mark.parametrize("kind", list(Kind))
def test_what_fits_in_everything_reaches_the_top_in_every_part_but_the_ratings(kind: Kind) -> None:
    enquiry = enquire(ask(kind), today=TODAY, now=NOW, policy=POLICY)
    values = parts(enquiry, give(kind))
    assert values[:6] == (1_000_000,) * 6
    assert values[6] == (1_000_000 if kind is Kind.HOUSE else 750_000)
    assert points(values) == (100_000_000 if kind is Kind.HOUSE else 97_500_000)


def test_the_weights_are_those_of_section_9() -> None:
    assert {code.value: weight for code, weight in WEIGHTS.items()} == {
        "topic": 30, "availability": 20, "distance": 15, "language": 10, "load": 10, "fairness": 5, "quality": 10,
    }  # fmt: skip
    assert list(WEIGHTS) == list(PartCode)


def test_an_unknown_part_counts_half_its_weight() -> None:
    assert points((None,) * 7) == 50_000_000


@pytest.mark.parametrize(
    ("part_of", "whole", "micro"), [(1, 3, 333_333), (2, 3, 666_667), (-1, 3, 0), (5, 3, 1_000_000)]
)
def test_a_share_is_rounded_half_up_and_kept_in_bounds(part_of: int, whole: int, micro: int) -> None:
    assert share(part_of, whole) == micro


@pytest.mark.parametrize(
    ("topics", "value"), [({"PS1"}, 1.0), ({"PS2"}, 0.6), ({"PS"}, 0.6), ({"ED1"}, 0.0), (set(), None)]
)
def test_topic_of_a_service(topics: set[str], value: float | None) -> None:
    assert part(PartCode.TOPIC, ask(), offering(Kind.COUNSEL, topics=frozenset(topics))) == value


@pytest.mark.parametrize(
    ("slots", "value"),
    [
        ((slot(1, 12, 1),), 0.5),
        ((slot(1, 12, 1), slot(1, 12, 1)), 0.5),
        ((slot(1, 12, 3),), 1.0),
        ((slot(8, 12, 3),), 0.0),
        ((slot(3, 12, 3),), 0.0),
        (None, None),
    ],
)
def test_availability_counts_each_common_hour_of_seven_days_once(slots: Any, value: float | None) -> None:
    request = ask(slots=(slot(1, 12, 3), slot(8, 12, 3)))
    assert part(PartCode.AVAILABILITY, request, offering(Kind.COUNSEL, slots=slots)) == value


def test_an_overlap_across_the_seventh_day_counts_up_to_it() -> None:
    request = ask(slots=(slot(7, 0, 3),))
    assert part(PartCode.AVAILABILITY, request, offering(Kind.COUNSEL, slots=(slot(7, 0, 3),))) == 0.5


@pytest.mark.parametrize(
    ("modes", "region", "value"),
    [
        ({Mode.ON, Mode.FF}, "445100", 1.0),
        ({Mode.FF}, "440106", 1.0),
        ({Mode.FF}, "440104", 0.6),
        ({Mode.FF}, "440100", 0.6),
        ({Mode.FF}, "440604", 0.3),
        ({Mode.FF}, "445102", 0.0),
        ({Mode.FF}, None, None),
    ],
)
def test_distance_of_a_service(modes: set[Mode], region: str | None, value: float | None) -> None:
    assert part(PartCode.DISTANCE, ask(modes=frozenset(modes), region=region), give()) == value


def test_a_city_without_districts_is_one_district() -> None:
    request = ask(modes=frozenset({Mode.FF}), region="441900")
    assert part(PartCode.DISTANCE, request, give(region="441900")) == 1.0
    city = ask(modes=frozenset({Mode.FF}), region="440100")
    assert part(PartCode.DISTANCE, city, give(region="440100")) == 0.6


@pytest.mark.parametrize(
    ("wished", "speaks", "offered", "value"),
    [
        ({"YUE"}, {"PTH"}, {"YUE"}, 1.0),
        ({"YUE"}, {"PTH"}, {"PTH"}, 0.5),
        (set(), {"PTH"}, {"PTH"}, 1.0),
        ({"SGN"}, set(), {"PTH"}, 0.0),
        (set(), set(), {"PTH"}, None),
    ],
)
def test_language(wished: set[str], speaks: set[str], offered: set[str], value: float | None) -> None:
    request = ask(languages=frozenset(map(Language, wished)), speaks=frozenset(map(Language, speaks)))
    assert (
        part(PartCode.LANGUAGE, request, offering(Kind.COUNSEL, languages=frozenset(map(Language, offered)))) == value
    )


def test_load_fairness_and_quality() -> None:
    assert part(PartCode.LOAD, ask(), give(capacity=4, used=3)) == 0.25
    assert load(give(capacity=0, used=0)) == 0
    assert part(PartCode.FAIRNESS, ask(), give(last_match_on=TODAY - timedelta(days=7))) == 0.5
    assert part(PartCode.FAIRNESS, ask(), give(last_match_on=TODAY + timedelta(days=7))) == 0.0
    assert part(PartCode.FAIRNESS, ask(), give(last_match_on=None)) == 1.0
    assert part(PartCode.QUALITY, ask(), give(ratings_sum=24, ratings_count=5)) == 0.85
    assert part(PartCode.QUALITY, ask(), give(ratings_sum=100, ratings_count=100)) == pytest.approx(0.0357, abs=1e-4)


@pytest.mark.parametrize(
    ("majors", "major", "posts", "value"),
    [
        ({"法学"}, "法学", set(), 1.0),
        ({"法学"}, "会计", {"文案"}, 1.0),
        (set(), "法学", set(), 0.6),
        ({"法学"}, "会计", set(), 0.0),
        ({"法学"}, None, set(), None),
    ],
)
def test_topic_of_an_internship(majors: set[str], major: str | None, posts: set[str], value: float | None) -> None:
    request = ask(Kind.INTERN, intern=InternWish(major, frozenset(posts)))
    assert part(PartCode.TOPIC, request, offering(Kind.INTERN, majors=frozenset(majors))) == value


@pytest.mark.parametrize(
    ("first", "last", "value"),
    [
        (date(2027, 7, 1), date(2027, 8, 25), 1.0),
        (date(2027, 7, 29), date(2027, 8, 31), 0.5),
        (date(2027, 9, 1), date(2027, 9, 30), 0.0),
        (None, date(2027, 9, 30), None),
        (date(2027, 9, 1), None, None),
    ],
)
def test_availability_of_an_internship(first: date | None, last: date | None, value: float | None) -> None:
    request = ask(Kind.INTERN, intern=InternWish(free_from=first, free_to=last))
    assert part(PartCode.AVAILABILITY, request, give(Kind.INTERN)) == value


@pytest.mark.parametrize(
    ("region", "wanted", "housing", "value"),
    [
        ("440106", set(), False, 1.0),
        ("440604", set(), False, 0.3),
        ("440604", {"440100"}, False, 0.6),
        ("445102", set(), True, 0.6),
        ("440106", set(), True, 1.0),
        (None, set(), True, 0.6),
        (None, set(), False, None),
    ],
)
def test_the_commute_of_an_internship(region: str | None, wanted: set[str], housing: bool, value: float | None) -> None:  # noqa: FBT001 - a fact of the table
    request = ask(Kind.INTERN, region=region, wanted=frozenset(wanted))
    assert part(PartCode.DISTANCE, request, offering(Kind.INTERN, housing_given=housing)) == value


def test_the_language_of_an_internship_matters_only_when_one_is_asked() -> None:
    request = ask(Kind.INTERN, languages=frozenset(), speaks=frozenset({Language.PTH}))
    assert part(PartCode.LANGUAGE, request, offering(Kind.INTERN, languages=frozenset({Language.ENG}))) == 0.0
    assert part(PartCode.LANGUAGE, request, give(Kind.INTERN)) == 1.0


@pytest.mark.parametrize(
    ("wish", "value"),
    [
        (HouseWish(frozenset({HouseKind.APT}), 2, 150_000), 1.0),
        (HouseWish(frozenset({HouseKind.PUBLIC}), 2, 150_000), 0.6),
        (HouseWish(frozenset({HouseKind.APT}), 3, 100_000), 0.0),
        (HouseWish(frozenset({HouseKind.PUBLIC}), 3, 100_000), 0.0),
        (HouseWish(budget_fen_month=150_000), 1.0),
        (HouseWish(), None),
    ],
)
def test_topic_of_a_home(wish: HouseWish, value: float | None) -> None:
    assert part(PartCode.TOPIC, ask(Kind.HOUSE, house=wish), give(Kind.HOUSE)) == value


@pytest.mark.parametrize(
    ("wished", "free", "value"),
    [
        (date(2027, 6, 1), date(2027, 6, 1), 1.0),
        (date(2027, 6, 1), date(2027, 6, 16), 0.5),
        (date(2027, 6, 1), date(2027, 8, 1), 0.0),
        (None, date(2027, 6, 1), None),
        (date(2027, 6, 1), None, None),
    ],
)
def test_availability_of_a_home(wished: date | None, free: date | None, value: float | None) -> None:
    request = ask(Kind.HOUSE, house=HouseWish(move_in_on=wished))
    assert part(PartCode.AVAILABILITY, request, offering(Kind.HOUSE, free_from=free)) == value


@pytest.mark.parametrize(
    ("work", "value"), [("440106", 1.0), ("440104", 0.6), ("440604", 0.3), ("445102", 0.0), (None, None)]
)
def test_distance_of_a_home_is_the_way_to_work(work: str | None, value: float | None) -> None:
    assert part(PartCode.DISTANCE, ask(Kind.HOUSE, house=HouseWish(workplace=work)), give(Kind.HOUSE)) == value


@pytest.mark.parametrize(("visited", "value"), [(date(2027, 2, 9), 1.0), (date(2027, 2, 8), 0.5), (None, 0.0)])
def test_quality_of_a_home_is_the_visit(visited: date | None, value: float) -> None:
    assert part(PartCode.QUALITY, ask(Kind.HOUSE), offering(Kind.HOUSE, verified_on_site_on=visited)) == value


@pytest.mark.parametrize(
    ("sub", "kind", "prefers", "stage", "value"),
    [
        ("EC4", SponsorKind.ONE2ONE, set(), Stage.UG, 1.0),
        ("EC3", SponsorKind.ONE2ONE, set(), Stage.UG, 0.6),
        ("OT9", SponsorKind.FUND, set(), None, 0.6),
        ("EC4", SponsorKind.ONE2ONE, {Stage.UG}, Stage.UG, 1.0),
        ("EC4", SponsorKind.ONE2ONE, {Stage.SH}, Stage.UG, 0.0),
        ("EC4", SponsorKind.ONE2ONE, {Stage.SH}, None, None),
    ],
)
def test_topic_of_a_sponsorship(
    sub: str, kind: SponsorKind, prefers: set[Stage], stage: Stage | None, value: float | None
) -> None:
    offer = offering(Kind.SPONSOR, sponsor_kind=kind, stage_pref=frozenset(prefers))
    assert part(PartCode.TOPIC, ask(Kind.SPONSOR, sub=sub, stage=stage), offer) == value


@pytest.mark.parametrize(("asked", "value"), [(300_000, 1.0), (600_000, 0.5), (0, 1.0), (None, None)])
def test_availability_of_a_sponsorship_is_the_share_of_the_sum(asked: int | None, value: float | None) -> None:
    assert part(PartCode.AVAILABILITY, ask(Kind.SPONSOR, sponsor=SponsorWish(asked)), give(Kind.SPONSOR)) == value


@pytest.mark.parametrize(
    ("prefers", "region", "value"),
    [(set(), None, 1.0), ({"440104"}, "440106", 0.6), ({"445102"}, "440106", 0.0), ({"440104"}, None, None)],
)
def test_distance_of_a_sponsorship_is_the_preferred_region(
    prefers: set[str], region: str | None, value: float | None
) -> None:
    offer = offering(Kind.SPONSOR, region_pref=frozenset(prefers))
    assert part(PartCode.DISTANCE, ask(Kind.SPONSOR, region=region), offer) == value
