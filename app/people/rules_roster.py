"""Rosters of students and cadres: which column is which, and what a row says (pure reading)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from app.kit.reading import Unreadable, is_blank, plain, read_choice, read_day, read_int
from app.kit.viewer import ROLE_LABELS, Role

STUDENT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名", "学生姓名", "名字"),
    "student_no": ("学号", "学籍号", "学生编号"),
    "birth_date": ("出生日期", "出生年月日", "生日", "出生"),
    "sex": ("性别",),
    "grade": ("年级",),
    "class_name": ("班级", "班别", "所在班级"),
    "school": ("学校", "学校名称", "所在学校"),
    "stage": ("学段", "类别"),
    "major": ("专业",),
    "phone": ("手机", "电话", "手机号", "联系电话"),
    "league": ("政治面貌", "是否团员", "团员"),
}
CADRE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名", "名字"),
    "organisation": ("组织", "所在组织", "组织名称", "单位", "团组织"),
    "position": ("职务", "岗位", "职位"),
    "cadre_type": ("类型", "干部类型", "专挂兼"),
    "role": ("角色", "权限角色"),
    "start": ("任职日期", "开始日期", "任职开始", "开始"),
    "end": ("任期至", "结束日期", "任职结束", "结束"),
    "phone": ("手机", "电话", "手机号", "联系电话"),
    "sex": ("性别",),
}
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "students": frozenset({"name", "student_no", "birth_date"}),
    "cadres": frozenset({"name", "organisation"}),
}
HEADER_WITHIN: Final = 15
SEX_WORDS: Final = {"女": "F", "男": "M", "F": "F", "M": "M", "女性": "F", "男性": "M"}
TYPE_WORDS: Final = {"专职": "FT", "挂职": "SEC", "兼职": "PT"}
STAGE_WORDS: Final = {
    "初中": "JH",
    "高中": "SH",
    "普通高中": "SH",
    "中职": "SV",
    "技工": "SV",
    "高职": "HV",
    "大专": "HV",
    "高职高专": "HV",
    "本科": "UG",
    "研究生": "PG",
    "硕士": "PG",
    "博士": "PG",
}
STAGE_OF_SCHOOL: Final[Mapping[str, str]] = {
    "JH": "JH",
    "SH": "SH",
    "CM": "SH",
    "SV": "SV",
    "TE": "SV",
    "HV": "HV",
    "UG": "UG",
    "SP": "SH",
}
ROLE_OF_LEVEL: Final[Mapping[str, Role]] = {
    "L1": Role.PRV,
    "L2": Role.CIT,
    "L3": Role.CTY,
    "L4": Role.SCH,
    "L5": Role.GRA,
    "L6": Role.MEM,
}
_GRADES: Final = (
    ("初一", "JH", 1),
    ("初二", "JH", 2),
    ("初三", "JH", 3),
    ("七", "JH", 1),
    ("八", "JH", 2),
    ("九", "JH", 3),
)
_NUMBERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_NOTE: Final = re.compile(r"^(注|说明|备注|填表|合计|总计|小计|示例[:：])")


class StudentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A student of a roster, read and typed."""

    name: str
    student_no: str
    birth_date: date
    sex: str = ""
    stage: str = ""
    grade_year: int = 1
    class_name: str = ""
    school: str = ""
    major: str = ""
    phone: str = ""
    league_member: str = "N"


class CadreRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cadre of a roster, read and typed; an empty role is found by the level of the organisation."""

    name: str
    organisation: str
    position: str = ""
    cadre_type: str = ""
    role: str = ""
    start: date | None = None
    end: date | None = None
    phone: str = ""
    sex: str = ""


class Header(msgspec.Struct, frozen=True):
    """Where the header stands: which kind of roster, which row (from 0), and the column of each field."""

    kind: str
    row: int
    columns: Mapping[str, int]


def find_header(cells: Sequence[Sequence[Any]]) -> Header | None:
    """Return the header among the first rows: the first one that names every needed column of a kind of roster."""
    for number, row in enumerate(cells[:HEADER_WITHIN]):
        titles = [_title(cell) for cell in row]
        for kind, known in (("students", STUDENT_COLUMNS), ("cadres", CADRE_COLUMNS)):
            columns = {
                name: titles.index(word) for name, words in known.items() for word in words[::-1] if word in titles
            }
            if NEEDED[kind] <= set(columns):
                return Header(kind, number, columns)
    return None


def _title(value: Any) -> str:
    """Return a header cell without spaces, stars, colons and what stands in brackets."""
    return re.sub(r"[(（].*$|[\s*＊：:]", "", plain(value))


def cell(row: Sequence[Any], header: Header, name: str) -> Any:
    """Return the cell of a field in a row, or an empty text when there is no such column."""
    place = header.columns.get(name)
    return row[place] if place is not None and place < len(row) else ""


def is_note(row: Sequence[Any]) -> bool:
    """Tell whether a row is blank or a remark, not a person."""
    filled = [plain(value) for value in row if not is_blank(value)]
    return not filled or bool(_NOTE.match(filled[0]))


def read_student(row: Sequence[Any], header: Header) -> StudentRow:
    """Read one student or raise Unreadable with a sentence."""
    stage, grade_year = read_grade(plain(cell(row, header, "grade")))
    if not is_blank(cell(row, header, "stage")):
        stage = read_choice(cell(row, header, "stage"), STAGE_WORDS)
    return StudentRow(
        name=_text(row, header, "name", "姓名", 40),
        student_no=_text(row, header, "student_no", "学号", 30),
        birth_date=_day(row, header, "birth_date", "出生日期"),
        sex=_choice(row, header, "sex", SEX_WORDS),
        stage=stage,
        grade_year=grade_year,
        class_name=plain(cell(row, header, "class_name"))[:40],
        school=plain(cell(row, header, "school")),
        major=plain(cell(row, header, "major"))[:60],
        phone=plain(cell(row, header, "phone"))[:20],
        league_member="Y" if "团员" in plain(cell(row, header, "league")) else "N",
    )


def read_cadre(row: Sequence[Any], header: Header) -> CadreRow:
    """Read one cadre or raise Unreadable with a sentence."""
    roles = {label: role.value for role, label in ROLE_LABELS.items()} | {role.value: role.value for role in Role}
    start, end = cell(row, header, "start"), cell(row, header, "end")
    return CadreRow(
        name=_text(row, header, "name", "姓名", 40),
        organisation=_text(row, header, "organisation", "组织", 80),
        position=plain(cell(row, header, "position"))[:40],
        cadre_type=_choice(row, header, "cadre_type", TYPE_WORDS),
        role=_choice(row, header, "role", roles),
        start=None if is_blank(start) else read_day(start),
        end=None if is_blank(end) else read_day(end),
        phone=plain(cell(row, header, "phone"))[:20],
        sex=_choice(row, header, "sex", SEX_WORDS),
    )


def read_grade(text: str) -> tuple[str, int]:
    """Read “初二”, “高一”, “大三”, “八年级” or “2” as (stage or "", year); an unknown text is year 1."""
    for word, stage, year in _GRADES:
        if text.startswith(word):
            return stage, year
    for first, stage in (("高", "SH"), ("大", "UG"), ("研", "PG")):
        if text.startswith(first) and len(text) > 1 and text[1] in _NUMBERS:
            return stage, _NUMBERS[text[1]]
    try:
        return "", read_int(text, low=1, high=9)
    except Unreadable:
        return "", next((number for word, number in _NUMBERS.items() if word in text), 1)


def _text(row: Sequence[Any], header: Header, name: str, label: str, longest: int) -> str:
    value = plain(cell(row, header, name))
    if not value:
        raise Unreadable(f"没有填{label}。")
    if len(value) > longest:
        raise Unreadable(f"{label}太长，最多 {longest} 个字。")
    return value


def _day(row: Sequence[Any], header: Header, name: str, label: str) -> date:
    try:
        return read_day(cell(row, header, name))
    except Unreadable as problem:
        raise Unreadable(f"{label}：{problem}") from problem


def _choice(row: Sequence[Any], header: Header, name: str, words: Mapping[str, str]) -> str:
    value = cell(row, header, name)
    return "" if is_blank(value) else read_choice(value, words)
