"""What single cells make of a row: the outcome and the rules, for every column that can go wrong."""

import pytest

from app.imports.rules_values import (
    ImportedHousing,
    ImportedInternship,
    ImportedSponsor,
    ImportedVolunteer,
    KnownListings,
    KnownProvider,
)
from app.offers.kinds.housing import address_hash
from tests.support.import_cases import CELLS
from tests.support.sheets import GOOD, HOUSE, INTERN, SPONSOR, TODAY, VOLUNTEER, Cells, credit_code, judge, other


@pytest.mark.parametrize(("sheet", "column", "rule", "cell"), CELLS)
def test_a_cell_leads_to_its_rule(sheet: str, column: str, rule: str, cell: object) -> None:
    row = judge(GOOD[sheet] | {column: cell})[0]
    assert (row.rules == ()) == (rule == ""), row.message
    assert not rule or rule in row.rules, row.message
    assert row.message.endswith(("。", "）", "数字，例如 1。")), row.message


def test_all_problems_of_a_row_are_told_at_once() -> None:
    row = judge(
        INTERN | {"招收人数": "若干", "保险": "无", "最低年龄": 15.0, "开始日期": "待定", "岗位说明": "加微信"}
    )[0]
    assert row.outcome == "refuse"
    assert set(row.rules) == {"not_a_number", "not_a_date", "no_insurance", "min_age_below_16", "contact_in_text"}
    assert all(
        f"“{column}”一列：" in row.message for column in ("招收人数", "保险", "最低年龄", "开始日期", "岗位说明")
    )


def test_a_good_row_becomes_a_typed_command() -> None:
    intern, house, volunteer, sponsor = (judge(good)[0].command for good in GOOD.values())
    assert isinstance(intern, ImportedInternship)
    assert (intern.region_code, intern.capacity, intern.terms.pay_fen_month) == ("440605", 5, 260_000)
    assert (intern.terms.post_kind, intern.terms.minutes_per_day, intern.terms.insurance) == (
        "INTERN_ENT",
        360,
        ("ACCIDENT",),
    )
    assert isinstance(house, ImportedHousing)
    assert (house.terms.area_tenths, house.terms.deposit_months, house.terms.discount_pct) == (255, 1, 10)
    assert isinstance(volunteer, ImportedVolunteer)
    assert (volunteer.credential, volunteer.terms.topics, volunteer.terms.modes) == ("CR06", ("PS1", "PS7"), ("FF",))
    assert isinstance(sponsor, ImportedSponsor)
    assert (sponsor.terms.amount_fen_per_year, sponsor.region_code, sponsor.terms.region_pref) == (
        120_000,
        "440200",
        "韶关市",
    )


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"单位性质": "党政机关"}, "INTERN_GOV"),
        ({"单位性质": "街道"}, "INTERN_GRASS"),
        ({"岗位名称": "就业见习岗"}, "TRAINEE_HR"),
    ],
)
def test_the_kind_of_post_follows_from_unit_and_words(cells: Cells, kind: str) -> None:
    row = judge(INTERN | cells)[0]
    assert isinstance(row.command, ImportedInternship)
    assert row.command.terms.post_kind == kind
    assert ("traineeship_term" in row.rules) == (kind == "TRAINEE_HR")


def test_an_unpaid_post_in_an_office_is_good_when_meals_are_given() -> None:
    assert judge(INTERN | {"单位性质": "党政机关", "月补贴(元)": 0.0})[0].outcome == "accept"
    assert judge(INTERN | {"单位性质": "党政机关", "月补贴(元)": 0.0, "岗位说明": "整理档案"})[0].rules == ("unpaid",)


def test_a_post_that_is_over_is_refused() -> None:
    assert judge(INTERN | {"开始日期": "2026-06-08", "结束日期": "2026-08-08"})[0].rules == ("already_ended",)


def test_a_private_home_needs_no_credit_code() -> None:
    assert judge(HOUSE | {"房源类型": "个人房源", "统一社会信用代码": ""})[0].outcome == "accept"


def test_a_volunteer_for_adults_needs_no_fresh_record_check() -> None:
    assert judge(VOLUNTEER | {"可服务未成年人": "否", "违法犯罪记录查询日期": "2025-06-01"})[0].outcome == "accept"
    assert judge(VOLUNTEER | {"可服务未成年人": "否", "违法犯罪记录查询日期": ""})[0].outcome == "accept"


def test_monthly_sponsorship_is_made_yearly_and_said() -> None:
    row = judge(SPONSOR | {"每年金额(元)": "100元/月"})[0]
    assert isinstance(row.command, ImportedSponsor)
    assert row.command.terms.amount_fen_per_year == 120_000
    assert "已折算为每年 1,200 元" in row.message


def test_an_unknown_district_is_told_and_kept_at_the_city() -> None:
    row = judge(INTERN | {"工作区县": "大沥镇"})[0]
    assert row.command is not None
    assert row.command.region_code == "440600"
    assert "大沥镇" in row.message


@pytest.mark.parametrize("sheet", list(GOOD))
def test_the_second_equal_row_is_a_duplicate(sheet: str) -> None:
    first, second, third = judge(GOOD[sheet], GOOD[sheet], other(GOOD[sheet], 7))
    assert (first.outcome, second.outcome, third.outcome) == ("accept", "duplicate", "accept")
    assert "第 2 行重复" in second.message


def test_a_refused_row_does_not_make_its_correction_a_duplicate() -> None:
    assert [row.outcome for row in judge(INTERN | {"保险": ""}, INTERN)] == ["refuse", "accept"]


def test_other_spelling_is_still_the_same_listing() -> None:
    spaced = INTERN | {"单位名称": "(示例) 甲实习单位", "统一社会信用代码": "", "开始日期": "2027年6月8日"}
    assert [row.outcome for row in judge(INTERN, spaced)] == ["accept", "duplicate"]
    elsewhere = HOUSE | {"城市": "广东省韶关市", "地址": " 示例大道1号 1栋"}
    assert [row.outcome for row in judge(HOUSE, elsewhere)] == ["accept", "duplicate"]


def test_one_address_at_two_providers_is_looked_at() -> None:
    second = HOUSE | {"提供方": "（示例）乙租赁机构", "统一社会信用代码": credit_code(2)}
    assert judge(HOUSE, second)[1].rules == ("same_address_elsewhere",)
    known = KnownListings(address_owners={address_hash("韶关市", "浈江区", "示例大道1号1栋"): "另一家"})
    assert judge(HOUSE, known=known)[0].rules == ("same_address_elsewhere",)


def test_one_code_with_two_names_is_looked_at() -> None:
    second = INTERN | {"单位名称": "（示例）乙实习单位", "岗位名称": "会计实习生"}
    assert judge(INTERN, second)[1].rules == ("name_differs_from_register",)


def test_what_the_platform_knows_of_a_provider_counts() -> None:
    code = str(INTERN["统一社会信用代码"])
    known = KnownProvider("（示例）另一个名称", verified_on=TODAY, business_since=TODAY, listings_last_24h=11)
    row = judge(INTERN, known=KnownListings(providers={code: known}))[0]
    assert set(row.rules) == {"name_differs_from_register", "many_listings_new_provider", "business_under_6_months"}
    assert row.outcome == "review"


def test_the_reference_rent_of_the_platform_stands_in_where_the_sheet_gives_none() -> None:
    known = KnownListings(reference_rents={"440200": 600_000})
    assert judge(HOUSE, known=known)[0].rules == ()
    silent = HOUSE | {"市场参考租金(元)": ""}
    assert judge(silent, known=known)[0].rules == ("rent_below_60_percent",)
    assert judge(HOUSE | {"城市": "长沙"}, known=known)[0].rules == ("outside_province",)


def test_a_station_says_how_many_days_are_free() -> None:
    station = HOUSE | {"房源类型": "青年驿站", "免费天数": 3.0, "中介费": "无", "套数": 2.0}
    assert judge(station)[0].rules == ("station_free_days_below_7",)
    assert judge(station | {"免费天数": 7.0})[0].outcome == "accept"
    assert judge(station | {"免费天数": "", "中介费": 200.0})[0].rules == ("agency_fee",)


def test_a_related_person_is_refused() -> None:
    assert "related_person" in judge(SPONSOR | {"亲属关系": "是"})[0].rules
    assert judge(SPONSOR | {"亲属关系": "无"})[0].outcome == "accept"


def test_cells_that_start_like_a_formula_are_neutralised() -> None:
    row = judge(INTERN | {"岗位名称": "=HYPERLINK(1)", "岗位说明": "+1 @x", "备用": "-cmd"})[0]
    assert dict(row.cells)["岗位名称"] == "'=HYPERLINK(1)"
    assert dict(row.cells)["岗位说明"] == "'+1 @x"
    assert dict(row.cells)["备用"] == "'-cmd"


def test_a_deposit_in_yuan_needs_a_rent_to_compare_with() -> None:
    assert judge(HOUSE | {"押金(月)": "3000元", "月租(元)": "面议"})[0].rules == ("not_a_number",)
    assert judge(HOUSE | {"押金(月)": "1.2.3个月"})[0].rules == ("not_a_number",)
    assert judge(HOUSE | {"押金(月)": "押-1付1"})[0].rules == ("not_a_number",)
    assert judge(HOUSE | {"押金(月)": "-3000元"})[0].rules == ("not_a_positive_number",)
