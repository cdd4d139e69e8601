"""Needs, offers and matches for tests, brought through the verbs into the state a test is about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.db import DB
from app.kit.outbox import run_everything
from app.matches import queries, service, service_progress
from app.matches.queries import MatchFacts
from app.matches.rules import ABSENT_AFTER
from app.needs import service as needs
from app.needs import service_review
from app.needs.rules_request import NewNeed
from app.sessions import queries as sessions
from app.sessions import service as session_verbs
from app.sessions.service import Record
from app.sessions.service_steps import Booking
from tests.support.offers import published
from tests.support.world import World

PLAIN = "快期末了，总睡不好，怕让爸妈失望"
SLOTS = ((3, 19 * 60, 21 * 60), (6, 9 * 60, 12 * 60))


async def counsellor(world: World, key: str = "vol", **changed: str) -> UUID:
    """Publish the counselling offer of a volunteer."""
    return await published(world, "COUNSEL", by=key, provider=f"{key}.provider", **changed)


async def opened(world: World, now: datetime, key: str = "stu", sub: str = "PS1", **more: Any) -> UUID:
    """Submit a need as its student and let it be approved."""
    values: dict[str, Any] = {
        "student_id": world[key].person,
        "sub": sub,
        "title": "最近压力很大",
        "text": PLAIN,
        "region_code": "440604",
        "modes": ("ON", "VO"),
        "languages": ("YUE",),
        "gender_pref": "F",
        "slots": SLOTS,
        "consents": frozenset({"P02", "P03", "P09"}) if sub.startswith("PS") else frozenset({"P02", "P09"}),
    }
    sent = await needs.submit(world.viewer(key), NewNeed(**(values | more)), now=now)
    reviewer = "psy" if sub.startswith("PS") else "sch"
    school = "2" if key == "adult" else ""
    await service_review.approve(world.viewer(reviewer + school), sent.need_id, now=now)
    return sent.need_id


async def matches_of(need_id: UUID) -> dict[str, str]:
    """Return the states of a need's matches by offer id."""
    return {str(match.offer_id): match.state for match in await queries.of_need(need_id)}


async def only_match(need_id: UUID) -> MatchFacts:
    """Return the one live match of a need."""
    live = await queries.live_where("need_id", need_id)
    assert len(live) == 1, live
    return live[0]


async def need_state(need_id: UUID) -> str:
    """Return the state of a need."""
    found: str = await DB.value("SELECT state FROM need WHERE id = $1", need_id)
    return found


async def proposed(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to PROPOSED."""
    await counsellor(world)
    need_id = await opened(world, now, key)
    await run_everything(now)
    return await only_match(need_id)


async def accepted(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to S_ACCEPTED."""
    match = await proposed(world, now, key)
    return await service.student_accepts(world.viewer(key), match.id, now=now, agree=True)


async def confirmed(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to CONFIRMED."""
    match = await accepted(world, now, key)
    return await service.provider_accepts(world.viewer("vol"), match.id, now=now)


async def scheduled(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to SCHEDULED at the first free time."""
    match = await confirmed(world, now, key)
    free = await sessions.free_of(match, now)
    await session_verbs.book(world.viewer(key), match.id, Booking(start=free[0], mode="ON"), now=now)
    return await fresh(match)


async def running(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to IN_PROGRESS: checked in at the appointed time."""
    match = await scheduled(world, now, key)
    assert match.next_at is not None
    held = await sessions.of_match(match.id)
    await session_verbs.start(world.viewer("vol"), held[0].id, now=match.next_at)
    return await fresh(match)


async def completed(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to COMPLETED with its record filed."""
    match = await running(world, now, key)
    held = await sessions.of_match(match.id)
    later = held[0].end
    filed = Record(note="聊了考试安排。", result="一起做了一份复习计划。", minutes=50)
    await session_verbs.file_record(world.viewer("vol"), held[0].id, filed, now=later)
    return await session_verbs.finish(world.viewer("vol"), match.id, "压力小了一些，有了计划。", now=later)


async def fresh(match: MatchFacts) -> MatchFacts:
    """Read a match again."""
    found = await queries.find(match.id)
    assert found is not None
    return found


async def absent_provider(world: World, now: datetime, key: str = "stu") -> MatchFacts:
    """Bring one match to NO_SHOW_P."""
    match = await scheduled(world, now, key)
    assert match.next_at is not None
    late = match.next_at + ABSENT_AFTER
    return await service_progress.provider_absent(world.viewer(key), match.id, now=late)
