"""An instance takes only arrays that fit together, and says which one does not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching.instances import Instance, InstanceRefused, read_instance, write_instance
from tests.matching.province_makers import instance

GOOD: dict[str, Any] = {
    "indptr": [0, 2, 2, 3],
    "offer": [0, 1, 1],
    "score": [10, 20, 30],
    "tier": [0, 7, 1],
    "capacity": [1, 2],
    "load_cost": [0, 5],
}


def test_arrays_are_converted_counted_and_frozen() -> None:
    problem = Instance(**GOOD)
    assert (problem.requests, problem.offers, problem.arcs) == (3, 2, 3)
    assert problem.offer.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        problem.offer[0] = 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("indptr", []),
        ("indptr", [1, 2, 2, 3]),
        ("indptr", [0, 2, 1, 3]),
        ("offer", [0, 1]),
        ("offer", [1, 0, 1]),
        ("offer", [1, 1, 1]),
        ("offer", [0, 2, 1]),
        ("offer", [0, -1, 1]),
        ("score", [10, 20]),
        ("score", [10, 20, -1]),
        ("score", [10, 20, 1 << 31]),
        ("score", [10.0, 20.0, 30.0]),
        ("score", [[10, 20, 30]]),
        ("tier", [0, 1]),
        ("tier", [0, 1, 8]),
        ("tier", [0, 1, 300]),
        ("capacity", [1, -1]),
        ("load_cost", [0]),
        ("load_cost", [0, -5]),
        ("request_key", [1, 2]),
        ("request_key", [1, 2, 1]),
        ("offer_key", [3, 3]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(field: str, values: list[Any]) -> None:
    with pytest.raises(InstanceRefused) as refused:
        Instance(**{**GOOD, field: values})
    assert refused.value.field == field
    assert refused.value.sentence in str(refused.value)


def test_too_many_places_in_all_are_refused() -> None:
    with pytest.raises(InstanceRefused, match="places in all"):
        Instance(**{**GOOD, "capacity": [1 << 30, 1 << 30]})


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    problem = instance([{0: 5, 1: 6}, {}], [0, 3], [1, 0], [7, 8], request_key=np.array([4, 2]))
    write_instance(problem, tmp_path / "one.npz")
    again = read_instance(tmp_path / "one.npz")
    for name in (*GOOD, "request_key"):
        assert np.array_equal(getattr(again, name), getattr(problem, name))
    assert again.offer_key is None


def test_a_file_without_an_array_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", indptr=np.array([0]))
    with pytest.raises(InstanceRefused, match="no array 'col'"):
        read_instance(tmp_path / "two.npz")
