"""`qingqiao up` as processes: it starts all, replaces what dies, and leaves nothing behind."""

import os
import re
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import RunningStack, alive, eventually, qingqiao

pytestmark = pytest.mark.stack


class Started:
    """One data directory whose stack is started again when a test has ended it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now: RunningStack | None = None

    def running(self) -> RunningStack:
        if self.now is None or self.now.process.poll() is not None:
            self.now = RunningStack(self.data)
            self.now.wait_until_ready()
        return self.now


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    found = Started(tmp_path_factory.mktemp("stack") / "data")
    yield found
    if found.now is not None:
        found.now.end()


@pytest.fixture
def data(started: Started) -> Path:
    return started.data


@pytest.fixture
def stack(started: Started) -> RunningStack:
    return started.running()


def test_the_first_start_gives_a_link_that_opens_the_page_for_the_first_administrator(stack: RunningStack) -> None:
    link = re.search(r"http://127\.0\.0\.1:\d+(/first-admin/\S+)", stack.said())
    assert link, stack.said()
    assert stack.answers(link[1])
    again = qingqiao("admin-link", QINGQIAO_DATA=str(stack.data))
    assert "/first-admin/" in again.stdout


def test_kill_nine_of_the_supervisor_leaves_nothing_and_the_next_start_has_the_data(
    started: Started, data: Path
) -> None:
    stack = started.running()
    family = stack.family()
    assert len(family) > 8
    stack.process.kill()
    stack.process.wait()
    assert eventually(lambda: alive(family) == [], 10), alive(family)
    assert started.running() is not stack
    log = (data / "log" / "postgresql.log").read_text(encoding="utf-8")
    assert "was not properly shut down" not in log


def test_sigterm_stops_everything_within_five_seconds_and_leaves_nothing(stack: RunningStack) -> None:
    family = stack.family()
    began = time.monotonic()
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert alive(family) == []
    assert "数据都在" in stack.said()


def kill_and_see_it_replaced(stack: RunningStack, word: str) -> None:
    master = stack.child(word)
    family = [master, *master.children(recursive=True)]
    master.kill()
    assert eventually(lambda: alive(family) == [], 5), word
    assert eventually(lambda: any(process.pid != master.pid for process in stack.named(word)), 5), word


def test_every_program_that_dies_is_started_again_with_no_orphan(stack: RunningStack) -> None:
    for word in ("dramatiq", "granian", "app.scheduler", "valkey-server"):
        kill_and_see_it_replaced(stack, word)
    assert eventually(lambda: stack.answers("/health/ready"), 45), stack.said()


def test_a_killed_worker_process_comes_back(stack: RunningStack) -> None:
    old = stack.child("dramatiq")
    old.children()[0].kill()
    assert eventually(lambda: alive([old]) == [], 10)
    assert eventually(lambda: len(stack.named("dramatiq")) > 1, 15), stack.said()


def test_a_data_directory_in_use_is_refused_by_name(stack: RunningStack, data: Path) -> None:
    refused = qingqiao("up", QINGQIAO_DATA=str(data), QINGQIAO_PORT="1")
    assert refused.returncode == 1
    second = RunningStack(data)
    assert second.process.wait(20) == 1
    assert f"正被另一个青桥使用（进程 {stack.process.pid}）" in second.said()
    assert "Traceback" not in second.said()


def test_secrets_are_private_and_never_in_arguments(stack: RunningStack, data: Path) -> None:
    for path in (data, data / "log", data / "postgresql", data / "valkey"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    names = ("postgresql.password", "valkey.password", "valkey.conf", "secret.key", "ports.json")
    secrets = []
    for name in names:
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
        if name.endswith((".password", ".key")):
            secrets.append((data / name).read_text(encoding="ascii").strip())
    arguments = " ".join(" ".join(process.cmdline()) for process in stack.family())
    assert not [secret for secret in secrets if secret in arguments]
    for log in (data / "log").iterdir():
        text = log.read_text(encoding="utf-8", errors="replace")
        assert not [secret for secret in secrets if secret in text], log


def test_all_processes_together_stay_below_450_megabytes(stack: RunningStack) -> None:
    time.sleep(2)
    total = sum(process.memory_full_info().pss for process in stack.family())
    assert total < 450 * 1024 * 1024


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = qingqiao("up", QINGQIAO_DATA=str(tmp_path / "data"), QINGQIAO_PORT=str(port))
    assert refused.returncode == 1
    assert f"端口 {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    refused = qingqiao("up", QINGQIAO_DATA=str(blocked / "data"))
    assert refused.returncode == 1
    assert "不能写入" in refused.stderr
    assert os.sep in refused.stderr
    assert "Traceback" not in refused.stderr


def test_backup_and_restore_bring_the_data_back(tmp_path: Path) -> None:
    source, target, archive = tmp_path / "one", tmp_path / "two", tmp_path / "backup.tar"
    assert qingqiao("migrate", QINGQIAO_DATA=str(source)).returncode == 0
    (source / "files").mkdir()
    (source / "files" / "poster.txt").write_text("青桥", encoding="utf-8")
    kept = qingqiao("backup", str(archive), QINGQIAO_DATA=str(source))
    assert kept.returncode == 0, kept.stderr
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    back = qingqiao("restore", "--yes", str(archive), QINGQIAO_DATA=str(target))
    assert back.returncode == 0, back.stderr
    assert (target / "files" / "poster.txt").read_text(encoding="utf-8") == "青桥"
    assert (target / "secret.key").read_text() == (source / "secret.key").read_text()
    examined = qingqiao("doctor", QINGQIAO_DATA=str(target))
    assert "数据库结构是最新的" in examined.stdout


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    archive.write_bytes(b"no tar")
    refused = qingqiao("restore", "--yes", str(archive), QINGQIAO_DATA=str(tmp_path / "data"))
    assert refused.returncode == 1
    assert "不是完整的青桥备份" in refused.stderr
