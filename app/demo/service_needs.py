"""The stories of requests until an offer is sought: sent, reviewed, returned, held, merged, closed, withdrawn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from app.demo import rules_needs
from app.demo.rules import chance
from app.demo.rules_needs import NeedPlan
from app.demo.rules_places import PROVINCE
from app.demo.service_stage import Stage, Story
from app.kit.viewer import Role, Viewer
from app.ledger import service as ledger
from app.needs import service, service_review
from app.needs.rules_request import NewNeed, is_counselling
from app.safety import queries as safety_queries
from app.safety import service as safety
from app.safety import service_assess
from app.safety.rules import Assessment

RETURNED: Final = (
    "请写清是哪一门课、想在什么时间上课，方便我们找人。",
    "请补充大概需要的时间和地点，写一两句就可以。",
    "文字里能看出是哪所学校，请按提示去掉后再提交。",
)
_DIRECTLY: Final = (
    ("约这名同学面谈，讲清流程，陪同办完了手续。", "手续已经办好。"),
    ("介绍参加社团活动，安排一名老队员带着去了两次。", "同学已经加入社团，感觉自在了一些。"),
    ("请学院创业导师看了计划书，联系了校内的场地。", "计划书已修改，场地申请已提交。"),
)
_UNSOLVABLE: Final = "目前没有这方面的资源。已把可以办理的单位和电话写给同学，也可以拨打 12355。"


@dataclass(slots=True)
class Asking:
    """One request on the stage: its plan, and everybody around it."""

    stage: Stage
    plan: NeedPlan

    @property
    def student(self) -> Viewer:
        """The student, wearing the student's hat."""
        found = self.stage.cast.viewers[self.plan.student]
        return msgspec.structs.replace(found, hat=next(hat for hat in found.hats if hat.role is Role.STU))

    @property
    def speaker(self) -> Viewer:
        """Who answers for the student: the guardian of a child below fourteen."""
        assert self.student.person_id is not None
        return self.stage.cast.speaker.get(self.student.person_id, self.student)

    def at_school(self, role: Role) -> Viewer:
        """Who holds a role at the student's school."""
        return self.stage.cast.at(role, self.stage.cast.school_of(self.plan.student))[0]

    @property
    def reviewer(self) -> Viewer:
        """Who reviews: the psychology teacher, or the school's committee; a reviewer when the committee wrote it."""
        if is_counselling(self.plan.sub):
            return self.at_school(Role.PSY)
        if self.plan.by_cadre:
            cast = self.stage.cast
            school = cast.places[cast.school_of(self.plan.student)]
            direct = school.plan.parent == PROVINCE
            return cast.at(Role.REV, PROVINCE)[4] if direct else cast.of_city(Role.REV, self.plan.region)
        return self.at_school(Role.SCH)

    def command(self, *, again: bool = False) -> NewNeed:
        """Return the request as it is sent."""
        plan = self.plan
        assert self.student.person_id is not None
        return NewNeed(
            student_id=self.student.person_id,
            sub=plan.sub,
            title=plan.title,
            text=f"{plan.text}上次说得不够清楚，补充一下：主要是这学期的事。" if again else plan.text,
            region_code=plan.region,
            modes=plan.modes,
            languages=plan.languages,
            gender_pref=plan.gender_pref,
            slots=plan.slots,
            wishes=plan.wishes,
            urgency=plan.urgency,
            amount_fen=plan.amount_fen,
            demo=True,
        )

    async def send(self, now: datetime, *, again: bool = False) -> UUID:
        """Send the request: by the student, the child's guardian, or the school's cadre with the student's consent."""
        author = self.at_school(Role.SCH) if self.plan.by_cadre else self.speaker
        sent = await service.submit(author, self.command(again=again), now=now)
        return sent.need_id

    async def open(self, need_id: UUID, now: datetime) -> None:
        """Let the reviewer approve, and the next turn look for offers."""
        await service_review.approve(self.reviewer, need_id, now=now, looked_at=True)
        self.stage.propose_for(need_id)


def plans(stage: Stage) -> tuple[NeedPlan, ...]:
    """Return every request of the demo."""
    students = [plan for plan in stage.cast.plans.values() if plan.student is not None]
    return rules_needs.needs(students, stage.cast.day)


def start_of(stage: Stage, plan: NeedPlan) -> datetime:
    """Return when a request is sent: in the daytime, unless it is one of today's."""
    start = stage.cast.now - timedelta(days=plan.days_ago)
    if plan.days_ago < 3:  # noqa: PLR2004 - what is recent stays where it is
        return start
    return start.replace(hour=chance("hour", plan.key).randint(0, 13))


async def unattended(asking: Asking, now: datetime) -> Story:
    """Send a request that still waits for its reviewer."""
    await asking.send(now)
    return
    yield now


async def waiting(asking: Asking, now: datetime) -> Story:
    """Send and open a request for which there is nothing yet; time does the rest."""
    need_id = await asking.send(now)
    now += _soon(asking, 2, 14)
    yield now
    await asking.open(need_id, now)


async def directly(asking: Asking, now: datetime) -> Story:
    """Let a cadre solve an open request without an offer."""
    need_id = await asking.send(now)
    now += _soon(asking, 2, 20)
    yield now
    await asking.open(need_id, now)
    now += _soon(asking, 20, 90)
    yield now
    action, result = chance("directly", asking.plan.key).choice(_DIRECTLY)
    cadre = asking.at_school(Role.SCH)
    await ledger.solve_directly(cadre, need_id, ledger.DirectHelp(action=action, result=result), now=now)
    now += _soon(asking, 5, 60)
    yield now
    await service.confirm(asking.speaker, need_id, chance("stars", asking.plan.key).choice((4, 5, 5)), now=now)


async def unsolvable(asking: Asking, now: datetime) -> Story:
    """Close a request nobody can solve, honestly."""
    need_id = await asking.send(now)
    now += _soon(asking, 2, 20)
    yield now
    await asking.open(need_id, now)
    now += _soon(asking, 8, 30)
    yield now
    await service_review.close_unsolvable(asking.reviewer, need_id, _UNSOLVABLE, now=now)


async def returned(asking: Asking, now: datetime) -> Story:
    """Return a request; the story SENT_AGAIN sends it once more and opens it."""
    need_id = await asking.send(now)
    now += _soon(asking, 2, 18)
    yield now
    reason = chance("returned", asking.plan.key).choice(RETURNED)
    await service_review.return_(asking.reviewer, need_id, reason, now=now)
    if asking.plan.story == "RETURNED":
        return
    now += _soon(asking, 10, 40)
    yield now
    author = asking.at_school(Role.SCH) if asking.plan.by_cadre else asking.speaker
    await service.resubmit(author, need_id, asking.command(again=True), now=now)
    now += _soon(asking, 2, 12)
    yield now
    await asking.open(need_id, now)


async def withdrawn(asking: Asking, now: datetime) -> Story:
    """Take a request back, before or after it was opened."""
    need_id = await asking.send(now)
    now += _soon(asking, 2, 18)
    yield now
    if chance("withdrawn", asking.plan.key).random() < 0.6:  # noqa: PLR2004 - most change their mind later
        await asking.open(need_id, now)
        now += _soon(asking, 10, 40)
        yield now
    await service.withdraw(asking.student, need_id, now=now)


async def merged(asking: Asking, now: datetime) -> Story:
    """Send the same request twice; the reviewer merges the second into the first."""
    first = await asking.send(now)
    now += _soon(asking, 2, 10)
    yield now
    await asking.open(first, now)
    now += _soon(asking, 3, 9)
    yield now
    second = await asking.send(now, again=True)
    now += _soon(asking, 2, 8)
    yield now
    await service_review.merge(asking.reviewer, second, first, now=now)


async def bullied(asking: Asking, now: datetime) -> Story:
    """Hand a request about bullying to the case desk; it never reaches the marketplace."""
    need_id = await asking.send(now)
    now += _soon(asking, 1, 5)
    yield now
    await service_review.route_to_case(asking.reviewer, need_id, "涉及校园欺凌，转个案由专人办理。", now=now)


async def held(asking: Asking, now: datetime) -> Story:
    """Send words that ring the crisis desk; somebody takes the alert, speaks with the student, and decides."""
    need_id = await asking.send(now)
    desk = asking.stage.cast.at(Role.SUP, PROVINCE)[0]
    alerts = [line.id for line in await safety_queries.desk(desk, now=now) if line.at == now]
    if asking.plan.story == "HELD" and len(alerts) == 1 and chance("held", asking.plan.key).random() < 0.5:  # noqa: PLR2004 - half are new
        return
    teacher = asking.at_school(Role.PSY)
    now += timedelta(minutes=4)
    yield now
    await safety.acknowledge(teacher, alerts[0], now=now)
    now += timedelta(minutes=6)
    yield now
    await safety.contacted(teacher, alerts[0], now=now)
    if asking.plan.story == "HELD":
        return
    now += timedelta(minutes=40)
    yield now
    grave = asking.plan.story == "TO_CASE"
    await safety.guardian(teacher, alerts[0], told=True, reason="", now=now)
    judged = Assessment(
        level="ORANGE" if grave else "BLUE",
        basis=("CALL", "TEXT"),
        ideation=1,
        protective="愿意和老师谈，有信任的家人。",
        next_review_days=2,
    )
    await service_assess.assess(teacher, alerts[0], judged, now=now)
    if grave:
        await service_assess.to_case(teacher, alerts[0], "需要专业人员持续跟进，转个案。", now=now)
        return
    await service_assess.clear(teacher, alerts[0], "已与同学通话，情绪平稳，有人陪伴，没有现实危险。", now=now)
    now += _soon(asking, 1, 6)
    yield now
    await asking.open(need_id, now)


def _soon(asking: Asking, least: int, most: int) -> timedelta:
    luck = chance("soon", asking.plan.key, least, most)
    return timedelta(hours=luck.uniform(least, most))


STORIES: Final = {
    "REVIEW": unattended,
    "WAITING": waiting,
    "EXPIRED": waiting,
    "DIRECT": directly,
    "UNSOLVABLE": unsolvable,
    "RETURNED": returned,
    "SENT_AGAIN": returned,
    "WITHDRAWN": withdrawn,
    "MERGED": merged,
    "BULLIED": bullied,
    "HELD": held,
    "TO_CASE": held,
    "CLEARED": held,
}
"""Stories that end before or without an offer, by their name in the plan."""


def stories(stage: Stage, planned: Iterable[NeedPlan]) -> Iterator[tuple[datetime, Story]]:
    """Yield the stories of requests that need no offer."""
    for plan in planned:
        if plan.story in STORIES:
            start = start_of(stage, plan)
            yield start, STORIES[plan.story](Asking(stage, plan), start)
