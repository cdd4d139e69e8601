"""What is only seen by the compiler: reading ahead, and words of two widths."""

from typing import Any

import numba
import numpy as np
import pytest

from matching.solvers.jit import kernel, prefetch, uncompiled
from matching.solvers.packing import offer_of, score_of


def read_ahead(values: np.ndarray) -> int:
    total = 0
    for at in range(values.shape[0]):
        prefetch(values, at + 8)
        total += values[at]
    return total


def parts_of(words: np.ndarray) -> tuple[int, int]:
    return offer_of(words[0]), score_of(words[0])


def test_reading_ahead_changes_no_value() -> None:
    values = np.arange(40)
    assert numba.njit(read_ahead)(values) == read_ahead(values) == 780


@pytest.mark.parametrize(("kind", "bits"), [(np.uint32, 14), (np.uint64, 32)])
def test_words_hold_offer_and_score(kind: type, bits: int) -> None:
    words: Any = np.array([(200_000 << bits) | 16_000], kind)
    assert numba.njit(parts_of)(words) == parts_of(words) == (200_000, 16_000)


def test_a_kernel_keeps_its_plain_function() -> None:
    assert uncompiled(kernel(read_ahead)) is read_ahead
