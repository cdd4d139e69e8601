"""What-ifs: the question in words, and the offers it imagines."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from app.matches.rules_runs import TIERS
from app.regions import rules as regions
from matching.codes import (
    SERVICES,
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
    VolunteerState,
)
from matching.model import HouseTerms, InternTerms, Offer, RecordCheck, ServiceTerms, SponsorTerms, Terms

TOPICS: Final[Mapping[str, frozenset[str]]] = {
    "COUNSEL": frozenset({"PS"}),
    "STUDY": frozenset({"ED", "EM3"}),
    "LEGAL": frozenset({"RT"}),
}
UNITS: Final[Mapping[str, str]] = {
    "COUNSEL": "名心理咨询志愿者",
    "STUDY": "名学业辅导志愿者",
    "LEGAL": "名法律援助志愿者",
    "INTERN": "个实习岗位",
    "HOUSE": "处房源",
    "SPONSOR": "份结对资助",
}
PLACES: Final[Mapping[str, int]] = {"COUNSEL": 4, "STUDY": 4, "LEGAL": 4, "INTERN": 1, "HOUSE": 1, "SPONSOR": 1}
"""How many students one imagined offer can serve at a time."""
TYPES: Final[Mapping[str, ProviderType]] = {
    "INTERN": ProviderType.EMP,
    "HOUSE": ProviderType.HOU,
    "SPONSOR": ProviderType.SPO,
}
_RENT_FEN: Final = 100_000
_SPONSOR_FEN: Final = 300_000
_INTERN_DAYS: Final = 60


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """“In 湛江 20 more Cantonese-speaking counsellors”: kind, city, how many, languages (for services)."""

    kind: str
    city: str
    count: int
    languages: tuple[str, ...] = ()

    def sentence(self, language_labels: Mapping[str, str]) -> str:
        """Say the question in words."""
        place = regions.region(self.city)
        spoken = (
            "会" + "、".join(language_labels.get(code, code) for code in self.languages) + "的"
            if self.languages
            else ""
        )
        unit = UNITS[self.kind]
        return f"在{place.short if place else '广东'}增加 {self.count} {unit[0]}{spoken}{unit[1:]}"


class CityGain(msgspec.Struct, frozen=True):
    """How many more needs of a city would be served."""

    city: str
    more: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Needs served before and after, by tier; where those live who would be served in addition."""

    before: tuple[int, ...] = (0, 0, 0)
    after: tuple[int, ...] = (0, 0, 0)
    used: int = 0
    moved: int = 0
    seconds: float = 0.0
    cities: tuple[CityGain, ...] = ()

    @property
    def more(self) -> int:
        """How many more needs would be served."""
        return sum(self.after) - sum(self.before)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say the answer in words."""
        if not self.more:
            return ("不会多服务到人：现在没有得到安排的求助，这些资源也不符合条件。",)
        by_tier = [
            f"{label} {after - before} 人"
            for label, before, after in zip(TIERS, self.before, self.after, strict=True)
            if after != before
        ]
        said = [f"可以多服务 {self.more} 人（{'、'.join(by_tier)}）。"]
        if self.moved:
            said.append(f"其中有的名额是别人改由新资源服务以后让出来的，共有 {self.moved} 人会换一个更合适的安排。")
        return tuple(said)


def imagined(question: Question, number: int, today: date) -> Offer:
    """Return one offer that the question imagines: nothing known against it, free at agreed times, in the city."""
    kind = Kind(question.kind)
    service = kind in SERVICES
    return Offer(
        offer_id=f"imagined-{number:04d}",
        provider_id=f"imagined-provider-{number:04d}",
        kind=kind,
        terms=_terms(question, today),
        region=question.city,
        capacity=PLACES[question.kind],
        used=0,
        state=OfferState.PUBLISHED,
        provider_state=ProviderState.VERIFIED,
        provider_type=TYPES.get(question.kind, ProviderType.VOL),
        valid_from=today,
        valid_to=today + timedelta(days=365),
        volunteer_state=VolunteerState.ACTIVE if service else None,
        level=Level.A if service else None,
        gender=(Gender.F, Gender.M)[number % 2] if service else None,
        record_check=RecordCheck(CheckResult.CLEAR, today),
    )


def _terms(question: Question, today: date) -> Terms:
    kind = Kind(question.kind)
    if kind is Kind.INTERN:
        return InternTerms(
            post="实习岗位",
            post_kind=PostKind.INTERN_ENT,
            start=today,
            end=today + timedelta(days=_INTERN_DAYS),
        )
    if kind is Kind.HOUSE:
        return HouseTerms(house_kind=HouseKind.PUBLIC, persons_max=2, rent_fen_month=_RENT_FEN, free_from=today)
    if kind is Kind.SPONSOR:
        return SponsorTerms(
            sponsor_kind=SponsorKind.ONE2ONE, amount_fen_per_year=_SPONSOR_FEN, no_relation_declared=True
        )
    return ServiceTerms(
        topics=TOPICS[question.kind],
        modes=frozenset(Mode),
        languages=frozenset(Language(code) for code in question.languages) or frozenset({Language.PTH}),
        weekly_cap=PLACES[question.kind],
    )
