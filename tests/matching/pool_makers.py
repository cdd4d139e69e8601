"""Random plain records in every corner of the gates and scores, and what the scalar library says about them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from types import ModuleType
from typing import Any

import numpy as np

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
from matching.eligibility import judge, may_exist
from matching.enquiry import Enquiry, enquire
from matching.model import (
    HouseTerms,
    HouseWish,
    InternTerms,
    InternWish,
    Offer,
    RecordCheck,
    Request,
    ServiceTerms,
    Slot,
    SponsorTerms,
    SponsorWish,
    Terms,
)
from matching.pool.build import build
from matching.pool.desk import Pool
from matching.scoring import parts, points
from matching.solvers.queue import place
from tests.matching.makers import NOW, POLICY, TODAY, ask, give, slot

REGIONS = ("440106", "440103", "440100", "440604", "441900", "440305", "440300", "445102")
SUBS = {
    Kind.COUNSEL: ("PS1", "PS2", "PS3", "RT2"),
    Kind.STUDY: ("ED1", "ED2", "EC4"),
    Kind.LEGAL: ("RT1", "RT4", "RT3"),
    Kind.INTERN: ("EM1", "EM2", "EM5"),
    Kind.HOUSE: ("EM5", "EM1"),
    Kind.SPONSOR: ("EC1", "EC2", "EC3", "EC4"),
}
MAJORS = ("汉语言文学", "软件工程", "护理")
POSTS = ("文案", "测试", "导览")


def some(draw: Random, cases: Sequence[Any], most: int, none: float = 0.3) -> frozenset[Any]:
    """A random set, empty with the probability `none`."""
    return frozenset() if draw.random() < none else frozenset(draw.sample(list(cases), draw.randint(1, most)))


def maybe(draw: Random, value: Any, share: float = 0.8) -> Any:
    return value if draw.random() < share else None


def common(draw: Random, usual: Any, cases: Sequence[Any], share: float = 0.85) -> Any:
    return usual if draw.random() < share else draw.choice(list(cases))


def slots(draw: Random, coarse: bool) -> tuple[Slot, ...]:  # noqa: FBT001 - a case of a test
    """Times around the 14 days, on the half hour or on any minute."""
    step = 0.5 if coarse else 1 / 60
    return tuple(
        slot(draw.randint(-1, 15), step * draw.randint(0, int(23 / step)), step * draw.randint(1, int(4 / step)))
        for _ in range(draw.randint(0, 5))
    )


def terms(draw: Random, kind: Kind, coarse: bool) -> Terms:  # noqa: FBT001 - as above
    if kind is Kind.INTERN:
        start = TODAY + timedelta(draw.randint(0, 60))
        return InternTerms(
            post=draw.choice(POSTS),
            post_kind=common(draw, PostKind.INTERN_ENT, tuple(PostKind)),
            start=start,
            end=start + timedelta(draw.randint(-3, 90)),
            majors=some(draw, (*MAJORS, "哲学"), 2),
            education_min=maybe(draw, draw.choice(tuple(Stage)), 0.4),
            housing_given=draw.random() < 0.3,
            min_age=draw.choice((15, 16, 18)),
            languages=some(draw, tuple(Language), 2, 0.7),
        )
    if kind is Kind.HOUSE:
        return HouseTerms(
            draw.choice(tuple(HouseKind)),
            draw.randint(1, 3),
            draw.randint(0, 3) * 50_000,
            free_from=maybe(draw, TODAY + timedelta(draw.randint(-10, 60))),
            verified_on_site_on=maybe(draw, TODAY - timedelta(draw.randint(0, 200))),
        )
    if kind is Kind.SPONSOR:
        return SponsorTerms(
            draw.choice(tuple(SponsorKind)),
            draw.randint(0, 6) * 100_000,
            no_relation_declared=common(draw, True, (None, False), 0.8),
            direct_contact=draw.random() < 0.3,
            stage_pref=some(draw, tuple(Stage), 4, 0.5),
            region_pref=some(draw, REGIONS, 2, 0.5),
        )
    return ServiceTerms(
        topics=some(draw, (*SUBS[kind], SUBS[kind][0][:2], "OT9"), 2, 0.15),
        modes=some(draw, tuple(Mode), 2, 0.08),
        languages=some(draw, (Language.PTH, Language.YUE, Language.HAK), 2, 0.05),
        slots=maybe(draw, slots(draw, coarse)),
        booked_week=draw.choice((0, 0, 0, 4)),
    )


def offer(draw: Random, kind: Kind, name: str, *, coarse: bool = False) -> Offer:
    count = draw.randint(0, 6)
    capacity = draw.randint(0, 5)
    return give(
        kind,
        offer_id=name,
        provider_id=f"p{draw.randint(0, 9)}",
        terms=terms(draw, kind, coarse),
        region=draw.choice(REGIONS),
        capacity=capacity,
        used=draw.randint(0, max(0, capacity - (draw.random() < 0.9))),
        state=common(draw, OfferState.PUBLISHED, tuple(OfferState), 0.95),
        provider_state=common(draw, ProviderState.VERIFIED, tuple(ProviderState), 0.95),
        provider_type=draw.choice(tuple(ProviderType)),
        valid_from=common(draw, date(2027, 1, 1), (TODAY, date(2027, 6, 1)), 0.95),
        valid_to=common(draw, date(2027, 12, 31), (TODAY, date(2027, 2, 1)), 0.95),
        age_min=maybe(draw, draw.choice((0, 14, 18, 40)), 0.2),
        age_max=maybe(draw, draw.choice((5, 17, 25, 35)), 0.2),
        stages=some(draw, tuple(Stage), 5, 0.6),
        person_ids=some(draw, [f"v{at}" for at in range(9)], 2),
        volunteer_state=common(draw, VolunteerState.ACTIVE, (None, *VolunteerState), 0.8),
        level=maybe(draw, draw.choice(tuple(Level))),
        gender=maybe(draw, draw.choice(tuple(Gender))),
        record_check=maybe(
            draw,
            RecordCheck(
                common(draw, CheckResult.CLEAR, tuple(CheckResult)),
                TODAY - timedelta(draw.choice((-2, 0, 100, 365, 400))),
            ),
            0.9,
        ),
        last_match_on=maybe(draw, TODAY - timedelta(draw.choice((-1, 0, 3, 3, 14, 40)))),
        ratings_count=count,
        ratings_sum=draw.randint(count, 5 * count),
    )


def request(draw: Random, kind: Kind, name: str, *, coarse: bool = False) -> Request:
    return ask(
        kind,
        need_id=name,
        student_id=common(draw, f"s{name}", ("v1", "v2"), 0.95),
        sub=draw.choice(SUBS[kind]),
        state=common(draw, NeedState.OPEN, tuple(NeedState), 0.97),
        risk=common(draw, Risk.NONE, (None, *Risk), 0.8),
        urgency=draw.choice(tuple(Urgency)),
        age=maybe(draw, draw.choice((3, 12, 13, 15, 16, 17, 18, 20, 22, 25, 26, 33, 41)), 0.95),
        stage=maybe(draw, draw.choice(tuple(Stage)), 0.9),
        grade_year=maybe(draw, draw.randint(1, 3), 0.9),
        region=maybe(draw, draw.choice(REGIONS), 0.85),
        wanted=some(draw, REGIONS, 3, 0.5),
        modes=some(draw, tuple(Mode), 3, 0.2),
        languages=some(draw, (Language.PTH, Language.YUE, Language.ENG), 2, 0.5),
        speaks=some(draw, (Language.PTH, Language.YUE, Language.HAK), 2, 0.1),
        gender_wish=common(draw, GenderWish.N, tuple(GenderWish), 0.6),
        slots=slots(draw, coarse),
        guardian_consent=common(draw, True, (None, False), 0.8),
        related_person_ids=some(draw, [f"v{at}" for at in range(9)], 2, 0.8),
        blocked_provider_ids=some(draw, [f"p{at}" for at in range(10)], 1, 0.9),
        excluded_offer_ids=some(draw, [f"o{at:03d}" for at in range(20)], 3, 0.8),
        excluded_provider_ids=some(draw, [f"p{at}" for at in range(10)], 1, 0.9),
        open_offer_ids=some(draw, [f"o{at:03d}" for at in range(20)], 3, 0.8),
        intern=InternWish(
            maybe(draw, draw.choice(MAJORS)),
            some(draw, (*POSTS, "收银"), 2, 0.5),
            maybe(draw, TODAY + timedelta(draw.randint(0, 40))),
            maybe(draw, TODAY + timedelta(draw.randint(30, 120))),
        ),
        house=HouseWish(
            some(draw, tuple(HouseKind), 3, 0.4),
            maybe(draw, draw.randint(1, 3)),
            maybe(draw, draw.randint(0, 3) * 50_000),
            maybe(draw, TODAY + timedelta(draw.randint(0, 40))),
            maybe(draw, draw.choice(REGIONS)),
        ),
        sponsor=SponsorWish(maybe(draw, draw.randint(0, 5) * 100_000)),
    )


def records(seed: int, requests: int, offers: int, kinds: Sequence[Kind] = tuple(Kind), *, coarse: bool = False) -> Any:
    """Random requests and offers of these kinds in turn."""
    draw = Random(seed)
    asked = [request(draw, kinds[at % len(kinds)], f"n{at:03d}", coarse=coarse) for at in range(requests)]
    given = [offer(draw, kinds[at % len(kinds)], f"o{at:03d}", coarse=coarse) for at in range(offers)]
    return asked, given


def pooled(asked: Sequence[Request], given: Sequence[Offer], **options: Any) -> Pool:
    """The pool of records on the day of the tests."""
    return build(asked, given, today=TODAY, now=NOW, **{"policy": POLICY, **options})


def enquiry(one: Request, widen: int = 0) -> Enquiry:
    return enquire(one, today=TODAY, now=NOW, widen=widen, policy=POLICY)


def ranked(asked: Sequence[Request], given: Sequence[Offer], widen: int = 0) -> dict[str, list[tuple[str, int]]]:
    """By the scalar library: all eligible offers of every request with their exact points, best first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for one in asked:
        mine = enquiry(one, widen)
        fitting = [
            (place(mine, other, points(parts(mine, other))), other.offer_id)
            for other in given
            if may_exist(judge(mine, other))
        ]
        found[one.need_id] = [(name, -where[0]) for where, name in sorted(fitting)]
    return found


@contextmanager
def plain(*modules: ModuleType) -> Iterator[None]:
    """Run the kernels of these modules uncompiled."""
    kept = [
        (module, name, value) for module in modules for name, value in vars(module).items() if hasattr(value, "py_func")
    ]
    for module, name, value in kept:
        setattr(module, name, value.py_func)
    try:
        with np.errstate(over="ignore"):
            yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)
