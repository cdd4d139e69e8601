"""The crisis scan: every fixture, the ways around it, and the one sentence it hands over."""

import json
import time
from pathlib import Path

import pytest

from app.texts.rules import (
    LEXICON_VERSION,
    CrisisFinding,
    Severity,
    find_private,
    find_solicitation,
    scan_crisis,
)
from app.texts.rules_crisis import EXCERPT_LIMIT

FIXTURES = json.loads((Path(__file__).parents[2] / "data" / "crisis_fixtures.json").read_text("utf-8"))


def found(text: str) -> CrisisFinding:
    finding = scan_crisis(text)
    assert finding is not None
    return finding


@pytest.mark.parametrize("fixture", FIXTURES["must_hit"], ids=lambda fixture: str(fixture["text"]))
def test_a_cry_for_help_is_heard(fixture: dict[str, str]) -> None:
    finding = found(fixture["text"])
    assert finding.severity == fixture.get("class", finding.severity)
    assert finding.lexicon_version == LEXICON_VERSION


@pytest.mark.parametrize("fixture", FIXTURES["must_not_hit"], ids=lambda fixture: str(fixture["text"]))
def test_everyday_words_raise_nobody(fixture: dict[str, str]) -> None:
    assert scan_crisis(fixture["text"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "我\u200b想\u200b死",
        "不\n想\n活\n了",
        "自＊殺",
        "想～死",
        "跳🔪楼",
        "我想4了",
        "好想s",
        "紫砂",
        "zisha",
        "唔想做人",
        "跳lou",
        "割碗",
        "我想亖",
        "ＫＩＬＬ ｍｙｓｅｌｆ",
        "i w a n t to die",
        "自.杀",
        "死了算了",
        "不如死掉",
        "好想消失",
        "他.说🔪.想.死",
    ],
)
def test_spelling_around_the_filter_is_still_heard(text: str) -> None:
    assert scan_crisis(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "想死你了，兄弟，合租吗",
        "想死你们啦！",
        "想死你了😂",
        "我想4月去实习",
        "买了紫砂壶",
        "累死了算了不写了",
        "想让痘痘消失",
        "老师打我电话催交表",
        "I want to diet",
        "想学 C++ / Java",
        "",
        " \n ",
    ],
)
def test_look_alikes_raise_nobody(text: str) -> None:
    assert scan_crisis(text) is None


def test_the_most_severe_class_leads_and_all_are_named() -> None:
    finding = found("我爸喝醉了就打我。我撑不下去了。我想死。")
    assert finding.severity is Severity.S1
    assert finding.classes == (Severity.S1, Severity.AB, Severity.S2)
    assert finding.excerpt == "我想死。"


def test_only_the_triggering_sentence_is_handed_over() -> None:
    text = "我住在七楼。押金也不退，租不到房就跳楼算了！请帮我找一个房间。"
    assert found(text).excerpt == "押金也不退，租不到房就跳楼算了！"


def test_a_sentence_of_latin_letters_ends_at_its_full_stop() -> None:
    assert found("Rent is 3.5k. I want to kill myself. Please help.").excerpt == "I want to kill myself."


def test_an_endless_sentence_is_cut_around_the_words() -> None:
    finding = found("啊，" * 200 + "我不想活了" + "，嗯" * 200)
    assert "不想活" in finding.excerpt
    assert len(finding.excerpt) <= EXCERPT_LIMIT + 2
    assert finding.excerpt.startswith("…")
    assert finding.excerpt.endswith("…")


def test_words_torn_far_apart_are_cut_to_the_limit() -> None:
    finding = found("自" + "*" * 300 + "杀")
    assert finding.severity is Severity.S1
    assert len(finding.excerpt) <= EXCERPT_LIMIT + 2


def test_a_line_break_keeps_an_idiom_apart_from_what_follows() -> None:
    assert scan_crisis("想死你了\n合租吗") is None


@pytest.mark.parametrize("filler", [".", "1-", "我爸", "自", "想死你", "🔪", "\n"])
def test_a_long_text_is_scanned_in_a_moment(filler: str) -> None:
    before = time.process_time()
    scan_crisis(filler * 5_000)
    find_private(filler * 5_000)
    find_solicitation(filler * 5_000)
    assert time.process_time() - before < 2
