"""The live state as the service sees it: one call for each event, an exact answer after it."""

import numpy as np
import numpy.typing as npt

from matching.instances import LARGEST_VALUE, MOST_TIERS, Instance, Solution
from matching.live import events
from matching.live.book import BACK_ROOM, LOW, PLACES, WIDE, Ints64
from matching.live.building import Spare
from matching.live.core import USUAL_LIMIT, LiveCore
from matching.live.errors import EventRefused
from matching.live.rows import needs_of_arcs, needs_of_fans
from matching.live.storage import copied, with_offers, with_requests, with_room
from matching.live.values import Outcome

PINNED = MOST_TIERS
"""What a pin adds to the weight of a request: every pinned one is above every other tier."""


class LiveState(LiveCore):
    """An assignment that stays lexicographically optimal by tier and then by score, event by event.

    A state belongs to one thread at a time. Requests and offers are named by their numbers in the instance it was
    made from; a new one gets the number in its event's outcome (the number of a withdrawn request names a later one
    again). `limit` bounds the work of each event: one that would need more ends with a valid answer whose loss is
    certified in its outcome, and the rest is done by the following events, or by `settle` in a quiet moment.
    The numeric kernels are compiled, or read from numba's cache (see `matching.solvers.jit`), when a state is made.
    """

    def __init__(
        self, instance: Instance, solution: Solution, *, spare: Spare | None = None, limit: int = USUAL_LIMIT
    ) -> None:
        super().__init__(instance, solution, spare=spare, limit=limit)
        warm_up()

    def add_request(self, tier: int, offers: npt.ArrayLike, scores: npt.ArrayLike) -> Outcome:
        """Let a request in with its candidates; the outcome's number names it from now on."""
        weight = _weight_of(tier)
        words = self._words("offer", offers, scores)
        self._room_for_row(words)
        if self._free:
            request = self._free.pop()
        else:
            request = self._requests
            self._book = with_requests(self._book, request + 1)
            self._requests += 1
        return self._run(request, events.enter, request, weight, words)

    def withdraw(self, request: int) -> Outcome:
        """Let a request go; whoever gains most uses its place."""
        self._known_request(request)
        self._kept.pop(request, None)
        outcome = self._run(request, events.leave, request)
        self._free.append(request)
        return outcome

    def change_request(self, request: int, tier: int, offers: npt.ArrayLike, scores: npt.ArrayLike) -> Outcome:
        """Change the urgency or the candidates of a request; a pin of it ends."""
        self._known_request(request)
        weight = _weight_of(tier)
        words = self._words("offer", offers, scores)
        self._kept.pop(request, None)
        return self._rewrite(request, weight, words)

    def add_offer(self, places: int, load_cost: int, requests: npt.ArrayLike, scores: npt.ArrayLike) -> Outcome:
        """Let an offer in with the requests it fits; the outcome's number names it from now on.

        Pinned requests stay where they are; the offer becomes their candidate when the pin ends.
        """
        words = self._words("request", requests, scores)
        gone = words[~self.alive[words >> 32]]
        if len(gone):
            raise EventRefused("request", f"request {int(gone[0]) >> 32} is not in the state")
        self._check_terms(places, load_cost, self._offers + 1)
        offer = self._offers
        self._book = with_offers(self._book, offer + 1)
        for request in self._kept.keys() & set((words >> 32).tolist()):
            weight, kept = self._kept[request]
            own = words[words >> 32 == request]
            self._kept[request] = (weight, np.append(kept, (np.int64(offer) << 32) | (own & LOW)))
            words = words[words >> 32 != request]
        arcs = int(needs_of_fans(self._book, words))
        self._book = with_room(self._book, arcs=arcs, back=len(words), seats=min(places, len(words)))
        self._offers += 1
        return self._run(offer, events.open_offer, offer, words, places, load_cost)

    def change_offer(self, offer: int, places: int, load_cost: int | None = None) -> Outcome:
        """Change places or load cost of an offer. 0 places close it; it can be opened again with its candidates.

        Closing lifts the pins to it.
        """
        self._known_offer(offer)
        cost = self.load_cost(offer) if load_cost is None else load_cost
        self._check_terms(places, cost, self._offers)
        lifted = [one for one, pin in self.pinned.items() if pin == offer] if places == 0 else []
        moved: dict[int, tuple[int, int]] = {}
        for request in lifted:
            moved = _after(moved, self.unpin(request).moved)
        room = int(self._book.desk[offer * WIDE + BACK_ROOM])
        self._book = with_room(self._book, seats=min(places, room))
        outcome = self._run(offer, events.change_terms, offer, places, cost)
        return Outcome(offer, _after(moved, outcome.moved), outcome.loss, outcome.work, tuple(lifted))

    def close_offer(self, offer: int) -> Outcome:
        """Let an offer go; everybody on it is placed anew. Its number stays its own."""
        return self.change_offer(offer, 0)

    @property
    def pinned(self) -> dict[int, int]:
        """The offer each pinned request was pinned to, whether or not it holds a place there."""
        return {one: int(self._row(one)[0]) >> 32 for one in self._kept}

    @property
    def unmet_pins(self) -> tuple[int, ...]:
        """Pinned requests without a place: more are pinned to an offer than it has places."""
        return tuple(sorted(one for one in self._kept if self.at(one) < 0))

    def pin(self, request: int, offer: int) -> Outcome:
        """Give this request this offer because a person decided so; `totals` before and after tell what it costs."""
        offers, scores = self.candidates(request)
        chosen = offers == offer
        if not chosen.any():
            raise EventRefused("offer", f"offer {offer} is not a candidate of request {request}")
        if not self._book.desk[offer * WIDE + PLACES]:
            raise EventRefused("offer", f"offer {offer} has no places")
        words = (offers.astype(np.int64) << 32) | scores
        weight = self._weight(request)
        self._kept.pop(request, None)
        outcome = self._rewrite(request, PINNED + weight, words[chosen])
        self._kept[request] = (weight, words)
        return outcome

    def unpin(self, request: int) -> Outcome:
        """End a pin; the request is placed like every other again."""
        if request not in self._kept:
            raise EventRefused("request", f"request {request} is not pinned")
        weight, words = self._kept.pop(request)
        return self._rewrite(request, weight, words)

    def forbid(self, request: int, offer: int) -> Outcome:
        """Rule a pair out because a person decided so; a pinned pair has to be unpinned first."""
        self._known_request(request)
        self._known_offer(offer)
        if request in self._kept:
            if self.pinned[request] == offer:
                raise EventRefused("offer", f"request {request} is pinned to offer {offer}")
            weight, words = self._kept[request]
            self._kept[request] = (weight, words[words >> 32 != offer])
        return self._run(request, events.drop_arc, request, offer)

    def allow(self, request: int, offer: int, score: int) -> Outcome:
        """Make a pair a candidate, or give it another score; of a pinned request this counts when the pin ends."""
        offers, scores = self.candidates(request)
        others = offers != offer
        words = self._words("offer", np.append(offers[others], offer), np.append(scores[others], score))
        if request in self._kept:
            self._kept[request] = (self._kept[request][0], words)
            return Outcome(request, {}, self.loss, 0)
        return self._rewrite(request, self._weight(request), words)

    def copy(self) -> "LiveState":
        """Give an independent state, for a what-if; about 0.3 s at a million requests."""
        twin = object.__new__(LiveState)
        vars(twin).update(vars(self))
        twin._free, twin._kept = list(self._free), dict(self._kept)
        twin._book = copied(self._book)
        return twin

    def _rewrite(self, request: int, weight: int, words: Ints64) -> Outcome:
        """Take a request out and let it in again under the same number, as one event."""
        self._room_for_row(words)
        return self._run(request, events.rewrite, request, weight, words)

    def _room_for_row(self, words: Ints64) -> None:
        back, seats = needs_of_arcs(self._book, words)
        self._book = with_room(self._book, arcs=len(words), back=int(back), seats=int(seats))

    def _check_terms(self, places: int, load_cost: int, offers: int) -> None:
        for field, value in (("places", places), ("load_cost", load_cost)):
            if not 0 <= value <= LARGEST_VALUE:
                raise EventRefused(field, f"a number from 0 to {LARGEST_VALUE} expected")
        self._in_range(0, load_cost, offers)


def _weight_of(tier: int) -> int:
    if not 0 <= tier < MOST_TIERS:
        raise EventRefused("tier", f"a tier from 0 to {MOST_TIERS - 1} expected")
    return MOST_TIERS - tier


def _after(first: dict[int, tuple[int, int]], then: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Join the moves of two events in a row."""
    joined = dict(first)
    for request, (before, after) in then.items():
        joined[request] = (joined[request][0] if request in joined else before, after)
    return {request: move for request, move in joined.items() if move[0] != move[1]}


def warm_up() -> None:
    """Run every event once on a state of three people, so that no later event waits for the compiler."""
    tiny = Instance(
        indptr=np.array([0, 2, 4, 5], np.int64),
        offer=np.array([0, 1, 0, 1, 0], np.int32),
        score=np.array([5, 4, 7, 3, 2], np.int32),
        tier=np.array([1, 0, 1], np.int8),
        capacity=np.array([1, 1], np.int32),
        load_cost=np.array([2, 0], np.int32),
    )
    nobody = Solution(assignment=np.full(3, -1, np.int32), price=np.zeros(2, np.int64), level=np.zeros(2, np.int32))
    state = object.__new__(LiveState)
    LiveCore.__init__(state, tiny, nobody, limit=0)
    state.settle()
    state.snapshot()
    number = state.add_request(0, [0, 1], [9, 9]).number
    state.withdraw(number)
    state.change_request(0, 2, [1], [6])
    added = state.add_offer(1, 1, [0, 1], [8, 8]).number
    state.close_offer(added)
    state.change_offer(added, 2)
    state.pin(1, added)
    state.unpin(1)
    state.forbid(1, added)
    state.settle()
