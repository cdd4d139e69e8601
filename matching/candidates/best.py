"""The candidates of a whole pool: the best K eligible offers of every request, as an instance for the solvers."""

import numpy as np

from matching.candidates.search import Found, search
from matching.candidates.shelves import Shelf, shelve
from matching.instances import Instance
from matching.pool.columns import I16, I32, I64
from matching.pool.desk import Desk, Pool
from matching.pool.parts import rounded
from matching.pool.refused import PoolRefused
from matching.solvers.jit import kernel

MOST_KEPT = 1_024


def candidates(pool: Pool, keep: int = 32, *, threads: int = 2) -> Instance:
    """Give the best `keep` eligible offers of every request; all of them when there are fewer.

    Exact: the same sets as a look at every pair. Best is the highest exact score, then the provider who was never
    matched or is idle longest, then the lowest offer id (section 9). The scores of the instance are rounded to
    ten-thousandths. Raises PoolRefused for a `keep` outside 1 to 1,024.
    """
    if not 1 <= keep <= MOST_KEPT:
        raise PoolRefused("keep", f"1 to {MOST_KEPT} expected, not {keep}")
    indptr, offer, score = assemble(pool, [compact(_best_of(shelve(desk), keep, threads), keep) for desk in pool.desks])
    return Instance(
        indptr=indptr, offer=offer, score=score, tier=pool.tier, capacity=pool.places_free, load_cost=pool.lam
    )


Piece = tuple[I32, I32, I16]
"""What was found at one desk: entries of each request, their offers' numbers, their rounded scores."""


def assemble(pool: Pool, pieces: list[Piece]) -> tuple[I64, I32, I32]:
    """Put what was found at every desk into one CSR form by the numbers of the pool."""
    count = np.zeros(pool.requests + 1, np.int64)
    for desk, (held, _, _) in zip(pool.desks, pieces, strict=True):
        count[1 + desk.requests.number] = held
    indptr = np.cumsum(count)
    offer = np.empty(int(indptr[-1]), np.int32)
    score = np.empty(len(offer), np.int32)
    for desk, (held, offers, scores) in zip(pool.desks, pieces, strict=True):
        spread(desk.requests.number, held, offers, scores, indptr, offer, score)
    return indptr, offer, score


def _best_of(shelf: Shelf, keep: int, threads: int) -> Found:
    """Search one desk without prices and without floors."""
    desk: Desk = shelf.desk
    amount, floor = np.zeros(len(desk.offers.number), np.int64), np.zeros(len(desk.requests.number), np.int64)
    return search(shelf, keep, amount=amount, floor=floor, threads=threads)


def compact(found: Found, keep: int) -> Piece:
    """Keep the held entries only, scores rounded, so that a province takes 6 bytes a pair meanwhile."""
    held = (np.arange(keep)[None, :] < found.count[:, None]).ravel()
    return found.count, found.offer[held], rounded(found.points[held]).astype(np.int16)


@kernel
def spread(number: I32, held: I32, offers: I32, scores: I16, indptr: I64, offer: I32, score: I32) -> None:
    """Write the entries of one desk where the numbers of its requests say."""
    read = 0
    for i in range(len(number)):
        write = indptr[number[i]]
        for at in range(held[i]):
            offer[write + at] = offers[read + at]
            score[write + at] = scores[read + at]
        read += held[i]
