"""Point 19 of the contract: whatever happens to Meilisearch, people get an answer, and it comes back by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from search.documents import Document
from search.engine import EngineUnavailableError
from search.failover import BreakerState, Failover, Limits
from search.meilisearch import MeilisearchEngine
from search.memory import MemoryEngine
from search.pipeline import Pipeline, pipeline
from search.query import Plan, Question, QuestionRefusedError
from search.synthetic import listings
from tests.support.meili_fake import MeiliFake
from tests.support.search_rigs import changed_pipeline, meilisearch, stream

OFFERS: Sequence[Document] = tuple(listings(30))
EVERYTHING = Question(size=100)
FAULTS = ("500", "html", "malformed", "429", "slow")
QUICK = Limits(answer=0.3, rest=0.05)


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def two(limits: Limits = QUICK, own: Pipeline | None = None) -> AsyncIterator[tuple[Failover, MeiliFake, Hand]]:
    """A fail-over over a fake Meilisearch and an engine in memory, both filled, on a clock moved by hand."""
    fake, hand, second = MeiliFake(), Hand(), MemoryEngine(pipeline())
    await second.put(OFFERS)
    async with meilisearch(fake, own or pipeline(), "offers") as first:
        await first.rebuild(stream(OFFERS))
        failover = Failover(first, second, limits=limits, clock=hand)
        yield failover, fake, hand
        fake.faults.mode = ""
        await failover.settle()


async def test_a_healthy_first_engine_answers() -> None:
    async with two() as (failover, _, _hand):
        found = await failover.find(Plan(), EVERYTHING)
        assert (found.engine, found.degraded, found.total) == ("meilisearch", False, 30)
        assert (await failover.health()).ok
        assert failover.name == "meilisearch"


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_answered_by_the_second_engine(fault: str) -> None:
    async with two() as (failover, fake, _):
        wanted = await failover.find(Plan(), EVERYTHING)
        fake.faults.mode, fake.faults.seconds = fault, 3.0
        for asked in range(1, 4):
            assert state(failover) is BreakerState.CLOSED
            began = time.perf_counter()
            found = await failover.find(Plan(), EVERYTHING)
            assert (found.engine, found.degraded, found.ids) == ("memory", True, wanted.ids), asked
            assert time.perf_counter() - began < 0.45
        assert state(failover) is BreakerState.OPEN
        assert failover.last_failure
        began = time.perf_counter()
        assert (await failover.find(Plan(), EVERYTHING)).degraded
        assert time.perf_counter() - began < 0.05, "an open breaker does not wait"
        assert not fake.faults.seen[-1].startswith("never")


async def test_it_closes_again_after_a_good_trial_and_not_after_a_bad_one() -> None:
    async with two() as (failover, fake, hand):
        fake.faults.mode = "500"
        for _ in range(3):
            await failover.find(Plan(), EVERYTHING)
        asked = len(fake.faults.seen)
        await failover.find(Plan(), EVERYTHING)
        assert len(fake.faults.seen) == asked, "it is left alone while it rests"
        hand.now += 1
        assert (await failover.find(Plan(), EVERYTHING)).degraded
        assert state(failover) is BreakerState.HALF_OPEN
        await failover.settle()
        assert state(failover) is BreakerState.OPEN
        fake.faults.mode = ""
        hand.now += 1
        assert (await failover.find(Plan(), EVERYTHING)).degraded, "nobody waits for the trial"
        await failover.settle()
        assert state(failover) is BreakerState.CLOSED
        assert (await failover.find(Plan(), EVERYTHING)).engine == "meilisearch"


async def test_failures_far_apart_do_not_open_it() -> None:
    async with two() as (failover, fake, hand):
        for _ in range(5):
            fake.faults.mode = "500"
            assert (await failover.find(Plan(), EVERYTHING)).degraded
            fake.faults.mode = ""
            hand.now += 6
            assert not (await failover.find(Plan(), EVERYTHING)).degraded
        assert state(failover) is BreakerState.CLOSED


async def test_an_index_that_is_behind_is_left_alone_until_it_has_caught_up() -> None:
    behind = 0.0

    async def lag() -> float:
        return behind

    async with two() as (failover, _fake, hand):
        watched = Failover(failover.first, failover.second, limits=QUICK, lag=lag, clock=hand)
        assert not (await watched.find(Plan(), EVERYTHING)).degraded
        await watched.settle()
        behind = 500.0
        hand.now += 6
        await watched.find(Plan(), EVERYTHING)
        await watched.settle()
        assert state(watched) is BreakerState.OPEN
        assert (await watched.find(Plan(), EVERYTHING)).degraded
        assert "500 s behind" in (await watched.health()).says
        behind = 0.0
        hand.now += 1
        await watched.find(Plan(), EVERYTHING)
        await watched.settle()
        assert state(watched) is BreakerState.CLOSED


async def test_an_index_of_another_pipeline_opens_it_at_once() -> None:
    async with two() as (failover, fake, hand):
        assert isinstance(failover.first, MeilisearchEngine)
        async with MeilisearchEngine(fake.url, "wrong key", index="offers", pipeline=changed_pipeline()) as other:
            with pytest.raises(EngineUnavailableError, match="invalid_api_key"):
                await other.find(Plan(), EVERYTHING)
        await failover.first.drop()
        assert (await failover.find(Plan(), EVERYTHING)).degraded
        assert state(failover) is BreakerState.OPEN
        await failover.first.rebuild(stream(OFFERS))
        hand.now += 1
        await failover.find(Plan(), EVERYTHING)
        await failover.settle()
        assert state(failover) is BreakerState.CLOSED


async def test_a_question_out_of_reach_is_nobodys_fault() -> None:
    async with two() as (failover, _, _hand):
        for _ in range(5):
            with pytest.raises(QuestionRefusedError):
                await failover.find(Plan(), Question(page=99, size=100))
        assert state(failover) is BreakerState.CLOSED


async def test_killed_under_load_no_search_fails_and_it_recovers_by_itself() -> None:
    """Eight people search without pause while the server is killed and comes back."""
    fake, second = MeiliFake(), MemoryEngine(pipeline())
    await second.put(OFFERS)
    async with meilisearch(fake, pipeline(), "offers") as first:
        await first.rebuild(stream(OFFERS))
        failover = Failover(first, second, limits=Limits(rest=0.2))
        stop, took, engines = asyncio.Event(), list[float](), list[str]()

        async def somebody() -> None:
            while not stop.is_set():
                began = time.perf_counter()
                found = await failover.find(Plan(), EVERYTHING)
                took.append(time.perf_counter() - began)
                engines.append(found.engine)
                assert found.total == 30
                await asyncio.sleep(0.01)

        people = [asyncio.create_task(somebody()) for _ in range(8)]
        await until(lambda: "meilisearch" in engines)
        await asyncio.to_thread(fake.kill)
        before = len(took)
        await until(lambda: engines[-1] == "memory" and len(took) > before + 40)
        slowest = max(took[before:])
        await asyncio.to_thread(fake.revive)
        await until(lambda: engines[-1] == "meilisearch")
        stop.set()
        await asyncio.gather(*people)
        await failover.settle()
    assert slowest <= 0.35
    assert set(engines) == {"meilisearch", "memory"}


def state(failover: Failover) -> BreakerState:
    return failover.state


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110 - what is waited for happens in other tasks
            await asyncio.sleep(0.01)
