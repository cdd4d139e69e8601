"""Submitted forms of the wizard: each step read alone, and all of them together at the end."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from app.kit.forms import Form, FormView
from app.kit.wording import yuan
from app.needs.queries import NeedFacts
from app.needs.rules import CATEGORIES, SUBS, URGENCIES
from app.needs.rules_request import CONSENT_METHODS, OFFERED_CONSENTS, TEXT_MOST, TITLE_MOST, NewNeed
from app.people.rules import GENDER_WISHES, LANGUAGES
from app.regions.rules import cities, counties, label

MODES: Final[Mapping[str, str]] = {"ON": "线上文字", "VO": "语音", "VI": "视频", "FF": "见面", "GR": "小组"}
WEEKDAYS: Final = "一二三四五六日"
PERIODS: Final[Mapping[str, tuple[str, int, int]]] = {
    "a": ("上午", 9 * 60, 12 * 60),
    "p": ("下午", 14 * 60, 17 * 60 + 30),
    "e": ("晚上", 19 * 60, 21 * 60),
}
SLOTS: Final[Mapping[str, str]] = {
    f"{day}{code}": f"周{WEEKDAYS[day - 1]}{name}"
    for day in range(1, 8)
    for code, (name, _start, _end) in PERIODS.items()
}
PLACES: Final[Mapping[str, str]] = {
    place.code: label(place.code) for city in cities() for place in (city, *counties(city.code))
}
CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "modes": MODES,
    "languages": LANGUAGES,
    "genders": GENDER_WISHES,
    "slots": SLOTS,
    "places": PLACES,
    "urgencies": URGENCIES,
    "days": {str(day): f"周{name}" for day, name in enumerate(WEEKDAYS, 1)},
    "periods": {code: name for code, (name, _start, _end) in PERIODS.items()},
}
"""Everything step 3 offers to choose from, for its template."""
PEOPLE_KINDS: Final = frozenset({"COUNSEL", "STUDY", "LEGAL", ""})
"""Kinds that a person gives: how to meet, which language, when."""
MOST_BUDGET: Final = 2_000_000
MOST_AMOUNT: Final = 10_000_000
STEP_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "about": ("sub", "student_id", "offer"),
    "words": ("title", "text"),
    "how": (
        "region_code",
        "modes",
        "languages",
        "gender_pref",
        "slots",
        "urgency",
        "budget",
        "move_in",
        "workplace",
        "districts",
        "persons",
        "major",
        "free_from",
        "free_to",
        "hours_week",
        "amount",
    ),
    "check": ("consents", "consent_method"),
}


def read_sub(form: Form, closed: Mapping[str, str]) -> str:
    """Read what it is about; what age or stage closes is answered with the reason."""
    sub = form.choice("sub", "具体事项", SUBS)
    if sub in closed:
        form.fail("sub", closed[sub])
    return sub


def read_words(form: Form) -> tuple[str, str]:
    """Read the title and the text."""
    title = form.text("title", "一句话说明", max_len=TITLE_MOST)
    text = form.text("text", "具体情况", max_len=TEXT_MOST, min_len=5, multiline=True)
    return title, text


def read_wishes(form: Form, kind: str, today: date) -> dict[str, str | int | list[str]]:
    """Read what only one kind of need asks."""
    wishes: dict[str, str | int | list[str] | None] = {}
    if kind == "HOUSE":
        wishes["budget_fen"] = form.yuan("budget", "每月预算", required=False, max_value=MOST_BUDGET)
        move_in = form.day("move_in", "入住日期", required=False, earliest=today)
        wishes["move_in"] = move_in.isoformat() if move_in else None
        wishes["workplace"] = form.choice("workplace", "上班或上学的地方", PLACES, required=False)
        wishes["districts"] = list(form.many("districts", "想住的区县", PLACES, max_items=5))
        wishes["persons"] = form.integer("persons", "住几个人", required=False, min_value=1, max_value=6)
    elif kind == "INTERN":
        wishes["major"] = form.text("major", "专业", required=False, max_len=40)
        start = form.day("free_from", "从哪天起有空", required=False, earliest=today)
        end = form.day("free_to", "到哪天", required=False, earliest=start or today)
        wishes["free_from"] = start.isoformat() if start else None
        wishes["free_to"] = end.isoformat() if end else None
        wishes["hours_week"] = form.integer("hours_week", "每周几小时", required=False, min_value=1, max_value=40)
    return {name: value for name, value in wishes.items() if value not in (None, "", [])}


def read_how(form: Form, values: NewNeed, today: date) -> NewNeed:
    """Read place, manner and times, and what the kind asks; returns the request with them."""
    kind = values.kind
    by_people = kind in PEOPLE_KINDS
    slots = form.many("slots", "方便的时间", SLOTS) if by_people else ()
    return NewNeed(
        student_id=values.student_id,
        sub=values.sub,
        title=values.title,
        text=values.text,
        draft_id=values.draft_id,
        wanted_offer=values.wanted_offer,
        region_code=form.choice("region_code", "所在的区县", PLACES),
        modes=form.many("modes", "沟通方式", MODES) if by_people else (),
        languages=form.many("languages", "语言", LANGUAGES) if by_people else (),
        gender_pref=form.choice("gender_pref", "对方性别", GENDER_WISHES, required=False) or "N",
        slots=tuple((int(code[0]), PERIODS[code[1]][1], PERIODS[code[1]][2]) for code in slots),
        wishes=read_wishes(form, kind, today),
        urgency=form.choice("urgency", "着急程度", URGENCIES, required=False) or "N",
        amount_fen=form.yuan("amount", "大约需要多少钱", required=False, max_value=MOST_AMOUNT)
        if values.category == "EC"
        else None,
    )


def read_consents(form: Form, needed: tuple[str, ...], *, cadre: bool) -> tuple[frozenset[str], str]:
    """Read the purposes ticked and, for a cadre, how they were obtained."""
    ticked = frozenset(form.many("consents", "同意", tuple(OFFERED_CONSENTS)))
    for purpose in needed:
        if purpose not in ticked:
            form.fail("consents", "请看完说明，勾选必需的同意后再提交。")
    method = form.choice("consent_method", "征得同意的方式", CONSENT_METHODS) if cadre else "TAP"
    return ticked, method or "TAP"


def request_of(values: Mapping[str, list[str]], student_id: UUID, draft_id: UUID, today: date) -> tuple[NewNeed, Form]:
    """Read a whole draft; the form holds what is wrong, by field."""
    form = Form({name: list(items) for name, items in values.items()})
    sub = form.choice("sub", "具体事项", SUBS)
    title, text = read_words(form)
    offer = form.raw("offer")
    command = NewNeed(
        student_id=student_id,
        sub=sub,
        title=title,
        text=text,
        region_code="",
        draft_id=draft_id,
        wanted_offer=UUID(offer) if offer else None,
    )
    return read_how(form, command, today), form


def step_of(name: str) -> str:
    """Return the step a field belongs to."""
    return next((step for step, fields in STEP_FIELDS.items() if name in fields), "about")


def view_of(need: NeedFacts) -> FormView:
    """Return what a returned request holds, to be changed and sent again."""
    codes = {(start, end): code for code, (_name, start, end) in PERIODS.items()}
    wishes = need.wishes
    slots = [f"{day}{codes[start, end]}" for day, start, end in need.slots if (start, end) in codes]
    return FormView.of(
        title=need.title,
        text=need.text,
        region_code=need.region_code,
        modes=need.modes,
        languages=need.languages,
        gender_pref=need.gender_pref,
        slots=slots,
        urgency=need.urgency,
        amount=_yuan_text(need.amount_fen),
        budget=_yuan_text(wishes.get("budget_fen")),
        move_in=wishes.get("move_in"),
        workplace=wishes.get("workplace"),
        districts=wishes.get("districts", ()),
        persons=wishes.get("persons"),
        major=wishes.get("major"),
        free_from=wishes.get("free_from"),
        free_to=wishes.get("free_to"),
        hours_week=wishes.get("hours_week"),
    )


def _yuan_text(fen: int | None) -> str | None:
    return None if fen is None else f"{fen / 100:g}"


def summary(command: NewNeed) -> tuple[tuple[str, str], ...]:
    """Return a request in rows of label and value, for a last look."""
    wishes = command.wishes
    rows = [
        ("类别", f"{CATEGORIES[command.category]} · {SUBS[command.sub]}"),
        ("地点", PLACES.get(command.region_code, "")),
        ("沟通方式", "、".join(MODES[mode] for mode in command.modes)),
        ("语言", "、".join(LANGUAGES[language] for language in command.languages)),
        ("对方性别", GENDER_WISHES[command.gender_pref] if command.gender_pref != "N" else ""),
        ("方便的时间", "、".join(_slot_text(slot) for slot in command.slots)),
        ("着急程度", URGENCIES[command.urgency]),
        ("大约需要", yuan(command.amount_fen) if command.amount_fen is not None else ""),
    ]
    budget = wishes.get("budget_fen")
    rows += [
        ("每月预算", yuan(budget) if isinstance(budget, int) else ""),
        ("入住日期", str(wishes.get("move_in", ""))),
        ("想住的区县", "、".join(PLACES[code] for code in _codes(wishes.get("districts")))),
        ("上班或上学的地方", PLACES.get(str(wishes.get("workplace", "")), "")),
        ("住几个人", str(wishes.get("persons", ""))),
        ("专业", str(wishes.get("major", ""))),
        ("有空的日期", " 至 ".join(str(wishes[name]) for name in ("free_from", "free_to") if name in wishes)),
        ("每周几小时", str(wishes.get("hours_week", ""))),
    ]
    return tuple(row for row in rows if row[1])


def _codes(value: object) -> list[str]:
    return [str(code) for code in value] if isinstance(value, list) else []


def _slot_text(slot: tuple[int, int, int]) -> str:
    day, start, _end = slot
    name = next((name for name, begin, _stop in PERIODS.values() if begin == start), "")
    return f"周{WEEKDAYS[day - 1]}{name}"
