"""The independent judge: it trusts no solver and says in sentences what is wrong with a result.

`verify` checks a whole assignment: ids, capacity, eligibility, points, and optimality by a certificate in whole
numbers (no chain of exchanges in the residual network gains anything). `verify_proposals` checks one ranking
against every offer.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from matching.eligibility import judge, may_exist
from matching.enquiry import enquire
from matching.model import Offer, Pair, Policy, Problem, Proposals, Request, Result
from matching.scoring import parts, points
from matching.solvers.queue import MOST_OPEN, place
from matching.worth import bonuses, eligible_points

_START, _END = "start", "end"
_Node = tuple[str, str]
_Arcs = list[tuple[_Node, _Node, int]]


def verify(problem: Problem, result: Result) -> tuple[str, ...]:
    """Everything that is wrong with a result, () when it is valid and optimal."""
    worth = eligible_points(problem)
    faults: list[str] = []
    for one in result.assigned:
        if one.pair not in worth:
            faults.append(f"the pair {one.pair.need_id} - {one.pair.offer_id} may not exist")
        elif worth[one.pair] != one.points:
            faults.append(f"the pair {one.pair.need_id} - {one.pair.offer_id} has {worth[one.pair]} points")
    free = {offer.offer_id: offer.capacity - offer.used for offer in problem.offers}
    for offer_id, used in Counter(one.pair.offer_id for one in result.assigned).items():
        if used > free.get(offer_id, 0):
            faults.append(f"the offer {offer_id} has fewer than {used} free places")
    named = Counter([one.pair.need_id for one in result.assigned] + list(result.unserved))
    if named != Counter(request.need_id for request in problem.requests):
        faults.append("a request is not named exactly once")
    if not faults and gains(problem, result, worth):
        faults.append("an exchange would serve more requests or reach more points")
    return tuple(faults)


def gains(problem: Problem, result: Result, worth: dict[Pair, int]) -> bool:
    """Whether any exchange gains: a cycle of negative cost in the residual network (Bellman and Ford)."""
    arcs = _residual(problem, result, worth)
    distance = dict.fromkeys((node for arc in arcs for node in arc[:2]), 0)
    for _ in range(len(distance) + 1):
        changed = False
        for tail, head, cost in arcs:
            if distance[tail] + cost < distance[head]:
                distance[head] = distance[tail] + cost
                changed = True
        if not changed:
            return False
    return bool(arcs)


def _residual(problem: Problem, result: Result, worth: dict[Pair, int]) -> _Arcs:
    """Arcs that could still carry one person more, and the reverse of those that carry one."""
    start, end = (_START, ""), (_END, "")
    bonus = bonuses(problem)
    chosen = {one.pair for one in result.assigned}
    used = Counter(pair.offer_id for pair in chosen)
    arcs: _Arcs = [(end, start, 0)]
    if chosen:
        arcs.append((start, end, 0))
    for request in problem.requests:
        node = ("need", request.need_id)
        arcs.append((start, node, 0) if request.need_id in result.unserved else (node, start, 0))
    for offer in problem.offers:
        node = ("offer", offer.offer_id)
        if used[offer.offer_id] < offer.capacity - offer.used:
            arcs.append((node, end, 0))
        if used[offer.offer_id]:
            arcs.append((end, node, 0))
    for pair, value in worth.items():
        need, offer_node, gain = ("need", pair.need_id), ("offer", pair.offer_id), bonus[pair.need_id] + value
        arcs.append((offer_node, need, gain) if pair in chosen else (need, offer_node, -gain))
    return arcs


def verify_proposals(
    request: Request,
    offers: Iterable[Offer],
    answer: Proposals,
    *,
    today: date,
    now: datetime,
    limit: int = MOST_OPEN,
    policy: Policy | None = None,
) -> tuple[str, ...]:
    """Everything that is wrong with a ranking, () when it is the best one; `limit` is the room that was left."""
    enquiry = enquire(request, today=today, now=now, widen=int(answer.widened), policy=policy)
    fitting: dict[str, Offer] = {}
    refused: set[str] = set()
    for offer in offers:
        if may_exist(judge(enquiry, offer)):
            fitting[offer.offer_id] = offer
        else:
            refused.add(offer.offer_id)
    faults: list[str] = []
    if {refusal.pair.offer_id for refusal in answer.refused} != refused:
        faults.append("the refused offers are not those that the gates refuse")
    if answer.fitting != len(fitting):
        faults.append(f"{len(fitting)} offers fit, not {answer.fitting}")
    best = sorted(place(enquiry, offer, points(parts(enquiry, offer))) for offer in fitting.values())[:limit]
    shown = [(-one.points, one.pair.offer_id) for one in answer.ranked]
    if shown != [(where[0], where[3]) for where in best]:
        faults.append("the ranking is not by score, then longest idle, then lowest id")
    if [one.rank for one in answer.ranked] != list(range(1, len(answer.ranked) + 1)):
        faults.append("the ranks do not count from 1")
    return tuple(faults)
