"""Folding, cutting and the vocabulary files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.folding import fold, fold_with_offsets
from search.pipeline import Pipeline, pipeline
from search.text import is_han, latin_words, layouts, pieces, segmenter
from search.vocabulary import VocabularyError, parse, vocabulary


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("實習", "实习"),
        ("ＪＡＶＡ", "java"),
        ("心理諮詢", "心理咨询"),
        ("３０㎡", "30m2"),
        ("租\u200b房", "租房"),
        ("a\0b", "a b"),
        ("\ud800", " "),
        ("𠮷野家", "𠮷野家"),
    ],
)
def test_every_way_of_writing_folds_into_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_anything_keeps_a_place_for_every_character(text: str) -> None:
    folded, places = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(places) == len(folded)
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


def test_pieces_part_scripts_and_keep_plus_and_sharp() -> None:
    assert [(piece.script, piece.text) for piece in pieces("c++和node.js，2026届n1𠮷")] == [
        ("latin", "c++"),
        ("han", "和"),
        ("latin", "node.js"),
        ("number", "2026"),
        ("han", "届"),
        ("latin", "n1"),
        ("han", "𠮷"),
    ]


def test_latin_words_are_found_by_their_parts() -> None:
    assert latin_words("node.js") == ("node.js", "nodejs", "node", "js")
    assert latin_words("3200.00") == ("3200",)
    assert latin_words("3.5") == ("3.5",)
    assert len(latin_words("a" * 1000)[0]) == 32


def test_layouts_of_homes_have_one_form() -> None:
    assert layouts("一房一厅") == layouts("1室1厅") == layouts("一室一厅") == ["1室1厅"]
    assert layouts("两房两厅") == ["2室2厅"]


def test_words_have_parts_and_unknown_pairs_are_words() -> None:
    words = segmenter().document_words("字节跳动前端开发实习生，张江三室一厅")
    assert {"字节跳动", "字节", "跳动", "前端", "实习", "张江", "3室1厅"} <= words


def test_a_word_kept_whole_hides_its_parts() -> None:
    assert "宠物" not in segmenter().document_words("不养宠物")
    assert "宠物" in segmenter().document_words("喜欢宠物")


def test_only_han_is_han() -> None:
    assert is_han("租房")
    assert not is_han("租 房")
    assert not is_han("")


def test_the_files_are_read_and_every_line_makes_sense() -> None:
    words = vocabulary()
    assert words.words
    assert not words.words & words.stop
    assert not words.whole & words.words
    assert len(words.concepts) >= 6
    assert "租房" in {concept.head for concept in words.concepts}
    assert words.misspelt["租凭"] == "租赁"
    assert all(len(each) > 1 for each in words.equals)


def test_two_way_lines_that_share_a_word_are_one_set() -> None:
    words = parse("", "a = b\nb = c\nd > e, f\nd > g\nh >> i, j @HOUSE ! k ? l\nm ~ n")
    assert words.equals == (("a", "b", "c"),)
    assert words.narrower == {"d": ("e", "f", "g")}
    concept = words.concepts[0]
    assert (concept.head, concept.members, concept.kinds) == ("h", ("i", "j"), ("HOUSE",))
    assert (concept.unless, concept.after) == (("k",), ("l",))
    assert words.misspelt == {"m": "n"}


@pytest.mark.parametrize("line", ["nothing here", "a =", "a > ", "a > b,, c", "x" * 30 + " = b"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(VocabularyError):
        parse("", line)


def test_the_version_follows_the_files() -> None:
    assert Pipeline(parse("[word]\n甲乙", "甲 = 乙")).version != pipeline().version
