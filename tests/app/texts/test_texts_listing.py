"""Words of listings and notes, and likeness of texts."""

import pytest

from app.texts.rules import SIMILAR_FROM, find_diagnosis, find_solicitation, is_similar, similarity


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("收取服装押金300元", "FEE_WORD"),
        ("需先参加付费培训", "FEE_WORD"),
        ("中 介 费一个月", "FEE_WORD"),
        ("先付定金锁房", "PAY_FIRST"),
        ("看房前转2000元", "PAY_FIRST"),
        ("入职须扣押身份证", "PAPERS"),
        ("可办培训贷", "LOAN"),
        ("在家刷*单日结", "BRUSH"),
        ("仅限男生", "DISCRIMINATION"),
        ("男士优先", "DISCRIMINATION"),
        ("不招外省籍", "DISCRIMINATION"),
        ("乙肝勿扰", "DISCRIMINATION"),
    ],
)
def test_what_a_listing_may_not_ask_is_found(text: str, kind: str) -> None:
    assert kind in [hit.kind.value for hit in find_solicitation(text)]
    assert all(hit.advice and hit.found for hit in find_solicitation(text))


@pytest.mark.parametrize(
    "text",
    [
        "不收费",
        "不收取任何押金、服务费",
        "无需押金",
        "免押金",
        "严禁刷单",
        "男女不限",
        "不限男女",
        "负责日常工作，有带教，提供工作餐。",
        "近地铁，限毕业两年内青年。",
    ],
)
def test_a_promise_not_to_charge_is_no_offence(text: str) -> None:
    assert find_solicitation(text) == ()


def test_a_denial_does_not_cover_the_next_clause() -> None:
    assert [hit.found for hit in find_solicitation("无中介费，押金500元")] == ["押金"]


def test_hits_come_in_reading_order_with_places_as_written() -> None:
    text = "仅限男生，收保 证 金，可办培训贷"
    assert [text[hit.start : hit.end] for hit in find_solicitation(text)] == ["仅限男生", "保 证 金", "培训贷"]


@pytest.mark.parametrize("text", ["疑似抑郁症", "重度焦虑", "有ＡＤＨＤ", "双相情感障碍", "确诊为抑郁"])
def test_a_diagnosis_in_a_note_is_found(text: str) -> None:
    assert len(find_diagnosis(text)) == 1


@pytest.mark.parametrize("text", ["近两周睡得少，不愿出门", "考前有些焦虑", "心情低落"])
def test_what_was_seen_is_no_diagnosis(text: str) -> None:
    assert find_diagnosis(text) == ()


def test_likeness_ignores_punctuation_width_and_case() -> None:
    assert similarity("想找 一间房，ＡＢ！", "想找一间房ab") == 1.0


def test_likeness_is_symmetric_and_zero_without_words() -> None:
    a, b = "家里交不起学费，想申请助学金", "家里交不起学费了，想要申请助学金"
    assert similarity(a, b) == similarity(b, a) > SIMILAR_FROM
    assert is_similar(a, b)
    assert not is_similar(a, "想找一间近地铁的房")
    assert similarity("", a) == similarity(a, "，。") == 0.0
