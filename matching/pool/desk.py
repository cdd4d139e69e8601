"""One kind with its requests and offers, and the pool of all kinds at one moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching.codes import SERVICES, Kind, PartCode, SponsorKind
from matching.model import MICRO
from matching.pool.columns import I8, I32, I64, U8, Bools, OfferColumns, RequestColumns
from matching.pool.places import Places
from matching.pool.refused import PoolRefused
from matching.scoring import FITTING_SPONSORS, WEIGHTS

MOST_SUBS = 64
"""Different sub-codes of one kind: a word of 64 bits says which of them an offer's topics meet."""

SERVICE, INTERN, HOUSE, SPONSOR = 0, 1, 2, 3
"""Families of kinds that share their gates and scores."""
FAMILY: Mapping[Kind, int] = MappingProxyType(
    dict.fromkeys(SERVICES, SERVICE) | {Kind.INTERN: INTERN, Kind.HOUSE: HOUSE, Kind.SPONSOR: SPONSOR}
)
LOAD_COST: Mapping[Kind, int] = MappingProxyType(
    dict.fromkeys(SERVICES, 2000) | {Kind.INTERN: 0, Kind.HOUSE: 0, Kind.SPONSOR: 1_000}
)
"""Convex load cost of the kinds in ten-thousandths (see `Instance.load_cost`)."""


class Ground(NamedTuple):
    """What kernels read beside the columns. `weight` int64[7]: per cent, in the order of `PartCode`."""

    family: int
    widen: int
    today: int
    """Proleptic ordinal of the day."""
    house_from_16: int
    near: I8
    covers: Bools
    weight: I64
    set_ptr: I64
    set_post: I32
    fitting: U8
    """Per sub-code: kinds of sponsorship that fit it, as bits in the order of `SponsorKind`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Desk:
    """The requests and offers of one kind.

    `subs`: sub-codes of the requests. `sets`: sets of wished posts in CSR form (pointers, posts); set 0 is empty.
    """

    kind: Kind
    subs: tuple[str, ...]
    requests: RequestColumns
    offers: OfferColumns
    ground: Ground

    def __post_init__(self) -> None:
        """Refuse positions that point nowhere."""
        places, requests, offers = len(self.ground.near), self.requests, self.offers
        if len(self.subs) > MOST_SUBS:
            raise PoolRefused("sub", f"at most {MOST_SUBS} different sub-codes of a kind")
        _inside("sub", requests.sub, 0, len(self.subs))
        for name, values in (("place", requests.place), ("wanted", requests.wanted), ("workplace", requests.workplace)):
            _inside(name, values, -1, places)
        _inside("offer place", offers.place, 0, places)
        _inside("region", offers.region, 0, places)
        _inside("barred", requests.barred, 0, len(offers.number))
        _inside("posts", requests.posts, 0, len(self.ground.set_ptr) - 1)
        _inside("stage", requests.stage, 0, 9)
        _inside("age", requests.age, -1, 200)
        _inside("capacity", offers.capacity, 0, 1 << 30)
        _inside("used", offers.used, 0, 1 << 30)
        _inside("quality", offers.quality, 0, MICRO + 1)

    @property
    def family(self) -> int:
        """Family of the kind."""
        return self.ground.family


def ground(
    kind: Kind,
    subs: tuple[str, ...],
    places: Places,
    *,
    today: int,
    house_from_16: bool = False,
    widen: int = 0,
    weights: Mapping[PartCode, int] = WEIGHTS,
    sets: tuple[Any, Any] = ((0, 0), ()),
) -> Ground:
    """Make what the kernels of a kind read beside the columns; raises PoolRefused for weights that are no shares."""
    shares = [weights.get(code, -1) for code in PartCode]
    if min(shares) < 0 or sum(shares) != 100:  # noqa: PLR2004 - per cent
        raise PoolRefused("weights", "one share of 100 per cent for each part expected")
    kinds = tuple(SponsorKind)
    fitting = [sum(1 << kinds.index(one) for one in FITTING_SPONSORS.get(sub, ())) for sub in subs]
    made = Ground(
        family=FAMILY[kind],
        widen=int(widen > 0),
        today=today,
        house_from_16=int(house_from_16),
        near=places.near,
        covers=places.covers,
        weight=np.array(shares, np.int64),
        set_ptr=np.array(sets[0], np.int64),
        set_post=np.array(sets[1], np.int32),
        fitting=np.array(fitting, np.uint8),
    )
    for table in (made.weight, made.set_ptr, made.set_post, made.fitting):
        table.flags.writeable = False
    return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """All kinds at one moment.

    `requests` and `offers` count them over all desks. `request_ids` and `offer_ids` are ascending and give the
    numbers their meaning; both are empty when the numbers are all there is.
    """

    desks: tuple[Desk, ...]
    places: Places
    requests: int
    offers: int
    request_ids: tuple[str, ...] = ()
    offer_ids: tuple[str, ...] = ()
    load_cost: Mapping[Kind, int] = field(default_factory=lambda: LOAD_COST)

    def __post_init__(self) -> None:
        """Refuse numbers that do not name every request and offer once."""
        for name, count in (("requests", self.requests), ("offers", self.offers)):
            numbers = [getattr(desk, name).number for desk in self.desks]
            seen = np.bincount(np.concatenate([*numbers, np.zeros(0, np.int32)]), minlength=count)
            if len(seen) != count or bool((seen != 1).any()):
                raise PoolRefused(name, f"the numbers 0 to {count - 1} must each occur once")

    @property
    def tier(self) -> I8:
        """Urgency tier of every request, int8[requests]."""
        return self._spread("requests", lambda desk: desk.requests.tier, np.int8)

    @property
    def places_free(self) -> I32:
        """Free places of every offer, int32[offers], whether it may be proposed or not."""
        return self._spread("offers", lambda desk: np.maximum(0, desk.offers.capacity - desk.offers.used), np.int32)

    @property
    def lam(self) -> I32:
        """Load cost of every offer, int32[offers], in ten-thousandths."""
        return self._spread("offers", lambda desk: np.int32(self.load_cost[desk.kind]), np.int32)

    @property
    def kind_of_request(self) -> I8:
        """Kind of every request as its position in `Kind`, int8[requests]."""
        return self._spread("requests", lambda desk: np.int8(tuple(Kind).index(desk.kind)), np.int8)

    @property
    def kind_of_offer(self) -> I8:
        """Kind of every offer as its position in `Kind`, int8[offers]."""
        return self._spread("offers", lambda desk: np.int8(tuple(Kind).index(desk.kind)), np.int8)

    @property
    def place_of_request(self) -> I32:
        """Position of every request's place in `places.codes`, -1 when unknown, int32[requests]."""
        return self._spread("requests", lambda desk: desk.requests.place, np.int32)

    @property
    def place_of_offer(self) -> I32:
        """Position of every offer's place in `places.codes`, int32[offers]."""
        return self._spread("offers", lambda desk: desk.offers.place, np.int32)

    def _spread(self, side: str, values: Callable[[Desk], Any], kind: Any) -> npt.NDArray[Any]:
        """Put a column of every desk where the numbers of that side say."""
        spread = np.zeros(self.requests if side == "requests" else self.offers, kind)
        for desk in self.desks:
            spread[getattr(desk, side).number] = values(desk)
        return spread


def _inside(name: str, values: npt.NDArray[Any], low: int, high: int) -> None:
    """Refuse values below `low` or from `high` on."""
    if values.size and not low <= int(values.min()) <= int(values.max()) < high:
        raise PoolRefused(name, f"values from {low} to {high - 1} expected")
