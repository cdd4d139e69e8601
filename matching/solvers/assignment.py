"""The exact best assignment of a whole set of requests to offers with several places, for the nightly sweep.

The order of aims is that of `worth`: urgent requests served, then requests served, then the sum of points.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from matching.model import Assigned, Pair, Problem, Result
from matching.worth import bonuses, eligible_points

MOST_REQUESTS = 5_000
"""Above this the bonuses would no longer be exact in double precision."""

_SOLVE: Callable[..., tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = linear_sum_assignment  # pyright: ignore[reportUnknownVariableType]


def assign(problem: Problem) -> Result:
    """Find the optimal result; it does not depend on the order of requests and offers.

    Every offer column is repeated once for each free place. Raises ValueError for shared ids and for more than
    5,000 requests.
    """
    if len(problem.requests) > MOST_REQUESTS:
        raise ValueError(f"an exact assignment takes at most {MOST_REQUESTS} requests")
    worth = eligible_points(problem)
    bonus = bonuses(problem)
    needs = sorted(bonus)
    seats = [
        offer.offer_id
        for offer in sorted(problem.offers, key=lambda offer: offer.offer_id)
        for _ in range(min(offer.capacity - offer.used, len(needs)))
    ]
    gain: npt.NDArray[np.float64] = np.zeros((len(needs), len(seats)))
    for row, need_id in enumerate(needs):
        for column, offer_id in enumerate(seats):
            pair = Pair(need_id, offer_id)
            if pair in worth:
                gain[row, column] = bonus[need_id] + worth[pair]
    rows, columns = _maximum(gain)
    pairs = [Pair(needs[row], seats[column]) for row, column in zip(rows, columns, strict=True)]
    assigned = tuple(sorted(Assigned(pair, worth[pair]) for pair in pairs if pair in worth))
    served = {one.pair.need_id for one in assigned}
    return Result(assigned, tuple(need_id for need_id in needs if need_id not in served))


def _maximum(gain: npt.NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Give rows and columns of a heaviest full matching of the smaller side."""
    rows, columns = _SOLVE(gain, maximize=True)
    return rows.tolist(), columns.tolist()
