"""What the best answer of the moment says to one need: its own offer, and what a place on the others is worth.

The worker that holds the live state of a kind asks it; every other process reads what the last run stored.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from app.kit.db import DB
from app.matches import queries_rulings, service_live, service_snapshot
from app.matches.rules_ranking import Fit, Looked, Price, shortlist
from app.needs.queries import NeedFacts

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


async def choose(need: NeedFacts, looked: Looked, known: Market, *, room: int) -> Chosen:
    """Choose what a need is shown next: a cadre's choice, else the assigned offer, then alternates by price.

    Volunteers asked often enough this week and pairs that a cadre ruled out are left out.
    """
    rulings = await queries_rulings.in_force([need.id])
    pinned = next((str(ruling.offer_id) for ruling in rulings if ruling.chooses), None)
    assigned = pinned or await _assigned(need, known)
    fits = shortlist(
        looked,
        room=room,
        assigned=assigned,
        prices=known.prices,
        tired=await service_snapshot.tired(fit.offer for fit in looked.fits),
        barred=frozenset(str(ruling.offer_id) for ruling in rulings if ruling.verdict == "FORBID"),
    )
    return Chosen(fits, assigned)


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
