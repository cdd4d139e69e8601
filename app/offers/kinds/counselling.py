"""心理辅导: volunteer counselling (domain 3.9, 3.10, 7.4)."""

from collections.abc import Iterator
from typing import Any, Final

from app.offers.kinds.fields import LANGUAGES, Card, Field, Kind
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

TOPICS: Final = (
    ("PS1", "学业压力"),
    ("PS2", "情绪（焦虑/低落）"),
    ("PS3", "人际交往"),
    ("PS4", "家庭/亲子"),
    ("PS5", "恋爱情感"),
    ("PS6", "网络/手机"),
    ("PS7", "考试减压"),
    ("PS8", "适应"),
    ("PS9", "丧失/创伤"),
)
TOPIC_WORDS: Final = {
    "学业": "PS1",
    "学习压力": "PS1",
    "厌学": "PS1",
    "焦虑": "PS2",
    "低落": "PS2",
    "情绪": "PS2",
    "情绪管理": "PS2",
    "抑郁": "PS2",
    "情绪(焦虑/低落)": "PS2",
    "人际": "PS3",
    "同伴": "PS3",
    "交友": "PS3",
    "社交": "PS3",
    "家庭": "PS4",
    "亲子": "PS4",
    "家庭亲子": "PS4",
    "家庭关系": "PS4",
    "恋爱": "PS5",
    "情感": "PS5",
    "青春期": "PS5",
    "网络": "PS6",
    "手机": "PS6",
    "网络/手机": "PS6",
    "网瘾": "PS6",
    "游戏": "PS6",
    "考试": "PS7",
    "考试减压": "PS7",
    "考前": "PS7",
    "高考": "PS7",
    "中考": "PS7",
    "适应": "PS8",
    "新生适应": "PS8",
    "生涯": "PS8",
    "哀伤": "PS9",
    "丧失": "PS9",
    "创伤": "PS9",
}
DEFAULT_CAP: Final = 4

_WHAT, _WHEN = "服务内容", "时间"


class CounselTerms(HelpTerms, frozen=True, kw_only=True):
    """Terms of counselling; `supervisor` is a name, `minors_allowed` asks for a record check."""

    weekly_cap: int = DEFAULT_CAP
    minors_allowed: bool = False
    supervisor: str = ""


FIELDS: Final = (
    Field(name="topics", label="擅长的话题", type="many", step=_WHAT, choices=TOPICS, words=TOPIC_WORDS),
    modes_field("服务方式", _WHAT),
    languages_field("服务语言", _WHAT),
    Field(
        name="minors_allowed",
        label="是否愿意服务未满 18 周岁的学生",
        type="yesno",
        step=_WHAT,
        help="需要一年内的违法犯罪记录查询结果；没有查询结果时只会匹配成年学生。",
    ),
    Field(
        name="supervisor", label="督导", type="text", step=_WHAT, required=False, max_len=40, help="有督导请写姓名。"
    ),
    Field(
        name="slots",
        label="每周可服务时段",
        type="slots",
        step=_WHEN,
        help="例如：周一19:00-21:00；周六9:00-12:00。每次 50 分钟。",
    ),
    Field(
        name="weekly_cap",
        label="每周最多几次",
        type="int",
        step=_WHEN,
        unit="次",
        low=1,
        high=40,
        help="一般为 4 次，请量力而行。",
    ),
    place_field("面谈地点", _WHEN, "选择面谈或团体时填写。"),
)


def judge(terms: CounselTerms, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge counselling: free of charge, and no medical claims outside a hospital."""
    _ = terms
    return (*charge_findings(texts), *_claims("。".join(texts)), *text_findings(texts), *provider_findings(facts))


def _claims(text: str) -> Iterator[Finding]:
    if word := said(text, r"治疗|确诊|诊断|治愈|根治|开药|包好|保证(?:有效|见效)|催眠治"):
        yield Finding(
            "medical_claim",
            "hold",
            "text",
            f"写有“{word}”：心理志愿服务不作诊断和治疗，请改为“陪伴、倾听、辅导”（《精神卫生法》第二十三条、第二十九条）。",
            "L-04",
        )


def _card(terms: CounselTerms) -> Card:
    return Card(free_line(terms), (*labels(terms.topics[:2], TOPICS), "、".join(labels(terms.languages, LANGUAGES))))


def _facets(terms: CounselTerms) -> dict[str, Any]:
    return facets(terms, minors_allowed=terms.minors_allowed)


def _features(terms: CounselTerms) -> dict[str, Any]:
    return features(terms, minors_allowed=terms.minors_allowed)


KIND: Final = Kind(
    code="COUNSEL",
    slug="counselling",
    label="心理辅导",
    lead="经过资质核验和督导的心理志愿者，免费、保密。",
    provider_types=("VOL",),
    age_min=12,
    capacity_label="每周名额",
    verified_days=365,
    reviewers=1,
    terms_type=CounselTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda _terms: None,
    capacity=lambda terms: terms.weekly_cap,
)
