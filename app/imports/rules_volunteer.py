"""One row of 志愿者 becomes a volunteer's application with the counselling offered, or the reasons why not."""

import re
from calendar import monthrange
from datetime import date
from typing import Final

from app.imports.rules_rows import Around, Judged, Row, digest, region_code
from app.imports.rules_values import ImportedVolunteer
from app.kit.reading import Unreadable, plain, read_choice, read_day, read_int, read_yesno
from app.kit.wording import day as written_day
from app.offers.kinds.counselling import DEFAULT_CAP, KIND, TOPICS, CounselTerms
from app.offers.rules_legality import ListingFacts, blocks

CREDENTIALS: Final = {
    "心理咨询师": "CR01",
    "国家二级": "CR01",
    "国家三级": "CR01",
    "二级心理咨询师": "CR01",
    "三级心理咨询师": "CR01",
    "注册系统": "CR02",
    "注册心理师": "CR02",
    "注册助理心理师": "CR02",
    "注册督导师": "CR02",
    "助理心理师": "CR02",
    "督导师": "CR02",
    "中科院": "CR03",
    "基础培训": "CR03",
    "心理咨询师基础培训": "CR03",
    "社会工作师": "CR04",
    "社工": "CR04",
    "助理社会工作师": "CR04",
    "高级社会工作师": "CR04",
    "心理教师": "CR05",
    "心理老师": "CR05",
    "学校心理教师": "CR05",
    "心理健康教师": "CR05",
    "心理健康教育": "CR05",
    "心理健康教育教师": "CR05",
    "精神科": "CR06",
    "精神科医师": "CR06",
    "精神科医生": "CR06",
    "心理治疗师": "CR06",
    "执业医师": "CR06",
    "律师": "CR07",
    "法律": "CR07",
    "教师": "CR08",
    "老师": "CR08",
    "大学生": "CR08",
}
NOT_COUNSELLORS: Final = frozenset(("CR07", "CR08"))
LAST_STATE_EXAM_YEAR: Final = 2018

_NONE: Final = frozenset(("无", "没有", "暂无", "否", "-", "--", "/", "—", "待考", "备考中", "在考"))
_YEAR: Final = re.compile(r"(20\d{2})年?(前|以前)?")
_COLUMNS: Final = {"text": "text"}


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def judge_volunteer(row: Row, around: Around) -> Judged:
    """Judge one volunteer row."""
    name = row.required_text("name", longest=40)
    phone = row.phone("phone", mobile=True, required=True)
    credential, number = _credential(row)
    place = row.place()
    minors = row.read("minors", read_yesno, default=False, required=False)
    checked = _record_check(row, around, minors=minors)
    terms = _terms(row, minors=minors)
    texts = (row.text("text"), row.text("topics"))
    row.add_findings(KIND.legality(terms, texts, ListingFacts(today=around.today)), _COLUMNS)
    if blocks(row.problems):
        return Judged(row.problems, row.notes)
    topics = "、".join(dict(TOPICS)[code] for code in terms.topics[:2])
    keys = (digest("COUNSEL", phone),)
    command = ImportedVolunteer(
        name=name,
        phone=phone,
        credential=credential,
        credential_text=row.text("credential"),
        credential_no=number,
        region_code=region_code(place),
        record_check_on=checked,
        title=f"心理辅导 · {topics}"[:60],
        capacity=terms.weekly_cap,
        terms=terms,
        fingerprint=keys[0],
        findings=tuple(row.problems),
    )
    return Judged(row.problems, row.notes, command, keys)


def _credential(row: Row) -> tuple[str, str]:
    text = plain(row.cell("credential"))
    number = "" if plain(row.cell("credential_no")) in _NONE else row.text("credential_no")[:60]
    if text == "" or text in _NONE:
        row.add(
            "no_credential",
            "credential",
            "没有填写资质；心理服务须有相应的专业资质（《志愿服务条例》第十六条），请写例如“社会工作师”。",
        )
        return "", number
    try:
        code = read_choice(text, CREDENTIALS)
    except Unreadable:
        row.add(
            "credential_not_recognised", "credential", f"没有认出“{text}”这种资质，将由审核员核对。", severity="hold"
        )
        return "", number
    if code in NOT_COUNSELLORS:
        row.add(
            "credential_not_for_counselling",
            "credential",
            f"“{text}”可以参加法律援助或学业辅导，不能单独做心理辅导，将由审核员核对。",
            severity="hold",
        )
    year = _YEAR.search(text)
    if code == "CR01" and year and not year.group(2) and int(year.group(1)) > LAST_STATE_EXAM_YEAR:
        row.add(
            "credential_after_2018",
            "credential",
            "国家心理咨询师考试 2018 年已停止，之后年份的证书要由审核员核对（人社部发〔2017〕68号）。",
            severity="hold",
        )
    if not number:
        row.add(
            "no_credential_number", "credential_no", "没有填写资质编号，审核时需要向发证单位核对。", severity="hold"
        )
    return code, number


def _record_check(row: Row, around: Around, *, minors: bool) -> date | None:
    """Read the day of the criminal-record query; working with minors needs one not older than twelve months."""
    checked: date | None = None if row.says_nothing("record_check") else row.read("record_check", read_day, None)
    if any(problem.field == "record_check" for problem in row.problems):
        return None
    law = "（《未成年人保护法》第六十二条）"
    if checked is None:
        if minors:
            row.add(
                "no_record_check",
                "record_check",
                f"服务未成年人须先查询违法犯罪记录，请补查询日期{law}。",
                severity="hold",
            )
        return None
    if checked > around.latest:
        row.add("record_check_in_future", "record_check", f"查询日期{written_day(checked)}还没有到，请核对。")
    elif months_later(checked, 12) < around.today and minors:
        row.add(
            "record_check_older_than_12_months",
            "record_check",
            f"查询日期{written_day(checked)}已超过 12 个月，重新查询之前只能服务成年学生{law}。",
            severity="hold",
        )
    return checked


def _read_cap(value: object) -> int:
    return read_int(re.sub(r"^每周(?:最多)?", "", plain(value)), low=1, high=40)


def _terms(row: Row, *, minors: bool) -> CounselTerms:
    return CounselTerms(
        topics=row.read_as("topics", KIND.field("topics"), ("PS1",)),
        modes=row.read_as("modes", KIND.field("modes"), ("VO",)),
        languages=row.read_as("languages", KIND.field("languages"), ("PTH",), required=False),
        slots=row.read_as("slots", KIND.field("slots"), ()),
        weekly_cap=row.read("weekly_cap", _read_cap, DEFAULT_CAP, required=False),
        minors_allowed=minors,
    )
