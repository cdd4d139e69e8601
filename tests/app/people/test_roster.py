"""Rosters from Excel: shown before written, and twice adds nothing."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from litestar import Litestar

from app.kit.db import DB
from app.people import rules_roster
from tests.support.visitor import Visitor
from tests.support.world import World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with one sheet of these rows."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), days)  # noqa: DTZ001 - Excel knows no zones
                else:
                    sheet.write(number, column, value)
    return kept.getvalue()


STUDENTS: list[list[Any]] = [
    ["（示例）青桥中学 2026 年秋季学生名单"],
    [],
    ["序号", "姓名", "学号（必填）", "出生日期", "性别", "年级", "班级", "政治面貌"],
    [1, "示例新生一", "S001", date(2010, 9, 1), "女", "高一", "示例班", "团员"],
    [2, "示例新生二", "Ｓ００２", "2011年3月2日", "男", "初三", "2班", "群众"],
    [],
    ["注：以下为转学"],
    [3, "示例新生三", "S003", "不知道", "男", "初三", "2班", ""],
    [4, "示例新生一", "S001", date(2010, 9, 1), "女", "高一", "示例班", "团员"],
    [5, "示例同学甲", "DEMOstu", "2010/6/1", "女", "高三", "示例班", ""],
    [6, "示例别人", "DEMOchild", "2013/9/1", "女", "初一", "示例班", ""],
    [7, "示例太小", "S007", "2025-01-01", "女", "初一", "示例班", ""],
    [8, "", "S008", "2011-01-01", "女", "初一", "示例班", ""],
]


async def _upload(visitor: Visitor, rows: Sequence[Sequence[Any]]) -> str:
    await visitor.get("/people/import")
    answer = await visitor.post("/people/import", files={"file": ("名单.xlsx", workbook(rows), XLSX)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_students_roster_is_shown_confirmed_and_adds_nothing_the_second_time(
    app: Litestar, world: World
) -> None:
    async def how_many() -> int:
        count: int = await DB.value("SELECT count(*) FROM student_profile WHERE school_id = $1", world.orgs["school"])
        return count

    before = await how_many()
    async with Visitor(app, world["sch"]) as visitor:
        place = await _upload(visitor, STUDENTS)
        shown = (await visitor.get(place)).text
        for sentence in (
            "将加入名单",
            "出生日期",
            "表里出现过",
            "将更新年级和班级",
            "另一位同学",
            "没有填姓名",
            "核对年份",
        ):
            assert sentence in shown
        assert await how_many() == before
        done = await visitor.post(f"{place}/confirm")
        assert "名单已导入" in done.text
        assert await how_many() == before + 2
        await visitor.post(f"{place}/confirm")
        assert "已经导入过了" in (await visitor.get(place)).text
        again = await _upload(visitor, STUDENTS)
        await visitor.post(f"{again}/confirm")
        assert await how_many() == before + 2
    rows = await DB.rows(
        "SELECT s.*, p.verified FROM student_profile s JOIN person p ON p.id = s.person"
        " WHERE student_no IN ('S001', 'S002') ORDER BY student_no"
    )
    assert [(row["stage"], row["grade_year"], row["verified"]) for row in rows] == [
        ("SH", 1, "SCHOOL_ROSTER"),
        ("JH", 3, "SCHOOL_ROSTER"),
    ]
    assert rows[0]["branch_id"] == world.orgs["school.b1"]
    assert await DB.value("SELECT grade_year FROM student_profile WHERE student_no = 'DEMOstu'") == 3


async def test_a_cadres_roster_adds_appointments_with_codes(app: Litestar, world: World) -> None:
    rows = [
        ["姓名", "组织", "职务", "类型", "任职日期", "任期至", "手机"],
        ["示例张老师", "（示例）青桥中学", "团委书记", "专职", "2026-09-01", "", "13800138111"],
        ["示例李老师", "（示例）团禅城区委", "副书记", "挂职", "", "2027-08-31", ""],
        ["示例张老师", "（示例）团禅城区委", "委员", "兼职", "", "", "13800138111"],
        ["示例王老师", "（示例）海湾职业学院", "团委书记", "专职", "", "", ""],
        ["示例赵老师", "（示例）团佛山市委", "干部", "", "2026-09-01", "2026-08-01", ""],
    ]
    async with Visitor(app, world["cit"]) as visitor:
        place = await _upload(visitor, rows)
        shown = (await visitor.get(place)).text
        assert "没有找到“(示例)海湾职业学院”" in shown
        assert "任期结束早于开始" in shown
        done = (await visitor.post(f"{place}/confirm")).text
        assert "激活代码" in done
        again = await _upload(visitor, rows)
        assert "已有同一项任职" in (await visitor.get(again)).text
        async with Visitor(app, world["sch"]) as other:
            assert (await other.get(again)).status_code == 404
    people = await DB.value("SELECT count(*) FROM person WHERE name = '示例张老师'")
    assert people == 1
    held = await DB.rows(
        "SELECT t.role FROM appointment t JOIN person p ON p.id = t.person WHERE p.name = '示例张老师' ORDER BY t.role"
    )
    assert [row["role"] for row in held] == ["CTY", "SCH"]


async def test_students_of_several_schools_need_the_school_column(app: Litestar, world: World) -> None:
    rows = [
        ["学校", "姓名", "学号", "出生日期", "学段"],
        ["（示例）青桥中学", "示例甲", "T1", "2010-01-01", "高中"],
        ["（示例）海湾职业学院", "示例乙", "T2", "2008-01-01", "高职"],
        ["", "示例丙", "T3", "2008-01-01", ""],
    ]
    async with Visitor(app, world["cit"]) as visitor:
        shown = (await visitor.get(await _upload(visitor, rows))).text
    assert "将加入名单" in shown
    assert "没有找到“(示例)海湾职业学院”这所学校" in shown
    assert "没有填学校" in shown


@pytest.mark.parametrize("content", [b"", b"not a workbook", workbook([["a", "b"]])])
async def test_what_is_no_roster_is_refused_in_a_sentence(app: Litestar, world: World, content: bytes) -> None:
    async with Visitor(app, world["sch"]) as visitor:
        await visitor.get("/people/import")
        answer = await visitor.post("/people/import", files={"file": ("x.xlsx", content, XLSX)})
        assert answer.status_code == 422
        assert "field-error" in answer.text


def test_the_header_is_found_under_titles() -> None:
    header = rules_roster.find_header([["标题"], ["", ""], ["*姓名", "学 号", "出生日期："]])
    assert header is not None
    assert (header.kind, header.row, header.columns["student_no"]) == ("students", 2, 1)
    assert rules_roster.find_header([["姓名", "班级"]]) is None
