"""How a kind of offer describes its terms: fields that make the form, read it, fill it again and show it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from app.kit import wording
from app.kit.reading import (
    Unreadable,
    plain,
    read_area,
    read_choices,
    read_day,
    read_hours,
    read_int,
    read_yesno,
    read_yuan_fen,
)
from app.kit.reading_slots import WeeklySlot, read_weekly_slots
from app.offers.rules_legality import Finding, ListingFacts

FieldType = Literal[
    "text", "textarea", "int", "yuan", "day", "choice", "many", "yesno", "slots", "address", "area", "hours"
]

SHORTEST_SLOT: Final = 50
"""A session lasts 50 minutes (domain 7.4); a shorter weekly time cannot hold one."""

ALL_STAGES: Final = (
    ("JH", "初中"),
    ("SH", "普通高中"),
    ("SV", "中职/技工"),
    ("HV", "高职高专"),
    ("UG", "本科"),
    ("PG", "研究生"),
    ("GR", "离校2年内毕业生"),
)
MODES: Final = (("ON", "线上文字"), ("VO", "语音"), ("VI", "视频"), ("FF", "面谈"), ("GR", "团体"))
LANGUAGES: Final = (
    ("PTH", "普通话"),
    ("YUE", "粤语"),
    ("HAK", "客家话"),
    ("NAN", "潮汕话"),
    ("ENG", "英语"),
    ("SGN", "手语"),
)

Choices = tuple[tuple[str, str], ...]
Values = Mapping[str, Sequence[str]]
Line = tuple[str, str]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The typed terms of one kind of offer; stored as JSON, money in fen."""

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a JSONB column."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of the form; `low` and `high` are in the unit the person types (yuan, hours, square metres)."""

    name: str
    label: str
    type: FieldType
    step: str
    help: str = ""
    required: bool = True
    unit: str = ""
    low: int | None = None
    high: int | None = None
    max_len: int = 200
    choices: Choices = ()
    words: Mapping[str, str] | None = None
    only_if: tuple[str, tuple[str, ...]] | None = None

    def label_of(self, code: str) -> str:
        """Return the Chinese label of a choice."""
        return dict(self.choices).get(code, code)

    def read(self, given: Sequence[object]) -> Any:
        """Read the non-blank values of this field, form strings or a sheet cell alike; may raise Unreadable."""
        return _READERS.get(self.type, _read_text)(self, given)

    def knows(self, text: str) -> bool:
        """Tell whether a text names one of the choices."""
        return any(word.lower() in text.lower() for word in (*dict(self.choices).values(), *(self.words or ())))

    def applies(self, values: Values) -> bool:
        """Tell whether the question is asked, given the other answers."""
        if self.only_if is None:
            return True
        name, codes = self.only_if
        return any(value in codes for value in values.get(name, ()))


class Parsed(msgspec.Struct, frozen=True):
    """What reading a form gave: terms when all is well, or a sentence for each field that is not."""

    terms: Any
    errors: Mapping[str, str]


class Card(msgspec.Struct, frozen=True):
    """What a grid shows of an offer: one line about pay or price, and up to three chips."""

    line: str
    chips: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of offer: its terms, its form, its legality, and how it is shown, filtered and matched."""

    code: str
    slug: str
    label: str
    lead: str
    provider_types: tuple[str, ...]
    age_min: int
    capacity_label: str
    verified_days: int
    reviewers: int
    terms_type: type[Any]
    fields: tuple[Field, ...]
    judge: Callable[[Any, tuple[str, ...], ListingFacts], tuple[Finding, ...]]
    facets: Callable[[Any], dict[str, Any]]
    card: Callable[[Any], Card]
    features: Callable[[Any], dict[str, Any]]
    price_fen: Callable[[Any], int | None]
    capacity: Callable[[Any], int]
    together: Callable[[Any], dict[str, str]] = lambda _terms: {}
    more_lines: Callable[[Any], Sequence[Line]] = lambda _terms: ()

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the titles of the form's steps in order."""
        return tuple(dict.fromkeys(field.step for field in self.fields))

    def field(self, name: str) -> Field:
        """Return the field of a name."""
        return next(field for field in self.fields if field.name == name)

    def parse(self, values: Values) -> Parsed:
        """Read a submitted form into terms, or into one Chinese sentence per field."""
        read, errors = read_fields(self.fields, values)
        if errors:
            return Parsed(None, errors)
        terms = self.terms_type(**read)
        crossed = self.together(terms)
        return Parsed(None, crossed) if crossed else Parsed(terms, {})

    def legality(self, terms: Any, texts: Sequence[str], facts: ListingFacts) -> tuple[Finding, ...]:
        """Judge terms and texts (title, description); blocking findings come first."""
        found = self.judge(terms, tuple(texts), facts)
        return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.severity != "block"))

    def from_json(self, stored: Mapping[str, Any]) -> Any:
        """Return terms from what a JSONB column holds."""
        return msgspec.convert(stored, self.terms_type)

    def fill(self, terms: Any) -> dict[str, list[str]]:
        """Return form values that read back to the same terms, to edit an offer."""
        return {field.name: written(field, getattr(terms, field.name)) for field in self.fields}

    def summary(self, terms: Any) -> tuple[Line, ...]:
        """Return all terms that are known as Chinese label and value."""
        lines = tuple(
            (field.label, shown_value(field, value))
            for field in self.fields
            if (value := getattr(terms, field.name)) not in (None, "", ())
        )
        return (*lines, *self.more_lines(terms))


def read_fields(fields: Sequence[Field], values: Values) -> tuple[dict[str, Any], dict[str, str]]:
    """Read every field; return values by name and a sentence for each that could not be read."""
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        given = [value for value in values.get(field.name, ()) if plain(value)] if field.applies(values) else []
        if not given:
            read[field.name] = empty(field)
            if field.required and field.applies(values):
                errors[field.name] = _ask(field)
            continue
        try:
            read[field.name] = field.read(given)
        except Unreadable as trouble:
            errors[field.name] = trouble.said
    return read, errors


def _ask(field: Field) -> str:
    if field.type == "many":
        return f"请至少选择一项{field.label}。"
    return f"请选择{field.label}。" if field.type in ("choice", "yesno") else f"请填写{field.label}。"


def empty(field: Field) -> Any:
    """Return what stands for an unanswered field."""
    if field.type in ("many", "slots"):
        return ()
    return "" if field.type in ("text", "textarea", "address") else None


def _period(field: Field) -> Literal["", "month", "year"]:
    return "month" if field.unit == "元/月" else "year" if field.unit == "元/年" else ""


def _bounded(field: Field, value: int, scale: int, write: Callable[[int], str]) -> int:
    if field.low is not None and value < field.low * scale:
        raise Unreadable(f"{field.label}不能小于 {write(field.low * scale)}。", code="out_of_range")
    if field.high is not None and value > field.high * scale:
        raise Unreadable(f"{field.label}不能大于 {write(field.high * scale)}，请核对。", code="out_of_range")
    return value


def _long_enough(slots: tuple[WeeklySlot, ...]) -> tuple[WeeklySlot, ...]:
    for slot in slots:
        if slot.end - slot.start < SHORTEST_SLOT:
            raise Unreadable(f"“{slot.label}”太短，一次服务至少 {SHORTEST_SLOT} 分钟。", code="not_a_time")
    return slots


def _read_codes(field: Field, given: Sequence[object]) -> str | tuple[str, ...]:
    codes = dict(field.choices)
    words = {label: code for code, label in field.choices} | dict(field.words or {})
    found: list[str] = []
    for value in given:
        text = plain(value)
        found += [text] if text in codes else read_choices(value, words, tuple(codes.values()))
    return tuple(dict.fromkeys(found)) if field.type == "many" else found[0]


def _read_text(field: Field, given: Sequence[object]) -> str:
    value = given[0]
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", value if isinstance(value, str) else plain(value)).strip()
    if len(text) > field.max_len:
        raise Unreadable(f"{field.label}最多 {field.max_len} 个字，现在是 {len(text)} 个字，请精简。", code="too_long")
    return text


def _read_money(field: Field, given: Sequence[object]) -> int:
    return _bounded(field, read_yuan_fen(given[0], per=_period(field)), 100, wording.yuan)


def _read_area(field: Field, given: Sequence[object]) -> int:
    return _bounded(field, read_area(given[0]), 10, _square_metres)


def _read_hours(field: Field, given: Sequence[object]) -> int:
    return _bounded(field, read_hours(given[0]), 60, _hours)


def _read_slots(_field: Field, given: Sequence[object]) -> tuple[WeeklySlot, ...]:
    return _long_enough(read_weekly_slots("；".join(plain(value) for value in given)))


def _square_metres(area: int) -> str:
    return f"{area / 10:g} 平方米"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:g} 小时"


def _yuan_digits(fen: int) -> str:
    return str(fen // 100) if fen % 100 == 0 else f"{fen / 100:.2f}"


_READERS: Final[Mapping[str, Callable[[Field, Sequence[object]], Any]]] = {
    "int": lambda field, given: read_int(given[0], low=field.low, high=field.high),
    "yuan": _read_money,
    "area": _read_area,
    "hours": _read_hours,
    "day": lambda _field, given: read_day(given[0]),
    "yesno": lambda _field, given: read_yesno(given[0]),
    "slots": _read_slots,
    "choice": _read_codes,
    "many": _read_codes,
}


def _slots_text(slots: Sequence[WeeklySlot]) -> str:
    return "；".join(slot.label for slot in slots)


_WRITERS: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "yuan": lambda fen: [_yuan_digits(fen)],
    "area": lambda area: [f"{area / 10:g}"],
    "hours": lambda minutes: [f"{minutes / 60:g}"],
    "yesno": lambda answer: ["yes" if answer else "no"],
    "slots": lambda slots: [_slots_text(slots)],
    "many": list,
    "day": lambda day: [day.isoformat()],
}

_SHOWN: Final[Mapping[str, Callable[[Field, Any], str]]] = {
    "yuan": lambda field, fen: f"{wording.yuan(fen)}{field.unit.removeprefix('元')}",
    "area": lambda _field, area: _square_metres(area),
    "hours": lambda _field, minutes: _hours(minutes),
    "yesno": lambda _field, answer: "是" if answer else "否",
    "slots": lambda _field, slots: _slots_text(slots),
    "many": lambda field, codes: "、".join(field.label_of(code) for code in codes),
    "choice": lambda field, code: field.label_of(code),
    "day": lambda _field, day: wording.day(day),
    "int": lambda field, number: f"{number} {field.unit}".strip(),
}


def written(field: Field, value: Any) -> list[str]:
    """Return a value as form strings."""
    if value is None or value in ("", ()):
        return []
    return _WRITERS.get(field.type, lambda other: [str(other)])(value)


def shown_value(field: Field, value: Any) -> str:
    """Return a value as a person reads it on the detail page."""
    show = _SHOWN.get(field.type)
    return show(field, value) if show else str(value)
