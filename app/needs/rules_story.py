"""What happened to a request, in sentences: what was done, what comes next, and by when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from app.kit.clock_work import after_working_days
from app.needs.rules import CONFIRM_WITHIN, NO_SUPPLY_AFTER, REVIEW_WORKING_DAYS, SUPPLY_TASK_WORKING_DAYS

STATE_WORDS: Final[Mapping[str, str]] = {
    "DRAFT": "草稿",
    "SUBMITTED": "已提交",
    "RISK_HOLD": "老师正在看",
    "REVIEW": "审核中",
    "RETURNED": "请补充",
    "OPEN": "正在找合适的帮助",
    "MATCHED": "已对接",
    "IN_SERVICE": "正在帮助",
    "TO_CONFIRM": "等你确认",
    "SOLVED": "已解决",
    "UNSOLVED": "未解决，已说明",
    "WITHDRAWN": "已撤回",
    "MERGED": "已合并",
    "EXPIRED": "暂时没有找到",
    "TO_CASE": "由老师专门跟进",
}
"""How the person who asked reads a state; never a word such as risk or hold."""
STATE_TONES: Final[Mapping[str, str]] = {
    "RISK_HOLD": "calm",
    "REVIEW": "wait",
    "RETURNED": "wait",
    "OPEN": "go",
    "MATCHED": "go",
    "IN_SERVICE": "go",
    "TO_CONFIRM": "wait",
    "SOLVED": "good",
    "TO_CASE": "calm",
}
_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "submit": ("你提交了求助", "我们已经收好。"),
    "risk_found": ("有老师在看", "老师会先和你联系，求助不会丢。"),
    "cleared": ("老师联系过了", "求助继续往下走。"),
    "open_case": ("由老师专门跟进", "有专业老师负责到底。"),
    "approve": ("审核通过", "已经开始找合适的帮助。"),
    "return": ("请补充一下", ""),
    "route_to_case": ("由老师专门跟进", "这类事情由专业老师接手，不会公开。"),
    "merge_duplicate": ("合并到较早的一条", "两条说的是同一件事，时间按最早的算。"),
    "resubmit": ("你重新提交了", ""),
    "match_confirmed": ("双方都同意了", "可以看到对方的联系方式，约个时间吧。"),
    "solved_directly": ("老师报告已经解决", ""),
    "no_supply": ("暂时没有找到合适的资源", ""),
    "service_started": ("帮助开始了", ""),
    "match_ended": ("这次对接结束了", "不是你的问题，我们优先再找一位。"),
    "goal_reached": ("对方报告已经完成", ""),
    "provider_lost": ("对方没能继续", "抱歉，我们优先再找一位。"),
    "confirm": ("你确认已经解决", "真好。"),
    "not_solved": ("你说还没有解决", "我们再看一遍，重新找办法。"),
    "no_answer": ("没有收到你的确认", "先按“未确认”办结，不算解决；需要时可以再提交。"),
    "close_unsolvable": ("暂时解决不了", ""),
    "withdraw": ("你撤回了求助", "需要时随时可以再来。"),
}
_WITH_REASON: Final = frozenset({"return", "no_supply", "close_unsolvable", "solved_directly", "goal_reached"})
_SILENT: Final = frozenset({"checks_passed"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline; `by` is the moment until which the next step is expected."""

    title: str
    text: str = ""
    state: Literal["done", "now", "next"] = "done"
    at: datetime | None = None
    by: datetime | None = None


class Moment(msgspec.Struct, frozen=True):
    """One row of the state history."""

    event: str
    reason: str
    at: datetime


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """When the present state began, as far as timers need it."""

    review_since: datetime | None = None
    opened_at: datetime | None = None
    confirm_since: datetime | None = None
    proposed: bool = False


def _now(title: str, text: str, by: datetime | None = None) -> Entry:
    return Entry(title=title, text=text, state="now", by=by)


def _next(title: str, text: str) -> Entry:
    return Entry(title=title, text=text, state="next")


_AHEAD: Final[Mapping[str, tuple[Entry, ...]]] = {
    "RISK_HOLD": (
        _now("老师正在看你写的话", "老师会先和你说说话。着急时现在就可以打 12355，有危险打 110 或 120。"),
        _next("继续办理你的求助", "你的求助我们已经收好。"),
    ),
    "RETURNED": (_now("等你补充", "改好以后重新提交，我们接着办。"),),
    "MATCHED": (_now("约时间", "请和对方约一个都方便的时间。"), _next("开始帮助", "")),
    "IN_SERVICE": (
        _now("正在帮助", "有任何不舒服，都可以停下来告诉我们。"),
        _next("请你确认", "完成以后由你来说解决了没有。"),
    ),
    "TO_CASE": (_now("老师跟进中", "有老师会与你联系，请留意电话。着急时拨打 12355。"),),
}


def told(history: Iterable[Moment]) -> list[Entry]:
    """Return what has happened, oldest first, in sentences."""
    entries: list[Entry] = []
    for moment in history:
        if moment.event in _SILENT:
            continue
        title, text = _DONE[moment.event]
        if moment.event in _WITH_REASON and moment.reason:
            text = moment.reason
        entries.append(Entry(title=title, text=text, at=moment.at))
    return entries


def ahead(state: str, clocks: Clocks, now: datetime) -> list[Entry]:
    """Return what is going on now and what comes next, each with its time; nothing when it is over."""
    if state in {"REVIEW", "SUBMITTED"}:
        by = after_working_days(clocks.review_since or now, REVIEW_WORKING_DAYS)
        late = "审核比平时慢，已经提醒上一级。" if by < now else "老师会在一个工作日内看完。"
        return [_now("老师正在审核", late, by), _next("找合适的帮助", "通过以后马上开始，找到就通知你。")]
    if state == "OPEN":
        return _while_open(clocks, now)
    if state == "TO_CONFIRM":
        by = (clocks.confirm_since or now) + CONFIRM_WITHIN
        return [_now("请你确认", "解决了，还是还没有？由你说了算。", by)]
    return list(_AHEAD.get(state, ()))


def _while_open(clocks: Clocks, now: datetime) -> list[Entry]:
    opened = clocks.opened_at or now
    if clocks.proposed:
        return [_now("请看看给你的推荐", "不合适就谢绝，会接着找下一位。"), _next("对方回复", "对方一般两天内回复。")]
    by = after_working_days(opened, SUPPLY_TASK_WORKING_DAYS)
    if by >= now:
        text = "系统正在按你的要求找，一天内没有就扩大范围。"
        return [_now("正在找合适的帮助", text, by), _next("你来选", "有了推荐会通知你，接受或谢绝都由你定。")]
    text = "还没有找到，已经请县区和市里的老师一起找。"
    return [_now("老师在帮忙找", text, opened + NO_SUPPLY_AFTER), _next("给你一个说法", "三十天内一定答复。")]


def actions(state: str, part: str) -> tuple[str, ...]:
    """Return the verbs a person may use now; `part` is STUDENT, GUARDIAN, or AUTHOR for the cadre who posted it."""
    found: list[str] = []
    if state == "RETURNED":
        found.append("resubmit")
    if part in {"STUDENT", "GUARDIAN"}:
        if state == "TO_CONFIRM":
            found += ["confirm", "not_solved"]
        if state in {"SUBMITTED", "REVIEW", "RETURNED", "OPEN", "MATCHED", "IN_SERVICE"}:
            found.append("withdraw")
    return tuple(found)
