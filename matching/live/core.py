"""What every live state can do: read itself, check what comes in, run one event."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matching.instances import LARGEST_VALUE, MOST_TIERS, Instance, Solution
from matching.live import events
from matching.live.book import (
    ALIVE,
    AT,
    BACK,
    BONUS,
    COST,
    EVENT,
    FANS,
    FLAGS,
    LENGTH,
    LIST,
    LOW,
    MATCHED,
    NET,
    NOTED,
    PLACES,
    ROW,
    WAITING_OFFERS,
    WAITING_REQUESTS,
    WAS,
    WIDE,
    WORK,
    Book,
    Ints32,
    Ints64,
)
from matching.live.building import Spare, open_book, step_for
from matching.live.errors import EventRefused
from matching.live.gathering import OUTSIDE, TWICE, UNUSUAL, gather, pack
from matching.live.mending import mend
from matching.live.values import NO_LOSS, Loss, Outcome, Totals

USUAL_LIMIT = 700_000
"""Arcs and people that the searches of one event look at; 10 to 20 ms of one quiet core."""
UNLIMITED = 1 << 62
LONGEST_PAUSE = 63
"""Events without a further try at what an earlier one left; the pause doubles with each try that does not end."""


class LiveCore:
    """The arrays of a state with their reading side; `LiveState` adds the events."""

    def __init__(
        self, instance: Instance, solution: Solution, *, spare: Spare | None = None, limit: int = USUAL_LIMIT
    ) -> None:
        self.limit = limit
        self._book: Book = open_book(instance, solution, spare or Spare.usual(instance))
        self._requests: int = instance.requests
        self._offers: int = instance.offers
        self._free: list[int] = []
        self._kept: dict[int, tuple[int, Ints64]] = {}
        self._pause = self._rest = 0
        self._top_score = int(instance.score.max(initial=0))
        self._top_cost = int(instance.load_cost.max(initial=0))
        self.settle()

    @property
    def requests(self) -> int:
        """Numbers of requests are below this."""
        return self._requests

    @property
    def offers(self) -> int:
        """Numbers of offers are below this."""
        return self._offers

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """Which numbers name a request at present, bool[requests]."""
        return (self._book.file.reshape(-1, WIDE)[: self._requests, FLAGS] & ALIVE) > 0

    @property
    def places(self) -> Ints64:
        """Places of each offer, int64[offers]; 0 for a closed one."""
        return self._desk(PLACES)

    @property
    def assignment(self) -> Ints32:
        """Offer of each request or -1, int32[requests], a copy; -1 also for numbers that are not in use."""
        at = self._book.who.reshape(-1, WIDE)[: self._requests, AT]
        return np.where(self.alive, at, -1).astype(np.int32)

    @property
    def totals(self) -> Totals:
        """How many are matched by tier, and the net score, of the present answer."""
        meta = self._book.meta
        free, pinned = (
            meta[MATCHED : MATCHED + MOST_TIERS + 1],
            meta[MATCHED + MOST_TIERS : MATCHED + 2 * MOST_TIERS + 1],
        )
        counts = tuple(int(free[weight] + pinned[weight]) for weight in range(MOST_TIERS, 0, -1))
        return Totals(counts, int(meta[NET]))

    @property
    def loss(self) -> Loss:
        """The certified bound of the present answer."""
        meta = self._book.meta
        if not meta[WAITING_REQUESTS] and not meta[WAITING_OFFERS]:
            return NO_LOSS
        total, step = int(events.shortfall(self._book)), self._book.step
        urgency = (total + step // 2) // step
        return Loss(urgency, total - urgency * step)

    @property
    def prices(self) -> tuple[Ints64, Ints32]:
        """Score part int64[offers] and Hall level int32[offers] of all prices; a closed offer is too dear for all."""
        step = self._book.step
        shut = MOST_TIERS * step + self._top_score + 1
        price = np.where(self.places > 0, self._book.price[: self._offers], shut)
        level = (price + step // 2) // step
        return price - level * step, level.astype(np.int32)

    def at(self, request: int) -> int:
        """Offer of one request, or -1."""
        self._known_request(request)
        return int(self._book.who[request * WIDE + AT])

    def tier(self, request: int) -> int:
        """Urgency of one request, 0 to 7; of a pinned one its own."""
        self._known_request(request)
        return MOST_TIERS - self._weight(request)

    def candidates(self, request: int) -> tuple[Ints32, Ints32]:
        """Offers and scores of a request's arcs, by offer; of a pinned one those it had before."""
        self._known_request(request)
        words = np.sort(self._kept[request][1] if request in self._kept else self._row(request))
        return (words >> 32).astype(np.int32), (words & LOW).astype(np.int32)

    def fans(self, offer: int) -> tuple[Ints32, Ints32]:
        """Give the requests an offer is a candidate of and their scores, by request, without those pinned elsewhere."""
        self._known_offer(offer)
        begin = self._book.desk[offer * WIDE + BACK]
        words = np.sort(self._book.back[begin : begin + self._book.desk[offer * WIDE + FANS]])
        return (words >> 32).astype(np.int32), (words & LOW).astype(np.int32)

    def load_cost(self, offer: int) -> int:
        """Load cost of one offer, in score units."""
        self._known_offer(offer)
        return int(self._book.desk[offer * WIDE + COST])

    def snapshot(self) -> tuple[Instance, Solution, Ints64]:
        """Give the present problem and answer as frozen values, and the number of each of its requests int64[n].

        A pinned request comes with its own tier and the one candidate it is pinned to. With the present prices the
        answer can be certified while nothing is pinned and nothing is due.
        """
        numbers = np.flatnonzero(self.alive)
        who = self._book.who.reshape(-1, WIDE)
        indptr = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(who[numbers, LENGTH], out=indptr[1:])
        offer, score = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int32)
        gather(self._book, numbers, indptr, offer, score)
        weight = who[numbers, BONUS] // self._book.step
        for request, (own, _) in self._kept.items():
            weight[np.searchsorted(numbers, request)] = own
        instance = Instance(
            indptr=indptr,
            offer=offer,
            score=score,
            tier=(MOST_TIERS - weight).astype(np.int8),
            capacity=self.places.astype(np.int32),
            load_cost=self._desk(COST).astype(np.int32),
        )
        price, level = self.prices
        return instance, Solution(assignment=self.assignment[numbers], price=price, level=level), numbers

    def settle(self, limit: int = UNLIMITED) -> Outcome:
        """Finish what capped events left; without a limit the answer is optimal afterwards."""
        self._begin()
        mend(self._book, 0, 0, limit)
        self._pause = self._rest = 0
        return self._outcome(-1)

    def _begin(self) -> None:
        """Start the count of work and the list of who moved."""
        meta = self._book.meta
        meta[EVENT] += 1
        meta[NOTED] = 0
        meta[WORK] = 0

    def _run(self, number: int, event: Callable[..., None], *values: int | Ints64) -> Outcome:
        """Run one event with the state's limit of work; `number` names what it is about."""
        self._begin()
        meta = self._book.meta
        old = (0, 0) if self._rest <= 0 else (int(meta[WAITING_REQUESTS]), int(meta[WAITING_OFFERS]))
        event(self._book, *values)
        mend(self._book, *old, self.limit)
        self._rest -= 1
        if not meta[WAITING_REQUESTS] and not meta[WAITING_OFFERS]:
            self._pause = self._rest = 0
        elif self._rest < 0:
            self._pause = min(2 * self._pause + 1, LONGEST_PAUSE)
            self._rest = self._pause
        return self._outcome(number)

    def _outcome(self, number: int) -> Outcome:
        """Say who moved."""
        book = self._book
        moved: dict[int, tuple[int, int]] = {}
        count = int(book.meta[NOTED])
        for request in book.file[LIST : LIST + count * WIDE : WIDE].tolist():
            before, after = int(book.file[request * WIDE + WAS]), int(book.who[request * WIDE + AT])
            if before != after:
                moved[request] = (before, after)
        return Outcome(number, moved, self.loss, int(book.meta[WORK]))

    def _desk(self, column: int) -> Ints64:
        return self._book.desk.reshape(-1, WIDE)[: self._offers, column]

    def _row(self, request: int) -> Ints64:
        begin = self._book.who[request * WIDE + ROW]
        return self._book.arcs[begin : begin + self._book.who[request * WIDE + LENGTH]]

    def _weight(self, request: int) -> int:
        if request in self._kept:
            return self._kept[request][0]
        return int(self._book.who[request * WIDE + BONUS]) // self._book.step

    def _known_request(self, request: int) -> None:
        if not 0 <= request < self._requests or not self._book.file[request * WIDE + FLAGS] & ALIVE:
            raise EventRefused("request", f"request {request} is not in the state")

    def _known_offer(self, offer: int) -> None:
        if not 0 <= offer < self._offers:
            raise EventRefused("offer", f"offer {offer} is not in the state")

    def _in_range(self, score: int, load_cost: int, offers: int) -> None:
        """Refuse values that the unit of urgency does not cover."""
        score, cost = max(score, self._top_score), max(load_cost, self._top_cost)
        if step_for(score + cost, offers) > self._book.step:
            raise EventRefused("score", "larger than this state can hold; make a new one from the whole instance")
        self._top_score, self._top_cost = score, cost

    def _words(self, field: str, numbers: npt.ArrayLike, scores: npt.ArrayLike) -> Ints64:
        """Check arcs that come in: (number << 32 | score), by number."""
        named, valued = np.asarray(numbers), np.asarray(scores)
        below = self._offers if field == "offer" else self._requests
        if named.ndim != 1 or named.shape != valued.shape:
            raise EventRefused(field, "numbers and scores must be two rows of equal length")
        if not len(named):
            return np.empty(0, np.int64)
        if named.dtype.kind not in "iu" or valued.dtype.kind not in "iu":
            raise EventRefused(field, "numbers and scores must be integers")
        words = np.empty(len(named), np.int64)
        fault = int(pack(named.astype(np.int64), valued.astype(np.int64), below, self._top_score, words))
        if fault == OUTSIDE:
            raise EventRefused(field, f"numbers from 0 to {below - 1} expected")
        if fault == TWICE:
            raise EventRefused(field, "a number occurs twice")
        if fault == UNUSUAL:
            if int(valued.min()) < 0 or int(valued.max()) > LARGEST_VALUE:
                raise EventRefused("score", f"scores from 0 to {LARGEST_VALUE} expected")
            self._in_range(int(valued.max()), 0, self._offers)
            return self._words(field, named, valued)
        return words
