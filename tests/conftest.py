"""A real PostgreSQL for each test process, and one rolled-back transaction for each test."""

import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from litestar import Litestar

from app import subscriptions
from app.kit import logs, migrate
from app.kit.clock import MovableClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.stack.embedded import embedded_servers
from app.main import create_app
from app.offers import service_search
from app.settings import Settings
from tests.support.world import World, build_world

pytest_plugins = ["tests.support.together"]
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "a-secret-for-tests-only-0123456789"
assert subscriptions.MODULES
logs.configure("warning")


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as this test process."""
    with embedded_servers(tmp_path_factory.mktemp("servers", numbered=True) / "data") as servers:
        yield servers.database_url


@pytest.fixture(scope="session")
def settings(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for tests: the database of this process, a known secret, a folder of its own."""
    folder: Path = tmp_path_factory.mktemp("data")
    return Settings.from_env(
        {
            "QINGQIAO_DATA": str(folder),
            "QINGQIAO_DATABASE_URL": server_url,
            "QINGQIAO_SECRET_KEY": SECRET,
            "QINGQIAO_BROKER_URL": "redis://127.0.0.1:1/0",
            "QINGQIAO_PUBLIC_URL": "http://test",
        }
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(settings: Settings) -> AsyncIterator[str]:
    """A migrated database with an open pool."""
    open_vault(SECRET)
    await migrate.forwards(settings.database_url)
    await DB.open(most=8)
    yield settings.database_url
    await DB.close()


@pytest.fixture(scope="session")
def _one_clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def clock(_one_clock: MovableClock) -> MovableClock:
    """Monday 23 November 2026, ten in the morning in Guangdong; each test may move it."""
    _one_clock.set(START)
    return _one_clock


class _Undo(Exception):  # noqa: N818 - it only ends the transaction of a test
    pass


def _undo() -> None:
    raise _Undo


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One word for each time the lexicon was to be built: another process does it and would wait for the test's end."""
    calls: list[str] = []

    async def note() -> None:
        calls.append("learned")

    monkeypatch.setattr(service_search, "learn", note)
    return calls


@pytest_asyncio.fixture(loop_scope="session")
async def db(database: str, learned: list[str]) -> AsyncIterator[str]:
    """The database inside a transaction that is rolled back after the test."""
    assert not learned
    DB.configure(database)  # a command that ran in this process may have left the address of another one
    with contextlib.suppress(_Undo):
        async with DB.transaction():
            yield database
            _undo()


@pytest_asyncio.fixture(loop_scope="session")
async def world(db: str, clock: MovableClock) -> World:
    """A small Guangdong: province, city, county, school, branch, and one person in every role."""
    assert db
    return await build_world(clock.now())


@pytest.fixture(scope="session")
def _one_app(settings: Settings, _one_clock: MovableClock) -> Litestar:
    """Building the application takes half a second, so the tests of a process share it."""
    return create_app(settings, clock=_one_clock, manage_database=False)


@pytest.fixture
def app(_one_app: Litestar, clock: MovableClock) -> Litestar:
    """The application on the test's database and clock; it needs no lifespan, the pool is the tests'."""
    assert clock.now() == START
    return _one_app


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    random.seed(20261123)


@pytest_asyncio.fixture(loop_scope="session")
async def second_connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection outside the test's transaction."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()
