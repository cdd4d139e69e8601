"""Columns of plain requests, and the vocabulary of what they ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.codes import Gender, GenderWish, HouseKind, Language, Mode, NeedState, Risk, Stage
from matching.model import Offer, Request
from matching.pool.codings import bits_of, code_of, day_of, minutes_of, number_of, ragged
from matching.pool.columns import NO_STAGE, OfferColumns, RequestColumns, request_columns
from matching.pool.desk import MOST_SUBS
from matching.pool.places import Places
from matching.pool.refusals import BIT
from matching.pool.refused import PoolRefused
from matching.reasons import ReasonCode

UNASKED = -2
"""A major or post that no request of the desk names."""
_WISHES = {GenderWish.N: 0, GenderWish.F: code_of(Gender.F, Gender), GenderWish.M: code_of(Gender.M, Gender)}
_CONSENT = {None: -1, False: 0, True: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Sub-codes, majors and posts of the requests of a kind as positions, and their distinct sets of posts."""

    subs: tuple[str, ...]
    majors: Mapping[str, int]
    posts: Mapping[str, int]
    groups: Mapping[frozenset[str], int]

    @classmethod
    def of(cls, requests: Sequence[Request]) -> "Wishes":
        """Collect what the requests name; the empty set of posts is number 0."""
        subs = sorted({one.sub for one in requests})
        if len(subs) > MOST_SUBS:
            raise PoolRefused("sub", f"at most {MOST_SUBS} different sub-codes of a kind, {len(subs)} found")
        majors = sorted({one.intern.major for one in requests if one.intern.major is not None})
        groups = sorted({one.intern.posts for one in requests if one.intern.posts}, key=sorted)
        posts = sorted({post for group in groups for post in group})
        return cls(
            subs=tuple(subs),
            majors={major: at for at, major in enumerate(majors)},
            posts={post: at for at, post in enumerate(posts)},
            groups={group: at for at, group in enumerate([frozenset[str](), *groups])},
        )

    @property
    def sets(self) -> tuple[Any, Any]:
        """The sets of posts in CSR form."""
        return ragged([sorted(self.posts[post] for post in group) for group in self.groups], np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The offers of a kind as columns and by position, and who stands behind them."""

    columns: OfferColumns
    offers: tuple[Offer, ...]

    def indexed(self) -> tuple[Mapping[str, int], Mapping[str, list[int]], Mapping[str, list[int]]]:
        """Positions by offer id, by provider id and by person id."""
        providers: dict[str, list[int]] = {}
        people: dict[str, list[int]] = {}
        for at, offer in enumerate(self.offers):
            providers.setdefault(offer.provider_id, []).append(at)
            for person in offer.person_ids:
                people.setdefault(person, []).append(at)
        return {offer.offer_id: at for at, offer in enumerate(self.offers)}, providers, people


def request_places(request: Request) -> Iterable[str]:
    """Place codes that a request names."""
    named = {request.region, request.house.workplace, *request.wanted}
    return (code for code in named if code is not None)


def columns_of_requests(
    requests: Sequence[tuple[int, Request]],
    wishes: Wishes,
    places: Places,
    counter: Counter,
    *,
    start: int,
    tiers: Sequence[int],
) -> RequestColumns:
    """Make the columns of numbered requests of one kind; `start` is now in minutes, `tiers` by number."""
    at = places.position
    rows = [request for _, request in requests]
    if any(one.age is not None and one.age < 0 for one in rows):
        raise PoolRefused("age", "no age below 0 expected")
    wanted_ptr, wanted = ragged([sorted(at[code] for code in one.wanted) for one in rows], np.int32)
    slot_ptr, slots = ragged([minutes_of(one.slots, start) for one in rows], np.int32)
    barred_ptr, barred = ragged(_barred(rows, counter), np.object_)
    subs = {sub: position for position, sub in enumerate(wishes.subs)}
    pairs = barred.reshape(-1, 2)
    columns: dict[str, list[Any]] = {
        "number": [number for number, _ in requests],
        "tier": [tiers[number] for number, _ in requests],
        "open": [one.state is NeedState.OPEN for one in rows],
        "risk": [code_of(one.risk, Risk) for one in rows],
        "sub": [subs[one.sub] for one in rows],
        "age": [number_of(one.age) for one in rows],
        "stage": [NO_STAGE if one.stage is None else tuple(Stage).index(one.stage) for one in rows],
        "grade": [number_of(one.grade_year) for one in rows],
        "place": [-1 if one.region is None else at[one.region] for one in rows],
        "guardian": [_CONSENT[one.guardian_consent] for one in rows],
        "gender_wish": [_WISHES[one.gender_wish] for one in rows],
        "modes": [bits_of(one.modes, Mode) for one in rows],
        "likes": [bits_of(one.languages, Language) for one in rows],
        "talks": [bits_of(one.languages | one.speaks, Language) for one in rows],
        "major": [-1 if one.intern.major is None else wishes.majors[one.intern.major] for one in rows],
        "posts": [wishes.groups[one.intern.posts] for one in rows],
        "free_from": [day_of(one.intern.free_from) for one in rows],
        "free_to": [day_of(one.intern.free_to) for one in rows],
        "house_kinds": [bits_of(one.house.kinds, HouseKind) for one in rows],
        "persons": [number_of(one.house.persons) for one in rows],
        "budget": [number_of(one.house.budget_fen_month) for one in rows],
        "move_in": [day_of(one.house.move_in_on) for one in rows],
        "workplace": [-1 if one.house.workplace is None else at[one.house.workplace] for one in rows],
        "asked": [number_of(one.sponsor.amount_fen_per_year) for one in rows],
    }
    return request_columns(
        **columns,
        wanted_ptr=wanted_ptr,
        wanted=wanted,
        slot_ptr=slot_ptr,
        slot_start=slots.reshape(-1, 2)[:, 0],
        slot_end=slots.reshape(-1, 2)[:, 1],
        barred_ptr=barred_ptr,
        barred=pairs[:, 0].astype(np.int32),
        barred_bits=pairs[:, 1].astype(np.uint64),
    )


def _barred(requests: Sequence[Request], counter: Counter) -> list[list[tuple[int, int]]]:
    """Offers that relations or earlier answers keep from each request, with their reasons as bits, ascending."""
    offers, providers, people = counter.indexed()
    found: list[list[tuple[int, int]]] = []
    for request in requests:
        relation: dict[int, ReasonCode] = {}
        history: dict[int, ReasonCode] = {}
        for person in request.related_person_ids:
            relation |= dict.fromkeys(people.get(person, ()), ReasonCode.RELATED_PERSON)
        relation |= dict.fromkeys(people.get(request.student_id, ()), ReasonCode.SAME_PERSON)
        history |= {offers[one]: ReasonCode.ALREADY_PROPOSED for one in request.open_offer_ids if one in offers}
        for provider in request.excluded_provider_ids:
            history |= dict.fromkeys(providers.get(provider, ()), ReasonCode.PROVIDER_EXCLUDED)
        history |= {offers[one]: ReasonCode.DECLINED_BEFORE for one in request.excluded_offer_ids if one in offers}
        for provider in request.blocked_provider_ids:
            history |= dict.fromkeys(providers.get(provider, ()), ReasonCode.BLOCKED_PAIR)
        bits = {at: BIT[code] for at, code in relation.items()}
        for at, code in history.items():
            bits[at] = bits.get(at, 0) | BIT[code]
        found.append(sorted(bits.items()))
    return found
