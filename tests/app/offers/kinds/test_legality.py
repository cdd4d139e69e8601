"""What the law and the platform forbid, kind by kind (domain 12.2)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from app.offers.kinds import KINDS
from app.offers.rules_legality import Finding, ListingFacts, blocks, provider_findings, said, to_builtins
from tests.app.offers.kinds.test_kinds import FACTS, FORMS, TODAY


def judged(code: str, *texts: str, facts: ListingFacts = FACTS, **changed: Any) -> Sequence[Finding]:
    kind = KINDS[code]
    terms = msgspec.structs.replace(kind.parse(FORMS[code]).terms, **changed)
    return kind.legality(terms, texts, facts)


@pytest.mark.parametrize(
    ("code", "changed", "rule", "source"),
    [
        ("INTERN", {"min_age": 15}, "min_age_below_16", "L-08"),
        ("INTERN", {"fee_charged": True}, "fee_or_deposit", "S-84"),
        ("INTERN", {"papers_held": True}, "papers_or_guarantee", "S-84"),
        ("INTERN", {"venue_banned": True}, "banned_venue_or_night", "S-82"),
        ("INTERN", {"night_shift": True}, "banned_venue_or_night", "S-82"),
        ("INTERN", {"overtime": True}, "overtime", "S-84"),
        ("INTERN", {"minutes_per_day": 481}, "hours_per_day_over_8", "S-84"),
        ("INTERN", {"days_per_week": 6}, "days_per_week_over_5", "S-84"),
        ("INTERN", {"insurance": ()}, "no_insurance", "S-84"),
        ("INTERN", {"pay_third_party": True}, "pay_through_third_party", "S-83"),
        ("INTERN", {"pay_cycle_days": 60}, "pay_cycle_over_31_days", "S-83"),
        ("INTERN", {"pay_fen_month": 0}, "unpaid", "S-83"),
        ("INTERN", {"hazard": True}, "hazardous_work", "S-82"),
        ("INTERN", {"physical_grade": "III"}, "physical_grade_over_2", "S-82"),
        ("INTERN", {"agreement": False}, "no_agreement", "S-84"),
        ("INTERN", {"end": date(2027, 6, 30)}, "end_before_start", "7.4"),
        ("HOUSE", {"deposit_months": 4}, "deposit_over_3_months", "L-13"),
        ("HOUSE", {"kitchen_balcony": True}, "kitchen_balcony_basement", "S-89"),
        ("HOUSE", {"pay_before_viewing": True}, "pay_before_viewing", "S-89"),
        ("HOUSE", {"fire_ok": False}, "fire_safety", "S-89"),
        ("HOUSE", {"viewing": False}, "no_viewing", "7.4"),
        ("HOUSE", {"agency_fee_fen": 1}, "agency_fee", "7.4"),
        ("HOUSE", {"house_kind": "STATION", "free_days": 6}, "station_free_days_below_7", "S-88"),
        ("HOUSE", {"rent_fen_month": 0}, "not_a_positive_amount", "S-89"),
        ("SPONSOR", {"via_foundation": ""}, "no_foundation", "L-06"),
        ("SPONSOR", {"relation_declared": False}, "related_person", "L-06"),
        ("SPONSOR", {"conditions": "须写感谢信"}, "condition_not_allowed", "L-06"),
    ],
)
def test_terms_against_the_law_are_blocked(code: str, changed: dict[str, Any], rule: str, source: str) -> None:
    findings = judged(code, "标题", **changed)
    assert [(f.rule, f.severity, f.source) for f in findings] == [(rule, "block", source)]
    assert blocks(findings)
    assert findings[0].sentence.endswith("。")
    assert source == "7.4" or "《" in findings[0].sentence or "青年安居" in findings[0].sentence


@pytest.mark.parametrize(
    ("code", "text", "rules"),
    [
        ("INTERN", "入职收取服装押金200元", {"fee_or_deposit"}),
        ("INTERN", "服装押金200元", {"fee_or_deposit"}),
        ("INTERN", "押金另议", {"fee_words_in_text"}),
        ("INTERN", "不收任何押金、服务费", set()),
        ("INTERN", "仅限男生", {"discrimination"}),
        ("INTERN", "形象好气质佳", {"discrimination_words"}),
        ("INTERN", "夜总会驻场", {"banned_venue_or_night"}),
        ("INTERN", "公司可办分期贷款培训贷", {"loan", "fee_words_in_text"}),
        ("INTERN", "手机刷单日结", {"brush_orders"}),
        ("INTERN", "工资由劳务公司代发", {"pay_through_third_party"}),
        ("INTERN", "加微信 demo_wx 详谈", {"contact_in_text"}),
        ("INTERN", "群里有二维码", {"contact_in_text"}),
        ("HOUSE", "加微信先付定金锁房", {"pay_before_viewing", "contact_in_text"}),
        ("HOUSE", "看房前不收任何费用", set()),
        ("HOUSE", "阳台改单间", {"kitchen_balcony_basement"}),
        ("HOUSE", "没有隔断房", set()),
        ("HOUSE", "小产权房", {"not_lettable"}),
        ("HOUSE", "不租给外省籍", {"discrimination_words"}),
        ("HOUSE", "限女生合租", set()),
        ("SPONSOR", "爱心捐款请扫收款码", {"money_collection"}),
        ("SPONSOR", "受助学生须公开照片", {"condition_not_allowed"}),
        ("SPONSOR", "资助本公司员工子女", {"related_person"}),
        ("COUNSEL", "每次收费100元/小时", {"charges_students"}),
        ("COUNSEL", "擅长治疗抑郁", {"medical_claim"}),
        ("COUNSEL", "不作诊断，免费陪伴", set()),
        ("STUDY", "课时费50元", {"charges_students"}),
        ("LEGAL", "包打赢", {"promise_of_result"}),
        ("LEGAL", "电话13800009999", {"contact_in_text"}),
    ],
)
def test_words_are_blocked_held_or_let_through(code: str, text: str, rules: set[str]) -> None:
    assert {finding.rule for finding in judged(code, "标题", text)} == rules


def test_blocking_findings_come_first() -> None:
    findings = judged("INTERN", "加微信", facts=ListingFacts(today=TODAY, same_photo_elsewhere=True), min_age=15)
    assert [finding.severity for finding in findings] == ["block", "hold", "hold"]
    assert to_builtins(findings)[0]["rule"] == "min_age_below_16"


def test_pay_far_below_the_post_and_odd_traineeships_are_looked_at() -> None:
    assert [f.rule for f in judged("INTERN", pay_ratio=79)] == ["pay_below_80_percent"]
    assert [f.rule for f in judged("INTERN", post_kind="TRAINEE_HR")] == ["traineeship_term"]
    assert judged("INTERN", post_kind="TRAINEE_HR", end=date(2027, 12, 31)) == ()
    assert [f.rule for f in judged("INTERN", start=date(2026, 1, 1), end=date(2026, 3, 1))] == ["already_ended"]


def test_an_office_may_offer_an_unpaid_post_with_a_stated_allowance() -> None:
    assert judged("INTERN", pay_fen_month=0, post_kind="INTERN_GOV") == ()
    assert [f.rule for f in judged("INTERN", pay_fen_month=0, post_kind="INTERN_GOV", allowances=())] == ["unpaid"]


@pytest.mark.parametrize(
    ("rent", "rules"),
    [(143_999, ["rent_below_60_percent"]), (144_000, []), (360_000, []), (360_001, ["rent_above_150_percent"])],
)
def test_rent_is_compared_with_the_district(rent: int, rules: list[str]) -> None:
    assert [f.rule for f in judged("HOUSE", rent_fen_month=rent)] == rules


def test_the_platforms_reference_goes_before_what_was_filled_in() -> None:
    facts = ListingFacts(today=TODAY, reference_rent_fen=600_000)
    assert [f.rule for f in judged("HOUSE", facts=facts)] == ["rent_below_60_percent"]
    assert judged("HOUSE", market_ref_fen=None) == ()


def test_a_purpose_of_the_money_is_looked_at_and_no_condition_is_fine() -> None:
    assert [(f.rule, f.severity) for f in judged("SPONSOR", conditions="仅用于学费")] == [
        ("condition_to_check", "hold")
    ]
    for nothing in ("", "无", "无附加条件", "/"):
        assert judged("SPONSOR", conditions=nothing) == ()


def test_what_is_known_of_the_provider_holds_a_listing() -> None:
    facts = ListingFacts(
        today=TODAY,
        uscc="91440305LP542HU6PX",
        legal_name="（示例）甲公司",
        register_name="（示例）乙公司",
        provider_verified_on=TODAY - timedelta(days=2),
        business_since=TODAY - timedelta(days=90),
        listings_last_24h=12,
        same_photo_elsewhere=True,
        same_address_elsewhere=True,
        contact_in_images=True,
    )
    findings = provider_findings(facts)
    assert [finding.rule for finding in findings] == [
        "many_listings_new_provider",
        "credit_code_check_digit",
        "name_differs_from_register",
        "business_under_6_months",
        "same_photo_elsewhere",
        "same_address_elsewhere",
        "contact_in_images",
    ]
    assert not blocks(findings)


def test_a_known_provider_with_many_listings_is_not_held() -> None:
    facts = ListingFacts(
        today=TODAY,
        uscc="91440305LP542HU6PK",
        legal_name="（示例）甲 公司",
        register_name="（示例）甲有限公司",
        provider_verified_on=TODAY - timedelta(days=60),
        business_since=TODAY - timedelta(days=900),
        listings_last_24h=12,
    )
    assert provider_findings(facts) == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("收押金", "押金"),
        ("不收押金", ""),
        ("押金全免", ""),
        ("押金：0元", ""),
        ("不收押金，但收保证金和押金", "押金"),
        ("押金300元", "押金"),
    ],
)
def test_a_denied_word_is_not_said(text: str, word: str) -> None:
    assert said(text, "押金") == word
