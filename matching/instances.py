"""Frozen arrays: a province-scale problem and its answer, with their file form.

Requests and offers are numbered from 0; everything else about them (ids, kinds, places) lives with the caller.
Every array is checked once, when the value is made, and set read-only, so that solvers may trust it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ints8 = npt.NDArray[np.int8]
Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]

SCORE_UNIT = 10_000
"""One whole point of score: scores are ten-thousandths, so 7,350 means 0.735."""
MOST_TIERS = 8
"""Urgency tiers are 0 (most urgent) to 7."""
LARGEST_VALUE = 1 << 30
"""Scores and load costs above this are refused; the fast path takes scores up to 16,383, the wide path the rest."""
MOST_PLACES = 1 << 31
"""Free places of all offers together stay below this."""


class InstanceRefused(ValueError):  # noqa: N818 - refusals are named by what happens, as in the service
    """An array does not fit the form of an instance; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """A frozen problem: n requests, k offers, m candidate arcs in CSR form.

    `indptr` int64[n+1]: the arcs of request i are indptr[i]:indptr[i+1].
    `offer` int32[m]: offer of each arc, ascending within a request, without duplicates.
    `score` int32[m]: worth of the arc in ten-thousandths, 0 to 10,000 as a rule, at most 2**30.
    `tier` int8[n]: urgency, 0 = most urgent, at most 7.
    `capacity` int32[k]: free places, 0 or more.
    `load_cost` int32[k]: lam in score units; the t-th person on an offer costs floor(lam*(2t-1)/(2*capacity)).
    `request_key` int64[n] and `offer_key` int64[k], each optional and without duplicates: among answers of equal
    worth the smaller request key is served first (longest waiting first, say), and with both keys the answer does
    not depend on the numbering of requests and offers at all. Without keys the position takes their place.
    Raises InstanceRefused for anything else. Arrays of another integer type are converted; nothing is rounded.
    """

    indptr: Ints64
    offer: Ints32
    score: Ints32
    tier: Ints8
    capacity: Ints32
    load_cost: Ints32
    request_key: Ints64 | None = None
    offer_key: Ints64 | None = None

    def __post_init__(self) -> None:
        """Convert, check and freeze every array."""
        for name, kind in _KINDS.items():
            object.__setattr__(self, name, _frozen(name, getattr(self, name), kind))
        for name in ("request_key", "offer_key"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _frozen(name, getattr(self, name), np.int64))
        _check_shape(self)
        _check_ranges(self)
        _check_keys(self)

    @property
    def requests(self) -> int:
        """Number of requests, n."""
        return len(self.tier)

    @property
    def offers(self) -> int:
        """Number of offers, k."""
        return len(self.capacity)

    @property
    def arcs(self) -> int:
        """Number of candidate arcs, m."""
        return len(self.offer)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """The answer to an instance.

    `assignment` int32[n]: offer of each request or -1.
    `price` int64[k]: what one more place on the offer is worth, in score units. Inside a shortage (level > 0) it
    is relative to the worth of serving one more request of that tier and may be negative.
    `level` int32[k]: Hall level of the offer. 0 = no shortage; L > 0 = every place the offer's requests can reach
    is taken, and the least urgent tier served there is tier `tiers - L`, where `tiers` is the number of tiers.
    `tiers`: number of urgency tiers the levels count in (8 for all answers of `solve`).
    `seconds`: wall seconds by phase, added over the parts; `cpu_seconds`: CPU time of the whole call.
    """

    assignment: Ints32
    price: Ints64
    level: Ints32
    tiers: int = MOST_TIERS
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    cpu_seconds: float = 0.0

    @property
    def matched(self) -> int:
        """Number of requests with an offer."""
        return int(np.count_nonzero(self.assignment >= 0))


_KINDS: dict[str, type[np.signedinteger[Any]]] = {
    "indptr": np.int64,
    "offer": np.int32,
    "score": np.int32,
    "tier": np.int8,
    "capacity": np.int32,
    "load_cost": np.int32,
}


def _frozen(name: str, values: Any, kind: type[np.signedinteger[Any]]) -> npt.NDArray[np.signedinteger[Any]]:
    """Give a contiguous read-only array of this integer type, or refuse what would lose something."""
    given = np.asarray(values)
    if given.ndim != 1:
        raise InstanceRefused(name, "one-dimensional array expected")
    if given.dtype.kind not in "iu" and given.size:
        raise InstanceRefused(name, f"integers expected, not {given.dtype}")
    if given.dtype != kind and given.size:
        limits = np.iinfo(kind)
        if int(given.min()) < limits.min or int(given.max()) > limits.max:
            raise InstanceRefused(name, f"values between {limits.min} and {limits.max} expected")
    frozen = np.ascontiguousarray(given, dtype=kind).view()
    frozen.flags.writeable = False
    return frozen


def _check_shape(instance: Instance) -> None:
    """Refuse arrays whose lengths do not belong together."""
    indptr = instance.indptr
    if len(indptr) == 0 or indptr[0] != 0:
        raise InstanceRefused("indptr", "must begin with 0")
    if len(indptr) != len(instance.tier) + 1:
        raise InstanceRefused("tier", f"{len(indptr) - 1} requests expected, {len(instance.tier)} tiers found")
    if bool((np.diff(indptr) < 0).any()):
        raise InstanceRefused("indptr", "must not descend")
    if int(indptr[-1]) != len(instance.offer):
        raise InstanceRefused("offer", f"{int(indptr[-1])} arcs expected, {len(instance.offer)} found")
    if len(instance.score) != len(instance.offer):
        raise InstanceRefused("score", f"{len(instance.offer)} arcs expected, {len(instance.score)} found")
    if len(instance.load_cost) != len(instance.capacity):
        raise InstanceRefused("load_cost", f"{len(instance.capacity)} offers expected")


def _check_ranges(instance: Instance) -> None:
    """Refuse values outside their range, and arcs that are not ascending within a request."""
    _between("tier", instance.tier, 0, MOST_TIERS - 1)
    _between("capacity", instance.capacity, 0, LARGEST_VALUE)
    _between("load_cost", instance.load_cost, 0, LARGEST_VALUE)
    _between("score", instance.score, 0, LARGEST_VALUE)
    _between("offer", instance.offer, 0, instance.offers - 1)
    if int(instance.capacity.sum(dtype=np.int64)) >= MOST_PLACES:
        raise InstanceRefused("capacity", "more than 2,147,483,647 places in all")
    descends = instance.offer[1:] <= instance.offer[:-1]
    starts = instance.indptr[1:-1]
    descends[starts[(starts > 0) & (starts < instance.arcs)] - 1] = False
    if bool(descends.any()):
        raise InstanceRefused("offer", "must ascend within a request, without duplicates")


def _between(name: str, values: npt.NDArray[np.signedinteger[Any]], low: int, high: int) -> None:
    if values.size and not low <= int(values.min()) <= int(values.max()) <= high:
        raise InstanceRefused(name, f"values between {low} and {high} expected")


def _check_keys(instance: Instance) -> None:
    """Refuse keys of the wrong length or with duplicates."""
    for name, keys, length in (
        ("request_key", instance.request_key, instance.requests),
        ("offer_key", instance.offer_key, instance.offers),
    ):
        if keys is None:
            continue
        if len(keys) != length:
            raise InstanceRefused(name, f"{length} keys expected, {len(keys)} found")
        if len(np.unique(keys)) != length:
            raise InstanceRefused(name, "every key may occur only once")


def read_instance(path: str | Path) -> Instance:
    """Read the file form: an .npz with indptr, col, s, tier, cap, lam, and optionally rkey and okey.

    Raises InstanceRefused when an array is missing or wrong. Other arrays in the file are ignored.
    """
    with np.load(path, allow_pickle=False) as stored:
        arrays: dict[str, Any] = {}
        for name, key in _FILE_KEYS.items():
            if key in stored.files:
                arrays[name] = stored[key]
            elif name in _KINDS:
                raise InstanceRefused(name, f"the file has no array {key!r}")
    return Instance(**arrays)


def write_instance(instance: Instance, path: str | Path) -> None:
    """Write the file form that `read_instance` reads, compressed."""
    arrays = {key: getattr(instance, name) for name, key in _FILE_KEYS.items() if getattr(instance, name) is not None}
    with Path(path).open("wb") as stream:
        np.savez_compressed(stream, **arrays)


_FILE_KEYS = {
    "indptr": "indptr",
    "offer": "col",
    "score": "s",
    "tier": "tier",
    "capacity": "cap",
    "load_cost": "lam",
    "request_key": "rkey",
    "offer_key": "okey",
}
