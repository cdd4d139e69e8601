"""Guardians: invited by the school, asked once, verified, never told where that is a danger."""

import pytest
from litestar import Litestar

from app.consents import queries, service
from app.consents.errors import ConsentNeeded, NotYoursToGive
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.people import queries as people
from app.people import service_guardians
from app.people.errors import GuardFailed, LinkUsed
from tests.support.visitor import Visitor
from tests.support.world import World

PASSWORD = "一句只有我知道的长长的话"


def _yes(**changes: str) -> dict[str, str]:
    return {
        "name": "示例吴女士",
        "relation": "MO",
        "phone": "13800138077",
        "login": "wu-mother",
        "password": PASSWORD,
        "agree": "yes",
    } | changes


async def _paper_code(app: Litestar, world: World, key: str = "child") -> str:
    async with Visitor(app, world["sch"]) as school:
        shown = await school.post(f"/people/{world[key].person}/guardian-code")
        assert shown.status_code == 200, shown.text
        return shown.text.split("<code>")[1].split("</code>")[0]


async def test_a_guardian_agrees_and_the_child_may_begin(app: Litestar, world: World, clock: MovableClock) -> None:
    child = world["child"].person
    await DB.rows("DELETE FROM sign_in_session WHERE account = $1", world["child"].account)
    await DB.rows("DELETE FROM account WHERE id = $1", world["child"].account)
    code = await _paper_code(app, world)
    async with Visitor(app) as mother:
        assert (await mother.get("/guardian")).status_code == 200
        assert "无效" in (await mother.get("/guardian?code=NOTACODE12")).text
        assert (await mother.get(f"/guardian?code={code.lower()}")).status_code == 303
        page = (await mother.get(f"/guardian/{code}")).text
        assert "未满 14 岁儿童个人信息专门规则" in page
        assert "示例同学丙" not in page
        assert (await mother.post(f"/guardian/{code}", _yes(agree=""))).status_code == 422
        assert (await mother.post(f"/guardian/{code}", _yes(password="x"))).status_code == 422
        assert (await mother.post(f"/guardian/{code}", _yes())).headers["location"] == "/consents"
        assert "示例同学丙" in (await mother.get("/consents")).text
        assert (await mother.get(f"/guardian/{code}")).status_code == 404
        found = await people.student(child, clock.now())
        assert found is not None
        assert found.guardian_consent
        assert await queries.given(child, now=clock.now()) == {"P01", "P02", "P03", "P09"}
        async with Visitor(app) as boy:
            data = {
                "birth_date": "2013-09-01",
                "school": "（示例）青桥中学",
                "name": "示例同学丙",
                "student_no": "DEMOchild",
                "login": "xiaoyu",
                "password": PASSWORD,
                "agree": "yes",
            }
            assert (await boy.post("/sign-up/student", data)).status_code == 303
            assert "由监护人替你决定" in (await boy.get("/consents")).text
            assert (await boy.post("/consents/P10/give")).status_code == 403
        consent = await queries.consent_id(child, "P02", now=clock.now())
        assert (await mother.post(f"/consents/P10/give?subject={child}")).status_code == 303
        assert (await mother.post(f"/consents/{consent}/withdraw?subject={child}")).status_code == 303
    again = await people.student(child, clock.now())
    assert again is not None
    assert not again.guardian_consent
    with pytest.raises(ConsentNeeded) as refused:
        await service.require_consent(child, "P02", now=clock.now())
    assert "监护人" in refused.value.said
    assert set(await people.wards_of((await service_guardians.verified_guardians(child))[0])) == {child}
    assert len(await people.guardians_of(child)) == 1


async def test_a_guardian_who_refuses_is_not_asked_again(app: Litestar, world: World) -> None:
    before = await DB.value("SELECT count(*) FROM account")
    code = await _paper_code(app, world)
    async with Visitor(app) as father:
        assert (await father.post(f"/guardian/{code}/refuse")).status_code == 303
        assert (await father.get(f"/guardian/{code}")).status_code == 404
    async with Visitor(app, world["sch"]) as school:
        again = await school.post(f"/people/{world['child'].person}/guardian-code")
        assert again.status_code == 409
        assert "不再重复询问" in again.text
    assert await DB.value("SELECT count(*) FROM account") == before


async def test_silence_leaves_nothing_after_seven_days(app: Litestar, world: World, clock: MovableClock) -> None:
    code = await _paper_code(app, world)
    clock.move(days=7, seconds=1)
    async with Visitor(app) as late:
        assert (await late.get(f"/guardian/{code}")).status_code == 404
    assert await service_guardians.drop_silent(clock.now()) == 1
    assert await DB.value("SELECT count(*) FROM guardian_link") == 0


async def test_a_guardian_invited_by_the_student_waits_for_the_school(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    student = world["stu"]
    async with Visitor(app, student) as visitor:
        shown = (await visitor.post("/account/guardian-code")).text
        code = shown.split("<code>")[1].split("</code>")[0]
    async with Visitor(app) as mother:
        assert "请您了解" in (await mother.get(f"/guardian/{code}")).text
        assert (await mother.post(f"/guardian/{code}", _yes())).status_code == 303
    found = await people.student(student.person, clock.now())
    assert found is not None
    assert not found.guardian_consent
    link = await DB.value("SELECT id FROM guardian_link WHERE student_person_id = $1", student.person)
    async with Visitor(app, world["sch2"]) as elsewhere:
        path = f"/people/{student.person}/guardians/{link}"
        assert (await elsewhere.post(f"{path}/verify", {"proof": "HUKOU"})).status_code == 404
    async with Visitor(app, world["sch"]) as school:
        assert "待核对" in (await school.get(f"/people/{student.person}")).text
        assert (await school.post(f"{path}/verify", {"proof": "HUKOU"})).status_code == 303
        assert (await school.post(f"{path}/verify", {"proof": "HUKOU"})).status_code == 409
    after = await people.student(student.person, clock.now())
    assert after is not None
    assert after.guardian_consent
    await service.require_consent(student.person, "P02", now=clock.now(), given_by="GUARDIAN")
    assert "学校已核对" in (await Visitor(app, student).get("/account")).text
    related = await people.related_ids(student.person)
    assert len(related) == 1


async def test_a_barred_guardian_gets_the_neutral_sentence(app: Litestar, world: World, clock: MovableClock) -> None:
    child = world["child"].person
    code = await _paper_code(app, world)
    async with Visitor(app) as father, Visitor(app, world["psy"]) as psychologist:
        await father.post(f"/guardian/{code}", _yes())
        link = await DB.value("SELECT id FROM guardian_link WHERE student_person_id = $1", child)
        path = f"/students/{child}/guardians/{link}/bar"
        assert (await psychologist.post(path, {"reason": "示例：告知会有危险"})).status_code == 303
        assert (await father.get("/consents")).status_code == 303
        await father.post("/sign-in", {"login": "wu-mother", "password": PASSWORD})
        barred = await father.get(f"/consents?subject={child}")
        assert barred.status_code == 403
        assert "无法办理，请联系学校" in barred.text
        second = await _paper_code(app, world)
        back = await father.post(f"/guardian/{second}", _yes(login="other-login"))
        assert back.status_code == 403
        assert "无法办理，请联系学校" in back.text
        waiting = await DB.value("SELECT id FROM guardian_link WHERE state = 'INVITED'")
        await psychologist.post(f"/students/{child}/guardians/{waiting}/bar", {"reason": "示例"})
        assert "无法办理" in (await father.get(f"/guardian/{second}")).text
    sealed = await DB.value("SELECT no_contact_reason_sealed FROM guardian_link WHERE id = $1", link)
    assert "危险".encode() not in bytes(sealed)
    found = await people.student(child, clock.now())
    assert found is not None
    assert not found.guardian_consent
    with pytest.raises(NotYoursToGive):
        await service.give(world.viewer("gua"), child, ["P02"], now=clock.now())


async def test_the_crisis_side_decides_who_may_be_told_and_a_cadre_does_not(app: Litestar, world: World) -> None:
    child = world["child"].person
    code = await _paper_code(app, world)
    async with Visitor(app) as mother:
        await mother.post(f"/guardian/{code}", _yes())
    link = await DB.value("SELECT id FROM guardian_link WHERE student_person_id = $1", child)
    path = f"/students/{child}/guardians/{link}/bar"
    async with Visitor(app, world["psy2"]) as elsewhere, Visitor(app, world["sch"]) as cadre:
        assert (await elsewhere.get(f"/students/{child}")).status_code == 403
        assert (await elsewhere.post(path, {"reason": "x"})).status_code == 403
        assert "没有找到" in (await elsewhere.get("/students?q=示例同学丙")).text
        assert (await cadre.get(f"/students/{child}")).status_code == 403
        assert (await cadre.post(path, {"reason": "x"})).status_code == 403
        assert "标记为不联系" not in (await cadre.get(f"/people/{child}")).text
    async with Visitor(app, world["psy"]) as psychologist:
        assert f"/students/{child}" in (await psychologist.get("/students?q=示例同学丙")).text
        assert str(child) not in (await psychologist.get("/students?q=丙")).text
        shown = (await psychologist.get(f"/students/{child}")).text
        assert "示例吴女士" in shown
        assert "没有可以告知的监护人" not in shown
        empty = await psychologist.post(path, {"reason": ""})
        assert empty.status_code == 422
        assert "请填写" in empty.text
        other = await psychologist.post(f"/students/{world['stu'].person}/guardians/{link}/bar", {"reason": "x"})
        assert other.status_code == 404
    async with Visitor(app, world["sup"]) as supervisor:
        assert "请从危机台的提醒进入" in (await supervisor.get("/students?q=示例同学丙")).text
        assert (await supervisor.post(path, {"reason": "示例：告知会有危险"})).status_code == 303
        assert "没有可以告知的监护人" in (await supervisor.get(f"/students/{child}")).text
        assert (await supervisor.post(path, {"reason": "再一次"})).status_code == 409
    assert await people.guardians_of(child) == []
    assert await DB.value("SELECT count(*)::int FROM audit_log WHERE what = 'guardian.bar'") == 1
    read = "SELECT count(*)::int FROM audit_log WHERE what = 'guardian.read' AND result = 'REFUSED'"
    assert await DB.value(read) == 2


async def test_an_adult_needs_no_guardian(world: World, clock: MovableClock) -> None:
    with pytest.raises(GuardFailed):
        await service_guardians.invite(world.viewer("adult"), world["adult"].person, now=clock.now())
    with pytest.raises(LinkUsed):
        await service_guardians.invitation("", now=clock.now())
