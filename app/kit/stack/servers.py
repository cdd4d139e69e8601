"""What the embedded servers have in common: how they are found, prepared, started and asked whether they are ready."""

import importlib.util
import time
from pathlib import Path
from typing import Protocol

from app.kit.stack.child import Child, Command
from app.kit.stack.errors import ServerFailedError, StepFailedError

START_SECONDS = 20.0
_ATTEMPTS = 3
_LINES_SHOWN = 2
"""A program of ours ends with one Chinese and one English sentence."""


class Host(Protocol):
    """The process that starts servers: it can wait, and may be told to stop while it does."""

    def pause(self, seconds: float) -> None:
        """Wait, or return early when a child has ended; raise :class:`StopRequested` when told to stop."""
        ...


class PlainHost:
    """A host for tests and short commands: it sleeps, and Python's own signal handling interrupts it."""

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``."""
        time.sleep(seconds)


class EmbeddedServer(Protocol):
    """A server that the supervisor runs as a child."""

    name: str

    def prepare(self, host: Host) -> None:
        """Create the files it needs; harmless when they exist."""
        ...

    def command(self) -> Command:
        """Return how to start it now, on the port it had or on another free one."""
        ...

    def ready(self, pid: int) -> bool:
        """Return whether the process ``pid`` answers."""
        ...

    def complete(self, host: Host) -> None:
        """Do what only a running server can do, such as creating the database; harmless when done before."""
        ...


def run_to_end(host: Host, command: Command) -> None:
    """Run a short program; raise :class:`StepFailedError` when it fails, and end it when the host is told to stop."""
    child = Child(command)
    try:
        while child.exit_code() is None:
            host.pause(0.02)
    finally:
        child.kill()
    if child.exit_code() != 0:
        last_lines = command.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES_SHOWN:]
        raise StepFailedError(command.name, command.log, "\n".join(last_lines))


def start_server(host: Host, server: EmbeddedServer) -> Child:
    """Prepare and start ``server``, wait until it answers, and complete it; raise :class:`ServerFailedError`."""
    server.prepare(host)
    command = server.command()
    for _ in range(_ATTEMPTS):
        child = Child(command)
        try:
            if _becomes_ready(host, server, child):
                server.complete(host)
                return child
        except BaseException:
            child.kill()
            raise
        child.kill()
        host.pause(0.5)
        command = server.command()
    raise ServerFailedError(server.name, command.log)


def stop_child(host: Host, child: Child, seconds: float) -> None:
    """Ask a child to stop, and end it when ``seconds`` have passed."""
    child.ask_to_stop()
    deadline = time.monotonic() + seconds
    while child.exit_code() is None and time.monotonic() < deadline:
        host.pause(0.02)
    child.kill()


def package_folder(package: str) -> Path | None:
    """Return the folder of an installed package without importing it, or None."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _becomes_ready(host: Host, server: EmbeddedServer, child: Child) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.exit_code() is not None:
            return False
        if server.ready(child.pid):
            return True
        host.pause(0.02)
    return False
