"""The command that prints the link by which the first administrator is created."""

import asyncio
import os

import click

from app.cli_data import reachable_database
from app.kit.clock import SystemClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.errors import AdministratorExistsError
from app.people.service import first_admin_token
from app.settings import Settings

FIRST_ADMIN_PATH = "/first-admin"


@click.command("admin-link")
@click.option("--if-needed", is_flag=True, help="已有管理员时什么也不说。 Say nothing when there is one already.")
def admin_link(*, if_needed: bool) -> None:
    """显示创建首位管理员的一次性链接。 Print the one-time link; only while no administrator exists."""
    settings = Settings.from_env(os.environ)
    open_vault(settings.secret_key or DataDirectory(settings.data).secret(SECRET))
    with reachable_database(settings) as url:
        token = asyncio.run(_token(url))
    if token is not None:
        click.echo(f"还没有管理员，请用这个一次性链接创建： {settings.public_url}{FIRST_ADMIN_PATH}/{token}")
    elif not if_needed:
        raise AdministratorExistsError


async def _token(url: str) -> str | None:
    DB.configure(url)
    await DB.open(most=1)
    try:
        return await first_admin_token(SystemClock().now())
    finally:
        await DB.close()
