"""Submitted forms of the crisis desk and of the crisis button."""

from collections.abc import Mapping
from typing import Final

from app.kit.forms import Form
from app.needs.rules import CASE_ONLY, SUBS
from app.needs.rules_request import TEXT_MOST, TITLE_MOST
from app.needs.service_reissue import Reissue
from app.safety.rules import BASES, HISTORY, IDEATION, LEVELS, MEANS, OUTCOMES, PLAN, SERVICES, Assessment
from app.safety.service import CallMe

PRACTICAL_SUBS: Final[Mapping[str, str]] = {
    code: label for code, label in SUBS.items() if not code.startswith("PS") and code not in CASE_ONLY
}


def read_call_me(form: Form) -> CallMe:
    """Read how somebody wants to be reached; nothing is required, and a strange number is kept as typed."""
    return CallMe(form.raw("phone")[:40], form.raw("window")[:60])


def read_assessment(form: Form) -> Assessment:
    """Read a risk assessment."""
    values = Assessment(
        level=form.choice("level", "风险等级", tuple(LEVELS)),
        basis=tuple(form.many("basis", "评估依据", BASES, required=True)),
        ideation=int(form.choice("ideation", "想法", IDEATION) or 0),
        plan=int(form.choice("plan", "计划", PLAN) or 0),
        means=int(form.choice("means", "工具", MEANS) or 0),
        history=int(form.choice("history", "既往", HISTORY) or 0),
        protective=form.text("protective", "保护因素和安全计划", required=False, max_len=1000, multiline=True),
        downgrade_reason=form.text("downgrade_reason", "降级理由", required=False, max_len=300),
        next_review_days=form.integer("next_review_days", "几天后复评", min_value=1, max_value=90) or 1,
    )
    form.check()
    return values


def read_service(form: Form) -> str:
    """Read which number was called."""
    service = form.choice("service", "拨打的电话", SERVICES)
    form.check()
    return service


def read_guardian(form: Form) -> tuple[bool, str]:
    """Read whether a guardian was told, and why not."""
    told = form.choice("told", "是否告知监护人", ("yes", "no")) == "yes"
    reason = form.text("reason", "不告知的理由", required=False, max_len=200)
    if not told and not reason:
        form.fail("reason", "请写明为什么不告知监护人。")
    form.check()
    return told, reason


def read_finish(form: Form) -> tuple[str, str, Reissue | None]:
    """Read how the alert ends: CLEAR or an outcome, a note, and the practical part that may go on after CASE."""
    decision = form.choice("decision", "处理结果", ("CLEAR", *OUTCOMES))
    note = form.text("note", "说明", max_len=500, multiline=True)
    again: Reissue | None = None
    if decision == "CASE" and form.raw("again_sub"):
        again = Reissue(
            form.choice("again_sub", "实际困难的类别", PRACTICAL_SUBS),
            form.text("again_title", "一句话说明", max_len=TITLE_MOST),
            form.text("again_text", "具体困难", max_len=TEXT_MOST, multiline=True),
        )
    form.check()
    return decision, note, again
