"""What the best answer of the moment says to one need: its own offer, and what a place on the others is worth.

The worker that holds the live state of a kind asks it; every other process reads what the last run stored.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.matches import queries, queries_rulings, service_live, service_snapshot
from app.matches.rules_ranking import Fit, Looked, Price, shortlist
from app.needs.queries import NeedFacts
from matching.model import Offer, ServiceTerms

PLAN_HOLDS = timedelta(hours=36)
"""How long the plan of a run may name the first offer; after a night without a run the ranking decides alone."""


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Prices by offer; `live` names the kind whose state this process holds, or is empty."""

    prices: Mapping[str, Price] = {}
    live: str = ""
    since: datetime | None = None


class Chosen(msgspec.Struct, frozen=True):
    """The offers to propose, best first, and which of them the whole picture assigns."""

    fits: tuple[Fit, ...]
    assigned: str | None


async def market(kind: str, now: datetime) -> Market:
    """Return the prices of a kind: live ones where this process holds the state, stored ones elsewhere."""
    if await service_live.follow(kind, now=now):
        return Market(prices=await service_live.prices(kind), live=kind)
    rows = await DB.rows("SELECT offer_id, price, level FROM match_offer_price WHERE kind = $1", kind)
    return Market(
        prices={str(row["offer_id"]): Price(row["price"], row["level"]) for row in rows}, since=now - PLAN_HOLDS
    )


async def choose(need: NeedFacts, looked: Looked, known: Market, *, room: int, now: datetime) -> Chosen:
    """Choose what a need is shown next: a cadre's choice, else the assigned offer, then alternates by price.

    Volunteers asked often enough this week and pairs that a cadre ruled out are left out. Whom the answer names nobody
    else asks before the present transaction ends.
    """
    rulings = await queries_rulings.in_force([need.id])
    pinned = next((str(ruling.offer_id) for ruling in rulings if ruling.chooses), None)
    assigned = pinned or await _assigned(need, known)
    barred = frozenset(str(ruling.offer_id) for ruling in rulings if ruling.verdict == "FORBID")
    tired = await service_snapshot.tired(fit.offer for fit in looked.fits)
    claimed: frozenset[str] = frozenset()
    while True:
        fits = shortlist(looked, room=room, assigned=assigned, prices=known.prices, tired=tired, barred=barred)
        named = [fit.offer for fit in fits if fit.offer.provider_id not in claimed]
        if not named:
            return Chosen(fits, assigned)
        tired |= await claim(named, now=now, wait=not claimed)
        claimed |= {offer.provider_id for offer in named}


async def claim(named: Iterable[Offer], *, now: datetime, wait: bool = True) -> frozenset[str]:
    """Lock the weeks of the volunteers behind these offers and return which of them may not be asked any more.

    Until the transaction ends nobody else can claim them, so what is counted here still holds when the proposal is
    written. Waiting is safe once in a transaction, because the locks are taken in one order. Without `wait`, whoever
    is being asked by somebody else right now counts as asked often enough.
    """
    capped = {offer.provider_id: offer for offer in named if service_snapshot.has_week(offer)}
    if not capped:
        return frozenset()
    if wait:
        await DB.rows(
            """
            SELECT pg_advisory_xact_lock(key) FROM (
                SELECT DISTINCT hashtextextended('week:' || one, 0) AS key FROM unnest($1::text[]) AS one ORDER BY key
            ) AS keys
            """,
            list(capped),
        )
        busy: frozenset[str] = frozenset()
    else:
        rows = await DB.rows(
            """
            SELECT one, pg_try_advisory_xact_lock(hashtextextended('week:' || one, 0)) AS held
            FROM unnest($1::text[]) AS one
            """,
            list(capped),
        )
        busy = frozenset(row["one"] for row in rows if not row["held"])
    loads = await queries.loads([UUID(provider) for provider in capped], now)
    return busy | await service_snapshot.tired(_booked(offer, loads) for offer in capped.values())


def _booked(offer: Offer, loads: Mapping[UUID, queries.ProviderLoad]) -> Offer:
    """Give an offer with the sessions that are booked by now."""
    load = loads.get(UUID(offer.provider_id))
    if load is None or not isinstance(offer.terms, ServiceTerms):
        return offer
    return msgspec.structs.replace(offer, terms=msgspec.structs.replace(offer.terms, booked_week=load.booked_week))


async def _assigned(need: NeedFacts, known: Market) -> str | None:
    """Return the offer of the live answer, or of the newest stored plan."""
    if known.live:
        found = await service_live.assigned(known.live, need.id)
    elif known.since is not None:
        found = await DB.value(
            """
            SELECT p.offer_id FROM match_plan p JOIN match_batch b ON b.id = p.batch_id
            WHERE p.need_id = $1 AND b.started_at >= $2 ORDER BY b.started_at DESC LIMIT 1
            """,
            need.id,
            known.since,
        )
    else:
        found = None
    return None if found is None else str(found)
