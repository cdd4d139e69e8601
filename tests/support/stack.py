"""The whole service as its users start it: `qingqiao up` in a process of its own, on a free port."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import asyncpg
import psutil

from app.kit.stack.datadir import DataDirectory
from app.kit.stack.postgres import known_url

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
FILL_SECONDS = 600.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(true: Callable[[], bool], seconds: float) -> bool:
    """Return whether `true` returns true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without settings of the person who runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QINGQIAO_")} | dict(extra)


def qingqiao(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end; both streams are captured."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=clean_environment(extra),
        check=False,
        capture_output=True,
        text=True,
    )


class RunningStack:
    """`qingqiao up` in a data directory."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self.port = free_port()
        self._output = data.with_name(f"{data.name}-{self.port}.out")
        environment = clean_environment({"QINGQIAO_DATA": str(data), "QINGQIAO_PORT": str(self.port)})
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "up", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def url(self, path: str) -> str:
        """Return the address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self, path: str = "/health/live") -> bool:
        """Return whether the page answers with 200."""
        try:
            with urlopen(self.url(path), timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, URLError):
            return False

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until web, workers and timetable all run; filling a demo first takes longer."""
        assert eventually(lambda: "Ctrl-C" in self.said() or self.process.poll() is not None, seconds), self.said()
        assert eventually(lambda: self.answers("/health/ready"), START_SECONDS), self.said()
        assert eventually(lambda: len(self.named("dramatiq")) > 1, START_SECONDS), self.said()

    def said(self) -> str:
        """Return what it printed."""
        return self._output.read_text(encoding="utf-8")

    def sql(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Read or write its database, on a connection and a loop of their own."""

        async def run() -> list[dict[str, Any]]:
            connection = await asyncpg.connect(known_url(DataDirectory(self.data)))
            try:
                return [dict(row) for row in await connection.fetch(query, *arguments)]
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, run()).result()

    def family(self) -> list[psutil.Process]:
        """Return the supervisor and everything below it."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def named(self, word: str) -> list[psutil.Process]:
        """Return the processes below the supervisor whose command line has `word`."""
        found = []
        for process in self.family()[1:]:
            try:
                if word in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found

    def child(self, word: str) -> psutil.Process:
        """Return the direct child of the supervisor with `word` in its command line."""
        return next(process for process in self.named(word) if process.ppid() == self.process.pid)

    def end(self) -> None:
        """Stop it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run; a zombie has ended."""
    found = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found
