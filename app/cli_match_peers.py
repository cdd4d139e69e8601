"""Other people's solvers on the same instance, each in a process of its own so that its memory and time are its own.

Each peer maximises the same objective: a bonus for each tier large enough for the lexicographic order, the scores,
less the convex load cost. The tiers are spaced linearly, which suffices because the sets of requests that can be
served together form a matroid. `ortools` and `pylmcf` are extras; without them a
peer says so. HiGHS and the bipartite matching come with scipy.
"""

import importlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog  # pyright: ignore[reportMissingTypeStubs]
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.fairness import net_score
from matching.instances import Instance, Ints32, Ints64, read_instance
from matching.solvers.greedy import greedy_by_score, queue_by_urgency

PEERS = ("ortools", "pylmcf", "scipy", "highs", "queue", "greedy")
NEEDS = {"ortools": "ortools", "pylmcf": "pylmcf"}
STATUS = Path("/proc/self/status")
"""Where Linux keeps a process's high water of memory; elsewhere (bytes on macOS) the usual figure is taken."""
ALONE = "import sys; from app.cli_match_peers import main; main(*sys.argv[1:])"
SPACING = 50_000
"""Bonus between neighbouring tiers, in score units; above any change of score along one exchange that occurs here."""


@dataclass(frozen=True, slots=True)
class Network:
    """The instance as a flow: requests, then offers, then one sink; `cost` is to be made small.

    `tail`, `head`, `room`, `cost` int64 by arc: first the m candidates, then a way out for every request, then the
    places of every offer (one arc for each place that costs more than the one before).
    """

    requests: int
    nodes: int
    candidates: int
    tail: Ints64
    head: Ints64
    room: Ints64
    cost: Ints64


def peak_gib() -> float:
    """Give the most memory this process has held so far, what its parent held left out where the system tells it."""
    if STATUS.exists():
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return round(int(lines["VmHWM"].split()[0]) / (1 << 20), 3)
    return round(getrusage(RUSAGE_SELF).ru_maxrss / (1 << 30), 3)


def missing(peer: str) -> str | None:
    """Say what to install for a peer; None when it is there."""
    package = NEEDS.get(peer)
    if package is None or importlib.util.find_spec(package) is not None:
        return None
    return f"没有安装 {package}，跳过这一项。 {package} is not installed: pip install {package}"


def measured(peer: str, instance_path: Path, patience: float) -> dict[str, Any]:
    """Run one peer in a process of its own and give its figures, or a sentence under `missing` or `failed`."""
    sentence = missing(peer)
    if sentence is not None:
        return {"missing": sentence}
    command = [sys.executable, "-c", ALONE, peer, str(instance_path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)  # noqa: S603 - our own module with a name from PEERS
    except subprocess.TimeoutExpired:
        return {"failed": f"超过 {patience:.0f} 秒，已停止。 Stopped after {patience:.0f} seconds."}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        return {"failed": f"没有得到结果：{last[0]} No answer."}
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def network(instance: Instance) -> Network:
    """Write an instance as a min-cost flow with one unit from every request to the sink."""
    requests, offers, arcs = instance.requests, instance.offers, instance.arcs
    rows = np.repeat(np.arange(requests, dtype=np.int64), np.diff(instance.indptr))
    useful = np.minimum(instance.capacity, np.bincount(instance.offer, minlength=offers))
    flat = np.flatnonzero(instance.load_cost == 0)
    steep = np.flatnonzero(instance.load_cost > 0)
    seat = np.repeat(steep, useful[steep])
    nth = np.arange(len(seat)) - np.repeat(np.cumsum(useful[steep]) - useful[steep], useful[steep]) + 1
    marginal = (
        instance.load_cost[seat].astype(np.int64) * (2 * nth - 1) // (2 * instance.capacity[seat].astype(np.int64))
    )
    sink = requests + offers
    return Network(
        requests=requests,
        nodes=sink + 1,
        candidates=arcs,
        tail=np.concatenate([rows, np.arange(requests), requests + flat, requests + seat]).astype(np.int64),
        head=np.concatenate(
            [requests + instance.offer, np.full(requests + len(flat) + len(seat), sink)], dtype=np.int64
        ),
        room=np.concatenate([np.ones(arcs + requests), useful[flat], np.ones(len(seat))]).astype(np.int64),
        cost=np.concatenate(
            [-_worth(instance, rows), np.zeros(requests + len(flat), np.int64), marginal], dtype=np.int64
        ),
    )


def _worth(instance: Instance, rows: Ints64) -> Ints64:
    """Bonus of the tier plus score, by arc."""
    tiers = int(instance.tier.max(initial=0)) + 1
    return (tiers - instance.tier.astype(np.int64))[rows] * SPACING + instance.score


def _chosen(instance: Instance, used: npt.NDArray[Any]) -> Ints32:
    """Give the assignment from the candidate arcs that carry flow."""
    rows = np.repeat(np.arange(instance.requests), np.diff(instance.indptr))
    arcs = np.flatnonzero(used)
    assignment = np.full(instance.requests, -1, np.int32)
    assignment[rows[arcs]] = instance.offer[arcs]
    return assignment


def must_be_optimal(status: str, optimal: str) -> None:
    """Raise ArithmeticError when a peer did not reach an optimal answer."""
    if status != optimal:
        raise ArithmeticError(f"ended with {status}, not {optimal}")


def by_ortools(instance: Instance) -> Callable[[], Ints32]:
    """SimpleMinCostFlow: cost-scaling push-relabel."""
    flow: Any = importlib.import_module("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
    net = network(instance)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        net.tail.astype(np.int32), net.head.astype(np.int32), net.room, net.cost
    )
    flow.set_nodes_supplies(np.arange(net.requests), np.ones(net.requests, np.int64))
    flow.set_nodes_supplies(np.array([net.nodes - 1]), np.array([-net.requests]))

    def run() -> Ints32:
        must_be_optimal(str(flow.solve()), str(flow.OPTIMAL))
        return _chosen(instance, flow.flows(arcs)[: net.candidates] > 0)

    return run


def by_pylmcf(instance: Instance) -> Callable[[], Ints32]:
    """LEMON's network simplex."""
    library: Any = importlib.import_module("pylmcf")
    net = network(instance)
    order = np.lexsort((net.head, net.tail))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    raised = net.cost.copy()
    raised[: net.candidates + net.requests] -= int(net.cost.min(initial=0))
    graph = library.Graph(net.nodes, edge_starts=net.tail[order], edge_ends=net.head[order])
    supply = np.zeros(net.nodes, np.int64)
    supply[: net.requests] = 1
    supply[-1] = -net.requests
    graph.set_node_supply(supply)
    graph.set_edge_costs(raised[order])
    graph.set_edge_capacities(net.room[order])

    def run() -> Ints32:
        graph.solve()
        return _chosen(instance, np.asarray(graph.result())[back[: net.candidates]] > 0)

    return run


def by_scipy(instance: Instance) -> Callable[[], Ints32]:
    """min_weight_full_bipartite_matching on places, with a way out for every request."""
    useful = np.minimum(instance.capacity, np.bincount(instance.offer, minlength=instance.offers)).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(useful)])
    rows = np.repeat(np.arange(instance.requests, dtype=np.int64), np.diff(instance.indptr))
    copies = useful[instance.offer]
    arc = np.repeat(np.arange(instance.arcs), copies)
    nth = np.arange(len(arc)) - np.repeat(np.cumsum(copies) - copies, copies) + 1
    offer = instance.offer[arc]
    capacity = np.maximum(instance.capacity[offer].astype(np.int64), 1)
    worth = _worth(instance, rows)[arc] - instance.load_cost[offer].astype(np.int64) * (2 * nth - 1) // (2 * capacity)
    top = int(worth.max(initial=0)) + 1
    out = np.arange(instance.requests)
    graph = csr_matrix(
        (
            np.concatenate([top - worth, np.full(instance.requests, top)]).astype(np.float64),
            (np.concatenate([rows[arc], out]), np.concatenate([starts[offer] + nth - 1, starts[-1] + out])),
        ),
        shape=(instance.requests, int(starts[-1]) + instance.requests),
    )
    owner = np.repeat(np.arange(instance.offers), useful)

    def run() -> Ints32:
        _, seats = min_weight_full_bipartite_matching(graph)
        assignment = np.full(instance.requests, -1, np.int32)
        taken = seats < len(owner)
        assignment[taken] = owner[seats[taken]]
        return assignment

    return run


def by_highs(instance: Instance) -> Callable[[], Ints32]:
    """HiGHS on the linear programme of the flow."""
    net = network(instance)
    arcs = np.arange(len(net.tail))
    inner = net.head < net.nodes - 1
    rows = np.concatenate([net.tail, net.head[inner]])
    signs = np.concatenate([np.ones(len(arcs)), -np.ones(int(inner.sum()))])
    balance = csr_matrix((signs, (rows, np.concatenate([arcs, arcs[inner]]))), shape=(net.nodes - 1, len(arcs)))
    supply = np.zeros(net.nodes - 1)
    supply[: net.requests] = 1

    def run() -> Ints32:
        bounds = np.column_stack([np.zeros(len(arcs)), net.room])
        found = linprog(net.cost, A_eq=balance, b_eq=supply, bounds=bounds, method="highs")
        must_be_optimal(str(found.status), "0")
        return _chosen(instance, found.x[: net.candidates] > 0.5)  # noqa: PLR2004 - a flow of one or of none

    return run


SOLVERS: dict[str, Callable[[Instance], Callable[[], Ints32]]] = {
    "ortools": by_ortools,
    "pylmcf": by_pylmcf,
    "scipy": by_scipy,
    "highs": by_highs,
    "queue": lambda instance: lambda: queue_by_urgency(instance),
    "greedy": lambda instance: lambda: greedy_by_score(instance),
}


def figures(peer: str, instance: Instance) -> dict[str, Any]:
    """Solve once in this process and give seconds, CPU seconds, peak memory and what was reached."""
    run = SOLVERS[peer](instance)
    wall, cpu = time.perf_counter(), time.process_time()
    assignment = run()
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    tiers = int(instance.tier.max(initial=-1)) + 1
    by_tier = np.bincount(instance.tier[assignment >= 0], minlength=tiers)
    return {
        "seconds": round(seconds, 4),
        "cpu_seconds": round(cpu_seconds, 4),
        "peak_gib": peak_gib(),
        "matched_by_tier": by_tier.tolist(),
        "net_score": net_score(instance, assignment),
    }


def main(peer: str, path: str) -> None:
    """Run one peer on a file and print its figures; kernels are compiled before the clock starts."""
    if peer in ("queue", "greedy"):
        SOLVERS[peer](read_instance_part())()
    sys.stdout.write(json.dumps(figures(peer, read_instance(path))) + "\n")


def read_instance_part() -> Instance:
    """Give an instance of one request and one offer, to compile on."""
    one = np.ones(1, np.int32)
    none = np.zeros(1, np.int32)
    return Instance(
        indptr=np.array([0, 1]), offer=none, score=one, tier=np.zeros(1, np.int8), capacity=one, load_cost=none
    )
