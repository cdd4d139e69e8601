"""The ranking of one request's offers: best score first, then who has waited longest, then the lowest id."""

from collections.abc import Iterable
from datetime import date, datetime

from matching.eligibility import judge, may_exist
from matching.enquiry import Enquiry, enquire, idle_days
from matching.explain import tell
from matching.model import Offer, Pair, Policy, Proposal, Proposals, Refusal, Request
from matching.reasons import Reason
from matching.scoring import Parts, parts, points

MOST_OPEN = 3
"""How many proposals may wait for the student's answer at the same time."""

Place = tuple[int, int, int, str]


def propose(
    request: Request,
    offers: Iterable[Offer],
    *,
    today: date,
    now: datetime,
    limit: int = MOST_OPEN,
    open_already: int = 0,
    widen: int = 0,
    policy: Policy | None = None,
) -> Proposals:
    """Rank the best offers for a request, with the reasons of all that were refused.

    At most `limit` are ranked, less the `open_already` proposals that still wait for an answer. The result does not
    depend on the order of the offers. Raises ValueError when two offers share an id or `now` has no time zone.
    """
    enquiry = enquire(request, today=today, now=now, widen=widen, policy=policy)
    refused: list[Refusal] = []
    fitting: list[tuple[Place, Offer, Parts, tuple[Reason, ...]]] = []
    seen: set[str] = set()
    for offer in offers:
        if offer.offer_id in seen:
            msg = f"two offers share the id {offer.offer_id}"
            raise ValueError(msg)
        seen.add(offer.offer_id)
        reasons = judge(enquiry, offer)
        if may_exist(reasons):
            values = parts(enquiry, offer)
            fitting.append((place(enquiry, offer, points(values)), offer, values, reasons))
        else:
            refused.append(Refusal(Pair(request.need_id, offer.offer_id), reasons))
    fitting.sort(key=lambda one: one[0])
    room = max(0, limit - open_already)
    return Proposals(
        need_id=request.need_id,
        ranked=tuple(
            Proposal(
                pair=Pair(request.need_id, offer.offer_id),
                rank=rank,
                points=-where[0],
                parts=tell(enquiry, offer, values),
                notes=reasons,
            )
            for rank, (where, offer, values, reasons) in enumerate(fitting[:room], start=1)
        ),
        refused=tuple(sorted(refused, key=lambda refusal: refusal.pair)),
        fitting=len(fitting),
        widened=widen > 0,
    )


def place(enquiry: Enquiry, offer: Offer, exact: int) -> Place:
    """Give the key of the ranking; smaller is better. A provider who was never matched has waited longest."""
    idle = idle_days(enquiry, offer)
    return (-exact, 1, -idle, offer.offer_id) if idle is not None else (-exact, 0, 0, offer.offer_id)
