"""What offices do today, on the arrays of an instance: the queue by urgency, and greedy by urgency and score.

Both are judged against the exact answer by `matching.fairness`; neither is used to serve anybody.
"""

import numpy as np
import numpy.typing as npt

from matching.instances import Instance, Ints32, Ints64
from matching.solvers.jit import kernel


def queue_by_urgency(instance: Instance) -> Ints32:
    """Let requests choose one after the other, urgent ones first, each the best offer with room; -1 is none.

    Within a tier the smaller request key goes first, or the smaller number without keys. The best offer is the one
    with the largest score less its present load cost, then the smaller number. O(m).
    """
    keys = np.arange(instance.requests) if instance.request_key is None else instance.request_key
    order = np.lexsort((keys, instance.tier))
    assignment = np.full(instance.requests, -1, np.int32)
    load = np.zeros(instance.offers, np.int64)
    serve_queue(
        order, instance.indptr, instance.offer, instance.score, instance.capacity, instance.load_cost, load, assignment
    )
    return assignment


def greedy_by_score(instance: Instance) -> Ints32:
    """Take pairs one after the other, urgent tiers first and the best scores within a tier; -1 is none. O(m log m).

    Equal scores go by the order of requests, then of offers.
    """
    rows = np.repeat(np.arange(instance.requests, dtype=np.int32), np.diff(instance.indptr))
    tier = instance.tier[rows].astype(np.int64)
    order = np.argsort((tier << 32) - instance.score, kind="stable")
    assignment = np.full(instance.requests, -1, np.int32)
    take_pairs(order, rows, instance.offer, instance.capacity.copy(), assignment)
    return assignment


@kernel
def serve_queue(
    order: npt.NDArray[np.intp],
    indptr: Ints64,
    offer: Ints32,
    score: Ints32,
    capacity: Ints32,
    load_cost: Ints32,
    load: Ints64,
    assignment: Ints32,
) -> None:
    """Serve requests in this order; fills `load` [k] and `assignment` [n]."""
    for request in order:
        best = np.int64(-1) << 62
        chosen = -1
        for arc in range(indptr[request], indptr[request + 1]):
            one = offer[arc]
            if load[one] < capacity[one]:
                cost = (np.int64(load_cost[one]) * (2 * load[one] + 1)) // (2 * np.int64(capacity[one]))
                if score[arc] - cost > best:
                    best = score[arc] - cost
                    chosen = one
        if chosen >= 0:
            assignment[request] = chosen
            load[chosen] += 1


@kernel
def take_pairs(order: npt.NDArray[np.intp], rows: Ints32, offer: Ints32, free: Ints32, assignment: Ints32) -> None:
    """Take every pair of this order that is still possible; `free` [k]: places left, `assignment` [n] is filled."""
    for arc in order:
        request = rows[arc]
        one = offer[arc]
        if assignment[request] < 0 and free[one] > 0:
            assignment[request] = one
            free[one] -= 1
