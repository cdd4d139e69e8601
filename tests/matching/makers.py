"""Plain requests and offers of every kind that fit each other; a test changes the one fact it is about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

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
    Risk,
    SponsorKind,
    Stage,
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

NOW = datetime(2027, 5, 10, 1, 0, tzinfo=UTC)
TODAY = date(2027, 5, 10)
POLICY = Policy(neighbours=frozenset({("4401", "4406"), ("4419", "4403")}))


def slot(day: int, hour: float, hours: float) -> Slot:
    """A slot `day` days after NOW's midnight."""
    start = datetime(2027, 5, 10, tzinfo=UTC) + timedelta(days=day, hours=hour)
    return Slot.between(start, start + timedelta(hours=hours))


SUBS = {
    Kind.COUNSEL: "PS1",
    Kind.INTERN: "EM1",
    Kind.HOUSE: "EM5",
    Kind.SPONSOR: "EC4",
    Kind.STUDY: "ED1",
    Kind.LEGAL: "RT1",
}
_PROVIDERS = {
    Kind.COUNSEL: ProviderType.VOL,
    Kind.INTERN: ProviderType.EMP,
    Kind.HOUSE: ProviderType.HOU,
    Kind.SPONSOR: ProviderType.SPO,
    Kind.STUDY: ProviderType.EDU,
    Kind.LEGAL: ProviderType.LEG,
}


def terms_of(kind: Kind) -> Terms:
    """Terms that fit the request of the same kind in every part."""
    if kind is Kind.INTERN:
        return InternTerms(
            post="文案",
            post_kind=PostKind.INTERN_ENT,
            start=date(2027, 7, 1),
            end=date(2027, 8, 25),
            majors=frozenset({"汉语言文学"}),
        )
    if kind is Kind.HOUSE:
        return HouseTerms(HouseKind.APT, 2, 150_000, free_from=date(2027, 6, 1), verified_on_site_on=date(2027, 4, 1))
    if kind is Kind.SPONSOR:
        return SponsorTerms(SponsorKind.ONE2ONE, 300_000, no_relation_declared=True)
    return ServiceTerms(
        topics=frozenset({SUBS[kind]}),
        modes=frozenset({Mode.ON, Mode.FF}),
        languages=frozenset({Language.PTH, Language.YUE}),
        slots=(slot(1, 12, 3),),
    )


def ask(kind: Kind = Kind.COUNSEL, **facts: Any) -> Request:
    """An adult's request of a kind, with every fact known."""
    known: dict[str, Any] = {
        "need_id": "n1",
        "student_id": "s1",
        "kind": kind,
        "sub": SUBS[kind],
        "risk": Risk.NONE,
        "age": 20,
        "stage": Stage.UG,
        "grade_year": 2,
        "region": "440106",
        "modes": frozenset({Mode.ON, Mode.FF}),
        "languages": frozenset({Language.YUE}),
        "slots": (slot(1, 12, 3),),
        "intern": InternWish("汉语言文学", free_from=date(2027, 7, 1), free_to=date(2027, 8, 31)),
        "house": HouseWish(frozenset({HouseKind.APT}), 1, 160_000, date(2027, 6, 1), "440106"),
        "sponsor": SponsorWish(300_000),
    }
    return Request(**(known | facts))


def give(kind: Kind = Kind.COUNSEL, **facts: Any) -> Offer:
    """An offer of a kind that fits `ask(kind)` and could serve minors too."""
    known: dict[str, Any] = {
        "offer_id": "o1",
        "provider_id": "p1",
        "kind": kind,
        "terms": terms_of(kind),
        "region": "440106",
        "capacity": 4,
        "used": 0,
        "state": OfferState.PUBLISHED,
        "provider_state": ProviderState.VERIFIED,
        "provider_type": _PROVIDERS[kind],
        "valid_from": date(2027, 1, 1),
        "valid_to": date(2027, 12, 31),
        "person_ids": frozenset({"v1"}),
        "volunteer_state": VolunteerState.ACTIVE if kind is Kind.COUNSEL else None,
        "level": Level.A if kind is Kind.COUNSEL else None,
        "gender": Gender.F,
        "record_check": RecordCheck(CheckResult.CLEAR, date(2027, 1, 10)),
    }
    return Offer(**(known | facts))
