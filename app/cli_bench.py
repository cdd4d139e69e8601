"""The command that measures the main promise on a running service: from an approved need to visible proposals."""

import asyncio
import os
import statistics
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import click
import msgspec

from app import subscriptions
from app.cli_bench_search import bench_search
from app.cli_data import reachable_database
from app.cli_match import bench_match
from app.kit.clock import SystemClock, local_day
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.errors import Refusal
from app.kit.ids import new_id
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.errors import DemoMissingError
from app.kit.viewer import Hat, Role, Viewer
from app.matches import service_build
from app.matches.service_propose import supply
from app.needs import queries as needs
from app.needs import service, service_review
from app.needs.rules_request import NewNeed
from app.settings import Settings
from matching.solvers.queue import propose

CLOCK = SystemClock()
KIND = "COUNSEL"
OFFERS = 2_000
ROUNDS = 20
POLL_SECONDS = 0.005
PATIENCE_SECONDS = 30.0
assert subscriptions.MODULES, "what is submitted and approved tells its jobs"


@click.group(invoke_without_command=True)
@click.option("--needs", "count", default=40, show_default=True, help="提交多少条求助。 How many needs to submit.")
@click.pass_context
def bench(ctx: click.Context, count: int) -> None:
    """测量审核通过到出现推荐的时间。 Measure approval to proposals on a running demo; its needs are withdrawn.

    子命令 match 在模拟的全省数据上测量匹配。 The subcommand match measures matching on a made-up province.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = Settings.from_env(os.environ)
    home = DataDirectory(settings.data)
    if not settings.database_url and not home.in_use():
        raise DemoMissingError(settings.data)
    open_vault(settings.secret_key or home.secret(SECRET))
    with reachable_database(settings) as url:
        for line in asyncio.run(_measure(url, count)):
            click.echo(line)


bench.add_command(bench_match)
bench.add_command(bench_search)


async def _measure(url: str, count: int) -> list[str]:
    DB.configure(url)
    await DB.open(most=2)
    try:
        took, empty, last = await _approvals(count)
        lines = [f"approve -> proposals visible, {len(took)} needs: {_spread(took)}; with none that fits: {empty}"]
        if last is not None:
            lines.append(f"propose() among {OFFERS} offers, CPU, {ROUNDS} rounds: {_spread(await _ranking(last))}")
        return lines
    finally:
        await DB.close()


def _spread(values: list[float]) -> str:
    """Return median, 95th percentile and maximum of seconds, in milliseconds."""
    if not values:
        return "nothing measured"
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {high * 1000:.0f} ms, max {ordered[-1] * 1000:.0f} ms"


async def _approvals(count: int) -> tuple[list[float], int, UUID | None]:
    """Submit and approve one need after the other; return the waits, how many got nothing, and one need's id."""
    took: list[float] = []
    empty, last = 0, None
    for row in await _pairs(count):
        student, reviewer = _viewer(row, "s", Role.STU), _viewer(row, "r", Role.PSY)
        try:
            sent = await service.submit(student, _need(row), now=CLOCK.now())
            await service_review.approve(reviewer, sent.need_id, now=CLOCK.now(), looked_at=True)
        except Refusal:
            continue
        seconds, found = await _until_answered(sent.need_id)
        took.append(seconds)
        empty += not found
        last = sent.need_id
        await service.withdraw(student, sent.need_id, now=CLOCK.now())
    return took, empty, last


async def _pairs(count: int) -> list[dict[str, Any]]:
    """Return students of fourteen and more, each with a psychology teacher of the same school."""
    return await DB.rows(
        """
        SELECT DISTINCT ON (p.id) o.id AS org, o.path, p.id AS s_person, p.name AS s_name, a.id AS s_account,
               t.id AS s_hat, t.start AS s_start, s.region_code, q.id AS r_person, q.name AS r_name, b.id AS r_account,
               u.id AS r_hat, u.start AS r_start
        FROM student_profile s JOIN person p ON p.id = s.person JOIN account a ON a.person = p.id
        JOIN appointment t ON t.person = p.id AND t.role = 'STU' AND t.ended_at IS NULL
        JOIN organisation o ON o.id = s.school_id
        JOIN appointment u ON u.organisation_id = o.id AND u.role = 'PSY' AND u.ended_at IS NULL
        JOIN person q ON q.id = u.person JOIN account b ON b.person = q.id
        WHERE p.demo AND p.birth_date < now() - interval '14 years' AND p.birth_date > now() - interval '25 years'
          AND s.stage <> 'GR'
        ORDER BY p.id LIMIT $1
        """,
        count,
    )


def _viewer(row: dict[str, Any], who: str, role: Role) -> Viewer:
    hat = Hat(row[f"{who}_hat"], role, row["org"], row["path"], "", row[f"{who}_start"], None, None)
    return Viewer(
        row[f"{who}_account"], row[f"{who}_person"], row[f"{who}_name"], hat, (hat,), None, second_factor=True
    )


def _need(row: dict[str, Any]) -> NewNeed:
    return NewNeed(
        student_id=row["s_person"],
        sub="PS1",
        title="（示例）测量用求助",
        text="（示例）快期末了，总睡不好，想找人聊一聊。",
        region_code=row["region_code"],
        modes=("ON", "VO", "FF"),
        languages=("PTH",),
        slots=((3, 18 * 60, 22 * 60), (6, 8 * 60, 22 * 60), (7, 8 * 60, 22 * 60)),
        consents=frozenset({"P02", "P03", "P09"}),
        demo=True,
    )


async def _until_answered(need_id: UUID) -> tuple[float, bool]:
    """Wait until the job has answered; return the seconds and whether there is a proposal."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_SECONDS:
        rows = await DB.rows("SELECT proposed FROM match_run WHERE need_id = $1", need_id)
        if rows:
            return time.perf_counter() - began, any(row["proposed"] for row in rows)
        await asyncio.sleep(POLL_SECONDS)
    return PATIENCE_SECONDS, False


async def _ranking(need_id: UUID) -> list[float]:
    """Rank one request among many copies of the published offers; return the CPU seconds of each round."""
    now: datetime = CLOCK.now()
    need = await needs.facts(need_id)
    stock = (await supply(KIND, now)).offers
    assert need is not None
    if not stock:
        return []
    request = (await service_build.requests_for([need], now))[need_id]
    many = tuple(
        msgspec.structs.replace(stock[number % len(stock)], offer_id=str(new_id())) for number in range(OFFERS)
    )
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        propose(request, many, today=local_day(now), now=now, open_already=0, widen=0, policy=service_build.POLICY)
        took.append(time.process_time() - began)
    return took
