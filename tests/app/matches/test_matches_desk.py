"""Complaints and the stop for safety: who may, what both sides learn, what stays in the record."""

from datetime import datetime

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed, NotFound
from app.matches import queries_desk, service_progress
from app.matches.queries import MatchFacts
from tests.support.matching import confirmed, fresh, need_state, running, scheduled
from tests.support.visitor import Visitor
from tests.support.world import World


async def _told(world: World, key: str, template: str = "match.ended") -> int:
    found: int = await DB.value(
        "SELECT count(*)::int FROM notification WHERE account_id = $1 AND template = $2", world[key].account, template
    )
    return found


async def _audited(what: str) -> int:
    found: int = await DB.value("SELECT count(*)::int FROM audit_log WHERE what = $1", what)
    return found


async def _live(world: World, clock: MovableClock) -> MatchFacts:
    match = await running(world, clock.now())
    assert match.next_at is not None
    clock.set(match.next_at)
    return match


async def test_a_complaint_reaches_the_supervisor_who_lets_it_go_on(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await _live(world, clock)
    async with Visitor(app, world["stu"]) as student, Visitor(app, world["sup"]) as supervisor:
        assert "需要平台介入" in (await student.get(f"/matches/{match.id}")).text
        empty = await student.post(f"/matches/{match.id}/complain", {"complaint": ""})
        assert empty.status_code == 422
        sent = await student.post(f"/matches/{match.id}/complain", {"complaint": "一直在推销课程"})
        assert sent.status_code == 303
        assert "正在了解情况" in (await student.get(f"/matches/{match.id}")).text
        assert (await fresh(match)).state == "DISPUTED"
        assert await _told(world, "sup", "review.waiting") == 1
        queue = (await supervisor.get("/disputes")).text
        assert f"/disputes/{match.id}" in queue
        assert "推销" not in queue
        assert world["stu"].name not in queue
        page = (await supervisor.get(f"/disputes/{match.id}")).text
        assert "一直在推销课程" in page
        assert world["stu"].name in page
        missing = await supervisor.post(f"/disputes/{match.id}/decide", {"decision": "GO_ON", "reason": ""})
        assert missing.status_code == 422
        assert "checked" in missing.text
        done = await supervisor.post(f"/disputes/{match.id}/decide", {"decision": "GO_ON", "reason": "双方都说清楚了"})
        assert done.headers["location"] == "/disputes"
        after = (await supervisor.get("/disputes")).text
        assert "没有等待处理的争议" in after
        assert "最近 30 天处理过的" in after
        assert world["stu"].name not in (await supervisor.get(f"/disputes/{match.id}")).text
        again = await supervisor.post(f"/disputes/{match.id}/decide", {"decision": "END", "reason": "重复"})
        assert again.status_code == 409
    assert (await fresh(match)).state == "IN_PROGRESS"
    assert (await _told(world, "stu"), await _told(world, "vol")) == (1, 1)
    assert (await _audited("match.complain"), await _audited("match.resolved")) == (1, 1)


async def test_a_complaint_that_ends_the_help_opens_the_need_again(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    match = await _live(world, clock)
    async with Visitor(app, world["vol"]) as volunteer, Visitor(app, world["sup"]) as supervisor:
        assert (await volunteer.post(f"/matches/{match.id}/complain", {"complaint": "同学要求私下见面"})).is_redirect
        assert "供方" in (await supervisor.get("/disputes")).text
        done = await supervisor.post(f"/disputes/{match.id}/decide", {"decision": "END", "reason": "另行安排"})
        assert done.status_code == 303
    ended = await fresh(match)
    assert (ended.state, ended.ended_reason) == ("TERMINATED", "elsewhere")
    assert await need_state(match.need_id) == "OPEN"
    assert (await _told(world, "stu"), await _told(world, "vol")) == (1, 1)


async def test_words_of_danger_in_a_complaint_ring_at_once(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await _live(world, clock)
    async with Visitor(app, world["stu"]) as student:
        await student.post(f"/matches/{match.id}/complain", {"complaint": "他骂我，我不想活了"})
    assert await DB.value("SELECT count(*)::int FROM crisis_alert WHERE student_id = $1", world["stu"].person) == 1


async def test_the_desk_stops_help_for_safety(app: Litestar, world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    async with Visitor(app, world["psy2"]) as elsewhere, Visitor(app, world["psy"]) as psychologist:
        assert (await elsewhere.get(f"/disputes/{match.id}")).status_code == 404
        page = (await psychologist.get(f"/disputes/{match.id}")).text
        assert "立即停止" in page
        assert "怎么处理" not in page
        assert (await psychologist.get("/disputes")).status_code == 403
        assert (await psychologist.post(f"/disputes/{match.id}/stop", {"stop_reason": ""})).status_code == 422
        done = await psychologist.post(f"/disputes/{match.id}/stop", {"stop_reason": "同学说对方让人害怕"})
        assert done.headers["location"] == "/crisis"
    ended = await fresh(match)
    assert (ended.state, ended.ended_reason) == ("TERMINATED", "elsewhere")
    assert (await _told(world, "stu"), await _told(world, "vol")) == (1, 1)
    assert await _audited("match.safeguard") == 1
    assert await DB.value("SELECT count(*)::int FROM service_session WHERE state = 'BOOKED'") == 0


@pytest.mark.parametrize("key", ["sea", "sup", "psy"])
async def test_who_may_stop(world: World, clock: MovableClock, key: str) -> None:
    match = await _live(world, clock)
    stopped = await service_progress.stop_for_safety(world.viewer(key), match.id, "保护同学", now=clock.now())
    assert stopped.state == "TERMINATED"


async def test_who_may_not(world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    now: datetime = clock.now()
    with pytest.raises(NotFound):
        await service_progress.stop_for_safety(world.viewer("psy2"), match.id, "x", now=now)
    with pytest.raises(IllegalStep):
        await service_progress.stop_for_safety(world.viewer("sup"), match.id, "x", now=now)
    for key in ("sch", "rev", "vol", "stu", "cit"):
        with pytest.raises(NotAllowed):
            await service_progress.stop_for_safety(world.viewer(key), match.id, "x", now=now)
    for key in ("sea", "psy", "rev", "stu"):
        with pytest.raises(NotAllowed):
            await service_progress.decide_dispute(world.viewer(key), match.id, goes_on=True, reason="x", now=now)
    with pytest.raises(IllegalStep):
        await service_progress.decide_dispute(world.viewer("sup"), match.id, goes_on=True, reason="x", now=now)
    assert await queries_desk.running_of(world["stu"].person) == ()
