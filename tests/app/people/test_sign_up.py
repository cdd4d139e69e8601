"""Students by the roster, providers and volunteers by application; the doors for the young."""

from litestar import Litestar

from app.kit.db import DB
from app.kit.viewer import Role
from app.people import service_profile
from tests.support.visitor import Visitor
from tests.support.world import World

PASSWORD = "一句只有我知道的长长的话"


async def _on_the_roster(world: World, key: str) -> None:
    """Take the account of a person away, so that they stand in the roster alone."""
    await DB.rows("DELETE FROM sign_in_session WHERE account = $1", world[key].account)
    await DB.rows("DELETE FROM account WHERE id = $1", world[key].account)


def _student(**changes: str) -> dict[str, str]:
    return {
        "birth_date": "2010-06-01",
        "school": "（示例）青桥中学",
        "name": "示例同学甲",
        "student_no": "DEMOstu",
        "login": "qiaoqiao",
        "password": PASSWORD,
        "agree": "yes",
    } | changes


async def test_a_student_of_the_roster_signs_up_and_has_agreed_to_registration(app: Litestar, world: World) -> None:
    await _on_the_roster(world, "stu")
    async with Visitor(app) as visitor:
        assert (await visitor.get("/sign-up")).status_code == 200
        assert (await visitor.get("/sign-up/student")).status_code == 200
        assert (await visitor.get("/consents/texts/P01")).status_code == 200
        answer = await visitor.post("/sign-up/student", _student())
        assert answer.status_code == 303
        assert "（示例）青桥中学" in (await visitor.get("/account")).text
        assert "注册账号" in (await visitor.get("/consents")).text
    consent = await DB.rows(
        "SELECT purpose, given_by, text_version FROM consent WHERE subject_id = $1", world["stu"].person
    )
    assert [(row["purpose"], row["given_by"]) for row in consent] == [("P01", "SELF")]
    assert await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = 'account.signed_up'") == 1


async def test_what_differs_from_the_roster_is_refused_with_the_way_in(app: Litestar, world: World) -> None:
    await _on_the_roster(world, "stu")
    async with Visitor(app) as visitor:
        wrong = await visitor.post("/sign-up/student", _student(student_no="DEMO999"))
        assert "学校名单里没有找到" in wrong.text
        assert 'value="示例同学甲"' in wrong.text
        assert PASSWORD not in wrong.text
        nowhere = await visitor.post("/sign-up/student", _student(school="没有的学校"))
        assert "没有找到“没有的学校”" in nowhere.text
        several = await visitor.post("/sign-up/student", _student(school="（示例）"))
        assert "名字相近的学校" in several.text
        assert (await visitor.post("/sign-up/student", {})).status_code == 422
        weak = await visitor.post("/sign-up/student", _student(password="1234567890"))
        assert weak.status_code == 422
        taken = await visitor.post("/sign-up/student", _student(login="adult@demo.test"))
        assert "已经有人用了" in taken.text


async def test_nobody_signs_up_twice(app: Litestar, world: World) -> None:
    assert world.people
    async with Visitor(app) as visitor:
        again = await visitor.post("/sign-up/student", _student())
        assert "已经注册过了" in again.text


async def test_below_twelve_the_page_is_friendly_and_nothing_is_kept(app: Litestar, world: World) -> None:
    assert world.people
    before = await DB.value("SELECT count(*) FROM outbox_fact")
    async with Visitor(app) as visitor:
        answer = await visitor.post("/sign-up/student", {"birth_date": "2015-11-24"})
    assert answer.status_code == 403
    assert "12355" in answer.text
    assert "没有保存" in answer.text
    assert await DB.value("SELECT count(*) FROM outbox_fact") == before


async def test_at_thirteen_a_guardian_comes_first_whether_the_roster_knows_or_not(app: Litestar, world: World) -> None:
    await _on_the_roster(world, "child")
    before = await DB.value("SELECT count(*) FROM account")
    known = _student(birth_date="2013-09-01", name="示例同学丙", student_no="DEMOchild")
    unknown = _student(birth_date="2013-09-01", name="没有这个人", student_no="X1", school="没有的学校")
    async with Visitor(app) as visitor:
        for data in (known, unknown):
            answer = await visitor.post("/sign-up/student", data)
            assert answer.status_code == 403
            assert "先请监护人看一看" in answer.text
    assert await DB.value("SELECT count(*) FROM account") == before


def _provider(**changes: str) -> dict[str, str]:
    return {
        "type": "EMP",
        "legal_name": "（示例）新海科技有限公司",
        "uscc": "91440300708461136T",
        "unit_kind": "PRIV",
        "region_code": "440604",
        "address": "示例路 1 号",
        "contact_person": "示例联系人",
        "contact_phone": "13800138001",
        "login": "xinhai",
        "password": PASSWORD,
        "agree": "yes",
    } | changes


async def test_a_provider_applies_and_a_wrong_credit_code_is_found(app: Litestar, world: World) -> None:
    assert world.people
    async with Visitor(app) as visitor:
        assert (await visitor.get("/join")).status_code == 200
        assert (await visitor.get("/sign-up/provider?type=HOU")).status_code == 200
        wrong = await visitor.post("/sign-up/provider", _provider(uscc="914403007084611360"))
        assert "校验位不符" in wrong.text
        made = await visitor.post("/sign-up/provider", _provider())
        assert made.headers["location"] == "/work"
        twice = await visitor.post("/sign-up/provider", _provider(login="another1"))
        assert "已经登记过" in twice.text
    rows = await DB.rows("SELECT state, contact_phone_sealed FROM provider WHERE legal_name LIKE '%新海%'")
    assert [row["state"] for row in rows] == ["APPLIED"]
    assert b"138" not in bytes(rows[0]["contact_phone_sealed"])


def _volunteer(**changes: str) -> dict[str, str | list[str]]:
    data: dict[str, str | list[str]] = {
        "name": "示例新志愿者",
        "sex": "F",
        "birth_date": "1990-01-01",
        "phone": "13800138002",
        "region_code": "440600",
        "credential": "CR02",
        "credential_no": "ZX-1",
        "credential_issuer": "示例学会",
        "credential_issued": "2020-05-01",
        "languages": ["PTH", "YUE"],
        "modes": ["ON"],
        "audience": "minors",
        "check_consent": "yes",
        "weekly_cap": "3",
        "login": "volunteer-new",
        "password": PASSWORD,
    }
    return data | changes


async def test_a_volunteer_applies(app: Litestar, world: World) -> None:
    assert world.people
    async with Visitor(app) as visitor:
        assert (await visitor.get("/sign-up/volunteer")).status_code == 200
        for changes, sentence in (
            ({"check_consent": ""}, "先同意做从业查询"),
            ({"credential": "CR01"}, "2018 年及以前"),
            ({"birth_date": "2010-01-01"}, "年满 18 岁"),
            ({"credential_expiry": "2020-06-01"}, "已经过期"),
        ):
            refused = await visitor.post("/sign-up/volunteer", _volunteer(**changes))
            assert refused.status_code == 422
            assert sentence in refused.text
        made = await visitor.post("/sign-up/volunteer", _volunteer())
        assert made.headers["location"] == "/vetting/me"
        assert "已申请" in (await visitor.get("/vetting/me")).text
    row = (await DB.rows("SELECT vetting, adult_only FROM volunteer_profile WHERE credential_no = 'ZX-1'"))[0]
    assert (row["vetting"], row["adult_only"]) == ("APPLIED", False)


async def test_who_gave_false_documents_does_not_apply_again(app: Litestar, world: World) -> None:
    async with Visitor(app) as visitor:
        await visitor.post("/sign-up/volunteer", _volunteer())
    person = await DB.value("SELECT person FROM volunteer_profile WHERE credential_no = 'ZX-1'")
    async with Visitor(app, world["rev"]) as reviewer:
        assert (await reviewer.post(f"/vetting/{person}/steps/false_document")).status_code == 303
    async with Visitor(app) as visitor:
        again = await visitor.post("/sign-up/volunteer", _volunteer(login="other-login"))
        assert "这份资质不能用于申请" in again.text


async def test_the_account_page_of_everybody_opens(app: Litestar, world: World) -> None:
    for key in ("stu", "gua", "vol", "emp", "sch", "prv", "mem"):
        async with Visitor(app, world[key]) as visitor:
            answer = await visitor.get("/account")
            assert answer.status_code == 200, key
            assert (await visitor.get("/consents")).status_code == 200, key
    assert (await service_profile.me(world.viewer("stu"))).school == "（示例）青桥中学"


async def test_whoever_is_signed_in_goes_on_from_the_doors(app: Litestar, world: World) -> None:
    for key, start in (("stu", "/"), ("emp", "/work"), ("sch", "/work"), ("sup", "/crisis")):
        async with Visitor(app, world[key]) as visitor:
            for door in ("/sign-up", "/sign-in"):
                answer = await visitor.get(door)
                assert (answer.status_code, answer.headers["location"]) == (303, start)
    await world.person("half", "示例干部半", Role.SCH, "school", second_factor=False)
    async with Visitor(app, world["half"]) as visitor, Visitor(app) as nobody:
        for somebody in (visitor, nobody):
            assert (await somebody.get("/sign-up")).status_code == 200
            assert (await somebody.get("/sign-in")).status_code == 200
