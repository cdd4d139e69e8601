"""The form of a season: a window as 月-日, a greeting, kinds, and collections one per line."""

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, urlencode

from app.kit.forms import Form, FormView
from app.offers.rules import TYPES
from app.offers.rules_search import Season

_DAY: Final = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?$")
_MOST: Final = 8
_LEAP: Final = 2028


def filled(season: Season) -> FormView:
    """Return the form of a season as it is."""
    return FormView.of(
        title=season.title,
        lead=season.lead,
        first=f"{season.first // 100}-{season.first % 100}",
        last=f"{season.last // 100}-{season.last % 100}",
        kinds=season.kinds,
        collections="\n".join(f"{label} {query}" for label, query in season.collections),
        active="yes" if season.active else "",
    )


def read(form: Form, code: str) -> Season:
    """Return the season somebody filled in, or raise FormInvalid."""
    title = form.text("title", "名称", max_len=20)
    lead = form.text("lead", "一句话", max_len=60)
    first, last = _day(form, "first"), _day(form, "last")
    kinds = form.many("kinds", "优先类型", TYPES, required=False)
    collections = _collections(form)
    form.check()
    return Season(
        code=code,
        title=title,
        lead=lead,
        first=first,
        last=last,
        kinds=tuple(kinds),
        collections=collections,
        active=form.flag("active"),
    )


def _day(form: Form, name: str) -> int:
    match = _DAY.match(form.raw(name))
    try:
        day = date(_LEAP, int(match[1]), int(match[2])) if match else None
    except ValueError:
        day = None
    if day is None:
        form.fail(name, "请写成“月-日”，例如 8-15。")
        return 0
    return day.month * 100 + day.day


def _collections(form: Form) -> tuple[tuple[str, str], ...]:
    """Return the collections: a name, a blank, and what follows the question mark of a list's address."""
    found: list[tuple[str, str]] = []
    for line in form.raw("collections").splitlines():
        label, _, query = line.strip().partition(" ")
        if not label:
            continue
        pairs = parse_qsl(query.strip().rpartition("?")[2])
        if not pairs or len(label) > 12:  # noqa: PLR2004 - a button holds twelve characters
            form.fail("collections", f"“{label[:12]}”后面请空一格，再贴上列表网址里问号后面的部分。")
            continue
        found.append((label, urlencode(pairs)))
    return tuple(found[:_MOST])
