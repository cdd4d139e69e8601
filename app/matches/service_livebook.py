"""One kind kept optimal in memory, need by need and offer by offer; the numbers of the library stay in here.

This module loads the numeric library; import it through `service_library`.
"""

import time
from collections.abc import Mapping
from uuid import UUID

import numpy as np

from app.matches.rules_ranking import Price
from app.matches.rules_runs import Proof
from app.matches.service_arrays import LOAD_COST, THREADS, Sheet
from matching.certificate import certify
from matching.codes import Kind
from matching.live.state import LiveState
from matching.solvers.province import solve


class LiveBook:
    """A live assignment of one kind under rulings: pinned pairs are tier 0, needs come from tier 1 on."""

    def __init__(self, sheet: Sheet) -> None:
        """Solve the sheet and keep the answer; takes as long as one solve."""
        instance = sheet.instance()
        self._cost = LOAD_COST.get(Kind(sheet.kind), 0)
        self._state = LiveState(instance, solve(instance, threads=THREADS))
        self._need = {need_id: at for at, need_id in enumerate(sheet.need_ids)}
        self._offer = {offer_id: at for at, offer_id in enumerate(sheet.offer_ids)}
        self._offer_ids = list(sheet.offer_ids)

    @property
    def needs(self) -> frozenset[UUID]:
        """The needs inside."""
        return frozenset(self._need)

    def enter(self, need_id: UUID, tier: int, arcs: Mapping[UUID, int]) -> None:
        """Let a need in, or change it: its tier and the offers (with scores) it may get."""
        known = {self._offer[offer_id]: score for offer_id, score in arcs.items() if offer_id in self._offer}
        numbers, scores = _columns(known)
        if need_id in self._need:
            self._state.change_request(self._need[need_id], tier, numbers, scores)
        else:
            self._need[need_id] = self._state.add_request(tier, numbers, scores).number

    def leave(self, need_id: UUID) -> None:
        """Let a need go; nothing happens when it is not inside."""
        if need_id in self._need:
            self._state.withdraw(self._need.pop(need_id))

    def open(self, offer_id: UUID, places: int, arcs: Mapping[UUID, int]) -> None:
        """Let an offer in with the needs it may serve; an offer of the same id makes room for it."""
        self.shut(offer_id)
        known = {self._need[need_id]: score for need_id, score in arcs.items() if need_id in self._need}
        numbers, scores = _columns(known)
        number = self._state.add_offer(places, self._cost, numbers, scores).number
        self._offer[offer_id] = number
        self._offer_ids += [offer_id] * (number + 1 - len(self._offer_ids))

    def resize(self, offer_id: UUID, places: int) -> None:
        """Change the free places of an offer; its candidates stay."""
        if offer_id in self._offer and int(self._state.places[self._offer[offer_id]]) != places:
            self._state.change_offer(self._offer[offer_id], places)

    def shut(self, offer_id: UUID) -> None:
        """Let an offer go; whoever had it is placed anew."""
        if offer_id in self._offer:
            self._state.close_offer(self._offer.pop(offer_id))

    def assigned(self, need_id: UUID) -> UUID | None:
        """Return the offer that the best answer of this moment gives a need."""
        number = self._need.get(need_id)
        at = -1 if number is None else self._state.at(number)
        return None if at < 0 else self._offer_ids[at]

    def prices(self) -> dict[str, Price]:
        """Return what one more place on each offer is worth now."""
        price, level = self._state.prices
        return {str(offer_id): Price(int(price[at]), int(level[at])) for offer_id, at in self._offer.items()}

    def served(self) -> tuple[int, ...]:
        """Count the needs with an offer by tier (0: pinned)."""
        return self._state.totals.by_tier

    def settle(self, limit: int) -> bool:
        """Finish what capped events left, with about so much work; True when nothing can be gained any more."""
        return self._state.loss.optimal or self._state.settle(limit).loss.optimal

    def prove(self) -> Proof:
        """Finish what capped events left, and judge the present answer independently."""
        began = time.perf_counter()
        self._state.settle()
        instance, solution, _ = self._state.snapshot()
        judged = certify(instance, solution.assignment, solution.price, solution.level)
        return Proof(
            dual_gap=judged.dual_gap,
            tier_gap=judged.tier_gap,
            tier_violations=judged.tier_violations,
            faults=judged.faults,
            seconds=round(time.perf_counter() - began, 4),
        )


def _columns(known: Mapping[int, int]) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    numbers = np.array(sorted(known), np.int64)
    return numbers, np.array([known[number] for number in numbers.tolist()], np.int64)
