"""Commands that run the service: all of it under the supervisor, or one program of it."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from app.kit.assets import Assets
from app.kit.stack import programs
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.errors import AddressMissingError, DemoMissingError
from app.kit.stack.supervisor import Step, Supervisor
from app.settings import Settings

DEMO_FILE = "demo.json"


FILLED = "SELECT EXISTS (SELECT FROM organisation WHERE parent_id IS NULL AND status = 'ACTIVE')"
"""A database with a league tree is never filled with the demo again, see `app.demo.service.fill`."""


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="填入广东示例数据。 Fill in the demo data first.")
def up(*, with_demo: bool) -> None:
    """启动整套服务。 Start the database, the queue, the web server, the workers and the timetable."""
    _run_everything(with_demo=with_demo)


@click.command()
def demo() -> None:
    """启动并填入广东示例数据。 The same as `up --demo`."""
    _run_everything(with_demo=True)


@click.command()
def web() -> None:
    """只启动网页服务。 Run the web server alone, with external services."""
    settings = _standalone_settings()
    _become(programs.web(settings), settings)


@click.command()
def worker() -> None:
    """只启动后台任务。 Run the job workers alone, with external services."""
    settings = _standalone_settings()
    _become(programs.worker(settings), settings)


@click.command()
def scheduler() -> None:
    """只启动定时任务。 Run the timetable and the outbox relay alone, with external services."""
    settings = _standalone_settings()
    _become(programs.scheduler(), settings)


@click.command("demo-accounts")
def demo_accounts() -> None:
    """列出每个角色的一个示例账号。 Show one demo account for each role."""
    path = Settings.from_env(os.environ).data / DEMO_FILE
    if not path.exists():
        raise DemoMissingError(path)
    accounts = json.loads(path.read_text(encoding="utf-8"))
    first = {account["role"]: account for account in reversed(accounts)}
    click.echo(f"示例账号（全部 {len(accounts)} 个写在 {path}）：")
    for role in sorted(first):
        account = first[role]
        code = f"  TOTP {account['totp_secret']}" if account["totp_secret"] else ""
        click.echo(
            f"  {role}  {account['login']}  {account['password']}{code}  {account['name']}（{account['organisation']}）"
        )


def _run_everything(*, with_demo: bool) -> None:
    settings = Settings.from_env(os.environ)
    Assets.load()
    steps: list[Step] = []
    announce: list[Sequence[str]] = []
    if with_demo:
        settings = replace(settings, demo=True)
        steps.append(Step(("seed-demo",), done_when=FILLED))
        announce.append(("demo-accounts",))
    announce.append(("admin-link", "--if-needed"))
    Supervisor(settings, click.echo).run(steps, announce)


def _standalone_settings() -> Settings:
    """Return the settings of one program; it finds the servers by their addresses and never starts them."""
    settings = Settings.from_env(os.environ)
    for name, value in (("QINGQIAO_DATABASE_URL", settings.database_url), ("QINGQIAO_BROKER_URL", settings.broker_url)):
        if not value:
            raise AddressMissingError(name)
    return replace(settings, secret_key=settings.secret_key or DataDirectory(settings.data).secret(SECRET))


def _become(argv: Sequence[str], settings: Settings) -> None:
    """Replace this process by the program, so that signals reach it directly."""
    source = str(Path(__file__).parents[1])
    os.execve(argv[0], list(argv), {**os.environ, **settings.to_env(), "PYTHONPATH": source})  # noqa: S606 - our own program
