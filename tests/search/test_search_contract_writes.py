"""Points 1, 2, 3, 17, 18 and 20 of the contract: what is written is found, what is taken out is not."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from search.documents import Document
from search.engine import IndexOutdatedError
from search.query import Plan, Question
from search.synthetic import listing, listings
from tests.support.search_rigs import ENGINES, STORED, Rig, beside, changed_pipeline, rig, stream

EVERYTHING = Question(size=100)


def an_offer(number: int = 1, **changes: object) -> Document:
    return msgspec.structs.replace(listing(number), **changes)


async def found(one: Rig, words: str = "") -> list[UUID]:
    return list((await one.ask(words, size=100)).ids)


@pytest_asyncio.fixture(params=ENGINES, loop_scope="session")
async def empty(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[Rig]:
    async with rig(request.param, server_url) as one:
        yield one


@pytest_asyncio.fixture(params=STORED, loop_scope="session")
async def stored(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[Rig]:
    async with rig(request.param, server_url) as one:
        yield one


async def test_a_document_is_found_once_it_is_written(empty: Rig) -> None:
    offer = an_offer(title="（示例）海珠区吉他入门")
    await empty.put(offer)
    assert await found(empty, "吉他") == [offer.id]
    assert await found(empty) == [offer.id]


async def test_written_twice_it_is_one_hit(empty: Rig) -> None:
    offer = an_offer()
    await empty.put(offer, offer)
    await empty.put(offer)
    assert await found(empty) == [offer.id]
    assert await empty.engine.versions() == {offer.id: 1}


async def test_a_newer_version_takes_the_place_of_the_older(empty: Rig) -> None:
    await empty.put(an_offer(title="（示例）吉他", text="", version=1))
    await empty.put(an_offer(title="（示例）围棋", text="", version=2))
    assert await found(empty, "吉他") == []
    assert await found(empty, "围棋") == [an_offer().id]


@pytest.mark.parametrize("together", [True, False])
async def test_an_older_version_never_replaces_a_newer_one(empty: Rig, *, together: bool) -> None:
    newer = an_offer(title="（示例）围棋", text="", version=5)
    older = an_offer(title="（示例）吉他", text="", version=4)
    if together:
        await empty.engine.put([newer])
        await empty.engine.put([older])
        await empty.settle()
    else:
        await empty.put(newer)
        await empty.put(older)
    assert await empty.engine.versions() == {newer.id: 5}
    assert await found(empty, "围棋") == [newer.id]


async def test_a_document_taken_out_is_gone(empty: Rig) -> None:
    await empty.put(an_offer(1), an_offer(2))
    await empty.engine.remove([an_offer(1).id])
    await empty.settle()
    assert await found(empty) == [an_offer(2).id]
    assert list(await empty.engine.versions()) == [an_offer(2).id]


async def test_taking_out_what_is_not_there_is_fine(empty: Rig) -> None:
    await empty.engine.remove([UUID(int=404), UUID(int=404)])
    await empty.engine.remove([])
    await empty.settle()
    assert await found(empty) == []


async def test_a_hidden_document_is_taken_out_by_writing_it(empty: Rig) -> None:
    await empty.put(an_offer(1), an_offer(2))
    await empty.put(an_offer(1, version=2, visible=False))
    assert await found(empty) == [an_offer(2).id]
    await empty.put(an_offer(1, version=3))
    assert set(await found(empty)) == {an_offer(1).id, an_offer(2).id}


async def test_a_hidden_document_never_enters(empty: Rig) -> None:
    await empty.put(an_offer(visible=False))
    await empty.fill([an_offer(2, visible=False), an_offer(3)])
    assert await found(empty) == [an_offer(3).id]


async def test_a_rebuild_holds_exactly_what_it_was_given(empty: Rig) -> None:
    await empty.put(an_offer(90), an_offer(91))
    offers = list(listings(50))
    assert await empty.engine.rebuild(stream(offers)) == 50
    assert await empty.engine.versions() == {one.id: 1 for one in offers}
    assert (await empty.engine.stats()).documents == 50
    assert (await empty.engine.health()).ok


async def test_a_rebuild_fails_no_reader_and_loses_no_writer(stored: Rig) -> None:
    """Readers ask without pause while the index is rebuilt; writers change, add and hide what the rebuild has read."""
    offers = list(listings(120))
    await stored.fill(offers)
    started, done, answers = asyncio.Event(), asyncio.Event(), list[int]()

    async def slowly() -> AsyncIterator[Document]:
        for number, one in enumerate(offers):
            if number % 20 == 0:
                started.set()
                await asyncio.sleep(0.03)
            yield one

    async def read() -> None:
        while not done.is_set():
            answers.append((await stored.engine.find(Plan(), EVERYTHING)).total)
            await asyncio.sleep(0.005)

    async def write() -> None:
        await started.wait()
        for number in range(0, 120, 10):
            await stored.engine.put([an_offer(number, version=2, visible=number % 20 != 0)])
            await stored.engine.put([an_offer(1_000 + number)])
            await asyncio.sleep(0.005)

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.gather(stored.engine.rebuild(slowly()), write())
    done.set()
    await asyncio.gather(*readers)
    await stored.settle()
    hidden = {an_offer(number).id for number in range(0, 120, 20)}
    changed = {an_offer(number).id for number in range(10, 120, 20)}
    truth = {one.id: 2 if one.id in changed else 1 for one in offers if one.id not in hidden}
    truth |= {an_offer(1_000 + number).id: 1 for number in range(0, 120, 10)}
    assert await stored.engine.versions() == truth
    assert min(answers) >= len(offers) - len(hidden)


async def test_two_processes_see_the_same(stored: Rig, server_url: str) -> None:
    async with beside(stored, server_url) as other:
        await stored.put(an_offer(1), an_offer(2))
        assert set((await other.find(Plan(), EVERYTHING)).ids) == {an_offer(1).id, an_offer(2).id}
        await stored.put(an_offer(1, version=2, visible=False))
        assert (await other.find(Plan(), EVERYTHING)).ids == (an_offer(2).id,)


async def test_an_index_of_another_pipeline_is_refused_until_it_is_rebuilt(stored: Rig, server_url: str) -> None:
    await stored.put(an_offer())
    async with beside(stored, server_url, changed_pipeline()) as other:
        with pytest.raises(IndexOutdatedError):
            await other.find(Plan(), EVERYTHING)
        assert not (await other.health()).ok
        assert await other.rebuild(stream([an_offer(7)])) == 1
        assert (await other.find(Plan(), EVERYTHING)).ids == (an_offer(7).id,)
