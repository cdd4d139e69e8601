"""Who is served when several answers are worth the same: the requests that come first.

Where places are short, an unserved request may often take the place of a served one of the same tier without any
change of worth. The sets of requests that an optimal answer can serve are the bases of a matroid, so one pass of
exchanges suffices: each unserved request, in order, replaces the last request that it can replace if that one comes
later. It can replace those at the end of paths of arcs that are exactly as good as what each request on them has.
"""

from typing import Any

import numpy as np

from matching.instances import Ints8, Ints64
from matching.solvers.augment import Tree, shift_along
from matching.solvers.jit import inner, kernel
from matching.solvers.packing import Arcs, offer_of, score_of
from matching.solvers.seats import Offers, Places

SWEEPS = 4
"""The pass ends after looking at this many times the number of arcs; answers stay optimal, only ties stay as found."""


@inner
def reach_equal(arcs: Arcs, price: Ints64, tree: Tree, i: Any, own: Any, tail: Any) -> Any:
    """Reach every new offer where request i would be exactly as well off as `own`; gives the number reached so far."""
    for e in range(arcs.start[i], arcs.start[i + 1]):
        x = arcs.word[e]
        j = np.int64(offer_of(x))
        if score_of(x) - price[j] == own and tree.mark[j] == 0:
            tree.mark[j] = 1
            tree.via[j] = i
            tree.closed[tail] = j
            tail += 1
    return tail


@kernel
def prefer_first(
    arcs: Arcs, duty: Ints8, offers: Offers, places: Places, price: Ints64, tree: Tree, budget: Any
) -> Any:
    """Exchange equally good requests so that the first in order are served; gives the number of exchanges.

    `tree.mark` is 0 at the beginning. Offers of a search without success stay marked: everything that can be
    replaced there comes before the request that searched, and so before all later ones.
    """
    exchanges = 0
    for root in range(duty.shape[0]):
        if duty[root] != 0 or places.assigned[root] >= 0:
            continue
        budget -= arcs.start[root + 1] - arcs.start[root]
        tail = reach_equal(arcs, price, tree, root, np.int64(0), np.int64(0))
        head = 0
        last: Any = root
        while head < tail:
            j = np.int64(tree.closed[head])
            head += 1
            for q in range(offers.first[j], offers.first[j] + places.load[j]):
                i = np.int64(places.holder[q])
                own = places.worth[i] - price[j]
                if duty[i] == 0 and own == 0 and i > last:
                    last = i
                budget -= arcs.start[i + 1] - arcs.start[i]
                tail = reach_equal(arcs, price, tree, i, own, tail)
        if budget < 0:
            break
        if last > root:
            end = np.int64(places.assigned[last])
            seat = places.seat[last]
            places.assigned[last] = -1
            shift_along(arcs, places, tree, root, end, seat)
            for c in range(tail):
                tree.mark[tree.closed[c]] = 0
            exchanges += 1
    return exchanges
