"""What a cadre sees before deciding on a need: the offers that fit, what a place is worth, and the words in force."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.viewer import Viewer
from app.matches import queries, queries_rulings, service_build, service_market
from app.matches.queries_rulings import Ruling
from app.matches.rules import LIVE
from app.matches.rules_ranking import FREE, Fit, Price, look
from app.matches.rules_runs import VERDICTS, points
from app.matches.service_build import POLICY
from app.matches.service_propose import Supply, supply
from app.matches.service_rulings import need_in_scope
from app.needs.queries import NeedFacts
from app.offers import queries as offers
from app.regions import rules as regions

SHOWN = 12
TIGHT = 2_000
"""A price above this (ten-thousandths) comes from others who want the place, not from sharing the load evenly."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One offer that fits: how well, how scarce it is, and where it stands with this need."""

    offer_id: UUID
    title: str
    place: str
    score: float
    scarcity: str
    standing: str
    places_left: int
    open: bool


class RulingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a cadre in the list."""

    id: UUID
    offer_title: str
    verdict: str
    verdict_label: str
    reason: str
    by: str
    at: datetime
    ended_at: datetime | None
    outcome: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page where a cadre decides; never a name, never the words of the need."""

    need: NeedFacts
    waiting: bool
    choices: tuple[Choice, ...]
    fitting: int
    rulings: tuple[RulingLine, ...]
    chosen: bool


async def choices(viewer: Viewer, need_id: UUID, *, now: datetime) -> Choices:
    """Return the best offers for a need and the rulings on it; 404 outside the viewer's scope."""
    need = await need_in_scope(viewer, need_id, "R")
    await audit(viewer, "ruling.read", "need", need_id, now=now, fields=["state"], purpose="匹配决定")
    rulings = await queries_rulings.of_need(need_id)
    ruled = {ruling.offer_id for ruling in rulings if ruling.ended_at is None}
    waiting = need.state == "OPEN" and bool(need.kind)
    found: tuple[Choice, ...] = ()
    fitting = 0
    if waiting:
        stock = await supply(need.kind, now)
        found, fitting = await _fitting(need, stock, ruled, now)
    titles = await offers.many(ruling.offer_id for ruling in rulings)
    return Choices(
        need=need,
        waiting=waiting,
        choices=found,
        fitting=fitting,
        rulings=tuple(
            _line(viewer, ruling, titles[ruling.offer_id].title if ruling.offer_id in titles else "已下架的资源")
            for ruling in rulings
        ),
        chosen=any(ruling.chooses and ruling.ended_at is None for ruling in rulings),
    )


async def _fitting(need: NeedFacts, stock: Supply, ruled: set[UUID], now: datetime) -> tuple[tuple[Choice, ...], int]:
    requests = await service_build.requests_for([need], now)
    if need.id not in requests:
        return (), 0
    request = msgspec.structs.replace(requests[need.id], open_offer_ids=frozenset())
    looked = look(request, stock.offers, today=local_day(now), now=now, widen=need.escalation, policy=POLICY)
    open_offers = {match.offer_id for match in await queries.of_need(need.id) if match.state in LIVE}
    chosen = await service_market.choose(need, looked, stock.market, room=0, now=now)
    lines = [
        _choice(fit, stock, open_offers, ruled, chosen.assigned, stock.market.prices.get(fit.offer.offer_id, FREE))
        for fit in looked.fits[:SHOWN]
    ]
    return tuple(lines), len(looked.fits)


def _choice(fit: Fit, stock: Supply, shown: set[UUID], ruled: set[UUID], assigned: str | None, price: Price) -> Choice:
    offer_id = UUID(fit.offer.offer_id)
    standing = "已推荐给同学" if offer_id in shown else ""
    if not standing and fit.offer.offer_id == assigned:
        standing = "系统安排"
    if price.level:
        scarcity = "名额紧缺，其他同学也在等"
    elif price.price > TIGHT:
        scarcity = f"名额较紧，留给别人值 {points(price.price)} 分"
    else:
        scarcity = "名额充足"
    return Choice(
        offer_id=offer_id,
        title=stock.facts[offer_id].title,
        place=regions.label(fit.offer.region),
        score=round(fit.score / 100, 1),
        scarcity=scarcity,
        standing=standing,
        places_left=max(0, fit.offer.capacity - fit.offer.used),
        open=offer_id not in ruled,
    )


def _line(viewer: Viewer, ruling: Ruling, title: str) -> RulingLine:
    return RulingLine(
        id=ruling.id,
        offer_title=title,
        verdict=ruling.verdict,
        verdict_label=VERDICTS[ruling.verdict],
        reason=ruling.reason,
        by="本人" if ruling.account_id == viewer.account_id else "其他团干部",
        at=ruling.at,
        ended_at=ruling.ended_at,
        outcome=ruling.outcome.sentence if ruling.ended_at is None else "已收回",
    )
