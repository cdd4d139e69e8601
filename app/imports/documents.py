"""A spreadsheet file (xlsx, xls, xlsb, ods) becomes plain rows of cells."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import msgspec
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.imports.errors import NotAWorkbook, WorkbookTooLarge

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_UNPACKED_BYTES: Final = 400 * 1024 * 1024
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200

Rows = list[list[object]]


class Workbook(msgspec.Struct, frozen=True):
    """The visible sheets by name, each as rows of cells, and the names of hidden sheets that were left out."""

    sheets: Mapping[str, Rows]
    hidden: tuple[str, ...] = ()


def read_workbook(source: Path | bytes) -> Workbook:
    """Read every visible sheet; a vertically merged cell gives its value to each of its rows.

    Raises NotAWorkbook when the file is no spreadsheet, and WorkbookTooLarge beyond the limits above.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    _check_size(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets: dict[str, Rows] = {}
        hidden: list[str] = []
        for found in book.sheets_metadata:
            if found.typ is not SheetTypeEnum.WorkSheet:
                continue
            if found.visible is not SheetVisibleEnum.Visible:
                hidden.append(found.name)
                continue
            sheets[found.name] = _rows(book.get_sheet_by_name(found.name))
    except (CalamineError, OSError, ValueError) as trouble:
        raise NotAWorkbook from trouble
    return Workbook(sheets=sheets, hidden=tuple(hidden))


def _check_size(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise WorkbookTooLarge
    try:
        with ZipFile(BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise WorkbookTooLarge
    except BadZipFile:
        return  # An old .xls file is no archive; calamine says whether it is a workbook at all.


def _rows(sheet: CalamineSheet) -> Rows:
    if sheet.height > MOST_ROWS or sheet.width > MOST_COLUMNS:
        raise WorkbookTooLarge
    rows: Rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if left < len(rows[top]):
                rows[row][left] = rows[top][left]
    return rows
