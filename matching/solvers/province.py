"""The best assignment of a whole province: exact, lexicographic by urgency tier, with prices that prove it.

The aim: serve as many requests of the most urgent tier as possible, then of the next one, and so on; among all such
answers make the sum of scores less the convex load cost largest. Each request gets at most one place.

The way: connected components are solved independently, in threads; `part` runs the phases of one component.
Among answers of equal worth the choice is deterministic: see `Instance.request_key` and docs/matching.md.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from matching.instances import Instance, Ints64, Solution
from matching.solvers.closed import price_closed
from matching.solvers.order import by_keys
from matching.solvers.part import Answer, Start, solve_part
from matching.solvers.parts import Part, divide


def solve(instance: Instance, *, threads: int = 2, start: Solution | None = None) -> Solution:
    """Find an optimal answer; `threads` changes only the time it takes.

    `start` is an answer to a similar problem in the same numbering: it shortens the way, not the result's worth.
    The first call on a machine compiles the kernels (see `matching.solvers.jit`); no compiled code is shipped.
    """
    begin = time.perf_counter()
    cpu = time.process_time()
    ordered, requests, offers = by_keys(instance)
    laps = {"order": time.process_time() - cpu}
    parts = divide(ordered)
    laps["divide"] = time.process_time() - cpu - laps["order"]
    answers = _solved(ordered, parts, _renumbered(start, requests, offers), threads)
    assignment = np.full(instance.requests, -1, np.int32)
    price = np.zeros(instance.offers, np.int64)
    level = np.zeros(instance.offers, np.int32)
    for part, answer in zip(parts, answers, strict=True):
        there = offers[part.offers]
        assignment[requests[part.requests]] = np.where(answer.assignment >= 0, there[answer.assignment], -1)
        price[there] = answer.price
        level[there] = answer.level
        for phase, spent in answer.seconds.items():
            laps[phase] = laps.get(phase, 0.0) + spent
    price_closed(instance, price, level)
    return Solution(
        assignment=assignment,
        price=price,
        level=level,
        seconds={**laps, "wall": time.perf_counter() - begin},
        cpu_seconds=time.process_time() - cpu,
    )


def _renumbered(start: Solution | None, requests: Ints64, offers: Ints64) -> Start | None:
    """Bring an answer into the order of the keys."""
    if start is None:
        return None
    new_number = np.full(len(offers) + 1, -1, np.int32)
    new_number[offers] = np.arange(len(offers), dtype=np.int32)
    return Start(new_number[start.assignment[requests]], start.price[offers], start.level[offers])


def _within(start: Start | None, part: Part, offers: int) -> Start | None:
    """Bring an answer into the numbering of a part; pairs that leave it are forgotten."""
    if start is None:
        return None
    local = np.full(offers + 1, -1, np.int32)
    local[part.offers] = np.arange(len(part.offers), dtype=np.int32)
    return Start(local[start.assignment[part.requests]], start.price[part.offers], start.level[part.offers])


def _solved(instance: Instance, parts: Sequence[Part], start: Start | None, threads: int) -> list[Answer]:
    """Solve the parts, the largest first, in this many threads."""

    def solved(part: Part) -> Answer:
        return solve_part(instance, part, _within(start, part, instance.offers))

    if threads == 1 or len(parts) == 1:
        return [solved(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(solved, parts))


def carried(earlier: Solution, old_request: Ints64, old_offer: Ints64) -> Solution:
    """Bring yesterday's answer into today's numbering, to start from.

    `old_request` int64[n], `old_offer` int64[k]: yesterday's number of each of today's requests and offers, -1 for new
    ones. New offers begin without a price.
    """
    new_number = np.full(len(earlier.price) + 1, -1, np.int32)
    known = np.flatnonzero(old_offer >= 0)
    new_number[old_offer[known]] = known
    return Solution(
        assignment=new_number[np.append(earlier.assignment, np.int32(-1))[old_request]],
        price=np.append(earlier.price, 0)[old_offer],
        level=np.append(earlier.level, np.int32(0))[old_offer],
    )
