"""What serving is worth when many requests share few places.

The order of aims: as many urgent requests served as possible, then as many requests as possible, then the greatest
sum of points. One sum with bonuses says all of it: the requests that can be served together form a matroid, so a
bonus above the points of everybody together, twice for urgent requests, never trades one aim for a later one.
"""

from matching.codes import Urgency
from matching.eligibility import judge, may_exist
from matching.enquiry import enquire
from matching.model import MICRO, Pair, Problem
from matching.scoring import parts, points

_TOP = 100 * MICRO


def eligible_points(problem: Problem) -> dict[Pair, int]:
    """Give the exact points of every eligible pair; ValueError when two requests or two offers share an id."""
    if len({request.need_id for request in problem.requests}) < len(problem.requests):
        raise ValueError("two requests share an id")
    if len({offer.offer_id for offer in problem.offers}) < len(problem.offers):
        raise ValueError("two offers share an id")
    found: dict[Pair, int] = {}
    for request in problem.requests:
        enquiry = enquire(request, today=problem.today, now=problem.now, widen=problem.widen, policy=problem.policy)
        for offer in problem.offers:
            if may_exist(judge(enquiry, offer)):
                found[Pair(request.need_id, offer.offer_id)] = points(parts(enquiry, offer))
    return found


def bonuses(problem: Problem) -> dict[str, int]:
    """Say what serving each request is worth beside its points, so that the order of aims holds."""
    step = _TOP * (len(problem.requests) + 1)
    return {request.need_id: step * (2 if request.urgency is Urgency.H else 1) for request in problem.requests}
