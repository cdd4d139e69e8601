"""The supervisor behind ``qingqiao up``: servers, migration, web, workers and timetable."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import app
from app.kit.stack import programs
from app.kit.stack.child import Child, Command, rotate
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.errors import (
    AddressUnusableError,
    KeepsExitingError,
    NotReadyError,
    PortTakenError,
    StopRequested,
)
from app.kit.stack.postgres import PostgresServer
from app.kit.stack.schema import is_current, is_true
from app.kit.stack.servers import EmbeddedServer, run_to_end, start_server
from app.kit.stack.valkey import BROKER_NUMBER, CACHE_NUMBER, ValkeyServer
from app.settings import Settings, browsable_host

QUICK_SECONDS = 20.0
"""A process that ends within this time after its start has exited quickly."""
MOST_QUICK_EXITS = 5
READY_SECONDS = 60.0
APPLICATION_STOP_SECONDS = 2.8
SERVER_STOP_SECONDS = 1.8

_ADDRESS_IN_USE = 98
_TURN_SECONDS = 1.0
_ROTATE_SECONDS = 60.0
_HTTP_OK = 200
_STOPPING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_WATCHED = _STOPPING | {signal.SIGCHLD}
_PYTHON = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
"""For every program: lines reach the log at once, and compiled code is kept, without which each start takes twice
as long."""


@dataclass(frozen=True, slots=True)
class Step:
    """Arguments of ``qingqiao``, and a question to the database that says true when there is nothing left to do."""

    arguments: Sequence[str]
    done_when: str = ""


@dataclass(slots=True)
class Service:
    """A child that is started again, by the same command and so on the same port, when it ends."""

    child: Child
    started: float
    quick_exits: int = 0
    due: float = 0.0
    """When to start it again; 0 while it runs."""


class Supervisor:
    """Runs the whole service in one data directory until it is told to stop."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        """``say`` prints a line for the person at the terminal."""
        self._home = DataDirectory(settings.data)
        self._settings = replace(
            settings,
            data=self._home.folder,
            files=Path(os.path.abspath(settings.files)),  # noqa: PTH100 - resolve() would replace links people chose
            secret_key=settings.secret_key or self._home.secret(SECRET),
        )
        self._say = say
        self._servers: list[Service] = []
        self._applications: list[Service] = []
        self._rotated = time.monotonic()

    @property
    def settings(self) -> Settings:
        """The settings the children are given."""
        return self._settings

    def run(self, steps: Sequence[Step], announce: Sequence[Sequence[str]] = ()) -> None:
        """Start everything and stay until SIGINT, SIGTERM or SIGHUP; raise a StackError when that fails.

        ``steps`` have to succeed, in order, after the migration and before the service opens; ``announce`` are
        arguments of ``qingqiao`` whose output is shown once it is open.
        """
        check_port(self._settings.host, self._settings.port)
        with _signals_blocked():
            self._home.claim()
            try:
                self._start_servers()
                if not is_current(self._settings.database_url):
                    self._run_step(("migrate",))
                for step in steps:
                    if not (step.done_when and is_true(self._settings.database_url, step.done_when)):
                        self._run_step(step.arguments)
                self._open(announce)
                while True:
                    self._watch()
            except StopRequested:
                self._say("正在停止…… Stopping ...")
            finally:
                self._stop()
                self._home.release()
        self._say("青桥已停止，数据都在。 Qingqiao has stopped; the data is kept.")

    def pause(self, seconds: float) -> None:
        """Wait for a child to end or for ``seconds`` to pass; raise :class:`StopRequested` when told to stop."""
        received = signal.sigtimedwait(_WATCHED, seconds)
        if received is not None and received.si_signo in _STOPPING:
            raise StopRequested

    def _start_servers(self) -> None:
        if not self._settings.database_url:
            database = PostgresServer(self._home)
            self._start_server(database)
            self._settings = replace(self._settings, database_url=database.url())
        if not self._settings.broker_url or not self._settings.cache_url:
            cache = ValkeyServer(self._home)
            self._start_server(cache)
            self._settings = replace(
                self._settings,
                broker_url=self._settings.broker_url or cache.url(BROKER_NUMBER),
                cache_url=self._settings.cache_url or cache.url(CACHE_NUMBER),
            )

    def _start_server(self, server: EmbeddedServer) -> None:
        self._servers.append(Service(start_server(self, server), time.monotonic()))

    def _start_application(self, name: str, argv: Sequence[str]) -> None:
        self._applications.append(Service(Child(self._command(name, argv)), time.monotonic()))

    def _command(self, name: str, argv: Sequence[str], log: Path | None = None) -> Command:
        source = str(Path(app.__file__).parents[1])
        return Command(
            name=name,
            argv=argv,
            log=log or self._home.logs / f"{name}.log",
            env={**self._settings.to_env(), "PYTHONPATH": source, **_PYTHON},
            keep_open=[self._home.lock_handle],
        )

    def _run_step(self, arguments: Sequence[str]) -> None:
        run_to_end(
            self,
            self._command(f"qingqiao {arguments[0]}", programs.qingqiao(*arguments), self._home.logs / "setup.log"),
        )

    def _open(self, announce: Sequence[Sequence[str]]) -> None:
        """Open the pages first, then start what works behind them, then show what the announcing commands print."""
        self._start_application("web", programs.web(self._settings))
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self._settings):
            if time.monotonic() > deadline:
                raise NotReadyError(self._settings.public_url, READY_SECONDS, self._home.logs / "web.log")
            self._restart_ended()
            self.pause(0.05)
        self._say(f"青桥已启动 Qingqiao is ready: {self._settings.public_url}")
        self._start_application("scheduler", programs.scheduler())
        self._start_application("worker", programs.worker(self._settings))
        for arguments in announce:
            text = self._output_of(arguments)
            if text:
                self._say(text)
        self._say("按 Ctrl-C 停止。 Press Ctrl-C to stop.")

    def _output_of(self, arguments: Sequence[str]) -> str:
        """Run a command whose output may hold a secret: it never stays in a log."""
        output = self._home.write_private("announcement", "")
        try:
            run_to_end(self, self._command(f"qingqiao {arguments[0]}", programs.qingqiao(*arguments), output))
            return output.read_text(encoding="utf-8").strip()
        finally:
            output.unlink()

    def _watch(self) -> None:
        """One turn: wait, start again what ended, keep the logs small."""
        self.pause(_TURN_SECONDS)
        self._restart_ended()
        if time.monotonic() - self._rotated > _ROTATE_SECONDS:
            self._rotated = time.monotonic()
            for service in (*self._servers, *self._applications):
                rotate(service.child.command.log)

    def _restart_ended(self) -> None:
        now = time.monotonic()
        for service in (*self._servers, *self._applications):
            if service.due:
                if now >= service.due:
                    service.child, service.started, service.due = Child(service.child.command), now, 0.0
            elif service.child.exit_code() is not None:
                self._plan_restart(service, now)

    def _plan_restart(self, service: Service, now: float) -> None:
        command = service.child.command
        service.quick_exits = service.quick_exits + 1 if now - service.started < QUICK_SECONDS else 1
        if service.quick_exits >= MOST_QUICK_EXITS:
            raise KeepsExitingError(command.name, service.quick_exits, command.log)
        delay = 0.25 * 2 ** (service.quick_exits - 1)
        service.due = now + delay
        self._say(
            f"{command.name} 已退出，{delay:g} 秒后重新启动。 {command.name} ended and is started again in {delay:g} s."
        )

    def _stop(self) -> None:
        """End the applications, then the servers they use; whoever takes too long is killed."""
        self._stop_group(self._applications, APPLICATION_STOP_SECONDS)
        self._stop_group(self._servers, SERVER_STOP_SECONDS)

    @staticmethod
    def _stop_group(services: Sequence[Service], seconds: float) -> None:
        for service in services:
            service.child.ask_to_stop()
        deadline = time.monotonic() + seconds
        while any(service.child.exit_code() is None for service in services):
            left = deadline - time.monotonic()
            received = signal.sigtimedwait(_WATCHED, max(0.0, min(left, 0.1)))
            impatient = received is not None and received.si_signo in _STOPPING
            if left <= 0 or impatient:
                break
        for service in services:
            service.child.kill()


def check_port(host: str, port: int) -> None:
    """Raise a named error when the web server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == _ADDRESS_IN_USE:
                raise PortTakenError(host, port) from error
            raise AddressUnusableError(host, port, error.strerror or str(error)) from error


def answers(settings: Settings) -> bool:
    """Return whether the web server says that it is alive."""
    line = HTTPConnection(browsable_host(settings.host), settings.port, timeout=2.0)
    try:
        line.request("GET", "/health/live")
        return line.getresponse().status == _HTTP_OK
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Take signals only where the supervisor waits for them; new files and folders are private meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    mask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(mask)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
