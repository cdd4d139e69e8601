"""Volunteer vetting: the machine of domain 6.7, its conditions and its words."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from app.kit.machine import Machine, steps
from app.kit.viewer import Role
from app.people.rules import check_holds

STATES: Final[Mapping[str, str]] = {
    "APPLIED": "已申请",
    "DOCS": "补材料",
    "CRED_OK": "资质已核",
    "CHECK_PENDING": "查询中",
    "CHECK_HIT": "查询命中",
    "INTERVIEW": "面谈",
    "TRAINING": "培训中",
    "PROBATION": "督导观察",
    "ACTIVE": "在岗",
    "ACTIVE_ADULT": "在岗(仅成年对象)",
    "SUSPENDED": "暂停",
    "LAPSED": "到期",
    "REVOKED": "撤销",
    "REJECTED": "不通过",
    "LEFT": "退出",
}
FINAL: Final = frozenset({"CHECK_HIT", "REVOKED", "REJECTED", "LEFT"})
WORKING: Final = frozenset({"ACTIVE", "ACTIVE_ADULT"})

MACHINE: Final = Machine(
    "vetting",
    STATES,
    FINAL,
    steps(
        ("APPLIED", "documents_incomplete", "REVIEWER", "DOCS"),
        ("DOCS", "documents_complete", "APPLICANT", "APPLIED"),
        ("DOCS", "silent", "SYS", "REJECTED"),
        ("APPLIED", "credential_verified", "REVIEWER", "CRED_OK"),
        ("APPLIED", "false_document", "REVIEWER", "REJECTED"),
        ("CRED_OK", "request_check", "ORGANISATION", "CHECK_PENDING"),
        ("CRED_OK", "adults_only", "ORGANISATION", "INTERVIEW"),
        ("CHECK_PENDING", "check_clear", "ORGANISATION", "INTERVIEW"),
        ("CHECK_PENDING", "check_hit", "ORGANISATION", "CHECK_HIT"),
        ("INTERVIEW", "interview_pass", "INTERVIEWER", "TRAINING"),
        ("INTERVIEW", "interview_fail", "INTERVIEWER", "REJECTED"),
        ("TRAINING", "training_pass", "TRAINER", "PROBATION"),
        ("TRAINING", "training_failed", "TRAINER", "REJECTED"),
        ("PROBATION", "supervisor_ok", "SUPERVISOR", "ACTIVE"),
        ("PROBATION", "supervisor_ok_adult", "SUPERVISOR", "ACTIVE_ADULT"),
        ("PROBATION", "not_suitable", "SUPERVISOR", "REJECTED"),
        ("ACTIVE", "expired", "SYS", "LAPSED"),
        ("ACTIVE_ADULT", "expired", "SYS", "LAPSED"),
        ("LAPSED", "renewed", "ORGANISATION", "ACTIVE"),
        ("LAPSED", "renewed_adult", "ORGANISATION", "ACTIVE_ADULT"),
        ("LAPSED", "long_lapsed", "SYS", "LEFT"),
        ("ACTIVE", "complaint", "SYS SUPERVISOR", "SUSPENDED"),
        ("ACTIVE_ADULT", "complaint", "SYS SUPERVISOR", "SUSPENDED"),
        ("SUSPENDED", "cleared", "COMMISSION", "ACTIVE"),
        ("SUSPENDED", "cleared_adult", "COMMISSION", "ACTIVE_ADULT"),
        ("SUSPENDED", "confirmed", "COMMISSION", "REVOKED"),
        ("ACTIVE", "annual_check_hit", "ORGANISATION", "REVOKED"),
        ("ACTIVE", "leave", "VOLUNTEER", "LEFT"),
        ("ACTIVE_ADULT", "leave", "VOLUNTEER", "LEFT"),
    ),
)

EVENTS: Final[Mapping[str, str]] = {
    "documents_incomplete": "请补材料",
    "documents_complete": "材料已补齐",
    "silent": "30 天未补材料",
    "credential_verified": "资质核实通过",
    "false_document": "材料虚假",
    "request_check": "发起从业查询",
    "adults_only": "只服务成年人，直接面谈",
    "check_clear": "查询无记录",
    "check_hit": "查询命中",
    "interview_pass": "面谈通过",
    "interview_fail": "面谈不通过",
    "training_pass": "培训合格",
    "training_failed": "培训不合格",
    "supervisor_ok": "督导通过，可以上岗",
    "supervisor_ok_adult": "督导通过，只服务成年人",
    "not_suitable": "不适合",
    "expired": "查询或证书到期",
    "renewed": "续期上岗",
    "renewed_adult": "续期，只服务成年人",
    "long_lapsed": "到期超过 180 天",
    "complaint": "投诉或保护信号，立即暂停",
    "cleared": "查清，恢复上岗",
    "cleared_adult": "查清，只服务成年人",
    "confirmed": "查实，撤销资格",
    "annual_check_hit": "年度查询命中",
    "leave": "退出",
}

CREDENTIALS: Final[Mapping[str, str]] = {
    "CR01": "国家心理咨询师（2018 年及以前发证）",
    "CR02": "中国心理学会注册系统",
    "CR03": "中科院心理所基础培训合格证书",
    "CR04": "社会工作师",
    "CR05": "学校心理教师",
    "CR06": "精神科执业医师、心理治疗师",
    "CR07": "律师、法律援助",
    "CR08": "教师、大学生志愿者",
}
CREDENTIAL_LEVELS: Final[Mapping[str, str]] = {
    "CR01": "C",
    "CR02": "A",
    "CR03": "C",
    "CR04": "B",
    "CR05": "A",
    "CR06": "A",
    "CR07": "",
    "CR08": "",
}
"""The level a credential leads to (domain 3.9); level A and B may meet a student of level YELLOW."""

LAST_YEAR_OF_CR01: Final = 2018
DOCS_SILENT: Final = timedelta(days=30)
LAPSED_LONG: Final = timedelta(days=180)
PASS_MARK: Final = 80
TRAINING_PARTS: Final[Mapping[str, str]] = {
    "ethics": "伦理",
    "crisis": "危机识别",
    "minors": "未成年人保护",
    "platform": "平台使用",
}
TRIALS: Final = 2
VOTES: Final[Mapping[str, int]] = {
    "interview_pass": 2,
    "interview_fail": 2,
    "cleared": 3,
    "cleared_adult": 3,
    "confirmed": 3,
}
"""How many different people must say the same before these steps happen."""

ACTOR_ROLES: Final[Mapping[str, frozenset[Role]]] = {
    "REVIEWER": frozenset({Role.REV}),
    "ORGANISATION": frozenset({Role.SCH, Role.CTY, Role.CIT, Role.PRV}),
    "INTERVIEWER": frozenset({Role.EXP, Role.SUP, Role.CIT, Role.PRV, Role.REV}),
    "TRAINER": frozenset({Role.CIT, Role.PRV, Role.SUP}),
    "SUPERVISOR": frozenset({Role.SUP}),
    "COMMISSION": frozenset({Role.SUP, Role.PRV, Role.CIT, Role.REV}),
    "APPLICANT": frozenset({Role.VOL}),
    "VOLUNTEER": frozenset({Role.VOL}),
}
"""Which roles may play which part of the table."""


def actor_for(state: str, event: str, role: Role) -> str | None:
    """Return the part a role plays in a step, or None when the step is not theirs or not listed."""
    for step in MACHINE.steps:
        if (step.source, step.event) == (state, event):
            return next((actor for actor in sorted(step.actors) if role in ACTOR_ROLES.get(actor, ())), None)
    return None


def events_for(state: str, role: Role) -> tuple[str, ...]:
    """Return the events a role may cause in a state, in the order of the table."""
    return tuple(
        step.event for step in MACHINE.steps if step.source == state and actor_for(state, step.event, role) is not None
    )


def sessions_needed(credential: str) -> int:
    """Return how many supervised sessions a volunteer needs before working alone."""
    return 10 if credential in {"CR01", "CR03"} else 3


def training_passed(scores: Mapping[str, int]) -> bool:
    """Tell whether every part of the training reached the pass mark."""
    return all(scores.get(part, 0) >= PASS_MARK for part in TRAINING_PARTS)


def is_expired(state: str, *, last_check: date | None, credential_expiry: date | None, day: date) -> bool:
    """Tell whether a working volunteer must pause: credential over, or (with minors) a check older than a year."""
    if state not in WORKING:
        return False
    if credential_expiry is not None and credential_expiry < day:
        return True
    return state == "ACTIVE" and not check_holds(last_check, day)


REMIND_DAYS: Final = (60, 30, 7)
FOLLOW_UP_DAYS: Final = 7
"""So many days before something ends the reviewer is told as well."""


def reminder_for(days_left: int) -> int:
    """Return which reminder is due so many days before the end: 60, 30 or 7, or 0 when it is none of them."""
    due = [days for days in REMIND_DAYS if 0 <= days_left <= days]
    return min(due, default=0)


def credential_problem(credential: str, issued: date | None, expiry: date | None, day: date) -> str:
    """Return why a credential cannot be accepted, as a sentence; an empty text when it can."""
    if credential == "CR01" and (issued is None or issued.year > LAST_YEAR_OF_CR01):
        return "国家心理咨询师只认 2018 年及以前发的证书，请填写发证日期。"
    if issued is not None and issued > day:
        return "发证日期不能在今天之后。"
    if expiry is not None and expiry < day:
        return "这份证书已经过期，请先续期。"
    return ""
