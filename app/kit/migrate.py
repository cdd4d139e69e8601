"""Migrations: one at a time under an advisory lock, and a check that code and history agree."""

import contextlib
import io
import os

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import Finder

from app.kit.db import DB
from app.kit.errors import Refusal

APP = "qingqiao"
LOCK = 7_112_355
"""The advisory lock's number, the same for every process that migrates."""

os.environ.setdefault("PICCOLO_CONF", "app.piccolo_conf")


class MigrationPending(Refusal):
    """The database is older than the code."""

    status = 503
    code = "migration_pending"
    sentence = "数据库结构需要升级。"
    next_step = "请运行 qingqiao migrate，然后重新启动。"


def known() -> list[str]:
    """Return the ids of every migration in the code, oldest first."""
    config = Finder().get_app_config(app_name=APP)
    return sorted(BaseMigrationManager().get_migration_modules(str(config.migrations_folder_path)).keys())


async def applied() -> list[str]:
    """Return the ids of the migrations the database has."""
    if await DB.value("SELECT to_regclass('migration') IS NULL"):
        return []
    return [str(row["name"]) for row in await DB.rows("SELECT name FROM migration WHERE app_name = $1", APP)]


async def pending() -> list[str]:
    """Return the ids still to be applied."""
    done = set(await applied())
    return [name for name in known() if name not in done]


async def forwards(url: str) -> list[str]:
    """Bring the database up to the code and return the ids applied. Several processes may call it at once."""
    DB.configure(url)
    lock = await asyncpg.connect(**DB.config)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK)
        await Migration.create_table(if_not_exists=True)
        todo = await pending()
        if todo:
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                result = await ForwardsMigrationManager(app_name=APP, migration_id="all").run()
            if not result.success:
                raise MigrationPending(f"升级数据库时出错：{result.message or said.getvalue()[-500:]}")
        return todo
    finally:
        await lock.close()
