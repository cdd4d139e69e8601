"""Every kind of offer: its form, its terms, how it is stored and shown."""

import json
from datetime import date

import pytest

from app.offers.kinds import KINDS, Kind
from app.offers.kinds.fields import Values
from app.offers.rules_legality import ListingFacts

TODAY = date(2026, 11, 23)
FACTS = ListingFacts(today=TODAY)
SLOTS = ["周一19:00-21:00", "周六9:00-12:00"]
FORMS: dict[str, dict[str, list[str]]] = {
    "COUNSEL": {
        "topics": ["PS1", "PS7"],
        "modes": ["ON", "FF"],
        "languages": ["PTH", "YUE"],
        "minors_allowed": ["yes"],
        "slots": SLOTS,
        "weekly_cap": ["4次"],
        "place": ["示例青少年之家"],
        "supervisor": ["示例督导"],
    },
    "INTERN": {
        "unit_kind": ["PRIV"],
        "post_kind": ["INTERN_ENT"],
        "post": ["新媒体运营实习生"],
        "headcount": ["8人"],
        "education_min": ["UG"],
        "min_age": ["18周岁"],
        "place": ["示例路1号"],
        "start": ["2027年7月1日"],
        "end": ["2027/8/25"],
        "days_per_week": ["5天"],
        "minutes_per_day": ["7.5小时"],
        "night_shift": ["no"],
        "overtime": ["否"],
        "pay_fen_month": ["3,000.50元/月"],
        "pay_ratio": ["85"],
        "pay_cycle_days": ["30"],
        "pay_third_party": ["no"],
        "allowances": ["MEAL", "HOUSING"],
        "insurance": ["INTERN"],
        "mentor": ["李主管"],
        "fee_charged": ["no"],
        "papers_held": ["no"],
        "physical_grade": ["I"],
        "hazard": ["no"],
        "venue_banned": ["no"],
        "agreement": ["yes"],
    },
    "HOUSE": {
        "house_kind": ["APT"],
        "community": ["示例青年公寓"],
        "address": ["示例大道1号1栋"],
        "area_tenths": ["25.5㎡"],
        "layout": ["一室一卫"],
        "homes": ["3"],
        "persons_max": ["2"],
        "available_from": ["2027-02-15"],
        "rent_fen_month": ["1800"],
        "market_ref_fen": ["2400"],
        "deposit_months": ["1"],
        "deposit_return_days": ["7"],
        "deduct_rules": ["损坏照价扣除"],
        "agency_fee_fen": ["0"],
        "title_proof": ["DEED"],
        "fire_ok": ["yes"],
        "kitchen_balcony": ["no"],
        "pay_before_viewing": ["no"],
        "viewing": ["yes"],
        "contract_registered": ["Y"],
    },
    "SPONSOR": {
        "kind": ["ONE2ONE"],
        "amount_fen_per_year": ["3000元/年"],
        "years": ["3年"],
        "students_max": ["5"],
        "stage_pref": ["SH", "SV"],
        "region_pref": ["粤东西北"],
        "via_foundation": ["（示例）青少年发展基金会"],
        "anonymous": ["yes"],
        "relation_declared": ["yes"],
    },
    "STUDY": {
        "topics": ["ED1"],
        "subjects": ["MAT"],
        "modes": ["VI"],
        "languages": ["PTH"],
        "slots": SLOTS,
        "weekly_cap": ["6"],
    },
    "LEGAL": {
        "topics": ["RT1", "RT5"],
        "modes": ["VO"],
        "languages": ["PTH"],
        "slots": SLOTS,
        "weekly_cap": ["6"],
        "licence_no": ["DEMO-1"],
    },
}
CARDS = {
    "COUNSEL": ("免费 · 线上文字、面谈", ("学业压力", "考试减压", "普通话、粤语")),
    "INTERN": ("3,000.50 元/月", ("企业实习", "8 周", "每周5天×7.5小时")),
    "HOUSE": ("1,800 元/月", ("长租公寓", "25.5 平方米", "押金 1 个月")),
    "SPONSOR": ("3,000 元/年", ("一对一结对", "连续 3 年", "5 个名额")),
    "STUDY": ("免费 · 视频", ("数学",)),
    "LEGAL": ("免费 · 语音", ("法律咨询", "租房纠纷")),
}
EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def test_six_kinds_in_the_order_of_the_pages() -> None:
    assert list(KINDS) == ["COUNSEL", "INTERN", "HOUSE", "SPONSOR", "STUDY", "LEGAL"]
    assert [kind.reviewers for kind in KINDS.values()] == [1, 1, 2, 2, 1, 1]


@EVERY
def test_a_good_form_becomes_terms_that_break_no_rule(kind: Kind) -> None:
    parsed = kind.parse(FORMS[kind.code])
    assert parsed.errors == {}
    assert kind.legality(parsed.terms, ("（示例）标题", "（示例）说明"), FACTS) == ()


@EVERY
def test_terms_survive_storage_and_editing(kind: Kind) -> None:
    terms = kind.parse(FORMS[kind.code]).terms
    assert kind.from_json(json.loads(json.dumps(kind.parse(FORMS[kind.code]).terms.to_json()))) == terms
    assert kind.parse(kind.fill(terms)).terms == terms


@EVERY
def test_an_empty_form_names_every_required_field(kind: Kind) -> None:
    parsed = kind.parse({})
    assert parsed.terms is None
    assert set(parsed.errors) == {field.name for field in kind.fields if field.required and field.only_if is None}
    assert all(sentence.startswith("请") and sentence.endswith("。") for sentence in parsed.errors.values())


@EVERY
def test_every_field_is_a_term_with_label_and_step(kind: Kind) -> None:
    terms = kind.parse(FORMS[kind.code]).terms
    for field in kind.fields:
        assert hasattr(terms, field.name)
        assert field.label
        assert field.step in kind.steps
        assert kind.field(field.name) is field
    assert len(kind.steps) <= 4


@EVERY
def test_it_is_shown_in_words(kind: Kind) -> None:
    terms = kind.parse(FORMS[kind.code]).terms
    card = kind.card(terms)
    assert (card.line, card.chips) == CARDS[kind.code]
    lines = dict(kind.summary(terms))
    assert all(lines.values())
    assert not any(code in value for value in lines.values() for code in ("PTH", "INTERN_", "None", "True", "SH"))


@EVERY
def test_facets_and_features_are_plain(kind: Kind) -> None:
    terms = kind.parse(FORMS[kind.code]).terms
    assert json.dumps(kind.facets(terms))
    assert kind.features(terms)
    assert kind.capacity(terms) >= 1
    price = kind.price_fen(terms)
    assert price is None or price > 0


def test_the_detail_page_of_an_internship() -> None:
    kind = KINDS["INTERN"]
    lines = dict(kind.summary(kind.parse(FORMS["INTERN"]).terms))
    assert lines["每月报酬"] == "3,000.50 元/月"
    assert lines["每天小时数"] == "7.5 小时"
    assert lines["开始日期"] == "2027年7月1日"
    assert lines["另外提供"] == "工作餐或餐补、住宿或房补"
    assert lines["时长"] == "8 周"
    assert lines["招收人数"] == "8 人"
    assert "联系人" not in lines


@pytest.mark.parametrize(("rent", "told"), [("1800", "低 25%"), ("2400", "持平"), ("3000", "高 25%")])
def test_the_detail_page_of_a_home_compares_the_rent(rent: str, told: str) -> None:
    kind = KINDS["HOUSE"]
    lines = dict(kind.summary(kind.parse(FORMS["HOUSE"] | {"rent_fen_month": [rent]}).terms))
    assert lines["与参考月租相比"] == told


def test_a_home_without_reference_compares_nothing() -> None:
    kind = KINDS["HOUSE"]
    terms = kind.parse(
        FORMS["HOUSE"] | {"market_ref_fen": [""], "deposit_months": ["0"], "contract_registered": ["PLAN"]}
    ).terms
    assert "与参考月租相比" not in dict(kind.summary(terms))
    assert kind.card(terms).chips[2] == "免押金"
    assert kind.facets(kind.from_json(terms.to_json() | {"available_from": None}))["available_from"] is None


def test_a_station_is_asked_for_its_free_days() -> None:
    kind = KINDS["HOUSE"]
    station = FORMS["HOUSE"] | {"house_kind": ["STATION"]}
    assert kind.parse(station).errors == {"free_days": "请填写免费入住天数。"}
    terms = kind.parse(station | {"free_days": ["7天"]}).terms
    assert kind.card(terms).line == "免费 7 天，之后 1,800 元/月"
    assert kind.parse(FORMS["HOUSE"] | {"free_days": ["7"]}).terms.free_days is None


def test_an_unpaid_internship_and_a_study_offer_without_subject_have_cards() -> None:
    kind = KINDS["INTERN"]
    assert kind.card(kind.parse(FORMS["INTERN"] | {"pay_fen_month": ["0"]}).terms).line == "无报酬，有补贴"
    study = KINDS["STUDY"]
    assert study.card(study.parse(FORMS["STUDY"] | {"subjects": []}).terms).chips == ("学业辅导",)


@pytest.mark.parametrize(
    ("code", "changed", "sentence"),
    [
        ("INTERN", {"headcount": ["若干"]}, "“若干”不是数字，请写一个数字。"),
        ("INTERN", {"headcount": ["0"]}, "“0”太小，最少是 1。"),
        ("INTERN", {"start": ["2027-13-01"]}, "“2027-13-01”不是真实存在的日期，请核对月和日。"),
        ("INTERN", {"end": ["2027-06-01"]}, "结束日期早于开始日期（2027年7月1日），请核对。"),
        ("INTERN", {"pay_fen_month": ["60000"]}, "每月报酬不能大于 50,000 元，请核对。"),
        ("INTERN", {"minutes_per_day": ["25"]}, "每天小时数不能大于 24 小时，请核对。"),
        ("INTERN", {"post": ["长" * 61]}, "岗位名称最多 60 个字，现在是 61 个字，请精简。"),
        (
            "INTERN",
            {"unit_kind": ["XX"]},
            "“XX”不在可选范围内，请从这些里选：党政机关、事业单位、国企、民企、社会组织、乡镇街道村社。",
        ),
        ("HOUSE", {"area_tenths": ["2"]}, "面积不能小于 4 平方米。"),
        ("COUNSEL", {"slots": ["周六9:00-9:30"]}, "“周六9:00-9:30”太短，一次服务至少 50 分钟。"),
        ("COUNSEL", {"topics": []}, "请至少选择一项擅长的话题。"),
        ("SPONSOR", {"anonymous": ["也许"]}, "“也许”看不出是或否，请写“是”或“否”。"),
    ],
)
def test_each_wrong_answer_has_its_sentence(code: str, changed: Values, sentence: str) -> None:
    parsed = KINDS[code].parse({**FORMS[code], **changed})
    assert parsed.terms is None
    assert dict(parsed.errors) == {next(iter(changed)): sentence}
