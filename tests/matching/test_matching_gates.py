"""Every gate of section 9 from both sides: the pair that just passes and the one that just does not."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from matching import practicalities, safeguards
from matching.codes import (
    CheckResult,
    GenderWish,
    Kind,
    Language,
    Level,
    Mode,
    NeedState,
    OfferState,
    PostKind,
    ProviderState,
    ProviderType,
    Risk,
    Stage,
    VolunteerState,
)
from matching.eligibility import GATES, judge, may_exist
from matching.enquiry import enquire
from matching.model import Offer, Policy, RecordCheck, Request
from matching.reasons import REASONS, ReasonCode
from matching.solvers.queue import propose
from tests.matching.makers import NOW, POLICY, TODAY, ask, give, slot, terms_of

C, H, W, S, T, L = Kind.COUNSEL, Kind.HOUSE, Kind.INTERN, Kind.SPONSOR, Kind.STUDY, Kind.LEGAL
YES: dict[str, Any] = {"guardian_consent": True}
SWITCHED = Policy(POLICY.neighbours, house_from_16=True)


def codes(request: Request, offer: Offer, widen: int = 0, policy: Policy = POLICY) -> list[str]:
    return [
        reason.code.value for reason in judge(enquire(request, today=TODAY, now=NOW, widen=widen, policy=policy), offer)
    ]


def checked(result: str, year: int, month: int, day: int) -> dict[str, Any]:
    return {"record_check": RecordCheck(CheckResult(result), date(year, month, day))}


def with_terms(kind: Kind, **terms: Any) -> dict[str, Any]:
    return {"terms": replace(terms_of(kind), **terms)}


@pytest.mark.parametrize("kind", list(Kind))
def test_what_fits_passes_every_gate(kind: Kind) -> None:
    assert codes(ask(kind), give(kind)) == []


CASES: list[tuple[Kind, dict[str, Any], dict[str, Any], list[str]]] = [
    # Offer, provider, places.
    *((C, {}, {"state": state}, ["OFFER_NOT_PUBLISHED"]) for state in OfferState if state is not OfferState.PUBLISHED),
    *(
        (H, {}, {"provider_state": state}, ["PROVIDER_NOT_VERIFIED"])
        for state in ProviderState
        if state is not ProviderState.VERIFIED
    ),
    (C, {}, {"valid_from": date(2027, 5, 10)}, []),
    (C, {}, {"valid_from": date(2027, 5, 11)}, ["OFFER_NOT_STARTED"]),
    (C, {}, {"valid_to": date(2027, 5, 10)}, []),
    (C, {}, {"valid_to": date(2027, 5, 9)}, ["OFFER_EXPIRED"]),
    (S, {}, {"capacity": 4, "used": 3}, []),
    (S, {}, {"capacity": 4, "used": 4}, ["CAPACITY_FULL"]),
    (C, {}, with_terms(C, booked_week=3), []),
    (C, {}, with_terms(C, booked_week=4), ["WEEKLY_CAP"]),
    # Need, risk, route.
    *((W, {"state": state}, {}, ["NEED_NOT_OPEN"]) for state in NeedState if state is not NeedState.OPEN),
    (C, {"risk": None}, {}, ["RISK_UNKNOWN"]),
    (C, {"risk": Risk.BLUE}, {"level": None}, []),
    (C, {"risk": Risk.YELLOW}, {"level": Level.A}, []),
    (C, {"risk": Risk.YELLOW}, {"level": Level.B}, []),
    (C, {"risk": Risk.YELLOW}, {"level": Level.C}, ["LEVEL_TOO_LOW"]),
    (C, {"risk": Risk.YELLOW}, {"level": None}, ["LEVEL_UNKNOWN"]),
    (T, {"risk": Risk.YELLOW}, {}, []),
    *((kind, {"risk": risk}, {}, ["RISK_TOO_HIGH"]) for kind in Kind for risk in (Risk.ORANGE, Risk.RED)),
    (L, {"sub": "RT2"}, {}, ["CASE_DESK_ONLY"]),
    (C, {"sub": "RT3"}, {}, ["CASE_DESK_ONLY"]),
    (S, {"sub": "EC1"}, {}, []),
    (C, {"sub": "EC4"}, {}, ["ROUTE_DIFFERENT"]),
    (W, {"sub": "EM5"}, {}, ["ROUTE_DIFFERENT"]),
    # Age.
    (C, {"age": None}, {}, ["AGE_UNKNOWN"]),
    (C, {"age": 12, **YES}, {}, []),
    (C, {"age": 11, **YES}, {}, ["AGE_TOO_YOUNG"]),
    (T, {"age": 11, **YES}, {}, ["AGE_TOO_YOUNG"]),
    (L, {"age": 11, **YES}, {}, ["AGE_TOO_YOUNG"]),
    (C, {"age": 26}, {}, []),
    (C, {"age": 26, "stage": None}, {}, []),
    (W, {"age": 16, **YES}, {}, []),
    (W, {"age": 15, **YES}, {}, ["AGE_TOO_YOUNG"]),
    (W, {"age": 17, **YES}, with_terms(W, min_age=18), ["AGE_TOO_YOUNG"]),
    (W, {"age": 15, **YES}, with_terms(W, min_age=14), ["AGE_TOO_YOUNG"]),
    (W, {"age": 26}, {}, []),
    (W, {"age": 26, "stage": Stage.GR}, {}, ["AGE_TOO_OLD"]),
    (W, {"age": 26, "stage": None}, {}, ["STAGE_UNKNOWN"]),
    (H, {"age": 18}, {}, []),
    (H, {"age": 17, **YES}, {}, ["AGE_TOO_YOUNG"]),
    (H, {"age": 26}, {}, ["AGE_TOO_OLD"]),
    (H, {"age": 26, "stage": Stage.GR}, {}, []),
    (H, {"age": 26, "stage": None}, {}, ["STAGE_UNKNOWN"]),
    (S, {"age": 11, **YES}, {}, []),
    (S, {"age": 26}, {}, ["AGE_TOO_OLD"]),
    (S, {"age": 26, "stage": None}, {}, ["AGE_TOO_OLD"]),
    (C, {"age": 20}, {"age_min": 20, "age_max": 20}, []),
    (C, {"age": 19}, {"age_min": 20}, ["OFFER_AGE"]),
    (C, {"age": 21}, {"age_max": 20}, ["OFFER_AGE"]),
    (C, {"age": None}, {"age_max": 20}, ["AGE_UNKNOWN"]),
    # Stage.
    (C, {"stage": None}, {}, []),
    (C, {"stage": None}, {"stages": frozenset({Stage.UG})}, ["STAGE_UNKNOWN"]),
    (C, {}, {"stages": frozenset({Stage.UG})}, []),
    (C, {}, {"stages": frozenset({Stage.SH})}, ["OFFER_STAGE"]),
    *((kind, {"stage": Stage.GR}, {}, ["STAGE_NOT_SERVED"]) for kind in (C, T, L, S)),
    *((kind, {"stage": Stage.GR}, {}, []) for kind in (W, H)),
    (W, {"stage": None}, {}, ["STAGE_UNKNOWN"]),
    (W, {"stage": Stage.SV, "grade_year": 1}, {}, ["FIRST_YEAR"]),
    (W, {"stage": Stage.HV, "grade_year": 1}, {}, ["FIRST_YEAR"]),
    (W, {"stage": Stage.HV, "grade_year": None}, {}, ["GRADE_UNKNOWN"]),
    (W, {"stage": Stage.SV, "grade_year": 2}, {}, []),
    (W, {"stage": Stage.UG, "grade_year": 1}, {}, []),
    (W, {}, with_terms(W, post_kind=PostKind.TRAINEE_HR), ["TRAINEE_IN_SCHOOL"]),
    (W, {"stage": Stage.GR}, with_terms(W, post_kind=PostKind.TRAINEE_HR), []),
    (W, {"stage": Stage.HV}, with_terms(W, education_min=Stage.HV), []),
    (W, {"stage": Stage.HV}, with_terms(W, education_min=Stage.UG), ["EDUCATION_BELOW"]),
    (W, {"stage": Stage.GR}, with_terms(W, education_min=Stage.UG), ["EDUCATION_OPEN"]),
    (W, {"stage": None}, with_terms(W, education_min=Stage.UG), ["STAGE_UNKNOWN", "EDUCATION_OPEN"]),
    # Guardian.
    *((kind, {"age": 13}, {}, ["GUARDIAN_UNKNOWN"]) for kind in (C, T, L)),
    *((kind, {"age": 14}, {}, []) for kind in (C, T, L)),
    (C, {"age": 12, "guardian_consent": False}, {}, ["GUARDIAN_MISSING"]),
    (W, {"age": 17}, {}, ["GUARDIAN_UNKNOWN"]),
    (W, {"age": 17, "guardian_consent": False}, {}, ["GUARDIAN_MISSING"]),
    (W, {"age": 18}, {}, []),
    (S, {"age": 17}, {}, ["GUARDIAN_UNKNOWN"]),
    (S, {"age": 17, **YES}, {}, []),
    # Contact with minors.
    (C, {}, {"volunteer_state": None}, ["VOLUNTEER_UNKNOWN"]),
    (T, {}, {"volunteer_state": None, "provider_type": ProviderType.VOL}, ["VOLUNTEER_UNKNOWN"]),
    (L, {"age": 15}, {"volunteer_state": VolunteerState.ACTIVE}, []),
    (C, {"age": 18}, {"volunteer_state": VolunteerState.ACTIVE_ADULT}, []),
    (C, {"age": 17}, {"volunteer_state": VolunteerState.ACTIVE_ADULT}, ["VOLUNTEER_ADULTS_ONLY"]),
    (C, {"age": None}, {"volunteer_state": VolunteerState.ACTIVE_ADULT}, ["AGE_UNKNOWN", "VOLUNTEER_ADULTS_ONLY"]),
    *(
        (C, {}, {"volunteer_state": state}, ["VOLUNTEER_NOT_ACTIVE"])
        for state in VolunteerState
        if state not in {VolunteerState.ACTIVE, VolunteerState.ACTIVE_ADULT}
    ),
    (C, {"age": 17}, checked("CLEAR", 2026, 5, 10), []),
    (C, {"age": 17}, checked("CLEAR", 2026, 5, 9), ["CHECK_EXPIRED"]),
    (C, {"age": 18}, checked("CLEAR", 2026, 5, 9), []),
    (C, {"age": 17}, checked("CLEAR", 2027, 5, 10), []),
    (C, {"age": 17}, checked("CLEAR", 2027, 5, 11), ["CHECK_MISSING"]),
    (C, {"age": 17}, checked("UNKNOWN", 2027, 5, 1), ["CHECK_MISSING"]),
    (C, {"age": 17}, checked("HIT", 2027, 5, 1), ["CHECK_NOT_CLEAR"]),
    (C, {"age": 18}, {"record_check": None}, []),
    (C, {"age": None}, {"record_check": None}, ["AGE_UNKNOWN", "CHECK_MISSING"]),
    *((kind, {"age": 17, **YES}, {"record_check": None}, ["CHECK_MISSING"]) for kind in (C, T, L, W)),
    (W, {"age": 18}, {"record_check": None}, []),
    (S, {"age": 17, **YES}, {"record_check": None}, []),
    (S, {"age": 17, **YES}, with_terms(S, direct_contact=True), ["CONTACT_WITH_MINOR"]),
    (S, {"age": 18}, with_terms(S, direct_contact=True), []),
    (S, {}, with_terms(S, no_relation_declared=None), ["RELATION_UNKNOWN"]),
    (S, {}, with_terms(S, no_relation_declared=False), ["RELATION_DECLARED"]),
    # Relations and history.
    *((kind, {"student_id": "v1"}, {}, ["SAME_PERSON"]) for kind in Kind),
    *((kind, {"related_person_ids": frozenset({"v1"})}, {}, ["RELATED_PERSON"]) for kind in Kind),
    (C, {"related_person_ids": frozenset({"v2"})}, {}, []),
    *((kind, {"blocked_provider_ids": frozenset({"p1"})}, {}, ["BLOCKED_PAIR"]) for kind in Kind),
    (C, {"excluded_offer_ids": frozenset({"o1"})}, {}, ["DECLINED_BEFORE"]),
    (C, {"excluded_provider_ids": frozenset({"p1"})}, {}, ["PROVIDER_EXCLUDED"]),
    (C, {"open_offer_ids": frozenset({"o1"})}, {}, ["ALREADY_PROPOSED"]),
    (C, {"excluded_offer_ids": frozenset({"o2"}), "blocked_provider_ids": frozenset({"p2"})}, {}, []),
    # Gender, language, mode.
    (C, {"gender_wish": GenderWish.F}, {}, []),
    (C, {"gender_wish": GenderWish.M}, {}, ["GENDER_DIFFERENT"]),
    (C, {"gender_wish": GenderWish.M}, {"gender": None}, ["GENDER_UNKNOWN"]),
    (C, {}, {"gender": None}, []),
    (H, {"gender_wish": GenderWish.M}, {}, []),
    (C, {"languages": frozenset({Language.SGN}), "speaks": frozenset()}, {}, ["NO_COMMON_LANGUAGE"]),
    (C, {"languages": frozenset({Language.SGN})}, {}, []),
    (C, {"languages": frozenset(), "speaks": frozenset()}, {}, ["LANGUAGE_OPEN"]),
    (C, {}, with_terms(C, languages=frozenset()), ["LANGUAGE_UNKNOWN"]),
    (C, {"modes": frozenset()}, {}, ["MODE_OPEN"]),
    (C, {"modes": frozenset({Mode.VI})}, {}, ["NO_COMMON_MODE"]),
    # Region.
    (C, {"modes": frozenset({Mode.ON}), "region": None}, {}, []),
    (C, {"modes": frozenset({Mode.FF}), "region": "440104"}, {}, []),
    (C, {"modes": frozenset({Mode.FF}), "region": "440604"}, {}, ["OUTSIDE_CITY"]),
    (C, {"modes": frozenset({Mode.FF}), "region": None}, {}, ["REGION_UNKNOWN"]),
    (W, {"region": "440104"}, {}, []),
    (W, {"region": "440604"}, {}, ["NOT_REACHABLE"]),
    (W, {"region": "440604", "wanted": frozenset({"440100"})}, {}, []),
    (W, {"region": "445102"}, with_terms(W, housing_given=True), []),
    (W, {"region": None}, {}, ["REGION_UNKNOWN"]),
    (W, {"region": None, "wanted": frozenset({"440106"})}, {}, []),
    (H, {"wanted": frozenset({"440106"})}, {}, []),
    (H, {"wanted": frozenset({"440100"})}, {}, []),
    (H, {"wanted": frozenset({"440104"})}, {}, ["OUTSIDE_DISTRICTS"]),
    (H, {"region": "440104"}, {}, []),
    (H, {"region": "440604"}, {}, ["OUTSIDE_DISTRICTS"]),
    (H, {"region": None}, {}, ["REGION_UNKNOWN"]),
    (S, {"region": None}, {}, []),
    # Time.
    (C, {"slots": (slot(1, 12, 50 / 60),)}, {}, []),
    (C, {"slots": (slot(1, 12, 49 / 60),)}, {}, ["NO_TIME_OVERLAP"]),
    (C, {"slots": (slot(1, 12, 0.5), slot(1, 14, 0.5))}, {}, ["NO_TIME_OVERLAP"]),
    (C, {"slots": ()}, {}, ["TIME_OPEN"]),
    (C, {"slots": (slot(-1, 12, 3),)}, {}, ["TIME_OPEN"]),
    (C, {"slots": (slot(20, 12, 3),)}, {}, ["TIME_OPEN"]),
    (C, {}, with_terms(C, slots=None), ["TIME_OPEN"]),
    (C, {}, with_terms(C, slots=()), ["NO_TIME_OVERLAP"]),
    (T, {"slots": (slot(2, 12, 3),)}, {}, ["NO_TIME_OVERLAP"]),
    (C, {"slots": (slot(14, 0.5, 3),)}, with_terms(C, slots=(slot(14, 0.5, 3),)), ["NO_TIME_OVERLAP"]),
]


@pytest.mark.parametrize(("kind", "wanted", "offered", "expected"), CASES)
def test_a_gate_finds_exactly_what_is_there(
    kind: Kind, wanted: dict[str, Any], offered: dict[str, Any], expected: list[str]
) -> None:
    request, offer = ask(kind, **wanted), give(kind, **offered)
    assert codes(request, offer) == expected
    answer = propose(request, [offer], today=TODAY, now=NOW, policy=POLICY)
    assert bool(answer.ranked) is not any(REASONS[ReasonCode(code)].blocks for code in expected)


WIDER: list[tuple[Kind, dict[str, Any], dict[str, Any], list[str]]] = [
    (C, {"modes": frozenset({Mode.FF}), "region": "440604"}, {}, ["MODE_WIDENED"]),
    (C, {"modes": frozenset({Mode.FF}), "region": None}, {}, ["MODE_WIDENED"]),
    (C, {"modes": frozenset({Mode.FF}), "region": "440104"}, {}, []),
    (C, {"modes": frozenset({Mode.GR})}, {}, ["MODE_WIDENED"]),
    (C, {"modes": frozenset({Mode.ON})}, {}, []),
    (C, {"modes": frozenset({Mode.ON})}, with_terms(C, modes=frozenset({Mode.FF})), ["NO_COMMON_MODE"]),
    (
        C,
        {"modes": frozenset({Mode.FF}), "region": "440604"},
        with_terms(C, modes=frozenset({Mode.FF})),
        ["AREA_WIDENED"],
    ),
    (
        C,
        {"modes": frozenset({Mode.FF}), "region": "445102"},
        with_terms(C, modes=frozenset({Mode.FF})),
        ["OUTSIDE_CITY"],
    ),
    (W, {"region": "440604"}, {}, ["AREA_WIDENED"]),
    (W, {"region": "445102"}, {}, ["NOT_REACHABLE"]),
    (H, {"wanted": frozenset({"440104"})}, {}, ["AREA_WIDENED"]),
    (H, {"wanted": frozenset({"440604"})}, {}, ["AREA_WIDENED"]),
    (H, {"wanted": frozenset({"445102"})}, {}, ["OUTSIDE_DISTRICTS"]),
    (H, {"region": "440604"}, {}, ["AREA_WIDENED"]),
    (C, {"age": 13}, {}, ["GUARDIAN_UNKNOWN"]),
    (C, {"gender_wish": GenderWish.M}, {}, ["GENDER_DIFFERENT"]),
]


@pytest.mark.parametrize(("kind", "wanted", "offered", "expected"), WIDER)
def test_a_widened_search_opens_places_and_modes_and_nothing_else(
    kind: Kind, wanted: dict[str, Any], offered: dict[str, Any], expected: list[str]
) -> None:
    assert codes(ask(kind, **wanted), give(kind, **offered), widen=1) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"age": 16, "guardian_consent": True}, []),
        ({"age": 17}, ["GUARDIAN_UNKNOWN"]),
        ({"age": 15, "guardian_consent": True}, ["AGE_TOO_YOUNG"]),
    ],
)
def test_the_housing_switch_opens_homes_from_16_with_the_guardian(facts: dict[str, Any], expected: list[str]) -> None:
    assert codes(ask(H, **facts), give(H), policy=SWITCHED) == expected


def test_another_kind_is_said_and_nothing_else() -> None:
    assert codes(ask(H, age=None), give(C, state=OfferState.REVOKED)) == ["KIND_DIFFERENT"]


def test_a_refusal_names_everything_that_stands_in_the_way() -> None:
    found = codes(ask(age=None, risk=Risk.RED), give(used=4, gender=None, state=OfferState.PAUSED))
    assert found == ["OFFER_NOT_PUBLISHED", "CAPACITY_FULL", "RISK_TOO_HIGH", "AGE_UNKNOWN"]


def test_a_check_of_29_february_lasts_to_28_february() -> None:
    assert safeguards.a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)


def test_every_code_has_one_reason_in_plain_sentences() -> None:
    assert set(REASONS) == set(ReasonCode)
    for code, reason in REASONS.items():
        assert reason.code is code
        assert reason.sentence.endswith("。")
        assert reason.remedy == "" or reason.remedy.endswith("。")
    assert may_exist(())
    assert not may_exist((REASONS[ReasonCode.AGE_UNKNOWN],))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_gate_has_nothing_to_say_about_terms_of_another_kind(kind: Kind) -> None:
    enquiry = enquire(ask(kind), today=TODAY, now=NOW)
    other = give(S if kind is not S else H)
    foreign = (practicalities.mode, practicalities.service_region, practicalities.education, practicalities.time)
    assert [gate(enquiry, other) for gate in foreign] == [None] * 4
    assert safeguards.sponsor(enquiry, give(C)) is None
    assert len(GATES[kind]) >= 14


def test_region_of_a_pair_without_a_common_mode_is_left_to_the_mode_gate() -> None:
    enquiry = enquire(ask(modes=frozenset({Mode.VI}), region=None), today=TODAY, now=NOW)
    assert practicalities.service_region(enquiry, give()) is None
