"""Jobs propose, people decide: which offers a need is shown, with reasons kept for both (domain 9)."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.consents import queries as consents
from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.viewer import SYSTEM, Viewer
from app.matches import queries, queries_rulings, service_build, service_market
from app.matches.errors import OfferDoesNotFit, TooManyOpen
from app.matches.rules import MOST_OPEN, STUDENT_ANSWERS_WITHIN
from app.matches.rules_ranking import Looked, look
from app.matches.service_build import POLICY
from app.matches.service_market import Market
from app.matches.tables import Match, MatchRun
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.needs import service_steps as need_steps
from app.needs.queries import NeedFacts
from app.needs.rules import at_most_yellow
from app.offers import queries as offers
from app.offers.queries import OfferFacts
from matching.explain import Opening, explain, openings
from matching.model import Offer, Part, Request
from matching.reasons import Reason

AUTOMATIC = "P09"


class Supply(msgspec.Struct, frozen=True):
    """The published offers of one kind, as stored and as the library reads them, and what the whole makes of them."""

    facts: Mapping[UUID, OfferFacts]
    built: Mapping[UUID, Offer]
    market: Market = Market()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The values of the library."""
        return tuple(self.built.values())


async def supply(kind: str, now: datetime) -> Supply:
    """Read every published offer of a kind in a fixed number of queries."""
    market = await service_market.market(kind, now)
    found = await offers.published_of_kind(kind, now=now)
    return Supply({offer.id: offer for offer in found}, await service_build.offers_for(found, now), market)


async def propose(need_id: UUID, *, now: datetime, cause: str) -> int:
    """Propose the best offers for one need; returns how many are new. Safe to run again at any time."""
    need = await needs.facts(need_id)
    if need is None or not _in_pool(need):
        return 0
    return await propose_many([need], now=now, cause=cause)


async def propose_many(listed: Iterable[NeedFacts], *, now: datetime, cause: str) -> int:
    """Propose for many needs; the supply of each kind is read once."""
    supplies: dict[str, Supply] = {}
    made = 0
    for need in listed:
        if not _in_pool(need):
            continue
        if need.kind not in supplies:
            supplies[need.kind] = await supply(need.kind, now)
        async with DB.transaction():
            made += await _propose_locked(await need_steps.lock(need.id), supplies[need.kind], now=now, cause=cause)
    return made


def _in_pool(need: NeedFacts) -> bool:
    return need.state == "OPEN" and bool(need.kind) and at_most_yellow(need.risk)


async def _propose_locked(need: NeedFacts, stock: Supply, *, now: datetime, cause: str) -> int:
    """Rank and write for a need whose row is locked; what changed in between is seen here."""
    past = (await queries.histories([need.id])).get(need.id, queries.History())
    if not _in_pool(need) or past.taken or past.waiting >= MOST_OPEN:
        return 0
    requests = await service_build.requests_for([need], now)
    if need.id not in requests:
        return 0
    made = await _wanted(need, requests[need.id], now=now) if need.wanted_offer and past.waiting == 0 else 0
    if not need.automatic or AUTOMATIC not in await consents.given(need.student_id, now=now):
        return made
    began = time.perf_counter()
    request = (await service_build.requests_for([need], now))[need.id] if made else requests[need.id]
    looked = look(request, stock.offers, today=local_day(now), now=now, widen=need.escalation, policy=POLICY)
    room = MOST_OPEN - past.waiting - made
    chosen = await service_market.choose(need, looked, stock.market, room=room, now=now)
    run_id = await _write_run(need, request, stock, looked, len(chosen.fits), now=now, cause=cause, began=began)
    for rank, fit in enumerate(chosen.fits, start=1):
        proposal = looked.proposal(fit, rank)
        await _write_match(
            need,
            stock.facts[UUID(fit.offer.offer_id)],
            proposal.score,
            reasons_of(proposal.parts, proposal.notes),
            now=now,
            run_id=run_id,
            rank=int(fit.offer.offer_id == chosen.assigned),
        )
    made += len(chosen.fits)
    if made:
        await needs_progress.proposed(need.id, now=now)
        await need_steps.tell(need, "match.proposed", now=now)
    return made


async def _wanted(need: NeedFacts, request: Request, *, now: datetime) -> int:
    """Propose the offer the student had picked when asking, if its gates let it pass."""
    assert need.wanted_offer is not None
    if any(match.offer_id == need.wanted_offer for match in await queries.of_need(need.id)):
        return 0
    return 1 if await _pick(need, request, need.wanted_offer, "STUDENT", now=now, refuse=False) else 0


async def _pick(
    need: NeedFacts, request: Request, offer_id: UUID, origin: str, *, now: datetime, refuse: bool, rank: int = 0
) -> UUID | None:
    """Write one proposal that a person picked; refused with reasons, or left out in silence."""
    offer = await offers.facts(offer_id)
    built = (await service_build.offers_for([offer], now)).get(offer_id) if offer else None
    if offer is None or built is None:
        if refuse:
            raise OfferDoesNotFit(["这一项已经不再开放。"])
        return None
    told = explain(request, built, today=local_day(now), now=now, widen=1, policy=POLICY)
    if told.eligible and origin != "CADRE" and await queries_rulings.forbidden(need.id, offer_id):
        if refuse:
            raise OfferDoesNotFit(["这一项现在不适合。"])
        return None
    if not told.eligible:
        if refuse:
            blocking = [reason for reason in told.reasons if reason.blocks]
            raise OfferDoesNotFit(
                [reason.sentence for reason in blocking],
                [reason.remedy for reason in blocking if reason.remedy],
            )
        return None
    return await _write_match(
        need,
        offer,
        told.score or 0.0,
        reasons_of(told.parts, told.reasons),
        now=now,
        run_id=None,
        origin=origin,
        rank=rank,
    )


async def choose_offer(viewer: Viewer, need_id: UUID, offer_id: UUID, *, now: datetime) -> UUID:
    """Let the student (or the cadre who wrote the need) pick an offer from the list; returns the match.

    An offer that is proposed already is simply returned. Raises OfferDoesNotFit with the reasons and what would make
    it fit, or TooManyOpen.
    """
    await needs.own(viewer, need_id, now)
    async with DB.transaction():
        need = await need_steps.lock(need_id)
        live = await queries.live_where("need_id", need_id)
        standing = next((match for match in live if match.offer_id == offer_id), None)
        if standing is not None:
            return standing.id
        if len(live) >= MOST_OPEN:
            raise TooManyOpen
        requests = await service_build.requests_for([need], now)
        if need_id not in requests or not need.kind:
            raise OfferDoesNotFit(["这项求助由专人办理，不从列表里选。"])
        origin = "STUDENT" if await needs.stands_for(viewer, need.student_id, now) else "CADRE"
        match_id = await _pick(need, requests[need_id], offer_id, origin, now=now, refuse=True)
        assert match_id is not None
        await audit(viewer, "match.choose", "match", match_id, now=now)
        await needs_progress.proposed(need_id, now=now)
    return match_id


async def propose_pair(need_id: UUID, offer_id: UUID, *, need_version: int, offer_version: int, now: datetime) -> bool:
    """Propose one pair that a run found best; False when need or offer is no longer as the run saw it."""
    async with DB.transaction():
        need = await need_steps.lock(need_id)
        past = (await queries.histories([need_id])).get(need_id, queries.History())
        offer = await offers.facts(offer_id)
        if offer is None or offer.version != offer_version or need.version != need_version:
            return False
        if not _in_pool(need) or not need.automatic or past.taken or past.waiting >= MOST_OPEN:
            return False
        requests = await service_build.requests_for([need], now)
        if need_id not in requests or AUTOMATIC not in await consents.given(need.student_id, now=now):
            return False
        built = await service_build.offers_for([offer], now)
        if offer_id in past.open_offers or await service_market.claim(built.values(), now=now):
            return False
        made = await _pick(need, requests[need_id], offer_id, "AUTO", now=now, refuse=False, rank=1)
        if made is not None:
            await needs_progress.proposed(need_id, now=now)
            await need_steps.tell(need, "match.proposed", now=now)
    return made is not None


async def propose_for_cadre(need_id: UUID, offer_id: UUID, *, now: datetime) -> UUID:
    """Propose the offer a cadre decided on, at once; raises OfferDoesNotFit or TooManyOpen. Returns the match."""
    async with DB.transaction():
        need = await need_steps.lock(need_id)
        live = await queries.live_where("need_id", need_id)
        standing = next((match for match in live if match.offer_id == offer_id), None)
        if standing is not None:
            return standing.id
        if len(live) >= MOST_OPEN:
            raise TooManyOpen
        requests = await service_build.requests_for([need], now)
        if need_id not in requests or not _in_pool(need):
            raise OfferDoesNotFit(["这条求助现在不在等待匹配的阶段。"])
        made = await _pick(need, requests[need_id], offer_id, "CADRE", now=now, refuse=True, rank=1)
        assert made is not None
        await needs_progress.proposed(need_id, now=now)
        await need_steps.tell(need, "match.proposed", now=now)
    return made


def reasons_of(parts: Iterable[Part], notes: Iterable[Reason]) -> dict[str, Any]:
    """Return what is stored of a proposal: every part with its words, and what is worth knowing."""
    verdicts = {"fits": "fits", "conflicts": "conflict", "unknown": "unknown"}
    return {
        "parts": [
            {
                "code": part.code.value,
                "verdict": verdicts[part.state.value],
                "points": round(part.weight * (part.micro or 0) / 1_000_000, 1),
                "most": part.weight,
                "why": part.sentence,
                "remedy": part.remedy,
            }
            for part in parts
        ],
        "notes": [note.sentence for note in notes if not note.blocks],
    }


async def _write_match(
    need: NeedFacts,
    offer: OfferFacts,
    score: float,
    reasons: dict[str, Any],
    *,
    now: datetime,
    run_id: UUID | None,
    origin: str = "AUTO",
    rank: int = 0,
) -> UUID:
    match_id = new_id()
    assert offer.provider_id is not None
    await Match(
        id=match_id,
        need_id=need.id,
        offer_id=offer.id,
        student_id=need.student_id,
        provider_id=offer.provider_id,
        kind=need.kind,
        score=score,
        reasons=json.dumps(reasons, ensure_ascii=False),
        origin=origin,
        proposed_at=now,
        deadline_at=now + STUDENT_ANSWERS_WITHIN,
        run_id=run_id,
        rank=rank,
        created_at=now,
        updated_at=now,
        org_id=need.org_id,
        data_class="L4" if need.category == "PS" else "L3",
        legal_basis="consent:P09" if origin == "AUTO" else "consent:P02",
    ).save()
    await audit(SYSTEM, "match.propose", "match", match_id, now=now)
    await record(
        "match.proposed",
        match_id,
        now=now,
        need_id=need.id,
        offer_id=offer.id,
        student_id=need.student_id,
        provider_id=offer.provider_id,
        invited=offer.source_appointment is not None,
    )
    return match_id


async def _write_run(
    need: NeedFacts,
    request: Request,
    stock: Supply,
    looked: Looked,
    proposed: int,
    *,
    now: datetime,
    cause: str,
    began: float,
) -> UUID:
    """Keep what this run saw; earlier runs that found nothing make room for it."""
    found: tuple[Opening, ...] = ()
    if len(looked.fits) < MOST_OPEN:
        found = openings(
            request,
            stock.offers,
            looked.refused,
            today=local_day(now),
            now=now,
            widen=need.escalation,
            policy=POLICY,
        )
    refusals = Counter(reason.code.value for refused in looked.refused for reason in refused.reasons if reason.blocks)
    await DB.rows("DELETE FROM match_run WHERE need_id = $1 AND proposed = 0", need.id)
    run = MatchRun(
        cause=cause,
        need_id=need.id,
        offers_seen=len(stock.built),
        proposed=proposed,
        widen=need.escalation,
        refusals=json.dumps(dict(refusals)),
        hints=json.dumps([msgspec.to_builtins(one) for one in found], ensure_ascii=False),
        took_ms=round((time.perf_counter() - began) * 1000),
        at=now,
        created_at=now,
        updated_at=now,
        org_id=need.org_id,
    )
    await run.save()
    return run.id
