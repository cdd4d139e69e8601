"""Commands about the data: its structure, its backup and its return."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import click

from app.kit.drift import drift
from app.kit.migrate import forwards
from app.kit.stack.archive import read_backup, write_backup
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.embedded import database_for
from app.kit.stack.errors import DatabaseUnreachableError, DataDirectoryInUseError, MigrationDriftError
from app.settings import Settings


@contextmanager
def reachable_database(settings: Settings) -> Iterator[str]:
    """Yield the address of the database; a refused or lost connection becomes a sentence."""
    try:
        with database_for(settings) as url:
            yield url
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise DatabaseUnreachableError(str(error)) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise DatabaseUnreachableError(str(error)) from error


@click.command()
@click.option("--check", is_flag=True, help="只检查代码与迁移是否一致。 Only compare tables and migrations.")
def migrate(*, check: bool) -> None:
    """升级数据库结构。 Apply the pending migrations under an advisory lock."""
    if check:
        found = asyncio.run(drift())
        if found:
            raise MigrationDriftError(found)
        click.echo("表定义与迁移一致。 Tables and migrations agree.")
        return
    with reachable_database(Settings.from_env(os.environ)) as url:
        done = asyncio.run(forwards(url))
    for name in done:
        click.echo(f"已应用 applied {name}")
    if not done:
        click.echo("数据库已是最新。 The database is up to date.")


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """把数据库、上传的文件和密钥写入一个 .tar 文件。 Write database, uploads and key into FILE (mode 0600)."""
    settings = Settings.from_env(os.environ)
    with reachable_database(settings) as url:
        write_backup(DataDirectory(settings.data), settings, url, target)
    click.echo(f"备份已写入 {target}，其中有密钥，请妥善保管。 The backup holds the secret key; keep it safe.")


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="不再询问。 Do not ask.")
def restore(source: Path, *, yes: bool) -> None:
    """用备份替换现有数据。 Replace the present data by those of FILE; stop the service first."""
    settings = Settings.from_env(os.environ)
    home = DataDirectory(settings.data)
    if not settings.database_url and home.in_use():
        raise DataDirectoryInUseError(home.folder, None)
    if not yes:
        click.confirm("现有数据会被备份替换，继续吗？ Replace the present data?", abort=True)
    with reachable_database(settings) as url:
        read_backup(home, settings, url, source)
    click.echo("已恢复。 The backup is restored.")
