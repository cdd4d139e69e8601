"""The workbook that comes with the product, and the same content in other shapes."""

import json
import random
from datetime import date, datetime
from pathlib import Path

import pytest

from app.imports.documents import read_workbook
from app.imports.rules import judge_workbook
from app.imports.rules_values import ImportedInternship, KnownListings, Report, command_from_json, command_to_json
from app.kit.clock import SHANGHAI
from tests.support.sheets import GOOD, TODAY, judge_all, other, rows_of, xlsx

DATA = Path(__file__).parents[2] / "data"
EXPECTED = json.loads((DATA / "listings_import_expected.json").read_text(encoding="utf-8"))["sheets"]


@pytest.fixture(scope="module")
def sheets() -> dict[str, list[list[object]]]:
    return dict(read_workbook(DATA / "listings_import.xlsx").sheets)


@pytest.fixture(scope="module")
def report(sheets: dict[str, list[list[object]]]) -> Report:
    return judge_workbook(sheets, KnownListings(), TODAY)


@pytest.mark.parametrize("sheet", list(EXPECTED))
def test_every_row_has_the_expected_outcome_and_rule(sheet: str, report: Report) -> None:
    found = [(row.row, row.outcome, list(row.rules)) for row in report.sheets[sheet]]
    wanted = [(row["row"], row["outcome"], [row["rule"]] if row["rule"] else []) for row in EXPECTED[sheet]]
    assert found == wanted


def test_the_report_names_rows_rules_and_messages(report: Report) -> None:
    written = report.to_json()
    assert list(written["sheets"]) == list(EXPECTED)
    refused = next(row for row in written["sheets"]["实习岗位"] if row["row"] == 5)
    assert refused["rules"] == ["min_age_below_16"]
    assert "《禁止使用童工规定》第二条" in refused["message"]
    assert written["notes"] == []


def test_every_row_that_is_not_accepted_says_why(report: Report) -> None:
    for rows in report.sheets.values():
        for row in rows:
            assert row.message
            assert (row.outcome == "accept") == (not row.rules)
            assert (row.command is not None) == (row.outcome in {"accept", "review"})


def test_commands_survive_storage(report: Report) -> None:
    commands = [row.command for rows in report.sheets.values() for row in rows if row.command]
    assert len(commands) == report.count("accept") + report.count("review")
    for command in commands:
        assert command_from_json(json.loads(json.dumps(command_to_json(command)))) == command


def test_importing_twice_adds_nothing(sheets: dict[str, list[list[object]]], report: Report) -> None:
    stored = frozenset(row.command.fingerprint for rows in report.sheets.values() for row in rows if row.command)
    again = judge_workbook(sheets, KnownListings(fingerprints=stored), TODAY)
    assert again.count("accept") == again.count("review") == 0
    assert again.count("refuse") == report.count("refuse")
    assert again.count("duplicate") == len(stored) + report.count("duplicate")


def test_other_column_order_names_and_sheet_names_change_nothing(sheets: dict[str, list[list[object]]]) -> None:
    renamed = {
        "单位名称": "* 用人单位（全称）",
        "月补贴(元)": "薪酬（元/月）",
        "押金(月)": "押付方式",
        "手机": "手机号码",
        "年限": "资助年限",
    }
    shuffled: dict[str, list[list[object]]] = {}
    for number, rows in enumerate(sheets.values(), start=1):
        order = list(range(len(rows[2])))
        random.Random(number).shuffle(order)
        moved = [[row[at] for at in order] for row in rows[2:]]
        moved[0] = [renamed.get(str(cell), cell) for cell in moved[0]]
        shuffled[f"Sheet{number}"] = [["", "某某表"], *[["备", *row, "另一列"] for row in moved]]
        shuffled[f"Sheet{number}"][1][0] = "序号甲"
    report = judge_workbook(shuffled, KnownListings(), TODAY)
    for number, sheet in enumerate(EXPECTED, start=1):
        found = [(row.row + 1, row.outcome) for row in report.sheets[f"Sheet{number}"] if row.outcome != "skip"]
        assert found == [(row["row"], row["outcome"]) for row in EXPECTED[sheet] if row["outcome"] != "skip"]


def test_dates_may_be_cells_serial_numbers_or_any_usual_text() -> None:
    wanted = date(2027, 6, 8)
    written = [
        wanted,
        datetime(2027, 6, 8, 9, 30, tzinfo=SHANGHAI),
        46546.0,
        "2027-06-08",
        "2027/6/8",
        "2027.6.8",
        "2027年6月8日",
        "２０２７年６月８日",
        "20270608",
        "2027-06-08 00:00:00",
        "2027年6月8日（周二）",
        "27年6月8日",
        "二〇二七年六月八日",
    ]
    good = GOOD["实习岗位"]
    report = judge_all({"表": rows_of(*(other(good, n, 开始日期=cell) for n, cell in enumerate(written)))})
    for row in report.sheets["表"]:
        assert row.outcome == "accept", row.message
        assert isinstance(row.command, ImportedInternship)
        assert row.command.terms.start == wanted


def test_a_real_file_with_a_hidden_sheet_and_no_data() -> None:
    good = GOOD["资助意向"]
    content = xlsx(
        {
            "资助": rows_of(other(good, 1), above=[["登记表"], ["填报日期：2026年11月20日"]]),
            "旧资助": rows_of(other(good, 2)),
            "说明": [["怎样填写这份表"]],
            "空表": [],
            "只有表头": rows_of(good)[:1],
        },
        hidden=["旧资助"],
    )
    book = read_workbook(content)
    report = judge_workbook(book.sheets, KnownListings(), TODAY, book.hidden)
    assert [row.outcome for row in report.sheets["资助"]] == ["accept"]
    assert report.sheets["只有表头"] == ()
    assert "旧资助" not in report.sheets
    assert report.notes == ("工作表“旧资助”是隐藏的，没有导入。", "工作表“说明”没有找到认识的表头，没有导入。")
