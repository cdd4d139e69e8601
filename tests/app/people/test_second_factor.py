"""The second factor: set up, used once per step, reset by staff."""

import pyotp
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.crypto import vault
from app.kit.db import DB
from app.people import service, service_second_factor
from app.people.service_passwords import hashed
from tests.support.visitor import Visitor
from tests.support.world import World

PASSWORD = "一句只有我知道的长长的话"


async def _signed_in(app: Litestar, world: World, key: str) -> Visitor:
    await DB.rows("UPDATE account SET password_hash = $2 WHERE id = $1", world[key].account, await hashed(PASSWORD))
    visitor = Visitor(app)
    await visitor.post("/sign-in", {"login": f"{key}@demo.test", "password": PASSWORD})
    return visitor


async def _secret(world: World, key: str) -> str:
    sealed = await DB.value("SELECT totp_secret_sealed FROM account WHERE id = $1", world[key].account)

    return vault().unseal(bytes(sealed), f"account.totp:{world[key].account}")


async def test_the_first_sign_in_sets_it_up_and_the_same_code_works_once(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    async with await _signed_in(app, world, "sch") as visitor:
        page = await visitor.get("/account/second-factor")
        assert "data:image/svg+xml" in page.text
        totp = pyotp.TOTP(await _secret(world, "sch"))
        assert (await visitor.post("/account/second-factor", {"code": "000000"})).status_code == 422
        assert (await visitor.post("/account/second-factor", {})).status_code == 422
        code = totp.at(clock.now())
        passed = await visitor.post("/account/second-factor", {"code": f"{code[:3]} {code[3:]}", "next": "/people"})
        assert passed.headers["location"] == "/people"
        assert (await visitor.get("/people")).status_code == 200
    async with await _signed_in(app, world, "sch") as again:
        assert "data:image" not in (await again.get("/account/second-factor")).text
        assert (await again.post("/account/second-factor", {"code": code})).status_code == 422
        assert (await again.get("/people")).status_code == 403
        clock.move(seconds=30)
        good = await again.post("/account/second-factor", {"code": totp.at(clock.now())})
        assert good.headers["location"] == "/work"


async def test_wrong_codes_lock_like_wrong_passwords(app: Litestar, world: World, clock: MovableClock) -> None:
    async with await _signed_in(app, world, "sch") as visitor:
        await visitor.get("/account/second-factor")
        for _ in range(5):
            await visitor.post("/account/second-factor", {"code": "000000"})
        code = pyotp.TOTP(await _secret(world, "sch")).at(clock.now())
        answer = await visitor.post("/account/second-factor", {"code": code})
        assert "输错次数太多" in answer.text


def test_a_code_of_the_step_before_still_counts_and_an_older_one_does_not(clock: MovableClock) -> None:
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(clock.now())
    step = service_second_factor.matching_step(secret, code, clock.now())
    clock.move(seconds=30)
    assert service_second_factor.matching_step(secret, code, clock.now()) == step
    clock.move(seconds=30)
    assert service_second_factor.matching_step(secret, code, clock.now()) is None


async def test_the_first_administrator_comes_by_a_link_that_works_once(
    app: Litestar, db: str, clock: MovableClock
) -> None:
    assert db
    token = await service.first_admin_token(clock.now())
    data = {"name": "示例管理员", "login": "admin01", "password": "一句只有管理员知道的话"}
    async with Visitor(app) as visitor:
        assert (await visitor.get("/first-admin/wrong")).status_code == 404
        assert (await visitor.get(f"/first-admin/{token}")).status_code == 200
        weak = await visitor.post(f"/first-admin/{token}", data | {"password": "123"})
        assert weak.status_code == 422
        made = await visitor.post(f"/first-admin/{token}", data)
        assert made.headers["location"].startswith("/account/second-factor")
        await visitor.get("/account/second-factor")
        account = await DB.value("SELECT id FROM account WHERE login = 'admin01'")
        sealed = await DB.value("SELECT totp_secret_sealed FROM account WHERE id = $1", account)

        secret = vault().unseal(bytes(sealed), f"account.totp:{account}")
        code = {"code": pyotp.TOTP(secret).at(clock.now())}
        assert (await visitor.post("/account/second-factor", code)).status_code == 303
        assert "建立省级团委" in (await visitor.get("/organisations")).text
        new = {"level": "L1", "name": "（示例）团省委", "code": "GD", "region_code": "440000", "kind": "团委"}
        assert (await visitor.post("/organisations/new", new)).status_code == 303
        cadre = {"name": "示例第一位干部", "role": "PRV", "organisation": "（示例）团省委", "cadre_type": "FT"}
        shown = await visitor.post("/people/new", cadre)
        assert "只显示这一次" in shown.text
        assert (await visitor.get("/people")).status_code == 403
    assert await service.first_admin_token(clock.now()) is None
    async with Visitor(app) as late:
        assert (await late.get(f"/first-admin/{token}")).status_code == 404


async def test_a_first_administrators_link_ends_after_a_day(app: Litestar, db: str, clock: MovableClock) -> None:
    assert db
    token = await service.first_admin_token(clock.now())
    clock.move(hours=25)
    async with Visitor(app) as visitor:
        assert (await visitor.get(f"/first-admin/{token}")).status_code == 404
