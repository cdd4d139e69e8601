"""Places of an offer: taken and given back under a row lock, so that the last one goes to one person only."""

from datetime import datetime
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.viewer import SYSTEM
from app.offers.errors import NoPlaceLeft
from app.offers.rules import has_ended
from app.offers.service_state import OfferRow, locked, move
from app.offers.tables import Offer


async def take_place(offer_id: UUID, *, now: datetime) -> OfferRow:
    """Take one place, or refuse with NoPlaceLeft; the last place makes the offer FULL."""
    async with DB.transaction():
        row = await locked(offer_id)
        if row.state != "PUBLISHED" or has_ended(row.valid_to, row.verified_until, local_day(now)):
            raise NoPlaceLeft("这条供给刚刚暂停、满额或下架了。" if row.state != "FULL" else None)
        if row.used >= row.capacity:
            raise NoPlaceLeft
        return await _count(row, row.used + 1, now)


async def free_place(offer_id: UUID, *, now: datetime) -> OfferRow:
    """Give one place back; a full offer is published again and may be proposed to others."""
    async with DB.transaction():
        row = await locked(offer_id)
        return await _count(row, max(0, row.used - 1), now)


async def _count(row: OfferRow, used: int, now: datetime) -> OfferRow:
    await Offer.update({"used": used, "updated_at": now}).where(Offer.id == row.id)
    changed = await locked(row.id)
    return await fill_or_open(changed, now)


async def fill_or_open(row: OfferRow, now: datetime) -> OfferRow:
    """Make the state agree with the places: FULL without a place left, PUBLISHED with one."""
    if row.state == "PUBLISHED" and row.used >= row.capacity:
        return await move(row, "capacity_used", "SYS", viewer=SYSTEM, now=now)
    if row.state == "FULL" and row.used < row.capacity:
        return await move(row, "capacity_free", "SYS", viewer=SYSTEM, now=now)
    return row
