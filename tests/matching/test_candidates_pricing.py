"""Pricing looks at all eligible pairs and finds the most violated ones, with the bound they prove."""

import numpy as np
import pytest

from matching.candidates.best import candidates
from matching.candidates.pricing import Pricer
from matching.codes import Kind
from matching.instances import Instance
from matching.pool.desk import Pool
from matching.pool.parts import measure, points, rounded
from matching.pool.refusals import may_exist, refusals
from matching.pool.refused import PoolRefused
from matching.solvers.province import solve
from matching.synthetic import province
from tests.matching.pool_makers import pooled, records


def _every_pair(pool: Pool) -> list[dict[int, tuple[int, int, int]]]:
    """All eligible pairs of every request: offer -> rounded score, exact points, position at the desk."""
    found: list[dict[int, tuple[int, int, int]]] = [{} for _ in range(pool.requests)]
    for desk in pool.desks:
        cols = np.arange(len(desk.offers.number))
        for row, number in enumerate(desk.requests.number.tolist()):
            rows = np.full(len(cols), row)
            exact = points(desk, measure(desk, rows, cols))
            for at in np.flatnonzero(may_exist(refusals(desk, rows, cols))).tolist():
                score = int(rounded(exact[at : at + 1])[0])
                found[number][int(desk.offers.number[at])] = (score, int(exact[at]), at)
    return found


def test_candidates_to_start_from_are_eligible_and_spread_over_the_offers() -> None:
    pool = province(requests=600, offers=200, seed=5)
    pricer = Pricer(pool)
    spread, best = pricer.start(4), candidates(pool, 4)
    every = _every_pair(pool)
    for i, pairs in enumerate(every):
        row = slice(int(spread.indptr[i]), int(spread.indptr[i + 1]))
        assert len(spread.offer[row]) == min(4, len(pairs))
        assert all(pairs[j][0] == score for j, score in zip(spread.offer[row], spread.score[row], strict=True))
    served = [int((solve(one).assignment >= 0).sum()) for one in (best, spread)]
    assert served[0] < served[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("fold", [0, 1 << 36])
def test_the_most_violated_pairs_are_those_of_brute_force(seed: int, fold: int) -> None:
    pool = pooled(*records(21, 60, 60)) if seed == 1 else province(requests=150, offers=120, seed=seed)
    draw = np.random.default_rng(seed)
    price = draw.integers(0, 4_000, pool.offers) + fold * draw.integers(0, 3, pool.offers)
    utility = draw.integers(0, 5_000, pool.requests) - fold * draw.integers(0, 3, pool.requests)
    priced = Pricer(pool).price(utility, price, most=3, blur=0)
    every = _every_pair(pool)
    for i, pairs in enumerate(every):
        ranked = sorted(
            (
                (10_000 * int(price[j]) - exact, at, j, score)
                for j, (score, exact, at) in pairs.items()
                if score - price[j] > utility[i]
            )
        )
        begin, end = priced.indptr[i], priced.indptr[i + 1]
        assert priced.offer[begin:end].tolist() == sorted(j for _, _, j, _ in ranked[:3])
        assert all(
            pairs[j][0] == score for j, score in zip(priced.offer[begin:end], priced.score[begin:end], strict=True)
        )
        worst = max((score - int(price[j]) - int(utility[i]) for j, (score, _, _) in pairs.items()), default=0)
        assert priced.worst[i] == max(0, worst)
    assert priced.bound == int(priced.worst.sum())
    assert priced.violated == int((priced.worst > 0).sum())
    assert priced.seen > 0


@pytest.mark.parametrize("blur", [1, 500, 10_000])
def test_blurred_pairs_are_violated_and_the_worst_is_among_them(blur: int) -> None:
    pool = province(requests=150, offers=120, seed=7)
    draw = np.random.default_rng(7)
    price, utility = draw.integers(0, 4_000, pool.offers), draw.integers(0, 5_000, pool.requests)
    priced = Pricer(pool).price(utility, price, most=3, blur=blur)
    sharp = Pricer(pool).price(utility, price, most=3, blur=0)
    assert priced.worst.tolist() == sharp.worst.tolist()
    assert priced.indptr.tolist() == sharp.indptr.tolist()
    assert blur == 1 or priced.offer.tolist() != sharp.offer.tolist()
    for i in range(pool.requests):
        gains = [
            int(priced.score[at]) - int(price[priced.offer[at]]) - int(utility[i])
            for at in range(priced.indptr[i], priced.indptr[i + 1])
        ]
        assert all(gain > 0 for gain in gains)
        assert max(gains, default=0) == priced.worst[i]


def test_the_blur_falls_with_every_call() -> None:
    pool = province(requests=150, offers=120, seed=8)
    utility, price = np.zeros(pool.requests, np.int64), np.zeros(pool.offers, np.int64)
    pricer = Pricer(pool)
    calls = [pricer.price(utility, price).offer.tolist() for _ in range(6)]
    assert calls[0] == Pricer(pool).price(utility, price, blur=6_000).offer.tolist()
    assert calls[1] == Pricer(pool).price(utility, price, blur=750).offer.tolist()
    assert calls[5] == Pricer(pool).price(utility, price, blur=0).offer.tolist()


def test_nothing_is_violated_when_everybody_has_the_best() -> None:
    pool = province(requests=200, offers=100, seed=4)
    instance: Instance = candidates(pool, 1)
    best = np.zeros(pool.requests, np.int64)
    best[np.diff(instance.indptr) > 0] = instance.score
    priced = Pricer(pool).price(best, np.zeros(pool.offers, np.int64))
    assert (priced.bound, priced.violated, len(priced.offer)) == (0, 0, 0)


def test_one_kind_without_offers_and_no_kind_at_all() -> None:
    for asked, given in (records(22, 6, 0, (Kind.COUNSEL,)), ([], []), records(22, 0, 6, (Kind.COUNSEL,))):
        pool = pooled(asked, given)
        priced = Pricer(pool).price(np.zeros(len(asked), np.int64), np.zeros(len(given), np.int64))
        assert priced.bound == 0
        assert len(priced.indptr) == len(asked) + 1


def test_wrong_prices_are_refused_by_name() -> None:
    pricer = Pricer(province(requests=3, offers=2, seed=0))
    utility, price = np.zeros(3, np.int64), np.zeros(2, np.int64)
    for field, arguments in (
        ("most", {"most": 0}),
        ("most", {"most": 65}),
        ("utility", {"utility": np.zeros(2, np.int64)}),
        ("utility", {"utility": np.zeros(3, np.int32)}),
        ("price", {"price": np.zeros(3, np.int64)}),
        ("price", {"price": np.array([0, 1 << 45])}),
    ):
        with pytest.raises(PoolRefused) as refused:
            pricer.price(**{"utility": utility, "price": price, **arguments})  # type: ignore[arg-type]
        assert refused.value.field == field
