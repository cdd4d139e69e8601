"""Why this pair, why not that one, and what would make it fit: in sentences for the student."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from matching.codes import REMOTE, GenderWish, Kind, Language, Mode, PartCode, PartState
from matching.eligibility import judge, may_exist
from matching.enquiry import Enquiry, enquire, overlap, usable_modes
from matching.model import InternTerms, Offer, Pair, Part, Policy, Refusal, Request, ServiceTerms, shown
from matching.reasons import Reason, ReasonCode
from matching.scoring import WEIGHTS, Parts, parts, points
from matching.wording import STEPS, UNITS, Step

_C = ReasonCode


class Explanation(Struct, frozen=True):
    """Everything about one pair. `score` is None when the pair may not exist."""

    pair: Pair
    eligible: bool
    score: float | None
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]
    remedies: tuple[str, ...]


class Opening(Struct, frozen=True):
    """One change of the request and how many more offers it would bring."""

    code: str
    more: int
    sentence: str


def explain(
    request: Request,
    offer: Offer,
    *,
    today: date,
    now: datetime,
    widen: int = 0,
    policy: Policy | None = None,
) -> Explanation:
    """Explain one pair, eligible or not: each part as fits, conflicts or unknown, and what would make it fit."""
    enquiry = enquire(request, today=today, now=now, widen=widen, policy=policy)
    reasons = judge(enquiry, offer)
    eligible = may_exist(reasons)
    told: tuple[Part, ...] = ()
    score = None
    if request.kind is offer.kind:
        values = parts(enquiry, offer)
        told = tell(enquiry, offer, values)
        score = shown(points(values)) if eligible else None
    hints = [reason.remedy for reason in reasons] + [part.remedy for part in told]
    remedies = tuple(dict.fromkeys(hint for hint in hints if hint))
    return Explanation(Pair(request.need_id, offer.offer_id), eligible, score, told, reasons, remedies)


def tell(enquiry: Enquiry, offer: Offer, values: Parts) -> tuple[Part, ...]:
    """Put the parts of a pair into sentences, in the order in which they are shown."""
    facts = _facts(enquiry, offer)
    told: list[Part] = []
    for (code, weight), value in zip(WEIGHTS.items(), values, strict=True):
        step = _step(STEPS[offer.kind][code], value)
        told.append(Part(code, weight, value, step.state, step.sentence.format_map(facts), step.remedy))
    return tuple(told)


def _step(steps: tuple[Step, ...], value: int | None) -> Step:
    if value is None:
        return next(step for step in steps if step.at_least is None)
    return next(step for step in steps if step.at_least is not None and value >= step.at_least)


def _facts(enquiry: Enquiry, offer: Offer) -> Mapping[str, str]:
    terms = offer.terms
    hours, reach = "", "和你在同一个城市。"
    if isinstance(terms, ServiceTerms):
        common = overlap(enquiry, terms)
        hours = "" if common is None else f"{common.week / 60:.1f}".removesuffix(".0")
        remote = not usable_modes(enquiry, terms).isdisjoint(REMOTE)
        reach = "可以线上进行，不用跑路。" if remote else "就在你所在的区，见面方便。"
    elif isinstance(terms, InternTerms) and terms.housing_given:
        reach = "提供住宿，不用担心路程。"
    return {"hours": hours, "left": str(max(0, offer.capacity - offer.used)), "reach": reach}


class _Change(Struct, frozen=True):
    """A change that a student could make, the refusals it can cure, and how it is said."""

    code: str
    cures: frozenset[ReasonCode]
    apply: Callable[[Request], Request]
    sentence: str
    kinds: frozenset[Kind] = frozenset(Kind)
    widen: int = 0


def _with_modes(request: Request, modes: frozenset[Mode]) -> Request:
    """Add modes to those that were chosen; a request that chose none is open to all and stays so."""
    return replace(request, modes=request.modes | modes) if request.modes else request


_CHANGES: tuple[_Change, ...] = (
    _Change(
        "ONLINE",
        frozenset({_C.NO_COMMON_MODE, _C.OUTSIDE_CITY, _C.REGION_UNKNOWN}),
        lambda request: _with_modes(request, REMOTE),
        "如果可以接受线上服务，就多 {more} {unit}可选。",
    ),
    _Change(
        "FACE",
        frozenset({_C.NO_COMMON_MODE}),
        lambda request: _with_modes(request, frozenset({Mode.FF})),
        "如果可以面谈，就多 {more} {unit}可选。",
    ),
    _Change(
        "GENDER",
        frozenset({_C.GENDER_DIFFERENT, _C.GENDER_UNKNOWN}),
        lambda request: replace(request, gender_wish=GenderWish.N),
        "如果对方的性别都可以，就多 {more} {unit}可选。",
    ),
    _Change(
        "LANGUAGE",
        frozenset({_C.NO_COMMON_LANGUAGE}),
        lambda request: replace(request, speaks=request.speaks | {Language.PTH}),
        "如果可以用普通话交流，就多 {more} {unit}可选。",
    ),
    _Change(
        "TIME",
        frozenset({_C.NO_TIME_OVERLAP}),
        lambda request: replace(request, slots=()),
        "如果时间可以再商量，就多 {more} {unit}可选。",
    ),
    _Change(
        "NEARBY",
        frozenset({_C.NOT_REACHABLE, _C.OUTSIDE_DISTRICTS}),
        lambda request: request,
        "如果可以考虑邻近的区和城市，就多 {more} {unit}可选。",
        kinds=frozenset({Kind.INTERN, Kind.HOUSE}),
        widen=1,
    ),
    _Change(
        "GUARDIAN",
        frozenset({_C.GUARDIAN_MISSING, _C.GUARDIAN_UNKNOWN}),
        lambda request: replace(request, guardian_consent=True),
        "如果家长（监护人）同意，就多 {more} {unit}可选。",
    ),
)


def openings(
    request: Request,
    offers: Iterable[Offer],
    refused: Iterable[Refusal],
    *,
    today: date,
    now: datetime,
    widen: int = 0,
    policy: Policy | None = None,
) -> tuple[Opening, ...]:
    """Count what one change of the request would bring, the greatest gain first; each gain is counted, not guessed.

    `refused` are the refusals of `propose` for the same request, offers and keywords.
    """
    blocking = {
        refusal.pair.offer_id: frozenset(reason.code for reason in refusal.reasons if reason.blocks)
        for refusal in refused
    }
    known = {offer.offer_id: offer for offer in offers}
    found: list[Opening] = []
    for change in _CHANGES:
        if request.kind not in change.kinds:
            continue
        changed = enquire(change.apply(request), today=today, now=now, widen=max(widen, change.widen), policy=policy)
        more = sum(
            codes <= change.cures and may_exist(judge(changed, known[offer_id])) for offer_id, codes in blocking.items()
        )
        if more:
            sentence = change.sentence.format(more=more, unit=UNITS[request.kind])
            found.append(Opening(change.code, more, sentence))
    return tuple(sorted(found, key=lambda opening: (-opening.more, opening.code)))


def headline(told: tuple[Part, ...]) -> tuple[str, ...]:
    """Give the short "why this one": the sentences of the parts that fit, the weightiest first."""
    fitting = [part for part in told if part.state is PartState.FITS and part.code is not PartCode.FAIRNESS]
    return tuple(part.sentence for part in sorted(fitting, key=lambda part: -part.weight))
