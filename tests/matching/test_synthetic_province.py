"""The synthetic province: the shape that was promised, the same from the same seed."""

import numpy as np
import pytest

from matching.candidates.best import candidates
from matching.codes import Kind
from matching.pool.refused import PoolRefused
from matching.synthetic import Structure, province, restructured


def test_the_same_seed_gives_the_same_province_and_another_seed_another() -> None:
    one, other, third = (candidates(province(requests=500, offers=100, seed=seed), 8) for seed in (1, 1, 2))
    assert one.offer.tolist() == other.offer.tolist()
    assert one.score.tolist() == other.score.tolist()
    assert one.score.tolist() != third.score.tolist()


def test_its_shape_is_that_of_the_province() -> None:
    pool = province(requests=20_000, offers=4_000, seed=3)
    kinds = [Kind.COUNSEL, Kind.INTERN, Kind.HOUSE, Kind.SPONSOR]
    shares = [len(desk.requests.number) / pool.requests for desk in pool.desks]
    assert [desk.kind for desk in pool.desks] == kinds
    assert np.allclose(shares, [0.50, 0.25, 0.10, 0.15], atol=0.02)
    assert len({code[:4] for code in pool.places.codes}) == 21
    assert sum(not code.endswith("00") for code in pool.places.codes) == 122
    assert 0.6 < pool.places_free.sum() / pool.requests < 0.95
    tiers = np.bincount(pool.tier, minlength=5) / pool.requests
    assert np.allclose(tiers, [0.01, 0.05, 0.14, 0.30, 0.50], atol=0.02)
    assert (np.diff(pool.kind_of_request[np.argsort(pool.place_of_request, kind="stable")]) != 0).any()
    lived = pool.place_of_request
    settled = {pool.places.codes[at] for at in np.unique(lived)}
    assert {code for code in settled if code.endswith("00")} <= {"441900", "442000"}


def test_any_size_works_and_absurd_ones_are_refused() -> None:
    for requests, offers in ((0, 0), (1, 0), (0, 1), (1, 1), (7, 3)):
        instance = candidates(province(requests=requests, offers=offers), 4)
        assert (instance.requests, instance.offers) == (requests, offers)
    for requests, offers in ((-1, 0), (0, 20_000_001)):
        with pytest.raises(PoolRefused):
            province(requests=requests, offers=offers)


@pytest.mark.parametrize("structure", list(Structure))
def test_every_structure_keeps_the_arcs(structure: Structure) -> None:
    base = candidates(province(requests=400, offers=80, seed=5), 8)
    changed = restructured(base, structure, seed=6)
    assert changed.offer.tolist() == base.offer.tolist()
    assert changed.indptr.tolist() == base.indptr.tolist()
    assert 0 <= changed.score.min() <= changed.score.max() <= 10_000
    assert restructured(base, structure, seed=6).score.tolist() == changed.score.tolist()


def test_structures_do_what_they_say() -> None:
    base = candidates(province(requests=400, offers=80, seed=5), 8)
    made = {structure: restructured(base, structure) for structure in Structure}
    assert made[Structure.BASE].score.tolist() == base.score.tolist()
    assert made[Structure.DOUBLE].capacity.tolist() == (2 * base.capacity).tolist()
    assert made[Structure.HALF].capacity.tolist() == ((base.capacity + 1) // 2).tolist()
    assert set(made[Structure.ONE_TIER].tier.tolist()) == {0}
    assert set(made[Structure.NO_LOAD].load_cost.tolist()) == {0}
    assert set(made[Structure.EQUAL].score.tolist()) == {5_000}
    assert set((made[Structure.GRID].score % 500).tolist()) == {0}
    assert len(set(made[Structure.UNIFORM].score.tolist())) > 1_000
    worth: dict[int, set[int]] = {}
    for offer, score in zip(base.offer.tolist(), made[Structure.COMMON].score.tolist(), strict=True):
        worth.setdefault(offer, set()).add(score)
    assert all(len(scores) == 1 for scores in worth.values())
