"""The league tree: browsed, added to and changed within one's scope."""

import pytest
from litestar import Litestar

from app.kit.db import DB
from app.organisations import queries, service
from app.organisations.rules import children_levels, folded, may_stand_below, region_in_scope
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.mark.parametrize(
    ("level", "parent", "fits"),
    [
        ("L1", None, True),
        ("L1", "L1", False),
        ("L2", "L1", True),
        ("L4", "L1", True),
        ("L4", "L2", True),
        ("L4", "L3", True),
        ("L6", "L4", True),
        ("L6", "L2", False),
        ("L3", None, False),
    ],
)
def test_a_school_stands_below_county_city_or_province(level: str, parent: str | None, *, fits: bool) -> None:
    assert may_stand_below(level, parent) is fits


def test_regions_and_names_are_compared_as_people_mean_them() -> None:
    assert region_in_scope("L1", "440000", "440604")
    assert region_in_scope("L2", "440600", "440604")
    assert not region_in_scope("L2", "440600", "440305")
    assert not region_in_scope("L3", "440604", "440605")
    assert folded("（示例） 中学") == folded("(示例)中学")
    assert children_levels("L6") == ()


def _school(**changes: str) -> dict[str, str]:
    return {
        "name": "（示例）新中学",
        "level": "L4",
        "code": "DEMO-NEW",
        "region_code": "440604",
        "kind": "团委",
        "school_type": "CM",
        "phone": "0757-88888888",
    } | changes


async def test_a_county_adds_a_school_and_changes_it(app: Litestar, world: World) -> None:
    county = world.orgs["county"]
    async with Visitor(app, world["cty"]) as visitor:
        assert (await visitor.get("/organisations")).status_code == 200
        assert "青桥中学" in (await visitor.get("/organisations?q=青桥")).text
        assert "没有找到" in (await visitor.get("/organisations?q=海湾")).text
        assert (await visitor.get(f"/organisations/{county}")).status_code == 200
        assert (await visitor.get(f"/organisations/new?below={county}")).status_code == 200
        wrong = await visitor.post(f"/organisations/new?below={county}", _school(level="L2"))
        assert wrong.status_code == 422
        taken = await visitor.post(f"/organisations/new?below={county}", _school(code="DEMO-school"))
        assert "已经用过" in taken.text
        made = await visitor.post(f"/organisations/new?below={county}", _school())
        place = made.headers["location"]
        assert "（示例）新中学" in (await visitor.get(place)).text
        edit = (await visitor.get(f"{place}/edit")).text
        assert 'name="version" value="1"' in edit
        data = {
            "name": "（示例）新名字中学",
            "kind": "团委",
            "status": "ACTIVE",
            "school_type": "SH",
            "guardian_consent_switch": "A2A3_NOTICE",
            "version": "1",
        }
        assert (await visitor.post(f"{place}/edit", data | {"name": ""})).status_code == 422
        assert (await visitor.post(f"{place}/edit", data)).status_code == 303
        assert (await visitor.post(f"{place}/edit", data)).status_code == 409
        assert (await visitor.get(f"/organisations/{world.orgs['school2']}")).status_code == 404
        assert (await visitor.post(f"/organisations/new?below={world.orgs['city2']}", _school())).status_code == 404
        assert (await visitor.post("/organisations/new", _school(level="L1"))).status_code == 422
        assert (await visitor.get("/organisations/new?below=x")).status_code == 200
    school = await DB.value("SELECT id FROM organisation WHERE code = 'DEMO-NEW'")
    assert await service.consent_switch(school) == "A2A3_NOTICE"
    assert await queries.school_type(school) == "SH"
    assert await DB.value("SELECT path FROM organisation WHERE id = $1", school) == f"{world.paths['county']}/{school}"


async def test_a_school_adds_a_branch_that_classes_are_found_by(app: Litestar, world: World) -> None:
    school = world.orgs["school"]
    branch = {
        "name": "高一（1）班团支部",
        "level": "L6",
        "code": "DEMO-B9",
        "region_code": "440604",
        "grade": "高一",
        "class_name": "1班",
    }
    async with Visitor(app, world["sch"]) as visitor:
        assert (await visitor.post(f"/organisations/new?below={school}", branch)).status_code == 303
    assert await queries.branch_named(world.paths["school"], "高一1班") is not None
    assert await queries.branch_named(world.paths["school"], "9班") is None


async def test_the_nearest_committee_of_a_region(world: World) -> None:
    county = await queries.org_for_region("440604")
    city = await queries.org_for_region("440605")
    nowhere = await queries.org_for_region("445102")
    assert county is not None
    assert city is not None
    assert nowhere is not None
    assert (county.id, city.id, nowhere.id) == (world.orgs["county"], world.orgs["city"], world.orgs["province"])


async def test_a_student_opens_no_staff_page(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        for path in ("/organisations", "/providers", "/people", "/people/import", "/people/new"):
            assert (await visitor.get(path)).status_code == 403, path


async def test_a_city_sees_its_counties_and_schools_page_by_page(app: Litestar, world: World) -> None:
    for number in range(queries.PAGE_SIZE):
        await world.organisation(f"s{number}", f"（示例）第{number:02}小学", "L4", "county", "440604")
    async with Visitor(app, world["cit"]) as visitor:
        first = (await visitor.get("/organisations")).text
        for name in ("（示例）团佛山市委", "（示例）团禅城区委", "（示例）第00小学", "归 （示例）团禅城区委"):
            assert name in first
        assert "深圳" not in first
        assert "（示例）海湾职业学院" not in first
        assert "第 1 页，共 2 页" in first
        second = (await visitor.get("/organisations?page=2")).text
        assert "（示例）青桥中学" in second
        assert "高二（示例）班团支部" in second
        assert "第 2 页，共 2 页" in (await visitor.get("/organisations?page=99")).text
        schools = (await visitor.get("/organisations?level=L4&q=青桥")).text
        assert "（示例）青桥中学" in schools
        assert "团支部</b>" not in schools
        assert "（示例）团禅城区委</b>" in (await visitor.get("/organisations?level=L3&page=x")).text
        assert "没有找到" in (await visitor.get("/organisations?q=海湾")).text
    async with Visitor(app, world["sysa"]) as everywhere:
        assert "（示例）海湾职业学院" in (await everywhere.get("/organisations?level=L4&q=海湾")).text
    async with Visitor(app, world["cty"]) as county:
        assert "佛山市委</b>" not in (await county.get("/organisations")).text
