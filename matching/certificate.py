"""Independent judge of an answer: is it valid, and is it proven to be the best? Shares no code with any solver.

The proof. Let Delta be larger than any number made of scores, so that worth is a pair (tier part, score part) compared
tier part first. A request of tier t is worth w = 8 - t in the tier part when served. For any prices p and levels L of
the offers, every answer is worth at most

    sum over requests of max(0, best over its arcs of (w - L, score - p))
    + sum over offers and places k of max(0, (L, p - cost of the k-th place)),

because each pair and each place adds at most its own term (weak duality, in integers). If the answer reaches this
bound in both parts, none is better. `dual_gap` is the distance in the score part and `tier_gap` in the tier part.

The tiers are also checked one by one, without bonus: of the tiers 0 to t, no more can be served than the places of
offers with level >= 8 - t plus the requests that have an arc to an offer with places and a lower level (Hall, König).
Every prefix in which the answer serves fewer is a tier violation.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from matching.instances import MOST_TIERS, Instance, Ints8, Ints32, Ints64
from matching.solvers.jit import kernel

TOO_LARGE = 1 << 40
"""A price beyond this is a fault: sums of such numbers might leave 64 bits."""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What the judge found.

    `matched_by_tier`: requests served, for tier 0 to the last one in use. `net_score`: sum of scores less load costs,
    in score units. `dual_gap`, `tier_gap`: 0 when the answer is proven best. `tier_violations`: tier prefixes that are
    not proven to be served as well as possible. `faults`: what makes the answer invalid, as sentences.
    """

    matched_by_tier: tuple[int, ...]
    net_score: int
    dual_gap: int
    tier_gap: int
    tier_violations: int
    faults: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """True when the answer is feasible and proven best."""
        return not self.faults and self.dual_gap == 0 and self.tier_gap == 0 and self.tier_violations == 0


def certify(instance: Instance, assignment: Any, price: Any, level: Any) -> Certificate:
    """Judge an answer: `assignment` [n] offer or -1, `price` [k] in score units, `level` [k] from 0 to 8; integers.

    Takes O(m + places) time and never raises for a wrong answer: faults say what is wrong with it.
    """
    arrays = [np.asarray(values) for values in (assignment, price, level)]
    faults = _form_faults(instance, *arrays)
    if faults:
        return Certificate(
            matched_by_tier=(), net_score=0, dual_gap=0, tier_gap=0, tier_violations=0, faults=tuple(faults)
        )
    chosen, prices, levels = (values.astype(np.int64) for values in arrays)
    tiers = int(instance.tier.max(initial=0)) + 1
    served = np.bincount(instance.tier[chosen >= 0], minlength=tiers)
    load = np.bincount(chosen[chosen >= 0], minlength=instance.offers)
    over = int(np.count_nonzero(load > instance.capacity))
    if over:
        faults.append(f"{over} offers hold more people than they have places")
    sums, table, strangers = judge_requests(
        instance.indptr, instance.offer, instance.score, instance.tier, instance.capacity, chosen, prices, levels
    )
    if strangers:
        faults.append(f"{strangers} requests are on an offer that is not among their candidates")
    paid, worth_it, cost = judge_offers(instance.capacity, instance.load_cost, load, prices, levels)
    net = int(sums[0]) - int(paid.sum())
    tier_part = int(((MOST_TIERS - np.arange(tiers)) * served).sum())
    return Certificate(
        matched_by_tier=tuple(int(count) for count in served),
        net_score=net,
        dual_gap=int(sums[2]) + _product(worth_it, prices) - int(cost.sum()) - net,
        tier_gap=int(sums[1]) + int((levels * instance.capacity).sum()) - tier_part,
        tier_violations=_violations(table, levels, instance.capacity, served),
        faults=tuple(faults),
    )


def _form_faults(
    instance: Instance, assignment: npt.NDArray[Any], price: npt.NDArray[Any], level: npt.NDArray[Any]
) -> list[str]:
    """Say which arrays cannot be an answer at all."""
    faults: list[str] = []
    for name, values, length, low, high in (
        ("assignment", assignment, instance.requests, -1, instance.offers - 1),
        ("price", price, instance.offers, -TOO_LARGE, TOO_LARGE),
        ("level", level, instance.offers, 0, MOST_TIERS),
    ):
        if values.shape != (length,):
            faults.append(f"{name} must have {length} entries")
        elif length and values.dtype.kind not in "iu":
            faults.append(f"{name} must consist of integers")
        elif length and not low <= int(values.min()) <= int(values.max()) <= high:
            faults.append(f"{name} must lie between {low} and {high}")
    return faults


def _product(counts: Ints64, prices: Ints64) -> int:
    """Sum of count times price, exact though the sum may need more than 64 bits."""
    high = int((counts * (prices >> 20)).sum())
    low = int((counts * (prices & 0xFFFFF)).sum())
    return (high << 20) + low


def _violations(table: Ints64, levels: Ints64, capacity: Ints32, served: Ints64) -> int:
    """Count the tier prefixes that serve fewer than their cover; `table` counts requests by tier and lowest level."""
    violations = 0
    for tier in range(len(served)):
        short = MOST_TIERS - tier
        cover = int(capacity[levels >= short].sum(dtype=np.int64)) + int(table[: tier + 1, :short].sum())
        violations += cover != int(served[: tier + 1].sum())
    return violations


@kernel
def judge_requests(
    indptr: Ints64, offer: Ints32, score: Ints32, tier: Ints8, capacity: Ints32, chosen: Ints64, price: Ints64,
    level: Ints64,
) -> Any:  # fmt: skip
    """Add up what the requests contribute: one pass over all arcs.

    Gives int64[3] (scores of the chosen arcs, tier part and score part of the bound), int64[8, 10] (requests by tier
    and by the lowest level among their arcs to offers with places; 9 = no such arc), and the number of requests whose
    chosen offer is not among their arcs.
    """
    sums = np.zeros(3, np.int64)
    table = np.zeros((8, 10), np.int64)
    strangers: Any = 0
    for i in range(tier.shape[0]):
        own = chosen[i]
        known = own < 0
        lowest = np.int64(9)
        least = np.int64(9)
        gain = np.int64(0)
        weight = np.int64(8 - tier[i])
        for e in range(indptr[i], indptr[i + 1]):
            j = np.uint64(offer[e])
            here = level[j]
            net = score[e] - price[j]
            better = here < least or (here == least and net > gain)
            least = here if better else least
            gain = net if better else gain
            lowest = here if here < lowest and capacity[j] > 0 else lowest
            if np.int64(j) == own:
                sums[0] += score[e]
                known = True
        table[tier[i], lowest] += 1
        strangers += np.int64(not known)
        if weight > least or (weight == least and gain > 0):
            sums[1] += weight - least
            sums[2] += gain
    return sums, table, strangers


@kernel
def judge_offers(capacity: Ints32, load_cost: Ints32, load: Ints64, price: Ints64, level: Ints64) -> Any:
    """Add up what each offer contributes, int64[k] each.

    Gives the load cost of the people on it; the number of its places that are worth more than they cost at this price
    (all of them inside a shortage); and the cost of those places.
    """
    paid = np.zeros(capacity.shape[0], np.int64)
    worth_it = np.zeros(capacity.shape[0], np.int64)
    cost = np.zeros(capacity.shape[0], np.int64)
    for j in range(capacity.shape[0]):
        twice = np.int64(2 * np.int64(capacity[j]))
        for place in range(load[j] if load_cost[j] > 0 and twice > 0 else 0):
            paid[j] += (np.int64(load_cost[j]) * (2 * place + 1)) // twice
        if load_cost[j] == 0:
            worth_it[j] = capacity[j] if level[j] > 0 or price[j] > 0 else 0
            continue
        for place in range(capacity[j]):
            step = (np.int64(load_cost[j]) * (2 * place + 1)) // twice
            if level[j] == 0 and step >= price[j]:
                break
            worth_it[j] += 1
            cost[j] += step
    return paid, worth_it, cost
