"""Candidates are the same sets as a look at every pair, in every kind and corner."""

import numpy as np
import pytest
from msgspec.structs import replace

from matching.candidates import best, lists, losses, reach, sift, walk
from matching.candidates import search as searching
from matching.candidates.best import candidates
from matching.candidates.lists import Lists
from matching.candidates.search import search
from matching.candidates.shelves import ceilings, shelve
from matching.codes import Kind, Mode
from matching.instances import Instance
from matching.model import HouseWish, Offer, Policy, Request, ServiceTerms
from matching.pool.desk import Pool
from matching.pool.parts import measure, points, rounded
from matching.pool.refusals import may_exist, refusals
from matching.pool.refused import PoolRefused
from matching.solvers.jit import uncompiled
from matching.synthetic import province
from tests.matching.makers import ask, give
from tests.matching.pool_makers import plain, pooled, ranked, records

KERNELS = (best, lists, losses, reach, searching, sift, walk)


def _sets(pool: Pool, instance: Instance) -> dict[str, list[tuple[str, int]]]:
    """The candidates of every request by id."""
    return {
        need: [
            (pool.offer_ids[instance.offer[at]], int(instance.score[at]))
            for at in range(instance.indptr[number], instance.indptr[number + 1])
        ]
        for number, need in enumerate(pool.request_ids)
    }


def _expected(asked: list[Request], given: list[Offer], keep: int, widen: int = 0) -> dict[str, list[tuple[str, int]]]:
    return {
        need: sorted((name, (exact + 5_000) // 10_000) for name, exact in fitting[:keep])
        for need, fitting in ranked(asked, given, widen).items()
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("seed", [11, 12])
def test_candidates_are_those_of_the_scalar_ranking(kind: Kind, seed: int) -> None:
    asked, given = records(seed, 50, 60, (kind,), coarse=seed == 11)
    for widen in (0, 1):
        pool = pooled(asked, given, widen=widen)
        for keep in (1, 3, 200):
            assert _sets(pool, candidates(pool, keep)) == _expected(asked, given, keep, widen)


def test_homes_from_sixteen_when_the_operator_says_so() -> None:
    asked = [ask(Kind.HOUSE, need_id=f"n{age}", age=age, guardian_consent=True) for age in (15, 16, 17, 18)]
    given = [give(Kind.HOUSE)]
    for switched, first in ((False, 3), (True, 1)):
        pool = pooled(asked, given, policy=Policy(house_from_16=switched))
        assert np.diff(candidates(pool, 1).indptr).tolist() == [int(at >= first) for at in range(4)]


def test_all_kinds_together() -> None:
    asked, given = records(13, 60, 60)
    pool = pooled(asked, given)
    assert _sets(pool, candidates(pool, 4, threads=1)) == _expected(asked, given, 4)
    one, other = candidates(pool, 4), candidates(pool, 4, threads=1)
    assert one.offer.tolist() == other.offer.tolist()


@pytest.mark.parametrize("kind", [Kind.COUNSEL, Kind.INTERN, Kind.HOUSE, Kind.SPONSOR])
def test_uncompiled_kernels_find_the_same(kind: Kind) -> None:
    for widen, seed in ((0, 14), (1, 15)):
        asked, given = records(seed, 30, 40, (kind,))
        pool = pooled(asked, given, widen=widen)
        with plain(*KERNELS):
            found = _sets(pool, candidates(pool, 3, threads=1))
        assert found == _expected(asked, given, 3, widen)


@pytest.mark.parametrize("kind", [Kind.COUNSEL, Kind.INTERN, Kind.HOUSE])
def test_neighbours_and_open_wishes_uncompiled(kind: Kind) -> None:
    asked, given = records(17, 24, 60, (kind,))
    here = [
        replace(one, region="440106", wanted=frozenset(), modes=frozenset(), house=HouseWish(workplace="440103"))
        for one in asked
    ]
    modeless = [
        replace(one, terms=replace(one.terms, modes=frozenset()))
        if isinstance(one.terms, ServiceTerms) and at % 3 == 0
        else one
        for at, one in enumerate(given)
    ]
    pool = pooled(here, modeless)
    with plain(*KERNELS):
        found = _sets(pool, candidates(pool, 8, threads=1))
    assert found == _expected(here, modeless, 8)


def test_the_best_pair_replaces_the_worst_that_is_kept() -> None:
    values, offers = np.array([5, 9, 7]), np.array([3, 1, 2], np.int32)
    for keep_top in (walk.keep_top, uncompiled(walk.keep_top)):
        keep_top(values, offers, 0, 3, 9, 1)
        assert offers.tolist() == [3, 1, 2]
        keep_top(values, offers, 0, 3, 6, 8)
        assert (values.tolist(), offers.tolist()) == ([6, 9, 7], [8, 1, 2])
        values[0], offers[0] = 5, 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_heap_keeps_the_best_whatever_the_order(seed: int) -> None:
    draw = np.random.default_rng(seed)
    entries = [(int(value), offer) for offer, value in enumerate(draw.integers(0, 6, 40))]
    draw.shuffle(entries)
    for push in (walk.push, uncompiled(walk.push)):
        values, offers, held = np.zeros(7, np.int64), np.zeros(7, np.int32), 0
        for value, offer in entries:
            held = push(values, offers, 0, held, 7, int(value), int(offer))
        kept = sorted(zip((-values).tolist(), offers.tolist(), strict=True))
        assert kept == sorted((-int(value), int(offer)) for value, offer in entries)[:7]


def test_equal_scores_go_to_the_longest_idle_and_then_to_the_lowest_id() -> None:
    asked = [ask(need_id=f"n{at}", languages=frozenset()) for at in range(3)]
    given = [give(offer_id=f"o{at:02d}") for at in range(20)]
    pool = pooled(asked, given)
    for keep in (1, 5, 19):
        expected = [f"o{at:02d}" for at in range(keep)]
        assert all([name for name, _ in found] == expected for found in _sets(pool, candidates(pool, keep)).values())


def test_nobody_nothing_and_more_than_there_is() -> None:
    empty = candidates(pooled([], []), 3)
    assert (empty.requests, empty.offers, empty.arcs) == (0, 0, 0)
    assert candidates(pooled([ask()], []), 3).indptr.tolist() == [0, 0]
    assert candidates(pooled([], [give()]), 3).indptr.tolist() == [0]
    assert candidates(pooled([ask()], [give()]), 1_024).offer.tolist() == [0]
    assert candidates(pooled([ask(age=None)], [give()]), 3).arcs == 0
    for keep in (0, 1_025):
        with pytest.raises(PoolRefused, match="keep"):
            candidates(pooled([], []), keep)


def test_an_offer_without_any_mode_serves_who_left_the_mode_open() -> None:
    terms = give().terms
    assert isinstance(terms, ServiceTerms)
    far = ServiceTerms(topics=terms.topics, modes=frozenset(), languages=terms.languages, slots=terms.slots)
    asked = [
        ask(need_id=f"n{at}", modes=modes, region=region)
        for at, (modes, region) in enumerate(
            [(frozenset(), "440106"), (frozenset(), None), (frozenset({Mode.FF}), "440106")]
        )
    ]
    given = [give(offer_id="o1", terms=far, region="445102"), give(offer_id="o2")]
    pool = pooled(asked, given)
    assert _sets(pool, candidates(pool, 2)) == _expected(asked, given, 2)


def brute(pool: Pool, keep: int) -> list[tuple[list[int], list[int]]]:
    """Look at every pair of a pool with the vectorised gates and parts."""
    found: list[tuple[list[int], list[int]]] = [([], []) for _ in range(pool.requests)]
    for desk in pool.desks:
        cols = np.arange(len(desk.offers.number))
        for row, number in enumerate(desk.requests.number.tolist()):
            rows = np.full(len(cols), row)
            exact = np.where(may_exist(refusals(desk, rows, cols)), points(desk, measure(desk, rows, cols)), -1)
            top = np.lexsort((cols, -exact))[:keep]
            top = top[exact[top] >= 0]
            names = desk.offers.number[top]
            order = np.argsort(names)
            found[number] = names[order].tolist(), rounded(exact[top])[order].tolist()
    return found


def test_a_synthetic_province_gives_the_sets_of_brute_force() -> None:
    pool = province(requests=800, offers=400, seed=5)
    expected = {keep: brute(pool, keep) for keep in (4, 32)}
    for keep, sets in expected.items():
        instance = candidates(pool, keep)
        for number, (names, scores) in enumerate(sets):
            begin, end = instance.indptr[number], instance.indptr[number + 1]
            assert instance.offer[begin:end].tolist() == names
            assert instance.score[begin:end].tolist() == scores


def test_values_with_prices_floors_and_blur_are_the_same_uncompiled() -> None:
    pool = province(requests=60, offers=60, seed=6)
    for desk in pool.desks:
        shelf = shelve(desk)
        floor = np.zeros(len(desk.requests.number), np.int64)
        amount = np.random.default_rng(0).integers(-50_000_000, 1, len(desk.offers.number))
        for blur in (0, 20_000_000):
            found = search(shelf, 3, amount=amount, floor=floor, threads=2, blur=blur)
            with plain(*KERNELS):
                again = search(shelf, 3, amount=amount, floor=floor, threads=1, blur=blur)
            assert found.offer.tolist() == again.offer.tolist()
            assert found.points.tolist() == again.points.tolist()
            assert found.top.tolist() == again.top.tolist()


@pytest.mark.parametrize("head", [1, 5])
def test_who_comes_to_the_end_of_a_short_head_gets_the_rest(head: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "HEAD", head)
    pool = province(requests=300, offers=200, seed=8)
    instance = candidates(pool, 4)
    for number, (names, _) in enumerate(brute(pool, 4)):
        assert instance.offer[instance.indptr[number] : instance.indptr[number + 1]].tolist() == names
    for desk in pool.desks:
        shelf = shelve(desk)
        floor = np.random.default_rng(1).integers(0, 70_000_000, len(desk.requests.number))
        amount = np.random.default_rng(2).integers(-20_000_000, 1, len(desk.offers.number))
        short = search(shelf, 3, amount=amount, floor=floor, threads=1, blur=10_000_000)
        with monkeypatch.context() as patch:
            patch.setattr(lists, "HEAD", 4_096)
            long = search(shelf, 3, amount=amount, floor=floor, threads=1, blur=10_000_000)
        assert short.offer.tolist() == long.offer.tolist()
        assert short.top.tolist() == long.top.tolist()


def test_lists_are_ordered_up_to_their_step() -> None:
    asked, given = records(16, 40, 60, (Kind.COUNSEL,))
    (desk,) = pooled(asked, given).desks
    shelf = shelve(desk)
    row = int(np.flatnonzero(shelf.asked[:, 0])[0])
    made: Lists = lists.arrange(shelf, *ceilings(shelf, row), 0)
    for begin, end in zip(made.ptr[:-1], made.ptr[1:], strict=True):
        bound = made.bound[begin:end]
        assert (np.maximum.accumulate(bound[::-1])[::-1] - bound < made.step).all()
