"""Pure decisions about offers: gates, how long a verification holds, what is named and shown."""

from datetime import date

import pytest

from app.offers.forms import kind_of_slug, place_options
from app.offers.kinds import KINDS
from app.offers.queries import in_region
from app.offers.queries_around import REFERENCE_RENT
from app.offers.rules import (
    CHECKLISTS,
    LEGAL_NOTES,
    REPORT_KINDS,
    REPORT_SEVERITY,
    TYPES,
    VERIFICATION_HOLDS,
    fits_person,
    has_ended,
    hidden_types,
    holds_until,
    missing_checks,
    provider_label,
    reviewers_needed,
    street_of,
)
from app.regions.rules import cities

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("age", "stage", "year", "hidden"),
    [
        (12, "JH", 1, {"INTERN", "HOUSE"}),
        (15, "SV", 1, {"INTERN", "HOUSE"}),
        (15, "SH", 1, {"INTERN", "HOUSE"}),
        (16, "SH", 1, {"HOUSE"}),
        (16, "SV", 1, {"INTERN", "HOUSE"}),
        (17, "SV", 2, {"HOUSE"}),
        (19, "HV", 1, {"INTERN"}),
        (18, "UG", 1, set()),
        (25, "UG", 4, set()),
        (26, "GR", 4, {"SPONSOR"}),
        (26, "PG", 2, {"HOUSE", "SPONSOR"}),
    ],
)
def test_age_and_stage_decide_which_kinds_exist(age: int, stage: str, year: int, hidden: set[str]) -> None:
    assert hidden_types(age, stage, year) == hidden


def test_an_offer_fits_by_age_and_stage() -> None:
    assert fits_person(16, 25, (), age=16, stage="SH")
    assert fits_person(16, 25, ("UG",), age=20, stage="UG")
    assert not fits_person(16, 25, ("UG",), age=20, stage="HV")
    assert not fits_person(16, 25, (), age=26, stage="UG")


def test_a_verification_holds_as_long_as_its_kind_or_the_credential() -> None:
    assert holds_until("HOUSE", DAY) == date(2027, 2, 21)
    assert holds_until("INTERN", DAY) == date(2027, 5, 22)
    assert holds_until("COUNSEL", DAY, date(2027, 1, 1)) == date(2027, 1, 1)
    assert holds_until("COUNSEL", DAY, date(2030, 1, 1)) == date(2027, 11, 23)


def test_an_offer_is_over_after_its_last_day_or_its_verification() -> None:
    assert not has_ended(DAY, DAY, DAY)
    assert not has_ended(DAY, None, DAY)
    assert has_ended(date(2026, 11, 22), None, DAY)
    assert has_ended(date(2027, 1, 1), date(2026, 11, 22), DAY)


def test_a_checklist_names_what_is_missing() -> None:
    assert missing_checks("STUDY", ("identity",)) == ("内容合规、免费",)
    assert missing_checks("HOUSE", tuple(CHECKLISTS["HOUSE"])) == ()
    assert [reviewers_needed(kind) for kind in TYPES] == [1, 1, 2, 2, 1, 1]


def test_volunteers_and_anonymous_sponsors_are_not_named_to_everybody() -> None:
    assert provider_label("VOL", "示例志愿者A", anonymous=False, known=False) == "已核验志愿者"
    assert provider_label("VOL", "示例志愿者A", anonymous=False, known=True) == "示例志愿者A"
    assert provider_label("SPO", "（示例）热心企业", anonymous=True, known=True) == "爱心资助方（匿名）"
    assert provider_label("EMP", "（示例）海岸科技", anonymous=False, known=False) == "（示例）海岸科技"


def test_only_the_street_of_a_home_is_public() -> None:
    assert street_of("示例街道示例路8号3栋502") == "示例街"
    assert street_of("桂城示例大道8号") == "桂城示例大道"
    assert street_of("3栋502") == ""


def test_every_kind_has_everything_around_it() -> None:
    assert set(TYPES) == set(KINDS) == set(CHECKLISTS) == set(LEGAL_NOTES) == set(VERIFICATION_HOLDS)
    assert set(REPORT_KINDS) == set(REPORT_SEVERITY)
    assert set(REFERENCE_RENT) == {city.code for city in cities()}
    assert all(kind_of_slug(kind.slug) is kind for kind in KINDS.values())
    assert kind_of_slug("castle") is None


def test_places_to_choose_from() -> None:
    assert set(place_options("440604")) == {"440600", "440604", "440605", "440606", "440607", "440608"}
    assert len(place_options()) == 21 + 122


def test_a_code_lies_in_county_city_and_province() -> None:
    assert in_region("440604", "440600")
    assert in_region("440604", "440000")
    assert in_region("440604", "440604")
    assert not in_region("440604", "440300")
    assert not in_region("440604", "440605")
    assert not in_region("441900", "440100")
    assert not in_region("440311", "440310")
