"""Levels of the league tree, scopes by region, and the checklists for providers (domain 2.1, 12.2)."""

import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.kit.machine import Machine, steps
from app.kit.viewer import Role

LEVELS: Final[Mapping[str, str]] = {
    "L1": "省级团委",
    "L2": "市级团委",
    "L3": "县(市、区)团委",
    "L4": "学校团委",
    "L5": "院系/年级团组织",
    "L6": "团支部",
}
KINDS: Final = ("团委", "团工委", "团总支", "团支部", "学生会", "少先队", "12355平台", "辅导站")
SCHOOL_TYPES: Final[Mapping[str, str]] = {
    "JH": "初级中学",
    "SH": "高级中学",
    "CM": "完全中学",
    "SV": "中职",
    "TE": "技工学校",
    "HV": "高职高专",
    "UG": "本科",
    "SP": "特殊教育",
}
ORG_STATUSES: Final[Mapping[str, str]] = {"ACTIVE": "正常", "MERGED": "已合并", "CLOSED": "已撤销"}
CONSENT_SWITCHES: Final[Mapping[str, str]] = {
    "A2A3_CONSENT": "14–17 岁筛查需监护人同意",
    "A2A3_NOTICE": "14–17 岁筛查告知监护人",
}

_PARENTS: Final[Mapping[str, frozenset[str]]] = {
    "L1": frozenset(),
    "L2": frozenset({"L1"}),
    "L3": frozenset({"L2"}),
    "L4": frozenset({"L1", "L2", "L3"}),
    "L5": frozenset({"L4"}),
    "L6": frozenset({"L4", "L5"}),
}


def folded(name: str) -> str:
    """Return a name as it is compared: full-width signs and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def may_stand_below(level: str, parent_level: str | None) -> bool:
    """Tell whether a level may have this parent; a school's parent is data: county, city or province."""
    return parent_level is None if level == "L1" else parent_level in _PARENTS[level]


def children_levels(level: str) -> tuple[str, ...]:
    """Return the levels that may stand below one."""
    return tuple(child for child, parents in _PARENTS.items() if level in parents)


def region_in_scope(level: str, org_region: str, region: str) -> bool:
    """Tell whether a region lies in the area of an organisation: province, city (first four digits) or county."""
    if level == "L1":
        return True
    if level == "L2":
        return org_region[:4] == region[:4]
    return org_region == region


PROVIDER_STATES: Final[Mapping[str, str]] = {
    "APPLIED": "已申请",
    "VERIFYING": "核验中",
    "VERIFIED": "已核验",
    "SUSPENDED": "暂停",
    "LAPSED": "核验到期",
    "REJECTED": "不通过",
    "REVOKED": "已撤销",
}
PROVIDER_MACHINE: Final = Machine(
    "provider",
    PROVIDER_STATES,
    frozenset({"REJECTED", "REVOKED"}),
    steps(
        ("APPLIED", "start", "REVIEWER", "VERIFYING"),
        ("APPLIED", "verify", "REVIEWER SYS", "VERIFIED"),
        ("APPLIED", "reject", "REVIEWER SYS", "REJECTED"),
        ("VERIFYING", "verify", "REVIEWER", "VERIFIED"),
        ("VERIFYING", "reject", "REVIEWER", "REJECTED"),
        ("VERIFYING", "return", "REVIEWER", "APPLIED"),
        ("APPLIED", "resubmit", "PROVIDER", "APPLIED"),
        ("VERIFIED", "suspend", "REVIEWER SYS", "SUSPENDED"),
        ("VERIFIED", "lapse", "SYS", "LAPSED"),
        ("VERIFIED", "revoke", "REVIEWER SYS", "REVOKED"),
        ("SUSPENDED", "clear", "REVIEWER SYS", "VERIFIED"),
        ("SUSPENDED", "lapse", "SYS", "LAPSED"),
        ("SUSPENDED", "revoke", "REVIEWER SYS", "REVOKED"),
        ("LAPSED", "verify", "REVIEWER SYS", "VERIFIED"),
        ("LAPSED", "revoke", "REVIEWER SYS", "REVOKED"),
    ),
)

PROVIDER_TYPES: Final[Mapping[str, str]] = {"EMP": "实习单位", "HOU": "住房租赁机构", "SPO": "资助方"}
"""Types that sign up by themselves; volunteers have their own way in."""
PROVIDER_ROLE: Final[Mapping[str, Role]] = {
    "EMP": Role.EMP,
    "HOU": Role.HOU,
    "SPO": Role.SPO,
    "VOL": Role.VOL,
}
UNIT_KINDS: Final[Mapping[str, str]] = {
    "GOV": "党政机关",
    "INST": "事业单位",
    "SOE": "国有企业",
    "PRIV": "民营企业",
    "NGO": "社会组织",
    "GRASS": "乡镇街道村社",
}
VERIFY_LIFE: Final[Mapping[str, timedelta]] = {
    "EMP": timedelta(days=180),
    "HOU": timedelta(days=90),
    "SPO": timedelta(days=365),
}
"""How long a verification holds (domain 6.2)."""

CHECKLISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "EMP": {
        "licence": "营业执照与登记名称一致",
        "visit": "实地走访或视频看过真实办公场所",
        "credit": "信用信息公示系统无严重失信",
        "labour": "无劳动保障违法记录",
        "contact": "联系人身份已核对",
        "agreement": "有实习协议范本",
        "insurance": "有雇主责任险、实习责任险或意外险",
        "mentor": "有带教老师",
    },
    "HOU": {
        "licence": "营业执照或住房租赁备案",
        "title": "每套房有权属证明或授权",
        "fire": "消防安全合格",
        "visit": "实地看过房源",
        "deposit": "押金不超过三个月，退还规则写明",
        "contract": "有租赁合同范本",
    },
    "SPO": {
        "identity": "资助方身份已核对",
        "funds": "有资金来源说明",
        "relation": "声明与受助人没有亲属关系",
        "foundation": "经青基会等有资格的机构办理",
    },
}
"""What a reviewer ticks before a provider is verified (domain 12.2)."""


def checklist_for(kind: str) -> Mapping[str, str]:
    """Return the checklist of a provider type; other types have the employer's first items."""
    return CHECKLISTS.get(kind, {"licence": "登记证书已核对", "contact": "联系人身份已核对"})


def missing_items(kind: str, ticked: frozenset[str]) -> tuple[str, ...]:
    """Return the items of the checklist that are not ticked."""
    return tuple(text for code, text in checklist_for(kind).items() if code not in ticked)
