"""Submitted forms: readers that give typed values and put a Chinese sentence beside each field that is wrong.

A handler makes a `Form`, reads its fields, and calls `check()`. Nothing typed is ever lost: the page is drawn
again from `view()`, which holds what was typed (never a password) and the sentences.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Self, TypeVar

import msgspec
import phonenumbers
from litestar.datastructures import UploadFile
from stdnum.cn import uscc as credit_code
from stdnum.exceptions import ValidationError

from app.kit import wording
from app.kit.clock import SHANGHAI
from app.kit.reading import Unreadable, read_day, read_int, read_yuan_fen

FORM_STATUS = 422
"""HTTP status of a page that shows a form again because of its errors."""

FORM_WIDE = ""
"""Name under which `fail` files a sentence that belongs to no single field."""

YES, NO = "yes", "no"
"""Values of the two answers of a yes/no question."""

_REGIONS = frozenset({"CN", "HK", "MO"})
_TRUTHY = frozenset({YES, "1", "on", "true"})
_INVISIBLE = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*(\d{1,2})[:时](\d{1,2})(?::\d{2})?分?$")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+$")

Options = Mapping[str, str] | Collection[str] | Iterable[tuple[str, ...]]
"""What may be chosen: code -> label, or codes, or (code, label, ...) rows."""

_T = TypeVar("_T")


OptionRow = tuple[str, str, str, str]
"""Code, label, help and icon name of one option, as the components draw it."""


def option_rows(options: Options) -> list[OptionRow]:
    """Return options of any form as complete rows; what is not given is empty, a bare code is its own label."""
    rows: list[OptionRow] = []
    for option in options.items() if isinstance(options, Mapping) else options:
        given = (option, option) if isinstance(option, str) else tuple(str(part) for part in option)
        code, label, explanation, icon = (*given, "", "", "")[:4]
        rows.append((code, label, explanation, icon))
    return rows


class FormView(msgspec.Struct, frozen=True):
    """What a page shows of a form: the values as typed and the sentence of each field in error."""

    values_by_name: Mapping[str, tuple[str, ...]] = {}
    errors: Mapping[str, str] = {}

    @classmethod
    def of(cls, **values: str | int | Iterable[str] | None) -> "FormView":
        """Return a view filled with present values, for a form that changes something that exists."""
        filled: dict[str, tuple[str, ...]] = {}
        for name, value in values.items():
            if value is None:
                continue
            filled[name] = (str(value),) if isinstance(value, str | int) else tuple(value)
        return cls(values_by_name=filled)

    def value(self, name: str, default: str = "") -> str:
        """Return the first value of a field as typed."""
        values = self.values_by_name.get(name)
        return values[0] if values else default

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a field as typed."""
        return self.values_by_name.get(name, ())

    def error(self, name: str) -> str:
        """Return the sentence beside a field, or an empty text."""
        return self.errors.get(name, "")

    def blank(self) -> bool:
        """Return whether nothing has been typed and nothing is wrong."""
        return not self.errors and not any(any(values) for values in self.values_by_name.values())


class FormInvalid(Exception):  # noqa: N818 - an expected answer, not an error of the program
    """The form has errors; the handler shows it again with status 422."""

    def __init__(self, form: "Form") -> None:
        self.form = form
        self.view = form.view()
        super().__init__("; ".join(form.errors.values()))


class Form:
    """What was submitted, with one reader per kind of field; a reader never raises, it files a sentence."""

    def __init__(self, values: Mapping[str, list[str]], files: Mapping[str, list[UploadFile]] | None = None) -> None:
        self._values = {name: list(items) for name, items in values.items()}
        self._files = {name: list(items) for name, items in (files or {}).items()}
        self._secret: set[str] = set()
        self.errors: dict[str, str] = {}

    @classmethod
    def from_request_data(cls, data: Any) -> Self:
        """Make a form of `await request.form()`, a query mapping, or any mapping of names to values."""
        pairs = data.multi_items() if hasattr(data, "multi_items") else data.items()
        values: dict[str, list[str]] = {}
        files: dict[str, list[UploadFile]] = {}
        for name, given in pairs:
            for item in given if isinstance(given, list | tuple) else [given]:
                if isinstance(item, UploadFile):
                    if item.filename:
                        files.setdefault(name, []).append(item)
                elif item is not None:
                    values.setdefault(name, []).append(str(item))
        return cls(values, files)

    def fail(self, name: str, sentence: str) -> None:
        """File a sentence beside a field (or FORM_WIDE); the first one of a field stays."""
        self.errors.setdefault(name, sentence)

    def check(self) -> None:
        """Raise FormInvalid when any reader filed a sentence."""
        if self.errors:
            raise FormInvalid(self)

    def view(self) -> FormView:
        """Return what the page may show; passwords and secrets are left out."""
        shown = {
            name: tuple(values)
            for name, values in self._values.items()
            if name not in self._secret and "password" not in name
        }
        return FormView(values_by_name=shown, errors=dict(self.errors))

    def raw(self, name: str) -> str:
        """Return the first submitted value, trimmed and without invisible characters, or an empty text."""
        values = self._values.get(name) or [""]
        return _INVISIBLE.sub("", values[0].replace("\r\n", "\n").replace("\r", "\n")).strip()

    def files(self, name: str) -> list[UploadFile]:
        """Return the uploaded files of a field."""
        return list(self._files.get(name, []))

    def text(
        self,
        name: str,
        label: str,
        *,
        required: bool = True,
        max_len: int = 200,
        min_len: int = 0,
        multiline: bool = False,
    ) -> str:
        """Read a text; lengths are in characters. A single-line text has its line breaks turned into spaces."""
        value = self.raw(name)
        if not multiline:
            value = " ".join(value.split("\n"))
        if not value:
            self._need(name, f"请填写{label}。", required=required)
        elif len(value) > max_len:
            self.fail(name, f"{label}最多 {max_len} 个字，现在是 {len(value)} 个字，请精简一些。")
        elif len(value) < min_len:
            self.fail(name, f"{label}至少 {min_len} 个字，现在是 {len(value)} 个字，请再补充一些。")
        return value

    def password(self, name: str, label: str, *, min_len: int = 1, max_len: int = 128) -> str:
        """Read a secret exactly as typed; it is never shown again."""
        self._secret.add(name)
        value = (self._values.get(name) or [""])[0]
        if not value:
            self.fail(name, f"请填写{label}。")
        elif len(value) < min_len:
            self.fail(name, f"{label}至少 {min_len} 位。")
        elif len(value) > max_len:
            self.fail(name, f"{label}最多 {max_len} 位。")
        return value

    def integer(
        self,
        name: str,
        label: str,
        *,
        required: bool = True,
        min_value: int | None = None,
        max_value: int | None = None,
        unit: str = "",
    ) -> int | None:
        """Read a whole number within its bounds; full-width digits and units are understood."""
        value = self._read(name, label, read_int, required=required)
        if value is not None:
            self._bound(name, label, value, min_value, max_value, lambda number: f"{number}{unit and ' ' + unit}")
        return value

    def yuan(
        self,
        name: str,
        label: str,
        *,
        required: bool = True,
        min_value: int | None = 0,
        max_value: int | None = None,
    ) -> int | None:
        """Read an amount typed in yuan; value and bounds are in fen."""
        value = self._read(name, label, read_yuan_fen, required=required)
        if value is not None:
            self._bound(name, label, value, min_value, max_value, wording.yuan)
        return value

    def day(
        self,
        name: str,
        label: str,
        *,
        required: bool = True,
        earliest: date | None = None,
        latest: date | None = None,
    ) -> date | None:
        """Read a calendar day within its bounds."""
        value = self._read(name, label, read_day, required=required)
        if value is not None and earliest is not None and value < earliest:
            self.fail(name, f"{label}不能早于{wording.day(earliest)}。")
        elif value is not None and latest is not None and value > latest:
            self.fail(name, f"{label}不能晚于{wording.day(latest)}。")
        return value

    def moment(
        self, name: str, label: str, *, required: bool = True, earliest: datetime | None = None
    ) -> datetime | None:
        """Read a day and time typed for Guangdong; the value is in UTC."""
        value = self._read(name, label, _read_moment, required=required)
        if value is not None and earliest is not None and value < earliest:
            self.fail(name, f"{label}不能早于 {wording.moment(earliest, value)}。")
        return value

    def choice(self, name: str, label: str, options: Options, *, required: bool = True) -> str:
        """Read one of the options; empty when nothing (or nothing valid) was chosen."""
        value = self.raw(name)
        if not value:
            self._need(name, f"请选择{label}。", required=required)
            return ""
        if value not in _codes(options):
            self.fail(name, f"{label}的选项里没有这一项，请重新选择。")
            return ""
        return value

    def many(
        self,
        name: str,
        label: str,
        options: Options,
        *,
        required: bool = False,
        max_items: int | None = None,
    ) -> tuple[str, ...]:
        """Read any number of the options, each once, in the order submitted."""
        chosen = tuple(dict.fromkeys(value.strip() for value in self._values.get(name, []) if value.strip()))
        allowed = _codes(options)
        if not chosen:
            self._need(name, f"请至少选择一项{label}。", required=required)
        elif any(value not in allowed for value in chosen):
            self.fail(name, f"{label}的选项里没有其中一项，请重新选择。")
        elif max_items is not None and len(chosen) > max_items:
            self.fail(name, f"{label}最多选 {max_items} 项。")
        return tuple(value for value in chosen if value in allowed)

    def flag(self, name: str, label: str = "", *, required: bool = False) -> bool:
        """Read one tick box; a required one must be ticked."""
        ticked = self.raw(name).lower() in _TRUTHY
        if required and not ticked:
            self.fail(name, f"请勾选“{label}”后再继续。")
        return ticked

    def yesno(self, name: str, label: str, *, required: bool = True) -> bool | None:
        """Read a yes/no question; None when it was not answered."""
        answer = self.choice(name, label, (YES, NO), required=required)
        return None if not answer else answer == YES

    def phone(self, name: str, label: str, *, required: bool = True) -> str:
        """Read a phone number of mainland China, Hong Kong or Macao; the value is E.164 (“+8613800138000”)."""
        return self._read(name, label, _read_phone, required=required) or ""

    def uscc(self, name: str, label: str, *, required: bool = True) -> str:
        """Read a unified social credit code (18 characters, GB 32100 check character)."""
        return self._read(name, label, _read_uscc, required=required) or ""

    def email(self, name: str, label: str, *, required: bool = True) -> str:
        """Read a mail address."""
        return self._read(name, label, _read_email, required=required) or ""

    def _need(self, name: str, sentence: str, *, required: bool) -> None:
        if required:
            self.fail(name, sentence)

    def _read(self, name: str, label: str, reader: Callable[[str], _T | None], *, required: bool) -> _T | None:
        value = self.raw(name)
        if not value:
            self._need(name, f"请填写{label}。", required=required)
            return None
        try:
            return reader(value)
        except Unreadable as problem:
            self.fail(name, f"{label}：{problem}")
            return None

    def _bound(
        self,
        name: str,
        label: str,
        value: int,
        lowest: int | None,
        highest: int | None,
        written: Callable[[int], str],
    ) -> None:
        if lowest is not None and value < lowest:
            self.fail(name, f"{label}不能小于 {written(lowest)}。")
        elif highest is not None and value > highest:
            self.fail(name, f"{label}不能大于 {written(highest)}。")


def _codes(options: Options) -> frozenset[str]:
    return frozenset(str(option[0]) if isinstance(option, tuple) else str(option) for option in options)


def _read_moment(text: str) -> datetime:
    match = _MOMENT.match(unicodedata.normalize("NFKC", text))
    if match is None:
        raise Unreadable("请按“2026-11-23 18:05”的样子填写日期和时间。")
    try:
        year, month, day, hour, minute = (int(part) for part in match.groups())
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError as problem:
        raise Unreadable("没有这个日期或时间，请检查。") from problem


def _read_phone(text: str) -> str:
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), "CN")
    except phonenumbers.NumberParseException as problem:
        raise Unreadable("看不出是电话号码，请填写 11 位手机号，或带区号的座机号。") from problem
    if phonenumbers.region_code_for_number(number) not in _REGIONS or not phonenumbers.is_valid_number(number):
        raise Unreadable("请检查位数：手机号是 11 位，座机号要带区号，港澳号码请以 +852 或 +853 开头。")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read_uscc(text: str) -> str:
    try:
        return str(credit_code.validate(unicodedata.normalize("NFKC", text).upper()))
    except ValidationError as problem:
        raise Unreadable("统一社会信用代码是 18 位，校验位不符，请对照营业执照检查。") from problem


def _read_email(text: str) -> str:
    address = unicodedata.normalize("NFKC", text)
    if not _EMAIL.match(address):
        raise Unreadable("请按“name@example.com”的样子填写邮箱。")
    return address
