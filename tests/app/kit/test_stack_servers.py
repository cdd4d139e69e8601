"""The embedded servers and the folder they live in."""

import json
import os
import socket
import stat
from pathlib import Path

import asyncpg
import pytest
import redis

from app.cli_run import FILLED
from app.kit.stack import child as children
from app.kit.stack.child import Command, rotate
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.embedded import database_for, embedded_servers
from app.kit.stack.errors import (
    DataDirectoryInUseError,
    DataDirectoryNotWritableError,
    DataVersionError,
    ServerFailedError,
    StepFailedError,
)
from app.kit.stack.identity import Identity, unprivileged_identity
from app.kit.stack.postgres import PostgresServer
from app.kit.stack.schema import is_current, is_true, known_migrations
from app.kit.stack.servers import PlainHost, package_folder, run_to_end, start_server, stop_child
from app.kit.stack.valkey import ValkeyServer
from app.settings import Settings

IDENTITIES = sorted({unprivileged_identity(), Identity.NOBODY}, key=str) if os.geteuid() == 0 else (Identity.SAME,)


async def test_servers_answer_and_keep_what_they_were_given(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with embedded_servers(data) as first:
        connection = await asyncpg.connect(first.database_url)
        await connection.execute(
            "CREATE EXTENSION pg_trgm; CREATE TABLE kept (word text); INSERT INTO kept VALUES ('青桥')"
        )
        assert await connection.fetchval("SELECT array_length(show_trgm('青桥志愿'), 1)") > 1
        await connection.close()
        with redis.Redis.from_url(first.broker_url) as queue:
            queue.set("kept", "yes")
        assert first.broker_url != first.cache_url
    with embedded_servers(data) as second:
        assert second == first
        connection = await asyncpg.connect(second.database_url)
        assert await connection.fetchval("SELECT word FROM kept") == "青桥"
        await connection.close()
        with redis.Redis.from_url(second.broker_url) as queue:
            assert queue.get("kept") == b"yes"
            assert queue.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


@pytest.mark.parametrize("identity", IDENTITIES)
def test_postgresql_starts_under_each_identity_and_after_a_change_of_it(tmp_path: Path, identity: Identity) -> None:
    home = DataDirectory(tmp_path / "data")
    home.claim()
    host = PlainHost()
    for used in (identity, unprivileged_identity()):
        server = PostgresServer(home, used)
        child = start_server(host, server)
        assert child.exit_code() is None
        stop_child(host, child, 10)
        assert child.exit_code() == 0
        assert (home.folder / "postgresql").stat().st_uid == used.owner()
    home.release()
    assert stat.S_IMODE((home.folder / "postgresql").stat().st_mode) == 0o700


def test_the_database_is_found_while_somebody_runs_it_and_started_when_nobody_does(tmp_path: Path) -> None:
    settings = Settings.from_env({"QINGQIAO_DATA": str(tmp_path / "data")})
    with database_for(settings) as alone:
        assert not is_current(alone)
        assert is_true(alone, "SELECT 1 = 1")
        assert not is_true(alone, "SELECT 1 = 2")
        assert not is_true(alone, FILLED)
        with database_for(settings) as shared:
            assert shared == alone
    outside = Settings.from_env({"QINGQIAO_DATABASE_URL": "postgresql://elsewhere/db"})
    with database_for(outside) as url:
        assert url == "postgresql://elsewhere/db"
    assert known_migrations()


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path / "data")
    (home.folder / "postgresql").mkdir()
    (home.folder / "postgresql" / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(DataVersionError, match="PostgreSQL 9"):
        PostgresServer(home).prepare(PlainHost())


def test_a_server_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path / "data")
    home.claim()
    server = ValkeyServer(home)
    (home.folder / "valkey").mkdir()
    (home.folder / "valkey" / "appendonlydir").write_text("in the way", encoding="utf-8")
    with pytest.raises(ServerFailedError, match=r"valkey\.log"):
        start_server(PlainHost(), server)
    home.release()


def test_one_directory_has_one_owner(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path / "data")
    assert not home.in_use()
    home.claim()
    assert home.in_use()
    with pytest.raises(DataDirectoryInUseError, match=str(os.getpid())):
        DataDirectory(tmp_path / "data").claim()
    home.release()
    with pytest.raises(DataDirectoryInUseError):
        _ = home.lock_handle
    DataDirectory(tmp_path / "data").claim()


def test_a_directory_below_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataDirectoryNotWritableError):
        DataDirectory(tmp_path / "file" / "data")


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path / "data")
    first = home.secret("key")
    assert len(first) > 40
    assert DataDirectory(tmp_path / "data").secret("key") == first
    assert home.secret("other") != first
    assert stat.S_IMODE((home.folder / "key").stat().st_mode) == 0o600


def test_a_port_is_remembered_until_somebody_takes_it(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path / "data")
    first = home.port("valkey")
    assert home.port("valkey") == first
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()
        second = home.port("valkey")
    assert second != first
    assert json.loads((home.folder / "ports.json").read_text(encoding="utf-8")) == {"valkey": second}
    (home.folder / "ports.json").write_text("[", encoding="utf-8")
    assert home.known_ports() == {}


def test_a_failed_step_says_its_last_lines(tmp_path: Path) -> None:
    command = Command(
        name="step", argv=["/bin/sh", "-c", "echo one; echo two; echo three; exit 3"], log=tmp_path / "log"
    )
    with pytest.raises(StepFailedError, match="two\nthree"):
        run_to_end(PlainHost(), command)


def test_a_long_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT", 10)
    log = tmp_path / "web.log"
    rotate(log)
    log.write_bytes(b"0123456789")
    rotate(log)
    assert log.stat().st_size == 10
    log.write_bytes(b"0123456789a")
    rotate(log)
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").read_bytes() == b"0123456789a"


def test_a_package_that_is_not_installed_has_no_folder() -> None:
    assert package_folder("no_such_package_here") is None
