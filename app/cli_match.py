"""The commands that solve a stored problem and that measure the whole way on a made-up province."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np

from app.cli_match_peers import PEERS, measured, peak_gib
from matching.candidates.best import candidates
from matching.candidates.pricing import Pricer
from matching.certificate import Certificate, certify
from matching.instances import MOST_TIERS, Instance, InstanceRefused, Solution, read_instance, write_instance
from matching.pool.desk import Pool
from matching.pool.refused import PoolRefused
from matching.solvers.province import solve
from matching.synthetic import province

Answer = TypeVar("Answer")
URGENCY = 1 << 40
"""Worth of one tier in score units when urgency and score are put in one number for the pricing."""
SMALL = (400, 80)
"""Requests and offers of the problem that is solved first, so that no measured second is spent compiling."""
PATIENCE = 3_600.0
"""Seconds after which a peer is stopped."""


class Stopwatch:
    """Wall and CPU seconds of named steps."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    def time(self, name: str, step: Callable[[], Answer]) -> Answer:
        """Run a step and note how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        answer = step()
        self.steps[name] = {
            "seconds": round(time.perf_counter() - wall, 4),
            "cpu_seconds": round(time.process_time() - cpu, 4),
        }
        return answer


@click.group()
def match() -> None:
    """求解匹配问题。 Solve matching problems."""


@match.command("solve")
@click.argument("instance", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写出分配结果。 Write the assignment.")
@click.option("--threads", default=2, show_default=True, help="线程数。 Threads.")
def solve_(instance: Path, out: Path | None, threads: int, *, as_json: bool) -> None:
    """求出一个已存问题的最优分配并给出证明。 Solve a stored problem exactly and prove the answer."""
    problem = _read(instance)
    solve(_first(problem), threads=threads)
    wall = time.perf_counter()
    answer = solve(problem, threads=threads)
    seconds = time.perf_counter() - wall
    proof = certify(problem, answer.assignment, answer.price, answer.level)
    if out is not None:
        with out.open("wb") as stream:
            np.savez_compressed(stream, assignment=answer.assignment)
    _say({**_proven(proof), "seconds": round(seconds, 4), "cpu_seconds": round(answer.cpu_seconds, 4)}, as_json=as_json)
    must_be_proven(proof)


def must_be_proven(proof: Certificate) -> None:
    """End with a sentence and code 1 when an answer is not proven to be the best."""
    if not proof.valid:
        raise click.ClickException("结果没有通过证明。 The answer is not proven.")


@click.command("match")
@click.option("--requests", default=10_000, show_default=True, help="多少条求助。 Requests.")
@click.option("--offers", default=2_000, show_default=True, help="多少个提供方。 Offers.")
@click.option(
    "--candidates", "keep", default=32, show_default=True, help="每条求助的候选数。 Candidates of each request."
)
@click.option("--seed", default=0, show_default=True, help="随机种子。 Seed.")
@click.option("--threads", default=2, show_default=True, help="线程数。 Threads.")
@click.option("--peers", default="", help=f"对照的求解器，用逗号分隔：{','.join(PEERS)}。 Peers, by commas.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def bench_match(requests: int, offers: int, keep: int, seed: int, threads: int, peers: str, *, as_json: bool) -> None:
    """在模拟的全省数据上测量候选、求解、定价和证明。 Measure every step on a made-up province."""
    named = _named_peers(peers)
    _compile(threads)
    watch = Stopwatch()
    pool = watch.time("make", lambda: _province(requests, offers, seed))
    problem = watch.time("candidates", lambda: _candidates(pool, keep, threads))
    answer = watch.time("solve", lambda: solve(problem, threads=threads))
    proof = watch.time("certificate", lambda: certify(problem, answer.assignment, answer.price, answer.level))
    missing_units = watch.time("pricing", lambda: _pricing(pool, problem, answer, threads))
    figures: dict[str, Any] = {
        "requests": requests,
        "offers": offers,
        "candidates": keep,
        "seed": seed,
        "arcs": problem.arcs,
        "steps": watch.steps,
        "peak_gib": peak_gib(),
        **_proven(proof),
        "objective": {"matched_by_tier": proof.matched_by_tier, "net_score": proof.net_score},
        "pricing": missing_units,
    }
    if named:
        figures["peers"] = _peers(problem, named, proof)
    _say(figures, as_json=as_json)


def _read(path: Path) -> Instance:
    """Read an instance; a wrong file is a sentence."""
    try:
        return read_instance(path)
    except (InstanceRefused, ValueError, OSError, KeyError) as error:
        raise click.ClickException(f"读不了这个文件：{error} This is not an instance.") from error


def _first(problem: Instance) -> Instance:
    """Give the first few requests of a problem: solving them reads the compiled code before the clock starts."""
    count = min(problem.requests, SMALL[0])
    last = int(problem.indptr[count])
    return Instance(
        indptr=problem.indptr[: count + 1],
        offer=problem.offer[:last],
        score=problem.score[:last],
        tier=problem.tier[:count],
        capacity=problem.capacity,
        load_cost=problem.load_cost,
    )


def _province(requests: int, offers: int, seed: int) -> Pool:
    try:
        return province(requests=requests, offers=offers, seed=seed)
    except PoolRefused as error:
        raise click.ClickException(f"数量不合适：{error}") from error


def _candidates(pool: Pool, keep: int, threads: int) -> Instance:
    try:
        return candidates(pool, keep, threads=threads)
    except PoolRefused as error:
        raise click.ClickException(f"数量不合适：{error}") from error


def _named_peers(peers: str) -> list[str]:
    """Split the list of peers; an unknown one is refused."""
    named = [peer.strip() for peer in peers.split(",") if peer.strip()]
    unknown = [peer for peer in named if peer not in PEERS]
    if unknown:
        raise click.BadParameter(f"不认识 {', '.join(unknown)}；可以用 {', '.join(PEERS)}。", param_hint="--peers")
    return named


def _compile(threads: int) -> None:
    """Run every step once on a small province, so that the compiler's time is not measured."""
    pool = province(requests=SMALL[0], offers=SMALL[1], seed=1)
    problem = candidates(pool, 8, threads=threads)
    answer = solve(problem, threads=threads)
    certify(problem, answer.assignment, answer.price, answer.level)
    _pricing(pool, problem, answer, threads)


def _pricing(pool: Pool, problem: Instance, answer: Solution, threads: int) -> dict[str, int]:
    """Price all eligible pairs once: how many requests have a better pair, and the bound this proves.

    `urgency` and `score`: the optimum over all eligible pairs is better by at most this (people weighted by 8 - tier).
    """
    rows = np.repeat(np.arange(problem.requests), np.diff(problem.indptr))
    price = answer.price + answer.level.astype(np.int64) * URGENCY
    bonus = (MOST_TIERS - problem.tier.astype(np.int64)) * URGENCY
    utility = np.zeros(problem.requests, np.int64)
    np.maximum.at(utility, rows, bonus[rows] + problem.score - price[problem.offer])
    priced = Pricer(pool).price(utility - bonus, price, threads=threads)
    bound = sum(int(part) for part in (priced.worst >> 20)) * (1 << 20) + int((priced.worst & ((1 << 20) - 1)).sum())
    urgency = (bound + URGENCY // 2) // URGENCY
    return {"violated": priced.violated, "bound_urgency": urgency, "bound_score": bound - urgency * URGENCY}


def _peers(problem: Instance, named: list[str], proof: Certificate) -> dict[str, Any]:
    """Measure each peer on the same instance, and say whether it reaches the same objective."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.npz"
        write_instance(problem, path)
        for peer in named:
            found[peer] = measured(peer, path, PATIENCE)
            if "matched_by_tier" in found[peer]:
                same = tuple(found[peer]["matched_by_tier"]) == proof.matched_by_tier
                found[peer]["equal"] = same and found[peer]["net_score"] == proof.net_score
    return found


def _proven(proof: Certificate) -> dict[str, Any]:
    return {
        "matched_by_tier": proof.matched_by_tier,
        "net_score": proof.net_score,
        "dual_gap": proof.dual_gap,
        "tier_gap": proof.tier_gap,
        "tier_violations": proof.tier_violations,
        "faults": proof.faults,
    }


def _say(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print figures as JSON or one in a line."""
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")
