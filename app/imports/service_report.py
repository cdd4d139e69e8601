"""The report of a run as a file: JSON as the command line writes it, and a workbook for the people who fill it in."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from app.imports.queries import OUTCOMES, ROW_STATES, RowLine

_LEADING: Final = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_SHEET_NAME: Final = 31
_OUR_COLUMNS: Final = ("行号", "结果", "说明", "规则", "写入情况")
_WIDTHS: Final = (7, 10, 70, 24, 24)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_LEADING) else text


def as_json(rows: Sequence[RowLine]) -> dict[str, Any]:
    """Return the report in the format of the command line."""
    sheets: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        sheets.setdefault(row.sheet, []).append(
            {"row": row.row, "outcome": row.outcome, "rules": list(row.rules), "message": row.message}
        )
    return {"sheets": sheets}


def as_workbook(rows: Sequence[RowLine]) -> bytes:
    """Return the report as .xlsx: every row of every sheet with its outcome beside its cells."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(content, options)
    bold = book.add_format({"bold": True, "bg_color": "#F3EEE7"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    taken: set[str] = set()
    for name in dict.fromkeys(row.sheet for row in rows):
        sheet = book.add_worksheet(_sheet_name(name, taken))
        mine = [row for row in rows if row.sheet == name]
        headings = list(dict.fromkeys(heading for row in mine for heading, _text in row.cells))
        for at, heading in enumerate((*_OUR_COLUMNS, *headings)):
            sheet.write_string(0, at, harmless(heading), bold)
        for at, width in enumerate(_WIDTHS):
            sheet.set_column(at, at, width)
        for line, row in enumerate(mine, start=1):
            for at, text in enumerate(_texts(row, headings)):
                sheet.write_string(line, at, harmless(text), wrap)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(mine), len(_OUR_COLUMNS) + len(headings) - 1)
    if not taken:
        book.add_worksheet("没有数据")
    book.close()
    return content.getvalue()


def _texts(row: RowLine, headings: Sequence[str]) -> tuple[str, ...]:
    cells = dict(row.cells)
    written = f"{ROW_STATES.get(row.state, '')}{f'：{row.problem}' if row.problem else ''}"
    ours = (str(row.row), OUTCOMES[row.outcome], row.message, "、".join(row.rules), written)
    return (*ours, *(cells.get(heading, "") for heading in headings))


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name Excel accepts and no other sheet has."""
    plain = name.translate(_FORBIDDEN).strip(" '")[:_SHEET_NAME] or "表"
    number = 2
    free = plain
    while free.lower() in taken:
        free = f"{plain[: _SHEET_NAME - 4]} ({number})"
        number += 1
    taken.add(free.lower())
    return free
