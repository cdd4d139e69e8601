"""Writes beside reads: how soon another process sees them, what they cost a search, and a rebuild under readers."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any, Final
from uuid import UUID

import msgspec

from search.documents import Document
from search.measure.pools import pool_of
from search.measure.timing import Ask, Where, spread, until_over
from search.measure.workload import Asked
from search.pipeline import pipeline
from search.postgres import PostgresEngine
from search.query import Plan, Question
from search.synthetic import listing

ROUNDS: Final = 200
RATE: Final = 250
WRITERS: Final = 4
PATIENCE: Final = 2.0
SEEDED: Final = 99
"""Documents written by the measurement come from a seed of their own."""


def _marked(number: int, *, visible: bool, version: int) -> Document:
    one = listing(number, seed=SEEDED)
    return msgspec.structs.replace(one, kind="LEGAL", city="990000", county="", version=version, visible=visible)


def watch(where: Where, pipe: Any) -> None:
    """Be the other process: answer, for each id told, when it appears or disappears."""

    async def watching() -> None:
        async with pool_of(where.url) as pool:
            engine = PostgresEngine(pool.acquire, pipeline(), table=where.table)
            pipe.send("ready")
            while (told := await asyncio.to_thread(pipe.recv)) is not None:
                wanted, there = told
                await _seen(engine, wanted, there=there)
                pipe.send(time.time())

    asyncio.run(watching())


async def _seen(engine: PostgresEngine, wanted: UUID, *, there: bool) -> None:
    question = Question(any_of={"kind": ("LEGAL",), "city": ("990000",)}, size=100)
    over = time.monotonic() + PATIENCE
    while time.monotonic() < over:
        if (wanted in (await engine.find(Plan(), question)).ids) is there:
            return


async def freshness(where: Where, engine: PostgresEngine) -> dict[str, dict[str, float]]:
    """Write and hide documents; return from the call to the sight of it in another process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=watch, args=(where, theirs))
    process.start()
    await asyncio.to_thread(ours.recv)
    written: list[float] = []
    hidden: list[float] = []
    for number in range(ROUNDS):
        for visible, took in ((True, written), (False, hidden)):
            document = _marked(number % 50, visible=visible, version=2 * number + (not visible))
            began = time.time()
            await engine.put([document])
            took.append(await _told(ours, document.id, there=visible) - began)
    ours.send(None)
    await asyncio.to_thread(process.join)
    return {"write": spread(written), "hide": spread(hidden)}


async def _told(pipe: "Connection[Any, Any]", wanted: UUID, *, there: bool) -> float:
    pipe.send((wanted, there))
    seen: float = await asyncio.to_thread(pipe.recv)
    return seen


def write_steadily(where: Where, stop: Event, told: Any) -> None:
    """Be a writer: change existing documents two hundred and fifty times a second until told to stop."""

    async def writing() -> int:
        async with pool_of(where.url, WRITERS) as pool:
            engine = PostgresEngine(pool.acquire, pipeline(), table=where.table)
            began = time.perf_counter()
            numbers = itertools.count()

            async def one_writer() -> None:
                while not stop.is_set():
                    number = next(numbers)
                    await engine.put([listing(number % 5_000, version=2 + number // 5_000)])
                    await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))

            await asyncio.gather(*(one_writer() for _ in range(WRITERS)))
            return round(next(numbers) / (time.perf_counter() - began))

    told.put(asyncio.run(writing()))


async def under_writes(where: Where, ask: Ask, mix: list[Asked], seconds: float) -> dict[str, float]:
    """Ask the mix while another process writes; return the spread and the rate of writes that was reached."""
    context = get_context("spawn")
    stop, told = context.Event(), context.Queue()
    process = context.Process(target=write_steadily, args=(where, stop, told))
    process.start()
    took = await until_over(ask, mix, seconds)
    stop.set()
    rate = await asyncio.to_thread(told.get)
    await asyncio.to_thread(process.join)
    return {**spread(took), "writes_per_second": rate}


def rebuild_there(where: Where, count: int, told: Any) -> None:
    """Be the process that rebuilds the index."""

    async def documents() -> AsyncIterator[Document]:
        for number in range(count):
            yield listing(number)

    async def rebuilding() -> float:
        async with pool_of(where.url) as pool:
            began = time.perf_counter()
            await PostgresEngine(pool.acquire, pipeline(), table=where.table).rebuild(documents())
            return time.perf_counter() - began

    told.put(asyncio.run(rebuilding()))


async def rebuild_under_reads(where: Where, ask: Ask, mix: list[Asked], count: int) -> dict[str, float]:
    """Let another process rebuild with `count` documents while two readers ask here; count the reads that fail."""
    done, failed, took = asyncio.Event(), list[str](), list[float]()

    async def read(start: int) -> None:
        at = start
        while not done.is_set():
            began = time.perf_counter()
            try:
                await ask(mix[at % len(mix)])
            except Exception as error:  # noqa: BLE001 - whatever fails is what is counted
                failed.append(repr(error))
            took.append(time.perf_counter() - began)
            at += 1

    context = get_context("spawn")
    told = context.Queue()
    process = context.Process(target=rebuild_there, args=(where, count, told))
    readers = [asyncio.create_task(read(start)) for start in (0, 50)]
    process.start()
    seconds = await asyncio.to_thread(told.get)
    done.set()
    await asyncio.gather(*readers)
    await asyncio.to_thread(process.join)
    return {"documents": count, "seconds": round(seconds, 2), "reads": len(took), "failed": len(failed), **spread(took)}
