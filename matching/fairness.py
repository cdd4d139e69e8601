"""Is an answer fair? Match rates and waiting by group, load of the providers, and who gains against another way.

Everything here counts what an answer does; nothing judges whether the answer is optimal (`matching.certificate`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from matching.instances import Instance, InstanceRefused, Ints32, Ints64
from matching.solvers.greedy import greedy_by_score, queue_by_urgency

Floats = npt.NDArray[np.float64]
TENTHS = tuple(nth / 10 for nth in range(11))
"""The quantiles of a load that a report gives."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """One way to divide the requests: region, stage, kind, gender preference, urgency ...

    `code` int[n]: position in `labels`, or -1 for "not known", which is reported as its own group.
    """

    name: str
    code: npt.NDArray[np.integer[Any]]
    labels: Sequence[str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Days waited until now: mean, median and 90th percentile; all None when there is nobody."""

    mean: float | None
    median: float | None
    p90: float | None


class GroupFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One group: its size, how many have an offer, and how long those with and without have waited.

    `rate` None means an empty group; `without_candidates` have no eligible offer at all, so that no answer helps.
    """

    grouping: str
    label: str
    requests: int
    matched: int
    without_candidates: int
    rate: float | None
    mean_score: float | None
    matched_waiting: Waiting | None
    unmatched_waiting: Waiting | None


class LoadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How evenly the offers with places are used.

    `gini` of used places by provider share (0: all equally used, 1: one bears all); `quantiles`: the load at 0, 10 ...
    100 per cent of the offers; `idle` and `full`: offers with nobody and with no place left.
    """

    offers: int
    places: int
    used: int
    gini: float
    quantiles: tuple[float, ...]
    idle: int
    full: int


class FairnessReport(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one answer. `widest_gap`: by grouping, the largest difference of rates between its groups."""

    groups: tuple[GroupFigures, ...]
    load: LoadFigures
    widest_gap: dict[str, float]


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """Who gains and who loses when one answer takes the place of another, for one group or for all.

    `newly_served` and `no_longer_served` count people; among those served both times `better`, `worse` and `same`
    compare the scores of their offers. `net_score`: change of the sum of scores less load costs (all requests only).
    """

    grouping: str
    label: str
    newly_served: int
    no_longer_served: int
    better: int
    worse: int
    same: int
    net_score: int | None = None

    @property
    def more_matched(self) -> int:
        """How many more have an offer."""
        return self.newly_served - self.no_longer_served


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to assign and what it reaches."""

    name: str
    matched: int
    matched_by_tier: tuple[int, ...]
    net_score: int
    gini: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The exact answer beside the queue and greedy on the same candidates, and who gains against the queue."""

    ways: tuple[Way, ...]
    against_queue: tuple[Exchange, ...]


def report(
    instance: Instance,
    assignment: Ints32,
    groupings: Sequence[Grouping],
    *,
    waited: npt.NDArray[np.floating[Any]] | None = None,
) -> FairnessReport:
    """Count an answer by groups; `waited` float[n] are days since the need was opened, NaN where nobody knows."""
    scores = assigned_scores(instance, assignment)
    alone = np.diff(instance.indptr) == 0
    days = None if waited is None else _same_length("waited", np.asarray(waited, np.float64), instance.requests)
    groups = [
        _figures(grouping.name, label, members, scores, alone, days)
        for grouping in groupings
        for label, members in _members(grouping, instance.requests)
    ]
    gaps: dict[str, float] = {}
    for grouping in groupings:
        rates = [one.rate for one in groups if one.grouping == grouping.name and one.rate is not None]
        gaps[grouping.name] = max(rates) - min(rates) if rates else 0.0
    return FairnessReport(groups=tuple(groups), load=load_figures(instance, assignment), widest_gap=gaps)


def compare(instance: Instance, exact: Ints32, groupings: Sequence[Grouping] = ()) -> Comparison:
    """Set an answer beside the queue and greedy on the same candidates; say who gains against the queue."""
    queue = queue_by_urgency(instance)
    ways = [
        _way(instance, name, answer)
        for name, answer in (("exact", exact), ("queue", queue), ("greedy", greedy_by_score(instance)))
    ]
    return Comparison(ways=tuple(ways), against_queue=exchange(instance, queue, exact, groupings))


def exchange(
    instance: Instance, before: Ints32, after: Ints32, groupings: Sequence[Grouping] = ()
) -> tuple[Exchange, ...]:
    """Say who gains and who loses from one answer to another: all requests first, then each group."""
    was, now = assigned_scores(instance, before), assigned_scores(instance, after)
    change = net_score(instance, after) - net_score(instance, before)
    everybody = np.ones(instance.requests, np.bool_)
    return (
        _exchange("all", "all", everybody, was, now, change),
        *(
            _exchange(grouping.name, label, members, was, now, None)
            for grouping in groupings
            for label, members in _members(grouping, instance.requests)
        ),
    )


def assigned_scores(instance: Instance, assignment: Ints32) -> Ints64:
    """Score of each request's pair int64[n], -1 without one; InstanceRefused for a pair that is no candidate."""
    _same_length("assignment", assignment, instance.requests)
    rows = np.repeat(np.arange(instance.requests), np.diff(instance.indptr))
    own = instance.offer == assignment[rows]
    scores = np.full(instance.requests, -1, np.int64)
    scores[rows[own]] = instance.score[own]
    if int(np.count_nonzero(own)) != int(np.count_nonzero(assignment >= 0)):
        raise InstanceRefused("assignment", "a request has an offer that is not its candidate")
    return scores


def net_score(instance: Instance, assignment: Ints32) -> int:
    """Sum of scores less the load costs, in score units."""
    scores = assigned_scores(instance, assignment)
    load = _load(instance, assignment)
    total = int(scores[scores > 0].sum())
    for nth in range(1, int(load.max(initial=0)) + 1):
        there = (load >= nth) & (instance.load_cost > 0)
        cost = instance.load_cost[there].astype(np.int64) * (2 * nth - 1)
        total -= int((cost // (2 * instance.capacity[there].astype(np.int64))).sum())
    return total


def load_figures(instance: Instance, assignment: Ints32) -> LoadFigures:
    """Say how evenly the offers with places are used."""
    open_ = instance.capacity > 0
    used = _load(instance, assignment)[open_]
    places = instance.capacity[open_].astype(np.int64)
    share: Floats = used / places
    quantiles = tuple(float(value) for value in np.quantile(share, TENTHS)) if len(share) else ()
    return LoadFigures(
        offers=len(places),
        places=int(places.sum()),
        used=int(used.sum()),
        gini=gini(share),
        quantiles=quantiles,
        idle=int(np.count_nonzero(used == 0)),
        full=int(np.count_nonzero(used >= places)),
    )


def gini(values: Floats) -> float:
    """Gini coefficient of numbers from 0 up: 0 when all are equal (or there are none), towards 1 when one has all."""
    total = float(values.sum())
    if total <= 0:
        return 0.0
    count = len(values)
    ranks = np.arange(1, count + 1)
    return float((2 * ranks - count - 1) @ np.sort(values)) / (count * total)


def _load(instance: Instance, assignment: Ints32) -> Ints64:
    return np.bincount(assignment[assignment >= 0], minlength=instance.offers).astype(np.int64)


def _members(grouping: Grouping, requests: int) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Give each group's label and members; those of whom nobody knows come last, when there are any."""
    code = _same_length(grouping.name, grouping.code, requests)
    if code.size and not -1 <= int(code.min()) <= int(code.max()) < len(grouping.labels):
        raise InstanceRefused(grouping.name, f"codes from -1 to {len(grouping.labels) - 1} expected")
    groups = [(label, code == nth) for nth, label in enumerate(grouping.labels)]
    unknown = code == -1
    return [*groups, ("unknown", unknown)] if bool(unknown.any()) else groups


def _same_length(name: str, values: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    if values.shape != (length,):
        raise InstanceRefused(name, f"{length} entries expected, {values.shape} found")
    return values


def _figures(
    grouping: str,
    label: str,
    members: npt.NDArray[np.bool_],
    scores: Ints64,
    alone: npt.NDArray[np.bool_],
    days: Floats | None,
) -> GroupFigures:
    served = members & (scores >= 0)
    requests, matched = int(np.count_nonzero(members)), int(np.count_nonzero(served))
    return GroupFigures(
        grouping=grouping,
        label=label,
        requests=requests,
        matched=matched,
        without_candidates=int(np.count_nonzero(members & alone)),
        rate=matched / requests if requests else None,
        mean_score=float(scores[served].mean()) if matched else None,
        matched_waiting=None if days is None else _waiting(days[served]),
        unmatched_waiting=None if days is None else _waiting(days[members & (scores < 0)]),
    )


def _waiting(days: Floats) -> Waiting:
    known = days[~np.isnan(days)]
    if not len(known):
        return Waiting(mean=None, median=None, p90=None)
    return Waiting(mean=float(known.mean()), median=float(np.median(known)), p90=float(np.quantile(known, 0.9)))


def _exchange(
    grouping: str, label: str, members: npt.NDArray[np.bool_], was: Ints64, now: Ints64, change: int | None
) -> Exchange:
    before, after = was[members], now[members]
    both = (before >= 0) & (after >= 0)
    return Exchange(
        grouping=grouping,
        label=label,
        newly_served=int(np.count_nonzero((before < 0) & (after >= 0))),
        no_longer_served=int(np.count_nonzero((before >= 0) & (after < 0))),
        better=int(np.count_nonzero(both & (after > before))),
        worse=int(np.count_nonzero(both & (after < before))),
        same=int(np.count_nonzero(both & (after == before))),
        net_score=change,
    )


def _way(instance: Instance, name: str, assignment: Ints32) -> Way:
    served = instance.tier[assignment >= 0]
    tiers = int(instance.tier.max(initial=-1)) + 1
    return Way(
        name=name,
        matched=len(served),
        matched_by_tier=tuple(np.bincount(served, minlength=tiers).tolist()),
        net_score=net_score(instance, assignment),
        gini=load_figures(instance, assignment).gini,
    )


def as_groupings(columns: Mapping[str, tuple[npt.NDArray[np.integer[Any]], Sequence[str]]]) -> tuple[Grouping, ...]:
    """Make groupings from name -> (codes, labels)."""
    return tuple(Grouping(name=name, code=code, labels=labels) for name, (code, labels) in columns.items())
