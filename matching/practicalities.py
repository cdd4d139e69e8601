"""Gates of everyday life: offer, provider, places, language, mode, region, education and time."""

from matching.codes import REMOTE, OfferState, ProviderState, Stage
from matching.enquiry import Enquiry, overlap, usable_modes
from matching.model import InternTerms, Offer, ServiceTerms
from matching.places import Nearness, covers, nearest, nearness
from matching.reasons import ReasonCode

_C = ReasonCode
UNIT_MINUTES = 50
EDUCATION = {Stage.JH: 0, Stage.SH: 1, Stage.SV: 1, Stage.HV: 2, Stage.UG: 3, Stage.PG: 4}


def published(_enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Only a published offer is proposed."""
    return None if offer.state is OfferState.PUBLISHED else _C.OFFER_NOT_PUBLISHED


def provider(_enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Only a verified provider is proposed."""
    return None if offer.provider_state is ProviderState.VERIFIED else _C.PROVIDER_NOT_VERIFIED


def validity(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Ask for a day in the validity of the offer; both ends count."""
    if enquiry.today < offer.valid_from:
        return _C.OFFER_NOT_STARTED
    return _C.OFFER_EXPIRED if enquiry.today > offer.valid_to else None


def capacity(_enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """At least one place is free."""
    return None if offer.used < offer.capacity else _C.CAPACITY_FULL


def weekly_cap(_enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Keep to the number of sessions that the person wants to give in the coming seven days."""
    terms = offer.terms
    full = isinstance(terms, ServiceTerms) and terms.booked_week >= terms.weekly_cap
    return _C.WEEKLY_CAP if full else None


def language(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """At least one common language; the student may leave it open, the provider may not."""
    theirs = offer.terms.languages if isinstance(offer.terms, ServiceTerms) else frozenset[str]()
    if not theirs:
        return _C.LANGUAGE_UNKNOWN
    if not enquiry.talks:
        return _C.LANGUAGE_OPEN
    return _C.NO_COMMON_LANGUAGE if enquiry.talks.isdisjoint(theirs) else None


def mode(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """At least one common mode; a widened search takes online service too."""
    if not isinstance(offer.terms, ServiceTerms):
        return None
    wished = enquiry.request.modes
    if not wished:
        return _C.MODE_OPEN
    if not wished.isdisjoint(offer.terms.modes):
        return None
    return _C.MODE_WIDENED if usable_modes(enquiry, offer.terms) else _C.NO_COMMON_MODE


def service_region(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Online, or in the same city; a widened search takes online service and neighbouring cities too."""
    if not isinstance(offer.terms, ServiceTerms):
        return None
    request, modes = enquiry.request, offer.terms.modes
    usable = usable_modes(enquiry, offer.terms)
    wished = modes & request.modes if request.modes else modes
    if not usable or not wished.isdisjoint(REMOTE):
        return None
    online = not usable.isdisjoint(REMOTE)
    if request.region is None:
        return _C.MODE_WIDENED if online else _C.REGION_UNKNOWN
    near = nearness(request.region, offer.region, enquiry.policy)
    if online and (not wished or near < Nearness.SAME_CITY):
        return _C.MODE_WIDENED
    return _within(enquiry, near, _C.OUTSIDE_CITY)


def internship_region(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Housing is given, or the place is in the student's city or a wanted one; widened: a neighbouring city."""
    if isinstance(offer.terms, InternTerms) and offer.terms.housing_given:
        return None
    request = enquiry.request
    places = request.wanted if request.region is None else request.wanted | {request.region}
    if not places:
        return _C.REGION_UNKNOWN
    return _within(enquiry, nearest(offer.region, places, enquiry.policy), _C.NOT_REACHABLE)


def house_region(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """In a wanted district (none named: the student's city); widened: the same or a neighbouring city."""
    request = enquiry.request
    if request.wanted:
        if covers(request.wanted, offer.region):
            return None
        near = nearest(offer.region, request.wanted, enquiry.policy)
        widened = enquiry.widen and near >= Nearness.NEIGHBOUR
        return _C.AREA_WIDENED if widened else _C.OUTSIDE_DISTRICTS
    if request.region is None:
        return _C.REGION_UNKNOWN
    return _within(enquiry, nearness(request.region, offer.region, enquiry.policy), _C.OUTSIDE_DISTRICTS)


def _within(enquiry: Enquiry, near: Nearness, refusal: ReasonCode) -> ReasonCode | None:
    if near >= Nearness.SAME_CITY:
        return None
    return _C.AREA_WIDENED if enquiry.widen and near is Nearness.NEIGHBOUR else refusal


def education(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Ask for the least education of a post; of graduates and others only the person knows it."""
    least = offer.terms.education_min if isinstance(offer.terms, InternTerms) else None
    if least is None:
        return None
    mine = EDUCATION.get(enquiry.request.stage) if enquiry.request.stage else None
    if mine is None:
        return _C.EDUCATION_OPEN
    return _C.EDUCATION_BELOW if mine < EDUCATION.get(least, 0) else None


def time(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """At least 50 common minutes in one piece within 14 days; not said by one side means "agreed later"."""
    if not isinstance(offer.terms, ServiceTerms):
        return None
    common = overlap(enquiry, offer.terms)
    if common is None:
        return _C.TIME_OPEN
    return None if common.longest >= UNIT_MINUTES else _C.NO_TIME_OVERLAP
