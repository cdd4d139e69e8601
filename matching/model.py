"""Frozen values: what goes into matching and what comes out of it.

`None` always means "nobody told us". No gate passes in silence on it and no part of a score becomes a number
because of it. An empty set means "nothing named", which each field explains.
"""

from datetime import UTC, date, datetime

from msgspec import Struct, field
from msgspec.structs import force_setattr

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
    PartCode,
    PartState,
    PostKind,
    ProviderState,
    ProviderType,
    Risk,
    SponsorKind,
    Stage,
    Urgency,
    VolunteerState,
)
from matching.reasons import Reason

MICRO = 1_000_000
"""One whole part. Scores are integers, so that equal scores are equal on every machine and in every order."""


class Slot(Struct, frozen=True, order=True):
    """A stretch of free time in whole minutes since 1970-01-01 00:00 UTC; `start` < `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Raise ValueError for a slot that does not last."""
        if self.start >= self.end:
            msg = f"a slot must end after it starts: {self.start} to {self.end}"
            raise ValueError(msg)

    @classmethod
    def between(cls, start: datetime, end: datetime) -> "Slot":
        """Make a slot from two aware datetimes; ValueError for a naive one."""
        return cls(minute_of(start), minute_of(end))


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970-01-01 00:00 UTC; ValueError for a datetime without time zone."""
    if moment.tzinfo is None:
        msg = "matching needs datetimes with a time zone"
        raise ValueError(msg)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 60)


def merged(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Give the same free time, sorted and without overlaps, so that no minute counts twice."""
    result: list[Slot] = []
    for slot in sorted(slots):
        if result and slot.start <= result[-1].end:
            result[-1] = Slot(result[-1].start, max(result[-1].end, slot.end))
        else:
            result.append(slot)
    return tuple(result)


class RecordCheck(Struct, frozen=True):
    """Result and day of the last record check; valid for twelve months."""

    result: CheckResult
    on: date


class ServiceTerms(Struct, frozen=True):
    """Terms of COUNSEL, STUDY and LEGAL: a person helps at a time, in a mode, in a language.

    `slots` None means "times are agreed later", () means "no time at present". `topics` are sub-codes such as PS1,
    or a category such as PS. `booked_week` counts the sessions already booked in the seven days from now.
    """

    topics: frozenset[str]
    modes: frozenset[Mode]
    languages: frozenset[Language]
    slots: tuple[Slot, ...] | None = None
    weekly_cap: int = 4
    booked_week: int = 0

    def __post_init__(self) -> None:
        """Sort and merge the slots once, because every pair reads them."""
        if self.slots is not None:
            force_setattr(self, "slots", merged(self.slots))


class InternTerms(Struct, frozen=True):
    """Terms of INTERN. Empty `majors` means every major; empty `languages` means no special language."""

    post: str
    post_kind: PostKind
    start: date
    end: date
    majors: frozenset[str] = frozenset()
    education_min: Stage | None = None
    housing_given: bool = False
    min_age: int = 16
    languages: frozenset[Language] = frozenset()


class HouseTerms(Struct, frozen=True):
    """Terms of HOUSE; money in fen a month. `verified_on_site_on` None means that nobody has visited it yet."""

    house_kind: HouseKind
    persons_max: int
    rent_fen_month: int
    free_from: date | None = None
    verified_on_site_on: date | None = None


class SponsorTerms(Struct, frozen=True):
    """Terms of SPONSOR; money in fen a year. Empty preferences mean that the sponsor has none.

    `no_relation_declared` is the sponsor's own statement that no related person benefits.
    """

    sponsor_kind: SponsorKind
    amount_fen_per_year: int
    no_relation_declared: bool | None
    direct_contact: bool = False
    stage_pref: frozenset[Stage] = frozenset()
    region_pref: frozenset[str] = frozenset()


Terms = ServiceTerms | InternTerms | HouseTerms | SponsorTerms

_TERMS_OF: dict[Kind, type[Terms]] = {
    Kind.COUNSEL: ServiceTerms,
    Kind.STUDY: ServiceTerms,
    Kind.LEGAL: ServiceTerms,
    Kind.INTERN: InternTerms,
    Kind.HOUSE: HouseTerms,
    Kind.SPONSOR: SponsorTerms,
}


class Offer(Struct, frozen=True, kw_only=True):
    """One published possibility of help and the facts about its provider that the gates need.

    `person_ids`: everybody the student would meet (volunteer, mentor, contact, sponsor). `record_check`,
    `gender` and `level` are those of that person. `region` is the GB/T 2260 code of the place, six digits.
    `last_match_on` None means that the provider was never matched. Ids are compared as text.
    """

    offer_id: str
    provider_id: str
    kind: Kind
    terms: Terms
    region: str
    capacity: int
    used: int
    state: OfferState
    provider_state: ProviderState
    provider_type: ProviderType
    valid_from: date
    valid_to: date
    age_min: int | None = None
    age_max: int | None = None
    stages: frozenset[Stage] = frozenset()
    person_ids: frozenset[str] = frozenset()
    volunteer_state: VolunteerState | None = None
    level: Level | None = None
    gender: Gender | None = None
    record_check: RecordCheck | None = None
    last_match_on: date | None = None
    ratings_sum: int = 0
    ratings_count: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for terms of another kind, a negative count or ratings outside 1 to 5."""
        if type(self.terms) is not _TERMS_OF[self.kind]:
            msg = f"offer {self.offer_id} is {self.kind} but has {type(self.terms).__name__}"
            raise ValueError(msg)
        if self.capacity < 0 or self.used < 0:
            msg = f"offer {self.offer_id} has a negative capacity or use"
            raise ValueError(msg)
        if not self.ratings_count <= self.ratings_sum <= 5 * self.ratings_count:
            msg = f"offer {self.offer_id} has ratings outside 1 to 5"
            raise ValueError(msg)


class InternWish(Struct, frozen=True):
    """What the student says about an internship; `posts` are post names that would suit."""

    major: str | None = None
    posts: frozenset[str] = frozenset()
    free_from: date | None = None
    free_to: date | None = None


class HouseWish(Struct, frozen=True):
    """What the student says about a home; empty `kinds` means that any kind will do."""

    kinds: frozenset[HouseKind] = frozenset()
    persons: int | None = None
    budget_fen_month: int | None = None
    move_in_on: date | None = None
    workplace: str | None = None


class SponsorWish(Struct, frozen=True):
    """How much would help, in fen a year."""

    amount_fen_per_year: int | None = None


class Request(Struct, frozen=True, kw_only=True):
    """One need and the facts about the student that the gates need; never a name, never the text.

    `age` is the age in whole years on the day. `speaks` are the languages the student can talk in, `languages`
    those the student would rather use. Empty `modes` means "not said". `wanted` are district codes; one that ends
    in 00 is the whole city. `related_person_ids` are relatives, own teachers and people of the same class.
    `blocked_provider_ids` holds blocks of either side; `excluded_*` hold earlier declines and earlier providers;
    `open_offer_ids` are proposals that still wait for an answer.
    """

    need_id: str
    student_id: str
    kind: Kind
    sub: str
    state: NeedState = NeedState.OPEN
    risk: Risk | None = None
    urgency: Urgency = Urgency.N
    age: int | None = None
    stage: Stage | None = None
    grade_year: int | None = None
    region: str | None = None
    wanted: frozenset[str] = frozenset()
    modes: frozenset[Mode] = frozenset()
    languages: frozenset[Language] = frozenset()
    speaks: frozenset[Language] = frozenset({Language.PTH})
    gender_wish: GenderWish = GenderWish.N
    slots: tuple[Slot, ...] = ()
    guardian_consent: bool | None = None
    related_person_ids: frozenset[str] = frozenset()
    blocked_provider_ids: frozenset[str] = frozenset()
    excluded_offer_ids: frozenset[str] = frozenset()
    excluded_provider_ids: frozenset[str] = frozenset()
    open_offer_ids: frozenset[str] = frozenset()
    intern: InternWish = field(default_factory=InternWish)
    house: HouseWish = field(default_factory=HouseWish)
    sponsor: SponsorWish = field(default_factory=SponsorWish)

    def __post_init__(self) -> None:
        """Sort and merge the slots once, because every pair reads them."""
        force_setattr(self, "slots", merged(self.slots))

    @property
    def category(self) -> str:
        """The field of the need: PS for PS1."""
        return self.sub[:2]


class Policy(Struct, frozen=True):
    """What the operator decides: pairs of neighbouring cities (four digits) and the housing switch of section 4."""

    neighbours: frozenset[tuple[str, str]] = frozenset()
    house_from_16: bool = False


class Pair(Struct, frozen=True, order=True):
    """A request and an offer, by id."""

    need_id: str
    offer_id: str


class Part(Struct, frozen=True):
    """One part of a score. `micro` is 0..1,000,000, or None when a fact is missing; `weight` is in per cent."""

    code: PartCode
    weight: int
    micro: int | None
    state: PartState
    sentence: str
    remedy: str = ""

    @property
    def value(self) -> float | None:
        """The part as 0..1, or None when a fact is missing."""
        return None if self.micro is None else self.micro / MICRO


class Proposal(Struct, frozen=True):
    """An offer to show to the student. `points` is exact (0..100,000,000) and orders; `score` is for eyes."""

    pair: Pair
    rank: int
    points: int
    parts: tuple[Part, ...]
    notes: tuple[Reason, ...]

    @property
    def score(self) -> float:
        """0..100 with one decimal, halves rounded up."""
        return shown(self.points)


class Refusal(Struct, frozen=True):
    """A pair that may not exist, with every reason that was found."""

    pair: Pair
    reasons: tuple[Reason, ...]


class Proposals(Struct, frozen=True):
    """The answer for one request; `fitting` counts all eligible offers, also those that are not shown."""

    need_id: str
    ranked: tuple[Proposal, ...]
    refused: tuple[Refusal, ...]
    fitting: int
    widened: bool


class Problem(Struct, frozen=True, kw_only=True):
    """A whole set of requests and offers at one moment."""

    requests: tuple[Request, ...]
    offers: tuple[Offer, ...]
    today: date
    now: datetime
    widen: int = 0
    policy: Policy = Policy()


class Assigned(Struct, frozen=True, order=True):
    """One pair of a result with its exact points."""

    pair: Pair
    points: int


class Result(Struct, frozen=True):
    """At most one offer for each request, no offer beyond its free places; sorted by need id."""

    assigned: tuple[Assigned, ...]
    unserved: tuple[str, ...]

    @property
    def points(self) -> int:
        """Sum of the exact points of all pairs."""
        return sum(one.points for one in self.assigned)


def shown(points: int) -> float:
    """Exact points as 0..100 with one decimal, halves rounded up."""
    return (points + MICRO // 20) // (MICRO // 10) / 10
