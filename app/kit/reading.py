"""Tolerant readers: what a person wrote in a form or a sheet cell becomes a typed value.

Every reader takes a form string or a sheet cell (text, float, bool, date) and returns the value, or raises
`Unreadable` with a Chinese sentence that says what to write. Money is in fen, areas in tenths of a square metre.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

Period = Literal["", "month", "year", "day", "hour"]

EXCEL_EPOCH: Final = date(1899, 12, 30)
EXCEL_FIRST: Final = 36_526  # 2000-01-01; smaller serial numbers are counts, not days.
EXCEL_LAST: Final = 73_050  # 2099-12-31.
CENTURY: Final = 100
OLDEST_YEAR: Final = 1900
NEWEST_YEAR: Final = 2100

MEASURES: Final = frozenset(
    read
    for read in (
        *"人名个位次天日周岁年月套间户项份件",
        *("周岁", "个月", "小时", "人次", "天/周", "次/周", "人/套", "学年", "名学生", "个名额"),
    )
)
"""Measure words that may follow a whole number and change nothing."""

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_ERROR_CELL: Final = re.compile(r"^#(?:REF|DIV/0|VALUE|NAME|N/A|NUM|NULL|SPILL|CALC)[!?]?$", re.IGNORECASE)
_CHINESE_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_CHINESE_NUMBER: Final = re.compile("[零〇一二两三四五六七八九十百千万]+")
_NUMBER: Final = re.compile(r"^(?:约|大约)?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(.*)$")
_MONEY_UNIT: Final = re.compile(
    r"^(?P<scale>万|千|k|w)?(?:元|块钱?|圆|rmb|yuan)?整?(?:/?人)?(?:(?:/|每|一)?个?(?P<per>月|年|学年|天|日|小时|时))?$"
)
_PERIODS: Final[Mapping[str, Period]] = {
    "月": "month",
    "年": "year",
    "学年": "year",
    "天": "day",
    "日": "day",
    "小时": "hour",
    "时": "hour",
}
_PERIOD_WORDS: Final[Mapping[Period, str]] = {"": "", "month": "每月", "year": "每年", "day": "每天", "hour": "每小时"}
_SCALES: Final = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000}
_DAY: Final = re.compile(
    r"^(\d{4}|\d{2}(?=年))(?:年|[-/.、,—–])(\d{1,2})(?:月|[-/.、,—–])(\d{1,2})(?:日|号)?"
    r"(?:[t ]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?[.。]?$"
)
_DAY_PLAIN: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_YES: Final = frozenset(
    (
        *"是有要需可能对y1t√✓✔",
        "yes",
        "true",
        "on",
        "需要",
        "可以",
        "合格",
        "同意",
        "支持",
        "愿意",
        "接受",
        "提供",
        "符合",
    )
)
_NO: Final = frozenset((*"否无没不n0f×✗✘x-—/零免", "--", "no", "false", "off"))
_YES_START: Final = ("是", "有", "已", "可", "需", "合格", "通过", "能")
_NO_START: Final = ("不", "未", "无", "没", "否", "免", "非")
_LIST_BREAK: Final = re.compile(r"[、,;/|\n\r\t]+")


class Unreadable(ValueError):  # noqa: N818 - it says what the value is, as in pages and reports
    """The value cannot be read; `said` tells the person what to write, `code` names the trouble."""

    def __init__(self, said: str, *, code: str = "unreadable") -> None:
        self.said = said
        self.code = code
        super().__init__(said)


def plain(value: object) -> str:
    """Return a cell or form value as trimmed half-width text; whole floats lose their fraction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", str(value))).replace("\u2212", "-")
    return text.strip()


def is_blank(value: object) -> bool:
    """Tell whether a cell holds nothing a person could read."""
    return plain(value) == ""


def is_error_cell(value: object) -> bool:
    """Tell whether a cell shows a spreadsheet error such as #REF! instead of a value."""
    return bool(_ERROR_CELL.match(plain(value)))


def shown(value: object, *, longest: int = 24) -> str:
    """Return what stood in the cell, short and safe to repeat in a sentence or another sheet."""
    text = re.sub(r"\s+", " ", _INVISIBLE.sub("", value) if isinstance(value, str) else plain(value)).strip()
    if text.startswith(("=", "+", "@", "\t")) or (
        len(text) > 1 and text.startswith("-") and not re.fullmatch(r"-[\d.,]+", text)
    ):
        text = f"'{text}"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def chinese_number(text: str) -> int:
    """Return the value of a numeral written in Chinese characters, such as 十二 or 三千."""
    if not any(c in _CHINESE_UNITS for c in text):
        return int("".join(str(_CHINESE_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, 0
    for character in text:
        if character in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[character]
            continue
        unit = _CHINESE_UNITS[character]
        if unit == _CHINESE_UNITS["万"]:
            total += max(section + digit, 1) * unit
            section = digit = 0
            continue
        section += (digit or 1) * unit
        digit = 0
    return total + section + digit


def _number_and_rest(value: object) -> tuple[Decimal, str]:
    """Split a value into its number and whatever follows, both without spaces."""
    text = re.sub(r"\s", "", plain(value)).lower()
    match = _NUMBER.match(text)
    if match is None and (chinese := _CHINESE_NUMBER.match(text)):
        match = _NUMBER.match(f"{chinese_number(chinese.group())}{text[chinese.end() :]}")
    if match is None:
        if text == "":
            raise Unreadable("没有填写。", code="missing_value")
        raise Unreadable(f"“{shown(value)}”不是数字，请写一个数字。", code="not_a_number")
    return Decimal(match.group(1).replace(",", "")), match.group(2)


def read_int(
    value: object, *, low: int | None = None, high: int | None = None, units: Collection[str] = MEASURES
) -> int:
    """Read a whole number; any of `units` may follow it (the usual measure words unless told otherwise)."""
    number, rest = _number_and_rest(value)
    if rest and rest not in units:
        raise Unreadable(f"“{shown(value)}”不是一个数字，请只写数字，例如 {low or 1}。", code="not_a_number")
    if number != number.to_integral_value():
        raise Unreadable(f"“{shown(value)}”不是整数，请写整数。", code="not_a_number")
    return _within(int(number), value, low, high)


def _within(number: int, value: object, low: int | None, high: int | None) -> int:
    if low is not None and number < low:
        code = "not_a_positive_number" if number <= 0 else "out_of_range"
        raise Unreadable(f"“{shown(value)}”太小，最少是 {low}。", code=code)
    if high is not None and number > high:
        raise Unreadable(f"“{shown(value)}”太大，最多是 {high}。", code="out_of_range")
    return number


def read_hours(value: object) -> int:
    """Read a number of hours and return minutes, so that 7.5小时 stays exact."""
    number, rest = _number_and_rest(value)
    if rest not in ("", "小时", "个小时", "h", "时", "小时/天", "小时每天", "h/天"):
        raise Unreadable(f"“{shown(value)}”不是一个小时数，请写例如 8 或 7.5。", code="not_a_number")
    if number <= 0:
        raise Unreadable(f"“{shown(value)}”不对，小时数要大于 0。", code="not_a_positive_number")
    return int((number * 60).to_integral_value(ROUND_HALF_UP))


def read_money(value: object) -> tuple[int, Period]:
    """Read an amount of money; return fen and the period it is said for ('' when none is written)."""
    text = re.sub(r"\s", "", plain(value)).lower()
    stated: Period = ""
    if leading := re.match(r"^每?(?:个)?(月|年|学年|天|小时)", text):
        stated = _PERIODS[leading.group(1)]
        text = text[leading.end() :]
    text = re.sub(r"^(?:[¥$]|人民币|rmb)", "", text)
    if text in ("免费", "免租", "免租金", "无偿"):
        return 0, stated
    try:
        number, rest = _number_and_rest(text)
    except Unreadable as trouble:
        if trouble.code == "missing_value":
            raise
        raise Unreadable(f"“{shown(value)}”不是金额，请写一个数字，例如 3000。", code="not_a_number") from None
    unit = _MONEY_UNIT.match(rest)
    if unit is None:
        raise Unreadable(f"“{shown(value)}”不是一个金额，请只写一个数字，例如 3000。", code="not_a_number")
    fen = number * 100 * _SCALES.get(unit.group("scale") or "", 1)
    return int(fen.to_integral_value(ROUND_HALF_UP)), _PERIODS.get(unit.group("per") or "", stated)


def read_yuan_fen(value: object, *, per: Period = "") -> int:
    """Read yuan and return fen; with `per` the amount is for that period, and a monthly sum is made yearly."""
    fen, stated = read_money(value)
    if fen < 0:
        raise Unreadable(f"“{shown(value)}”是负数，金额不能小于 0。", code="not_a_positive_amount")
    if per == "year" and stated == "month":
        return fen * 12
    if stated not in ("", per):
        asked = _PERIOD_WORDS[per] or "总"
        raise Unreadable(f"“{shown(value)}”不是{asked}金额，请换算成{asked}多少元。", code="not_a_number")
    return fen


def read_day(value: object) -> date:
    """Read a calendar day: a date cell, an Excel serial number, or one of the usual ways to write it."""
    if isinstance(value, datetime):
        return _within_years(value.date(), value)
    if isinstance(value, date):
        return _within_years(value, value)
    text = re.sub(r"\s+", " ", plain(value)).lower()
    if text == "":
        raise Unreadable("没有填写。", code="missing_value")
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and EXCEL_FIRST <= float(text) <= EXCEL_LAST:
        return EXCEL_EPOCH + timedelta(days=int(float(text)))
    text = re.sub(r"\(?(?:周|星期)[一二三四五六日天]\)?", "", text).strip()
    text = _CHINESE_NUMBER.sub(lambda m: str(chinese_number(m.group())), text) if "年" in text else text
    compact = re.sub(r" ?([-/.年月日号]) ?", r"\1", text)
    match = _DAY.match(compact) or _DAY_PLAIN.match(compact)
    if match is None:
        raise Unreadable(f"“{shown(value)}”看不出是哪一天，请写成 2027-06-08 这样。", code="not_a_date")
    year, month, day = (int(part) for part in match.groups())
    try:
        return _within_years(date(year if year >= CENTURY else 2000 + year, month, day), value)
    except ValueError:
        raise Unreadable(f"“{shown(value)}”不是真实存在的日期，请核对月和日。", code="not_a_date") from None


def _within_years(day: date, value: object) -> date:
    if not OLDEST_YEAR <= day.year <= NEWEST_YEAR:
        raise Unreadable(f"“{shown(value)}”的年份不对，请核对。", code="not_a_date")
    return day


def read_area(value: object) -> int:
    """Read a floor area in square metres and return tenths of a square metre."""
    number, rest = _number_and_rest(value)
    if rest not in ("", "m2", "平", "平米", "平方", "平方米", "m", "sqm"):
        raise Unreadable(f"“{shown(value)}”不是面积，请写平方米数，例如 28 或 25.5。", code="not_a_number")
    if number <= 0:
        raise Unreadable(f"“{shown(value)}”不对，面积要大于 0。", code="not_a_positive_number")
    return int((number * 10).to_integral_value(ROUND_HALF_UP))


def read_yesno(value: object) -> bool:
    """Read a yes or a no."""
    text = plain(value).lower().rstrip("。.!")
    if text == "":
        raise Unreadable("没有填写，请写“是”或“否”。", code="missing_value")
    if re.search("不确定|不清楚|不详|不一定|未定|待", text):
        raise Unreadable(f"“{shown(value)}”没有说定，请写“是”或“否”。", code="not_yes_or_no")
    if text in _NO or (text not in _YES and text.startswith(_NO_START)):
        return False
    if text in _YES or text.startswith(_YES_START):
        return True
    raise Unreadable(f"“{shown(value)}”看不出是或否，请写“是”或“否”。", code="not_yes_or_no")


def read_list(value: object) -> tuple[str, ...]:
    """Split an enumeration written with 、，；/ or line breaks; repeated entries count once."""
    parts = (part.strip() for part in _LIST_BREAK.split(plain(value)))
    return tuple(dict.fromkeys(part for part in parts if part))


def read_choice(value: object, words: Mapping[str, str]) -> str:
    """Return the code of the longest of `words` (Chinese or code, to code) that occurs in the value."""
    found = read_choices(value, words)
    return found[0]


def read_choices(value: object, words: Mapping[str, str], offered: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the codes of all `words` in the value, in the order written; a longer word hides the shorter in it."""
    text = re.sub(r"\s", "", plain(value)).lower()
    if text == "":
        raise Unreadable("没有填写。", code="missing_value")
    keys = {unicodedata.normalize("NFKC", word).lower().replace(" ", ""): code for word, code in words.items()}
    if text in keys:
        return (keys[text],)
    pattern = "|".join(re.escape(word) for word in sorted(keys, key=len, reverse=True))
    found = tuple(dict.fromkeys(keys[match] for match in re.findall(pattern, text)))
    if not found:
        labels = "、".join(offered or list(words))
        raise Unreadable(f"“{shown(value)}”不在可选范围内，请从这些里选：{labels}。", code="unknown_choice")
    return found
