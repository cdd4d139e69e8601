"""A made-up province in the shape of Guangdong, from a seed: for benchmarks and tests, no file needed.

21 cities with 122 counties, Dongguan and Zhongshan without any; people by population, volunteers more often in the
Pearl River Delta; half of the requests ask for a counsellor, a quarter for an internship, the rest for sponsors and
homes; free places for 0.6 to 0.8 of the requests at five requests an offer; five tiers of urgency. The same seed and
sizes give the same pool on every machine with the same numpy. Nobody in it is real.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

import numpy as np

from matching.codes import Kind
from matching.instances import Instance
from matching.model import Policy
from matching.pool.columns import I32
from matching.pool.desk import Desk, Pool, ground
from matching.pool.places import Places, chart
from matching.pool.refused import PoolRefused
from matching.synthetic_land import CITIES, NEIGHBOURS, Land
from matching.synthetic_offers import OFFERS
from matching.synthetic_requests import REQUESTS, SUBS, TODAY, sets_of_posts

REQUEST_SHARES = {Kind.COUNSEL: 0.50, Kind.INTERN: 0.25, Kind.HOUSE: 0.10, Kind.SPONSOR: 0.15}
OFFER_SHARES = {Kind.COUNSEL: 0.50, Kind.INTERN: 0.20, Kind.HOUSE: 0.20, Kind.SPONSOR: 0.10}
LARGEST = 20_000_000
"""Sizes above this are refused: they would not fit any machine this was meant for."""


class Structure(StrEnum):
    """Ways to change an instance, so that a solver is not tuned to one shape only."""

    BASE = "base"
    DOUBLE = "double"
    HALF = "half"
    ONE_TIER = "one-tier"
    NO_LOAD = "no-load"
    EQUAL = "equal"
    GRID = "grid"
    UNIFORM = "uniform"
    COMMON = "common"


def province(*, requests: int, offers: int, seed: int = 0) -> Pool:
    """Make a pool of these sizes; raises PoolRefused for a negative or absurd size.

    Requests and offers are numbered by kind and then by place, like the stored instances.
    """
    for name, size in (("requests", requests), ("offers", offers)):
        if not 0 <= size <= LARGEST:
            raise PoolRefused(name, f"0 to {LARGEST} expected, not {size}")
    draw = np.random.default_rng(seed)
    codes = [f"{city.code}{at:02d}" for city in CITIES for at in range(city.counties + 1)]
    places = chart(codes, Policy(neighbours=NEIGHBOURS))
    land = Land.of(places.codes, draw)
    asked = _split(requests, list(REQUEST_SHARES.values()), draw)
    given = _split(offers, list(OFFER_SHARES.values()), draw)
    desks: list[Desk] = []
    first_request = first_offer = 0
    for at, kind in enumerate(REQUEST_SHARES):
        request_number = np.arange(first_request, first_request + asked[at], dtype=np.int32)
        offer_number = np.arange(first_offer, first_offer + given[at], dtype=np.int32)
        desks.append(_desk(kind, places, land, request_number, offer_number, draw))
        first_request, first_offer = first_request + asked[at], first_offer + given[at]
    return Pool(desks=tuple(desks), places=places, requests=requests, offers=offers)


def _split(total: int, shares: list[float], draw: np.random.Generator) -> list[int]:
    return [int(count) for count in draw.multinomial(total, shares)]


def _desk(kind: Kind, places: Places, land: Land, asked: I32, given: I32, draw: np.random.Generator) -> Desk:
    offers = OFFERS[kind](given, land, draw)
    return Desk(
        kind=kind,
        subs=SUBS[kind],
        requests=REQUESTS[kind](asked, land, len(given), draw),
        offers=offers,
        ground=ground(kind, SUBS[kind], places, today=TODAY, sets=sets_of_posts()),
    )


def restructured(instance: Instance, structure: Structure, *, seed: int = 0) -> Instance:
    """Give the same arcs in another shape; scores stay within 0 to 10,000.

    `double` and `half` change the free places, `one-tier` makes everybody equally urgent, `no-load` drops the load
    cost. Scores: `equal` all alike, `grid` on a grid of 20 steps, `uniform` drawn anew for every arc, `common` the
    same worth for everybody on an offer.
    """
    draw = np.random.default_rng(seed)
    top, step = 10_000, 500
    change: dict[Structure, Callable[[], dict[str, Any]]] = {
        Structure.BASE: dict[str, Any],
        Structure.DOUBLE: lambda: {"capacity": instance.capacity * 2},
        Structure.HALF: lambda: {"capacity": (instance.capacity + 1) // 2},
        Structure.ONE_TIER: lambda: {"tier": np.zeros_like(instance.tier)},
        Structure.NO_LOAD: lambda: {"load_cost": np.zeros_like(instance.load_cost)},
        Structure.EQUAL: lambda: {"score": np.full_like(instance.score, top // 2)},
        Structure.GRID: lambda: {"score": np.minimum(top, (instance.score + step // 2) // step * step)},
        Structure.UNIFORM: lambda: {"score": draw.integers(0, top + 1, instance.arcs, dtype=np.int32)},
        Structure.COMMON: lambda: {"score": draw.integers(0, top + 1, instance.offers, dtype=np.int32)[instance.offer]},
    }
    return replace(instance, **change[structure]())
