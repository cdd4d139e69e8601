"""Gates that protect people: risk, age, stage, guardian, contact with minors, relations and earlier answers.

Each gate looks at one pair and returns the code of what it found, or None when it has nothing to say. An unknown
fact always falls on the safe side here. The ages are those of section 4: under 12 no proposals at all (except a
sponsorship that the guardian signs), 12 and 13 only with the guardian's consent, internships from 16, homes from 18.
"""

from collections.abc import Callable, Mapping
from datetime import date

from matching.codes import (
    IN_SCHOOL,
    CheckResult,
    Gender,
    GenderWish,
    Kind,
    Level,
    NeedState,
    PostKind,
    ProviderType,
    Risk,
    Stage,
    VolunteerState,
)
from matching.enquiry import ADULT, Enquiry
from matching.model import InternTerms, Offer, SponsorTerms
from matching.reasons import ReasonCode

Gate = Callable[[Enquiry, Offer], ReasonCode | None]

_C = ReasonCode
AGE_FROM: Mapping[Kind, int] = {
    Kind.COUNSEL: 12,
    Kind.STUDY: 12,
    Kind.LEGAL: 12,
    Kind.INTERN: 16,
    Kind.HOUSE: 18,
    Kind.SPONSOR: 0,
}
HOUSE_FROM_SWITCHED = 16
TARGET_AGE_TO = 25
OLDER_STAGES: Mapping[Kind, frozenset[Stage]] = {
    Kind.INTERN: IN_SCHOOL,
    Kind.HOUSE: frozenset({Stage.GR}),
    Kind.SPONSOR: frozenset(),
}
"""Who is still served after 25; kinds that are not named serve everybody."""

GUARDIAN_BELOW: Mapping[Kind, int] = {
    Kind.COUNSEL: 14,
    Kind.STUDY: 14,
    Kind.LEGAL: 14,
    Kind.INTERN: ADULT,
    Kind.HOUSE: ADULT,
    Kind.SPONSOR: ADULT,
}
_JOB_OR_HOME = frozenset({Kind.INTERN, Kind.HOUSE})
VOCATIONAL = frozenset({Stage.SV, Stage.HV})
CASE_DESK = frozenset({"RT2", "RT3"})
ROUTES: Mapping[str, Kind] = {"EC4": Kind.SPONSOR, "EM5": Kind.HOUSE}
POOL_RISKS = frozenset({Risk.NONE, Risk.BLUE, Risk.YELLOW})
_ON_DUTY = frozenset({VolunteerState.ACTIVE, VolunteerState.ACTIVE_ADULT})
_GENDERS: Mapping[GenderWish, Gender] = {GenderWish.F: Gender.F, GenderWish.M: Gender.M}


def need(enquiry: Enquiry, _offer: Offer) -> ReasonCode | None:
    """Only an open need is in the pool."""
    return None if enquiry.request.state is NeedState.OPEN else _C.NEED_NOT_OPEN


def risk(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """No orange or red need is in the pool; yellow is for counsellors of level A or B."""
    level = enquiry.request.risk
    if level is None:
        return _C.RISK_UNKNOWN
    if level not in POOL_RISKS:
        return _C.RISK_TOO_HIGH
    if (
        level is Risk.YELLOW
        and offer.kind is Kind.COUNSEL
        and offer.level is not Level.A
        and offer.level is not Level.B
    ):
        return _C.LEVEL_UNKNOWN if offer.level is None else _C.LEVEL_TOO_LOW
    return None


def route(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Bullying and violence go to the case desk, EC4 only to sponsors, EM5 only to homes (section 5)."""
    sub = enquiry.request.sub
    if sub in CASE_DESK:
        return _C.CASE_DESK_ONLY
    return None if ROUTES.get(sub, offer.kind) is offer.kind else _C.ROUTE_DIFFERENT


def age(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Apply the age bands of section 4."""
    years, stage = enquiry.request.age, enquiry.request.stage
    if years is None:
        return _C.AGE_UNKNOWN
    if years < _age_from(enquiry, offer):
        return _C.AGE_TOO_YOUNG
    if years <= TARGET_AGE_TO or offer.kind not in OLDER_STAGES:
        return None
    older = OLDER_STAGES[offer.kind]
    if stage is None and older:
        return _C.STAGE_UNKNOWN
    return None if stage in older else _C.AGE_TOO_OLD


def _age_from(enquiry: Enquiry, offer: Offer) -> int:
    if isinstance(offer.terms, InternTerms):
        return max(AGE_FROM[Kind.INTERN], offer.terms.min_age)
    if offer.kind is Kind.HOUSE and enquiry.policy.house_from_16:
        return HOUSE_FROM_SWITCHED
    return AGE_FROM[offer.kind]


def offer_age(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Apply the age range that the provider wrote down; both ends count."""
    years = enquiry.request.age
    if years is None:
        return None
    if offer.age_min is not None and years < offer.age_min:
        return _C.OFFER_AGE
    return _C.OFFER_AGE if offer.age_max is not None and years > offer.age_max else None


def stage(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Graduates are served with homes and jobs only; a provider may name stages."""
    mine = enquiry.request.stage
    if mine is None:
        return _C.STAGE_UNKNOWN if offer.stages else None
    if mine is Stage.GR and offer.kind not in _JOB_OR_HOME:
        return _C.STAGE_NOT_SERVED
    return _C.OFFER_STAGE if offer.stages and mine not in offer.stages else None


def internship_stage(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """No first-year vocational student in an internship; no student in school as a trainee (section 3.11)."""
    mine, year = enquiry.request.stage, enquiry.request.grade_year
    if mine is None:
        return _C.STAGE_UNKNOWN
    if isinstance(offer.terms, InternTerms) and offer.terms.post_kind is PostKind.TRAINEE_HR and mine in IN_SCHOOL:
        return _C.TRAINEE_IN_SCHOOL
    if mine not in VOCATIONAL:
        return None
    if year is None:
        return _C.GRADE_UNKNOWN
    return _C.FIRST_YEAR if year <= 1 else None


def guardian(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Ask for the guardian's consent where the age does; an unknown age is stopped by the age gate."""
    years, consent = enquiry.request.age, enquiry.request.guardian_consent
    if years is None or years >= GUARDIAN_BELOW[offer.kind] or consent:
        return None
    return _C.GUARDIAN_UNKNOWN if consent is None else _C.GUARDIAN_MISSING


def volunteer(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Ask for a person on duty, and for a student under 18 (or of unknown age) not one for adults only."""
    state = offer.volunteer_state
    if state is None:
        vetted = offer.kind is Kind.COUNSEL or offer.provider_type is ProviderType.VOL
        return _C.VOLUNTEER_UNKNOWN if vetted else None
    if state not in _ON_DUTY:
        return _C.VOLUNTEER_NOT_ACTIVE
    if enquiry.minor is not False and state is VolunteerState.ACTIVE_ADULT:
        return _C.VOLUNTEER_ADULTS_ONLY
    return None


def record_check(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Who meets a student under 18 (or of unknown age) has a clear record check of at most 12 months."""
    if enquiry.minor is False:
        return None
    check = offer.record_check
    if check is None or check.result is CheckResult.UNKNOWN or check.on > enquiry.today:
        return _C.CHECK_MISSING
    if check.result is CheckResult.HIT:
        return _C.CHECK_NOT_CLEAR
    return None if enquiry.today <= a_year_after(check.on) else _C.CHECK_EXPIRED


def a_year_after(day: date) -> date:
    """Give the same day twelve months later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def sponsor(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Ask for a declared "no relation", and for no contact with a student under 18 (or of unknown age)."""
    if not isinstance(offer.terms, SponsorTerms):
        return None
    if offer.terms.no_relation_declared is None:
        return _C.RELATION_UNKNOWN
    if not offer.terms.no_relation_declared:
        return _C.RELATION_DECLARED
    return _C.CONTACT_WITH_MINOR if offer.terms.direct_contact and enquiry.minor is not False else None


def relation(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Never the same person, a relative, an own teacher or somebody of the same class."""
    request = enquiry.request
    if request.student_id in offer.person_ids:
        return _C.SAME_PERSON
    return None if request.related_person_ids.isdisjoint(offer.person_ids) else _C.RELATED_PERSON


def history(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """No blocked pair, nothing declined before, nothing that already waits for an answer."""
    request = enquiry.request
    if offer.provider_id in request.blocked_provider_ids:
        return _C.BLOCKED_PAIR
    if offer.offer_id in request.excluded_offer_ids:
        return _C.DECLINED_BEFORE
    if offer.provider_id in request.excluded_provider_ids:
        return _C.PROVIDER_EXCLUDED
    return _C.ALREADY_PROPOSED if offer.offer_id in request.open_offer_ids else None


def gender(enquiry: Enquiry, offer: Offer) -> ReasonCode | None:
    """Keep the student's wish; an unknown gender does not satisfy it."""
    wish = _GENDERS.get(enquiry.request.gender_wish)
    if wish is None or offer.gender is wish:
        return None
    return _C.GENDER_UNKNOWN if offer.gender is None else _C.GENDER_DIFFERENT
