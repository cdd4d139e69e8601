"""The stories of requests that find help: proposed, accepted, booked, served, confirmed; some with detours."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.demo.rules import chance
from app.demo.rules_needs import NeedPlan
from app.demo.rules_providers import FOUNDATION
from app.demo.service_needs import STORIES, Asking, start_of
from app.demo.service_stage import Stage, Story
from app.kit.clock import SHANGHAI, local_day
from app.kit.errors import IllegalStep, Refusal
from app.kit.viewer import Viewer
from app.matches import queries, service, service_progress
from app.matches.queries import MatchFacts
from app.matches.rules import SERVICE_KINDS
from app.needs import service as needs
from app.offers import queries as offers
from app.sessions import queries as session_queries
from app.sessions import service as sessions
from app.sessions import service_absence
from app.sessions import service_feedback as feedback
from app.sessions.errors import NotThisSession
from app.sessions.service_steps import Booking

_STOPS: Final = ("PROPOSED", "ASKED", "AGREED", "BOOKED", "SERVING", "CONFIRMING", "UNCONFIRMED", "SOLVED")
_RESULTS: Final = {
    "COUNSEL": ("聊了目前最担心的事，一起定了两个放松的小练习。", "理清了压力的来源，约好每周给自己留半天。"),
    "STUDY": ("把最薄弱的两个知识点讲清楚了，留了练习方法。", "一起做了错题整理，下次可以自己来。"),
    "LEGAL": ("讲清了可以主张的权利和要保存的证据，写了一份说明。", "协助联系了有关部门，对方已答复。"),
    "INTERN": ("实习按期完成，单位出具了实习鉴定。",),
    "HOUSE": ("已看房并签订合同，完成居住登记。",),
    "SPONSOR": ("首期助学款已由青基会发放到账。",),
}
_PRAISE: Final = ("老师很耐心，谢谢。", "说出来以后轻松多了。", "讲得很清楚，有帮助。", "", "很准时，也很尊重人。", "")


class Lost(Exception):  # noqa: N818 - it ends a story, nothing failed
    """The story cannot go on as planned: nothing was proposed, or the place went to somebody else."""


def stories(stage: Stage, planned: Iterable[NeedPlan]) -> Iterator[tuple[datetime, Story]]:
    """Yield the stories of requests for which offers are sought."""
    for plan in planned:
        if plan.story not in STORIES:
            start = start_of(stage, plan)
            yield start, _guarded(Asking(stage, plan), start)


async def _guarded(asking: Asking, now: datetime) -> Story:
    try:
        async for when in _helped(asking, now):
            yield when
    except Lost as lost:
        asking.stage.ended[f"{asking.plan.story}: {lost}"] += 1
    except (IllegalStep, NotThisSession) as refusal:
        # Somebody else ended it meanwhile: an alert stops the help of a student, wherever it stands.
        asking.stage.ended[f"{asking.plan.story}: {refusal.code}"] += 1


def _goes_on(asking: Asking, after: str) -> bool:
    """Tell whether a story goes on after one of the stops."""
    story = asking.plan.story
    return _STOPS.index(story if story in _STOPS else "SOLVED") > _STOPS.index(after)


async def _helped(asking: Asking, now: datetime) -> Story:
    luck = chance("help", asking.plan.key)
    need_id = await asking.send(now)
    now += timedelta(hours=luck.uniform(1, 9))
    yield now
    await asking.open(need_id, now)
    if not _goes_on(asking, "PROPOSED"):
        return
    now += timedelta(hours=luck.uniform(25, 34))
    yield now
    match = await _best(need_id)
    if asking.plan.story == "SOLVED" and luck.random() < 0.2:  # noqa: PLR2004 - one in five declines first
        await service.student_declines(asking.speaker, match.id, now=now, code="DC01")
        asking.stage.propose_for(need_id)
        now += timedelta(hours=26)
        yield now
        match = await _best(need_id)
    await _accept(asking, match, now)
    if not _goes_on(asking, "ASKED"):
        return
    now += timedelta(hours=luck.uniform(3, 30))
    yield now
    provider = asking.stage.cast.acting[match.provider_id]
    try:
        await service.provider_accepts(provider, match.id, now=now)
    except Refusal as refusal:
        raise Lost(refusal.code) from refusal
    if not _goes_on(asking, "AGREED"):
        return
    now += timedelta(hours=luck.uniform(2, 12))
    yield now
    way = _meetings if match.kind in SERVICE_KINDS else _agreement
    async for when in way(asking, match, provider, now):
        yield when
        now = when
    if _goes_on(asking, "SERVING"):
        async for when in _ending(asking, match, now):
            yield when


async def _best(need_id: UUID) -> MatchFacts:
    found = [match for match in await queries.of_need(need_id) if match.state == "PROPOSED"]
    if not found:
        raise Lost("nothing proposed")
    return max(found, key=lambda match: (match.score, match.id))


async def _accept(asking: Asking, match: MatchFacts, now: datetime) -> None:
    try:
        await service.student_accepts(asking.speaker, match.id, now=now, agree=True)
    except Refusal as refusal:
        raise Lost(refusal.code) from refusal


async def _book(asking: Asking, match: MatchFacts, now: datetime) -> tuple[UUID, datetime]:
    free = await session_queries.free_of(match, now)
    if not free:
        raise Lost("no free time")
    modes = await session_queries.modes_of(match)
    luck = chance("slot", asking.plan.key, now.date())
    at = free[min(len(free) - 1, luck.randint(0, 3))]
    offer = await offers.facts(match.offer_id)
    place = str(offer.terms.get("place", "")) if offer and modes[-1] == "FF" else ""
    booking = Booking(start=at, mode="FF" if place else modes[0], place=place)
    return await sessions.book(asking.speaker, match.id, booking, now=now), at


async def _meetings(
    asking: Asking, match: MatchFacts, provider: Viewer, now: datetime
) -> AsyncGenerator[datetime, None]:
    """Book a time, meet, and file the record; once or twice, and with a missed one where the story says so."""
    luck = chance("meetings", asking.plan.key)
    session_id, at = await _book(asking, match, now)
    if not _goes_on(asking, "BOOKED"):
        return
    if asking.plan.story == "ABSENT":
        at += timedelta(minutes=16)
        yield at
        await service_absence.student_absent(provider, session_id, now=at)
        at += timedelta(hours=20)
        yield at
        session_id, at = await _book(asking, match, at)
    for _meeting in range(1 + (luck.random() < 0.4)):  # noqa: PLR2004 - some meet twice
        yield at
        await sessions.start(provider, session_id, now=at)
        at += timedelta(minutes=50)
        yield at
        words = luck.choice(_RESULTS[match.kind])
        filed = sessions.Record(note=f"示例记录：{words}", result=words, minutes=50, next_plan="需要时再约。")
        await sessions.file_record(provider, session_id, filed, now=at)
        if _meeting == 0 and not _goes_on(asking, "SERVING"):
            await _book(asking, match, at)
            return
        if luck.random() < 0.5 and not _meeting:  # noqa: PLR2004 - the second meeting is agreed at the first
            session_id, at = await _book(asking, match, at)
        else:
            break
    at += timedelta(minutes=10)
    yield at
    await sessions.finish(provider, match.id, luck.choice(_RESULTS[match.kind]), now=at)


async def _agreement(
    asking: Asking, match: MatchFacts, provider: Viewer, now: datetime
) -> AsyncGenerator[datetime, None]:
    """Sign, begin and complete an internship, a tenancy or a sponsorship."""
    offer = await offers.facts(match.offer_id)
    assert offer is not None
    day = local_day(now)
    entries = {"signed_on": day.isoformat(), "school_approved": "Y", "foundation": FOUNDATION}
    start, finish = now + timedelta(days=2), now + timedelta(days=5)
    if match.kind == "INTERN":
        start = _morning(max(offer.terms["start"], (day + timedelta(days=2)).isoformat()))
        finish = max(_morning(offer.terms["end"]), start + timedelta(days=14))
        entries["start"] = local_day(start).isoformat()
    elif match.kind == "HOUSE":
        entries["viewing_at"] = start.isoformat()
    await service_progress.note_agreement(provider, match.id, entries, now=now)
    await service_progress.sign(provider, match.id, now=now, start=start)
    if not _goes_on(asking, "BOOKED"):
        return
    yield start
    await service_progress.start(provider, match.id, now=start)
    if not _goes_on(asking, "SERVING"):
        return
    yield finish
    result = chance("agreement", asking.plan.key).choice(_RESULTS[match.kind])
    await sessions.finish(provider, match.id, result, now=finish)


def _morning(day: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(day).date(), time(9), SHANGHAI).astimezone(UTC)


async def _ending(asking: Asking, match: MatchFacts, now: datetime) -> AsyncGenerator[datetime, None]:
    """Let the student say whether it is solved, and what the help was like."""
    if not _goes_on(asking, "UNCONFIRMED"):
        return
    luck = chance("ending", asking.plan.key)
    now += timedelta(hours=luck.uniform(6, 80))
    yield now
    if asking.plan.story == "NOT_SOLVED":
        await needs.not_solved(asking.student, match.need_id, now=now, reason="聊过以后还是会反复，想再找人看看。")
        return
    stars = luck.choice((3, 4, 4, 5, 5, 5))
    await needs.confirm(asking.speaker, match.need_id, stars, now=now)
    told = feedback.Opinion(score=stars, tags=("KIND", "USEFUL") if stars > 3 else (), text=luck.choice(_PRAISE))  # noqa: PLR2004 - four and five are praise
    await feedback.tell(asking.speaker, match.id, told, now=now)
