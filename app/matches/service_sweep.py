"""Runs over many needs: after a new offer, every fifteen minutes, and the whole province at night."""

from datetime import datetime
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.matches import queries, service_build, service_runs
from app.matches.rules import MOST_OPEN
from app.matches.service_build import POLICY
from app.matches.service_propose import propose_many, propose_pair
from app.needs import queries as needs
from app.needs.queries import NeedFacts
from app.offers import queries as offers
from app.offers.kinds import KINDS
from matching.eligibility import judge, may_exist
from matching.enquiry import enquire

NEW_OFFER_REACHES = 200
"""At most this many waiting needs are looked at again when one offer appears; the sweep reaches the rest."""


async def for_offer(offer_id: UUID, *, now: datetime, cause: str) -> int:
    """Propose again for the open needs that a new or changed offer could serve."""
    offer = await offers.facts(offer_id)
    if offer is None or offer.state != "PUBLISHED":
        return 0
    built = (await service_build.offers_for([offer], now)).get(offer_id)
    if built is None:
        return 0
    waiting = await _with_room(await needs.open_of_kind(offer.type))
    requests = await service_build.requests_for(waiting, now)
    fitting = [
        need
        for need in waiting
        if need.id in requests
        and may_exist(
            judge(
                enquire(requests[need.id], today=local_day(now), now=now, widen=need.escalation, policy=POLICY), built
            )
        )
    ]
    return await propose_many(fitting[:NEW_OFFER_REACHES], now=now, cause=cause)


async def sweep(*, now: datetime, cause: str = "SWEEP") -> int:
    """Propose for every open need that has fewer than three open proposals."""
    made = 0
    for kind in KINDS:
        made += await propose_many(await _with_room(await needs.open_of_kind(kind)), now=now, cause=cause)
    return made


async def night(*, now: datetime) -> int:
    """Run over everybody who waits here and now: solve, propose the pairs found best, then fill up to three.

    The service itself spreads a run over jobs (`jobs_runs`); this is the same run in one go, for demo and tests.
    """
    made = 0
    batch_id = await service_runs.begin("NIGHT", now=now)
    if batch_id is not None:
        await service_runs.split(batch_id, now=now)
        for component_id in await service_runs.components_of(batch_id, "WAITING"):
            await service_runs.solve(component_id, now=now)
        for component_id in await service_runs.components_of(batch_id, "DONE"):
            made += await planned(component_id, now=now)
        await service_runs.close(batch_id, now=now)
    return made + await sweep(now=now, cause="NIGHT")


async def planned(component_id: UUID, *, now: datetime) -> int:
    """Propose the pairs a component found best, as far as needs and offers are still as it saw them."""
    made = 0
    rows = await DB.rows(
        """
        SELECT need_id, offer_id, need_version, offer_version FROM match_plan
        WHERE component_id = $1 ORDER BY need_id
        """,
        component_id,
    )
    for row in rows:
        made += await propose_pair(**row, now=now)
    return made


async def _with_room(listed: list[NeedFacts]) -> list[NeedFacts]:
    past = await queries.histories(need.id for need in listed)
    return [
        need
        for need in listed
        if need.id not in past or (past[need.id].waiting < MOST_OPEN and not past[need.id].taken)
    ]
