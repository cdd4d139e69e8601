"""Matches: the state machine of domain 6.3, decline codes and time limits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
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

SERVICE_KINDS: Final = frozenset({"COUNSEL", "STUDY", "LEGAL"})
"""Kinds that take place in booked sessions; the others begin with an agreement or a viewing."""

ORIGINS: Final[Mapping[str, str]] = {"AUTO": "系统推荐", "STUDENT": "学生自选", "CADRE": "团干部推荐"}
PART_LABELS: Final[Mapping[str, str]] = {
    "topic": "内容对口",
    "availability": "时间合适",
    "distance": "距离",
    "language": "语言",
    "load": "名额",
    "fairness": "近期安排",
    "quality": "以往评价",
}
SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "COUNSEL": ("name", "phone", "window"),
    "STUDY": ("name", "phone", "window"),
    "LEGAL": ("name", "phone", "window"),
    "INTERN": ("name", "phone", "school", "major"),
    "HOUSE": ("name", "phone"),
    "SPONSOR": (),
}
"""What the provider gets to know once both sides have confirmed; a sponsor never gets to know who it is."""

SHARED_LABELS: Final[Mapping[str, str]] = {
    "name": "姓名",
    "phone": "手机号",
    "window": "方便联系的时间",
    "school": "学校",
    "major": "专业",
}
PURPOSE_OF_KIND: Final[Mapping[str, str]] = {"SPONSOR": "P07"}
ADULT: Final = 18
WORK_FROM: Final = 16

AGREEMENT_LABELS: Final[Mapping[str, str]] = {
    "signed_on": "协议签订日期",
    "school_approved": "学校同意",
    "guardian_consent": "监护人书面同意",
    "labour_checklist": "未成年工保护清单",
    "start": "开始日期",
    "viewing_at": "看房时间",
    "foundation": "经办基金会",
    "guardian_signed": "监护人签字",
}


def purpose_for(kind: str) -> str:
    """Return the consent under which a provider of this kind is told who the student is."""
    return PURPOSE_OF_KIND.get(kind, "P06")


def agreement_missing(kind: str, age: int, agreement: Mapping[str, object]) -> tuple[str, ...]:
    """Return in words what still stands between a confirmed match and its beginning (domain 6.3, J03)."""
    if kind == "INTERN":
        needed = ["signed_on", "start", "school_approved"]
        if age < ADULT:
            needed += ["guardian_consent", "labour_checklist"]
    elif kind == "HOUSE":
        needed = ["viewing_at"]
    elif kind == "SPONSOR":
        needed = ["signed_on", "foundation"]
        if age < ADULT:
            needed.append("guardian_signed")
    else:
        needed = []
    return tuple(AGREEMENT_LABELS[name] for name in needed if not agreement.get(name))


def may_cancel(state: str, next_at: datetime | None, now: datetime) -> bool:
    """Tell whether there is time left to cancel: two hours before a booked meeting, always before booking."""
    return state != "SCHEDULED" or next_at is None or next_at - now >= CANCEL_BEFORE


def counts_as_absent(next_at: datetime | None, now: datetime) -> bool:
    """Tell whether a person is absent: a quarter of an hour after the appointed time, to the second."""
    return next_at is not None and now >= next_at + ABSENT_AFTER


def deadline_for(state: str, now: datetime) -> datetime | None:
    """Return until when the other side may answer in a state, or None."""
    if state in {"PROPOSED", "P_ACCEPTED"}:
        return now + STUDENT_ANSWERS_WITHIN
    return now + PROVIDER_ANSWERS_WITHIN if state == "S_ACCEPTED" else None


def contact_open(state: str, ended_at: datetime | None, now: datetime) -> bool:
    """Tell whether contact details show: while the pair holds its place, and 30 days after it was completed."""
    if state in HOLDS_PLACE:
        return True
    return state == "COMPLETED" and ended_at is not None and now < ended_at + KEEP_CONTACT_AFTER_END


OPEN_STATES: Final = frozenset({"PROPOSED", "S_ACCEPTED", "P_ACCEPTED"})
"""States that wait for somebody's answer."""

FACT_OF_STATE: Final[Mapping[str, str]] = {
    "S_ACCEPTED": "match.s_accepted",
    "P_ACCEPTED": "match.p_accepted",
    "CONFIRMED": "match.confirmed",
    "SCHEDULED": "match.scheduled",
    "IN_PROGRESS": "match.started",
    "COMPLETED": "match.completed",
    "S_DECLINED": "match.declined",
    "P_DECLINED": "match.declined",
    "LAPSED": "match.lapsed",
    "CANCELLED": "match.cancelled",
    "NO_SHOW_S": "match.no_show",
    "NO_SHOW_P": "match.no_show",
    "TERMINATED": "match.terminated",
    "DISPUTED": "match.disputed",
}

STOPPABLE: Final = frozenset({"SCHEDULED", "IN_PROGRESS"})
"""States in which the crisis desk may stop the help for safety."""

DISPUTE_DECISIONS: Final[Mapping[str, str]] = {"GO_ON": "已查清，继续服务", "END": "终止这次对接，为同学另找"}

ENDED_REASONS: Final[Mapping[str, str]] = {
    "no_answer": "没有在时限内回复",
    "other_chosen": "已选择其他资源",
    "offer_gone": "这一项已不再开放",
    "no_place": "名额已满",
    "age": "年龄不再符合这一项的条件",
    "consent": "授权已撤回",
    "need_withdrawn": "求助已撤回",
    "need_closed": "求助已办结",
    "elsewhere": "已由其他方式办理",
    "provider_revoked": "提供方已停止服务",
    "cancelled_s": "学生取消",
    "cancelled_p": "供方取消",
    "no_show": "没有见上面",
    "replaced": "换一位",
}
"""Why a match ended, as a code in `ended_reason`; both sides see only these neutral words."""

_STOPS: Final[Mapping[str, tuple[str, str]]] = {
    "PROPOSED": ("offer_gone", "SYS"),
    "P_ACCEPTED": ("no_answer", "SYS"),
    "NO_SHOW_S": ("close", "SYS"),
    "NO_SHOW_P": ("replace", "SYS"),
}
_SAFEGUARD: Final = dict.fromkeys(
    ("S_ACCEPTED", "P_ACCEPTED", "CONFIRMED", "SCHEDULED", "IN_PROGRESS"), ("safeguard", "SYS")
)
ENDINGS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "other_chosen": {**_STOPS, "S_ACCEPTED": ("no_answer", "SYS")},
    "offer_gone": {"PROPOSED": ("offer_gone", "SYS")},
    "age": {"PROPOSED": ("offer_gone", "SYS")},
    "consent": {
        **_STOPS,
        **dict.fromkeys(("S_ACCEPTED", "CONFIRMED", "SCHEDULED", "IN_PROGRESS"), ("consent_withdrawn", "STUDENT")),
    },
    "need_withdrawn": {
        **_STOPS,
        "S_ACCEPTED": ("consent_withdrawn", "STUDENT"),
        "CONFIRMED": ("cancel", "STUDENT"),
        "SCHEDULED": ("cancel", "STUDENT"),
        "IN_PROGRESS": ("consent_withdrawn", "STUDENT"),
    },
    "need_closed": {**_STOPS, "S_ACCEPTED": ("no_answer", "SYS")},
    "elsewhere": {**_STOPS, **_SAFEGUARD},
    "provider_revoked": {**_STOPS, **_SAFEGUARD},
}
"""For each cause from outside: by which event a match in each state ends; a state that is not named stays."""
