"""The command that fills an empty database with the demo and writes its accounts down."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import click
import msgspec

from app import subscriptions
from app.cli_data import reachable_database
from app.cli_run import DEMO_FILE
from app.demo.rules import DemoAccount
from app.demo.service import fill
from app.kit.clock import SystemClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.stack.datadir import SECRET, DataDirectory
from app.offers.service_search import learn
from app.settings import Settings

assert subscriptions.MODULES, "the jobs of the service take part in the demo"


@click.command("seed-demo")
def seed_demo() -> None:
    """填入示例数据。 Fill an empty database with the demo; a filled one stays as it is."""
    settings = Settings.from_env(os.environ)
    open_vault(settings.secret_key or DataDirectory(settings.data).secret(SECRET))
    with reachable_database(settings) as url:
        accounts = asyncio.run(_fill(url, settings.files, SystemClock().now()))
    if accounts:
        write_accounts(settings.data / DEMO_FILE, accounts)
        click.echo(f"示例数据已填入，{len(accounts)} 个账号写在 {settings.data / DEMO_FILE}。")
    else:
        click.echo("数据库里已有组织，没有填入示例数据。 The database is not empty; nothing was filled in.")


async def _fill(url: str, folder: Path, now: datetime) -> list[DemoAccount]:
    DB.configure(url)
    await DB.open(most=2)
    try:
        accounts = await fill(now, folder=folder)
        if accounts:
            await learn()
        return accounts
    finally:
        await DB.close()


def write_accounts(path: Path, accounts: list[DemoAccount]) -> None:
    """Write the accounts where only the owner of the data directory reads them."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(accounts), indent=2) + b"\n")
