"""Judging a workbook: every row gets an outcome, the rules behind it and a sentence for people. Nothing is stored."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from app.imports.rules_columns import Header, find_header, heading_text
from app.imports.rules_housing import judge_housing
from app.imports.rules_internship import judge_internship
from app.imports.rules_rows import Around, Judged, Row
from app.imports.rules_sponsor import judge_sponsor
from app.imports.rules_values import KnownListings, Outcome, Report, RowReport, safe_cells
from app.imports.rules_volunteer import judge_volunteer
from app.kit.reading import Unreadable, is_blank, plain, read_day
from app.offers.rules_legality import blocks

FILING_DAYS: Final = 180
"""A list is judged on the day it was drawn up, unless that day is further away than this."""

_READERS: Final[Mapping[str, Callable[[Row, Around], Judged]]] = {
    "INTERN": judge_internship,
    "HOUSE": judge_housing,
    "COUNSEL": judge_volunteer,
    "SPONSOR": judge_sponsor,
}
_DUPLICATES: Final = {
    "INTERN": ("same_unit_post_dates", "同一单位、岗位和起止日期"),
    "HOUSE": ("same_provider_address", "同一提供方和地址"),
    "COUNSEL": ("same_volunteer_phone", "同一手机号的志愿者"),
    "SPONSOR": ("same_sponsor_terms", "同一资助方和资助内容"),
}
_NOTE: Final = re.compile(
    r"^(?:注[:：意]?|备注[:：]|说明[:：]?|附注|附[:：]|附件|填表|填报|制表|审核|经办|联系人[:：]|联系电话[:：]|※|★|以上|以下|本表|"
    r"单位负责人|负责人[:：]|盖章|[(（]?盖章|日期[:：]|第.{1,4}页|例[:：]|样例|示例[:：]|填写说明|温馨提示|\d+[.、]\s*(?:请|本|填|租金|表中))"
)
_TOTAL: Final = re.compile(r"^(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总)")
_SECTION: Final = re.compile(r"^[(（]?[一二三四五六七八九十]+[)）、.．]")
_HINTS: Final = frozenset(("必填", "选填", "可选", "必填项", "选填项", "文本", "数字", "日期", "下拉选择"))
_FILING: Final = re.compile(r"(?:填报|填表|制表|报送|登记)(?:日期|时间)\s*[:：]?\s*(.*)")
_FEW_CELLS: Final = 3
_LONG_NOTE: Final = 40
_SHORT_MARK: Final = 4


def judge_workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    known: KnownListings,
    today: date,
    hidden: Sequence[str] = (),
    *,
    tell: Callable[[], None] = lambda: None,
) -> Report:
    """Judge every sheet with a header the import knows; rows are numbered from 1 as in the sheet.

    `tell` is called after each row, for whoever shows how far it is.
    """
    notes = [f"工作表“{name}”是隐藏的，没有导入。" for name in hidden]
    reports: dict[str, tuple[RowReport, ...]] = {}
    around = Around(today=today, latest=today, known=known, tell=tell)
    for name, rows in sheets.items():
        header = find_header(name, rows)
        if header is None:
            if any(not is_blank(cell) for row in rows for cell in row):
                notes.append(f"工作表“{name}”没有找到认识的表头，没有导入。")
            continue
        if missing := _missing(header):
            notes.append(f"工作表“{name}”没有这些列：{'、'.join(missing)}。")
        filed = _filing_day(rows[: header.last_row], today)
        around.today, around.latest = filed, max(filed, today)
        reports[name] = _judge_sheet(name, rows, header, around)
    return Report(sheets=reports, notes=tuple(notes))


def _missing(header: Header) -> tuple[str, ...]:
    optional = {
        "套数",
        "免费天数",
        "中介费",
        "联系人",
        "联系电话",
        "备注",
        "说明",
        "关联关系",
        "区县",
        "工作区县",
        "统一社会信用代码",
    }
    return tuple(name for name in header.missing() if name not in optional)


def _filing_day(titles: Sequence[Sequence[object]], today: date) -> date:
    """Return the day written above the header as 填报日期, when it is near today; otherwise today."""
    cells = [cell for row in titles for cell in row if not is_blank(cell)]
    for at, cell in enumerate(cells):
        found = _FILING.search(plain(cell))
        if found is None:
            continue
        written: object = found.group(1) or (cells[at + 1] if at + 1 < len(cells) else "")
        try:
            filed = read_day(written)
        except Unreadable:
            return today
        return filed if abs((today - filed).days) <= FILING_DAYS else today
    return today


def _judge_sheet(name: str, rows: Sequence[Sequence[object]], header: Header, around: Around) -> tuple[RowReport, ...]:
    skips = {
        number: _skip(header, list(cells)) for number, cells in enumerate(rows, start=1) if number > header.last_row + 1
    }
    data = [number for number, rule in skips.items() if not rule]
    if not data:
        return ()
    reports: list[RowReport] = []
    for number in range(data[0], data[-1] + 1):
        around.tell()
        cells = list(rows[number - 1])
        if rule := skips[number]:
            reports.append(RowReport(number, "skip", (rule,), _SKIPPED[rule]))
            continue
        judged = _READERS[header.kind.code](Row(header, cells), around)
        reports.append(_report(name, number, header, cells, judged, around))
    return tuple(reports)


_SKIPPED: Final = {
    "blank": "空行，跳过。",
    "note": "说明文字，不是数据，跳过。",
    "total": "合计行，不是数据，跳过。",
    "header": "重复的表头，跳过。",
}


def _skip(header: Header, cells: list[object]) -> str:
    """Return why a row holds no data, or an empty text when it does."""
    filled = [(at, text) for at, cell in enumerate(cells) if (text := plain(cell))]
    if not filled:
        return "blank"
    at, first = filled[0]
    if _TOTAL.match(first):
        return "total"
    same = sum(heading_text(text) == heading_text(header.headings.get(place, "")) for place, text in filled)
    if same >= max(2, len(filled) * 0.6):
        return "header"
    few = len(filled) <= _FEW_CELLS
    if all(text in _HINTS for _at, text in filled) or (few and any(_is_note(text) for _at, text in filled)):
        return "note"
    if not any(place in header.places.values() for place, _text in filled):
        return "blank" if all(len(text) <= _SHORT_MARK for _at, text in filled) else "note"
    in_name = at == header.places.get(header.kind.name_column)
    alone = len({text for _at, text in filled}) == 1
    return "note" if alone and (not in_name or len(first) > _LONG_NOTE or re.search("[。:;]", first)) else ""


def _is_note(text: str) -> bool:
    return bool(_NOTE.match(text) or _SECTION.match(text))


def _report(name: str, number: int, header: Header, cells: list[object], judged: Judged, around: Around) -> RowReport:
    """Turn what the reader found into an outcome: a breach before a duplicate, a duplicate before a review."""
    shown_cells = safe_cells(header.headings, cells)
    rules = tuple(dict.fromkeys(problem.rule for problem in judged.problems))
    sentences = [problem.sentence for problem in judged.problems] + judged.notes
    if blocks(judged.problems) or judged.command is None:
        return RowReport(number, "refuse", rules, " ".join(sentences), shown_cells)
    rule, what = _DUPLICATES[header.kind.code]
    if earlier := next((around.seen[key] for key in judged.keys if key in around.seen), ""):
        return RowReport(number, "duplicate", (rule,), f"与{earlier}重复（{what}），不再导入。", shown_cells)
    if not around.known.fingerprints.isdisjoint(judged.keys):
        return RowReport(number, "duplicate", (rule,), f"平台上已经有了（{what}），不再导入。", shown_cells)
    for key in judged.keys:
        around.seen[key] = f"工作表“{name}”第 {number} 行"
    if judged.address:
        around.owners.setdefault(judged.address, judged.provider_key)
    if judged.provider_key:
        around.counts[judged.provider_key] = around.counts.get(judged.provider_key, 0) + 1
    outcome: Outcome = "review" if judged.problems else "accept"
    lead = "需要审核员核对：" if judged.problems else "可以导入。"
    return RowReport(number, outcome, rules, lead + " ".join(sentences), shown_cells, judged.command)
