"""结对资助: sponsorship through a charitable foundation (domain 3.13, 7.4, 12.2)."""

import re
from collections.abc import Iterator
from typing import Any, Final

from app.kit import wording
from app.kit.reading import plain
from app.offers.kinds.fields import ALL_STAGES, Card, Field, Kind, Terms
from app.offers.rules_legality import Finding, ListingFacts, provider_findings, said, text_findings

SPONSOR_KINDS: Final = (("ONE2ONE", "一对一结对"), ("FUND", "专项基金"), ("GOODS", "物资捐赠"))
SPONSOR_WORDS: Final = {
    "结对": "ONE2ONE",
    "一对一": "ONE2ONE",
    "1对1": "ONE2ONE",
    "一帮一": "ONE2ONE",
    "助学金": "FUND",
    "基金": "FUND",
    "奖学金": "FUND",
    "资金": "FUND",
    "捐款": "FUND",
    "物资": "GOODS",
    "实物": "GOODS",
    "物品": "GOODS",
    "学习用品": "GOODS",
}
STAGE_WORDS: Final = {
    "初中": "JH",
    "义务教育": "JH",
    "高中": "SH",
    "普高": "SH",
    "中职": "SV",
    "中专": "SV",
    "技校": "SV",
    "技工": "SV",
    "高职": "HV",
    "大专": "HV",
    "专科": "HV",
    "大学": "UG",
    "本科": "UG",
    "高校": "UG",
    "研究生": "PG",
    "硕士": "PG",
    "博士": "PG",
}

_WHAT, _HOW = "资助内容", "合规承诺"
_NOTHING: Final = re.compile(r"^(?:无|没有|暂无|不附加?|否|/|-+|—+|零)?(?:附加|任何|其他|特殊)*(?:条件|要求)?$")
_PURPOSE: Final = re.compile(
    r"^(?:希望|限|仅限?|专款|专项|请)?(?:专用|用于|用在|购买|支付)[^,;。]{0,10}(?:学费|生活费|书本|教材|学习用品|伙食|住宿|校服|学习)[^,;。]{0,6}$"
)
_COLLECTION: Final = (
    r"募捐|众筹|筹款|募款|募集|爱心捐款|收款码|收款账[户号]|捐款账[户号]|捐款(?:二维码|链接)|转账(?:到|至|给)|打款(?:到|至|给)?|个人账户|"
    r"(?:微信|支付宝)(?:转账|收款)|银行卡号"
)
_RELATED: Final = (
    r"亲戚|亲属|亲友|侄|外甥|(?:本人|员工|职工|同事|公司|管理人员|股东)(?:的)?(?:子女|孩子|小孩|家属)|指定(?:资助|受益人?)|指定[^,;。]{0,8}(?:同学|学生|孩子)|"
    r"我(?:的)?(?:儿子|女儿|孩子|弟弟|妹妹)"
)


class SponsorTerms(Terms, frozen=True, kw_only=True):
    """Terms of a sponsorship; money in fen per student and year."""

    kind: str
    amount_fen_per_year: int
    years: int
    students_max: int
    stage_pref: tuple[str, ...] = ()
    region_pref: str = ""
    via_foundation: str
    anonymous: bool
    relation_declared: bool = True
    conditions: str = ""


FIELDS: Final = (
    Field(name="kind", label="资助方式", type="choice", step=_WHAT, choices=SPONSOR_KINDS, words=SPONSOR_WORDS),
    Field(
        name="amount_fen_per_year",
        label="每人每年金额",
        type="yuan",
        step=_WHAT,
        unit="元/年",
        low=1,
        high=1_000_000,
        help="物资请写折合金额。",
    ),
    Field(name="years", label="资助年限", type="int", step=_WHAT, unit="年", low=1, high=12),
    Field(name="students_max", label="资助人数", type="int", step=_WHAT, unit="人", low=1, high=10_000),
    Field(
        name="stage_pref",
        label="希望资助的学段",
        type="many",
        step=_WHAT,
        required=False,
        choices=ALL_STAGES,
        words=STAGE_WORDS,
        help="不限请留空。",
    ),
    Field(
        name="region_pref",
        label="希望资助的地区",
        type="text",
        step=_WHAT,
        required=False,
        max_len=60,
        help="不限请留空。",
    ),
    Field(
        name="via_foundation",
        label="经办的基金会或慈善组织",
        type="text",
        step=_HOW,
        max_len=80,
        help="资助款经青基会或学校资助账户发放，平台不收款。",
    ),
    Field(name="anonymous", label="是否匿名资助", type="yesno", step=_HOW),
    Field(name="relation_declared", label="承诺受助学生不是本人或单位管理人员的亲属", type="yesno", step=_HOW),
    Field(
        name="conditions",
        label="附加条件",
        type="textarea",
        step=_HOW,
        required=False,
        max_len=200,
        help="不能要求学生公开照片、写感谢信、参加活动等。没有请留空。",
    ),
)


def _block(rule: str, field: str, sentence: str) -> Finding:
    return Finding(rule, "block", field, sentence, "L-06")


def judge(terms: SponsorTerms, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge a sponsorship's terms and texts."""
    return (
        *_whose_money(terms, "。".join((*texts, terms.conditions))),
        *_conditions(terms, texts),
        *text_findings((*texts, terms.conditions)),
        *provider_findings(facts),
    )


def _whose_money(terms: SponsorTerms, text: str) -> Iterator[Finding]:
    if not terms.via_foundation:
        yield _block(
            "no_foundation",
            "via_foundation",
            "没有写经办基金会；资助款须经青基会等慈善组织或学校资助账户发放，平台不收款（《慈善法》第二十二条、第二十六条）。",
        )
    if word := said(text, _COLLECTION):
        yield _block(
            "money_collection",
            "text",
            f"不能写“{word}”：公开募捐只能由有资格的慈善组织在指定平台进行（《慈善法》第二十二条、第二十七条）。",
        )
    word = said(text, _RELATED)
    if word or not terms.relation_declared:
        told = f"写有“{word}”；" if word else ""
        yield _block(
            "related_person",
            "relation_declared",
            f"{told}不得指定捐赠人、管理人员的利害关系人为受益人（《慈善法》第四十条）。",
        )


def _conditions(terms: SponsorTerms, texts: tuple[str, ...]) -> Iterator[Finding]:
    stated = plain(terms.conditions).rstrip("。.;")
    demand = said("。".join(texts), r"(?:受助|被资助|学生|受益人)[^,;。]{0,4}(?:须|必须|应当?|需要?|要)[^,;。]{0,20}")
    if stated and not _NOTHING.match(stated) and _PURPOSE.match(stated):
        yield Finding(
            "condition_to_check",
            "hold",
            "conditions",
            f"附加条件“{stated}”限定了用途，将由审核员核对（《慈善法》第十五条）。",
            "L-06",
        )
    elif (stated and not _NOTHING.match(stated)) or demand:
        yield _block(
            "condition_not_allowed",
            "conditions",
            f"附加条件“{stated or demand}”不被允许：不得向受助学生附加条件，"
            "要尊重其隐私和尊严，不得要求公开照片、参加活动或写感谢信"
            "（《慈善法》第十五条、第六十三条）。",
        )


def _card(terms: SponsorTerms) -> Card:
    line = f"{wording.yuan(terms.amount_fen_per_year)}/年"
    chips = (dict(SPONSOR_KINDS).get(terms.kind, ""), f"连续 {terms.years} 年", f"{terms.students_max} 个名额")
    return Card(line, chips)


def _facets(terms: SponsorTerms) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "amount_fen_per_year": terms.amount_fen_per_year,
        "years": terms.years,
        "stage_pref": list(terms.stage_pref),
    }


def _features(terms: SponsorTerms) -> dict[str, Any]:
    return {
        "stage_pref": terms.stage_pref,
        "region_pref": terms.region_pref,
        "amount_fen_per_year": terms.amount_fen_per_year,
        "years": terms.years,
        "students_max": terms.students_max,
        "kind": terms.kind,
    }


KIND: Final = Kind(
    code="SPONSOR",
    slug="sponsorship",
    label="结对资助",
    lead="经青基会或学校资助账户发放的助学资助，不附加条件，不公开学生信息。",
    provider_types=("SPO", "FND"),
    age_min=12,
    capacity_label="资助人数",
    verified_days=365,
    reviewers=2,
    terms_type=SponsorTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda terms: terms.amount_fen_per_year,
    capacity=lambda terms: terms.students_max,
)
