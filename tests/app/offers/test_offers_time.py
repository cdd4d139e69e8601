"""Places and time: the last place goes once, what is over ends, owners are reminded before."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.kit.outbox import Fact
from app.offers import jobs, queries, service, service_clock, service_places
from app.offers.errors import NoPlaceLeft, StillRunning, VerificationOver
from tests.support.offers import published
from tests.support.world import World


async def state_of(offer_id: UUID) -> str:
    offer = await queries.facts(offer_id)
    assert offer is not None
    return offer.state


async def facts_about(offer_id: UUID) -> list[str]:
    rows = await DB.rows("SELECT kind FROM outbox_fact WHERE subject_id = $1 ORDER BY created_at, id", offer_id)
    return [row["kind"] for row in rows]


async def test_the_last_place_makes_an_offer_full_and_a_free_one_opens_it(world: World) -> None:
    offer_id = await published(world, headcount="2")
    assert (await service_places.take_place(offer_id, now=world.now)).state == "PUBLISHED"
    assert (await service_places.take_place(offer_id, now=world.now)).state == "FULL"
    with pytest.raises(NoPlaceLeft) as refused:
        await service_places.take_place(offer_id, now=world.now)
    assert refused.value.status == 409
    assert await queries.published_of_kind("INTERN", now=world.now) == []
    assert (await service_places.free_place(offer_id, now=world.now)).state == "PUBLISHED"
    assert (await facts_about(offer_id))[-3:] == ["offer.published", "offer.gone", "offer.published"]
    offer = await queries.facts(offer_id)
    assert offer is not None
    assert (offer.used, offer.remaining) == (1, 1)


async def test_giving_back_never_goes_below_nothing(world: World) -> None:
    offer_id = await published(world)
    assert (await service_places.free_place(offer_id, now=world.now)).used == 0


@pytest.mark.parametrize("change", ["PAUSED", "over"])
async def test_no_place_of_what_is_paused_or_over(world: World, change: str) -> None:
    offer_id = await published(world)
    if change == "PAUSED":
        await service.pause(world.viewer("cit"), offer_id, now=world.now)
        later = world.now
    else:
        later = world.now + timedelta(days=61)
    with pytest.raises(NoPlaceLeft, match="下架"):
        await service_places.take_place(offer_id, now=later)


async def test_a_paused_offer_comes_back_full_when_its_places_are_taken(world: World) -> None:
    offer_id = await published(world, headcount="1")
    await DB.rows("UPDATE offer SET used = 1 WHERE id = $1", offer_id)
    await service.pause(world.viewer("emp"), offer_id, now=world.now)
    await service.resume(world.viewer("emp"), offer_id, now=world.now)
    assert await state_of(offer_id) == "FULL"


async def test_a_paused_offer_stays_paused_when_its_verification_is_over(world: World) -> None:
    offer_id = await published(world, days="400")
    await service.pause(world.viewer("cit"), offer_id, now=world.now)
    with pytest.raises(VerificationOver):
        await service.resume(world.viewer("cit"), offer_id, now=world.now + timedelta(days=181))


async def test_an_offer_with_students_is_handed_over_before_it_is_withdrawn(world: World) -> None:
    offer_id = await published(world)
    await service_places.take_place(offer_id, now=world.now)
    with pytest.raises(StillRunning):
        await service.withdraw(world.viewer("cit"), offer_id, now=world.now)
    await service.withdraw(world.viewer("cit"), offer_id, now=world.now, handed_over=True)
    assert await state_of(offer_id) == "ARCHIVED"


async def test_the_end_date_ends_an_offer_by_the_clock_and_a_year_later_it_is_archived(
    world: World, clock: MovableClock
) -> None:
    offer_id = await published(world)
    clock.move(days=60)
    assert await service_clock.expire(now=clock.now()) == 0
    clock.move(days=1)
    assert await service_clock.expire(now=clock.now()) == 1
    assert await service_clock.expire(now=clock.now()) == 0
    assert await state_of(offer_id) == "EXPIRED"
    told = await DB.rows("SELECT text FROM notification WHERE account_id = $1 ORDER BY id", world["emp"].account)
    assert told[-1]["text"] == "您发布的信息状态有变化，请登录查看。"
    clock.move(days=366)
    assert await service_clock.archive(now=clock.now()) == 1
    assert await state_of(offer_id) == "ARCHIVED"


async def test_a_home_is_verified_again_after_ninety_days(world: World) -> None:
    offer_id = await published(world, "HOUSE", days="365")
    await service_clock.expire(now=world.now + timedelta(days=90))
    assert await state_of(offer_id) == "PUBLISHED"
    await service_clock.expire(now=world.now + timedelta(days=91))
    assert await state_of(offer_id) == "EXPIRED"


async def test_a_counsellor_is_published_no_longer_than_the_credential_holds(world: World) -> None:
    last = world.now.date() + timedelta(days=20)
    await DB.rows("UPDATE volunteer_profile SET credential_expiry = $1", last)
    offer = await queries.facts(await published(world, "COUNSEL"))
    assert offer is not None
    assert offer.verified_until == last


async def test_owners_are_reminded_sixty_thirty_and_seven_days_before_and_once_a_day(world: World) -> None:
    await published(world, days="100")
    reminded = [
        days
        for days in range(101)
        if await service_clock.remind(now=world.now + timedelta(days=days))
        + await service_clock.remind(now=world.now + timedelta(days=days))
    ]
    assert reminded == [40, 70, 93]
    told = await DB.rows("SELECT template, count(*)::int AS n FROM notification GROUP BY 1")
    assert {row["template"]: row["n"] for row in told}["offer.ending"] >= 3


async def test_the_ticks_do_it_all(world: World) -> None:
    offer_id = await published(world)
    fact = Fact(offer_id, "tick.night", None, {}, world.now)
    await jobs.expire(fact, world.now + timedelta(days=61))
    await jobs.night(fact, world.now + timedelta(days=61 + 366))
    assert await state_of(offer_id) == "ARCHIVED"
    await jobs.provider_revoked(fact, world.now)


async def test_two_people_at_the_last_place(database: str, clock: MovableClock) -> None:
    """Two real connections accept the last place at the same moment: one gets it, one gets the refusal."""
    assert database
    offer_id = await DB.value(
        """
        INSERT INTO offer (id, no, provider_id, type, title, region_code, capacity, used, valid_from, valid_to, state)
        VALUES (gen_random_uuid(), 'O-RACE', gen_random_uuid(), 'INTERN', '抢最后一个名额', '440604', 1, 0, $1, $2,
                'PUBLISHED') RETURNING id
        """,
        clock.now().date(),
        clock.now().date() + timedelta(days=5),
    )
    try:
        outcome = await asyncio.gather(
            *(service_places.take_place(offer_id, now=clock.now()) for _ in range(5)), return_exceptions=True
        )
        assert sum(isinstance(one, NoPlaceLeft) for one in outcome) == 4
        assert await DB.value("SELECT used FROM offer WHERE id = $1", offer_id) == 1
    finally:
        await DB.rows("DELETE FROM outbox_fact WHERE subject_id = $1", offer_id)
        await DB.rows("DELETE FROM offer WHERE id = $1", offer_id)
        await DB.rows("DELETE FROM outbox_delivery WHERE fact_id NOT IN (SELECT id FROM outbox_fact)")
