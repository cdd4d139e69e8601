"""Headers, notes, totals and file formats: what surrounds the rows."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from app.imports import documents
from app.imports.documents import read_workbook
from app.imports.errors import NotAWorkbook, NothingToImport, WorkbookTooLarge
from app.imports.rules import judge_workbook
from app.imports.rules_columns import find_header
from app.imports.rules_values import KnownListings
from tests.support.sheets import GOOD, INTERN, SPONSOR, VOLUNTEER, judge_all, other, rows_of, xlsx


def test_notes_totals_sections_blanks_and_repeated_headers_are_skipped() -> None:
    header, first = rows_of(INTERN)
    second = rows_of(other(INTERN, 2))[1]
    width = len(header)

    def line(*cells: object) -> list[object]:
        return [*cells, *[""] * (width - len(cells))]

    rows = [
        line("附件1"),
        header,
        line("必填", "必填"),
        first,
        line(),
        line("注：以上为第一批"),
        line("合计", "", "", "", 5.0),
        line("一、佛山市"),
        header,
        line("示例市各单位报来的岗位见后，如有变动以通知为准。"),
        line("", "", "合并的小标题"),
        second,
        line(),
        line("填表人：示例"),
    ]
    report = judge_all({"表": rows}).sheets["表"]
    assert [(row.row, row.outcome, row.rules) for row in report] == [
        (4, "accept", ()),
        (5, "skip", ("blank",)),
        (6, "skip", ("note",)),
        (7, "skip", ("total",)),
        (8, "skip", ("note",)),
        (9, "skip", ("header",)),
        (10, "skip", ("note",)),
        (11, "skip", ("note",)),
        (12, "accept", ()),
    ]


def test_a_row_with_only_a_name_is_refused_not_skipped() -> None:
    header, first = rows_of(INTERN)
    report = judge_all({"表": [header, first, ["（示例）只有名称的单位"]]}).sheets["表"]
    assert [row.outcome for row in report] == ["accept", "refuse"]
    assert "missing_value" in report[1].rules


def test_only_notes_give_no_rows() -> None:
    header = rows_of(INTERN)[0]
    assert judge_all({"表": [header, ["注：没有岗位"], [""]]}).sheets["表"] == ()


def test_a_header_in_two_rows_is_understood() -> None:
    upper = ["姓名", "手机", "资质", "", "服务", "", "", "", "", "", "", ""]
    lower = [
        "",
        "",
        "",
        "资质编号",
        "擅长",
        "服务方式",
        "语言",
        "城市",
        "每周上限",
        "可服务时段",
        "服务未成年人",
        "查询日期",
    ]
    report = judge_all({"表": [upper, lower, list(VOLUNTEER.values())]}).sheets["表"]
    assert [(row.row, row.outcome) for row in report] == [(3, "accept")]


def test_a_missing_column_is_named() -> None:
    cells = {name: cell for name, cell in INTERN.items() if name != "保险"}
    report = judge_all({"表": rows_of(cells)})
    assert report.sheets["表"][0].rules == ("no_insurance",)
    assert report.notes == ("工作表“表”没有这些列：保险。",)


def test_a_table_of_something_else_is_left_alone() -> None:
    assert find_header("表", [["产品", "单价", "数量", "库存"], ["纸", 1, 2, 3]]) is None


@pytest.mark.parametrize(
    ("titles", "outcome"),
    [
        ([["填报日期：2026年11月20日"]], "accept"),
        ([["填报日期：", date(2026, 11, 20)]], "accept"),
        ([["填报日期：2026年6月1日"]], "accept"),
        ([["填报日期：某日"]], "review"),
        ([["填报日期："]], "review"),
        ([["填报日期：2024年11月20日"]], "review"),
        ([["填报单位：示例"]], "review"),
    ],
)
def test_record_checks_are_judged_on_the_filing_day_when_it_is_near(titles: list[list[object]], outcome: str) -> None:
    cells = VOLUNTEER | {"违法犯罪记录查询日期": "2025-11-21"}
    report = judge_all({"表": rows_of(cells, above=titles)})
    assert report.sheets["表"][0].outcome == outcome


@pytest.mark.parametrize(
    ("checked", "day", "outcome"),
    [("2024-02-29", date(2025, 2, 28), "accept"), ("2024-02-29", date(2025, 3, 1), "review")],
)
def test_twelve_months_from_a_leap_day(checked: str, day: date, outcome: str) -> None:
    report = judge_workbook({"表": rows_of(VOLUNTEER | {"违法犯罪记录查询日期": checked})}, KnownListings(), day)
    assert report.sheets["表"][0].outcome == outcome


def test_duplicates_are_found_across_sheets() -> None:
    report = judge_all({"甲": rows_of(SPONSOR), "乙": rows_of(SPONSOR)})
    assert report.sheets["乙"][0].rules == ("same_sponsor_terms",)
    assert "工作表“甲”第 2 行" in report.sheets["乙"][0].message


def test_a_vertically_merged_unit_counts_for_each_of_its_rows() -> None:
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("实习")
    header, first = rows_of(INTERN | {"开始日期": "2027-06-08"})
    second = rows_of(INTERN | {"开始日期": "2027-06-08", "岗位名称": "会计实习生"})[1]
    for at, row in enumerate([header, first, second]):
        sheet.write_row(at, 0, row)
    sheet.merge_range(1, 0, 2, 0, str(INTERN["单位名称"]))
    sheet.merge_range(1, 1, 2, 1, str(INTERN["统一社会信用代码"]))
    sheet.merge_range(1, 60, 2, 60, "")
    book.add_chartsheet("图")
    book.close()
    rows = judge_all(read_workbook(content.getvalue()).sheets).sheets["实习"]
    assert [row.outcome for row in rows] == ["accept", "accept"]


def test_an_open_document_spreadsheet_is_read() -> None:
    content = BytesIO()
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows_of(SPONSOR)
    )
    body = f'<table:table table:name="资助">{lines}</table:table>'
    with ZipFile(content, "w") as packed:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        packed.writestr("mimetype", kind)
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        packed.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    assert [row.outcome for row in judge_all(read_workbook(content.getvalue()).sheets).sheets["资助"]] == ["accept"]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", xlsx({"a": [["x"]]})[:400]])
def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(NotAWorkbook) as refusal:
        read_workbook(content)
    assert refusal.value.said == "这个文件不是能读取的表格。"
    assert "另存为 .xlsx" in refusal.value.next


def test_a_workbook_beyond_the_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx({"资助": rows_of(*(other(GOOD["资助意向"], n) for n in range(5)))})
    monkeypatch.setattr(documents, "MOST_ROWS", 3)
    with pytest.raises(WorkbookTooLarge):
        read_workbook(content)
    monkeypatch.setattr(documents, "MOST_UNPACKED_BYTES", 100)
    with pytest.raises(WorkbookTooLarge):
        read_workbook(content)
    monkeypatch.setattr(documents, "MOST_BYTES", 100)
    with pytest.raises(WorkbookTooLarge):
        read_workbook(content)
    assert NothingToImport().next.startswith("请使用模板")
