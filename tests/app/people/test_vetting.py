"""The vetting of volunteers: every step of the table, and no other."""

import json
from datetime import date

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock, local_day
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed, NotFound, Refusal
from app.kit.viewer import Viewer
from app.people import queries, service_vetting
from app.people.errors import GuardFailed
from app.people.rules_vetting import ACTOR_ROLES, MACHINE, TRAINING_PARTS, actor_for, events_for
from app.people.service_vetting import Evidence
from tests.support.visitor import Visitor
from tests.support.world import World

DAY = date(2026, 11, 20)
GOOD = Evidence(reason="已向发证单位核实", reference="R-1", checked_on=DAY, scores=dict.fromkeys(TRAINING_PARTS, 90))
PLAYERS = {
    "REVIEWER": ("rev",),
    "ORGANISATION": ("cit",),
    "INTERVIEWER": ("sup", "prv"),
    "TRAINER": ("cit",),
    "SUPERVISOR": ("sup",),
    "COMMISSION": ("sup", "prv", "cit"),
    "APPLICANT": ("vol",),
    "VOLUNTEER": ("vol",),
}
BY_PEOPLE = [step for step in MACHINE.steps if step.actors != {"SYS"}]


async def _put(world: World, state: str, *, adult: bool = False, sessions: int = 10) -> None:
    """Put the world's volunteer into a state, with everything a step may ask for."""
    await DB.rows(
        """
        UPDATE volunteer_profile SET vetting = $2, adult_only = $3, supervised_sessions = $4, votes = '[]', trials = 0,
               vetting_since = $5, application = $6::jsonb WHERE person = $1
        """,
        world["vol"].person,
        state,
        adult,
        sessions,
        world.now,
        json.dumps({"check_consent_at": world.now.isoformat(), "modes": ["ON"]}),
    )


async def _state(world: World) -> str:
    state: str = await DB.value("SELECT vetting FROM volunteer_profile WHERE person = $1", world["vol"].person)
    return state


@pytest.mark.parametrize("step", BY_PEOPLE, ids=lambda step: f"{step.source}-{step.event}")
async def test_every_listed_step_works(step: object, world: World, clock: MovableClock) -> None:
    assert isinstance(step, tuple)
    source, event, actors, target = step
    actor = next(iter(actors - {"SYS"}))
    await _put(world, source, adult=event in {"adults_only", "supervisor_ok_adult"})
    if event == "training_failed":
        await DB.rows("UPDATE volunteer_profile SET trials = 1 WHERE person = $1", world["vol"].person)
    for key in PLAYERS[actor][: {"interview_pass": 2, "interview_fail": 2}.get(event, 3)]:
        assert await _state(world) == source
        await service_vetting.take_step(world.viewer(key), world["vol"].person, event, GOOD, now=clock.now())
    assert await _state(world) == target
    changes = await DB.rows("SELECT target FROM state_change WHERE object_id = $1", world["vol"].person)
    assert [change["target"] for change in changes] == [target]
    assert await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = 'volunteer.changed'") == 1


@pytest.mark.parametrize("state", sorted(MACHINE.states))
async def test_every_other_step_is_refused(state: str, world: World, clock: MovableClock) -> None:
    await _put(world, state)
    listed = {step.event for step in MACHINE.steps if step.source == state}
    for event in set(MACHINE.events) - listed:
        for key in ("rev", "cit", "sup", "vol"):
            with pytest.raises(IllegalStep):
                await service_vetting.take_step(world.viewer(key), world["vol"].person, event, GOOD, now=clock.now())
    assert await _state(world) == state


async def test_the_wrong_role_is_refused_even_in_the_right_state(world: World, clock: MovableClock) -> None:
    await _put(world, "APPLIED")
    with pytest.raises(NotAllowed):
        await service_vetting.take_step(
            world.viewer("sup"), world["vol"].person, "credential_verified", GOOD, now=clock.now()
        )
    for key in ("rev_c2", "cit2"):
        with pytest.raises(NotFound):
            await service_vetting.take_step(
                world.viewer(key), world["vol"].person, "credential_verified", GOOD, now=clock.now()
            )


@pytest.mark.parametrize(
    ("state", "event", "key", "evidence"),
    [
        ("APPLIED", "documents_incomplete", "rev", Evidence()),
        ("APPLIED", "credential_verified", "rev", Evidence()),
        ("CRED_OK", "adults_only", "cit", GOOD),
        ("CHECK_PENDING", "check_clear", "cit", Evidence()),
        ("CHECK_PENDING", "check_clear", "cit", Evidence(checked_on=date(2024, 1, 1))),
        ("TRAINING", "training_pass", "cit", Evidence(scores={"ethics": 100})),
        ("PROBATION", "supervisor_ok_adult", "sup", GOOD),
        ("LAPSED", "renewed_adult", "cit", Evidence(expiry=date(2020, 1, 1))),
    ],
)
async def test_a_step_without_its_condition_is_refused(
    world: World, clock: MovableClock, state: str, event: str, key: str, evidence: Evidence
) -> None:
    await _put(world, state)
    with pytest.raises(GuardFailed):
        await service_vetting.take_step(world.viewer(key), world["vol"].person, event, evidence, now=clock.now())


async def test_two_interviewers_are_two_people(world: World, clock: MovableClock) -> None:
    await _put(world, "INTERVIEW")
    volunteer = world["vol"].person
    for _ in range(3):
        await service_vetting.take_step(world.viewer("sup"), volunteer, "interview_pass", now=clock.now())
    assert await _state(world) == "INTERVIEW"
    await service_vetting.take_step(world.viewer("exp"), volunteer, "interview_fail", now=clock.now())
    assert await _state(world) == "INTERVIEW"
    await service_vetting.take_step(world.viewer("exp"), volunteer, "interview_pass", now=clock.now())
    assert await _state(world) == "TRAINING"


async def test_a_second_failed_training_ends_the_application(world: World, clock: MovableClock) -> None:
    await _put(world, "TRAINING")
    volunteer = world["vol"].person
    await service_vetting.take_step(world.viewer("cit"), volunteer, "training_failed", now=clock.now())
    assert await _state(world) == "TRAINING"
    await service_vetting.take_step(world.viewer("cit"), volunteer, "training_failed", now=clock.now())
    assert await _state(world) == "REJECTED"


async def test_probation_needs_supervised_sessions(world: World, clock: MovableClock) -> None:
    await _put(world, "PROBATION", sessions=2)
    volunteer, supervisor = world["vol"].person, world.viewer("sup")
    with pytest.raises(GuardFailed):
        await service_vetting.take_step(supervisor, volunteer, "supervisor_ok", now=clock.now())
    assert await service_vetting.count_supervised(supervisor, volunteer, now=clock.now()) == 3
    assert await service_vetting.take_step(supervisor, volunteer, "supervisor_ok", now=clock.now()) == "ACTIVE"
    with pytest.raises(NotAllowed):
        await service_vetting.count_supervised(supervisor, volunteer, now=clock.now())


async def test_a_hit_revokes_at_once_and_takes_access(world: World, clock: MovableClock) -> None:
    volunteer = world["vol"]
    await service_vetting.annual_check(
        world.viewer("cit"), volunteer.person, "HIT", Evidence(reference="H-9", reason="不应留下"), now=clock.now()
    )
    assert await _state(world) == "REVOKED"
    assert await DB.value("SELECT state FROM provider WHERE id = $1", volunteer.provider) == "REVOKED"
    assert not (await queries.viewer_for_token(volunteer.token, clock.now())).signed_in
    assert not await queries.hats_of(volunteer.person, local_day(clock.now()))
    assert await DB.value("SELECT count(*) FROM outbox_fact WHERE kind = 'provider.revoked'") == 1
    reasons = await DB.rows("SELECT reason FROM state_change WHERE object_id = $1", volunteer.person)
    assert [row["reason"] for row in reasons] == [""]


async def test_a_clear_yearly_check_keeps_a_volunteer_at_work(world: World, clock: MovableClock) -> None:
    volunteer = world["vol"].person
    clock.move(days=330)
    state = await service_vetting.annual_check(
        world.viewer("cit"), volunteer, "CLEAR", Evidence(checked_on=local_day(clock.now())), now=clock.now()
    )
    assert state == "ACTIVE"
    clock.move(days=300)
    assert await service_vetting.run_clock(clock.now()) == 0
    await _put(world, "ACTIVE_ADULT", adult=True)
    with pytest.raises(IllegalStep):
        await service_vetting.annual_check(world.viewer("cit"), volunteer, "HIT", Evidence(), now=clock.now())
    with pytest.raises(NotAllowed):
        await service_vetting.annual_check(world.viewer("sup"), volunteer, "CLEAR", Evidence(), now=clock.now())
    await _put(world, "TRAINING")
    with pytest.raises(IllegalStep):
        await service_vetting.annual_check(world.viewer("cit"), volunteer, "CLEAR", Evidence(), now=clock.now())


async def test_the_clock_lapses_and_at_last_lets_go(world: World, clock: MovableClock) -> None:
    assert await service_vetting.run_clock(clock.now()) == 0
    clock.move(days=340)
    assert await service_vetting.run_clock(clock.now()) == 1
    assert await _state(world) == "LAPSED"
    assert await DB.value("SELECT state FROM provider WHERE id = $1", world["vol"].provider) == "LAPSED"
    clock.move(days=179)
    assert await service_vetting.run_clock(clock.now()) == 0
    clock.move(days=1)
    assert await service_vetting.run_clock(clock.now()) == 1
    assert await _state(world) == "LEFT"


async def test_silence_over_documents_ends_after_thirty_days(world: World, clock: MovableClock) -> None:
    await _put(world, "DOCS")
    clock.move(days=29)
    assert await service_vetting.run_clock(clock.now()) == 0
    clock.move(days=1)
    assert await service_vetting.run_clock(clock.now()) == 1
    assert await _state(world) == "REJECTED"


async def test_a_signal_suspends_and_a_commission_of_three_decides(world: World, clock: MovableClock) -> None:
    volunteer = world["vol"].person
    await service_vetting.suspend(volunteer, "保护信号", now=clock.now())
    await service_vetting.suspend(volunteer, "保护信号", now=clock.now())
    assert await _state(world) == "SUSPENDED"
    assert await DB.value("SELECT state FROM provider WHERE id = $1", world["vol"].provider) == "SUSPENDED"
    for key in ("sup", "prv", "cit"):
        await service_vetting.take_step(world.viewer(key), volunteer, "cleared", GOOD, now=clock.now())
    assert await _state(world) == "ACTIVE"
    assert await DB.value("SELECT state FROM provider WHERE id = $1", world["vol"].provider) == "VERIFIED"


def test_the_table_names_who_plays_which_part() -> None:
    assert {actor for step in MACHINE.steps for actor in step.actors} == {*ACTOR_ROLES, "SYS"}
    assert actor_for("APPLIED", "silent", next(iter(ACTOR_ROLES["REVIEWER"]))) is None
    assert events_for("APPLIED", next(iter(ACTOR_ROLES["REVIEWER"]))) == (
        "documents_incomplete",
        "credential_verified",
        "false_document",
    )


async def test_the_pages_walk_an_applicant_to_work(app: Litestar, world: World, clock: MovableClock) -> None:
    await _put(world, "APPLIED", sessions=0)
    path = f"/vetting/{world['vol'].person}"
    today = local_day(clock.now()).isoformat()

    async def step(key: str, event: str, status: int = 303, **data: str) -> str:
        async with Visitor(app, world[key]) as visitor:
            assert (await visitor.get(path)).status_code == 200
            answer = await visitor.post(f"{path}/steps/{event}", data)
            assert answer.status_code == status, answer.text
            return answer.text

    assert "核实的" in await step("rev", "credential_verified", 422)
    await step("rev", "documents_incomplete", reason="缺证书照片")
    async with Visitor(app, world["vol"]) as volunteer:
        mine = await volunteer.get("/vetting/me")
        assert "材料已补齐" in mine.text
        assert (await volunteer.post(f"{path}/steps/documents_complete")).headers["location"] == "/vetting/me"
        assert (await volunteer.get("/vetting")).status_code == 403
    await step("rev", "credential_verified", reason="官网核对编号")
    await step("cit", "request_check")
    await step("cit", "check_clear", checked_on=today, reference="R-7")
    await step("sup", "interview_pass")
    await step("exp", "interview_pass")
    await step("cit", "training_pass", ethics="85", crisis="85", minors="85", platform="85")
    async with Visitor(app, world["sup"]) as supervisor:
        for _ in range(3):
            assert (await supervisor.post(f"{path}/supervised")).status_code == 303
        assert (await supervisor.get("/vetting?state=PROBATION")).status_code == 200
        assert (await supervisor.post(f"{path}/steps/nonsense")).status_code == 404
    await step("sup", "supervisor_ok")
    async with Visitor(app, world["vol"]) as volunteer:
        assert (await volunteer.post("/vetting/me/pause", {"paused": "yes"})).status_code == 303
        assert "回来服务" in (await volunteer.get("/vetting/me")).text
        await volunteer.post("/vetting/me/pause", {"paused": "no"})
    async with Visitor(app, world["cit"]) as city:
        assert (await city.post(f"{path}/check", {"result": "CLEAR"})).status_code == 422
        done = await city.post(f"{path}/check", {"result": "CLEAR", "checked_on": today})
        assert done.status_code == 303
    async with Visitor(app, world["sch"]) as school, Visitor(app, world["cit2"]) as elsewhere:
        assert (await school.get(path)).status_code == 404
        assert (await elsewhere.get(path)).status_code == 404
        assert (await elsewhere.get("/vetting")).status_code == 200
    async with Visitor(app, world["stu"]) as student:
        assert (await student.get("/vetting")).status_code == 403
        assert (await student.get("/vetting/me")).status_code == 404
        assert (await student.post("/vetting/me/pause")).status_code == 404


async def test_nobody_decides_about_themselves(world: World, clock: MovableClock) -> None:
    volunteer = world["vol"]
    await _put(world, "APPLIED")
    reviewer = world.viewer("rev")
    both = Viewer(
        account_id=volunteer.account,
        person_id=volunteer.person,
        hat=reviewer.hat,
        hats=reviewer.hats,
        second_factor=True,
    )
    with pytest.raises(Refusal):
        await service_vetting.take_step(both, volunteer.person, "credential_verified", GOOD, now=clock.now())
