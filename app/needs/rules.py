"""Needs: codes, gates and the state machine of domain 6.1."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.kit.machine import Machine, steps

STATES: Final[Mapping[str, str]] = {
    "DRAFT": "草稿",
    "SUBMITTED": "已提交",
    "RISK_HOLD": "风险拦截",
    "REVIEW": "审核中",
    "RETURNED": "退回补充",
    "OPEN": "待匹配",
    "MATCHED": "已匹配",
    "IN_SERVICE": "服务中",
    "TO_CONFIRM": "待确认",
    "SOLVED": "已解决",
    "UNSOLVED": "未解决办结",
    "WITHDRAWN": "已撤回",
    "MERGED": "已合并",
    "EXPIRED": "已过期",
    "TO_CASE": "转个案",
}
FINAL: Final = frozenset({"SOLVED", "UNSOLVED", "WITHDRAWN", "MERGED", "EXPIRED", "TO_CASE"})

MACHINE: Final = Machine(
    "need",
    STATES,
    FINAL,
    steps(
        ("DRAFT", "submit", "STUDENT CADRE", "SUBMITTED"),
        ("SUBMITTED", "risk_found", "SYS", "RISK_HOLD"),
        ("SUBMITTED", "checks_passed", "SYS", "REVIEW"),
        ("RISK_HOLD", "cleared", "DESK", "REVIEW"),
        ("RISK_HOLD", "open_case", "DESK", "TO_CASE"),
        ("REVIEW", "approve", "REVIEWER", "OPEN"),
        ("REVIEW", "return", "REVIEWER", "RETURNED"),
        ("REVIEW", "route_to_case", "REVIEWER", "TO_CASE"),
        ("REVIEW", "merge_duplicate", "REVIEWER", "MERGED"),
        ("RETURNED", "resubmit", "AUTHOR", "SUBMITTED"),
        ("OPEN", "match_confirmed", "SYS", "MATCHED"),
        ("OPEN", "solved_directly", "CADRE", "TO_CONFIRM"),
        ("OPEN", "no_supply", "SYS", "EXPIRED"),
        ("OPEN", "route_to_case", "REVIEWER DESK", "TO_CASE"),
        ("MATCHED", "service_started", "SYS", "IN_SERVICE"),
        ("MATCHED", "match_ended", "SYS", "OPEN"),
        ("MATCHED", "route_to_case", "REVIEWER DESK", "TO_CASE"),
        ("IN_SERVICE", "goal_reached", "PROVIDER CADRE", "TO_CONFIRM"),
        ("IN_SERVICE", "provider_lost", "SYS", "OPEN"),
        ("IN_SERVICE", "route_to_case", "PROFESSIONAL", "TO_CASE"),
        ("TO_CONFIRM", "confirm", "STUDENT GUARDIAN", "SOLVED"),
        ("TO_CONFIRM", "not_solved", "STUDENT", "OPEN"),
        ("TO_CONFIRM", "no_answer", "SYS", "UNSOLVED"),
        ("OPEN", "close_unsolvable", "REVIEWER", "UNSOLVED"),
        ("SUBMITTED", "withdraw", "STUDENT", "WITHDRAWN"),
        ("REVIEW", "withdraw", "STUDENT", "WITHDRAWN"),
        ("RETURNED", "withdraw", "STUDENT", "WITHDRAWN"),
        ("OPEN", "withdraw", "STUDENT", "WITHDRAWN"),
        ("MATCHED", "withdraw", "STUDENT", "WITHDRAWN"),
        ("IN_SERVICE", "withdraw", "STUDENT", "WITHDRAWN"),
    ),
)

CATEGORIES: Final[Mapping[str, str]] = {
    "EC": "经济困难",
    "EM": "就业创业",
    "ED": "教育培训",
    "PS": "心理健康",
    "RT": "权益维护",
    "OT": "其他",
}
SUBS: Final[Mapping[str, str]] = {
    "EC1": "学费/生活费",
    "EC2": "突发变故",
    "EC3": "学习用品/设备",
    "EC4": "结对资助",
    "EM1": "实习",
    "EM2": "见习",
    "EM3": "求职指导",
    "EM4": "创业",
    "EM5": "住房(青年安居)",
    "ED1": "学业辅导",
    "ED2": "升学指导",
    "ED3": "技能培训",
    "ED4": "复学适应",
    "PS1": "学业压力",
    "PS2": "情绪(焦虑/低落)",
    "PS3": "人际交往",
    "PS4": "家庭/亲子",
    "PS5": "恋爱情感",
    "PS6": "网络/手机",
    "PS7": "考试减压",
    "PS8": "适应",
    "PS9": "丧失/创伤",
    "RT1": "法律咨询",
    "RT2": "校园欺凌",
    "RT3": "家庭暴力/侵害",
    "RT4": "劳动权益",
    "RT5": "租房纠纷",
    "RT6": "诈骗",
    "OT1": "集体融入",
    "OT2": "团务咨询",
    "OT9": "其他",
}
CASE_ONLY: Final = frozenset({"RT2", "RT3"})
"""Sub-codes that never go to the open marketplace (domain 5)."""

URGENCIES: Final[Mapping[str, str]] = {"N": "普通", "H": "较急"}
RISKS: Final = ("NONE", "BLUE", "YELLOW", "ORANGE", "RED")
CLOSED_AS: Final[Mapping[str, str]] = {
    "UNCONFIRMED": "未收到确认",
    "NO_SUPPLY": "暂无合适资源",
    "NOT_SOLVABLE": "无法解决，已说明",
}

REVIEW_WORKING_DAYS: Final = 1
NO_SUPPLY_AFTER: Final = timedelta(days=30)
CONFIRM_WITHIN: Final = timedelta(days=14)
CONFIRM_REMINDERS: Final = (timedelta(days=4), timedelta(days=9))
WIDEN_AFTER: Final = timedelta(hours=24)
SUPPLY_TASK_WORKING_DAYS: Final = 3


_KIND_OF_SUB: Final[Mapping[str, str]] = {
    "EM1": "INTERN",
    "EM2": "INTERN",
    "EM3": "STUDY",
    "EM4": "",
    "EM5": "HOUSE",
}
_KIND_OF_CATEGORY: Final[Mapping[str, str]] = {
    "EC": "SPONSOR",
    "ED": "STUDY",
    "PS": "COUNSEL",
    "RT": "LEGAL",
}


def kind_for(sub: str) -> str:
    """Return the kind of offer that answers a sub-code, or "" when only people can (domain 5, special routing)."""
    if sub in CASE_ONLY:
        return ""
    return _KIND_OF_SUB.get(sub, _KIND_OF_CATEGORY.get(sub[:2], ""))


def at_most_yellow(risk: str) -> bool:
    """Tell whether a risk level may be in the pool (domain 9: no red or orange need ever is)."""
    return RISKS.index(risk) <= RISKS.index("YELLOW")
