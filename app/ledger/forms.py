"""What a cadre writes down about help that was given directly."""

from typing import Any

from app.kit.forms import Form
from app.ledger.rules import ROUTES
from app.ledger.service import DirectHelp
from app.texts.rules import find_private


def read_direct(data: Any) -> DirectHelp:
    """Read action, result and route; names, phones and schools have no place in it."""
    form = Form.from_request_data(data)
    action = form.text("action", "做了什么", min_len=4, max_len=300, multiline=True)
    result = form.text("result", "结果怎样", min_len=4, max_len=300, multiline=True)
    route = form.choice("route", "途径", ROUTES)
    for name, words in (("action", action), ("result", result)):
        for hit in find_private(words):
            if hit.blocking:
                form.fail(name, f"“{hit.found}”像是个人信息：{hit.advice}")
    form.check()
    return DirectHelp(action=action, result=result, route=route)
