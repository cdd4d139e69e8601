"""What a provider submits about its times: the weekly grid, a day off, extra hours."""

import re
from datetime import date, datetime
from typing import Any

from app.kit.clock import local_day
from app.kit.forms import Form
from app.sessions.rules_times import (
    CHANGES,
    CHANGES_AHEAD,
    DAY_MINUTES,
    GRID_CELLS,
    UNIT,
    Change,
    WeeklyTime,
    weekly_of,
)

_CLOCK = re.compile(r"(\d{1,2})[:：.点](\d{2})$")
_HOUR = 24


def read_week(data: Any) -> tuple[tuple[WeeklyTime, ...], bool]:
    """Read the ticked hours of the grid and whether public holidays count as ordinary days."""
    form = Form.from_request_data(data)
    cells = form.many("cell", "时间", GRID_CELLS)
    on_holidays = form.flag("on_holidays")
    form.check()
    return weekly_of(cells), on_holidays


def read_change(data: Any, now: datetime) -> Change:
    """Read a day that differs: the whole day or a stretch that is off, or a stretch that is extra."""
    form = Form.from_request_data(data)
    today = local_day(now)
    day = form.day("day", "日期", earliest=today, latest=today + CHANGES_AHEAD)
    kind = form.choice("kind", "安排", CHANGES)
    extra = kind == "EXTRA"
    start = _minutes(form, "start", "开始时间", required=extra)
    end = _minutes(form, "end", "结束时间", required=extra)
    if start is not None and end is not None and end <= start:
        form.fail("end", "结束时间要晚于开始时间。")
    elif extra and start is not None and end is not None and end - start < UNIT:
        form.fail("end", f"加开的时间至少 {UNIT} 分钟，才够一次预约。")
    form.check()
    assert day is not None
    return Change(day, kind, 0 if start is None else start, DAY_MINUTES if end is None else end)


def read_dropped(data: Any) -> tuple[date, str, int]:
    """Read which change is to be taken back."""
    form = Form.from_request_data(data)
    day = form.day("day", "日期")
    kind = form.choice("kind", "安排", CHANGES)
    start = form.integer("start", "开始时间", min_value=0, max_value=DAY_MINUTES)
    form.check()
    assert day is not None
    return day, kind, start or 0


def _minutes(form: Form, name: str, label: str, *, required: bool) -> int | None:
    text = form.raw(name)
    if not text:
        if required:
            form.fail(name, f"请填写{label}，例如 19:00。")
        return None
    found = _CLOCK.match(text)
    if found is None or int(found.group(1)) > _HOUR or int(found.group(2)) >= 60:  # noqa: PLR2004 - minutes of an hour
        form.fail(name, f"{label}请按 19:00 的样子填写。")
        return None
    minutes = int(found.group(1)) * 60 + int(found.group(2))
    if minutes > DAY_MINUTES:
        form.fail(name, f"{label}不能晚于 24:00。")
        return None
    return minutes
