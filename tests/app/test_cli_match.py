"""The commands that solve a stored problem and that measure the whole way on a made-up province."""

import json
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from app import cli_match_peers as peers
from app.cli import cli
from app.cli_match import bench_match, match, must_be_proven
from matching.certificate import certify
from matching.fairness import net_score
from matching.instances import Instance, read_instance, write_instance
from matching.solvers.province import solve

STORED = Path(__file__).parents[1] / "data" / "fx_10000_2000_32.npz"
REACHED = [102, 504, 1378, 2701, 2579]


def test_a_stored_problem_is_solved_and_proven(tmp_path: Path) -> None:
    out = tmp_path / "answer.npz"
    said = CliRunner().invoke(cli, ["match", "solve", str(STORED), "--json", "--out", str(out)])
    assert said.exit_code == 0, said.output
    figures = json.loads(said.output)
    assert figures["matched_by_tier"] == REACHED
    assert figures["net_score"] == 37_181_976
    assert (figures["dual_gap"], figures["tier_gap"], figures["tier_violations"]) == (0, 0, 0)
    assert figures["seconds"] > 0
    with np.load(out) as stored:
        assert int((stored["assignment"] >= 0).sum()) == sum(REACHED)


def test_without_peers_and_json_the_measures_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--requests", "60", "--offers", "12", "--candidates", "4"]
    said = CliRunner().invoke(bench_match, options)
    assert "dual_gap: 0" in said.output
    assert "peers" not in said.output
    monkeypatch.setitem(peers.NEEDS, "ortools", "a_package_nobody_has")
    assert "a_package_nobody_has" in CliRunner().invoke(bench_match, [*options, "--peers", "ortools"]).output


def test_without_json_the_figures_are_lines() -> None:
    said = CliRunner().invoke(match, ["solve", str(STORED)])
    assert f"matched_by_tier: {REACHED}" in said.output


def test_a_file_that_is_no_instance_is_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.npz"
    wrong.write_text("not an archive")
    said = CliRunner().invoke(match, ["solve", str(wrong)])
    assert said.exit_code == 1
    assert "读不了这个文件" in said.output
    np.savez(wrong, indptr=np.zeros(1))
    assert "the file has no array" in CliRunner().invoke(match, ["solve", str(wrong)]).output


def test_a_made_up_province_is_measured_beside_its_peers() -> None:
    options = ["--requests", "600", "--offers", "120", "--candidates", "8", "--seed", "3", "--json"]
    said = CliRunner().invoke(cli, ["bench", "match", *options, "--peers", "queue, ortools"])
    assert said.exit_code == 0, said.output
    figures = json.loads(said.output)
    assert set(figures["steps"]) == {"make", "candidates", "solve", "certificate", "pricing"}
    assert all(step["cpu_seconds"] >= 0 for step in figures["steps"].values())
    assert (figures["dual_gap"], figures["tier_violations"], figures["faults"]) == (0, 0, [])
    assert figures["objective"]["matched_by_tier"] == figures["matched_by_tier"]
    assert figures["pricing"]["relative_gap"] <= 2e-5
    assert sum(figures["pricing"]["matched_by_tier"]) >= sum(figures["matched_by_tier"])
    assert figures["peak_gib"] > 0
    assert not figures["peers"]["queue"]["equal"]
    assert figures["peers"]["ortools"].get("equal", True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--peers", "nobody"], "不认识 nobody"),
        (["--requests", "-1"], "数量不合适"),
        (["--requests", "50", "--offers", "10", "--candidates", "0"], "数量不合适"),
    ],
)
def test_wrong_options_are_sentences(options: list[str], sentence: str) -> None:
    said = CliRunner().invoke(bench_match, options)
    assert said.exit_code != 0
    assert sentence in said.output


def problem(seed: int = 1) -> Instance:
    draw = np.random.default_rng(seed)
    requests, offers, keep = 40, 12, 4
    rows = [np.sort(draw.choice(offers, keep, replace=False)) for _ in range(requests)]
    return Instance(
        indptr=np.arange(requests + 1) * keep,
        offer=np.concatenate(rows).astype(np.int32),
        score=draw.integers(0, 10_001, requests * keep).astype(np.int32),
        tier=draw.integers(0, 3, requests).astype(np.int8),
        capacity=draw.integers(0, 4, offers).astype(np.int32),
        load_cost=draw.choice([0, 2_000], offers).astype(np.int32),
    )


@pytest.mark.parametrize("peer", peers.PEERS)
def test_every_exact_peer_reaches_the_same(peer: str) -> None:
    for seed in range(4):
        instance = problem(seed)
        sentence = peers.missing(peer)
        if sentence is not None:
            assert "is not installed" in sentence
            continue
        found = peers.figures(peer, instance)
        answer = solve(instance).assignment
        ours = (np.bincount(instance.tier[answer >= 0], minlength=3).tolist(), net_score(instance, answer))
        theirs = (found["matched_by_tier"], found["net_score"])
        assert theirs <= ours if peer in {"queue", "greedy"} else theirs == ours


def test_a_peer_runs_in_a_process_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "instance.npz"
    write_instance(problem(), path)
    assert peers.measured("greedy", path, 120.0)["matched_by_tier"]
    assert "已停止" in peers.measured("scipy", path, 0.01)["failed"]
    assert "没有得到结果" in peers.measured("scipy", tmp_path / "none.npz", 120.0)["failed"]
    peers.main("queue", str(path))
    assert json.loads(capsys.readouterr().out)["seconds"] >= 0
    peers.main("scipy", str(path))
    assert read_instance(path).requests == 40


def test_a_peer_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(peers.NEEDS, "ortools", "a_package_nobody_has")
    assert "a_package_nobody_has is not installed" in peers.measured("ortools", tmp_path, 1.0)["missing"]


def test_an_answer_without_proof_is_a_failure() -> None:
    instance = problem()
    nobody = np.full(instance.requests, -1, np.int32)
    zero = np.zeros(instance.offers, np.int64)
    with pytest.raises(click.ClickException, match="not proven"):
        must_be_proven(certify(instance, nobody, zero, zero))
    with pytest.raises(ArithmeticError, match="ended with 3"):
        peers.must_be_optimal("3", "0")


def test_memory_is_told_on_systems_without_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert peers.peak_gib() > 0
    monkeypatch.setattr(peers, "STATUS", tmp_path / "none")
    assert peers.peak_gib() >= 0
