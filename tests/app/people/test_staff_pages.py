"""Persons and appointments as staff handle them."""

from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.viewer import Role
from app.people import queries, service
from app.people.errors import TwoAdminRoles
from app.people.service import NewAppointment, NewPerson
from tests.support.visitor import Visitor
from tests.support.world import World

PASSWORD = "一句只有我知道的长长的话"


def _new(**changes: str) -> dict[str, str]:
    return {
        "name": "示例新干部",
        "role": "GRA",
        "organisation": "（示例）青桥中学",
        "cadre_type": "PT",
        "position": "年级组长",
    } | changes


async def _code(world: World, clock: MovableClock) -> tuple[UUID, str]:
    added = await service.add_person(
        world.viewer("sch"),
        NewPerson(name="示例新干部"),
        NewAppointment(
            role=Role.GRA, organisation_id=world.orgs["school"], start=local_day(clock.now()), cadre_type="PT"
        ),
        now=clock.now(),
    )
    return added.person_id, added.code


async def test_a_school_adds_a_cadre_who_activates_the_account(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    async with Visitor(app, world["sch"]) as visitor:
        assert (await visitor.get("/people")).status_code == 200
        assert (await visitor.get("/people/new")).status_code == 200
        shown = await visitor.post("/people/new", _new())
        assert "只显示这一次" in shown.text
        assert "示例新干部" in (await visitor.get("/people?q=新干部&role=GRA")).text
    _, code = await _code(world, clock)
    async with Visitor(app) as newcomer:
        assert (await newcomer.get("/activate")).status_code == 200
        assert "无效" in (await newcomer.get("/activate?code=nonsense")).text
        assert "设好密码" in (await newcomer.get(f"/activate?code={code}")).text
        weak = await newcomer.post("/activate", {"code": code, "login": "new-cadre", "password": "123"})
        assert weak.status_code == 422
        done = await newcomer.post("/activate", {"code": code, "login": "new-cadre", "password": PASSWORD})
        assert done.headers["location"].startswith("/account/second-factor")
    async with Visitor(app) as again:
        late = await again.post("/activate", {"code": code, "login": "thief-1", "password": PASSWORD})
        assert "无效" in late.text


@pytest.mark.parametrize(
    ("key", "changes", "sentence"),
    [
        ("sch", {"organisation": "（示例）海湾职业学院"}, "没有找到"),
        ("sch", {"role": "CIT"}, "选项里没有"),
        ("cit", {"role": "SCH", "organisation": "（示例）团佛山市委"}, "不属于所选的组织层级"),
        ("prv", {"organisation": "（示例）"}, "名字相近"),
        ("sch", {"name": ""}, "请填写姓名"),
    ],
)
async def test_what_is_out_of_scope_is_refused_beside_the_field(
    app: Litestar, world: World, key: str, changes: dict[str, str], sentence: str
) -> None:
    async with Visitor(app, world[key]) as visitor:
        answer = await visitor.post("/people/new", _new(**changes))
        assert answer.status_code == 422
        assert sentence in answer.text


async def test_other_schools_people_do_not_exist_for_a_school(app: Litestar, world: World) -> None:
    async with Visitor(app, world["sch"]) as visitor:
        assert (await visitor.get(f"/people/{world['sch2'].person}")).status_code == 404
        assert (await visitor.get(f"/people/{world['adult'].person}")).status_code == 404
        assert "示例SCHsch2" not in (await visitor.get("/people")).text
        assert (await visitor.get(f"/people/{world['stu'].person}")).status_code == 200
        students = (await visitor.get("/people/students")).text
        assert "示例同学甲" in students
        assert "示例同学乙" not in students
    async with Visitor(app, world["stu"]) as student:
        assert (await student.get("/people")).status_code == 403


async def test_nobody_holds_two_of_the_administrators_roles(app: Litestar, world: World, clock: MovableClock) -> None:
    new = NewAppointment(role=Role.AUD, organisation_id=world.orgs["province"], start=local_day(clock.now()))
    with pytest.raises(TwoAdminRoles):
        await service.appoint(world.viewer("seca"), world["sysa"].person, new, now=clock.now())
    async with Visitor(app, world["seca"]) as visitor:
        data = {"role": "AUD", "organisation": "（示例）团省委"}
        answer = await visitor.post(f"/people/{world['sysa'].person}/appointments/new", data)
        assert "必须是三个不同的人" in answer.text
        fine = await visitor.post(f"/people/{world['dpo'].person}/appointments/new", data)
        assert fine.status_code == 303


async def test_an_appointment_is_ended_and_renewed(app: Litestar, world: World, clock: MovableClock) -> None:
    person, hat = world["gra"].person, world["gra"].viewer.appointment_id
    today = local_day(clock.now())
    path = f"/people/{person}/appointments/{hat}/end"
    async with Visitor(app, world["sch"]) as visitor:
        assert (await visitor.get(f"/people/{person}/appointments/new")).status_code == 200
        assert (await visitor.post(path, {"act": "end"})).status_code == 422
        assert (await visitor.post(path, {"act": "end", "end": today.isoformat()})).status_code == 303
        later = (today + timedelta(days=90)).isoformat()
        assert (await visitor.post(path, {"act": "renew", "end": later})).status_code == 303
        yesterday = (today - timedelta(days=1)).isoformat()
        assert (await visitor.post(path, {"act": "end", "end": yesterday})).status_code == 409
        assert (await visitor.post(path, {"act": "end", "end": today.isoformat()})).status_code == 303
        clock.move(days=1)
        assert (await visitor.post(path, {"act": "renew", "end": later})).status_code == 409
    async with Visitor(app, world["sch2"]) as other:
        assert (await other.post(path, {"act": "end", "end": later})).status_code == 404
    assert not await queries.hats_of(person, local_day(clock.now()))


async def test_a_forgotten_password_is_reset_with_a_code(app: Litestar, world: World, clock: MovableClock) -> None:
    person = world["stu"].person
    async with Visitor(app, world["sch"]) as visitor:
        shown = (await visitor.post(f"/people/{person}/reset")).text
        code = shown.split("<code>")[1].split("</code>")[0]
        assert (await visitor.post(f"/people/{world['adult'].person}/reset")).status_code == 404
    async with Visitor(app) as student:
        assert "重设密码" in (await student.get(f"/activate?code={code}")).text
        assert (await student.post("/activate", {"code": code, "password": PASSWORD})).status_code == 303
        assert (await student.get("/account")).status_code == 200
    assert await DB.value("SELECT login FROM account WHERE person = $1", person) == "stu@demo.test"
    async with Visitor(app, world["sch"]) as visitor:
        invited, _ = await _code(world, clock)
        assert "激活账号" in (await visitor.post(f"/people/{invited}/reset")).text
        factor = await visitor.post(f"/people/{world['gra'].person}/reset", {"second_factor": "yes"})
        assert factor.status_code == 200


async def test_committee_members_serve_one_year(world: World, clock: MovableClock) -> None:
    new = NewAppointment(
        role=Role.SEC, organisation_id=world.orgs["school.b1"], start=local_day(clock.now()), cadre_type="FT"
    )
    added = await service.add_person(world.viewer("sch"), NewPerson(name="示例新书记"), new, now=clock.now())
    rows = await DB.rows('SELECT "end", cadre_type FROM appointment WHERE id = $1', added.appointment_id)
    assert rows[0]["end"] == local_day(clock.now()) + timedelta(days=366)
    assert rows[0]["cadre_type"] == ""
