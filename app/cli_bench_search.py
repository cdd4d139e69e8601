"""The command that measures the search: the PostgreSQL engine beside tantivy and the textbook tsvector."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from app.cli_data import reachable_database
from app.settings import Settings
from search.measure.run import measure

PEERS = ("tantivy", "naive")


@click.command("search")
@click.option("--listings", "count", default=100_000, show_default=True, help="多少条信息。 How many offers.")
@click.option("--peer", "peers", multiple=True, type=click.Choice(PEERS), default=PEERS, help="与谁比较。 Peers.")
@click.option("--no-peers", is_flag=True, help="不比较。 No peers.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def bench_search(count: int, peers: tuple[str, ...], *, no_peers: bool, as_json: bool) -> None:
    """在模拟数据上测量搜索。 Measure the search on made-up offers, in a database of its own that is thrown away."""
    with TemporaryDirectory(prefix="qingqiao-bench-") as folder:
        settings = Settings.from_env({"QINGQIAO_DATA": f"{folder}/data"})
        with reachable_database(settings) as url:
            chosen = () if no_peers else peers
            figures = asyncio.run(measure(url, Path(folder), count, peers=chosen, tell=_tell))
    click.echo(json.dumps(figures, indent=1) if as_json else "\n".join(_lines(figures)))


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as a person reads them."""
    lines = [f"{figures['listings']} offers, {figures['words_per_document']} words each"]
    for name in ("postgres", "tantivy", "naive tsvector"):
        one = figures.get(name)
        if one is not None:
            size = (one["bytes"] or 0) / 1_000_000
            lines.append(f"{name:15} p50 {one['p50']} ms, p95 {one['p95']} ms, p99 {one['p99']} ms, {size:.0f} MB")
    shown = {"listings", "words_per_document", "postgres", "tantivy", "naive tsvector"}
    return lines + [f"{name}: {json.dumps(one)}" for name, one in figures.items() if name not in shown]
