"""How people write numbers, money, days, areas and weekly times."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from app.kit.reading import (
    Unreadable,
    chinese_number,
    is_blank,
    is_error_cell,
    plain,
    read_area,
    read_choice,
    read_choices,
    read_day,
    read_hours,
    read_int,
    read_list,
    read_money,
    read_yesno,
    read_yuan_fen,
    shown,
)
from app.kit.reading_slots import WeeklySlot, read_weekly_slots

Reader = Callable[[object], object]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        (5.0, "5"),
        (25.5, "25.5"),
        (" ３，０００\u200b ", "3,000"),
        (date(2027, 1, 2), "2027-01-02"),
        (datetime(2027, 1, 2, 9, 5, tzinfo=UTC), "2027-01-02 09:05+00:00"),
        ("\u2212500", "-500"),
    ],
)
def test_plain_text_of_a_cell(cell: object, text: str) -> None:
    assert plain(cell) == text
    assert is_blank(cell) == (text == "")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("（示例）甲", "（示例）甲"),
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+86", "'+86"),
        ("-500", "-500"),
        ("-cmd", "'-cmd"),
        ("-", "-"),
        ("一" * 30, "一" * 23 + "…"),
        (5.0, "5"),
        ("甲\n乙", "甲 乙"),
    ],
)
def test_what_stood_in_a_cell_is_safe_to_repeat(cell: object, text: str) -> None:
    assert shown(cell) == text


def test_error_cells_are_told_apart() -> None:
    assert is_error_cell("#REF!")
    assert is_error_cell("#n/a")
    assert not is_error_cell("#1栋")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三", 3),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("三千", 3000),
        ("两万", 20_000),
        ("一万二千", 12_000),
        ("万", 10_000),
        ("二〇二七", 2027),
    ],
)
def test_numbers_in_chinese(text: str, number: int) -> None:
    assert chinese_number(text) == number


GOOD: list[tuple[Reader, object, object]] = [
    (read_int, "３人", 3),
    (read_int, "约 1,000", 1000),
    (read_int, "十二次", 12),
    (read_int, 5.0, 5),
    (read_hours, "7.5小时", 450),
    (read_hours, 8.0, 480),
    (read_money, "3,000", (300_000, "")),
    (read_money, "￥2600.50元/月", (260_050, "month")),
    (read_money, "每月3000元", (300_000, "month")),
    (read_money, "人民币1.2万元", (1_200_000, "")),
    (read_money, "免费", (0, "")),
    (read_money, "-500", (-50_000, "")),
    (read_money, "3k", (300_000, "")),
    (read_money, "三千元", (300_000, "")),
    (read_day, date(2027, 6, 8), date(2027, 6, 8)),
    (read_day, datetime(2027, 6, 8, 1, tzinfo=UTC), date(2027, 6, 8)),
    (read_day, 46546.0, date(2027, 6, 8)),
    (read_day, "2027 年 6 月 8 号", date(2027, 6, 8)),
    (read_day, "2027—06—08", date(2027, 6, 8)),
    (read_day, "2027-06-08 星期二", date(2027, 6, 8)),
    (read_area, "28㎡", 280),
    (read_area, "２５.５平方米", 255),
    (read_yesno, "√", True),
    (read_yesno, "yes", True),
    (read_yesno, "合格。", True),
    (read_yesno, "不需要", False),
    (read_yesno, "N", False),
    (read_list, "甲、乙，丙；甲/丁", ("甲", "乙", "丙", "丁")),
    (read_list, "", ()),
]
BAD: list[tuple[Reader, object, str]] = [
    (read_int, "", "missing_value"),
    (read_int, "若干", "not_a_number"),
    (read_int, "3-5人", "not_a_number"),
    (read_int, "2.5", "not_a_number"),
    (read_hours, "8点", "not_a_number"),
    (read_hours, "0", "not_a_positive_number"),
    (read_money, "面议", "not_a_number"),
    (read_money, "", "missing_value"),
    (read_money, "3000左右", "not_a_number"),
    (read_yuan_fen, "-1", "not_a_positive_amount"),
    (read_yuan_fen, "3000元/月", "not_a_number"),
    (read_day, "", "missing_value"),
    (read_day, "下月", "not_a_date"),
    (read_day, "2027-13-01", "not_a_date"),
    (read_day, date(1700, 1, 1), "not_a_date"),
    (read_area, "大", "not_a_number"),
    (read_area, "28号", "not_a_number"),
    (read_area, "0", "not_a_positive_number"),
    (read_yesno, "", "missing_value"),
    (read_yesno, "阳台改", "not_yes_or_no"),
    (read_yesno, "待定", "not_yes_or_no"),
]


@pytest.mark.parametrize(("reader", "cell", "value"), GOOD)
def test_what_people_write_is_read(reader: Reader, cell: object, value: object) -> None:
    assert reader(cell) == value


@pytest.mark.parametrize(("reader", "cell", "code"), BAD)
def test_what_cannot_be_read_says_what_to_write(reader: Reader, cell: object, code: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        reader(cell)
    assert trouble.value.code == code
    assert trouble.value.said.endswith("。")


def test_bounds_are_told_with_the_number() -> None:
    with pytest.raises(Unreadable, match="最少是 1") as trouble:
        read_int("0", low=1)
    assert trouble.value.code == "not_a_positive_number"
    with pytest.raises(Unreadable, match="最少是 16") as trouble:
        read_int("15", low=16)
    assert trouble.value.code == "out_of_range"
    with pytest.raises(Unreadable, match="最多是 5"):
        read_int("6", high=5)


def test_money_for_a_period() -> None:
    assert read_yuan_fen("1200元/月", per="year") == 1_440_000
    assert read_yuan_fen("3000", per="month") == 300_000
    assert read_yuan_fen("3000元/月", per="month") == 300_000
    with pytest.raises(Unreadable, match="换算成每月"):
        read_yuan_fen("150元/天", per="month")


def test_choices_are_found_by_their_words() -> None:
    words = {"教师": "CR08", "学校心理教师": "CR05", "律师": "CR07"}
    assert read_choice("学校心理教师", words) == "CR05"
    assert read_choices("律师、学校心理 教师、律师（兼）", words) == ("CR07", "CR05")
    with pytest.raises(Unreadable, match="教师、学校心理教师、律师"):
        read_choice("催眠师", words)
    with pytest.raises(Unreadable, match="甲、乙"):
        read_choices("丙", words, ("甲", "乙"))
    with pytest.raises(Unreadable):
        read_choices(" ", words)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("周一19:00-21:00；周六9:00-12:00", ["周一19:00-21:00", "周六9:00-12:00"]),
        ("周日14:00-18:00", ["周日14:00-18:00"]),
        ("工作日晚上19点至21点", [f"周{day}19:00-21:00" for day in "一二三四五"]),
        ("周一、周三晚上7点-9点", ["周一19:00-21:00", "周三19:00-21:00"]),
        ("周一三五 19:00~21:00", ["周一19:00-21:00", "周三19:00-21:00", "周五19:00-21:00"]),
        ("星期六到星期一下午2点半至5点15分", ["周一14:30-17:15", "周六14:30-17:15", "周日14:30-17:15"]),
        ("周末上午9点到下午5点", ["周六9:00-17:00", "周日9:00-17:00"]),
        ("周六9:00-12:00，14:00-17:00", ["周六9:00-12:00", "周六14:00-17:00"]),
        ("每周三晚9点至12点", ["周三21:00-24:00"]),
        ("周四中午12点到1点半", ["周四12:00-13:30"]),
        ("周五19：00—21：00均可", ["周五19:00-21:00"]),
    ],
)
def test_weekly_times_are_read(text: str, slots: list[str]) -> None:
    assert [slot.label for slot in read_weekly_slots(text)] == slots
    assert read_weekly_slots("；".join(slots)) == read_weekly_slots(text)


@pytest.mark.parametrize(
    "text",
    ["随时", "周六", "19:00-21:00", "周六25:00-26:00", "周六9:75-10:00", "周六12:00-9:00", "周一19:00-21:00，周六"],
)
def test_unclear_weekly_times_are_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        read_weekly_slots(text)
    assert trouble.value.code == "not_a_time"


def test_missing_weekly_times_are_asked_for() -> None:
    with pytest.raises(Unreadable, match="周一19:00-21:00") as trouble:
        read_weekly_slots("")
    assert trouble.value.code == "missing_value"


def test_a_slot_counts_from_monday_in_minutes() -> None:
    assert read_weekly_slots("周日9:05-10:00") == (WeeklySlot(weekday=7, start=545, end=600),)
