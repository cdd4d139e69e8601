"""Hours: credit by the system alone, added hours by somebody else's word, and certificates a stranger can check."""

from datetime import timedelta

import asyncpg
import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.errors import NotAllowed
from app.kit.viewer import Role
from app.sessions import queries_hours, service_hours
from app.sessions.rules_hours import credited, hours_text, masked
from app.sessions.service_hours import Declaration
from tests.support.matching import completed, running
from tests.support.visitor import Visitor
from tests.support.world import World

TALK = {"day": "2026-11-20", "minutes": "90", "what": "社区公益讲座"}


async def _sums(world: World) -> tuple[int, int, int]:
    sums = await queries_hours.sums_of(world["vol"].person)
    return sums.credit, sums.added, sums.waiting


async def _entry() -> object:
    return await DB.value("SELECT id FROM service_hours WHERE kind = 'ADDED' ORDER BY created_at DESC, id DESC LIMIT 1")


def test_credit_is_never_more_than_was_booked(clock: MovableClock) -> None:
    start = clock.now()
    clock.move(minutes=50)
    assert credited(45, start, clock.now()) == 45
    assert credited(300, start, clock.now()) == 50
    assert (hours_text(150), hours_text(120), hours_text(0)) == ("2 小时 30 分钟", "2 小时", "0 分钟")
    assert masked("示例老师") == "示＊＊＊"


async def test_the_system_credits_a_completed_session_once_and_only_then(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await running(world, clock.now())
    assert await _sums(world) == (0, 0, 0)
    session_id = await DB.value("SELECT id FROM service_session WHERE state = 'RUNNING'")
    async with Visitor(app, world["vol"]) as volunteer:
        record = {"note": "聊了聊。", "result": "一起做了计划", "minutes": "120", "risk_after": "NONE"}
        assert (await volunteer.post(f"/sessions/{session_id}/record", record)).status_code == 303
        assert (await volunteer.post(f"/sessions/{session_id}/record", record)).status_code == 409
        page = await volunteer.get("/hours")
        assert "系统记录" in page.text
        assert "50 分钟（1 次预约）" in page.text
    assert await _sums(world) == (50, 0, 0)


async def test_nobody_can_write_credit_hours_by_hand(world: World, clock: MovableClock) -> None:
    await service_hours.declare(
        world.viewer("vol"), Declaration(day=local_day(clock.now()), minutes=60, what="公益讲座"), now=clock.now()
    )
    with pytest.raises(asyncpg.CheckViolationError):
        async with DB.transaction():
            await DB.rows("UPDATE service_hours SET kind = 'CREDIT'")


async def test_declared_hours_count_when_somebody_else_confirms(app: Litestar, world: World) -> None:
    async with Visitor(app, world["vol"]) as volunteer, Visitor(app, world["cit"]) as city:
        wrong = await volunteer.post("/hours", {"day": "2026-12-01", "minutes": "5", "what": "讲"})
        assert wrong.status_code == 422
        assert wrong.text.count('class="field-error"') == 3
        assert (await volunteer.post("/hours", TALK)).status_code == 303
        too_many = await volunteer.post("/hours", TALK | {"minutes": "400"})
        assert too_many.status_code == 409
        assert "最多 8 小时" in too_many.text
        assert await _sums(world) == (0, 0, 90)
        told = await DB.value(
            "SELECT count(*)::int FROM notification WHERE account_id = $1 AND link = '/review/hours'",
            world["cit"].account,
        )
        assert told == 1
        entry = await _entry()
        assert "社区公益讲座" in (await city.get("/review/hours")).text
        bare = await city.post(f"/review/hours/{entry}", {"decision": "NO"})
        assert bare.status_code == 422
        assert "请填写原因" in bare.text
        assert (await city.post(f"/review/hours/{entry}", {"decision": "YES"})).status_code == 303
        assert (await city.post(f"/review/hours/{entry}", {"decision": "YES"})).status_code == 409
        assert await _sums(world) == (0, 90, 0)
        assert (await volunteer.post(f"/review/hours/{entry}", {"decision": "YES"})).status_code == 403
    async with Visitor(app, world["cit2"]) as elsewhere:
        assert "社区公益讲座" not in (await elsewhere.get("/review/hours")).text
        assert (await elsewhere.post(f"/review/hours/{entry}", {"decision": "YES"})).status_code == 404


async def test_nobody_confirms_their_own_hours_in_another_role(world: World, clock: MovableClock) -> None:
    entry = await service_hours.declare(
        world.viewer("vol"), Declaration(day=local_day(clock.now()), minutes=60, what="公益讲座"), now=clock.now()
    )
    await world.person("twice", "示例志愿者A", Role.SUP, "province", person_id=None)
    both = world.viewer("twice")
    own = type(both)(
        both.account_id, world["vol"].person, both.name, both.hat, both.hats, both.session_id, second_factor=True
    )
    with pytest.raises(NotAllowed):
        await service_hours.decide(own, entry, confirmed=True, reason="", now=clock.now())
    assert entry not in [line.id for line in (await queries_hours.waiting(own)).lines]
    assert entry in [line.id for line in (await queries_hours.waiting(world.viewer("sup"))).lines]


async def test_a_stranger_checks_a_certificate_and_reads_when_it_was_revoked(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await completed(world, clock.now())
    clock.move(days=20)
    day = local_day(clock.now()).isoformat()
    async with Visitor(app, world["vol"]) as volunteer, Visitor(app) as stranger:
        none = await volunteer.post("/hours/certificates", {"first_day": "2025-01-01", "last_day": "2025-02-01"})
        assert none.status_code == 409
        turned = await volunteer.post("/hours/certificates", {"first_day": day, "last_day": "2026-11-01"})
        assert turned.status_code == 422
        made = await volunteer.post("/hours/certificates", {"first_day": "2026-11-01", "last_day": day})
        paper = await volunteer.follow(made)
        assert world["vol"].name in paper.text
        assert 'src="data:image/svg+xml' in paper.text
        address = "/verify/" + paper.text.split("http://test/verify/")[1].split("<")[0]
        seen = await stranger.get(address)
        assert seen.status_code == 200
        assert "证明有效" in seen.text
        assert "50 分钟" in seen.text
        assert masked(world["vol"].name) in seen.text
        assert not [word for word in (world["vol"].name, world["stu"].name, "（示例）") if word in seen.text]
        assert seen.headers["x-robots-tag"] == "noindex"
        assert (await stranger.get("/verify/guessed")).status_code == 404
        path = made.headers["location"]
        assert (await volunteer.post(f"{path}/revoke", {"reason": ""})).status_code == 422
        assert (await volunteer.post(f"{path}/revoke", {"reason": "时间写错了"})).status_code == 303
        assert (await volunteer.post(f"{path}/revoke", {"reason": "时间写错了"})).status_code == 409
        after = await stranger.get(address)
        assert "已于 2026年12月13日 撤销" in after.text
        assert "时间写错了" not in after.text
        assert "证明有效" not in after.text


async def test_a_certificate_belongs_to_its_volunteer_and_the_supervisors(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    await completed(world, clock.now())
    clock.move(days=20)
    today = local_day(clock.now())
    made = await service_hours.issue(world.viewer("vol"), local_day(world.now), today, now=clock.now())
    await world.volunteer("vol2", "示例志愿者B")
    for key, status in {"vol2": 404, "cit2": 404, "stu": 403, "emp": 403, "sup": 200, "cit": 200}.items():
        async with Visitor(app, world[key]) as other:
            assert (await other.get(f"/hours/certificates/{made}")).status_code == status, key
    async with Visitor(app, world["sup"]) as supervisor:
        revoked = await supervisor.post(f"/hours/certificates/{made}/revoke", {"reason": "重复出具"})
        assert revoked.status_code == 303
    told = await DB.value("SELECT count(*)::int FROM notification WHERE template = 'hours.decided'")
    assert told == 1


async def test_long_logs_are_paged(app: Litestar, world: World, clock: MovableClock) -> None:
    for number in range(23):
        day = local_day(clock.now() - timedelta(days=number))
        declared = Declaration(day=day, minutes=30, what=f"公益讲座第{number}场")
        await service_hours.declare(world.viewer("vol"), declared, now=clock.now())
    for key, path in (("vol", "/hours"), ("cit", "/review/hours")):
        async with Visitor(app, world[key]) as reader:
            first, second = (await reader.get(path)).text, (await reader.get(f"{path}?page=2")).text
            assert (first.count("公益讲座第"), second.count("公益讲座第")) == (20, 3), path
            assert f'href="{path}?page=2"' in first
            assert f'href="{path}?page=1"' in second
