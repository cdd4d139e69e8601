"""Planning: what typed words turn into."""

import time
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.asking import highlight_terms
from search.documents import Document
from search.lexicon import Lexicon, fuzzy
from search.lexicon_build import lexicon_of
from search.pipeline import pipeline
from search.planner import Planner
from search.query import Plan, Question, Token
from search.suggest import suggest, titles_question
from search.tiers import All, Some, tiers


@pytest.fixture(scope="module")
def planner(judged_documents: list[Document]) -> Planner:
    return Planner(pipeline(), lexicon_of(pipeline(), judged_documents))


def _words(plan: Plan) -> list[str]:
    return [group.text for group in plan.groups]


def _finds(plan: Plan) -> set[str]:
    return {token.text for group in plan.groups for way in group.alternatives for token in way}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("zufang", "租房"),
        ("zf", "租房"),
        ("sx", "实习"),
        ("zuf", "租房"),
        ("kaoyan", "考研"),
        ("xlzx", "心理咨询"),
        ("租凭", "租赁"),
        ("pyhton", "python"),
    ],
)
def test_letters_and_slips_are_read_as_the_word_they_mean(planner: Planner, typed: str, read: str) -> None:
    plan = planner.plan(typed)
    assert plan.text == read
    assert plan.rewritten_from == typed


def test_glued_pinyin_is_taken_apart(planner: Planner) -> None:
    assert _words(planner.plan("wuhanzufang")) == ["武汉", "租房"]
    assert _words(planner.plan("wuhan zufang")) == ["武汉", "租房"]


@pytest.mark.parametrize("typed", ["實習", "实习", "实习 ", "　實習"])
def test_every_form_gives_the_same_groups(planner: Planner, typed: str) -> None:
    assert planner.plan(typed).groups == planner.plan("实习").groups


def test_a_plain_question_is_not_called_rewritten(planner: Planner) -> None:
    for typed in ("租房", "Java 实习", "武汉大学 租房", "c++", "800元"):
        assert planner.plan(typed).rewritten_from == ""


def test_one_way_synonyms_stay_one_way(planner: Planner) -> None:
    assert "转租" in _finds(planner.plan("租房"))
    assert "租房" not in _finds(planner.plan("转租"))
    assert planner.plan("租房").groups[0].core == "=租房"
    assert planner.plan("转租").groups[0].core == ""


def test_a_plan_asks_for_nothing_twice(planner: Planner) -> None:
    short = {token.text for way in planner.plan("编程").groups[0].short for token in way}
    assert "编程" in short
    assert "少儿编程" not in short
    assert "派森" not in short
    assert {"=租房"} < {token.text for way in planner.plan("租房").groups[0].short for token in way}


def test_what_was_written_stands_before_its_synonyms(planner: Planner) -> None:
    group = planner.plan("见习").groups[0]
    assert group.alternatives[0] == (Token("见习"),)
    assert group.literal == 1


def test_words_without_a_wish_are_left_out(planner: Planner) -> None:
    assert _words(planner.plan("我想找武大附近的房子")) == ["武大", "房子"]
    assert _words(planner.plan("哪里")) == ["哪里"]


def test_a_known_latin_word_is_no_prefix(planner: Planner) -> None:
    ways = planner.plan("Java").groups[0].alternatives
    assert Token("java", prefix=True) not in {token for way in ways for token in way}
    unknown = planner.plan("qqvv").groups[0].alternatives
    assert Token("qqvv", prefix=True) in {token for way in unknown for token in way}


def test_an_unfinished_word_is_finished(planner: Planner) -> None:
    assert "心理咨询" in _finds(planner.plan("心理咨"))
    assert "字节跳动" in _finds(planner.plan("字节跳"))


def test_exact_means_exact(planner: Planner) -> None:
    plan = planner.plan("zufang", exact=True)
    assert _finds(plan) == {"zufang"}
    assert planner.plan("租房", exact=True).groups[0].alternatives == ((Token("租房"),),)


def test_a_wrong_character_is_repaired_by_its_sound(planner: Planner) -> None:
    for typed, meant in (
        ("会记", "会计"),
        ("前段开发", "前端开发"),
        ("心里咨询", "心理咨询"),
        ("考验英语", "考研英语"),
    ):
        plan = planner.repaired(typed)
        assert plan is not None
        assert (plan.text, plan.rewritten_from, plan.by) == (meant, typed, "sound")
    assert planner.repaired("市长") is None
    assert planner.repaired("租房") is None
    assert planner.repaired("abc 123") is None


def test_only_several_wishes_can_be_relaxed(planner: Planner) -> None:
    assert planner.relaxed(planner.plan("租房")) is None
    relaxed = planner.relaxed(planner.plan("武汉 围棋"))
    assert relaxed is not None
    assert relaxed.spare == 1
    assert len(tiers(relaxed).steps) > len(tiers(planner.plan("武汉 围棋")).steps)


def test_a_relaxed_question_never_keeps_only_the_place(planner: Planner) -> None:
    relaxed = planner.relaxed(planner.plan("武汉 围棋"))
    assert relaxed is not None
    place = planner.plan("武汉").groups[0]
    alone = tiers(Plan(groups=(place,)))
    assert not set(alone.steps) & set(tiers(relaxed).steps)


def test_no_words_find_everything() -> None:
    assert tiers(Plan()).steps == (All(),)


def test_alternatives_are_either_or(planner: Planner) -> None:
    match = tiers(planner.plan("合租 武汉")).match
    assert isinstance(match, All)
    assert any(isinstance(part, Some) for part in match.parts)


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_garbage_is_planned(planner: Planner, typed: str) -> None:
    for plan in (planner.plan(typed), planner.plan(typed, exact=True), planner.repaired(typed)):
        if plan is not None:
            assert len(plan.groups) <= 24
            tiers(plan)
            highlight_terms(plan)
    suggest(planner, typed)


@pytest.mark.parametrize(
    "typed", ["租" * 10_000, "zufang" * 2000, "a " * 5000, "'\"&|!():*\\" * 50, "\0\ud800😀", "1" * 9000]
)
def test_long_and_odd_input_is_cut_to_size(planner: Planner, typed: str) -> None:
    started = time.perf_counter()
    plan = planner.plan(typed)
    planner.repaired(typed)
    assert time.perf_counter() - started < 1
    assert sum(len(group.alternatives) for group in plan.groups) < 1000


def test_planning_takes_half_a_millisecond(planner: Planner, judged_words: list[str]) -> None:
    for words in judged_words:
        planner.plan(words)
    taken: list[float] = []
    for words in judged_words * 3:
        started = time.perf_counter()
        planner.plan(words)
        taken.append(time.perf_counter() - started)
    assert median(taken) < 0.0005


def test_the_lexicon_survives_the_journey(planner: Planner) -> None:
    blob = planner.lexicon.dumps()
    again = Lexicon.loads(blob)
    assert len(again) == len(planner.lexicon)
    assert again.dumps() == blob
    assert again.glued("wuhanzufang") == ["武汉", "租房"]


def test_southern_spellings_are_one() -> None:
    assert fuzzy("zhang") == fuzzy("zan")
    assert fuzzy("ning") == fuzzy("lin")
    assert fuzzy("shi") == "si"


def test_suggestions_begin_as_typed(planner: Planner) -> None:
    assert "心理咨询" in [each.text for each in suggest(planner, "心理")]
    assert "实习" in [each.text for each in suggest(planner, "shix")]
    assert next(each.text for each in suggest(planner, "武汉 实")) == "武汉 实习"
    assert suggest(planner, "") == ()
    assert suggest(planner, "\0\0") == ()
    assert titles_question("zu", Question(page=3, facets=("kind",))) == Question(words="zu", size=5)
