"""Uploaded workbooks go past the virus scanner when there is one; what a list claims about a check stays a claim."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar import Litestar

from app.imports import service
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.kit.scanning import ScanRefused
from app.settings import Settings
from tests.app.imports.test_import_pages import previewed, send
from tests.app.kit.test_images import scanner
from tests.app.people.test_roster import STUDENTS, workbook
from tests.support.sheets import VOLUNTEER, rows_of, xlsx
from tests.support.visitor import Visitor
from tests.support.world import World

FOUND = b"stream: Eicar-Signature FOUND\0"


@pytest.fixture
def app_settings(app: Litestar) -> Iterator[Settings]:
    """The application's settings, put back after the test."""
    before: Settings = app.state["settings"]
    yield before
    app.state["settings"] = before


async def test_what_the_scanner_finds_is_said_beside_the_file(
    app: Litestar, world: World, app_settings: Settings
) -> None:
    server, url = await scanner(FOUND)
    app.state["settings"] = replace(app_settings, clamd_url=url)
    async with server, Visitor(app, world["cit"]) as cadre, Visitor(app, world["sch"]) as school:
        refused = await send(cadre)
        assert refused.status_code == 422
        assert "病毒扫描没有通过，文件没有保存" in refused.text
        roster = await school.post("/people/import", files={"file": ("名单.xlsx", workbook(STUDENTS), "x/y")})
        assert roster.status_code == 422
        assert "病毒扫描没有通过" in roster.text
    assert await DB.value("SELECT count(*)::int FROM import_run") == 0
    assert await DB.value("SELECT count(*)::int FROM roster_upload") == 0


async def test_a_clean_file_passes_and_a_silent_scanner_lets_nothing_through(world: World) -> None:
    content = xlsx({"志愿者": rows_of(VOLUNTEER)})
    server, url = await scanner(b"stream: OK\0")
    async with server:
        await service.upload(world.viewer("cit"), "名单.xlsx", content, now=world.now, clamd_url=url)
    assert await DB.value("SELECT count(*)::int FROM import_run") == 1
    with pytest.raises(ScanRefused, match="暂时不可用"):
        await service.upload(
            world.viewer("cit"), "名单.xlsx", content, now=world.now, clamd_url="unix:///nowhere/clamd.sock"
        )


async def test_a_claimed_check_is_shown_as_a_claim(app: Litestar, world: World) -> None:
    async with Visitor(app, world["cit"]) as cadre, Visitor(app, world["rev_prv"]) as reviewer:
        run = await previewed(cadre, world, xlsx({"志愿者": rows_of(VOLUNTEER)}))
        await cadre.post(f"{run}/confirm")
        await run_everything(world.now)
        person = await DB.value("SELECT person FROM volunteer_profile WHERE vetting = 'APPLIED'")
        page = (await reviewer.get(f"/vetting/{person}")).text
        assert "名单上写的从业查询日期：2026年10月12日（本人声称，未核实）" in page
        assert "从业查询有效至" not in page
