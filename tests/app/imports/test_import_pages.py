"""The import as a cadre sees it: upload, progress, preview, confirmation, result, report; and who may not."""

from io import BytesIO
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from app.imports import service_report, service_write
from app.imports.queries import RowLine
from app.kit.db import DB
from app.kit.outbox import deliver, due, run_everything
from tests.support.sheets import HOUSE, INTERN, SPONSOR, VOLUNTEER, other, rows_of, xlsx
from tests.support.visitor import Visitor
from tests.support.world import World

NAME = "（示例）名单.xlsx"
MIXED = xlsx(
    {
        "实习岗位": [
            ["（示例）实习岗位登记表"],
            *rows_of(
                INTERN,
                other(INTERN, 1, 最低年龄="15"),
                other(INTERN, 2, 联系人="@SUM(1)"),
                other(INTERN, 3) | {"统一社会信用代码": "91440305LP542HU6P1"},
                INTERN,
            ),
            ["合计", "5 个岗位"],
            ["", ""],
            ["注：以上岗位均为示例"],
        ],
        "租赁房源": rows_of(HOUSE),
        "志愿者": rows_of(VOLUNTEER),
        "资助意向": rows_of(SPONSOR),
    }
)


async def send(visitor: Visitor, content: bytes = MIXED, name: str = NAME) -> httpx.Response:
    """Choose a file and press the button."""
    return await visitor.post("/imports", files={"file": (name, content, "application/octet-stream")})


async def previewed(visitor: Visitor, world: World, content: bytes = MIXED) -> str:
    """Upload a file, let the job read it, and return the address of the run."""
    sent = await send(visitor, content)
    assert sent.status_code == 303, sent.text[:400]
    await run_everything(world.now)
    return str(sent.headers["location"])


async def test_from_the_file_to_the_written_rows(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        empty = await cit.get("/imports")
        assert empty.status_code == 200
        assert "还没有导入过" in empty.text
        sent = await send(cit)
        where = sent.headers["location"]
        reading = await cit.get(where)
        assert "正在读取" in reading.text
        assert f'href="{where}">看最新进度' in reading.text
        part = await cit.get(where, headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "<html" not in part.text
        assert f'hx-get="{where}"' in part.text
        await run_everything(world.now)
        finished = await cit.get(where, headers={"HX-Request": "true"})
        assert finished.headers["HX-Redirect"] == where
        preview = await cit.get(where)
        assert "现在还没有写入任何内容" in preview.text
        assert "第 3 行" in preview.text
        assert "《禁止使用童工规定》" in preview.text
        for label in ("可导入 5", "需复核 1", "重复 1", "不可导入 1"):
            assert label in preview.text
        assert "&#39;@SUM(1)" in preview.text
        assert await DB.value("SELECT count(*) FROM offer") == 0
        confirmed = await cit.post(f"{where}/confirm", {"with_review": "yes"})
        writing = await cit.follow(confirmed)
        assert "正在写入" in writing.text
        await run_everything(world.now)
        done = await cit.get(where)
        assert "已写入 6" in done.text
        assert "没有写入 0" in done.text
        offer_id = await DB.value("SELECT object_id FROM import_row WHERE state = 'DONE' LIMIT 1")
        assert f"/offers/{offer_id}" in done.text
        assert NAME in (await cit.get("/imports")).text
    assert await DB.value("SELECT count(*) FROM offer WHERE state = 'VERIFYING'") == 6


async def test_rows_are_filtered_by_sheet_and_outcome(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world)
        refused = (await cit.get(where, params={"outcome": "refuse"})).text
        assert refused.count("<article") == 1
        assert "第 4 行" in refused
        homes = (await cit.get(where, params={"sheet": "租赁房源"})).text
        assert homes.count("<article") == 1
        assert "租赁房源 · 第 2 行" in homes
        nothing = (await cit.get(where, params={"sheet": "租赁房源", "outcome": "duplicate"})).text
        assert "这里没有行" in nothing
        for strange in ({"sheet": "没有"}, {"outcome": "x"}, {"page": "x"}, {"page": "999"}, {"written": "x"}):
            assert (await cit.get(where, params=strange)).status_code == 200


async def test_a_long_list_has_pages(app: Litestar, world: World) -> None:
    content = xlsx({"资助意向": rows_of(*(other(SPONSOR, number) for number in range(120)))})
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world, content)
        first = (await cit.get(where)).text
        assert "第 1 页，共 3 页" in first
        last = (await cit.get(where, params={"page": "3", "outcome": "accept"})).text
        assert last.count("<article") == 20
        assert "outcome=accept&amp;page=2" in last


async def test_without_the_rows_for_review_only_good_ones_are_written(app: Litestar, world: World) -> None:
    async with Visitor(app, world["sch"]) as sch:
        where = await previewed(sch, world)
        await sch.post(f"{where}/confirm", {})
        await run_everything(world.now)
        assert "已写入 5" in (await sch.get(where)).text


async def test_the_second_import_adds_nothing_and_says_why(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        first = await previewed(cit, world)
        await cit.post(f"{first}/confirm", {"with_review": "yes"})
        await run_everything(world.now)
        second = await previewed(cit, world)
        page = (await cit.get(second)).text
        assert "这个文件导入过" in page
        assert "重复 7" in page
        refused = await cit.post(f"{second}/confirm", {"with_review": "yes"})
        assert refused.status_code == 422
        assert "没有可以写入的行" in refused.text
    assert await DB.value("SELECT count(*) FROM offer") == 6


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("照片.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "不是 Excel 或 WPS 表格"),
        ("表.csv", "姓名,手机\n示例,1".encode(), "不是 Excel 或 WPS 表格"),
        ("坏.xlsx", b"PK\x03\x04" + b"\0" * 300, "不是 Excel 或 WPS 表格"),
        ("空.xlsx", b"", "这个文件是空的"),
        ("大.xlsx", MIXED + b"\0" * (10 * 1024 * 1024), "最多 10 MB"),
    ],
)
async def test_a_wrong_file_is_refused_beside_its_field(
    app: Litestar, world: World, name: str, content: bytes, said: str
) -> None:
    async with Visitor(app, world["cit"]) as cit:
        answer = await send(cit, content, name)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'id="e-file"' in answer.text
    assert await DB.value("SELECT count(*) FROM import_run") == 0


async def test_no_file_is_a_sentence(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        answer = await cit.post("/imports", {"file": ""})
        assert answer.status_code == 422
        assert "请选择要导入的表格文件" in answer.text


async def test_a_file_without_a_known_sheet_says_what_to_do(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world, xlsx({"说明": [["怎样填写"]]}))
        page = (await cit.get(where)).text
        assert "这个文件没有读成" in page
        assert "请使用模板" in page


async def test_a_run_can_be_given_up(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world)
        listed = await cit.follow(await cit.post(f"{where}/discard"))
        assert "已放弃这次导入" in listed.text
        assert (await cit.get(where)).status_code == 404


async def test_somebody_elses_run_is_not_found(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world)
    for key in ("cty", "cit2", "prv"):
        async with Visitor(app, world[key]) as stranger:
            for path in (where, f"{where}/report.json", f"{where}/report.xlsx"):
                assert (await stranger.get(path)).status_code == 404
            for verb in ("confirm", "discard"):
                assert (await stranger.post(f"{where}/{verb}")).status_code == 404
            assert NAME not in (await stranger.get("/imports")).text


@pytest.mark.parametrize("key", ["stu", "emp", "gra", "rev", "psy", "sysa"])
async def test_other_roles_are_refused(app: Litestar, world: World, key: str) -> None:
    async with Visitor(app, world[key]) as visitor:
        assert (await visitor.get("/imports")).status_code == 403
        assert (await visitor.post("/imports")).status_code == 403


async def test_nobody_signs_in_first(app: Litestar, world: World) -> None:
    assert world.orgs
    async with Visitor(app) as visitor:
        assert (await visitor.get("/imports")).headers["location"].startswith("/sign-in")


async def test_the_report_can_be_downloaded_and_is_harmless(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world)
        report = await cit.get(f"{where}/report.json")
        assert report.json()["sheets"]["租赁房源"] == [
            {"row": 2, "outcome": "accept", "rules": [], "message": "可以导入。"}
        ]
        file = await cit.get(f"{where}/report.xlsx")
        assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        book = CalamineWorkbook.from_filelike(BytesIO(file.content))
        assert book.sheet_names == ["实习岗位", "租赁房源", "志愿者", "资助意向"]
        rows = book.get_sheet_by_name("实习岗位").to_python()
        assert rows[0][:3] == ["行号", "结果", "说明"]
        assert [row[1] for row in rows[1:]] == ["可导入", "不可导入", "可导入", "需复核", "重复"]
        texts = [str(cell) for row in rows for cell in row]
        assert "'@SUM(1)" in texts
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]


def test_names_of_sheets_and_cells_that_excel_would_refuse_or_run() -> None:
    line = RowLine(
        sheet="",
        row=1,
        outcome="accept",
        rules=(),
        message="@go",
        state="FAILED",
        problem="原因",
        object_id=None,
        cells=(("+标题", "-1+2"),),
    )
    sheets = ["表[1]:*?/\\", "表[1]:*?/ ", "长" * 40, "长" * 41, "'"]
    rows = [RowLine(**{name: getattr(line, name) for name in line.__struct_fields__} | {"sheet": s}) for s in sheets]
    book = CalamineWorkbook.from_filelike(BytesIO(service_report.as_workbook(rows)))
    assert len(set(book.sheet_names)) == len(sheets)
    cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert {"'@go", "'+标题", "'-1+2", "没有写入：原因"} <= set(cells)
    assert CalamineWorkbook.from_filelike(BytesIO(service_report.as_workbook([]))).sheet_names == ["没有数据"]


async def test_a_kill_between_confirmation_and_end_loses_and_doubles_nothing(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_write, "BATCH", 2)
    async with Visitor(app, world["cit"]) as cit:
        where = await previewed(cit, world)
        await cit.post(f"{where}/confirm", {"with_review": "yes"})
        writes = [one for one, _queue in await due(world.now) if await _is_write(one)]
        assert len(writes) == 1
        await deliver(writes[0], world.now)
        half = (await cit.get(where)).text
        assert "2 / 6 行" in half
        # The worker dies here: the next delivery was handed out but never ran, and comes again a minute later.
        lost = [one for one, _queue in await due(world.now) if await _is_write(one)]
        assert len(lost) == 1
        world.now = world.now.replace(minute=world.now.minute + 2)
        await run_everything(world.now)
        assert "已写入 6" in (await cit.get(where)).text
    assert await DB.value("SELECT count(*) FROM offer") == 6


async def _is_write(delivery_id: UUID) -> bool:
    subscriber = await DB.value("SELECT subscriber FROM outbox_delivery WHERE id = $1", delivery_id)
    return bool(subscriber == "imports.write")
