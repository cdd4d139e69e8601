"""Why somebody has no offer, how scarce an offer is, whom to propose next, and what more offers would change.

A need without an offer stands before a closed set of offers: everything it can reach by moving people on is full,
and everybody there is at least as urgent (Hall's condition fails there). The price of an offer is what one place more
would be worth to everybody together; ordering alternates by score less price keeps proposals off the scarce ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.instances import MOST_TIERS, Instance, InstanceRefused, Ints8, Ints32, Ints64, Solution
from matching.live.book import Whole
from matching.live.state import LiveState
from matching.live.values import Totals
from matching.solvers.jit import kernel


@dataclass(frozen=True, slots=True, eq=False)
class Shortage:
    """The shortage that blocks one request.

    `offers` int32: the offers it could reach, by number, all full. `places`: their places. `rivals`: requests that
    hold these places, all at least as urgent. `unserved`: requests without an offer, at least as urgent, that could
    be served nowhere else, itself included: so many places more would serve them all. `without_candidates`: no offer
    is eligible at all, so that the rest is empty.
    """

    request: int
    tier: int
    offers: Ints32
    places: int
    rivals: int
    unserved: int
    without_candidates: bool


@dataclass(frozen=True, slots=True)
class Scarcity:
    """How scarce an offer is.

    `tier`: urgency of the people one place more would serve (None: nobody more). `price`: score units by which it
    would raise the net score beside that.
    """

    offer: int
    tier: int | None
    price: int


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer of a what-if: places, load cost, and the requests it fits with their scores."""

    places: int
    load_cost: int
    requests: npt.NDArray[np.integer[Any]]
    scores: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Gain:
    """What more offers would change.

    Totals before and after, who would be served newly, how many would move on, and how many places of the new offers
    would be used.
    """

    before: Totals
    after: Totals
    newly_served: tuple[int, ...]
    moved_on: int
    used: int

    @property
    def more_matched(self) -> int:
        """How many more have an offer."""
        return self.after.matched - self.before.matched


class Market:
    """An answer with everything needed to explain it; made once for a run, O(n log n), then asked often."""

    def __init__(self, instance: Instance, solution: Solution) -> None:
        self.instance = instance
        self.solution = solution
        served = np.flatnonzero(solution.assignment >= 0)
        order = np.argsort(solution.assignment[served], kind="stable")
        self._people: Ints64 = served[order].astype(np.int64)
        self._starts = np.zeros(instance.offers + 1, np.int64)
        np.cumsum(np.bincount(solution.assignment[served], minlength=instance.offers), out=self._starts[1:])

    def shortage(self, request: int) -> Shortage | None:
        """Find the shortage that blocks a request; None when it has an offer. Exact for an optimal answer."""
        instance = self.instance
        if not 0 <= request < instance.requests:
            raise InstanceRefused("request", f"a number from 0 to {instance.requests - 1} expected")
        if self.solution.assignment[request] >= 0:
            return None
        tier = int(instance.tier[request])
        inside = np.zeros(instance.offers, np.bool_)
        close_set(request, instance.indptr, instance.offer, instance.capacity, self._starts, self._people, inside)
        offers = np.flatnonzero(inside).astype(np.int32)
        unserved = count_inside(
            tier, instance.indptr, instance.offer, instance.tier, instance.capacity, self.solution.assignment, inside
        )
        return Shortage(
            request=request,
            tier=tier,
            offers=offers,
            places=int(instance.capacity[offers].sum(dtype=np.int64)),
            rivals=int((self._starts[offers + 1] - self._starts[offers]).sum()),
            unserved=int(unserved) if len(offers) else 1,
            without_candidates=not len(offers),
        )

    def scarcity(self, offer: int) -> Scarcity:
        """Say what one place more on an offer would be worth."""
        if not 0 <= offer < self.instance.offers:
            raise InstanceRefused("offer", f"a number from 0 to {self.instance.offers - 1} expected")
        level = int(self.solution.level[offer])
        tier = self.solution.tiers - level if 0 < level <= self.solution.tiers else None
        return Scarcity(offer, tier, int(self.solution.price[offer]))

    def alternates(self, request: int, most: int = 3) -> list[int]:
        """Give the offers to propose to a request: its own first, then the others by `preference`."""
        own = int(self.solution.assignment[request])
        arcs = slice(int(self.instance.indptr[request]), int(self.instance.indptr[request + 1]))
        offers, scores = self.instance.offer[arcs], self.instance.score[arcs]
        open_ = self.instance.capacity[offers] > 0
        ranked = preference(offers[open_], scores[open_], self.solution.price, self.solution.level)
        first = [own] if own >= 0 else []
        return (first + [one for one in ranked if one != own])[:most]

    def spread(self, most: int, room: npt.NDArray[np.integer[Any]]) -> Ints32:
        """Give up to `most` proposals for every request, int32[n, most], -1 where there is none.

        `room` int[k]: how many proposals an offer may have at once. The assigned offer always comes first and counts;
        then everybody gets a second one, urgent requests first, then a third: no offer gets more than its room unless
        more are assigned to it.
        """
        instance, solution = self.instance, self.solution
        keys = np.arange(instance.requests) if instance.request_key is None else instance.request_key
        order = np.lexsort((keys, instance.tier))
        proposals = np.full((instance.requests, most), -1, np.int32)
        left = np.asarray(room, np.int64) - np.diff(self._starts)
        worth = solution.price + solution.level.astype(np.int64) * (1 << 40)
        if most:
            proposals[:, 0] = solution.assignment
            spread_rounds(
                order, instance.indptr, instance.offer, instance.score, instance.capacity, worth, left, proposals
            )
        return proposals


def preference(offers: Ints32, scores: Ints32, price: Ints64, level: Ints32) -> list[int]:
    """Order offers by score less scarcity price: least level first, then the largest difference, then the number."""
    net = scores.astype(np.int64) - price[offers]
    return [int(one) for one in offers[np.lexsort((offers, -net, level[offers]))]]


@dataclass(frozen=True, slots=True)
class ShortageFigures:
    """One cell of the shortage map, for a group of requests such as a city and a kind.

    `unserved` of the `requests` have no offer; `without_candidates` of them have no eligible offer at all, the others
    stand before a shortage. `by_tier`: unserved by urgency tier 0 to 7.
    """

    label: str
    requests: int
    unserved: int
    without_candidates: int
    by_tier: tuple[int, ...]


def shortage_map(
    instance: Instance, assignment: Ints32, code: npt.NDArray[np.integer[Any]], labels: Sequence[str]
) -> tuple[ShortageFigures, ...]:
    """Count who has no offer by group; `code` int[n] is a position in `labels`, anything else is left out."""
    if code.shape != (instance.requests,):
        raise InstanceRefused("code", f"{instance.requests} entries expected, {code.shape} found")
    without = assignment < 0
    alone = without & (np.diff(instance.indptr) == 0)
    cells: list[ShortageFigures] = []
    for nth, label in enumerate(labels):
        members = code == nth
        tiers = np.bincount(instance.tier[members & without], minlength=MOST_TIERS)
        cells.append(
            ShortageFigures(
                label=label,
                requests=int(np.count_nonzero(members)),
                unserved=int(tiers.sum()),
                without_candidates=int(np.count_nonzero(members & alone)),
                by_tier=tuple(tiers.tolist()),
            )
        )
    return tuple(cells)


def what_if(state: LiveState, offers: Sequence[NewOffer]) -> Gain:
    """Say what these offers would change; the state itself stays as it is."""
    trial = state.copy()
    trial.settle()
    before, was = trial.totals, trial.assignment
    numbers = [trial.add_offer(one.places, one.load_cost, one.requests, one.scores).number for one in offers]
    trial.settle()
    now = trial.assignment
    return Gain(
        before=before,
        after=trial.totals,
        newly_served=tuple(int(one) for one in np.flatnonzero((was < 0) & (now >= 0))),
        moved_on=int(np.count_nonzero((was >= 0) & (now >= 0) & (was != now))),
        used=int(np.isin(now, numbers).sum()),
    )


def copies(state: LiveState, offer: int, count: int, places: int | None = None) -> list[NewOffer]:
    """Give `count` offers that fit the same requests equally well as this one ("20 more like this")."""
    requests, scores = state.fans(offer)
    own = int(state.places[offer]) if places is None else places
    return [NewOffer(own, state.load_cost(offer), requests, scores) for _ in range(count)]


@kernel
def close_set(
    request: Whole,
    indptr: Ints64,
    offer: Ints32,
    capacity: Ints32,
    starts: Ints64,
    people: Ints64,
    inside: npt.NDArray[np.bool_],
) -> None:
    """Mark in `inside` [k] every offer the request can reach by moving people on; `people` are sorted by offer."""
    waiting = np.empty(inside.shape[0], np.int64)
    count = 0
    nth = -1
    mover = request
    last = 0
    seat = 0
    while True:
        for arc in range(indptr[mover], indptr[mover + 1]):
            one = offer[arc]
            if capacity[one] > 0 and not inside[one]:
                inside[one] = True
                waiting[count] = one
                count += 1
        while seat == last:
            nth += 1
            if nth >= count:
                return
            seat = starts[waiting[nth]]
            last = starts[waiting[nth] + 1]
        mover = people[seat]
        seat += 1


@kernel
def count_inside(
    tier: Whole,
    indptr: Ints64,
    offer: Ints32,
    tiers: Ints8,
    capacity: Ints32,
    assignment: Ints32,
    inside: npt.NDArray[np.bool_],
) -> Whole:
    """Count requests without an offer, at least this urgent, all of whose candidates with places are inside."""
    found = 0
    for request in range(assignment.shape[0]):
        if assignment[request] >= 0 or tiers[request] > tier:
            continue
        some = False
        every = True
        for arc in range(indptr[request], indptr[request + 1]):
            if capacity[offer[arc]] > 0:
                some = True
                every = every and inside[offer[arc]]
        found += some and every
    return found


@kernel
def spread_rounds(
    order: npt.NDArray[np.intp],
    indptr: Ints64,
    offer: Ints32,
    score: Ints32,
    capacity: Ints32,
    worth: Ints64,
    left: Ints64,
    proposals: Ints32,
) -> None:
    """Fill `proposals` [n, most] round by round with the dearest offer that has room `left` [k]."""
    for nth in range(proposals.shape[1]):
        for request in order:
            if proposals[request, nth] >= 0:
                continue
            best = np.int64(-1) << 62
            chosen = -1
            for arc in range(indptr[request], indptr[request + 1]):
                one = offer[arc]
                if left[one] <= 0 or capacity[one] == 0 or score[arc] - worth[one] <= best:
                    continue
                new = True
                for earlier in range(nth):
                    new = new and proposals[request, earlier] != one
                if new:
                    best = score[arc] - worth[one]
                    chosen = one
            if chosen >= 0:
                proposals[request, nth] = chosen
                left[chosen] -= 1
