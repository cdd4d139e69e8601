"""Columns of plain offers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from matching.codes import (
    CheckResult,
    Gender,
    HouseKind,
    Kind,
    Language,
    Level,
    Mode,
    OfferState,
    PostKind,
    ProviderState,
    ProviderType,
    SponsorKind,
    Stage,
    VolunteerState,
)
from matching.model import HouseTerms, InternTerms, Offer, ServiceTerms, SponsorTerms
from matching.pool.build_requests import UNASKED, Counter, Wishes
from matching.pool.codings import bits_of, code_of, day_of, minutes_of, ragged
from matching.pool.columns import offer_columns
from matching.pool.places import Places
from matching.practicalities import EDUCATION
from matching.safeguards import a_year_after
from matching.scoring import quality_on

_VOLUNTEERS = {None: 0, VolunteerState.ACTIVE: 1, VolunteerState.ACTIVE_ADULT: 2}
_OTHER_STATE = 3
_MISSING, _HIT, _EXPIRED, _CLEAR = 0, 1, 2, 3
_RELATION = {None: -1, False: 0, True: 1}
_NO_LIMIT = 1 << 14


def offer_places(offers: Iterable[Offer]) -> set[str]:
    """Place codes that offers name."""
    named = {offer.region for offer in offers}
    for offer in offers:
        if isinstance(offer.terms, SponsorTerms):
            named |= offer.terms.region_pref
    return named


def columns_of_offers(
    offers: Sequence[tuple[int, Offer]], wishes: Wishes, places: Places, *, today: date, start: int
) -> Counter:
    """Make the columns of numbered offers of one kind, in the order of the tie rule; `start` is now in minutes."""
    idle = {number: _idle(one, today) for number, one in offers}
    ordered = sorted(offers, key=lambda one: (idle[one[0]] >= 0, -idle[one[0]], one[0]))
    rows = [one for _, one in ordered]
    at = places.position
    columns: dict[str, Any] = {
        "number": [number for number, _ in ordered],
        "published": [one.state is OfferState.PUBLISHED for one in rows],
        "verified": [one.provider_state is ProviderState.VERIFIED for one in rows],
        "begins": [one.valid_from.toordinal() for one in rows],
        "expires": [one.valid_to.toordinal() for one in rows],
        "capacity": [one.capacity for one in rows],
        "used": [one.used for one in rows],
        "age_min": [0 if one.age_min is None else max(0, one.age_min) for one in rows],
        "age_max": [_NO_LIMIT if one.age_max is None else max(-1, one.age_max) for one in rows],
        "stages": [bits_of(one.stages, Stage) for one in rows],
        "place": [at[one.region] for one in rows],
        "level": [code_of(one.level, Level) for one in rows],
        "gender": [code_of(one.gender, Gender) for one in rows],
        "volunteer": [_VOLUNTEERS.get(one.volunteer_state, _OTHER_STATE) for one in rows],
        "vetted": [one.kind is Kind.COUNSEL or one.provider_type is ProviderType.VOL for one in rows],
        "check": [_check(one, today) for one in rows],
        "idle": [idle[number] for number, _ in ordered],
        "quality": [quality_on(today, one) for one in rows],
    }
    for terms in (_service, _internship, _home, _sponsorship):
        columns |= terms(rows, wishes, at, start)
    return Counter(columns=offer_columns(**columns), offers=tuple(rows))


def _idle(offer: Offer, today: date) -> int:
    """Whole days since the provider's last match; -1 for never."""
    return -1 if offer.last_match_on is None else max(0, (today - offer.last_match_on).days)


def _check(offer: Offer, today: date) -> int:
    """Give the code of the record check on the day; one from the future counts as missing."""
    check = offer.record_check
    if check is None or check.result is CheckResult.UNKNOWN or check.on > today:
        return _MISSING
    if check.result is CheckResult.HIT:
        return _HIT
    return _CLEAR if today <= a_year_after(check.on) else _EXPIRED


def _service(rows: Sequence[Offer], wishes: Wishes, _at: Mapping[str, int], start: int) -> dict[str, Any]:
    given = [one.terms for one in rows if isinstance(one.terms, ServiceTerms)]
    if not given:
        return {}
    slot_ptr, slots = ragged([minutes_of(one.slots or (), start) for one in given], np.int32)
    named = [(one, [at for at, sub in enumerate(wishes.subs) if sub in one.topics]) for one in given]
    close = [
        [at for at, sub in enumerate(wishes.subs) if any(topic.startswith(sub[:2]) for topic in one.topics)]
        for one in given
    ]
    return {
        "exact": np.array([sum(1 << at for at in found) for _, found in named], np.uint64),
        "close": np.array([sum(1 << at for at in found) for found in close], np.uint64),
        "topical": [bool(one.topics) for one in given],
        "modes": [bits_of(one.modes, Mode) for one in given],
        "languages": [bits_of(one.languages, Language) for one in given],
        "timed": [one.slots is not None for one in given],
        "weekly_full": [one.booked_week >= one.weekly_cap for one in given],
        "slot_ptr": slot_ptr,
        "slot_start": slots.reshape(-1, 2)[:, 0],
        "slot_end": slots.reshape(-1, 2)[:, 1],
    }


def _internship(rows: Sequence[Offer], wishes: Wishes, _at: Mapping[str, int], _start: int) -> dict[str, Any]:
    given = [one.terms for one in rows if isinstance(one.terms, InternTerms)]
    if not given:
        return {}
    majors = [sorted({wishes.majors.get(major, UNASKED) for major in one.majors}) for one in given]
    major_ptr, major = ragged(majors, np.int32)
    return {
        "post": [wishes.posts.get(one.post, UNASKED) for one in given],
        "trainee": [one.post_kind is PostKind.TRAINEE_HR for one in given],
        "starts": [one.start.toordinal() for one in given],
        "ends": [one.end.toordinal() for one in given],
        "major_ptr": major_ptr,
        "major": major,
        "education": [-1 if one.education_min is None else EDUCATION.get(one.education_min, 0) for one in given],
        "housed": [one.housing_given for one in given],
        "min_age": [max(0, one.min_age) for one in given],
        "languages": [bits_of(one.languages, Language) for one in given],
    }


def _home(rows: Sequence[Offer], _wishes: Wishes, _at: Mapping[str, int], _start: int) -> dict[str, Any]:
    given = [one.terms for one in rows if isinstance(one.terms, HouseTerms)]
    if not given:
        return {}
    return {
        "house_kind": [tuple(HouseKind).index(one.house_kind) for one in given],
        "persons_max": [one.persons_max for one in given],
        "rent": [one.rent_fen_month for one in given],
        "free_from": [day_of(one.free_from) for one in given],
    }


def _sponsorship(rows: Sequence[Offer], _wishes: Wishes, at: Mapping[str, int], _start: int) -> dict[str, Any]:
    given = [one.terms for one in rows if isinstance(one.terms, SponsorTerms)]
    if not given:
        return {}
    region_ptr, region = ragged([sorted(at[code] for code in one.region_pref) for one in given], np.int32)
    return {
        "sponsor_kind": [tuple(SponsorKind).index(one.sponsor_kind) for one in given],
        "amount": [one.amount_fen_per_year for one in given],
        "relation": [_RELATION[one.no_relation_declared] for one in given],
        "contact": [one.direct_contact for one in given],
        "stage_pref": [bits_of(one.stage_pref, Stage) for one in given],
        "region_ptr": region_ptr,
        "region": region,
    }
