"""Points 9 to 16 and 22 of the contract: what words find, on the judged listings, whatever the engine."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from search.documents import Document
from search.evaluate import Judged, Report, evaluate, load
from search.folding import fold
from search.memory import MemoryEngine
from search.pipeline import pipeline
from tests.support.search_rigs import ENGINES, Rig, planner_of, rig

SET = Path(__file__).parents[1] / "data" / "search_judged.json"
FLOOR, CATEGORY_FLOOR, PARITY, FIRST_IN_THREE = 0.93, 0.82, 0.03, 0.8
SPELLINGS = (
    ("租房", "租房", "ＺＵ房", "租 房"),
    ("实习", "實習", "实 习", "實 習"),
    ("Java", "ＪＡＶＡ", "java", "JaVa"),
    ("考研英语", "考研英語", "考研 英语", "考研英语　"),
)


@pytest_asyncio.fixture(params=ENGINES, scope="module", loop_scope="session")
async def judged(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[Rig]:
    documents, _ = load(SET)
    async with rig(request.param, server_url) as one:
        await one.fill(documents)
        yield one


@pytest.fixture(scope="module")
def queries() -> list[Judged]:
    return load(SET)[1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def measure() -> Report:
    """What the engine in memory makes of the judged set: the measure for parity."""
    documents, judgements = load(SET)
    engine = MemoryEngine(pipeline())
    await engine.put(documents)
    return await evaluate(engine, planner_of(documents), judgements)


async def numbers(one: Rig, words: str, size: int = 100) -> list[int]:
    return [found.int for found in (await one.ask(words, size=size)).ids]


async def test_the_judged_set_is_answered_well_and_alike(judged: Rig, queries: list[Judged], measure: Report) -> None:
    report = await evaluate(judged.engine, judged.planner, queries)
    assert report.all.recall >= FLOOR
    assert report.all.ndcg >= FLOOR
    assert report.all.must_not == 0
    assert all(outcome.recall is None or outcome.recall > 0 for outcome in report.outcomes)
    assert min(score.recall for score in report.categories.values()) >= CATEGORY_FLOOR
    assert abs(report.all.recall - measure.all.recall) <= PARITY
    pairs = [(a.first, b.first) for a, b in zip(measure.outcomes, report.outcomes, strict=True) if a.first]
    assert sum(a[0] in b[:3] for a, b in pairs) / len(pairs) >= FIRST_IN_THREE


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
async def test_every_spelling_finds_the_same(judged: Rig, spellings: tuple[str, ...]) -> None:
    wanted = set(await numbers(judged, fold(spellings[0])))
    assert wanted
    for spelling in spellings:
        if fold(spelling).replace(" ", "") == fold(spellings[0]).replace(" ", ""):
            assert set(await numbers(judged, spelling)) == wanted, spelling


@pytest.mark.parametrize("words", ["zufang", "zf", "ZuFang"])
async def test_pinyin_and_initials_find_what_the_characters_find(judged: Rig, words: str) -> None:
    wanted = await numbers(judged, "租房", 10)
    found = await judged.ask(words, size=10)
    assert set(wanted) == {one.int for one in found.ids}
    assert found.showing == "租房"
    assert found.rewritten_from


@pytest.mark.parametrize(("typed", "meant"), [("租房", "租房"), ("zufang", "租房"), ("xinlizixun", "心理咨询")])
async def test_every_keystroke_is_answered_and_the_last_one_finds_it(judged: Rig, typed: str, meant: str) -> None:
    for length in range(1, len(typed) + 1):
        answer = await judged.ask(typed[:length])
        assert answer.total >= len(answer.ids)
    assert set(await numbers(judged, typed)) >= set(await numbers(judged, meant, 10))


async def test_a_homophone_is_read_only_when_nothing_is_written_so(judged: Rig) -> None:
    repaired = await judged.ask("实西")
    assert repaired.showing == "实习"
    assert repaired.rewritten_from == "实西"
    assert [one.int for one in repaired.ids] == await numbers(judged, "实习", 20)
    literal = await judged.ask("实习")
    assert not literal.rewritten_from


async def test_a_one_way_synonym_stays_one_way(judged: Rig) -> None:
    wide, narrow = set(await numbers(judged, "租房")), set(await numbers(judged, "转租"))
    assert narrow < wide
    assert narrow


async def test_words_that_look_alike_are_kept_apart(judged: Rig) -> None:
    java = await numbers(judged, "Java", 5)
    by_number = {one.id.int: one for one in load(SET)[0]}
    assert "java" in pipeline().lexemes(by_number[java[0]]).anywhere
    for words, other in (("景点", "经典"), ("2025", "2026"), ("2026", "2025")):
        for number in await numbers(judged, words):
            found = pipeline().lexemes(by_number[number]).anywhere
            assert words in found or other not in found, (words, number)


async def test_a_japanese_document_does_not_change_chinese_answers(judged: Rig, queries: list[Judged]) -> None:
    some = [query.words for query in queries[::9]]
    before = [await numbers(judged, words) for words in some]
    changes = {"kind": "LEGAL", "place": (), "text": "日本語の会話をしましょう。", "tags": ("カラオケ",)}
    kana = listing_with("カラオケのアルバイト", 9_001, **changes)
    await judged.put(kana)
    after = [[number for number in await numbers(judged, words) if number != 9_001] for words in some]
    assert after == before
    await judged.engine.remove([kana.id])
    await judged.settle()


async def test_a_question_meant_exactly_is_not_rewritten(judged: Rig) -> None:
    assert (await judged.ask("zufang", exact=True)).total == 0
    exact = await judged.ask("租房", exact=True, size=100)
    assert 0 < exact.total < (await judged.ask("租房")).total


def listing_with(title: str, number: int, **changes: object) -> Document:
    example = load(SET)[0][0]
    return msgspec.structs.replace(
        example, **{"id": UUID(int=number), "title": title, "text": "", "tags": (), **changes}
    )


@pytest.mark.parametrize("name", ENGINES)
async def test_a_whole_word_goes_before_a_longer_one(name: str, server_url: str) -> None:
    """Java is never outranked by JavaScript, however new the latter is."""
    older = listing_with("（示例）Java 开发", 1)
    newer = listing_with(
        "（示例）JavaScript 开发", 2, published_at=older.published_at.replace(year=older.published_at.year + 1)
    )
    async with rig(name, server_url) as one:
        await one.fill([older, newer])
        assert (await numbers(one, "java"))[0] == 1
        assert set(await numbers(one, "javascript")) == {2}


@pytest.mark.parametrize("name", ENGINES)
async def test_what_was_written_stands_before_what_a_synonym_found(name: str, server_url: str) -> None:
    older = listing_with("（示例）心理辅导", 1)
    newer = listing_with(
        "（示例）心理咨询", 2, published_at=older.published_at.replace(year=older.published_at.year + 1)
    )
    async with rig(name, server_url) as one:
        await one.fill([older, newer])
        assert await numbers(one, "心理辅导") == [1, 2]
        assert await numbers(one, "心理咨询") == [2, 1]
