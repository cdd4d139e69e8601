"""A birthday at which gates open or close (domain 4): proposals that no longer fit lapse, new ones are looked for."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.matches import queries, service_build, service_propose
from app.matches.queries import MatchFacts
from app.matches.service_build import POLICY
from app.matches.service_steps import end, lock
from app.needs import queries as needs
from app.offers import queries as offers
from matching.eligibility import judge, may_exist
from matching.enquiry import enquire


async def gate_again(student_id: UUID, *, now: datetime) -> int:
    """Let open proposals lapse that this birthday has made impossible, then propose again; returns how many lapsed.

    Only what the age alone has closed lapses: the pair fitted at the age before and does not fit now.
    """
    lapsed = 0
    for match in await queries.live_where("student_id", student_id):
        if match.state == "PROPOSED" and await _too_old(match, now):
            async with DB.transaction():
                lapsed += await end(await lock(match.id), "age", now=now) is not None
    for need_id in await needs.open_ids_of(student_id):
        await service_propose.propose(need_id, now=now, cause="BIRTHDAY")
    return lapsed


async def _too_old(match: MatchFacts, now: datetime) -> bool:
    need, offer = await needs.facts(match.need_id), await offers.facts(match.offer_id)
    if need is None or offer is None:
        return False
    built = (await service_build.offers_for([offer], now)).get(offer.id)
    request = (await service_build.requests_for([need], now)).get(need.id)
    if built is None or request is None or request.age is None:
        return False
    present = msgspec.structs.replace(request, open_offer_ids=frozenset())
    younger = msgspec.structs.replace(present, age=request.age - 1)
    today, widen = local_day(now), need.escalation
    fitted, fits = (
        may_exist(judge(enquire(one, today=today, now=now, widen=widen, policy=POLICY), built))
        for one in (younger, present)
    )
    return fitted and not fits
