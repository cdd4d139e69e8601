"""From needs and offers to the values of the matching library; one pass and a fixed number of queries for many."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.kit.clock import SHANGHAI, local_day
from app.matches import queries
from app.matches.queries import History, ProviderLoad
from app.needs.queries import NeedFacts
from app.offers.kinds import KINDS
from app.offers.queries import OfferFacts
from app.organisations.queries_providers import facts as provider_facts
from app.people import queries as people
from app.people import queries_relations
from app.people.queries import StudentFacts, VolunteerFacts
from app.regions import rules as regions
from matching.codes import (
    CheckResult,
    Gender,
    GenderWish,
    HouseKind,
    Kind,
    Language,
    Level,
    Mode,
    NeedState,
    OfferState,
    PostKind,
    ProviderState,
    ProviderType,
    Risk,
    SponsorKind,
    Stage,
    Urgency,
    VolunteerState,
)
from matching.model import (
    HouseTerms,
    HouseWish,
    InternTerms,
    InternWish,
    Offer,
    Policy,
    RecordCheck,
    Request,
    ServiceTerms,
    Slot,
    SponsorTerms,
    SponsorWish,
    Terms,
)

AHEAD_DAYS = 14
_SEPARATORS = re.compile(r"[、,，;；/|\s]+")
_ANY_MAJOR = frozenset({"", "不限", "不限专业", "专业不限", "无", "无要求", "不要求"})
_NOTHING = History()
_IDLE = ProviderLoad()


def policy() -> Policy:
    """Return the neighbouring cities of the province as pairs of four-digit codes."""
    pairs = {(city.code[:4], other[:4]) for city in regions.cities() for other in city.neighbours}
    return Policy(neighbours=frozenset(pairs))


POLICY = policy()


def weekly_slots(weekly: Iterable[tuple[int, int, int]], now: datetime) -> tuple[Slot, ...]:
    """Lay weekly times (weekday 1 to 7, minutes after midnight in Guangdong) on the next 14 days."""
    wanted = tuple(weekly)
    if not wanted:
        return ()
    first = local_day(now)
    found: list[Slot] = []
    for ahead in range(AHEAD_DAYS + 1):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        found += [
            Slot.between(midnight + timedelta(minutes=start), midnight + timedelta(minutes=end))
            for weekday, start, end in wanted
            if weekday == day.isoweekday() and start < end
        ]
    return tuple(found)


async def requests_for(needs: Iterable[NeedFacts], now: datetime) -> dict[UUID, Request]:
    """Build the requests of many needs; a need whose student is gone is left out."""
    listed = list(needs)
    students = await people.students({need.student_id for need in listed}, now)
    related = await queries_relations.related_many({need.student_id for need in listed})
    histories = await queries.histories(need.id for need in listed)
    return {
        need.id: _request(
            need,
            students[need.student_id],
            related.get(need.student_id, frozenset()),
            histories.get(need.id, _NOTHING),
            now,
        )
        for need in listed
        if need.student_id in students
    }


def _request(need: NeedFacts, student: StudentFacts, related: frozenset[UUID], past: History, now: datetime) -> Request:
    wishes = need.wishes
    return Request(
        need_id=str(need.id),
        student_id=str(student.person_id),
        kind=Kind(need.kind),
        sub=need.sub,
        state=NeedState(need.state),
        risk=Risk(need.risk),
        urgency=Urgency(need.urgency),
        age=student.age,
        stage=Stage(student.stage),
        grade_year=student.grade_year,
        region=need.region_code or student.region_code or None,
        wanted=frozenset(_texts(wishes.get("districts"))),
        modes=frozenset(Mode(mode) for mode in need.modes),
        languages=frozenset(Language(code) for code in need.languages),
        speaks=frozenset(Language(code) for code in student.languages) or frozenset({Language.PTH}),
        gender_wish=GenderWish(need.gender_pref),
        slots=weekly_slots(need.slots, now),
        guardian_consent=student.guardian_consent,
        related_person_ids=frozenset(str(person) for person in related | {student.school_id}),
        excluded_offer_ids=frozenset(str(offer) for offer in past.excluded_offers),
        excluded_provider_ids=frozenset(str(provider) for provider in past.excluded_providers),
        open_offer_ids=frozenset(str(offer) for offer in past.open_offers),
        intern=InternWish(
            major=str(wishes.get("major") or student.major) or None,
            posts=frozenset(_texts(wishes.get("posts"))),
            free_from=_day(wishes.get("free_from")),
            free_to=_day(wishes.get("free_to")),
        ),
        house=HouseWish(
            kinds=frozenset(HouseKind(code) for code in _texts(wishes.get("house_kinds"))),
            persons=_number(wishes.get("persons")),
            budget_fen_month=_number(wishes.get("budget_fen")),
            move_in_on=_day(wishes.get("move_in")),
            workplace=_region(wishes.get("workplace")),
        ),
        sponsor=SponsorWish(need.amount_fen),
    )


async def offers_for(offers: Iterable[OfferFacts], now: datetime) -> dict[UUID, Offer]:
    """Build the offers of one kind or many in four queries, however many there are."""
    listed = [offer for offer in offers if offer.provider_id is not None and offer.type in KINDS]
    providers = {offer.provider_id for offer in listed if offer.provider_id is not None}
    volunteers = await people.volunteer_of_provider(providers)
    loads = await queries.loads(providers, now)
    contacts = await provider_facts(providers)
    built: dict[UUID, Offer] = {}
    for offer in listed:
        assert offer.provider_id is not None
        contact = contacts.get(offer.provider_id)
        checked = contact.contact_checked_at if contact else None
        built[offer.id] = _offer(
            offer,
            volunteers.get(offer.provider_id),
            loads.get(offer.provider_id, _IDLE),
            local_day(checked) if checked else None,
            now,
        )
    return built


def _offer(
    offer: OfferFacts, volunteer: VolunteerFacts | None, load: ProviderLoad, contact_checked: date | None, now: datetime
) -> Offer:
    return Offer(
        offer_id=str(offer.id),
        provider_id=str(offer.provider_id),
        kind=Kind(offer.type),
        terms=_terms(offer, volunteer, load, now),
        region=offer.region_code,
        capacity=offer.capacity,
        used=offer.used,
        state=OfferState(offer.state),
        provider_state=_provider_state(offer.provider_state),
        provider_type=ProviderType(offer.provider_type),
        valid_from=offer.valid_from,
        valid_to=offer.valid_to,
        age_min=offer.age_min,
        age_max=offer.age_max,
        stages=frozenset(Stage(stage) for stage in offer.stages),
        person_ids=_persons(volunteer),
        volunteer_state=_vetting(volunteer, local_day(now)),
        level=Level(volunteer.level) if volunteer and volunteer.level in set(Level) else None,
        gender=Gender(volunteer.sex) if volunteer and volunteer.sex in set(Gender) else None,
        record_check=_check(volunteer.last_check if volunteer else contact_checked),
        last_match_on=load.last_match_on,
        ratings_sum=load.ratings_sum,
        ratings_count=load.ratings_count,
    )


def _provider_state(state: str) -> ProviderState:
    return ProviderState(state) if state in set(ProviderState) else ProviderState.REVOKED


def _persons(volunteer: VolunteerFacts | None) -> frozenset[str]:
    """Name the person, and the school of a teacher: a student of that school is never matched with them."""
    if volunteer is None:
        return frozenset()
    return frozenset(str(one) for one in (volunteer.person_id, volunteer.school_id) if one is not None)


def _vetting(volunteer: VolunteerFacts | None, today: date) -> VolunteerState | None:
    if volunteer is None:
        return None
    expired = volunteer.credential_expiry is not None and volunteer.credential_expiry < today
    if volunteer.paused or expired:
        return VolunteerState.SUSPENDED
    state = VolunteerState(volunteer.vetting)
    return VolunteerState.ACTIVE_ADULT if state is VolunteerState.ACTIVE and volunteer.adult_only else state


def _check(checked: date | None) -> RecordCheck | None:
    return RecordCheck(CheckResult.CLEAR, checked) if checked else None


def _terms(offer: OfferFacts, volunteer: VolunteerFacts | None, load: ProviderLoad, now: datetime) -> Terms:
    kind = KINDS[offer.type]
    features = kind.features(kind.from_json(offer.terms))
    if offer.type == "INTERN":
        return _intern(features, offer.terms)
    if offer.type == "HOUSE":
        return HouseTerms(
            house_kind=HouseKind(features["house_kind"]),
            persons_max=features["persons_max"],
            rent_fen_month=features["rent_fen_month"],
            free_from=features["available_from"],
            verified_on_site_on=features["verified_on_site"],
        )
    if offer.type == "SPONSOR":
        return SponsorTerms(
            sponsor_kind=SponsorKind(features["kind"]),
            amount_fen_per_year=features["amount_fen_per_year"],
            no_relation_declared=bool(offer.terms.get("relation_declared", True)),
            stage_pref=frozenset(Stage(stage) for stage in features["stage_pref"]),
            region_pref=frozenset(code for code in [_region(features["region_pref"])] if code),
        )
    languages = features["languages"] or (volunteer.languages if volunteer else ())
    return ServiceTerms(
        topics=frozenset(features["topics"]),
        modes=frozenset(Mode(mode) for mode in features["modes"]),
        languages=frozenset(Language(code) for code in languages),
        slots=weekly_slots(features["slots"], now) if features["slots"] else None,
        weekly_cap=min(features["weekly_cap"], volunteer.weekly_cap) if volunteer else features["weekly_cap"],
        booked_week=load.booked_week,
    )


def _intern(features: Mapping[str, Any], terms: Mapping[str, Any]) -> InternTerms:
    majors = [major for major in _SEPARATORS.split(features["majors"] or "") if major not in _ANY_MAJOR]
    education = features["education_min"]
    return InternTerms(
        post=features["post"],
        post_kind=PostKind(terms["post_kind"]),
        start=features["start"],
        end=features["end"],
        majors=frozenset(majors),
        education_min=Stage(education) if education in set(Stage) else None,
        housing_given=bool(features["housing_given"]),
        min_age=features["min_age"],
    )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None


def _day(value: object) -> date | None:
    if isinstance(value, str) and value:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _region(value: object) -> str | None:
    """Read a district from a code or from a name; nothing when it is not a place of the province."""
    if not isinstance(value, str) or not value:
        return None
    if regions.region(value) is not None:
        return value
    found = regions.region_named(value)
    return found.code if found else None
