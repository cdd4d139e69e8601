"""Find what points at a real person in free text, and say what to write instead."""

import re
from enum import StrEnum
from typing import Final

import msgspec

from app.texts.rules_folding import Folded, fold_width
from app.texts.rules_names import name_spans, school_spans


class PrivateKind(StrEnum):
    """What was found. All but a school's name stop a cadre's post; a student's own text is only warned about."""

    PHONE = "PHONE"
    ID_NO = "ID_NO"
    CONTACT = "CONTACT"
    NAME = "NAME"
    SCHOOL = "SCHOOL"

    @property
    def blocking(self) -> bool:
        """Whether a text written about somebody else must not be saved with it."""
        return self is not PrivateKind.SCHOOL


class PrivateHit(msgspec.Struct, frozen=True):
    """One private detail: its kind, its half-open span in the text as written, its words and what to do."""

    kind: PrivateKind
    start: int
    end: int
    found: str
    advice: str

    @property
    def blocking(self) -> bool:
        """Whether a text written about somebody else must not be saved with it."""
        return self.kind.blocking


_DIGIT = "[0-9零〇一二三四五六七八九幺]"
_MOBILE: Final = re.compile(
    rf"(?<![0-9a-z])(?:\+?86[- ]?)?[1一幺壹][3-9三四五六七八九](?:[-\s.·*_]?{_DIGIT}){{9}}(?!\d)"
)
_LANDLINE: Final = re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[- ]?[2-8]\d{6,7}(?:转\d{1,5})?(?!\d)")
_ID_NO: Final = re.compile(
    r"(?<!\d)\d{6}[- ]?(?:19|20)\d{2}[- ]?(?:0[1-9]|1[0-2])[- ]?(?:0[1-9]|[12]\d|3[01])[- ]?\d{3}[\dx](?![\da-z])"
    r"|(?:学号|考号|准考证号?|学籍号|身份证号?|护照号?)(?:码)?(?:[:是为 ]|[-])*[a-z0-9]{5,20}"
    r"|(?<!\d)\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?!\d)"
)
_CONTACT: Final = re.compile(
    r"(?:微信|薇信|威信|维信|微❤|v信|vx|wechat|weixin|(?<![a-z])wx)(?:号码|号)?[:是为 ]*[a-z0-9][a-z0-9_\-]{4,19}"
    r"|(?:加|➕|\+)(?:我|下|一下)?(?:的)?(?:微信|薇信|威信|v信|vx|wx|wechat|微|v(?![a-z])|qq|扣扣)"
    r"|(?:qq|扣扣|企鹅)(?:群)?(?:号码|号)?[:是为 ]*[1-9]\d{4,11}"
    r"|(?:抖音|快手|小红书|钉钉|微博|telegram)(?:账?号)?[:是为 ]+[a-z0-9_\-]{4,20}"
    r"|[a-z0-9._%+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,6}[a-z]{2,}"
    r"|https?://[^\s,。;、)]+|(?<![a-z0-9.])www\.[a-z0-9][^\s,。;、)]+"
    r"|(?<![a-z0-9.@])(?:[a-z0-9\-]{1,63}\.){1,6}(?:com|cn|net|org|top|xyz|cc|vip|link|site|shop|club)(?![a-z0-9])(?:/[^\s,。;、)]*)?"
)
_SCAN_CODE: Final = re.compile(r"二维码|扫(?:一扫|码|描下方|下方|图中)|长按识别|识别图中")

_ADVICE: Final = {
    PrivateKind.PHONE: "请删去电话号码，平台会在双方确认后再交换联系方式。",
    PrivateKind.ID_NO: "请删去证件号、学号等号码，这里不需要它们。",
    PrivateKind.CONTACT: "请删去微信、QQ、邮箱或链接，双方确认前只在平台内联系。",
    PrivateKind.NAME: "请不要写姓名，可以写“这名同学”“一位老师”。",
    PrivateKind.SCHOOL: "请不要写学校和班级，可以写“一所中学”“一所高校”。",
}


def find_private(text: str) -> tuple[PrivateHit, ...]:
    """Every private detail of the text in reading order, none overlapping another."""
    folded = fold_width(text)
    taken = [
        *_spans(folded, PrivateKind.ID_NO, _ID_NO),
        *_spans(folded, PrivateKind.CONTACT, _CONTACT),
        *_spans(folded, PrivateKind.PHONE, _MOBILE, _LANDLINE),
        *((PrivateKind.SCHOOL, start, end) for start, end in school_spans(folded.text)),
        *((PrivateKind.NAME, start, end) for start, end in name_spans(folded.text)),
    ]
    return _hits(text, folded, taken)


def find_contacts(text: str) -> tuple[PrivateHit, ...]:
    """Ways around the platform in a listing: phone numbers, chat accounts, links, and calls to scan a code."""
    folded = fold_width(text)
    taken = [
        *_spans(folded, PrivateKind.CONTACT, _CONTACT, _SCAN_CODE),
        *_spans(folded, PrivateKind.PHONE, _MOBILE, _LANDLINE),
    ]
    return _hits(text, folded, taken)


def masked(text: str) -> str:
    """Replace each private detail by ○○; a school keeps its kind (○○中学)."""
    parts: list[str] = []
    done = 0
    for hit in find_private(text):
        parts.append(text[done : hit.start])
        parts.append(_replacement(hit))
        done = hit.end
    parts.append(text[done:])
    return "".join(parts)


def _replacement(hit: PrivateHit) -> str:
    if hit.kind is not PrivateKind.SCHOOL:
        return "○○"
    kept = re.search(r"(?:大学|学院|中学|小学|学校|职校|技校|班)$", hit.found)
    return "○○" + (kept[0] if kept else "")


def _spans(folded: Folded, kind: PrivateKind, *patterns: re.Pattern[str]) -> list[tuple[PrivateKind, int, int]]:
    return [(kind, match.start(), match.end()) for pattern in patterns for match in pattern.finditer(folded.text)]


def _hits(text: str, folded: Folded, candidates: list[tuple[PrivateKind, int, int]]) -> tuple[PrivateHit, ...]:
    """Keep candidates in order of rank, drop what overlaps an earlier one, and give original places."""
    kept: list[tuple[PrivateKind, int, int]] = []
    for kind, start, end in candidates:
        if all(end <= other_start or start >= other_end for _, other_start, other_end in kept):
            kept.append((kind, start, end))
    hits: list[PrivateHit] = []
    for kind, start, end in sorted(kept, key=lambda item: item[1]):
        first, last = folded.span(start, end)
        hits.append(PrivateHit(kind, first, last, text[first:last], _ADVICE[kind]))
    return tuple(hits)
