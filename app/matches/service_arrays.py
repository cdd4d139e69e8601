"""One kind as arrays: candidates, rulings, the exact answer with its certificate, and what each ruling cost.

This module loads the numeric library; call it through `service_library`, so that only calculations pay for it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from app.matches.rules_ranking import look
from app.matches.rules_runs import (
    BUNDLE_NEEDS,
    PINNED_TIER,
    TIERS,
    CityFigures,
    Cost,
    Figures,
    Outcome,
    Proof,
    kept,
)
from app.matches.service_build import POLICY
from app.matches.service_columns import Columns, Row, with_rows
from app.matches.service_snapshot import Snapshot, places
from matching.certificate import certify
from matching.codes import SERVICES, Kind
from matching.fairness import assigned_scores, exchange, net_score
from matching.generation import Grown
from matching.instances import Instance, Ints32, Ints64, Solution
from matching.live.state import LiveState
from matching.solvers.greedy import queue_by_urgency
from matching.solvers.province import solve

LOAD_COST: Mapping[Kind, int] = dict.fromkeys(SERVICES, 2_000) | {Kind.SPONSOR: 1_000}
"""Convex load cost by kind in ten-thousandths: the second person on a volunteer counts a little less than the first."""
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """n needs and k offers of a kind in CSR form, before rulings; positions are those of `need_ids` and `offer_ids`.

    `tier` int8[n]: urgency tiers of the needs from 0. `pins`: need -> offer; `forbidden`: (need, offer) pairs;
    `ruled`: ruling -> (need, offer) for those that can be kept, `unmet`: ruling -> why it cannot, empty when
    it forbids what no gate lets pass anyway.
    """

    kind: str
    need_ids: tuple[UUID, ...]
    offer_ids: tuple[UUID, ...]
    cities: tuple[str, ...]
    indptr: Ints64
    offer: Ints32
    score: Ints32
    tier: npt.NDArray[np.int8]
    capacity: Ints32
    pins: Mapping[int, int]
    forbidden: frozenset[tuple[int, int]]
    ruled: Mapping[UUID, tuple[int, int]]
    unmet: Mapping[UUID, str]
    all_pairs: bool

    def row(self, need: int, *, freed: int = -1, repinned: bool = True) -> tuple[int, Ints32, Ints32]:
        """Give tier, offers and scores of one need under the rulings, but for the pair with offer `freed`.

        With `repinned` False the need's own pin does not count.
        """
        cut = slice(int(self.indptr[need]), int(self.indptr[need + 1]))
        offers, scores = self.offer[cut], self.score[cut]
        if repinned and need in self.pins:
            own = offers == self.pins[need]
            return PINNED_TIER, offers[own], scores[own]
        barred = [one for who, one in self.forbidden if who == need and one != freed]
        free = ~np.isin(offers, barred)
        return int(self.tier[need]) + 1, offers[free], scores[free]

    def instance(self) -> Instance:
        """Give the problem under all rulings: pinned pairs are a tier of their own, before all others."""
        keep = np.ones(len(self.offer), np.bool_)
        tier = self.tier + np.int8(1)
        for need, one in self.forbidden:
            cut = slice(int(self.indptr[need]), int(self.indptr[need + 1]))
            keep[cut] &= self.offer[cut] != one
        for need, one in self.pins.items():
            cut = slice(int(self.indptr[need]), int(self.indptr[need + 1]))
            keep[cut] = self.offer[cut] == one
            tier[need] = PINNED_TIER
        held = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep, dtype=np.int64)])
        return Instance(
            indptr=held[self.indptr],
            offer=self.offer[keep],
            score=self.score[keep],
            tier=tier,
            capacity=self.capacity,
            load_cost=np.full(len(self.capacity), LOAD_COST.get(Kind(self.kind), 0), np.int32),
            request_key=np.arange(len(self.tier), dtype=np.int64),
        )


class Pair(msgspec.Struct, frozen=True):
    """One need with the offer a run found best; score and price in ten-thousandths."""

    need_id: UUID
    offer_id: UUID
    score: int
    price: int
    level: int


class Solved(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for a sheet. Nothing of it may be stored unless `proof` is valid."""

    pairs: tuple[Pair, ...]
    prices: tuple[tuple[UUID, int, int], ...]
    figures: Figures
    proof: Proof
    outcomes: Mapping[UUID, Outcome]
    seconds: float


def lay(snapshot: Snapshot, keep: int = 0) -> Sheet:
    """Judge every pair and keep the best `keep` offers of each need (0: as many as its size allows)."""
    return _laid(snapshot, Columns(snapshot, threads=THREADS), keep)


def _laid(snapshot: Snapshot, columns: Columns, keep: int = 0) -> Sheet:
    need_ids = tuple(snapshot.requests)
    offer_ids = tuple(sorted(snapshot.offers, key=str))
    keep = keep or kept(len(need_ids))
    rows = columns.best(keep)
    complete = keep >= len(offer_ids) or all(len(offers) < keep for offers, _ in rows)
    pins, forbidden, ruled, unmet = _rulings(snapshot, need_ids, offer_ids, rows)
    lengths = np.array([len(offers) for offers, _ in rows], np.int64)
    return Sheet(
        kind=snapshot.kind,
        need_ids=need_ids,
        offer_ids=offer_ids,
        cities=tuple(snapshot.city(need_id) for need_id in need_ids),
        indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)]),
        offer=_joined([offers for offers, _ in rows]),
        score=_joined([scores for _, scores in rows]),
        tier=np.array([snapshot.tier(need_id) for need_id in need_ids], np.int8),
        capacity=np.array([places(snapshot.offers[offer_id]) for offer_id in offer_ids], np.int32),
        pins=pins,
        forbidden=frozenset(forbidden),
        ruled=ruled,
        unmet=unmet,
        all_pairs=complete,
    )


def _rulings(
    snapshot: Snapshot, need_ids: Sequence[UUID], offer_ids: Sequence[UUID], rows: list[Row]
) -> tuple[dict[int, int], set[tuple[int, int]], dict[UUID, tuple[int, int]], dict[UUID, str]]:
    """Turn rulings into positions; a pair that a person chose becomes a candidate when the gates let it pass."""
    at_need = {need_id: at for at, need_id in enumerate(need_ids)}
    at_offer = {offer_id: at for at, offer_id in enumerate(offer_ids)}
    pins: dict[int, int] = {}
    forbidden: set[tuple[int, int]] = set()
    ruled: dict[UUID, tuple[int, int]] = {}
    unmet: dict[UUID, str] = {}
    for ruling in snapshot.rulings:
        need, one = at_need[ruling.need_id], at_offer.get(ruling.offer_id, -1)
        if one not in rows[need][0]:
            score, why = _look_at(snapshot, ruling.need_id, ruling.offer_id)
            if score < 0:
                unmet[ruling.id] = why if ruling.chooses else ""
                continue
            rows[need] = _with(rows[need], one, score)
        ruled[ruling.id] = (need, one)
        if ruling.chooses:
            pins[need] = one
        else:
            forbidden.add((need, one))
    return pins, forbidden, ruled, unmet


def _with(row: Row, one: int, score: int) -> Row:
    """Add one candidate to a row, by position."""
    at = int(np.searchsorted(row[0], one))
    return np.insert(row[0], at, one).astype(np.int32), np.insert(row[1], at, score).astype(np.int32)


def _joined(rows: Sequence[Ints32]) -> Ints32:
    return np.concatenate([np.empty(0, np.int32), *rows]).astype(np.int32)


def _look_at(snapshot: Snapshot, need_id: UUID, offer_id: UUID) -> tuple[int, str]:
    """Score one pair, or give -1 and say why it may not exist: the offer is gone, or a gate keeps it away."""
    offer = snapshot.offers.get(offer_id)
    if offer is None:
        return -1, "这一项已不再开放或没有名额。"
    looked = look(
        snapshot.requests[need_id],
        [offer],
        today=snapshot.today,
        now=snapshot.now,
        widen=snapshot.needs[need_id].escalation,
        policy=POLICY,
    )
    if looked.fits:
        return looked.fits[0].score, ""
    return -1, "".join(reason.sentence for refused in looked.refused for reason in refused.reasons if reason.blocks)


def components(sheet: Sheet) -> list[tuple[list[UUID], list[UUID]]]:
    """Split needs and offers where no candidate connects them; small parts are put together into one job.

    Offers that nobody wants join the last part, so that every offer gets its price.
    """
    needs, offers = len(sheet.need_ids), len(sheet.offer_ids)
    rows = np.repeat(np.arange(needs), np.diff(sheet.indptr))
    ones = np.ones(len(rows), np.int8)
    size = needs + offers
    graph = coo_array((ones, (rows, sheet.offer.astype(np.int64) + needs)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    members = np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label, minlength=count))[:-1])
    largest_first = np.argsort(-np.bincount(label[:needs], minlength=count), kind="stable")
    found: list[tuple[list[UUID], list[UUID]]] = []
    for part in largest_first.tolist():
        inside = members[part]
        own = [sheet.need_ids[at] for at in inside[inside < needs].tolist()]
        given = [sheet.offer_ids[at - needs] for at in inside[inside >= needs].tolist()]
        if found and (len(found[-1][0]) < BUNDLE_NEEDS or not own):
            found[-1][0].extend(own)
            found[-1][1].extend(given)
        else:
            found.append((own, given))
    return [part for part in found if part[0]]


def divide(snapshot: Snapshot) -> tuple[list[tuple[list[UUID], list[UUID]]], Figures]:
    """Split a snapshot into jobs; the figures bound what pairs of different jobs could add.

    Cut lists may hide such pairs, so they are completed first. One job alone does that itself.
    """
    columns = Columns(snapshot, threads=THREADS)
    sheet = _laid(snapshot, columns)
    parts = components(sheet)
    if sheet.all_pairs or len(parts) <= 1:
        return parts, Figures()
    larger, grown = _grown(sheet, columns)
    parts = components(larger)
    return parts, _bounded(Figures(), grown) if len(parts) > 1 else Figures()


def solved(snapshot: Snapshot) -> Solved:
    """Solve and certify a snapshot under its rulings; where lists are cut, find what they lack."""
    began = time.perf_counter()
    columns = Columns(snapshot, threads=THREADS)
    sheet = _laid(snapshot, columns)
    if sheet.all_pairs:
        return answer(sheet)
    larger, grown = _grown(sheet, columns)
    found = judged(larger, grown.instance, grown.solution)
    return msgspec.structs.replace(
        found, figures=_bounded(found.figures, grown), seconds=round(time.perf_counter() - began, 4)
    )


def _grown(sheet: Sheet, columns: Columns) -> tuple[Sheet, Grown]:
    """Solve a sheet with cut lists over all eligible pairs, and give it the candidates this took."""
    grown = columns.grown(sheet.instance(), sheet.pins)
    indptr, offer, score = with_rows(sheet.indptr, sheet.offer, sheet.score, grown.instance)
    return replace(sheet, indptr=indptr, offer=offer, score=score), grown


def _bounded(figures: Figures, grown: Grown) -> Figures:
    last = grown.rounds[-1]
    return msgspec.structs.replace(figures, all_pairs=False, score_bound=last.score_bound, tier_bound=last.tier_bound)


def answer(sheet: Sheet) -> Solved:
    """Solve a sheet under its rulings, judge the answer independently, and say what each ruling cost."""
    began = time.perf_counter()
    instance = sheet.instance()
    found = judged(sheet, instance, solve(instance, threads=THREADS))
    return msgspec.structs.replace(found, seconds=round(time.perf_counter() - began, 4))


def judged(sheet: Sheet, instance: Instance, solution: Solution) -> Solved:
    """Judge any answer to a sheet with the certificate, and count what it does."""
    judged_at = time.perf_counter()
    judgement = certify(instance, solution.assignment, solution.price, solution.level)
    proof = Proof(
        dual_gap=judgement.dual_gap,
        tier_gap=judgement.tier_gap,
        tier_violations=judgement.tier_violations,
        faults=judgement.faults,
        seconds=round(time.perf_counter() - judged_at, 4),
    )
    outcomes = _outcomes(sheet, instance, solution) if proof.valid else {}
    scores = assigned_scores(instance, solution.assignment)
    pairs = tuple(
        Pair(
            sheet.need_ids[need],
            sheet.offer_ids[one],
            int(scores[need]),
            int(solution.price[one]),
            int(solution.level[one]),
        )
        for need, one in enumerate(solution.assignment.tolist())
        if one >= 0
    )
    return Solved(
        pairs=pairs,
        prices=tuple(
            (offer_id, int(price), int(level))
            for offer_id, price, level in zip(sheet.offer_ids, solution.price, solution.level, strict=True)
        ),
        figures=_figures(sheet, instance, solution.assignment),
        proof=proof,
        outcomes=outcomes,
        seconds=0.0,
    )


def _served(sheet: Sheet, assignment: Ints32) -> tuple[int, ...]:
    """Count the needs with an offer by their own tier."""
    counted = np.bincount(sheet.tier[assignment[: len(sheet.tier)] >= 0], minlength=len(TIERS))
    return tuple(int(number) for number in counted)


def _figures(sheet: Sheet, instance: Instance, assignment: Ints32) -> Figures:
    queue = queue_by_urgency(instance)
    change = exchange(instance, queue, assignment)[0]
    alone = np.diff(instance.indptr) == 0
    lines: list[CityFigures] = []
    city = np.array(sheet.cities, dtype=object)
    for code in sorted(set(sheet.cities)):
        here = city == code
        unserved = here & (assignment < 0)
        lines.append(
            CityFigures(
                city=code,
                kind=sheet.kind,
                requests=int(np.count_nonzero(here)),
                matched=int(np.count_nonzero(here & (assignment >= 0))),
                queue=int(np.count_nonzero(here & (queue >= 0))),
                without=int(np.count_nonzero(unserved & alone)),
                short=int(np.count_nonzero(unserved & ~alone)),
            )
        )
    return Figures(
        requests=instance.requests,
        offers=instance.offers,
        places=int(instance.capacity.sum()),
        pairs=instance.arcs,
        by_tier=_served(sheet, assignment),
        net_score=net_score(instance, assignment),
        queue_by_tier=_served(sheet, queue),
        queue_net=net_score(instance, queue),
        gained=change.newly_served,
        lost=change.no_longer_served,
        better=change.better,
        all_pairs=sheet.all_pairs,
        cities=tuple(lines),
    )


def _outcomes(sheet: Sheet, instance: Instance, solution: Solution) -> dict[UUID, Outcome]:
    """Lift each ruling alone, incrementally, and see what would be gained: that is its cost."""
    found = {ruling: Outcome(kept=not why, why=why) for ruling, why in sheet.unmet.items()}
    if not sheet.ruled:
        return found
    state = LiveState(instance, solution, limit=1 << 62)
    ruled_tiers, ruled_net = _served(sheet, state.assignment), state.totals.net_score
    for ruling, (need, one) in sheet.ruled.items():
        pinned = sheet.pins.get(need) == one
        held = state.at(need)
        if pinned and held != one:
            found[ruling] = Outcome(kept=False, why="这一项的名额已按其他指定用完。")
            continue
        state.change_request(need, *sheet.row(need, freed=one, repinned=not pinned))
        tiers = _served(sheet, state.assignment)
        cost = Cost(
            by_tier=tuple(free - now for free, now in zip(tiers, ruled_tiers, strict=True)),
            score=state.totals.net_score - ruled_net,
        )
        state.change_request(need, *sheet.row(need))
        found[ruling] = Outcome(kept=True, cost=cost)
    return found
