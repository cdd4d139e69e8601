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

from matching.instances import Instance, Solution
from matching.solvers.closed import price_closed
from matching.solvers.part import Answer, solve_part
from matching.solvers.parts import Part, divide


def solve(instance: Instance, *, threads: int = 2, start: Solution | None = None) -> Solution:
    """Find an optimal answer; `threads` changes only the time it takes.

    `start` is an answer to a similar problem in the same numbering: it shortens the way, not the result's worth.
    The first call on a machine compiles the kernels (see `matching.solvers.jit`); no compiled code is shipped.
    """
    begin = time.perf_counter()
    cpu = time.process_time()
    parts = divide(instance)
    divided = time.process_time()
    answers = _solved(instance, parts, threads)
    assignment = np.full(instance.requests, -1, np.int32)
    price = np.zeros(instance.offers, np.int64)
    level = np.zeros(instance.offers, np.int32)
    seconds = {"divide": divided - cpu}
    for part, answer in zip(parts, answers, strict=True):
        assignment[part.requests] = np.where(answer.assignment >= 0, part.offers[answer.assignment], -1)
        price[part.offers] = answer.price
        level[part.offers] = answer.level
        for phase, spent in answer.seconds.items():
            seconds[phase] = seconds.get(phase, 0.0) + spent
    price_closed(instance, price, level)
    seconds["wall"] = time.perf_counter() - begin
    return Solution(
        assignment=assignment, price=price, level=level, seconds=seconds, cpu_seconds=time.process_time() - cpu
    )


def _solved(instance: Instance, parts: Sequence[Part], threads: int) -> list[Answer]:
    """Solve the parts, the largest first, in this many threads."""
    if threads == 1 or len(parts) == 1:
        return [solve_part(instance, part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda part: solve_part(instance, part), parts))
