"""The order in which equal things come: a problem renumbered by its keys, so that its numbering does not matter."""

import numpy as np

from matching.instances import Instance, Ints32, Ints64
from matching.solvers.jit import kernel


def by_keys(instance: Instance) -> tuple[Instance, Ints64, Ints64]:
    """Renumber requests and offers by ascending key, where there are keys.

    Gives the renumbered problem without keys, int64[n] old number of each new request, int64[k] likewise for offers.
    """
    requests = _order(instance.request_key, instance.requests)
    offers = _order(instance.offer_key, instance.offers)
    if _ascending(requests) and _ascending(offers):
        return instance, requests, offers
    indptr = np.zeros(instance.requests + 1, np.int64)
    np.cumsum(np.diff(instance.indptr)[requests], out=indptr[1:])
    offer = np.empty(instance.arcs, np.int32)
    score = np.empty(instance.arcs, np.int32)
    reorder_rows(instance.indptr, instance.offer, instance.score, requests, offers, indptr, offer, score)
    renumbered = Instance(
        indptr=indptr,
        offer=offer,
        score=score,
        tier=instance.tier[requests],
        capacity=instance.capacity[offers],
        load_cost=instance.load_cost[offers],
    )
    return renumbered, requests, offers


def _order(keys: Ints64 | None, count: int) -> Ints64:
    return np.arange(count) if keys is None else np.argsort(keys, kind="stable")


def _ascending(order: Ints64) -> bool:
    return bool((order == np.arange(len(order))).all())


@kernel
def reorder_rows(
    indptr: Ints64, offer: Ints32, score: Ints32, requests: Ints64, offers: Ints64, new_indptr: Ints64,
    new_offer: Ints32, new_score: Ints32,
) -> None:  # fmt: skip
    """Fill the rows of the renumbered problem, ascending within each: sorted by offer, then dealt out, O(m + n + k)."""
    at = np.zeros(offers.shape[0] + 1, np.int64)
    for e in range(offer.shape[0]):
        at[offer[e]] += 1
    total = 0
    for new in range(offers.shape[0]):
        count = at[offers[new]]
        at[offers[new]] = total
        total += count
    row = np.empty(offer.shape[0], np.int32)
    worth = np.empty(offer.shape[0], np.int32)
    for new in range(requests.shape[0]):
        old = requests[new]
        for e in range(indptr[old], indptr[old + 1]):
            place = at[offer[e]]
            row[place] = new
            worth[place] = score[e]
            at[offer[e]] += 1
    # Every counter now stands at the end of its offer's stretch, which is where the next offer's begins.
    filled = new_indptr[:-1].copy()
    begin = 0
    for new in range(offers.shape[0]):
        for e in range(begin, at[offers[new]]):
            place = filled[row[e]]
            new_offer[place] = new
            new_score[place] = worth[e]
            filled[row[e]] += 1
        begin = at[offers[new]]
