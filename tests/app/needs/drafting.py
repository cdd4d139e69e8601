"""Making needs for tests: through the verbs, in any state."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.consents import service as consents
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.viewer import SYSTEM
from app.needs import service, service_clock, service_progress, service_review
from app.needs.rules_request import NewNeed
from app.needs.service import Submitted
from tests.support.world import World

PLAIN = "快期末了，总睡不好，怕让爸妈失望"
PRACTICAL = "家里最近收入少了很多，下学期的学费还差一部分，想问问有什么办法。"
OFFER = UUID(int=7)


def a_need(world: World, key: str = "stu", sub: str = "EC1", text: str = PRACTICAL, **more: Any) -> NewNeed:
    """Return a request of a student."""
    values: dict[str, Any] = {
        "student_id": world[key].person,
        "sub": sub,
        "title": "下学期学费还差一点" if sub.startswith("EC") else "最近压力很大",
        "text": text,
        "region_code": "440604",
        "modes": ("ON", "FF"),
        "languages": ("YUE", "PTH"),
        "consents": frozenset({"P02", "P03", "P09"}),
    }
    return NewNeed(**(values | more))


async def submitted(world: World, now: datetime, key: str = "stu", **more: Any) -> Submitted:
    """Submit a need as its student."""
    return await service.submit(world.viewer(key), a_need(world, key, **more), now=now)


Make = Callable[[World, datetime], Awaitable[UUID]]


async def in_state(world: World, state: str, now: datetime) -> UUID:
    """Bring a practical need of `stu` into a state by verbs alone."""
    if state == "SUBMITTED":
        need_id = (await submitted(world, now)).need_id
        await DB.rows("UPDATE need SET state = 'SUBMITTED' WHERE id = $1", need_id)
        return need_id
    if state in {"RISK_HOLD", "TO_CASE"}:
        need_id = (await submitted(world, now, text="我不想活了")).need_id
        if state == "TO_CASE":
            await service_progress.open_case(world.viewer("sup"), need_id, "ORANGE", "需要跟进", now=now)
        return need_id
    need_id = (await submitted(world, now)).need_id
    if state == "MERGED":
        other = (await submitted(world, now)).need_id
        await service_review.merge(world.viewer("sch"), other, need_id, now=now)
        return other
    for reached, act in _PATHS[state]:
        await act(world, need_id, now)
        found = await DB.value("SELECT state FROM need WHERE id = $1", need_id)
        assert found == reached, (found, reached)
    return need_id


Act = Callable[[World, UUID, datetime], Awaitable[object]]


def _student(world: World) -> Any:
    return world.viewer("stu")


async def _expire(_world: World, need_id: UUID, now: datetime) -> None:
    await DB.rows("UPDATE need SET escalation = 2 WHERE id = $1", need_id)
    await service_clock.expire(now + timedelta(days=31))


OPENED: tuple[str, Act] = ("OPEN", lambda w, n, now: service_review.approve(w.viewer("sch"), n, now=now))
MATCHED: tuple[str, Act] = ("MATCHED", lambda _w, n, now: service_progress.match_confirmed(n, now=now))
SERVED: tuple[str, Act] = ("IN_SERVICE", lambda _w, n, now: service_progress.service_started(n, now=now))
ASKED: tuple[str, Act] = (
    "TO_CONFIRM",
    lambda _w, n, now: service_progress.goal_reached(SYSTEM, n, "已经办好", now=now, actor="PROVIDER"),
)
_PATHS: dict[str, tuple[tuple[str, Act], ...]] = {
    "REVIEW": (),
    "RETURNED": (("RETURNED", lambda w, n, now: service_review.return_(w.viewer("sch"), n, "请补充", now=now)),),
    "OPEN": (OPENED,),
    "MATCHED": (OPENED, MATCHED),
    "IN_SERVICE": (OPENED, MATCHED, SERVED),
    "TO_CONFIRM": (OPENED, MATCHED, SERVED, ASKED),
    "SOLVED": (
        OPENED,
        MATCHED,
        SERVED,
        ASKED,
        ("SOLVED", lambda w, n, now: service.confirm(_student(w), n, 5, now=now)),
    ),
    "UNSOLVED": (
        OPENED,
        ("UNSOLVED", lambda w, n, now: service_review.close_unsolvable(w.viewer("sch"), n, "无法解决", now=now)),
    ),
    "WITHDRAWN": (("WITHDRAWN", lambda w, n, now: service.withdraw(_student(w), n, now=now)),),
    "EXPIRED": (OPENED, ("EXPIRED", _expire)),
}


async def with_consents(world: World, key: str, now: datetime, *purposes: str) -> None:
    """Let a student give consents."""
    await consents.give(world.viewer(key), world[key].person, purposes or ("P02", "P03", "P09"), now=now)


def draft_id() -> UUID:
    """Return an id for a draft."""
    return new_id()
