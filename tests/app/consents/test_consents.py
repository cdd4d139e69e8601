"""Consents: versioned texts, given and withdrawn, refused where they are missing."""

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from app.consents import queries, rules_texts, service
from app.consents.errors import ConsentNeeded, NotYoursToGive, RecipientNeeded
from app.consents.rules import PURPOSES, TEXTS, giver
from app.consents.rules_texts import ConsentText
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.viewer import NOBODY, SYSTEM
from tests.support.visitor import Visitor
from tests.support.world import World


def test_every_purpose_has_a_text_with_version_items_and_what_a_withdrawal_does() -> None:
    assert list(TEXTS) == [f"P{number:02}" for number in range(1, 12)] == list(PURPOSES)
    for text in TEXTS.values():
        assert text.version
        assert text.items
        assert text.after
        assert len(text.text) < 160
        assert text.label == PURPOSES[text.purpose]


def test_who_may_speak_for_whom() -> None:
    assert giver(14, is_subject=True, is_guardian=False) == "SELF"
    assert giver(13, is_subject=True, is_guardian=False) is None
    assert giver(13, is_subject=False, is_guardian=True) == "GUARDIAN"
    assert giver(17, is_subject=False, is_guardian=True) == "GUARDIAN"
    assert giver(18, is_subject=False, is_guardian=True) is None


async def test_a_verb_that_needs_a_consent_refuses_and_says_which(world: World, clock: MovableClock) -> None:
    student = world["stu"]
    with pytest.raises(ConsentNeeded) as refused:
        await service.require_consent(student.person, "P03", now=clock.now())
    assert refused.value.status == 409
    assert refused.value.href == "/consents?need=P03"
    assert "心理倾听与咨询" in refused.value.said
    made = await service.give(student.viewer, student.person, ["P03", "P03"], now=clock.now())
    assert await service.require_consent(student.person, "P03", now=clock.now()) == made[0]
    assert await service.give(student.viewer, student.person, ["P03"], now=clock.now()) == made
    assert await queries.given(student.person, now=clock.now()) == {"P03"}
    await service.withdraw(student.viewer, made[0], now=clock.now())
    assert await queries.given(student.person, now=clock.now()) == frozenset()
    facts = await DB.rows("SELECT subject_id, payload FROM outbox_fact WHERE kind = 'consent.withdrawn'")
    assert facts[0]["subject_id"] == student.person
    assert '"P03"' in facts[0]["payload"]
    assert await DB.value("SELECT withdraw_effect_done_at IS NOT NULL FROM consent WHERE id = $1", made[0])


async def test_a_new_text_is_a_new_consent(world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    student = world["stu"]
    first = await service.give(student.viewer, student.person, ["P09"], now=clock.now())
    old = TEXTS["P09"]
    newer = ConsentText(purpose="P09", version="2027-01", text=old.text, items=old.items, after=old.after)
    monkeypatch.setitem(rules_texts.TEXTS, "P09", newer)
    second = await service.give(student.viewer, student.person, ["P09"], now=clock.now())
    assert first != second
    versions = [line.text_version for line in await queries.of_subject(student.person)]
    assert versions == ["2027-01", "2026-09"]


async def test_giving_data_to_somebody_names_them(world: World, clock: MovableClock) -> None:
    student, one, other = world["stu"], new_id(), new_id()
    with pytest.raises(RecipientNeeded):
        await service.give(student.viewer, student.person, ["P06"], now=clock.now())
    with pytest.raises(RecipientNeeded):
        await service.give(student.viewer, student.person, ["P02"], now=clock.now(), recipient=one)
    made = await service.give(
        student.viewer, student.person, ["P06"], now=clock.now(), recipient=one, items=["姓名", "手机"]
    )
    await service.require_consent(student.person, "P06", now=clock.now(), recipient=one)
    with pytest.raises(ConsentNeeded):
        await service.require_consent(student.person, "P06", now=clock.now(), recipient=other)
    assert await queries.consent_id(student.person, "P06", one) == made[0]
    await service.withdraw(student.viewer, made[0], now=clock.now())
    done = "SELECT withdraw_effect_done_at FROM consent WHERE id = $1"
    assert await DB.value(done, made[0]) is None
    await service.effect_done(made[0], now=clock.now())
    assert await DB.value(done, made[0]) == clock.now()


async def test_nobody_speaks_for_a_student_without_a_right_to(world: World, clock: MovableClock) -> None:
    child, student = world["child"], world["stu"]
    tries: list[tuple[Any, Any, str]] = [
        (child.viewer, child.person, "TAP"),
        (world.viewer("gua"), child.person, "TAP"),
        (world.viewer("adult"), student.person, "TAP"),
        (world.viewer("sch"), student.person, "TAP"),
        (world.viewer("sch2"), student.person, "SIGNATURE"),
        (NOBODY, student.person, "TAP"),
        (world.viewer("sch"), child.person, "PAPER_SCAN"),
        (world.viewer("sch"), world["emp"].person, "SIGNATURE"),
    ]
    for viewer, subject, method in tries:
        with pytest.raises(NotYoursToGive):
            await service.give(viewer, subject, ["P02"], now=clock.now(), method=method)
    made = await service.give(world.viewer("sch"), student.person, ["P02"], now=clock.now(), method="SIGNATURE")
    row = (await DB.rows("SELECT given_by, given_by_person, method FROM consent WHERE id = $1", made[0]))[0]
    assert (row["given_by"], row["given_by_person"], row["method"]) == ("SELF", student.person, "SIGNATURE")
    assert await service.give(SYSTEM, student.person, ["P01"], now=clock.now())
    assert await service.give(world.viewer("emp"), world["emp"].person, ["P11"], now=clock.now())


async def test_the_page_gives_and_takes_back_with_one_tap(app: Litestar, world: World) -> None:
    async with Visitor(app, world["stu"]) as visitor:
        page = (await visitor.get("/consents?need=P03")).text
        assert "这一步需要" in page
        assert page.index('id="P03"') < page.index('id="P01"')
        assert (await visitor.post("/consents/P03/give")).status_code == 303
        assert (await visitor.post("/consents/P99/give")).status_code == 404
        assert "文本版本 2026-09" in (await visitor.get("/consents")).text
        consent = await DB.value("SELECT id FROM consent WHERE purpose = 'P03'")
        async with Visitor(app, world["adult"]) as other:
            assert (await other.post(f"/consents/{consent}/withdraw")).status_code == 404
            assert (await other.get(f"/consents?subject={world['stu'].person}")).status_code == 403
            assert (await other.get("/consents?subject=x")).status_code == 404
        assert (await visitor.post(f"/consents/{consent}/withdraw")).status_code == 303
        assert "撤回" in (await visitor.get("/consents")).text
        assert (await visitor.get("/consents/texts/P09")).status_code == 200
        assert (await visitor.get("/consents/texts/P99")).status_code == 404


async def test_taking_back_registration_closes_the_account(app: Litestar, world: World, clock: MovableClock) -> None:
    student = world["stu"]
    made = await service.give(student.viewer, student.person, ["P01"], now=clock.now())
    async with Visitor(app, student) as visitor:
        assert (await visitor.post(f"/consents/{made[0]}/withdraw")).status_code == 303
        assert (await visitor.get("/account")).status_code == 303


async def test_an_expired_consent_does_not_count(world: World, clock: MovableClock) -> None:
    student = world["stu"]
    made = await service.give(student.viewer, student.person, ["P02"], now=clock.now())
    await DB.rows("UPDATE consent SET expires_at = $2 WHERE id = $1", made[0], clock.now() + timedelta(days=1))
    await service.require_consent(student.person, "P02", now=clock.now())
    clock.move(days=1)
    with pytest.raises(ConsentNeeded):
        await service.require_consent(student.person, "P02", now=clock.now())
