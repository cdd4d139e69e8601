"""The command that judges a workbook, against the database when there is one, and writes its good rows when asked."""

import asyncio
import importlib
import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncpg
import click

from app.cli_data import reachable_database
from app.imports import queries, service, service_apply
from app.imports.errors import FileTrouble, MayNotImport
from app.imports.rules_values import Report
from app.imports.service_judge import judge_alone, judge_stored, open_file
from app.kit.clock import SystemClock, local_day
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.migrate import MigrationPending
from app.kit.permissions import grant_for
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.viewer import Viewer
from app.people.queries_acting import account_named, acting
from app.settings import Settings

T = TypeVar("T")
SUBSCRIPTIONS = "app.subscriptions"


@click.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--report", "target", metavar="OUT.json", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--apply", "write", is_flag=True, help="写入可导入的行。 Write the good rows.")
@click.option("--with-review", is_flag=True, help="需复核的行也写入。 Write the rows for review as well.")
@click.option("--as", "login", metavar="LOGIN", default="", help="以谁的任职写入。 Whose appointment writes.")
def import_(source: Path, target: Path, login: str, *, write: bool, with_review: bool) -> None:
    """核对 FILE 的每一行，把结果写进 OUT.json；加 --apply 才写入数据库。 Judge a workbook row by row.

    Judge every row of FILE and write the outcomes to OUT.json. The database is read when one is set or was started
    here before; nothing is written to it without --apply.
    """
    if write and not login:
        raise click.UsageError("--apply 需要 --as LOGIN。 --apply needs --as LOGIN.")
    settings = Settings.from_env(os.environ)
    now = SystemClock().now()
    content = _content(source)
    if write:
        report = _with_database(settings, lambda: _apply(source.name, content, login, with_review=with_review, now=now))
    elif settings.database_url or (settings.data / "postgresql").is_dir():
        report = _with_database(settings, lambda: _judge(content, now))
    else:
        report = judge_alone(open_file(content), local_day(now))
    written = {"sheets": report.to_json()["sheets"]}
    try:
        target.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise FileTrouble(f"写不了 {target}（{error.strerror}）。") from error
    _tell(report, target)


def _content(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise FileTrouble(f"读不到 {source}（{error.strerror}）。") from error


def _tell(report: Report, target: Path) -> None:
    for note in report.notes:
        click.echo(note)
    for outcome, label in queries.OUTCOMES.items():
        click.echo(
            f"{label} {outcome}: {sum(row.outcome == outcome for rows in report.sheets.values() for row in rows)}"
        )
    click.echo(f"逐行结果已写入 {target}")


def _with_database(settings: Settings, act: Callable[[], Awaitable[T]]) -> T:
    open_vault(settings.secret_key or DataDirectory(settings.data).secret(SECRET))
    with reachable_database(settings) as url:
        return asyncio.run(_connected(url, act))


async def _connected(url: str, act: Callable[[], Awaitable[T]]) -> T:
    DB.configure(url)
    await DB.open(most=4)
    try:
        return await act()
    except asyncpg.UndefinedTableError as error:
        raise MigrationPending from error
    finally:
        await DB.close()


async def _judge(content: bytes, now: datetime) -> Report:
    return await judge_stored(open_file(content), now)


async def _apply(name: str, content: bytes, login: str, *, with_review: bool, now: datetime) -> Report:
    # What is written tells the other capabilities; a preview tells nobody and starts without loading them.
    importlib.import_module(SUBSCRIPTIONS)
    viewer = await _importer(login, now)
    service.check_file(content)
    report = await judge_stored(open_file(content), now)
    written, failed = await service_apply.apply_report(viewer, name, content, report, with_review=with_review, now=now)
    click.echo(f"已写入 {written} 行，没有写入 {failed} 行。")
    return report


async def _importer(login: str, now: datetime) -> Viewer:
    """Return the account in the first of its appointments that may import."""
    account_id: UUID | None = await account_named(login)
    viewer = await acting(account_id, None, now) if account_id else None
    for hat in viewer.hats if viewer else ():
        worn = await acting(account_id, hat.id, now) if account_id else None
        if worn is not None and grant_for(worn, "import", "C"):
            return worn
    raise MayNotImport
