"""Independent parts of a problem: connected components of the candidate graph, small ones gathered together.

The division depends on the problem alone and never on the number of threads, so the answer does not either.
"""

from typing import Any, NamedTuple

import numpy as np

from matching.instances import Instance, Ints32, Ints64
from matching.solvers.jit import inner, kernel
from matching.solvers.packing import NARROW_OFFERS

WHOLE = 50_000
"""Problems with fewer arcs are solved in one part."""
SHARE = 8
"""A component with more than one eighth of the arcs is a part of its own; smaller ones share parts of that size."""


class Part(NamedTuple):
    """Requests int32[] and offers int32[] of a part, ascending, and its number of arcs."""

    requests: Ints32
    offers: Ints32
    arcs: int


@inner
def root_of(parent: Ints32, j: Any) -> Any:
    """Find the representative of offer j; halves the path on the way."""
    while parent[j] != j:
        parent[j] = parent[parent[j]]
        j = parent[j]
    return j


@kernel
def join_components(indptr: Ints64, offer: Ints32, parent: Ints32, label: Ints32) -> None:
    """Set `label` int32[n] to a representative offer of each request's component, -1 without arcs."""
    for i in range(label.shape[0]):
        label[i] = -1
        if indptr[i] == indptr[i + 1]:
            continue
        root = root_of(parent, np.int64(offer[indptr[i]]))
        for e in range(indptr[i] + 1, indptr[i + 1]):
            j = offer[e]
            if parent[j] != root:
                other = root_of(parent, np.int64(j))
                low = min(root, other)
                parent[max(root, other)] = low
                root = low
        label[i] = root
    for i in range(label.shape[0]):
        if label[i] >= 0:
            label[i] = root_of(parent, np.int64(label[i]))
    for j in range(parent.shape[0]):
        parent[j] = root_of(parent, np.int64(j))


def divide(instance: Instance) -> list[Part]:
    """Divide the problem, largest part first. Requests and offers without arcs are in no part."""
    if instance.arcs == 0:
        return []
    parent = np.arange(instance.offers, dtype=np.int32)
    label = np.empty(instance.requests, np.int32)
    join_components(instance.indptr, instance.offer, parent, label)
    linked = np.flatnonzero(label >= 0)
    arcs = np.bincount(label[linked], np.diff(instance.indptr)[linked], instance.offers).astype(np.int64)
    group = _groups(arcs, np.bincount(parent, minlength=instance.offers), instance.arcs)
    request_group = np.where(label >= 0, group[label], -1)
    offer_group = group[parent]
    parts = [
        Part(
            np.flatnonzero(request_group == number).astype(np.int32),
            np.flatnonzero(offer_group == number).astype(np.int32),
            int(arcs[group == number].sum()),
        )
        for number in range(int(group.max()) + 1)
    ]
    return sorted(parts, key=lambda part: -part.arcs)


def _groups(arcs: Ints64, offers: Ints64, total: int) -> Ints64:
    """Give each component its part: `arcs` and `offers` int64[k] by representative; -1 without arcs."""
    group = np.full(len(arcs), -1, np.int64)
    room = max(total // SHARE, 1) if total >= WHOLE else total
    number = -1
    filled = room
    width = 0
    for root in np.argsort(-arcs, kind="stable"):
        if arcs[root] == 0:
            break
        if filled + arcs[root] > room or width + offers[root] > NARROW_OFFERS:
            number += 1
            filled = 0
            width = 0
        group[root] = number
        filled += int(arcs[root])
        width += int(offers[root])
    return group
