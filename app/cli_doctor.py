"""The command that checks an installation and says, in sentences, what is well and what is not."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import asyncpg
import click
import redis

from app.kit.assets import AssetError, Assets
from app.kit.db import DB
from app.kit.migrate import pending
from app.kit.stack import postgres, valkey
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.embedded import database_for
from app.kit.stack.errors import PortTakenError, StackError
from app.kit.stack.supervisor import answers, check_port
from app.settings import REDIS_SCHEMES, Settings

_LEAST_FREE_BYTES = 1024**3
_SECONDS = 5.0
_OLDEST_POSTGRES = 160_000
_DEFAULT_PORTS = {"amqp": 5672, "amqps": 5671, "smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about the installation, and whether all is well."""

    well: bool
    sentence: str


@click.command()
def doctor() -> None:
    """检查安装和连接，逐条说明。 Check everything; exit code 1 when something needs attention."""
    findings = list(examine(Settings.from_env(os.environ)))
    for finding in findings:
        click.echo(f"{'✓' if finding.well else '✗'} {finding.sentence}")
    if not all(finding.well for finding in findings):
        sys.exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each part of the installation."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(well=True, sentence=f"Python {version}。")
    with _said() as findings:
        home = DataDirectory(settings.data)
        free = shutil.disk_usage(home.folder).free
        findings.append(
            Finding(
                well=free >= _LEAST_FREE_BYTES,
                sentence=f"数据目录 {home.folder} 可以写入，剩余空间 {free / 1024**3:.1f} GB。",
            )
        )
    yield from findings
    with _said() as findings:
        Assets.load()
        findings.append(Finding(well=True, sentence="网页资源已生成。"))
    yield from findings
    yield from _programs(settings)
    yield from _database(settings)
    yield from _addresses(settings)
    yield _port(settings)


@contextmanager
def _said() -> Iterator[list[Finding]]:
    """Collect findings; a named failure becomes one."""
    findings: list[Finding] = []
    try:
        yield findings
    except (StackError, AssetError) as error:
        findings.append(Finding(well=False, sentence=error.chinese))


def _programs(settings: Settings) -> Iterator[Finding]:
    embedded: tuple[tuple[str, bool, Callable[[], object]], ...] = (
        ("PostgreSQL", not settings.database_url, lambda: postgres.program("postgres")),
        ("Valkey", not (settings.broker_url and settings.cache_url), valkey.program),
    )
    for name, needed, find in embedded:
        if needed:
            with _said() as findings:
                find()
                findings.append(Finding(well=True, sentence=f"内置的 {name} 已安装。"))
            yield from findings


def _database(settings: Settings) -> Iterator[Finding]:
    with _said() as findings:
        try:
            with database_for(settings) as url:
                version, waiting = asyncio.run(_ask_database(url))
        except (OSError, asyncpg.PostgresError) as error:
            findings.append(Finding(well=False, sentence=f"连不上数据库（{error}）。"))
        else:
            findings.append(Finding(version >= _OLDEST_POSTGRES, f"数据库可以连接，PostgreSQL {version // 10_000}。"))
            wait = (
                f"还有 {len(waiting)} 个迁移没有应用，请运行 qingqiao migrate。" if waiting else "数据库结构是最新的。"
            )
            findings.append(Finding(not waiting, wait))
    yield from findings


async def _ask_database(url: str) -> tuple[int, list[str]]:
    """Return the version number of the server and the migrations that wait."""
    DB.configure(url)
    return int(await DB.value("SELECT current_setting('server_version_num')")), await pending()


def _addresses(settings: Settings) -> Iterator[Finding]:
    """Try each external service whose address is set."""
    services = (("任务队列", settings.broker_url), ("会话缓存", settings.cache_url), ("邮件服务器", settings.smtp_url))
    for name, url in services:
        if url:
            yield _answering(name, url, _reach)
    if settings.meili_url:
        yield _answering("Meilisearch", f"{settings.meili_url.rstrip('/')}/health", _get)


def _answering(name: str, url: str, attempt: Callable[[str], None]) -> Finding:
    host = urlsplit(url).hostname
    try:
        attempt(url)
    except (OSError, URLError, HTTPException, redis.RedisError) as error:
        return Finding(well=False, sentence=f"{name}（{host}）没有应答：{error}。")
    return Finding(well=True, sentence=f"{name}（{host}）有应答。")


def _get(url: str) -> None:
    with urlopen(url, timeout=_SECONDS):  # noqa: S310 - http or https by the check of the setting
        pass


def _reach(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in REDIS_SCHEMES:
        with redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as client:
            client.ping()
        return
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    socket.create_connection((parts.hostname or "", port), timeout=_SECONDS).close()


def _port(settings: Settings) -> Finding:
    try:
        check_port(settings.host, settings.port)
    except PortTakenError as error:
        if answers(settings):
            return Finding(well=True, sentence=f"网页服务正在 {settings.public_url} 运行。")
        return Finding(well=False, sentence=error.chinese)
    except StackError as error:
        return Finding(well=False, sentence=error.chinese)
    return Finding(well=True, sentence=f"端口 {settings.port} 空闲。")
