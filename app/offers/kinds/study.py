"""学业辅导: volunteer study help."""

from typing import Any, Final

from app.offers.kinds.fields import ALL_STAGES, Card, Field, Kind
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
from app.offers.rules_legality import Finding, ListingFacts, charge_findings, provider_findings, text_findings

TOPICS: Final = (("ED1", "学业辅导"), ("ED2", "升学指导"), ("ED3", "技能培训"), ("ED4", "复学适应"))
SUBJECTS: Final = (
    ("CHI", "语文"),
    ("MAT", "数学"),
    ("ENG", "英语"),
    ("PHY", "物理"),
    ("CHE", "化学"),
    ("BIO", "生物"),
    ("POL", "政治"),
    ("HIS", "历史"),
    ("GEO", "地理"),
    ("ICT", "信息技术"),
    ("VOC", "专业课"),
    ("OTH", "其他"),
)

_WHAT, _WHEN = "辅导内容", "时间"


class StudyTerms(HelpTerms, frozen=True, kw_only=True):
    """Terms of study help; no stage means every stage."""

    subjects: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


FIELDS: Final = (
    Field(name="topics", label="辅导类型", type="many", step=_WHAT, choices=TOPICS),
    Field(name="subjects", label="科目", type="many", step=_WHAT, required=False, choices=SUBJECTS),
    Field(
        name="stages",
        label="适合的学段",
        type="many",
        step=_WHAT,
        required=False,
        choices=ALL_STAGES,
        help="不限请留空。",
    ),
    modes_field("辅导方式", _WHAT),
    languages_field("语言", _WHAT),
    Field(
        name="slots", label="每周可辅导时段", type="slots", step=_WHEN, help="例如：周三19:00-21:00；周日14:00-18:00。"
    ),
    Field(name="weekly_cap", label="每周最多辅导几人次", type="int", step=_WHEN, unit="人次", low=1, high=60),
    place_field("当面辅导的地点", _WHEN, "请选学校、青少年之家等公共场所。"),
)


def judge(terms: StudyTerms, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge study help: it is free and carries no contact details."""
    _ = terms
    return (*charge_findings(texts), *text_findings(texts), *provider_findings(facts))


def _card(terms: StudyTerms) -> Card:
    names = labels(terms.subjects, SUBJECTS) or labels(terms.topics, TOPICS)
    return Card(free_line(terms), names[:3])


def _facets(terms: StudyTerms) -> dict[str, Any]:
    return facets(terms, subjects=list(terms.subjects), stages=list(terms.stages))


def _features(terms: StudyTerms) -> dict[str, Any]:
    return features(terms, subjects=terms.subjects, stages=terms.stages)


KIND: Final = Kind(
    code="STUDY",
    slug="study",
    label="学业辅导",
    lead="教师和大学生志愿者的免费学业辅导。",
    provider_types=("EDU", "VOL"),
    age_min=12,
    capacity_label="每周名额",
    verified_days=365,
    reviewers=1,
    terms_type=StudyTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda _terms: None,
    capacity=lambda terms: terms.weekly_cap,
)
