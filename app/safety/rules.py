"""Levels, clocks and conditions of the crisis desk (domain 3.4, 10, 12.1)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from app.safety.errors import (
    AssessFirst,
    ContactFirst,
    DowngradeReason,
    DowngradeRefused,
    GuardianUndecided,
    TooHighToClose,
)


class Level(msgspec.Struct, frozen=True):
    """One level of risk: never a bare number, always colour, label and definition."""

    code: str
    label: str
    definition: str
    action: str
    tone: str


LEVELS: Final[Mapping[str, Level]] = {
    level.code: level
    for level in (
        Level(
            "RED",
            "红色 · 一级（极高）",
            "正在或刚刚发生自伤、自杀或伤人行为；或有明确意图，并有三天内的计划或工具；或未成年人正处于危险中。",
            "马上联系，必要时拨打 110/120，不让同学独处，告知监护人（疑似伤害者除外），走绿色通道就医。",
            "bad",
        ),
        Level(
            "ORANGE",
            "橙色 · 二级（高）",
            "有自杀想法，并有一周左右的计划；或有想法并有强风险因素；或有非自杀性自伤。",
            "当天由专业人员评估，告知监护人，安排转介。",
            "wait",
        ),
        Level(
            "YELLOW",
            "黄色 · 三级（中）",
            "有消极想法但没有计划；或状态明显下降。",
            "约心理教师，定计划并回访。",
            "wait",
        ),
        Level("BLUE", "蓝色 · 四级（关注）", "有烦恼或现实困难，没有危险征象。", "重点联系，正常办理求助。", "calm"),
        Level("NONE", "无", "没有发现风险。", "一般教育。", "neutral"),
    )
}
RANK: Final = ("NONE", "BLUE", "YELLOW", "ORANGE", "RED")
SEVERITIES: Final[Mapping[str, str]] = {
    "S1": "明确危险（红色候选）",
    "S2": "消极想法或自伤（橙色候选）",
    "AB": "疑似受到侵害",
}
SOURCES: Final[Mapping[str, str]] = {
    "TEXT": "文字",
    "BUTTON": "求助按钮",
    "SCREEN_ITEM": "筛查",
    "CARE_URGENT": "紧急上报",
    "CASE": "个案",
    "CALL": "来电",
}
SERVICES: Final[Mapping[str, str]] = {"110": "110 报警", "120": "120 急救", "12356": "12356 心理援助"}
OUTCOMES: Final[Mapping[str, str]] = {"FALSE": "没有危险", "SUPPORT": "已支持", "CASE": "转个案", "HOSPITAL": "已送医"}
BASES: Final[Mapping[str, str]] = {
    "TEXT": "文字",
    "CALL": "电话",
    "INTERVIEW": "面谈",
    "REPORT": "他人反映",
    "SCALE": "量表",
}
IDEATION: Final = {"0": "没有", "1": "偶尔闪过", "2": "经常有", "3": "强烈"}
PLAN: Final = {"0": "没有", "1": "模糊", "2": "具体", "3": "有时间地点"}
MEANS: Final = {"0": "没有", "1": "容易得到", "2": "已经准备"}
HISTORY: Final = {"0": "没有", "1": "有过自伤或想法", "2": "有过尝试"}

ACKNOWLEDGE_WITHIN: Final = timedelta(minutes=5)
CONTACT_WITHIN: Final = timedelta(minutes=15)
GUARDIAN_WITHIN: Final = timedelta(minutes=30)
ESCALATIONS: Final = (timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
"""After each of these without an owner the alert rings one circle further: supervisor and city, then province."""
HIGH: Final = frozenset({"RED", "ORANGE"})
ADULT_BANDS: Final = frozenset({"A4", "A5"})


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A qualified human's judgement, as filled in."""

    level: str
    basis: tuple[str, ...]
    ideation: int = 0
    plan: int = 0
    means: int = 0
    history: int = 0
    protective: str = ""
    downgrade_reason: str = ""
    next_review_days: int = 1


def is_downgrade(previous: str, level: str) -> bool:
    """Tell whether a level is lower than the one before."""
    return bool(previous) and RANK.index(level) < RANK.index(previous)


def check_downgrade(previous: str, assessment: Assessment, *, qualified: bool) -> None:
    """Refuse a lower level without a qualified role or without a reason (domain 3.4)."""
    if not is_downgrade(previous, assessment.level):
        return
    if not qualified:
        raise DowngradeRefused
    if not assessment.downgrade_reason.strip():
        raise DowngradeReason(field="downgrade_reason")


def check_may_finish(
    *, contacted: bool, level: str, outcome: str, band: str, guardian_settled: bool, severity: str
) -> None:
    """Refuse to close an alert before contact, assessment and, for red and orange minors, a word about the guardian."""
    if not contacted:
        raise ContactFirst
    if not level:
        raise AssessFirst
    if level in HIGH:
        if outcome in {"FALSE", "SUPPORT"}:
            raise TooHighToClose
        minor = band not in ADULT_BANDS and band != ""
        if minor and not guardian_settled and severity != "AB":
            raise GuardianUndecided


def circles_due(waited: timedelta) -> int:
    """Return how many circles an alert without an owner must have reached by now."""
    return sum(waited >= after for after in ESCALATIONS)
