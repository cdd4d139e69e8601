"""A match from proposal to completion, through the verbs on a real database."""

from datetime import timedelta

from app.kit.clock import MovableClock
from app.kit.outbox import run_everything
from app.ledger import queries as ledger
from app.matches import queries
from app.needs import service as needs
from tests.support.matching import completed, need_state, proposed
from tests.support.world import World


async def test_a_need_that_is_approved_gets_a_proposal_with_its_reasons(world: World, clock: MovableClock) -> None:
    match = await proposed(world, clock.now())
    assert match.state == "PROPOSED"
    assert match.deadline_at == clock.now() + timedelta(hours=72)
    assert [part.label for part in match.parts] == [
        "内容对口", "时间合适", "距离", "语言", "名额", "近期安排", "以往评价",
    ]  # fmt: skip
    assert match.score > 80
    run = await queries.last_run(match.need_id)
    assert run is not None
    assert run.offers_seen == 1


async def test_help_that_was_given_is_confirmed_and_counts(world: World, clock: MovableClock) -> None:
    match = await completed(world, clock.now())
    assert match.state == "COMPLETED"
    assert await need_state(match.need_id) == "TO_CONFIRM"
    assert match.ended_at is not None
    now = match.ended_at
    await run_everything(now)
    [record] = await ledger.of_need(match.need_id)
    assert (record.state, record.field, record.helper_person) == ("CLAIMED", "PS", world["vol"].person)
    await needs.confirm(world.viewer("stu"), match.need_id, 5, now=now)
    await run_everything(now)
    [record] = await ledger.of_need(match.need_id)
    assert (record.state, record.confirmed_by, record.satisfaction) == ("VERIFIED", "STUDENT", 5)
    assert await need_state(match.need_id) == "SOLVED"
