"""What is submitted about matches: accept with consent, decline with or without a reason, agreements."""

from datetime import UTC, datetime, time
from typing import Any

import msgspec

from app.kit.clock import SHANGHAI
from app.kit.forms import Form
from app.matches.rules import DECLINE_CODES, DISPUTE_DECISIONS


class Decline(msgspec.Struct, frozen=True):
    """A reason code and a few words."""

    code: str = ""
    note: str = ""


class Decision(msgspec.Struct, frozen=True):
    """How a complaint was decided, and why."""

    goes_on: bool
    reason: str


def read_decision(form: Form) -> Decision:
    """Read the decision about a complaint; the reason is for the record."""
    decision = form.choice("decision", "怎么处理", DISPUTE_DECISIONS)
    reason = form.text("reason", "理由", max_len=300, multiline=True)
    form.check()
    return Decision(decision == "GO_ON", reason)


def read_stop(form: Form) -> str:
    """Read why help is stopped."""
    reason = form.text("stop_reason", "停止的理由", max_len=300, multiline=True)
    form.check()
    return reason


def read_complaint(data: Any) -> str:
    """Read what one side complains about."""
    form = Form.from_request_data(data)
    words = form.text("complaint", "发生了什么", max_len=200, multiline=True)
    form.check()
    return words


def read_agree(data: Any) -> bool:
    """Read the tick under the list of what is shared."""
    form = Form.from_request_data(data)
    agreed = form.flag("agree", "我同意把上面列出的信息给对方", required=True)
    form.check()
    return agreed


def read_decline(data: Any, *, required: bool) -> Decline:
    """Read why somebody says no; students need not say."""
    form = Form.from_request_data(data)
    code = form.choice("code", "原因", DECLINE_CODES, required=required)
    note = form.text("note", "补充说明", required=False, max_len=200)
    form.check()
    return Decline(code, note)


class Agreement(msgspec.Struct, frozen=True):
    """What has been agreed so far, and when it begins; `start` None leaves it for later."""

    entries: dict[str, str]
    start: datetime | None


def read_agreement(data: Any, kind: str) -> Agreement:
    """Read the agreement of an internship, a viewing or a sponsorship; what is not there yet may follow later."""
    form = Form.from_request_data(data)
    entries: dict[str, str] = {}
    start: datetime | None = None
    if kind == "INTERN":
        signed = form.day("signed_on", "三方协议签订日期", required=False)
        begins = form.day("start", "实习开始日期", required=False)
        for name in ("school_approved", "guardian_consent", "labour_checklist"):
            entries[name] = "yes" if form.flag(name) else ""
        entries |= {"signed_on": signed.isoformat() if signed else "", "start": begins.isoformat() if begins else ""}
        start = datetime.combine(begins, time(9), SHANGHAI).astimezone(UTC) if begins else None
    elif kind == "HOUSE":
        start = form.moment("viewing_at", "看房时间", required=False)
        entries["viewing_at"] = start.isoformat() if start else ""
    else:
        signed = form.day("signed_on", "资助协议签订日期", required=False)
        entries["foundation"] = form.text("foundation", "经办基金会", required=False, max_len=80)
        entries["guardian_signed"] = "yes" if form.flag("guardian_signed") else ""
        entries["signed_on"] = signed.isoformat() if signed else ""
        start = datetime.combine(signed, time(9), SHANGHAI).astimezone(UTC) if signed else None
    form.check()
    return Agreement(entries, start)
