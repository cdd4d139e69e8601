"""One part of a problem, solved from beginning to end: pack, levels, auction, exact paths."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from matching.instances import MOST_TIERS, Instance, Ints8, Ints32, Ints64
from matching.solvers.auction import Bidding, Rules, Stop, bid, empty_seats, settle_prices
from matching.solvers.augment import keep_exact, new_tree, place_forward
from matching.solvers.levels import (
    NEVER,
    PATIENCE,
    SHADES,
    WINDOW,
    Pushing,
    greet_tier,
    keep_admissible,
    raise_levels,
    serve_tier,
)
from matching.solvers.packing import (
    NARROW_BITS,
    NARROW_OFFERS,
    NARROW_SCORES,
    PADDING,
    WIDE_BITS,
    Arcs,
    Back,
    pack_rows,
    turn,
)
from matching.solvers.parts import Part
from matching.solvers.refill import fill_backward
from matching.solvers.resume import call_changed, gather_seats, price_seats, seat_again
from matching.solvers.seats import FAR, Offers, Places, Seats
from matching.solvers.ties import SWEEPS, prefer_first

FRESH_ROUNDS = 3
"""The first rounds begin with empty seats; in later ones those who are content keep theirs."""
COARSEST = 8
"""The first epsilon is the largest power of two below the highest score divided by this."""
LOWERED = (2, 2, 2, 3, 3, 1)
"""After each round prices are lowered by so many of its epsilon: the exact phase is better at raising prices."""
NARROW_LIMIT = 1 << 30
"""Prices in 32 bits stay below this; a part that needs more is solved again in wide words."""
WARM_ROUND = 4
"""With an answer to begin from, this is the first round."""
WARM_LOWERED = 4
"""Free places in a shortage begin this many of the last epsilon cheaper when there is an answer to begin from."""
RAISE = 2
"""A bid raises a price by at most this many times the highest score, even without a second choice."""
BIDS_EACH = 50
"""Bids allowed in a round for each request, before the exact phase takes over."""
BIDS_FREE = 1_000
"""And so many more, for small problems."""


class Answer(NamedTuple):
    """Answer of a part in its own numbering: `assignment` int32[n], `price` int64[k], `level` int32[k], CPU seconds."""

    assignment: Ints32
    price: Ints64
    level: Ints32
    seconds: Mapping[str, float]


class Start(NamedTuple):
    """An answer to begin from: `assignment` int32[n], `price` int64[k], `level` int32[k], in the part's numbering."""

    assignment: Ints32
    price: Ints64
    level: Ints32


class Laps:
    """CPU seconds of this thread by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.thread_time()

    def lap(self, phase: str) -> None:
        """Add the time since the last call to this phase."""
        now = time.thread_time()
        self.seconds[phase] = self.seconds.get(phase, 0.0) + now - self._last
        self._last = now


def solve_part(instance: Instance, part: Part, start: Start | None = None) -> Answer:
    """Solve a part in narrow words if its numbers allow, else, or when a price leaves its range, in wide ones."""
    highest = int(instance.score.max(initial=0))
    costliest = int(instance.load_cost.max(initial=0))
    if highest < NARROW_SCORES and costliest < NARROW_LIMIT // 4 and len(part.offers) <= NARROW_OFFERS:
        answer = Run(instance, part, start, wide=False).solve()
        if answer is not None:
            return answer
    answer = Run(instance, part, start, wide=True).solve()
    assert answer is not None
    return answer


class Run:
    """The phases of one part; arrays are made as they are needed and dropped as early as possible."""

    def __init__(self, instance: Instance, part: Part, start: Start | None, *, wide: bool) -> None:
        self.wide = wide
        self.start = start
        self.laps = Laps()
        self.tier: Ints8 = instance.tier[part.requests]
        capacity = instance.capacity[part.offers]
        self.arcs = _packed(instance, part, wide=wide)
        self.back = _turned(self.arcs, len(capacity), part.arcs, wide=wide)
        first = np.zeros(len(capacity) + 1, np.int64)
        # One seat more than could be taken is enough: such an offer is never full, whatever its capacity.
        np.cumsum(np.minimum(capacity, np.diff(self.back.start) + 1), out=first[1:])
        self.offers = Offers(first, capacity, instance.load_cost[part.offers], np.zeros(len(capacity), np.int32))
        self.seats = Seats(np.zeros(int(first[-1]), np.int32), np.full(int(first[-1]), -1, np.int32))
        self.queue = np.zeros(1 << int(len(self.tier) + WINDOW).bit_length(), np.int32)
        self.duty = np.zeros(len(self.tier), np.int8)
        self.request_level = np.zeros(len(self.tier), np.int32)
        self.highest = max(int(instance.score.max(initial=0)), 1)
        self.laps.lap("pack")

    def solve(self) -> Answer | None:
        """Run all phases; None when a price left the range of narrow words."""
        self.find_levels()
        price = self.hold_auction()
        if price is None:
            return None
        assigned = self.make_exact(price)
        return Answer(assigned, price, self.offers.level, self.laps.seconds)

    def find_levels(self) -> None:
        """Serve tier by tier, note the Hall levels and drop what no optimal answer uses."""
        count = len(self.offers.capacity)
        seated = self.start.assignment.copy() if self.start else np.full(len(self.tier), -1, np.int32)
        shade = _shades(np.diff(self.back.start), self.offers.capacity)
        state = Pushing(
            np.where(np.diff(self.offers.first) > 0, shade, NEVER).astype(np.int32),
            shade,
            np.zeros(count, np.int32),
            np.full(len(self.tier), -1, np.int32),
            self.queue,
            np.zeros(len(self.tier), np.int32),
            np.zeros(count, np.int32),
        )
        for tier in range(MOST_TIERS):
            waiting = greet_tier(self.arcs, self.offers, self.seats, state, self.tier, tier, seated)
            budget = waiting // 4 if self.start else 2 * waiting + PATIENCE * min(waiting, count) // 8
            left = serve_tier(self.arcs, self.back, self.offers, self.seats, state, waiting, budget)
            raise_levels(self.arcs, self.offers, self.seats, state, left, MOST_TIERS - tier)
        self.laps.lap("levels")
        keep_admissible(self.arcs, self.tier, MOST_TIERS, self.offers, self.duty, self.request_level)
        self.laps.lap("prune")

    def hold_auction(self) -> Ints64 | None:
        """Find nearly right prices and pairs; None when a price left the range of narrow words."""
        kind = np.int64 if self.wide else np.int32
        prices: Any = _first_prices(self.offers).astype(kind)
        seats = Seats(self.seats.key.astype(kind), self.seats.holder)
        state = Bidding(self.duty, prices, self.queue)
        coarsest = 1 << max(int(self.highest // COARSEST).bit_length() - 1, 0)
        stop, lower = self.play_rounds(seats, state, coarsest)
        if stop == Stop.PRICE and not self.wide:
            return None
        settle_prices(self.offers, seats, prices, lower)
        self.laps.lap("auction")
        exact: Ints64 = prices.astype(np.int64)
        return exact

    def play_rounds(self, seats: Seats, state: Bidding, coarsest: int) -> tuple[int, int]:
        """Play all rounds of the auction; gives a Stop and by how much prices should be lowered at the end."""
        lower = 0
        stop = int(Stop.DONE)
        first = WARM_ROUND if self.start else 0
        for number in range(first, len(LOWERED)):
            step = max(coarsest >> (2 * number), 1)
            if self.start and number == first:
                waiting = self.resume(self.start, seats, state, step)
            elif number < FRESH_ROUNDS:
                empty_seats(self.offers, seats, state.price, lower)
                called = np.flatnonzero(self.duty >= 0)
                waiting = len(called)
                self.queue[:waiting] = called
            else:
                waiting = self.refine(seats, state, lower, step)
            stop = int(bid(self.arcs, self.offers, seats, state, self.rules(step), waiting))
            lower = LOWERED[number] * step
            if stop != Stop.DONE or step == 1:
                break
        return stop, lower

    def refine(self, seats: Seats, state: Bidding, lower: int, step: int) -> int:
        """Lower all prices; those who are then content within `step` keep their seats. Gives how many wait."""
        settle_prices(self.offers, seats, state.price, lower)
        count = len(self.offers.capacity)
        seated, load, held = np.zeros(len(self.tier), np.int32), np.zeros(count, np.int32), np.zeros(count, np.int64)
        gather_seats(self.offers, seats, seated, load)
        price_seats(self.offers, seats, state, load, 0, held)
        return int(call_changed(self.arcs, self.offers, seats, state, seated, held, step))

    def rules(self, step: int) -> Rules:
        """Bounds of one round with this epsilon."""
        limit = FAR // 4 if self.wide else NARROW_LIMIT
        return Rules(step, RAISE * self.highest, limit, BIDS_EACH * len(self.tier) + BIDS_FREE)

    def resume(self, start: Start, seats: Seats, state: Bidding, step: int) -> int:
        """Take over pairs and prices of an earlier answer where the level is the same; gives how many wait."""
        bound = self.rules(step).limit // 2
        same = start.level == self.offers.level
        state.price[:] = np.where(same, np.clip(start.price, -bound, bound), state.price)
        load = np.zeros(len(same), np.int32)
        held = np.zeros(len(same), np.int64)
        seated = start.assignment.copy()
        seat_again(self.arcs, self.offers, seats, state, seated, load)
        price_seats(self.offers, seats, state, load, WARM_LOWERED * step, held)
        return int(call_changed(self.arcs, self.offers, seats, state, seated, held, step))

    def make_exact(self, price: Ints64) -> Ints32:
        """Make prices and pairs exact; gives the assignment."""
        count = len(self.tier)
        places = Places(
            np.full(count, -1, np.int32),
            np.zeros(count, np.int64),
            np.zeros(count, np.int32),
            self.seats.holder,
            np.zeros(len(price), np.int32),
        )
        loose = np.zeros(count, np.int32)
        loose = loose[: keep_exact(self.arcs, self.duty, self.offers, places, price, loose)].copy()
        self.laps.lap("keep")
        tree = new_tree(len(price))
        search = place_forward(self.arcs, self.duty, self.offers, places, price, tree, loose, 0)
        self.laps.lap("forward")
        fill_backward(self.back, self.duty, self.request_level, self.offers, places, price, tree, search)
        self.laps.lap("backward")
        tree.mark[:] = 0
        prefer_first(self.arcs, self.duty, self.offers, places, price, tree, SWEEPS * len(self.arcs.word))
        self.laps.lap("ties")
        return places.assigned


def _first_prices(offers: Offers) -> Ints64:
    """Give the cost of each offer's first place, or 0 inside a shortage: prices before anybody has bid."""
    cost = offers.load_cost.astype(np.int64) // (2 * np.maximum(offers.capacity.astype(np.int64), 1))
    return np.where((offers.level > 0) | (offers.capacity == 0), 0, cost)


def _shades(wishes: Ints64, capacity: Ints32) -> Ints32:
    """Shade of each offer: how many candidates there are for each place, in steps of a quarter of a doubling."""
    sought = np.log2(np.maximum(wishes, 1) / np.maximum(capacity, 1)) * 4
    shades: Ints32 = np.clip(sought, 0, SHADES - 1).astype(np.int32)
    return shades


def _packed(instance: Instance, part: Part, *, wide: bool) -> Arcs:
    """Pack the arcs of a part, offers renumbered."""
    local = np.zeros(instance.offers, np.int32)
    local[part.offers] = np.arange(len(part.offers), dtype=np.int32)
    words: Any = np.zeros(part.arcs + PADDING, np.uint64 if wide else np.uint32)
    arcs = Arcs(np.zeros(len(part.requests) + 1, np.int64), words)
    bits = WIDE_BITS if wide else NARROW_BITS
    pack_rows(part.requests, instance.indptr, instance.offer, instance.score, local, arcs.start, arcs.word, bits)
    return arcs


def _turned(arcs: Arcs, offers: int, count: int, *, wide: bool) -> Back:
    """List the arcs of a part by offer."""
    score: Any = np.zeros(count, np.int32 if wide else np.int16)
    back = Back(np.zeros(offers + 1, np.int64), np.zeros(count, np.uint32), score)
    turn(arcs, offers, back)
    return back
