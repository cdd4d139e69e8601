"""J03: a seconded cadre brings internships (route C); one student goes, two minors are kept out."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.ledger import queries as ledger
from app.matches import queries, service, service_progress
from app.matches.errors import AgreementIncomplete
from app.matches.queries import MatchFacts
from app.needs.errors import NotForThisAge
from tests.support.matching import fresh, need_state, only_match, opened
from tests.support.offers import published, submitted
from tests.support.visitor import Visitor
from tests.support.world import World

TEXT = "想找一个寒假实习，边学边练。"


async def _guardian(world: World, key: str, now: datetime) -> None:
    await DB.rows(
        """
        INSERT INTO guardian_link (id, created_at, updated_at, version, data_class, legal_basis, student_person_id,
            guardian_person_id, relation, proof, verified_at, state, contact_allowed, consented_at)
        VALUES (gen_random_uuid(), $3, $3, 1, 'L3', 'duty', $1, $2, 'MO', 'SCHOOL_RECORD', $3, 'ACTIVE', 'YES', $3)
        """,
        world[key].person,
        world["gua"].person,
        now,
    )


async def _wants(world: World, now: datetime, key: str) -> UUID:
    return await opened(world, now, key, sub="EM1", text=TEXT, slots=(), gender_pref="N", region_code="440604")


async def test_the_cadre_who_brought_the_offer_may_not_pass_it(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    sent = await submitted(world, "INTERN", "cit")
    async with Visitor(app, world["cit"]) as cadre:
        refused = await cadre.post(f"/review/offers/{sent.offer_id}/pass")
    assert refused.status_code == 403
    assert clock.now() == world.now


async def test_a_university_student_goes_and_the_duty_counts_after_her_word(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    offer_id = await published(world, "INTERN", "cit")
    need_id = await _wants(world, clock.now(), "adult")
    await run_everything(clock.now())
    match = await only_match(need_id)
    async with Visitor(app, world["adult"]) as wang, Visitor(app, world["emp"]) as employer:
        await wang.post(f"/matches/{match.id}/accept", {"agree": "yes"})
        await employer.post(f"/requests/{match.id}/accept")
        page = await employer.get(f"/matches/{match.id}")
        assert "还缺少：协议签订日期" in page.text
        half = await employer.post(f"/matches/{match.id}/agreement", {"signed_on": "2026-12-01"})
        assert half.status_code == 409
        assert "学校同意" in half.text
        whole = {"signed_on": "2026-12-01", "start": "2026-12-14", "school_approved": "yes"}
        assert (await employer.post(f"/matches/{match.id}/agreement", whole)).status_code == 303
        assert (await fresh(match)).state == "SCHEDULED"
        clock.set(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
        await employer.post(f"/matches/{match.id}/start")
        assert await need_state(need_id) == "IN_SERVICE"
        clock.move(days=10)
        await employer.post(f"/matches/{match.id}/finish", {"result": "完成实习，表现很好"})
        await run_everything(clock.now())
        [before] = (await ledger.my_duty(world.viewer("cit"), now=clock.now())).records
        assert (before.state, before.route, before.helper_person) == ("CLAIMED", "C", world["cit"].person)
        assert not (await ledger.my_duty(world.viewer("cit"), now=clock.now())).done
        await wang.post(f"/my-help/{need_id}/confirm", {"satisfaction": "5"})
        await run_everything(clock.now())
    duty = await ledger.my_duty(world.viewer("cit"), now=clock.now())
    assert (duty.done, duty.route) == (True, "C")
    assert await DB.value("SELECT used FROM offer WHERE id = $1", offer_id) == 0
    async with Visitor(app, world["cit"]) as cadre:
        page = await cadre.get("/duty")
        assert page.status_code == 200
        assert "学生已确认" in page.text
        assert (await cadre.get("/work")).status_code == 200


async def test_somebody_of_15_in_the_first_year_never_gets_an_internship(world: World, clock: MovableClock) -> None:
    await published(world, "INTERN", "cit")
    await world.student("li", "示例李同学", "school", birth=date(2011, 9, 1), stage="SV", grade_year=1)
    with pytest.raises(NotForThisAge):
        await _wants(world, clock.now(), "li")
    await run_everything(clock.now())
    assert await DB.value("SELECT count(*) FROM match WHERE student_id = $1", world["li"].person) == 0


async def _confirmed_minor(world: World, clock: MovableClock) -> MatchFacts:
    await published(world, "INTERN", "cit")
    await world.student("zhao", "示例赵同学", "school", birth=date(2009, 8, 1), stage="SV", grade_year=2)
    await _guardian(world, "zhao", clock.now())
    await DB.rows(
        "UPDATE provider SET contact_checked_at = $2 WHERE id = $1",
        world.orgs["emp.provider"],
        clock.now() - timedelta(days=5),
    )
    need_id = await _wants(world, clock.now(), "zhao")
    await run_everything(clock.now())
    match = await only_match(need_id)
    await service.student_accepts(world.viewer("zhao"), match.id, now=clock.now(), agree=True)
    return await service.provider_accepts(world.viewer("emp"), match.id, now=clock.now())


async def test_at_17_school_guardian_and_checklist_stand_before_the_start(world: World, clock: MovableClock) -> None:
    match = await _confirmed_minor(world, clock)
    start = clock.now() + timedelta(days=21)
    entries = {"signed_on": "2026-12-01", "start": "2026-12-14"}
    missing = await service_progress.note_agreement(world.viewer("emp"), match.id, entries, now=clock.now())
    assert missing == ("学校同意", "监护人书面同意", "未成年工保护清单")
    with pytest.raises(AgreementIncomplete) as refused:
        await service_progress.sign(world.viewer("emp"), match.id, now=clock.now(), start=start)
    assert "监护人书面同意" in refused.value.said
    with pytest.raises(AgreementIncomplete):
        await service_progress.schedule(world.viewer("emp"), match.id, now=clock.now(), start=start)
    rest = {"school_approved": "yes", "guardian_consent": "yes", "labour_checklist": "yes"}
    assert await service_progress.note_agreement(world.viewer("emp"), match.id, rest, now=clock.now()) == ()
    moved = await service_progress.sign(world.viewer("emp"), match.id, now=clock.now(), start=start)
    assert (moved.state, moved.next_at) == ("SCHEDULED", start)
    assert (await queries.find(match.id)) == moved
