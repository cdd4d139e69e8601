"""The measurement from start to end: fill, ask, write, rebuild, and the ratios the goals are about."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, cast

from search import postgres_schema
from search.lexicon import Lexicon
from search.measure import timing, writes
from search.measure.fill import Filled, fill
from search.measure.peers import NaivePeer, Peer
from search.measure.pools import pool_of
from search.measure.timing import Where
from search.measure.workload import Asked, workload
from search.pipeline import pipeline
from search.planner import Planner
from search.postgres import PostgresEngine

TABLE: Final = "bench_search"
NAIVE: Final = "bench_naive"
SMALL: Final = 200_000
"""Up to this many documents the mix is asked three times, above it once."""
REBUILT: Final = 20_000
Tell = Callable[[str], None]


async def measure(url: str, folder: Path, count: int, *, peers: Sequence[str], tell: Tell) -> dict[str, Any]:
    """Return every figure of one run over `count` documents, in a database of which only scratch tables are used."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(pool_of(url, 4))
        naive = await stack.enter_async_context(pool.acquire())
        chosen = await _peers(peers, naive, folder, tell)
        await pool.execute(postgres_schema.drop(TABLE))
        await pool.execute(postgres_schema.create(TABLE, pipeline=pipeline().version))
        tell(f"filling {count} documents")
        filled = await fill(pool.acquire, TABLE, chosen, count)
        where = Where(url=url, table=TABLE, naive=NAIVE, folder=folder / "tantivy", lexicon=filled.lexicon)
        engine = PostgresEngine(pool.acquire, pipeline(), table=TABLE)
        figures = await _asked(engine, chosen, where, count, tell)
        figures["build"] = _build(filled)
        figures["words_per_document"] = filled.words_each
        await _written(engine, where, figures, count, tell)
        await pool.execute(postgres_schema.drop(TABLE))
        await naive.execute(f"DROP TABLE IF EXISTS {NAIVE}")
    return {"listings": count, **figures}


async def _peers(names: Sequence[str], connection: Any, folder: Path, tell: Tell) -> list[Peer]:
    """Return the peers asked for; tantivy only where it is installed."""
    chosen: list[Peer] = []
    if "tantivy" in names:
        if importlib.util.find_spec("tantivy") is None:
            tell("tantivy is not installed; it is left out")
        else:
            module = importlib.import_module("search.measure.tantivy_peer")
            chosen.append(cast("Peer", module.peer(folder / "tantivy")))
    if "naive" in names:
        naive = NaivePeer(connection, NAIVE)
        await connection.execute(f"DROP TABLE IF EXISTS {NAIVE}")
        await naive.create()
        chosen.append(naive)
    return chosen


def _build(filled: Filled) -> dict[str, float]:
    return {f"{name}_s": seconds for name, seconds in filled.seconds.items()}


async def _asked(engine: PostgresEngine, peers: list[Peer], where: Where, count: int, tell: Tell) -> dict[str, Any]:
    """Ask every engine the mix; return spreads, sizes and ratios."""
    mix = workload(Planner(pipeline(), Lexicon.loads(where.lexicon)))
    rounds = 3 if count <= SMALL else 1
    told: dict[str, Any] = {}

    async def ask(asked: Asked) -> object:
        return await engine.find(asked.plan, asked.question)

    tell("asking postgres")
    took = await timing.one_client(ask, mix, rounds)
    mine: dict[str, Any] = {
        **timing.spread([seconds for _, seconds in took]),
        "parts": timing.by_part(took),
        "bytes": (await engine.stats()).bytes,
    }
    tell("asking with two processes")
    told["postgres"] = mine
    mine["two_processes"] = timing.two_processes(timing.run_postgres, where)
    for peer in peers:
        tell(f"asking {peer.name}")
        told[peer.name] = await _peer(peer, mix, rounds)
        told[peer.name]["total_agrees"] = await _agreement(engine, peer, mix)
    if "tantivy" in told:
        told["postgres_over_tantivy"] = _ratios(mine, told["tantivy"])
    if NaivePeer.name in told:
        told["naive_over_postgres_p99"] = round(told[NaivePeer.name]["p99"] / mine["p99"], 2)
    return told


async def _peer(peer: Peer, mix: list[Asked], rounds: int) -> dict[str, Any]:
    async def ask(asked: Asked) -> object:
        return await peer.find(asked.plan, asked.question)

    took = await timing.one_client(ask, mix, rounds if peer.name == "tantivy" else 1)
    spread = timing.spread([seconds for _, seconds in took])
    return {**spread, "parts": timing.by_part(took), "bytes": await peer.bytes()}


def _ratios(one: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    return {name: round(one[name] / other[name], 2) for name in timing.SHARE}


async def _agreement(engine: PostgresEngine, peer: Peer, mix: list[Asked]) -> float:
    """Return the share of questions whose total is the same: both must have done the same work."""
    same = 0
    for asked in mix:
        _, total, _ = await peer.find(asked.plan, asked.question)
        same += abs(total - (await engine.find(asked.plan, asked.question)).total) <= total * 0.01
    return round(same / len(mix), 3)


async def _written(engine: PostgresEngine, where: Where, figures: dict[str, Any], count: int, tell: Tell) -> None:
    """Add what writes do: freshness, searches beside writes, and a rebuild beside reads."""
    mix = timing.mix_of(where)

    async def ask(asked: Asked) -> object:
        return await engine.find(asked.plan, asked.question)

    tell("writing")
    figures["visible_in_another_process"] = await writes.freshness(where, engine)
    quiet = timing.spread(await timing.until_over(ask, mix, timing.SECONDS * 2))
    busy: dict[str, Any] = await writes.under_writes(where, ask, mix, timing.SECONDS * 2)
    figures["under_250_writes"] = {**busy, "quiet_p99": quiet["p99"], "p99_ratio": round(busy["p99"] / quiet["p99"], 2)}
    tell("rebuilding under reads")
    figures["rebuild_under_reads"] = await writes.rebuild_under_reads(where, ask, mix, min(count, REBUILT))
