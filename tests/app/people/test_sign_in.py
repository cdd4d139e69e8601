"""Signing in, lock-out, sessions, hats."""

from datetime import date, timedelta

from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.viewer import Role
from app.kit.web import SESSION_COOKIE
from app.people import queries, service
from app.people.service_passwords import hashed
from tests.support.visitor import Visitor
from tests.support.world import World

PASSWORD = "一句只有我知道的长长的话"


async def _with_password(world: World, key: str) -> str:
    await DB.rows("UPDATE account SET password_hash = $2 WHERE id = $1", world[key].account, await hashed(PASSWORD))
    return f"{key}@demo.test"


async def _try(visitor: Visitor, login: str, password: str) -> int:
    return (await visitor.post("/sign-in", {"login": login, "password": password})).status_code


async def test_a_student_signs_in_and_out(app: Litestar, world: World) -> None:
    login = await _with_password(world, "stu")
    async with Visitor(app) as visitor:
        answer = await visitor.post(
            "/sign-in", {"login": f" {login.upper()} ", "password": PASSWORD, "next": "/account"}
        )
        assert answer.headers["location"] == "/account"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "示例同学甲" in (await visitor.get("/account")).text
        assert (await visitor.post("/sign-out")).status_code == 303
        assert (await visitor.get("/account")).status_code == 303


async def test_unknown_login_and_wrong_password_are_answered_alike(app: Litestar, world: World) -> None:
    login = await _with_password(world, "stu")
    async with Visitor(app) as visitor:
        wrong = await visitor.post("/sign-in", {"login": login, "password": "not the password"})
        unknown = await visitor.post("/sign-in", {"login": "nobody@demo.test", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 422
    sentence = "账号或密码不对，或这个账号因多次输错正在等待。"
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert "not the password" not in wrong.text
    rows = await DB.rows(
        "SELECT object_id, fields, purpose FROM audit_log WHERE what = 'sign_in' AND result = 'REFUSED'"
    )
    assert {row["object_id"] for row in rows} == {world["stu"].account, None}
    assert all("nobody" not in str(row) for row in rows)


async def test_the_fifth_wrong_try_locks_for_a_quarter_of_an_hour_and_the_next_for_longer(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    login = await _with_password(world, "stu")
    async with Visitor(app) as visitor:
        for _ in range(5):
            assert await _try(visitor, login, "wrong wrong wrong") == 422
        assert await _try(visitor, login, PASSWORD) == 422
        clock.move(minutes=14)
        assert await _try(visitor, login, PASSWORD) == 422
        clock.move(minutes=2)
        assert await _try(visitor, login, "wrong wrong wrong") == 422
        clock.move(minutes=16)
        assert await _try(visitor, login, PASSWORD) == 422
        clock.move(minutes=15)
        assert await _try(visitor, login, PASSWORD) == 303
    assert await DB.value("SELECT failed FROM account WHERE id = $1", world["stu"].account) == 0


async def test_signing_in_again_replaces_the_session(app: Litestar, world: World) -> None:
    login = await _with_password(world, "stu")
    async with Visitor(app) as visitor:
        await visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        first = visitor.client.cookies.get(SESSION_COOKIE)
        await visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        assert visitor.client.cookies.get(SESSION_COOKIE) != first
    async with Visitor(app) as thief:
        thief.client.cookies.set(SESSION_COOKIE, str(first), domain="test.local")
        assert (await thief.get("/account")).status_code == 303


async def test_sessions_are_listed_and_revoked_one_by_one_and_all(app: Litestar, world: World) -> None:
    login = await _with_password(world, "stu")
    async with Visitor(app) as phone, Visitor(app) as desk, Visitor(app, world["stu"]) as old:
        await phone.post("/sign-in", {"login": login, "password": PASSWORD}, headers={"user-agent": "iPhone Safari"})
        await desk.post("/sign-in", {"login": login, "password": PASSWORD}, headers={"user-agent": "Windows Chrome"})
        listed = (await desk.get("/account/sessions")).text
        assert "Safari · iPhone" in listed
        assert "正在使用" in listed
        session = await DB.value("SELECT id FROM sign_in_session WHERE device = 'Safari · iPhone'")
        assert (await desk.post(f"/account/sessions/{session}/revoke")).status_code == 303
        assert (await phone.get("/account")).status_code == 303
        assert (await desk.post("/account/sessions/revoke-others")).status_code == 303
        assert (await old.get("/account")).status_code == 303
        assert (await desk.get("/account")).status_code == 200
        assert (await desk.post(f"/account/sessions/{world['sch'].viewer.session_id}/revoke")).status_code == 404


async def test_an_idle_session_ends_and_a_used_one_goes_on(app: Litestar, world: World, clock: MovableClock) -> None:
    login = await _with_password(world, "sch")
    async with Visitor(app) as visitor:
        await visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        for _ in range(3):
            clock.move(hours=7)
            assert (await visitor.get("/account/second-factor")).status_code == 200
        clock.move(hours=9)
        assert (await visitor.get("/account/second-factor")).status_code == 303


async def test_staff_without_second_factor_open_nothing_but_its_page(app: Litestar, world: World) -> None:
    login = await _with_password(world, "sch")
    async with Visitor(app) as visitor:
        answer = await visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        assert answer.headers["location"].startswith("/account/second-factor")
        assert (await visitor.get("/people")).status_code == 403
        assert (await visitor.get("/account")).status_code == 403


async def test_a_password_is_changed_and_other_devices_go(app: Litestar, world: World) -> None:
    login = await _with_password(world, "stu")
    fresh = "另一句完全不同的长长的话"
    async with Visitor(app) as visitor, Visitor(app, world["stu"]) as other:
        await visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        data = {"old_password": "wrong wrong wrong", "password": fresh, "password_again": fresh}
        assert "现在的密码不对" in (await visitor.post("/account/password", data)).text
        weak = {"old_password": PASSWORD, "password": "1", "password_again": "1"}
        assert (await visitor.post("/account/password", weak)).status_code == 422
        unlike = {"old_password": PASSWORD, "password": fresh, "password_again": "x"}
        assert "不一样" in (await visitor.post("/account/password", unlike)).text
        good = data | {"old_password": PASSWORD}
        assert (await visitor.post("/account/password", good)).status_code == 303
        assert (await other.get("/account")).status_code == 303
        assert (await visitor.get("/account")).status_code == 200
        assert (await visitor.get("/account/password")).status_code == 200


async def test_an_appointment_ends_at_2359_of_its_last_day_and_is_told_once(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await world.person("leaver", "示例离任", Role.SCH, "school", end=date(2026, 11, 23), cadre_type="FT")
    async with Visitor(app, world["leaver"]) as visitor:
        clock.move(hours=13, minutes=59)
        assert (await visitor.get("/people")).status_code == 200
        assert await service.close_ended_appointments(clock.now()) == 0
        clock.move(minutes=1)
        assert (await visitor.get("/people")).status_code == 403
    assert await service.close_ended_appointments(clock.now()) == 1
    assert await service.close_ended_appointments(clock.now()) == 0
    facts = await DB.rows("SELECT subject_id FROM outbox_fact WHERE kind = 'appointment.ended'")
    assert [fact["subject_id"] for fact in facts] == [world["leaver"].viewer.appointment_id]


async def test_somebody_with_two_hats_changes_them(app: Litestar, world: World, clock: MovableClock) -> None:
    somebody = world["sch"]
    day = clock.now().date() - timedelta(days=300)
    second = await service.write_appointment(
        somebody.person, Role.CTY, now=clock.now(), start=day, organisation_id=world.orgs["county"]
    )
    async with Visitor(app, somebody) as visitor:
        answer = await visitor.post(f"/account/hat/{second}")
        assert answer.headers["location"] == "/work"
        viewer = await queries.viewer_for_token(somebody.token, clock.now())
        assert viewer.role is Role.CTY
        assert (await visitor.post(f"/account/hat/{world['cit'].viewer.appointment_id}")).status_code == 404


async def test_notifications_are_read_one_by_one_and_all(app: Litestar, world: World, clock: MovableClock) -> None:

    await notify(world["stu"].account, "match.proposed", "/my-help", now=clock.now())
    await notify(world["stu"].account, "need.opened", "", now=clock.now())
    async with Visitor(app, world["stu"]) as visitor:
        assert "您有新的推荐" in (await visitor.get("/notifications")).text
        note = await DB.value("SELECT id FROM notification WHERE template = 'match.proposed'")
        opened = await visitor.post(f"/notifications/{note}/open")
        assert opened.headers["location"] == "/my-help"
        assert (await visitor.post("/notifications/read")).status_code == 303
        async with Visitor(app, world["adult"]) as other:
            assert (await other.post(f"/notifications/{note}/open")).status_code == 404
            assert "现在没有消息" in (await other.get("/notifications")).text
    assert await DB.value("SELECT count(*) FROM notification WHERE read_at IS NULL") == 0


async def test_a_student_changes_their_profile_and_the_phone_is_sealed(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        assert (await visitor.get("/account/profile")).status_code == 200
        wrong = await visitor.post("/account/profile", {"phone": "12"})
        assert wrong.status_code == 422
        data = {"phone": "13800138000", "languages": ["YUE"], "gender_pref": "F", "region_code": "440604"}
        assert (await visitor.post("/account/profile", data)).status_code == 303
        assert "8000" in (await visitor.get("/account")).text
    sealed = await DB.value("SELECT phone_sealed FROM person WHERE id = $1", world["stu"].person)
    assert b"138" not in bytes(sealed)
    assert await queries.phone_of(world.viewer("stu"), world["stu"].person) == "+8613800138000"
