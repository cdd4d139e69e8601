"""法律援助: free legal advice."""

from typing import Any, Final

from app.kit.reading_slots import WeeklySlot
from app.offers.kinds.counselling import LANGUAGE_WORDS, MODE_WORDS
from app.offers.kinds.fields import LANGUAGES, MODES, Card, Field, Kind, Terms
from app.offers.rules_legality import Finding, ListingFacts, charge_findings, provider_findings, said, text_findings

TOPICS: Final = (("RT1", "法律咨询"), ("RT4", "劳动权益"), ("RT5", "租房纠纷"), ("RT6", "诈骗"))

_WHAT, _WHEN = "服务内容", "时间"


class LegalTerms(Terms, frozen=True, kw_only=True):
    """Terms of legal aid; bullying and violence (RT2, RT3) never come to the marketplace."""

    topics: tuple[str, ...]
    modes: tuple[str, ...]
    languages: tuple[str, ...]
    slots: tuple[WeeklySlot, ...]
    weekly_cap: int
    licence_no: str
    place: str = ""


FIELDS: Final = (
    Field(
        name="topics",
        label="可咨询的问题",
        type="many",
        step=_WHAT,
        choices=TOPICS,
        help="欺凌、家暴和侵害类问题由个案专席办理，不在这里。",
    ),
    Field(name="modes", label="咨询方式", type="many", step=_WHAT, choices=MODES, words=MODE_WORDS),
    Field(name="languages", label="语言", type="many", step=_WHAT, choices=LANGUAGES, words=LANGUAGE_WORDS),
    Field(name="licence_no", label="律师执业证号或法律援助机构名称", type="text", step=_WHAT, max_len=60),
    Field(name="slots", label="每周可咨询时段", type="slots", step=_WHEN, help="例如：周二14:00-17:00。"),
    Field(name="weekly_cap", label="每周最多接待几人次", type="int", step=_WHEN, unit="人次", low=1, high=60),
    Field(
        name="place",
        label="面谈地点",
        type="address",
        step=_WHEN,
        required=False,
        max_len=100,
        only_if=("modes", ("FF", "GR")),
    ),
)


def judge(terms: LegalTerms, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge legal aid: it is free and promises no result."""
    _ = terms
    promise = said("。".join(texts), r"包赢|必胜|保证胜诉|包打赢|不成功不收费|风险代理")
    found = (
        (
            Finding(
                "promise_of_result",
                "hold",
                "text",
                f"写有“{promise}”：法律援助不得承诺结果，请删去（平台规则）。",
                "12.2",
            ),
        )
        if promise
        else ()
    )
    return (*charge_findings(texts), *found, *text_findings(texts), *provider_findings(facts))


def _card(terms: LegalTerms) -> Card:
    modes = "、".join(dict(MODES)[code] for code in terms.modes)
    return Card(f"免费 · {modes}", tuple(dict(TOPICS)[code] for code in terms.topics[:3]))


def _facets(terms: LegalTerms) -> dict[str, Any]:
    return {
        "topics": list(terms.topics),
        "modes": list(terms.modes),
        "languages": list(terms.languages),
        "weekdays": sorted({slot.weekday for slot in terms.slots}),
    }


def _features(terms: LegalTerms) -> dict[str, Any]:
    return {
        "topics": terms.topics,
        "modes": terms.modes,
        "languages": terms.languages,
        "slots": tuple((slot.weekday, slot.start, slot.end) for slot in terms.slots),
        "weekly_cap": terms.weekly_cap,
    }


KIND: Final = Kind(
    code="LEGAL",
    slug="legal",
    label="法律援助",
    lead="律师和法律援助机构的免费咨询。",
    provider_types=("LEG",),
    age_min=12,
    capacity_label="每周名额",
    verified_days=365,
    reviewers=1,
    terms_type=LegalTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda _terms: None,
    capacity=lambda terms: terms.weekly_cap,
)
