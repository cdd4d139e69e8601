"""Matches: the state machine of domain 6.3, decline codes and time limits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.kit.machine import Machine, steps

STATES: Final[Mapping[str, str]] = {
    "PROPOSED": "已推荐",
    "S_ACCEPTED": "学生接受",
    "P_ACCEPTED": "供方接受",
    "CONFIRMED": "双方确认",
    "SCHEDULED": "已预约",
    "IN_PROGRESS": "进行中",
    "COMPLETED": "已完成",
    "S_DECLINED": "学生谢绝",
    "P_DECLINED": "供方谢绝",
    "LAPSED": "超时失效",
    "CANCELLED": "已取消",
    "NO_SHOW_S": "学生未到",
    "NO_SHOW_P": "供方未到",
    "TERMINATED": "强制终止",
    "DISPUTED": "争议中",
}
FINAL: Final = frozenset({"COMPLETED", "S_DECLINED", "P_DECLINED", "LAPSED", "CANCELLED", "TERMINATED"})
LIVE: Final = frozenset(STATES) - FINAL

MACHINE: Final = Machine(
    "match",
    STATES,
    FINAL,
    steps(
        ("PROPOSED", "student_accepts", "STUDENT", "S_ACCEPTED"),
        ("PROPOSED", "provider_accepts", "PROVIDER", "P_ACCEPTED"),
        ("PROPOSED", "student_declines", "STUDENT", "S_DECLINED"),
        ("PROPOSED", "no_answer", "SYS", "LAPSED"),
        ("S_ACCEPTED", "provider_accepts", "PROVIDER", "CONFIRMED"),
        ("S_ACCEPTED", "provider_declines", "PROVIDER", "P_DECLINED"),
        ("S_ACCEPTED", "no_answer", "SYS", "LAPSED"),
        ("P_ACCEPTED", "student_accepts", "STUDENT", "CONFIRMED"),
        ("P_ACCEPTED", "student_declines", "STUDENT", "S_DECLINED"),
        ("P_ACCEPTED", "no_answer", "SYS", "LAPSED"),
        ("CONFIRMED", "schedule", "STUDENT PROVIDER", "SCHEDULED"),
        ("CONFIRMED", "cancel", "STUDENT PROVIDER", "CANCELLED"),
        ("SCHEDULED", "start", "PROVIDER", "IN_PROGRESS"),
        ("SCHEDULED", "student_absent", "PROVIDER", "NO_SHOW_S"),
        ("SCHEDULED", "provider_absent", "STUDENT SYS", "NO_SHOW_P"),
        ("SCHEDULED", "cancel", "STUDENT PROVIDER", "CANCELLED"),
        ("NO_SHOW_S", "rebook", "STUDENT", "SCHEDULED"),
        ("NO_SHOW_S", "close", "SYS", "CANCELLED"),
        ("NO_SHOW_P", "rebook", "STUDENT", "SCHEDULED"),
        ("NO_SHOW_P", "replace", "SYS", "CANCELLED"),
        ("IN_PROGRESS", "finish", "PROVIDER", "COMPLETED"),
        ("IN_PROGRESS", "complain", "STUDENT PROVIDER", "DISPUTED"),
        ("DISPUTED", "resolved", "INVESTIGATOR", "IN_PROGRESS"),
        ("DISPUTED", "ended", "INVESTIGATOR", "TERMINATED"),
        ("SCHEDULED", "safeguard", "SYS DESK", "TERMINATED"),
        ("IN_PROGRESS", "safeguard", "SYS DESK", "TERMINATED"),
        ("CONFIRMED", "safeguard", "SYS", "TERMINATED"),
        ("S_ACCEPTED", "safeguard", "SYS", "TERMINATED"),
        ("P_ACCEPTED", "safeguard", "SYS", "TERMINATED"),
        ("PROPOSED", "offer_gone", "SYS", "LAPSED"),
        ("S_ACCEPTED", "consent_withdrawn", "STUDENT", "CANCELLED"),
        ("CONFIRMED", "consent_withdrawn", "STUDENT", "CANCELLED"),
        ("SCHEDULED", "consent_withdrawn", "STUDENT", "CANCELLED"),
        ("IN_PROGRESS", "consent_withdrawn", "STUDENT", "CANCELLED"),
    ),
)

DECLINE_CODES: Final[Mapping[str, str]] = {
    "DC01": "时间不合",
    "DC02": "地点",
    "DC03": "不合适",
    "DC04": "已解决",
    "DC05": "名额",
    "DC06": "能力范围外",
    "DC07": "不便说明",
    "DC99": "其他",
}
STUDENT_ANSWERS_WITHIN: Final = timedelta(hours=72)
PROVIDER_ANSWERS_WITHIN: Final = timedelta(hours=48)
NEXT_CANDIDATE_WITHIN: Final = timedelta(hours=1)
ABSENT_AFTER: Final = timedelta(minutes=15)
CANCEL_BEFORE: Final = timedelta(hours=2)
CLOSE_NO_SHOW_AFTER: Final = timedelta(days=14)
MOST_REBOOKS: Final = 2
MOST_OPEN: Final = 3
KEEP_CONTACT_AFTER_END: Final = timedelta(days=30)
HOLDS_PLACE: Final = frozenset({"CONFIRMED", "SCHEDULED", "IN_PROGRESS", "NO_SHOW_S", "NO_SHOW_P", "DISPUTED"})
"""States in which a match keeps a place of its offer's capacity."""
