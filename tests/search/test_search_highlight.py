"""Highlighting: places in the original text, safe HTML, whole Latin words."""

import html
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.highlight import Span, highlighted, snippet, spans

TERMS = ("心理咨询", "心理", "租房", "java", "m2", "一室一厅")


@pytest.mark.parametrize(
    ("text", "terms", "marked"),
    [
        ("心理諮詢師", ("心理咨询",), "<mark>心理諮詢</mark>師"),
        ("ＪＡＶＡ和JavaScript", ("java",), "<mark>ＪＡＶＡ</mark>和JavaScript"),
        ("三十㎡的房", ("m2",), "三十<mark>㎡</mark>的房"),
        ('<b>租房</b> & "', ("租房",), "&lt;b&gt;<mark>租房</mark>&lt;/b&gt; &amp; &quot;"),
        ("会C++和C", ("c++",), "会<mark>C++</mark>和C"),
        ("租\u200b房", ("租房",), "<mark>租\u200b房</mark>"),
        ("心理心理咨询", ("心理", "心理咨询"), "<mark>心理心理咨询</mark>"),
        ("2025年", ("202",), "2025年"),
        ("没有", (), "没有"),
        ("", ("租房",), ""),
    ],
)
def test_the_original_is_marked(text: str, terms: tuple[str, ...], marked: str) -> None:
    assert highlighted(text, terms) == marked


@given(st.text(), st.lists(st.text(max_size=5), max_size=5))
@settings(deadline=None)
def test_anything_is_marked_safely(text: str, terms: list[str]) -> None:
    shown = highlighted(text, terms)
    assert html.unescape(re.sub(r"</?mark>", "", shown)) == html.unescape(html.escape(text))
    assert all(0 <= place.start < place.end <= len(text) for place in spans(text, terms))
    snippet(text, terms)


def test_a_snippet_shows_the_first_place() -> None:
    text = "前" * 200 + "租房" + "后" * 200
    shown = snippet(text, ("租房",), 40)
    assert shown.startswith("…前")
    assert "<mark>租房</mark>" in shown
    assert shown.endswith("后…")
    assert snippet("短短的租房", ("租房",)) == "短短的<mark>租房</mark>"
    assert spans("租房和租房", ("租房",)) == (Span(0, 2), Span(3, 5))


def test_a_page_is_highlighted_in_two_milliseconds() -> None:
    texts = [
        f"（示例）武漢大学附近{number}单间出租" + "步行五分钟到校门，独立卫生间，心理咨询室旁。" * 4
        for number in range(20)
    ]
    terms = tuple(f"{first}{second}" for first in "租住房居单整合转" for second in "房间租住屋院楼室")
    taken: list[float] = []
    for _ in range(9):
        started = time.perf_counter()
        for text in texts:
            highlighted(text, terms)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.002
