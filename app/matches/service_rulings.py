"""People decide: a cadre pins, forbids or overrides a pair with a reason; runs keep to it and show its cost."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.matches import queries, queries_rulings, service_steps
from app.matches.errors import OfferDoesNotFit, RulingStands
from app.matches.queries_rulings import Ruling
from app.matches.rules_runs import CHOICES, VERDICTS
from app.matches.service_propose import propose_for_cadre
from app.matches.tables_runs import MatchRuling
from app.needs import queries as needs
from app.needs import service_steps as need_steps
from app.needs.queries import NeedFacts
from app.offers import queries as offers


async def need_in_scope(viewer: Viewer, need_id: UUID, verb: str) -> NeedFacts:
    """Return a need of the viewer's organisation on which the viewer may decide; 404 for others."""
    grant = require(viewer, "match.rule", verb)
    need = (await needs.facts_many([need_id])).get(need_id)
    if need is None or need.state == "RISK_HOLD" or not needs.in_scope(viewer, grant.scope, need.org_path):
        raise NotFound
    return need


async def rule(viewer: Viewer, need_id: UUID, offer_id: UUID, verdict: str, reason: str, *, now: datetime) -> UUID:
    """Decide on one pair: PIN for the next run, FORBID at once, OVERRIDE by proposing it at once.

    Raises RulingStands while another word on the pair, or another choice for the need, is in force, and
    OfferDoesNotFit when the need no longer waits, the offer is gone, or (OVERRIDE) a gate keeps the pair away.
    """
    assert verdict in VERDICTS, verdict
    await need_in_scope(viewer, need_id, "C")
    async with DB.transaction():
        need = await need_steps.lock(need_id)
        if need.state != "OPEN":
            raise OfferDoesNotFit(["这条求助现在不在等待匹配的阶段。"])
        offer = await offers.facts(offer_id)
        if offer is None or offer.type != need.kind or offer.state != "PUBLISHED":
            raise OfferDoesNotFit(["这一项已经不再开放。"])
        standing = await queries_rulings.in_force([need_id])
        if any(one.offer_id == offer_id or (one.chooses and verdict in CHOICES) for one in standing):
            raise RulingStands
        ruling_id = new_id()
        await MatchRuling(
            id=ruling_id,
            need_id=need_id,
            offer_id=offer_id,
            verdict=verdict,
            reason=reason,
            account_id=viewer.account_id,
            at=now,
            outcome="{}",
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=need.org_id,
            data_class="L3",
            legal_basis="duty",
        ).save()
        await audit(viewer, f"ruling.{verdict.lower()}", "match_ruling", ruling_id, now=now, purpose=reason)
        if verdict == "OVERRIDE":
            await propose_for_cadre(need_id, offer_id, now=now)
        elif verdict == "FORBID":
            await _end_open(need_id, offer_id, viewer=viewer, now=now)
        await record("ruling.made", ruling_id, now=now, need_id=need_id, offer_id=offer_id, verdict=verdict)
    return ruling_id


async def _end_open(need_id: UUID, offer_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Let an open proposal of a forbidden pair lapse, in neutral words; what both sides agreed on stays."""
    for match in await queries.live_where("need_id", need_id):
        if match.offer_id == offer_id:
            await service_steps.end(match, "offer_gone", now=now, viewer=viewer)


async def take_back(viewer: Viewer, ruling_id: UUID, *, now: datetime) -> Ruling:
    """End a ruling; what was proposed meanwhile stays a proposal."""
    async with DB.transaction():
        ruling = await queries_rulings.find(ruling_id)
        if ruling is None:
            raise NotFound
        await need_in_scope(viewer, ruling.need_id, "C")
        ended = await DB.rows(
            """
            UPDATE match_ruling SET ended_at = $2, ended_by = $3, updated_at = $2, version = version + 1
            WHERE id = $1 AND ended_at IS NULL RETURNING id
            """,
            ruling_id,
            now,
            viewer.account_id,
        )
        if ended:
            await audit(viewer, "ruling.end", "match_ruling", ruling_id, now=now)
            await record("ruling.ended", ruling_id, now=now, need_id=ruling.need_id, offer_id=ruling.offer_id)
    return ruling
