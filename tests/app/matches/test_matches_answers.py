"""Answers, time limits and everything that ends a match from outside."""

from datetime import timedelta

import pytest

from app.consents import service as consents
from app.consents.errors import ConsentNeeded
from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.outbox import record, run_everything
from app.matches import queries, service, service_cascades, service_progress
from app.matches.errors import (
    GuardianMissing,
    NotInvited,
    OfferDoesNotFit,
    TooLateToCancel,
    WaitingAlready,
)
from app.needs import service as needs
from app.needs import service_progress as needs_progress
from app.offers import service_places
from app.offers.errors import NoPlaceLeft
from tests.support.matching import (
    accepted,
    confirmed,
    counsellor,
    fresh,
    matches_of,
    need_state,
    only_match,
    opened,
    proposed,
    running,
    scheduled,
)
from tests.support.offers import published
from tests.support.world import World


async def test_accepting_needs_the_consent_to_tell_this_provider(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    with pytest.raises(ConsentNeeded):
        await service.student_accepts(world.viewer("stu"), match.id, now=clock.now())
    await consents.give(world.viewer("stu"), match.student_id, ("P06",), now=clock.now(), recipient=match.provider_id)
    match = await service.student_accepts(world.viewer("stu"), match.id, now=clock.now())
    assert match.state == "S_ACCEPTED"
    assert match.shared_fields == ("name", "phone", "window")
    assert match.consent_id is not None
    assert match.deadline_at == clock.now() + timedelta(hours=48)


async def test_only_the_two_sides_may_answer(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    await world.volunteer("vol2", "示例志愿者B")
    with pytest.raises(NotFound):
        await service.student_accepts(world.viewer("adult"), match.id, now=clock.now(), agree=True)
    with pytest.raises(NotInvited):
        await service.provider_accepts(world.viewer("vol"), match.id, now=clock.now())
    await service.student_accepts(world.viewer("stu"), match.id, now=clock.now(), agree=True)
    with pytest.raises(NotFound):
        await service.provider_accepts(world.viewer("vol2"), match.id, now=clock.now())


async def test_a_declined_pair_is_never_proposed_again_and_the_next_follows(world: World, clock: MovableClock) -> None:
    first = await accepted(world, clock.now())
    await world.volunteer("vol2", "示例志愿者B")
    await service.provider_declines(world.viewer("vol"), first.id, "DC01", now=clock.now())
    second = await counsellor(world, "vol2", title="傍晚时段的陪伴与倾听")
    await run_everything(clock.now())
    assert await matches_of(first.need_id) == {str(first.offer_id): "P_DECLINED", str(second): "PROPOSED"}
    strikes = await DB.value("SELECT strikes FROM provider WHERE id = $1", first.provider_id)
    assert strikes == 0
    with pytest.raises(OfferDoesNotFit) as refused:
        await service.choose_offer(world.viewer("stu"), first.need_id, first.offer_id, now=clock.now())
    assert "没有选成" in refused.value.said


async def test_one_acceptance_waits_at_a_time_and_confirming_lapses_the_others(
    world: World, clock: MovableClock
) -> None:
    await world.volunteer("vol2", "示例志愿者B", languages=("YUE", "PTH"))
    await counsellor(world, "vol2", title="傍晚时段的陪伴与倾听")
    await counsellor(world)
    need_id = await opened(world, clock.now())
    await run_everything(clock.now())
    first, second = await queries.live_where("need_id", need_id)
    await service.student_accepts(world.viewer("stu"), first.id, now=clock.now(), agree=True)
    with pytest.raises(WaitingAlready):
        await service.student_accepts(world.viewer("stu"), second.id, now=clock.now(), agree=True)
    who = next(key for key in ("vol", "vol2") if world[key].provider == first.provider_id)
    await service.provider_accepts(world.viewer(who), first.id, now=clock.now())
    assert (await fresh(second)).state == "LAPSED"
    assert (await fresh(second)).ended_reason == "other_chosen"
    assert await need_state(need_id) == "MATCHED"


async def test_unanswered_proposals_lapse_after_72_and_48_hours(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    clock.move(hours=71, minutes=59)
    assert await service_cascades.lapse_overdue(clock.now()) == 0
    clock.move(minutes=1)
    assert await service_cascades.lapse_overdue(clock.now()) == 1
    assert (await fresh(match)).state == "LAPSED"
    await run_everything(clock.now())
    assert await queries.live_where("need_id", match.need_id) == []


async def test_a_silent_provider_lapses_after_48_hours(world: World, clock: MovableClock) -> None:
    match = await accepted(world, clock.now())
    clock.move(hours=48)
    async with DB.transaction():
        await record("tick.minute", None, now=clock.now())
    await run_everything(clock.now())
    assert (await fresh(match)).ended_reason == "no_answer"


async def test_a_confirmed_match_holds_a_place_until_it_ends(world: World, clock: MovableClock) -> None:
    match = await confirmed(world, clock.now())
    assert await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id) == 1
    await service_progress.cancel(world.viewer("stu"), match.id, now=clock.now())
    assert await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id) == 0
    need = await DB.rows("SELECT state, priority FROM need WHERE id = $1", match.need_id)
    assert need == [{"state": "OPEN", "priority": True}]
    await run_everything(clock.now())
    assert await queries.live_where("need_id", match.need_id) == [], "the earlier provider is excluded"


async def test_two_hours_before_it_is_too_late_to_cancel(world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    assert match.next_at is not None
    with pytest.raises(TooLateToCancel):
        await service_progress.cancel(world.viewer("vol"), match.id, now=match.next_at - timedelta(hours=1, minutes=59))
    moved = await service_progress.cancel(world.viewer("vol"), match.id, now=match.next_at - timedelta(hours=2))
    assert (moved.state, moved.ended_reason) == ("CANCELLED", "cancelled_p")
    assert await DB.value("SELECT state FROM service_session WHERE match_id = $1", match.id) == "CANCELLED"


async def test_a_full_offer_refuses_the_late_one_and_ends_with_dc05(world: World, clock: MovableClock) -> None:
    match = await accepted(world, clock.now())
    for _ in range(4):
        await service_places.take_place(match.offer_id, now=clock.now())
    with pytest.raises(NoPlaceLeft):
        await service.provider_accepts(world.viewer("vol"), match.id, now=clock.now())
    ended = await fresh(match)
    assert (ended.state, ended.decline_code, ended.ended_reason) == ("P_DECLINED", "DC05", "no_place")
    assert await need_state(match.need_id) == "OPEN"


async def test_withdrawing_the_need_ends_what_runs(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    await needs.withdraw(world.viewer("stu"), match.need_id, now=clock.now())
    await run_everything(clock.now())
    assert (await fresh(match)).state == "CANCELLED"
    assert await need_state(match.need_id) == "WITHDRAWN"
    assert await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id) == 0


async def test_a_case_terminates_with_neutral_words(world: World, clock: MovableClock) -> None:
    match = await running(world, clock.now())
    await needs_progress.professional_routes(world.viewer("vol"), match.need_id, "ORANGE", "需要跟进", now=clock.now())
    await run_everything(clock.now())
    ended = await fresh(match)
    assert (ended.state, ended.ended_reason) == ("TERMINATED", "elsewhere")


async def test_a_revoked_provider_is_stopped_everywhere(world: World, clock: MovableClock) -> None:
    match = await scheduled(world, clock.now())
    async with DB.transaction():
        await record("provider.revoked", match.provider_id, now=clock.now())
    await run_everything(clock.now())
    assert (await fresh(match)).state == "TERMINATED"
    assert await need_state(match.need_id) == "OPEN"
    care = await DB.value(
        "SELECT count(*) FROM notification WHERE template = 'care.check' AND account_id = $1", world["psy"].account
    )
    assert care == 1


@pytest.mark.parametrize("purpose", ["P06", "P03"])
async def test_a_withdrawn_consent_ends_the_match_and_frees_the_place(
    world: World, clock: MovableClock, purpose: str
) -> None:
    match = await confirmed(world, clock.now())
    consent_id = await DB.value(
        "SELECT id FROM consent WHERE subject_id = $1 AND purpose = $2 AND withdrawn_at IS NULL",
        match.student_id,
        purpose,
    )
    await consents.withdraw(world.viewer("stu"), consent_id, now=clock.now())
    await run_everything(clock.now())
    ended = await fresh(match)
    assert (ended.state, ended.ended_reason) == ("CANCELLED", "consent")
    done = await DB.value("SELECT withdraw_effect_done_at FROM consent WHERE id = $1", consent_id)
    assert done == clock.now()
    assert await DB.value("SELECT used FROM offer WHERE id = $1", match.offer_id) == 0


async def test_without_p09_nothing_is_proposed_but_the_student_may_choose(world: World, clock: MovableClock) -> None:
    offer_id = await counsellor(world)
    need_id = await opened(world, clock.now(), consents=frozenset({"P02", "P03"}))
    await run_everything(clock.now())
    assert await queries.live_where("need_id", need_id) == []
    match_id = await service.choose_offer(world.viewer("stu"), need_id, offer_id, now=clock.now())
    match = await queries.find(match_id)
    assert match is not None
    assert (match.state, match.origin) == ("PROPOSED", "STUDENT")
    assert await service.choose_offer(world.viewer("stu"), need_id, offer_id, now=clock.now()) == match_id
    with pytest.raises(NotFound):
        await service.choose_offer(world.viewer("adult"), need_id, offer_id, now=clock.now())


async def test_a_gender_wish_is_kept_even_when_the_student_picks(world: World, clock: MovableClock) -> None:
    await world.volunteer("man", "示例志愿者C", sex="M", languages=("YUE", "PTH"))
    offer_id = await counsellor(world, "man")
    need_id = await opened(world, clock.now())
    await run_everything(clock.now())
    assert await queries.live_where("need_id", need_id) == []
    run = await queries.last_run(need_id)
    assert run is not None
    assert run.refusals == {"GENDER_DIFFERENT": 1}
    assert run.hints
    with pytest.raises(OfferDoesNotFit) as refused:
        await service.choose_offer(world.viewer("stu"), need_id, offer_id, now=clock.now())
    assert "性别" in refused.value.said
    assert "性别都可以" in refused.value.next


async def test_an_offer_that_goes_takes_its_proposals_along(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    async with DB.transaction():
        await DB.rows("UPDATE offer SET state = 'PAUSED' WHERE id = $1", match.offer_id)
        await record("offer.gone", match.offer_id, now=clock.now(), state="PAUSED")
    await run_everything(clock.now())
    assert (await fresh(match)).state == "LAPSED"


async def test_an_invitation_may_be_accepted_first_by_the_provider(world: World, clock: MovableClock) -> None:
    await published(world, "INTERN", "cit")
    need_id = await opened(
        world, clock.now(), "adult", sub="EM1", text="想找一个寒假实习，时间都可以。", region_code="440604", slots=()
    )
    await run_everything(clock.now())
    match = await only_match(need_id)
    match = await service.provider_accepts(world.viewer("emp"), match.id, now=clock.now())
    assert match.state == "P_ACCEPTED"
    match = await service.student_accepts(world.viewer("adult"), match.id, now=clock.now(), agree=True)
    assert match.state == "CONFIRMED"


async def test_below_18_an_internship_needs_the_guardian(world: World, clock: MovableClock) -> None:
    offer_id = await published(world, "INTERN", "cit")
    need_id = await opened(world, clock.now(), "stu", sub="EM1", text="想找一个寒假实习。", slots=(), gender_pref="N")
    await run_everything(clock.now())
    assert await queries.live_where("need_id", need_id) == []
    with pytest.raises(OfferDoesNotFit) as refused:
        await service.choose_offer(world.viewer("stu"), need_id, offer_id, now=clock.now())
    assert "监护人" in refused.value.said
    assert GuardianMissing.status == 409


async def test_withdrawing_automatic_matching_lapses_what_the_system_proposed(
    world: World, clock: MovableClock
) -> None:
    match = await proposed(world, clock.now())
    consent_id = await DB.value("SELECT id FROM consent WHERE subject_id = $1 AND purpose = 'P09'", world["stu"].person)
    await consents.withdraw(world.viewer("stu"), consent_id, now=clock.now())
    await run_everything(clock.now())
    assert (await fresh(match)).state == "LAPSED"
    assert await queries.live_where("need_id", match.need_id) == []
    chosen = await service.choose_offer(world.viewer("stu"), match.need_id, match.offer_id, now=clock.now())
    assert chosen != match.id
