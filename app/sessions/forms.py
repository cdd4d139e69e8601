"""What is submitted about sessions: a time, a record, feedback."""

from datetime import UTC, datetime
from typing import Any

from app.kit.forms import Form
from app.sessions.rules import RISK_LEVELS, SCORES, TAGS
from app.sessions.service import Record
from app.sessions.service_feedback import Opinion
from app.sessions.service_steps import Booking
from app.texts.rules import find_contacts, find_diagnosis

MODES = {"ON": "线上文字", "VO": "语音", "VI": "视频", "FF": "面谈", "GR": "团体"}


def read_booking(data: Any) -> tuple[Booking, bool]:
    """Read a free time that was chosen (`slot`), or a time of one's own (`own`); the flag tells which."""
    form = Form.from_request_data(data)
    start = _slot(form.raw("slot"))
    own = start is None
    if start is None:
        start = form.moment("own", "时间")
    mode = form.choice("mode", "方式", MODES)
    place = form.text("place", "地点", required=mode in {"FF", "GR"}, max_len=120)
    link = form.text("link", "线上会议的链接或号码", required=False, max_len=200)
    form.check()
    assert start is not None
    return Booking(start=start, mode=mode, place=place, link=link), own


def _slot(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def read_record(data: Any) -> Record:
    """Read the record of a session; words of diagnosis are pointed out once and need a second confirmation."""
    form = Form.from_request_data(data)
    note = form.text("note", "过程记录", max_len=2000, multiline=True)
    result = form.text("result", "给同学看的小结", max_len=300, multiline=True)
    minutes = form.integer("minutes", "服务时长", min_value=5, max_value=300, unit="分钟")
    risk = form.choice("risk_after", "服务后的状态", RISK_LEVELS)
    plan = form.text("next_plan", "下一步", required=False, max_len=300)
    anyway = form.flag("anyway")
    for name, words in (("note", note), ("result", result)):
        found = find_diagnosis(words)
        if found and not (anyway and name == "note"):
            form.fail(name, f"“{found[0].found}”是诊断用语：{found[0].advice}")
    form.check()
    return Record(note=note, result=result, minutes=minutes or 0, risk_after=risk, next_plan=plan)


def read_note(data: Any) -> str:
    """Read a private note; words of diagnosis are pointed out once and need a second confirmation."""
    form = Form.from_request_data(data)
    note = form.text("note", "私人记录", max_len=2000, multiline=True)
    found = find_diagnosis(note)
    if found and not form.flag("anyway"):
        form.fail("note", f"“{found[0].found}”是诊断用语：{found[0].advice}")
    form.check()
    return note


def read_result(data: Any) -> str:
    """Read the result of the whole match, as the student will read it."""
    form = Form.from_request_data(data)
    result = form.text("result", "办理结果", max_len=300, min_len=4, multiline=True)
    for hit in find_diagnosis(result):
        form.fail("result", f"“{hit.found}”是诊断用语：{hit.advice}")
    form.check()
    return result


def read_opinion(data: Any) -> Opinion:
    """Read one side's feedback; contact details do not belong in it."""
    form = Form.from_request_data(data)
    score = form.choice("score", "评分", SCORES)
    tags = form.many("tags", "印象", TAGS, max_items=4)
    text = form.text("text", "想说的话", required=False, max_len=300, multiline=True)
    complaint = form.flag("complaint")
    for hit in find_contacts(text):
        form.fail("text", f"“{hit.found}”像是联系方式：{hit.advice}")
    form.check()
    return Opinion(score=int(score), tags=tags, text=text, complaint=complaint)
