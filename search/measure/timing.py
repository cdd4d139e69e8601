"""Clocks and spreads of the measurement: one client asking in turn, and two processes asking at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec

from search.lexicon import Lexicon
from search.measure.pools import pool_of
from search.measure.workload import Asked, workload
from search.pipeline import pipeline
from search.planner import Planner
from search.postgres import PostgresEngine

Ask = Callable[[Asked], Awaitable[object]]
SECONDS: Final = 5.0
SHARE: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process of the measurement finds things: address, tables, folder, and the lexicon."""

    url: str
    table: str
    naive: str
    folder: Path
    lexicon: bytes


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the maximum in milliseconds."""
    ordered = sorted(seconds)
    told = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in SHARE.items()}
    return {name: round(value * 1000, 3) for name, value in (told | {"max": ordered[-1]}).items()}


async def one_client(ask: Ask, mix: Sequence[Asked], rounds: int) -> list[tuple[str, float]]:
    """Ask the whole mix once to warm up, then `rounds` times; return the part and the seconds of each question."""
    for asked in mix:
        await ask(asked)
    took: list[tuple[str, float]] = []
    for _ in range(rounds):
        for asked in mix:
            began = time.perf_counter()
            await ask(asked)
            took.append((asked.part, time.perf_counter() - began))
    return took


def by_part(took: Sequence[tuple[str, float]]) -> dict[str, dict[str, float]]:
    """Return the spread of each part of the mix."""
    parts: dict[str, list[float]] = {}
    for part, seconds in took:
        parts.setdefault(part, []).append(seconds)
    return {part: spread(seconds) for part, seconds in sorted(parts.items())}


def two_processes(runner: Callable[[Where, float, Any], None], where: Where) -> dict[str, float]:
    """Let two processes ask at once for some seconds; return questions a second and the p99 in milliseconds."""
    context = get_context("spawn")
    queue = context.Queue()
    processes = [context.Process(target=runner, args=(where, SECONDS, queue)) for _ in range(2)]
    for process in processes:
        process.start()
    answers: list[list[float]] = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    everything = [seconds for some in answers for seconds in some]
    return {"per_second": round(len(everything) / SECONDS, 1), "p99": spread(everything)["p99"]}


def mix_of(where: Where) -> list[Asked]:
    """Return the questions with plans by the stored lexicon."""
    return workload(Planner(pipeline(), Lexicon.loads(where.lexicon)))


async def until_over(ask: Ask, mix: Sequence[Asked], seconds: float) -> list[float]:
    """Ask the mix again and again until the time is over; return the seconds of each question."""
    await one_client(ask, mix[:40], 0)
    took: list[float] = []
    over = time.perf_counter() + seconds
    while True:
        for asked in mix:
            began = time.perf_counter()
            if began >= over:
                return took
            await ask(asked)
            took.append(time.perf_counter() - began)


def run_postgres(where: Where, seconds: float, queue: Any) -> None:
    """Be one of two processes that ask the PostgreSQL engine."""

    async def ask_all() -> list[float]:
        async with pool_of(where.url) as pool:
            engine = PostgresEngine(pool.acquire, pipeline(), table=where.table)

            async def ask(asked: Asked) -> object:
                return await engine.find(asked.plan, asked.question)

            return await until_over(ask, mix_of(where), seconds)

    queue.put(asyncio.run(ask_all()))
