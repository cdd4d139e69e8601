"""Offers: the state machine of domain 6.2, how long a verification holds, who may see which kind."""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

from app.kit.machine import Machine, steps
from app.people.rules import band, housing_gate, internship_gate, sponsorship_gate

STATES: Final[Mapping[str, str]] = {
    "DRAFT": "草稿",
    "SUBMITTED": "已提交",
    "VERIFYING": "核验中",
    "RETURNED": "退回",
    "REJECTED": "不通过",
    "PUBLISHED": "已发布",
    "PAUSED": "暂停",
    "FULL": "满额",
    "SUSPENDED": "停用待查",
    "REVOKED": "已撤销",
    "EXPIRED": "到期",
    "ARCHIVED": "归档",
}
FINAL: Final = frozenset({"REJECTED", "REVOKED", "ARCHIVED"})

MACHINE: Final = Machine(
    "offer",
    STATES,
    FINAL,
    steps(
        ("DRAFT", "submit", "PROVIDER CADRE", "SUBMITTED"),
        ("SUBMITTED", "start_check", "SYS", "VERIFYING"),
        ("SUBMITTED", "hard_rule_broken", "SYS", "RETURNED"),
        ("VERIFYING", "pass", "REVIEWER", "PUBLISHED"),
        ("VERIFYING", "ask_more", "REVIEWER", "RETURNED"),
        ("VERIFYING", "fail", "REVIEWER", "REJECTED"),
        ("RETURNED", "resubmit", "PROVIDER CADRE", "SUBMITTED"),
        ("PUBLISHED", "pause", "PROVIDER CADRE", "PAUSED"),
        ("PAUSED", "resume", "PROVIDER CADRE", "PUBLISHED"),
        ("PUBLISHED", "capacity_used", "SYS", "FULL"),
        ("FULL", "capacity_free", "SYS", "PUBLISHED"),
        ("PUBLISHED", "end_date", "SYS", "EXPIRED"),
        ("EXPIRED", "renew", "PROVIDER CADRE", "SUBMITTED"),
        ("PUBLISHED", "fraud_signal", "SYS REVIEWER", "SUSPENDED"),
        ("PAUSED", "fraud_signal", "SYS REVIEWER", "SUSPENDED"),
        ("FULL", "fraud_signal", "SYS REVIEWER", "SUSPENDED"),
        ("SUSPENDED", "cleared", "INVESTIGATOR", "PUBLISHED"),
        ("SUSPENDED", "confirmed", "INVESTIGATOR", "REVOKED"),
        ("PUBLISHED", "provider_revoked", "SYS", "REVOKED"),
        ("PAUSED", "provider_revoked", "SYS", "REVOKED"),
        ("FULL", "provider_revoked", "SYS", "REVOKED"),
        ("PAUSED", "end_date", "SYS", "EXPIRED"),
        ("FULL", "end_date", "SYS", "EXPIRED"),
        ("EXPIRED", "archive", "SYS", "ARCHIVED"),
        ("PUBLISHED", "withdraw", "PROVIDER CADRE", "ARCHIVED"),
    ),
)

TYPES: Final[Mapping[str, str]] = {
    "COUNSEL": "心理辅导",
    "INTERN": "实习见习",
    "HOUSE": "租房安居",
    "SPONSOR": "结对资助",
    "STUDY": "学业辅导",
    "LEGAL": "法律援助",
}
TWO_REVIEWERS: Final = frozenset({"HOUSE", "SPONSOR"})
VERIFICATION_HOLDS: Final[Mapping[str, timedelta]] = {
    "HOUSE": timedelta(days=90),
    "INTERN": timedelta(days=180),
    "SPONSOR": timedelta(days=365),
    "COUNSEL": timedelta(days=365),
    "STUDY": timedelta(days=365),
    "LEGAL": timedelta(days=365),
}
ARCHIVE_AFTER: Final = timedelta(days=365)
VERIFY_WORKING_DAYS: Final = 3

CHECKLISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "INTERN": {
        "licence": "营业执照或登记证书已核对",
        "visit": "已实地走访或视频核验",
        "credit": "已查询社会信用，无严重失信",
        "labour": "已查询劳动保障违法记录",
        "identity": "联系人身份已核对",
        "agreement": "三方协议模板已核对",
        "insurance": "保险已核对",
        "mentor": "带教人员已落实",
    },
    "HOUSE": {
        "licence": "营业执照或备案已核对",
        "title": "每套房源权属或授权已核对",
        "fire": "消防安全已核对",
        "visit": "已实地查看",
        "deposit": "押金与退还规则已核对",
        "contract": "合同模板已核对",
    },
    "SPONSOR": {
        "identity": "身份已核对",
        "funds": "资金来源说明已核对",
        "relation": "与受助学生无利害关系",
        "foundation": "经青基会办理",
    },
    "COUNSEL": {
        "vetting": "志愿者准入手续完整",
        "topics": "擅长领域与资质相符",
        "supervision": "督导安排已落实",
    },
    "STUDY": {"identity": "身份已核对", "content": "内容合规、免费"},
    "LEGAL": {"identity": "执业或援助机构资格已核对", "content": "内容合规、免费"},
}


def reviewers_needed(kind: str) -> int:
    """Return how many different reviewers must pass an offer of this kind."""
    return 2 if kind in TWO_REVIEWERS else 1


RUNNING: Final = frozenset({"PUBLISHED", "PAUSED", "FULL"})
"""States of an offer that was verified and has not ended."""
EDITABLE: Final = frozenset({"DRAFT", "RETURNED", "EXPIRED"})
REMIND_DAYS: Final = (60, 30, 7)
PROVIDER_MAY_OFFER: Final = frozenset({"APPLIED", "VERIFYING", "VERIFIED"})
ALWAYS_CHANGEABLE: Final = frozenset({"slots", "weekly_cap", "contact", "mentor"})
"""Terms that may change while an offer is published; everything else was verified."""

FILLED_BY_REVIEWER: Final = frozenset({"verified_on_site"})
"""Terms that no form of the provider sets; the reviewers' visit does."""

PRIVATE_TERMS: Final[Mapping[str, frozenset[str]]] = {
    "INTERN": frozenset({"contact"}),
    "HOUSE": frozenset({"address"}),
    "COUNSEL": frozenset({"supervisor"}),
}
"""Terms that only the two parties and reviewers see; search does not find them either."""

PHOTO_TYPES: Final = frozenset({"HOUSE", "INTERN"})
MOST_PHOTOS: Final = 8

LEGAL_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "INTERN": (
        "实习不收押金、服装费、培训费等任何费用，不扣押证件；遇到收费请马上举报。",
        "上岗前要签学校、单位、学生三方协议；每天不超过 8 小时，不安排夜班和加班。",
        "未满 16 周岁不能参加；16、17 周岁需要监护人书面同意和学校同意。",
    ),
    "HOUSE": (
        "先看房、再签合同、后付款；押金不超过三个月租金，本平台不收中介费。",
        "签合同前请核对房产证明或授权；任何“先付定金锁房”都不要转账，可拨打 96110 咨询。",
    ),
    "SPONSOR": (
        "资助款经青基会或学校资助账户发放，平台不收款，也不公开你的故事。",
        "不需要写感谢信、拍照片或参加活动；未满 18 周岁由监护人签字。",
    ),
    "COUNSEL": (
        "志愿服务免费、保密；有生命危险或正在受到伤害时，会按规定请专业人员帮忙。",
        "志愿者不作诊断和治疗；需要时会建议你去医院。",
    ),
    "STUDY": ("志愿辅导免费；当面辅导请选学校、青少年之家等公共场所。",),
    "LEGAL": ("法律咨询免费；欺凌、家暴和受到侵害，请直接拨打 110 或 12355。",),
}

REPORT_KINDS: Final[Mapping[str, str]] = {
    "FRAUD": "疑似诈骗，或要求先付款",
    "FEE": "收费、收押金、扣证件",
    "HARASS": "骚扰或不当言行",
    "PRIVACY": "泄露或索要隐私",
    "FALSE_INFO": "信息不真实",
    "DISCRIMINATION": "有歧视",
    "QUALITY": "与描述有出入，服务不好",
}
REPORT_SEVERITY: Final[Mapping[str, int]] = {
    "FRAUD": 3,
    "FEE": 3,
    "HARASS": 3,
    "PRIVACY": 2,
    "FALSE_INFO": 2,
    "DISCRIMINATION": 2,
    "QUALITY": 1,
}
HIDES_OFFER: Final = 2
HIDES_PROVIDER: Final = 3


def hidden_types(age: int, stage: str, grade_year: int) -> frozenset[str]:
    """Return the kinds of offers a student must not see at all (domain 4): no menu entry, no list, no page.

    Consents and contracts are asked for later; this decides only whether the kind exists for somebody of this age.
    """
    hidden = set[str]()
    if not internship_gate(age, stage, grade_year, guardian_consent=True):
        hidden.add("INTERN")
    if not housing_gate(age, stage):
        hidden.add("HOUSE")
    if not sponsorship_gate(band(age)):
        hidden.add("SPONSOR")
    return frozenset(hidden)


def fits_person(age_min: int, age_max: int, stages: Collection[str], *, age: int, stage: str) -> bool:
    """Tell whether an offer is meant for somebody of this age and stage; no stages means all of them."""
    return age_min <= age <= age_max and (not stages or stage in stages)


def holds_until(kind: str, day: date, credential_expiry: date | None = None) -> date:
    """Return the last day on which a verification made today holds; a volunteer's ends with the credential."""
    limit = day + VERIFICATION_HOLDS[kind]
    return min(limit, credential_expiry) if credential_expiry else limit


def has_ended(valid_to: date, verified_until: date | None, day: date) -> bool:
    """Tell whether an offer is over: past its last day, or past the last day of its verification."""
    return valid_to < day or (verified_until is not None and verified_until < day)


def missing_checks(kind: str, ticked: Collection[str]) -> tuple[str, ...]:
    """Return the items of the kind's checklist that were not ticked, as a reviewer reads them."""
    return tuple(label for code, label in CHECKLISTS[kind].items() if code not in ticked)


def provider_label(provider_type: str, name: str, *, anonymous: bool, known: bool) -> str:
    """Return how a provider is named on a page: sponsors may stay anonymous, volunteers are named to staff only."""
    if anonymous:
        return "爱心资助方（匿名）"
    return "已核验志愿者" if provider_type == "VOL" and not known else name


def street_of(address: str) -> str:
    """Return the part of an address that may be public: up to the street or village, never the door."""
    found = re.match(r".*?(?:大道|路|街|巷|镇|乡|村|社区)", address)
    return found.group() if found else ""
