"""Asking: repair, forgiveness, wider searches; the question's own limits; the judge."""

import math
from uuid import UUID

import pytest
import pytest_asyncio

from search.asking import ask, wider
from search.documents import Document, Point
from search.evaluate import Judged, judge
from search.lexicon_build import lexicon_of
from search.memory import MemoryEngine, distance_km
from search.pipeline import pipeline
from search.planner import Planner
from search.query import Near, Question, QuestionRefusedError, Range, Sort


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(judged_documents: list[Document]) -> MemoryEngine:
    engine = MemoryEngine(pipeline())
    await engine.put(judged_documents)
    return engine


@pytest.fixture(scope="module")
def planner(judged_documents: list[Document]) -> Planner:
    return Planner(pipeline(), lexicon_of(pipeline(), judged_documents))


async def test_a_repair_is_told(engine: MemoryEngine, planner: Planner) -> None:
    answer = await ask(engine, planner, Question(words="会记"))
    assert (answer.showing, answer.rewritten_from) == ("会计", "会记")
    assert "会计" in answer.terms
    assert not answer.partial


async def test_one_unmet_word_is_forgiven_and_told(engine: MemoryEngine, planner: Planner) -> None:
    answer = await ask(engine, planner, Question(words="武汉 围棋"))
    assert answer.partial
    assert answer.strict == 0
    assert answer.ids[0].int == 528
    exact = await ask(engine, planner, Question(words="武汉 围棋", exact=True))
    assert exact.ids == ()


@pytest.mark.parametrize("words", ["，。！", "😀😀", "\0", "'\"", "&|!()", "\ud800", "", "  "])
async def test_signs_without_a_word_browse(
    engine: MemoryEngine, planner: Planner, judged_documents: list[Document], words: str
) -> None:
    answer = await ask(engine, planner, Question(words=words, facets=("kind",)))
    assert answer.total == len(judged_documents)
    assert sum(answer.facets["kind"].values()) == answer.total
    assert answer.rewritten_from == ""


async def test_wider_searches_find_something(engine: MemoryEngine, planner: Planner) -> None:
    question = Question(words="吉他", any_of={"city": ("武汉",)}, amount_fen=Range(high=100), exact=True)
    assert (await ask(engine, planner, question)).total == 0
    offers = await wider(engine, planner, question)
    assert offers
    assert all(offer.total for offer in offers)
    assert len({offer.left_out for offer in offers}) == len(offers)
    assert [offer.left_out for offer in await wider(engine, planner, Question(words="武汉 吉他"))] == ["武汉", "吉他"]


async def test_a_wider_circle_is_offered(engine: MemoryEngine, planner: Planner) -> None:
    near = Near(point=Point(23, 113), radius_km=5)
    offers = await wider(engine, planner, Question(words="吉他", near=near))
    assert [offer.left_out for offer in offers] == ["filters"]


@pytest.mark.parametrize(
    "question",
    [
        Question(page=51),
        Question(page=0),
        Question(size=0),
        Question(size=101),
        Question(sort=Sort.NEAREST),
        Question(near=Near(point=Point(math.nan, 0), radius_km=5)),
        Question(near=Near(point=Point(0, 0), radius_km=math.inf)),
        Question(near=Near(point=Point(0, 0), radius_km=0)),
        Question(near=Near(point=Point(0, 179.99), radius_km=50)),
        Question(near=Near(point=Point(90, 0))),
    ],
)
async def test_a_question_out_of_reach_is_refused(engine: MemoryEngine, planner: Planner, question: Question) -> None:
    with pytest.raises(QuestionRefusedError):
        await ask(engine, planner, question)


def test_ranges_hold_their_bounds_or_not() -> None:
    assert Range(low=1, high=3).holds(1)
    assert not Range(low=1, low_in=False).holds(1)
    assert not Range(high=3, high_in=False).holds(3)
    assert not Range(low=1).holds(None)
    assert Range(low=1, unknown=True).holds(None)


def test_distances_are_great_circles() -> None:
    assert math.isclose(distance_km(Point(23.1291, 113.2644), Point(22.5431, 114.0579)), 104.4, rel_tol=0.005)


def test_the_judge_counts_what_is_right_and_what_is_forbidden() -> None:
    right = {UUID(int=1): 2, UUID(int=2): 1}
    query = Judged(number=1, category="simple", words="x", right=right, must_not=frozenset({UUID(int=9)}))
    best = judge(query, [UUID(int=1), UUID(int=2)])
    assert (best.recall, best.ndcg, best.forbidden, best.missing) == (1.0, 1.0, (), ())
    worse = judge(query, [UUID(int=9), UUID(int=2)])
    assert worse.recall == 0.5
    assert worse.ndcg is not None
    assert 0 < worse.ndcg < 0.5
    assert (worse.forbidden, worse.missing) == ((9,), (1,))
    nothing = judge(Judged(number=2, category="segment", words="y", right={}), [])
    assert (nothing.recall, nothing.ndcg) == (None, None)
