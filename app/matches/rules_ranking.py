"""Which offers a need is shown: the assigned one first, then by score less what a place is worth to others."""

from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from app.matches.rules_runs import SCORE_UNIT
from matching.eligibility import judge, may_exist
from matching.enquiry import Enquiry, enquire
from matching.explain import tell
from matching.model import MICRO, Offer, Pair, Policy, Proposal, Refusal, Request
from matching.reasons import Reason
from matching.scoring import Parts, parts, points
from matching.solvers.queue import Place, place

POINTS_OF_SCORE: Final = 100 * MICRO // SCORE_UNIT
"""Exact points in one ten-thousandth of a score."""


class Price(msgspec.Struct, frozen=True):
    """What one more place is worth to others, in ten-thousandths; `level` > 0 inside a shortage."""

    price: int = 0
    level: int = 0


FREE: Final = Price()


class Fit(msgspec.Struct, frozen=True):
    """One offer that may be proposed, with its exact points and its place in the ranking by points alone."""

    offer: Offer
    points: int
    place: Place
    values: Parts
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """The points in ten-thousandths, halves rounded up."""
        return (self.points + POINTS_OF_SCORE // 2) // POINTS_OF_SCORE


class Looked(msgspec.Struct, frozen=True):
    """Everything a need's offers were found to be: those that fit, best first, and those that do not."""

    enquiry: Enquiry
    fits: tuple[Fit, ...]
    refused: tuple[Refusal, ...]

    def proposal(self, fit: Fit, rank: int) -> Proposal:
        """Put one of the fitting offers into sentences."""
        return Proposal(
            pair=Pair(self.enquiry.request.need_id, fit.offer.offer_id),
            rank=rank,
            points=fit.points,
            parts=tell(self.enquiry, fit.offer, fit.values),
            notes=fit.reasons,
        )


def look(
    request: Request, offers: Iterable[Offer], *, today: date, now: datetime, widen: int, policy: Policy
) -> Looked:
    """Judge every offer for one request; the order of the offers does not matter."""
    enquiry = enquire(request, today=today, now=now, widen=widen, policy=policy)
    fits: list[Fit] = []
    refused: list[Refusal] = []
    for offer in offers:
        reasons = judge(enquiry, offer)
        if may_exist(reasons):
            values = parts(enquiry, offer)
            exact = points(values)
            fits.append(Fit(offer, exact, place(enquiry, offer, exact), values, reasons))
        else:
            refused.append(Refusal(Pair(request.need_id, offer.offer_id), reasons))
    fits.sort(key=lambda fit: fit.place)
    return Looked(enquiry, tuple(fits), tuple(sorted(refused, key=lambda refusal: refusal.pair)))


def shortlist(
    looked: Looked,
    *,
    room: int,
    assigned: str | None,
    prices: Mapping[str, Price],
    tired: Container[str],
    barred: Container[str] = (),
) -> tuple[Fit, ...]:
    """Choose at most `room` offers: the assigned one, then alternates by level and by score less price.

    Offers of `tired` providers (asked often enough this week) and `barred` offers (ruled out by a person) are left
    out; so three proposals to everybody do not pile up on the same volunteers.
    """

    def order(fit: Fit) -> tuple[bool, int, int, Place]:
        price = prices.get(fit.offer.offer_id, FREE)
        net = fit.points - price.price * POINTS_OF_SCORE
        return fit.offer.offer_id != assigned, price.level, -net, fit.place

    usable = [fit for fit in looked.fits if fit.offer.provider_id not in tired and fit.offer.offer_id not in barred]
    return tuple(sorted(usable, key=order)[: max(0, room)])
