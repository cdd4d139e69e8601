"""Listen for danger in free text: recall before precision, and only a qualified person ever decides.

The lexicon is versioned. A change needs a second person and must keep every fixture in
``tests/data/crisis_fixtures.json``.
"""

import re
from enum import StrEnum
from typing import Final

import msgspec

from app.texts.rules_folding import Folded, fold, replace

LEXICON_VERSION: Final = "2026-11-23.1"
EXCERPT_LIMIT: Final = 120


class Severity(StrEnum):
    """Classes of danger: stated intent, ideation or self-injury, and abuse by others."""

    S1 = "S1"
    AB = "AB"
    S2 = "S2"


class CrisisFinding(msgspec.Struct, frozen=True):
    """What the crisis desk is told: the most severe class, all classes and the one triggering sentence."""

    severity: Severity
    classes: tuple[Severity, ...]
    excerpt: str
    lexicon_version: str


# How people write around a filter; each is spelled out before anything is looked for.
_SPELLINGS: Final = (
    (re.compile(r"(?:zi|自|紫)(?:sha(?![a-z])|鲨|砂(?![壶杯锅茶泥陶])|莎)|(?:zi|紫)杀"), "自杀"),
    (re.compile(r"亖"), "死"),
    (re.compile(r"(?<=[想去])(?:鼠(?![标药])|屎|(?:4|si?)(?=[了掉]|\W|$))"), "死"),
    (re.compile(r"[卜唔吥](?=想)"), "不"),
    (re.compile(r"(?<=跳)(?:lou|娄|喽)"), "楼"),
    (re.compile(r"割(?:wan|碗|婉)"), "割腕"),
    (re.compile(r"qing生|轻sheng"), "轻生"),
)

# Idioms are covered first. Only the ones that cannot hide a real cry for help may stand here.
_MASK: Final = re.compile(
    r"(?:笑|累|饿|热|冷|困|吓|气|烦|美|爽|尴尬|无聊|可爱|帅)死(?:我|你|了|人|个)"
    r"|想死你(?:们)?(?:了|啦)?(?=\W|$)"
    r"|死(?:机|循环|磕|锁|党|板|角|记硬背|线)"
    r"|自杀(?:预防|率)|自杀干预(?:培训|讲座|课程)"
    r"|跳楼(?:机|价)"
)

_PATTERNS: Final = (
    (
        Severity.S1,
        re.compile(
            r"自杀|轻生|寻死|想死(?!机|磕)|(?:只能|不如|真想|要)去死"
            r"|结束(?:自己的?|我的?)?生命|了结(?:自己|生命|一切)|割腕|上吊|烧炭"
            r"|跳(?:楼|下去|江|河|海)"
            r"|(?:攒|买|囤|吞|吃)(?:了|好|下)?.{0,4}(?:安眠药|农药|整瓶药)"
            r"|(?:写好|留)(?:了)?遗书|活不下去"
            r"|kill\s*myself|end\s*my\s*life|suicid"
        ),
    ),
    (
        Severity.AB,
        re.compile(
            r"(?:爸|妈|继父|养父|继母|老师|教练|教官|叔叔|舅舅|伯伯|房东|老板|主管|领导|男友|男朋友)"
            r".{0,10}(?:打我(?!电话|手机|微信)|摸我|脱我|强迫我|性侵|猥亵|骚扰我)"
            r"|被(?:性侵|强奸|猥亵|家暴|拐)|(?:拍|发).{0,4}(?:裸照|私密照)"
        ),
    ),
    (
        Severity.S2,
        re.compile(
            r"不想活|不想再?做人|活着没(?:有)?(?:意思|意义)|自残|自伤"
            r"|(?:划|割|伤害|弄伤)(?:自己|手臂|手腕)"
            r"|(?:手臂|手腕|胳膊|大腿|身上).{0,6}(?:划|割)"
            r"|撑不(?:下去|住)了|没有我.{0,6}(?:更好|轻松)"
            r"|(?:要是|如果)我?(?:消失|不在)了?就好|解脱|死[了咗掉]算|不如死|想(?:永远|彻底|就这样)?消失"
            r"|wanttodie(?!t)|(?:don'?t|donot)wanttolive|cut(?:ting)?myself|self-?harm"
        ),
    ),
)

_SENTENCE_END: Final = re.compile(r"[。！？!?；;…\r\n\u2028\u2029]|\.(?=\s|$)")


def scan_crisis(text: str) -> CrisisFinding | None:
    """Find danger in one free text, or nothing. The finding carries one sentence, never the whole text."""
    folded = _prepared(text)
    hits = [(severity, match) for severity, pattern in _PATTERNS if (match := pattern.search(folded.text))]
    if not hits:
        return None
    severity, match = hits[0]
    start, end = folded.span(match.start(), match.end())
    return CrisisFinding(
        severity=severity,
        classes=tuple(found for found, _ in hits),
        excerpt=_sentence_around(text, start, end),
        lexicon_version=LEXICON_VERSION,
    )


def _prepared(text: str) -> Folded:
    folded = fold(text)
    for pattern, spelled in _SPELLINGS:
        folded = replace(folded, pattern, spelled)
    return folded.veiled(_MASK).without("\n")


def _sentence_around(text: str, start: int, end: int) -> str:
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    first = before[-1] if before else 0
    last = after.end() if after else len(text)
    sentence = text[first:last].strip()
    if len(sentence) <= EXCERPT_LIMIT:
        return sentence
    room = max(EXCERPT_LIMIT - (end - start), 0) // 2
    first, last = max(first, start - room), min(last, start + EXCERPT_LIMIT - room)
    return f"…{text[first:last].strip()}…"
