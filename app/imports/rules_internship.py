"""One row of 实习岗位 becomes an internship, or the reasons why not."""

import re
from datetime import date
from typing import Final

from app.imports.rules_providers import provider_facts, read_provider
from app.imports.rules_rows import Around, Judged, Row, digest
from app.imports.rules_values import ImportedInternship
from app.kit.reading import Unreadable, plain, read_day, read_hours, read_int, read_yuan_fen, shown
from app.offers.kinds.internship import KIND, InternshipTerms
from app.offers.kinds.internship_rules import charge_in, venue_in
from app.offers.rules_legality import blocks

_COLUMNS: Final = {
    "min_age": "min_age",
    "minutes_per_day": "hours_per_day",
    "days_per_week": "days_per_week",
    "end": "end",
    "fee_charged": "fee",
    "insurance": "insurance",
    "pay_fen_month": "pay",
    "text": "text",
    "uscc": "uscc",
    "legal_name": "unit",
    "overtime": "text",
    "night_shift": "text",
    "venue_banned": "post",
    "papers_held": "text",
    "pay_third_party": "text",
    "hazard": "text",
}
_NO_FEE: Final = re.compile(r"^(?:否|无|没有?|不|免|非|未|全免|0(?:元)?$|n$|no$|x$|×$|-+$|/$|—+$|零)", re.IGNORECASE)
_NO_INSURANCE: Final = re.compile(
    r"^(?:否|无|没|不|未|暂|免|待|拟|0$|n$|no$|×$|x$|-+$|/$|—+$)|自理|自行|自购|自费|学生(?:购|负责|承担)",
    re.IGNORECASE,
)
_LOWEST_AGE: Final = re.compile(
    r"^(?:年?满|大于等于|不低于|不小于|>=?|≥|min)?(\d{1,2})(?:周?岁)?(?:$|及?以上|起|\+|(?:-|~|至|到)\d{1,2}(?:周?岁)?$)"
)
_DAYS_WORDS: Final = {
    "双休": 5,
    "周末双休": 5,
    "工作日": 5,
    "周一至周五": 5,
    "周一到周五": 5,
    "单休": 6,
    "周一至周六": 6,
    "全周": 7,
}
_NO_PAY: Final = frozenset(("无", "没有", "无补贴", "无报酬", "不发", "零", "无薪"))
_FAR_START: Final = date(2099, 1, 1)
_FAR_END: Final = date(2099, 6, 1)
_GRADES: Final = ("SV", "HV", "UG", "PG")


def read_lowest_age(value: object) -> int:
    """Read the lowest age from 18周岁, 满16岁以上 or 16-25岁."""
    text = re.sub(r"\s|\(?含(?:本数)?\)?", "", plain(value))
    if found := _LOWEST_AGE.match(text):
        return int(found.group(1))
    return read_int(value, low=0)


def read_days_per_week(value: object) -> int:
    """Read working days a week from 5天, 每周5天, 5天/周 or 双休."""
    text = re.sub(r"\s", "", plain(value))
    if text in _DAYS_WORDS:
        return _DAYS_WORDS[text]
    return read_int(re.sub(r"^(?:每|一)?周(?:工作)?", "", text), low=1)


def read_minutes_per_day(value: object) -> int:
    """Read working hours a day, in minutes."""
    return read_hours(re.sub(r"^(?:每|一)?[天日](?:工作)?", "", re.sub(r"\s", "", plain(value))))


def read_fee(value: object) -> bool:
    """Tell whether a fee is charged; anything but a plain no counts as a fee."""
    text = plain(value)
    return bool(charge_in(text)) or not _NO_FEE.match(text)


def read_insurance(value: object) -> tuple[str, ...]:
    """Read the insurance that the unit buys; none when the students are to buy it or nobody does."""
    text = plain(value)
    if _NO_INSURANCE.search(text):
        return ()
    if text in ("是", "有", "已购买", "购买", "已买", "√"):
        raise Unreadable(f"“{shown(value)}”没有写是哪一种，请写实习责任险、雇主责任险或意外险。", code="unknown_choice")
    field = KIND.field("insurance")
    from_form: tuple[str, ...] = field.read([value])
    return from_form


def read_pay(value: object) -> int:
    """Read the monthly pay in fen; what comes on top in kind (+餐补) does not count."""
    amount, *extras = re.split(r"[+;(]|,(?!\d{3})|另|含|包", plain(value))
    if plain(value) in _NO_PAY:
        return 0
    return read_yuan_fen(value if re.search(r"\d", "".join(extras)) else amount, per="month")


def _post_kind(unit_kind: str, words: str) -> str:
    if re.search("就业见习", words):
        return "TRAINEE_HR"
    return {"GOV": "INTERN_GOV", "GRASS": "INTERN_GRASS"}.get(unit_kind, "INTERN_ENT")


def _education(row: Row) -> str | None:
    if row.says_nothing("education_min"):
        return None
    text = plain(row.cell("education_min"))
    field = KIND.field("education_min")
    found = [row.read_as("education_min", field, "")]
    found += [field.read([part]) for part in re.split(r"[、,/或和]", text)[1:] if field.knows(part)]
    return min((code for code in found if code), key=_GRADES.index, default=None)


def _terms(row: Row) -> InternshipTerms:
    post = row.required_text("post", longest=60)
    text = row.text("text")
    unit_kind = row.read_as("unit_kind", KIND.field("unit_kind"), "PRIV")
    days = (row.read("start", read_day, _FAR_START), row.read("end", read_day, _FAR_END))
    in_order = _FAR_START not in days and _FAR_END not in days
    return InternshipTerms(
        unit_kind=unit_kind,
        post_kind=_post_kind(unit_kind, f"{post} {text}"),
        post=post,
        headcount=row.read("headcount", lambda cell: read_int(cell, low=1), 1),
        majors="" if row.says_nothing("majors") else row.optional_text("majors", longest=200),
        education_min=_education(row),
        place=row.optional_text("place", longest=200),
        start=days[0] if in_order else _FAR_START,
        end=days[1] if in_order else _FAR_END,
        days_per_week=row.read("days_per_week", read_days_per_week, 1),
        minutes_per_day=row.read("hours_per_day", read_minutes_per_day, 60),
        pay_fen_month=row.read("pay", read_pay, 100),
        fee_charged=row.read("fee", read_fee, default=False, required=False),
        insurance=row.read("insurance", read_insurance, (), required=False),
        mentor=row.required_text("mentor", longest=40),
        min_age=row.read("min_age", read_lowest_age, 18),
        contact=row.optional_text("contact", longest=40),
    )


def judge_internship(row: Row, around: Around) -> Judged:
    """Judge one internship row."""
    provider = read_provider(row, around, "EMP", needs_code=True)
    terms = _terms(row)
    texts = tuple(text for text in (row.text("text"), row.text("majors"), row.text("mentor")) if text)
    unreadable_insurance = any(problem.field == "insurance" for problem in row.problems)
    findings = KIND.legality(terms, texts, provider_facts(provider, around))
    findings = tuple(f for f in findings if not (unreadable_insurance and f.rule == "no_insurance"))
    elsewhere = {} if terms.fee_charged else {"fee_charged": "text"}
    if not venue_in(terms.post):
        elsewhere["venue_banned"] = "text"
    row.add_findings(findings, _COLUMNS | elsewhere)
    keys = tuple(
        dict.fromkeys(
            digest("INTERN", who, terms.post, terms.start, terms.end) for who in (provider.key, provider.legal_name)
        )
    )
    if blocks(row.problems):
        return Judged(row.problems, row.notes)
    command = ImportedInternship(
        provider=provider,
        title=terms.post[:60],
        text=row.text("text"),
        region_code=provider.region_code,
        capacity=terms.headcount,
        terms=terms,
        fingerprint=keys[0],
        findings=tuple(row.problems),
    )
    return Judged(row.problems, row.notes, command, keys)
