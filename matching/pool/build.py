"""A pool from the plain records of the library."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TypeVar

from matching.codes import Kind, PartCode, Urgency
from matching.model import Offer, Policy, Request, minute_of
from matching.pool.build_offers import columns_of_offers, offer_places
from matching.pool.build_requests import Wishes, columns_of_requests, request_places
from matching.pool.desk import Desk, Pool, ground
from matching.pool.places import chart
from matching.pool.refused import PoolRefused
from matching.scoring import WEIGHTS

_URGENT = {Urgency.H: 0, Urgency.N: 1}
_Record = TypeVar("_Record", Request, Offer)


def build(
    requests: Iterable[Request],
    offers: Iterable[Offer],
    *,
    today: date,
    now: datetime,
    widen: int = 0,
    policy: Policy | None = None,
    weights: Mapping[PartCode, int] = WEIGHTS,
    tier_of: Callable[[Request], int] = lambda request: _URGENT[request.urgency],
) -> Pool:
    """Make a pool; its numbers are the places of the ids in ascending order, so the input order does not matter.

    Slots are counted in whole minutes from `now`. `tier_of` gives the urgency tier, 0 is served first. Raises
    PoolRefused for an id that occurs twice, a tier outside 0 to 7, weights that are no shares of 100, more than 64
    sub-codes of a kind or 4,096 places, and numbers beyond their column; ValueError for a `now` without time zone.
    """
    rules = policy or Policy()
    start = minute_of(now)
    asked = _sorted("need_id", requests, lambda request: request.need_id)
    given = _sorted("offer_id", offers, lambda offer: offer.offer_id)
    places = chart({code for one in asked for code in request_places(one)} | offer_places(given), rules)
    tiers = [tier_of(request) for request in asked]
    if not all(0 <= tier <= 7 for tier in tiers):  # noqa: PLR2004 - the tiers of an instance
        raise PoolRefused("tier", "0 to 7 expected")
    desks: list[Desk] = []
    for kind in Kind:
        mine = [(at, one) for at, one in enumerate(asked) if one.kind is kind]
        theirs = [(at, one) for at, one in enumerate(given) if one.kind is kind]
        if not mine and not theirs:
            continue
        wishes = Wishes.of([one for _, one in mine])
        shelf = columns_of_offers(theirs, wishes, places, today=today, start=start)
        rows = columns_of_requests(mine, wishes, places, shelf, start=start, tiers=tiers)
        desks.append(
            Desk(
                kind=kind,
                subs=wishes.subs,
                requests=rows,
                offers=shelf.columns,
                ground=ground(
                    kind,
                    wishes.subs,
                    places,
                    today=today.toordinal(),
                    house_from_16=rules.house_from_16,
                    widen=widen,
                    weights=weights,
                    sets=wishes.sets,
                ),
            )
        )
    return Pool(
        desks=tuple(desks),
        places=places,
        requests=len(asked),
        offers=len(given),
        request_ids=tuple(one.need_id for one in asked),
        offer_ids=tuple(one.offer_id for one in given),
    )


def _sorted(name: str, records: Iterable[_Record], key: Callable[[_Record], str]) -> Sequence[_Record]:
    """Order records by id, and refuse an id that occurs twice."""
    ordered = sorted(records, key=key)
    for one, other in pairwise(ordered):
        if key(one) == key(other):
            raise PoolRefused(name, f"{key(one)} occurs twice")
    return ordered
