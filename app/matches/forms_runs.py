"""What is submitted about runs: what-ifs, supply tasks, and decisions on a pair."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from app.kit.forms import Form
from app.matches.rules_runs import VERDICTS, WHAT_IF_MOST
from app.matches.rules_trials import Question
from app.offers.rules import TYPES
from app.texts.rules import find_private
from matching.codes import SERVICES

REASON_MOST = 200
MOST_WANTED = 9_999


class Decision(msgspec.Struct, frozen=True):
    """A verdict on an offer with its reason."""

    offer_id: UUID
    verdict: str
    reason: str


class Wanted(msgspec.Struct, frozen=True):
    """How many offers of a kind are wanted in a city."""

    city: str
    kind: str
    number: int


def read_question(data: Any, cities: Mapping[str, str], languages: Mapping[str, str]) -> Question:
    """Read a what-if."""
    form = Form.from_request_data(data)
    kind = form.choice("kind", "资源类型", TYPES)
    city = form.choice("city", "城市", cities)
    count = form.integer("count", "数量", min_value=1, max_value=WHAT_IF_MOST)
    spoken = tuple(form.many("languages", "语言", languages))
    form.check()
    assert count is not None
    return Question(kind=kind, city=city, count=count, languages=spoken if kind in set(SERVICES) else ())


def read_wanted(data: Any) -> Wanted:
    """Read a task to find offers."""
    form = Form.from_request_data(data)
    city = form.text("city", "城市", max_len=6)
    kind = form.choice("kind", "资源类型", TYPES)
    number = form.integer("wanted", "需要的数量", min_value=1, max_value=MOST_WANTED)
    form.check()
    assert number is not None
    return Wanted(city, kind, number)


def read_note(data: Any) -> str:
    """Read what came of a task."""
    form = Form.from_request_data(data)
    note = _plain(form, "note", "结果")
    form.check()
    return note


def read_decision(data: Any) -> Decision:
    """Read a verdict on one pair; the reason names no person."""
    form = Form.from_request_data(data)
    verdict = form.choice("verdict", "决定", VERDICTS)
    reason = _plain(form, "reason", "理由")
    typed = form.raw("offer_id")
    offer_id = None
    try:
        offer_id = UUID(typed)
    except ValueError:
        form.fail("offer_id", "请选择一项资源。")
    form.check()
    assert offer_id is not None
    return Decision(offer_id, verdict, reason)


def _plain(form: Form, name: str, label: str) -> str:
    words = form.text(name, label, max_len=REASON_MOST, multiline=True)
    private = [hit for hit in find_private(words) if hit.blocking]
    if private:
        form.fail(name, f"“{private[0].found}”像是个人信息：{private[0].advice}")
    return words
