"""Runs over many needs: after a new offer, every fifteen minutes, and the whole province at night."""

import asyncio
from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.matches import queries, service_build
from app.matches.rules import MOST_OPEN
from app.matches.service_build import POLICY
from app.matches.service_propose import propose_many, propose_pair, supply
from app.needs import queries as needs
from app.needs.queries import NeedFacts
from app.offers import queries as offers
from app.offers.kinds import KINDS
from matching.eligibility import judge, may_exist
from matching.enquiry import enquire
from matching.model import Offer, Problem, Result
from matching.solvers.assignment import MOST_REQUESTS, assign

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
    """Serve everybody who waits at once, so that proposals do not pile up, then fill up to three."""
    made = 0
    for kind in KINDS:
        made += await _assign_kind(kind, now=now)
    return made + await sweep(now=now, cause="NIGHT")


async def _assign_kind(kind: str, *, now: datetime) -> int:
    """Give one proposal to each need that has none, by the exact assignment of the whole kind."""
    listed = (await needs.open_of_kind(kind))[:MOST_REQUESTS]
    past = await queries.histories(need.id for need in listed)
    bare = [
        need
        for need in listed
        if need.automatic and (need.id not in past or (not past[need.id].waiting and not past[need.id].taken))
    ]
    requests = await service_build.requests_for(bare, now)
    stock = await supply(kind, now)
    if not requests or not stock.built:
        return 0
    problem = Problem(
        requests=tuple(requests.values()),
        offers=await _with_proposals(stock.offers),
        today=local_day(now),
        now=now,
        policy=POLICY,
    )
    result: Result = await asyncio.to_thread(assign, problem)
    made = 0
    for one in result.assigned:
        made += await propose_pair(UUID(one.pair.need_id), UUID(one.pair.offer_id), now=now)
    return made


async def _with_proposals(built: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Count proposals that wait for an answer as used places, for this run only."""
    rows = await DB.rows(
        """
        SELECT offer_id, count(*)::int AS open FROM match
        WHERE offer_id = ANY($1::uuid[]) AND state IN ('PROPOSED', 'S_ACCEPTED', 'P_ACCEPTED') GROUP BY offer_id
        """,
        [UUID(offer.offer_id) for offer in built],
    )
    open_by_offer = {str(row["offer_id"]): row["open"] for row in rows}
    return tuple(
        msgspec.structs.replace(offer, used=min(offer.capacity, offer.used + open_by_offer.get(offer.offer_id, 0)))
        for offer in built
    )


async def _with_room(listed: list[NeedFacts]) -> list[NeedFacts]:
    past = await queries.histories(need.id for need in listed)
    return [
        need
        for need in listed
        if need.id not in past or (past[need.id].waiting < MOST_OPEN and not past[need.id].taken)
    ]
