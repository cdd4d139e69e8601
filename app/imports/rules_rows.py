"""Reading one row: every cell by the name of its column, every trouble as a sentence that names the column."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from app.imports.rules_columns import Header
from app.imports.rules_values import Command, KnownListings
from app.kit.reading import Unreadable, is_blank, is_error_cell, plain, shown
from app.offers.kinds import Field
from app.offers.rules_legality import Finding, Severity
from app.regions.rules import REGIONS, Region, cities, city_of, counties, region_named

T = TypeVar("T")

_MOBILE: Final = re.compile(r"^(?:\+?0{0,2}86)?(1[3-9]\d{9})$")
_OTHER_PHONE: Final = re.compile(r"^(?:0\d{2,3}\d{7,8}(?:转\d{1,6})?|[48]00\d{7}|\+?85[23]\d{8})$")
_SPLIT_CITY: Final = re.compile(r"[(].*?[)]|中国|广东省|广东|[\s,;、/]")
_WHOLE_CITY: Final = frozenset(("", "市辖区", "全市", "不限", "无", "全区", "市直", "-", "/"))
_EMPTY_WORDS: Final = frozenset(
    ("不限", "无", "没有", "无要求", "不作要求", "均可", "不限定", "无限制", "-", "--", "/", "全部", "都可以")
)


@dataclass(slots=True)
class Judged:
    """What a sheet's reader made of a row: problems, and the command with the keys that make it unique."""

    problems: list[Finding]
    notes: list[str]
    command: Command | None = None
    keys: tuple[str, ...] = ()
    address: str = ""
    provider_key: str = ""


@dataclass(slots=True)
class Around:
    """What is around a row: the day of judgement, what is stored, and what earlier rows of the workbook brought."""

    today: date
    latest: date
    known: KnownListings
    seen: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    tell: Callable[[], None] = lambda: None


class Row:
    """One row of a sheet while it is read; problems and notes are collected, nothing is raised."""

    def __init__(self, header: Header, cells: Sequence[object]) -> None:
        self._header = header
        self._cells = cells
        self.problems: list[Finding] = []
        self.notes: list[str] = []

    @property
    def columns(self) -> Collection[str]:
        """Return the columns that this kind of sheet may have."""
        return self._header.kind.columns.keys()

    def heading(self, column: str) -> str:
        """Return the heading as the sheet writes it, or the usual name when the column is missing."""
        at = self._header.places.get(column)
        return self._header.kind.columns[column][0] if at is None else self._header.headings[at]

    def cell(self, column: str) -> object:
        """Return the raw cell of a column, or an empty text."""
        at = self._header.places.get(column)
        return "" if at is None or at >= len(self._cells) else self._cells[at]

    def text(self, column: str) -> str:
        """Return a cell as trimmed text, as written (numbers without a trailing .0)."""
        cell = self.cell(column)
        return re.sub(r"\s+", " ", cell).strip() if isinstance(cell, str) else plain(cell)

    def blank(self, column: str) -> bool:
        """Tell whether a cell is empty."""
        return is_blank(self.cell(column))

    def says_nothing(self, column: str) -> bool:
        """Tell whether a cell is empty or says that there is nothing to say (不限, 无)."""
        return self.blank(column) or plain(self.cell(column)) in _EMPTY_WORDS

    def add(self, rule: str, column: str, sentence: str, *, severity: Severity = "block") -> None:
        """Collect a problem of a column."""
        self.problems.append(Finding(rule, severity, column, f"“{self.heading(column)}”一列：{sentence}"))

    def add_findings(self, findings: Sequence[Finding], columns: Mapping[str, str]) -> None:
        """Collect what the law says; `columns` gives the column of each field of the terms."""
        for finding in findings:
            column = columns.get(finding.field, "")
            where = f"“{self.heading(column)}”一列：" if column and column in self._header.places else ""
            cell = shown(self.cell(column)) if column else ""
            told = f"写的是“{cell}”。" if cell and len(cell) <= 20 and cell not in finding.sentence else ""  # noqa: PLR2004
            self.problems.append(
                Finding(finding.rule, finding.severity, column, f"{where}{told}{finding.sentence}", finding.source)
            )

    def read(self, column: str, reader: Callable[[object], T], default: T, *, required: bool = True) -> T:
        """Read a cell; when that fails, collect why and return the default so that reading can go on."""
        cell = self.cell(column)
        if is_error_cell(cell):
            self.add("formula_error", column, f"单元格是公式错误“{shown(cell)}”，请改成实际的内容。")
            return default
        if is_blank(cell):
            if required:
                self.add("missing_value", column, f"没有填写，请补上{self.heading(column)}。")
            return default
        try:
            return reader(cell)
        except Unreadable as trouble:
            self.add(trouble.code, column, trouble.said)
            return default

    def read_as(self, column: str, field_: Field, default: T, *, required: bool = True) -> T:
        """Read a cell as the form of the offer kind reads its field."""
        return self.read(column, lambda cell: field_.read([cell]), default, required=required)

    def required_text(self, column: str, *, longest: int) -> str:
        """Read a text that has to be there."""
        return self.read(column, lambda _cell: self._short(column, longest), "")

    def optional_text(self, column: str, *, longest: int) -> str:
        """Read a text that may be missing."""
        return self.read(column, lambda _cell: self._short(column, longest), "", required=False)

    def _short(self, column: str, longest: int) -> str:
        text = self.text(column)
        if len(text) > longest:
            raise Unreadable(f"最多 {longest} 个字，现在是 {len(text)} 个字，请精简。", code="too_long")
        return text

    def phone(self, column: str, *, mobile: bool = False, required: bool = False) -> str:
        """Read a telephone number; a missing or impossible one breaks the rule “phone”."""
        text = re.sub(r"[\s\-—–()]", "", plain(self.cell(column)))
        if text == "" and not required:
            return ""
        if found := _MOBILE.match(text):
            return found.group(1)
        if not mobile and _OTHER_PHONE.match(text):
            return text
        kind = "11 位手机号" if mobile else "11 位手机号，或带区号的座机号"
        told = f"“{shown(self.cell(column))}”不是电话号码，" if text else "没有填写，"
        self.add("phone", column, f"{told}请写 {kind}。")
        return ""

    def place(self) -> Region | None:
        """Read city and district; a place outside Guangdong is refused, a district of another city is looked at."""
        city = self._city()
        if city is None:
            return None
        text = plain(self.cell("district"))
        if text in _WHOLE_CITY or not counties(city.code):
            return city
        district = region_named(text, city.code)
        if district is not None:
            return district
        if elsewhere := region_named(text):
            found = city_of(elsewhere.code) or elsewhere
            self.add(
                "district_not_in_city",
                "district",
                f"“{shown(text)}”不在{city.name}，在{found.name}，请核对城市和区县。",
                severity="hold",
            )
        else:
            self.notes.append(f"没有查到区县“{shown(text)}”，按{city.name}登记。")
        return city

    def _city(self) -> Region | None:
        text = plain(self.cell("city"))
        from_district = region_named(plain(self.cell("district")))
        if text in ("", "广东省", "广东"):
            if from_district or (found := _city_at_start(plain(self.cell("place"))) if text == "" else None):
                return city_of(from_district.code) if from_district else found
            self.add("missing_value", "city", "没有填写，请写广东省的地级以上市，例如佛山市。")
            return None
        named = region_named(text) or region_named(_SPLIT_CITY.sub("", text))
        if found := (city_of(named.code) if named else None) or _city_at_start(text):
            return found
        self.add("outside_province", "city", f"“{shown(text)}”不在广东省内；本平台只收广东省内的信息，请核对城市。")
        return None


def _city_at_start(text: str) -> Region | None:
    bare = _SPLIT_CITY.sub("", text)
    return next((city for city in cities() if bare.startswith((city.name, city.short))), None) if bare else None


def digest(*parts: object) -> str:
    """Return the fingerprint of what makes a listing unique; spaces, widths, case and brackets do not matter."""
    said = "|".join(re.sub(r"[\s()\[\]【】,，、.。·\-]", "", plain(part)).lower() for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()


def region_code(region: Region | None) -> str:
    """Return the code of a place, or an empty text when it could not be read."""
    return region.code if region else ""


def region_name(code: str) -> str:
    """Return the name of a place by code."""
    return REGIONS[code].name if code in REGIONS else ""
