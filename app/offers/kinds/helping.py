"""What counselling, study help and legal aid share: free help at weekly times, in modes and languages."""

from typing import Any, Final

from app.kit.reading_slots import WeeklySlot
from app.offers.kinds.fields import LANGUAGES, MODES, Choices, Field, Terms

MODE_WORDS: Final = {
    "文字": "ON",
    "线上文字": "ON",
    "在线文字": "ON",
    "语音": "VO",
    "线上语音": "VO",
    "电话": "VO",
    "视频": "VI",
    "线上视频": "VI",
    "面谈": "FF",
    "面对面": "FF",
    "线下": "FF",
    "现场": "FF",
    "当面": "FF",
    "团体": "GR",
    "小组": "GR",
    "团辅": "GR",
}
LANGUAGE_WORDS: Final = {
    "普通话": "PTH",
    "国语": "PTH",
    "粤语": "YUE",
    "广东话": "YUE",
    "广州话": "YUE",
    "白话": "YUE",
    "客家": "HAK",
    "客语": "HAK",
    "潮汕": "NAN",
    "潮州话": "NAN",
    "闽南": "NAN",
    "英语": "ENG",
    "英文": "ENG",
    "手语": "SGN",
}


class HelpTerms(Terms, frozen=True, kw_only=True):
    """What every kind of free help says: about what, how, in which languages, when, and how often a week."""

    topics: tuple[str, ...]
    modes: tuple[str, ...]
    languages: tuple[str, ...]
    slots: tuple[WeeklySlot, ...]
    weekly_cap: int
    place: str = ""


def modes_field(label: str, step: str) -> Field:
    """Return the question how the help is given."""
    return Field(name="modes", label=label, type="many", step=step, choices=MODES, words=MODE_WORDS)


def languages_field(label: str, step: str) -> Field:
    """Return the question in which languages the help is given."""
    return Field(name="languages", label=label, type="many", step=step, choices=LANGUAGES, words=LANGUAGE_WORDS)


def place_field(label: str, step: str, hint: str = "") -> Field:
    """Return the question where people meet; asked when they meet at all."""
    return Field(
        name="place",
        label=label,
        type="address",
        step=step,
        required=False,
        max_len=100,
        help=hint,
        only_if=("modes", ("FF", "GR")),
    )


def free_line(terms: HelpTerms) -> str:
    """Return the line of a card: that it is free, and how the help is given."""
    return f"免费 · {'、'.join(dict(MODES)[code] for code in terms.modes)}"


def labels(codes: tuple[str, ...], choices: Choices) -> tuple[str, ...]:
    """Return the labels of some codes."""
    return tuple(dict(choices)[code] for code in codes)


def facets(terms: HelpTerms, **more: Any) -> dict[str, Any]:
    """Return what lists filter by: topics, modes, languages, weekdays, and what a kind adds."""
    return {
        "topics": list(terms.topics),
        "modes": list(terms.modes),
        "languages": list(terms.languages),
        "weekdays": sorted({slot.weekday for slot in terms.slots}),
        **more,
    }


def features(terms: HelpTerms, **more: Any) -> dict[str, Any]:
    """Return what the matching reads: topics, modes, languages, weekly times, the cap, and what a kind adds."""
    return {
        "topics": terms.topics,
        "modes": terms.modes,
        "languages": terms.languages,
        "slots": tuple((slot.weekday, slot.start, slot.end) for slot in terms.slots),
        "weekly_cap": terms.weekly_cap,
        **more,
    }
