"""What is submitted about hours: a declaration, a decision, the days of a certificate, why one is revoked."""

from datetime import date, datetime, timedelta
from typing import Any

from app.kit.clock import local_day
from app.kit.forms import Form
from app.sessions.rules_hours import DECLARED_WITHIN, MOST_A_DAY
from app.sessions.service_hours import Declaration
from app.texts.rules import find_contacts

DECISIONS = {"YES": "确认", "NO": "不确认"}
FIRST_DAY = date(2020, 1, 1)


def read_declaration(data: Any, now: datetime) -> Declaration:
    """Read declared time: which day, how long, what was done; no names and no contacts."""
    form = Form.from_request_data(data)
    today = local_day(now)
    day = form.day("day", "日期", earliest=today - DECLARED_WITHIN, latest=today)
    minutes = form.integer("minutes", "时长", min_value=10, max_value=MOST_A_DAY, unit="分钟")
    what = form.text("what", "做了什么", min_len=4, max_len=100)
    for hit in find_contacts(what):
        form.fail("what", f"“{hit.found}”像是联系方式：{hit.advice}")
    form.check()
    assert day is not None
    assert minutes is not None
    return Declaration(day=day, minutes=minutes, what=what)


def read_decision(data: Any) -> tuple[bool, str]:
    """Read whether declared time is confirmed; a refusal says why."""
    form = Form.from_request_data(data)
    decision = form.choice("decision", "结果", DECISIONS)
    reason = form.text("reason", "原因", required=decision == "NO", max_len=120)
    form.check()
    return decision == "YES", reason


def read_days(data: Any, now: datetime) -> tuple[date, date]:
    """Read the first and the last day of a certificate; at most ten years."""
    form = Form.from_request_data(data)
    today = local_day(now)
    first = form.day("first_day", "开始日期", earliest=FIRST_DAY, latest=today)
    last = form.day("last_day", "结束日期", earliest=FIRST_DAY, latest=today)
    if first is not None and last is not None and last < first:
        form.fail("last_day", "结束日期不能早于开始日期。")
    form.check()
    assert first is not None
    assert last is not None
    return first, last


def since_last_year(now: datetime) -> tuple[date, date]:
    """Return the days a certificate is offered for: the year up to today."""
    today = local_day(now)
    return today - timedelta(days=365), today


def read_reason(data: Any) -> str:
    """Read why a certificate is revoked."""
    form = Form.from_request_data(data)
    reason = form.text("reason", "撤销原因", min_len=2, max_len=120)
    form.check()
    return reason
