"""How good an eligible pair is: seven parts from 0 to 1, kept apart, and their weighted sum (section 9).

A part is a whole number of millionths, a weight a whole number of per cent, so a score is an exact integer from 0
to 100,000,000 and ties are ties of exact values. A part whose fact is missing stays None and counts half its weight:
not knowing is better than a conflict and worse than a fit, and it never decides between two offers that both lack it.
A part that a kind does not have (the language of a home) stands in nobody's way and is 1.
"""

from collections.abc import Mapping
from datetime import date

from matching.codes import REMOTE, PartCode, SponsorKind
from matching.enquiry import Enquiry, idle_days, overlap, usable_modes
from matching.model import MICRO, HouseTerms, InternTerms, Offer, ServiceTerms, SponsorTerms
from matching.places import Nearness, nearest, nearness

WEIGHTS: Mapping[PartCode, int] = {
    PartCode.TOPIC: 30,
    PartCode.AVAILABILITY: 20,
    PartCode.DISTANCE: 15,
    PartCode.LANGUAGE: 10,
    PartCode.LOAD: 10,
    PartCode.FAIRNESS: 5,
    PartCode.QUALITY: 10,
}
"""Per cent, in the order of `PartCode`; they add up to 100."""

UNKNOWN_COUNTS = MICRO // 2
"""What a part without its fact counts in the sum."""

Parts = tuple[int | None, ...]
"""The parts in the order of `PartCode`, in millionths; None when a fact is missing."""

NEAR: Mapping[Nearness, int] = {
    Nearness.SAME_DISTRICT: MICRO,
    Nearness.SAME_CITY: 600_000,
    Nearness.NEIGHBOUR: 300_000,
    Nearness.FAR: 0,
}
CLOSE = 600_000
GOOD_WEEK_MINUTES = 120
FRESH_DAYS = 14
LATE_DAYS = 30
_VISIT_DAYS = 90
_PRIOR_RATINGS = 5
_PRIOR_SUM = 20
FITTING_SPONSORS: Mapping[str, frozenset[SponsorKind]] = {
    "EC1": frozenset({SponsorKind.ONE2ONE, SponsorKind.FUND}),
    "EC2": frozenset({SponsorKind.FUND}),
    "EC3": frozenset({SponsorKind.GOODS}),
    "EC4": frozenset({SponsorKind.ONE2ONE}),
}
_Measured = tuple[int | None, int | None, int | None, int | None]


def parts(enquiry: Enquiry, offer: Offer) -> Parts:
    """Measure the seven parts of a pair, each 0..1,000,000 or None."""
    terms = offer.terms
    match terms:
        case ServiceTerms():
            measured = _service(enquiry, offer, terms)
        case InternTerms():
            measured = _internship(enquiry, offer, terms)
        case HouseTerms():
            measured = _home(enquiry, offer, terms)
        case _:
            measured = _sponsorship(enquiry, terms)
    return (*measured, load(offer), fairness(enquiry, offer), quality(enquiry, offer))


def points(values: Parts) -> int:
    """Give the exact weighted sum, 0..100,000,000."""
    return sum(
        weight * (UNKNOWN_COUNTS if value is None else value)
        for weight, value in zip(WEIGHTS.values(), values, strict=True)
    )


def share(part: int, whole: int) -> int:
    """`part` / `whole` in millionths, rounded half up and kept within 0..1; `whole` > 0."""
    return max(0, min(MICRO, (2 * MICRO * part + whole) // (2 * whole)))


def load(offer: Offer) -> int:
    """Give the free share of the places."""
    return share(offer.capacity - offer.used, max(1, offer.capacity))


def fairness(enquiry: Enquiry, offer: Offer) -> int:
    """min(1, idle days / 14); a provider who was never matched has waited longest."""
    idle = idle_days(enquiry, offer)
    return MICRO if idle is None else share(idle, FRESH_DAYS)


def quality(enquiry: Enquiry, offer: Offer) -> int:
    """Give the quality of an offer on the day of the enquiry."""
    return quality_on(enquiry.today, offer)


def quality_on(today: date, offer: Offer) -> int:
    """((5 x 4.0 + sum of ratings) / (5 + n) - 1) / 4; for a home: visited within 90 days 1, earlier 0.5, never 0."""
    if isinstance(offer.terms, HouseTerms):
        visited = offer.terms.verified_on_site_on
        if visited is None:
            return 0
        return MICRO if (today - visited).days <= _VISIT_DAYS else MICRO // 2
    count = _PRIOR_RATINGS + offer.ratings_count
    return share(_PRIOR_SUM + offer.ratings_sum - count, 4 * count)


def _service(enquiry: Enquiry, offer: Offer, terms: ServiceTerms) -> _Measured:
    """Topic by sub-code; two common hours in seven days are enough; online is as near as the same district."""
    request = enquiry.request
    if request.sub in terms.topics:
        topic: int | None = MICRO
    elif not terms.topics:
        topic = None
    else:
        topic = CLOSE if any(named.startswith(request.category) for named in terms.topics) else 0
    common = overlap(enquiry, terms)
    availability = None if common is None else share(common.week, GOOD_WEEK_MINUTES)
    if not usable_modes(enquiry, terms).isdisjoint(REMOTE):
        distance: int | None = MICRO
    elif request.region is None:
        distance = None
    else:
        distance = NEAR[nearness(request.region, offer.region, enquiry.policy)]
    return topic, availability, distance, _language(enquiry, terms.languages)


def _language(enquiry: Enquiry, offered: frozenset[str]) -> int | None:
    """Rate a preferred language 1 (without a preference any common one), another common one 0.5."""
    if not enquiry.talks:
        return None
    if not (enquiry.request.languages or enquiry.talks).isdisjoint(offered):
        return MICRO
    return 0 if enquiry.talks.isdisjoint(offered) else MICRO // 2


def _internship(enquiry: Enquiry, offer: Offer, terms: InternTerms) -> _Measured:
    """Rate a named major or a wished post 1, open to every major 0.6; the free share of the weeks; the commute."""
    request, wish = enquiry.request, enquiry.request.intern
    if wish.major in terms.majors or terms.post in wish.posts:
        topic: int | None = MICRO
    elif not terms.majors:
        topic = CLOSE
    else:
        topic = None if wish.major is None else 0
    availability = None
    if wish.free_from is not None and wish.free_to is not None:
        common = (min(wish.free_to, terms.end) - max(wish.free_from, terms.start)).days + 1
        availability = share(common, max(1, (terms.end - terms.start).days + 1))
    places = request.wanted if request.region is None else request.wanted | {request.region}
    distance = NEAR[nearest(offer.region, places, enquiry.policy)] if places else None
    if terms.housing_given:
        distance = max(CLOSE, distance or 0)
    return topic, availability, distance, _language(enquiry, terms.languages) if terms.languages else MICRO


def _home(enquiry: Enquiry, offer: Offer, terms: HouseTerms) -> _Measured:
    """Kind, size and rent all fit 1, all but one 0.6; free in time 1, down to 0 at 30 days late; way to work."""
    wish = enquiry.request.house
    misfits = [
        misfit
        for said, misfit in (
            (bool(wish.kinds), terms.house_kind not in wish.kinds),
            (wish.persons is not None, terms.persons_max < (wish.persons or 0)),
            (wish.budget_fen_month is not None, terms.rent_fen_month > (wish.budget_fen_month or 0)),
        )
        if said
    ]
    topic = (MICRO, CLOSE, 0)[min(2, sum(misfits))] if misfits else None
    availability = None
    if wish.move_in_on is not None and terms.free_from is not None:
        availability = share(LATE_DAYS - (terms.free_from - wish.move_in_on).days, LATE_DAYS)
    distance = None
    if wish.workplace is not None:
        distance = NEAR[nearness(wish.workplace, offer.region, enquiry.policy)]
    return topic, availability, distance, MICRO


def _sponsorship(enquiry: Enquiry, terms: SponsorTerms) -> _Measured:
    """Kind and preferred stage; the share of the sum asked for; the sponsor's preferred region."""
    request = enquiry.request
    fitting = FITTING_SPONSORS.get(request.sub, frozenset[SponsorKind]())
    topic: int | None = MICRO if terms.sponsor_kind in fitting else CLOSE
    if terms.stage_pref:
        if request.stage is None:
            topic = None
        elif request.stage not in terms.stage_pref:
            topic = 0
    asked = request.sponsor.amount_fen_per_year
    availability = None if asked is None else share(terms.amount_fen_per_year, max(1, asked))
    distance: int | None = MICRO
    if terms.region_pref:
        region = request.region
        distance = None if region is None else NEAR[nearest(region, terms.region_pref, enquiry.policy)]
    return topic, availability, distance, MICRO
