"""法律援助: free legal advice."""

from typing import Any, Final

from app.offers.kinds.fields import Card, Field, Kind
from app.offers.kinds.helping import (
    HelpTerms,
    facets,
    features,
    free_line,
    labels,
    languages_field,
    modes_field,
    place_field,
)
from app.offers.rules_legality import Finding, ListingFacts, charge_findings, provider_findings, said, text_findings

TOPICS: Final = (("RT1", "法律咨询"), ("RT4", "劳动权益"), ("RT5", "租房纠纷"), ("RT6", "诈骗"))

_WHAT, _WHEN = "服务内容", "时间"


class LegalTerms(HelpTerms, frozen=True, kw_only=True):
    """Terms of legal aid; bullying and violence (RT2, RT3) never come to the marketplace."""

    licence_no: str


FIELDS: Final = (
    Field(
        name="topics",
        label="可咨询的问题",
        type="many",
        step=_WHAT,
        choices=TOPICS,
        help="欺凌、家暴和侵害类问题由个案专席办理，不在这里。",
    ),
    modes_field("咨询方式", _WHAT),
    languages_field("语言", _WHAT),
    Field(name="licence_no", label="律师执业证号或法律援助机构名称", type="text", step=_WHAT, max_len=60),
    Field(name="slots", label="每周可咨询时段", type="slots", step=_WHEN, help="例如：周二14:00-17:00。"),
    Field(name="weekly_cap", label="每周最多接待几人次", type="int", step=_WHEN, unit="人次", low=1, high=60),
    place_field("面谈地点", _WHEN),
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
    return Card(free_line(terms), labels(terms.topics[:3], TOPICS))


def _facets(terms: LegalTerms) -> dict[str, Any]:
    return facets(terms)


def _features(terms: LegalTerms) -> dict[str, Any]:
    return features(terms)


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
