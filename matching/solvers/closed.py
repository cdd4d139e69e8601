"""What a place would be worth on an offer that has none."""

from typing import Any

import numpy as np

from matching.instances import MOST_TIERS, Instance, Ints8, Ints32, Ints64
from matching.solvers.jit import kernel


def price_closed(instance: Instance, price: Ints64, level: Ints32) -> None:
    """Set level and price of every offer without places, in place, from those of the others.

    They are the smallest at which no request would rather be there: the scarcity price of a first place.
    """
    if bool((instance.capacity == 0).any()):
        raise_closed(
            instance.indptr, instance.offer, instance.score, instance.tier, instance.capacity, price, level, MOST_TIERS
        )


@kernel
def raise_closed(
    indptr: Ints64,
    offer: Ints32,
    score: Ints32,
    tier: Ints8,
    capacity: Ints32,
    price: Ints64,
    level: Ints32,
    tiers: Any,
) -> None:
    """Raise (level, price) of offers without places above what each request would gain there."""
    for i in range(tier.shape[0]):
        lowest = tiers + 1
        gain = np.int64(0)
        closed = 0
        for e in range(indptr[i], indptr[i + 1]):
            j = offer[e]
            net = score[e] - price[j]
            if capacity[j] == 0:
                closed += 1
            elif level[j] < lowest or (level[j] == lowest and net > gain):
                lowest = level[j]
                gain = net
        if closed == 0:
            continue
        weight = tiers - tier[i]
        if weight < lowest or (weight == lowest and gain < 0):
            lowest = weight
            gain = np.int64(0)
        for e in range(indptr[i], indptr[i + 1]):
            j = offer[e]
            net = score[e] - gain
            if capacity[j] == 0 and (lowest > level[j] or (lowest == level[j] and net > price[j])):
                level[j] = lowest
                price[j] = net
