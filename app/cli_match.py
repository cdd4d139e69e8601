"""The commands that solve a stored problem and that measure the whole way on a made-up province."""

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np

from app.cli_match_peers import PEERS, measured, peak_gib
from matching.candidates.best import candidates
from matching.candidates.pricing import Priced, Pricer
from matching.certificate import Certificate, certify
from matching.generation import grow
from matching.instances import Instance, InstanceRefused, Ints64, read_instance, write_instance
from matching.pool.desk import Pool
from matching.pool.refused import PoolRefused
from matching.solvers.province import solve
from matching.synthetic import province

Answer = TypeVar("Answer")
PROVEN_GAP = 5e-5
"""Candidates grow until the answer is this near to the optimum over all eligible pairs."""
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
    grown = watch.time("pricing", lambda: _pricing(pool, keep, threads))
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
        "pricing": grown,
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
    _pricing(pool, 8, threads)


def _pricing(pool: Pool, keep: int, threads: int) -> dict[str, Any]:
    """Solve over all eligible pairs: candidates, spread at first, grow until the answer is proven.

    `relative_gap`: what the net score may be short of the optimum over all eligible pairs, as a part of it; null while
    a tier may be short of people.
    """
    pricer = Pricer(pool)

    def price(utility: Ints64, prices: Ints64) -> Priced:
        return pricer.price(utility, prices, threads=threads)

    grown = grow(pricer.start(keep, threads=threads), price, gap=PROVEN_GAP, threads=threads)
    last = grown.rounds[-1]
    return {
        "rounds": [asdict(one) for one in grown.rounds],
        "arcs": last.arcs,
        "matched_by_tier": last.matched_by_tier,
        "net_score": last.net_score,
        "tier_bound": last.tier_bound,
        "score_bound": last.score_bound,
        "relative_gap": None if last.tier_bound else grown.relative_gap,
    }


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
