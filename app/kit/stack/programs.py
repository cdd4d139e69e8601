"""The programs of the service as commands: the same for the supervisor, for containers and for systemd."""

import sys
from collections.abc import Sequence

from app.settings import Settings

SHUTDOWN_SECONDS = 2
"""How long a web or job process may finish what it does when told to stop."""


def web(settings: Settings) -> Sequence[str]:
    """Return the command of the web server."""
    return (
        sys.executable, "-m", "granian",
        "--interface", "asgi",
        "--factory",
        "--no-ws",
        "--host", settings.host,
        "--port", str(settings.port),
        "--workers", str(settings.workers),
        "--log-level", settings.log_level,
        "--respawn-failed-workers",
        "--workers-kill-timeout", str(SHUTDOWN_SECONDS),
        "app.main:app_from_env",
    )  # fmt: skip


def worker(settings: Settings) -> Sequence[str]:
    """Return the command of the job workers."""
    return (
        sys.executable, "-m", "dramatiq",
        "--processes", str(settings.worker_processes),
        "--threads", str(settings.worker_threads),
        # The master is deaf to signals while it waits for its workers to boot, so it waits only briefly.
        "--worker-fork-timeout", "1000",
        "--worker-shutdown-timeout", str(SHUTDOWN_SECONDS * 1000),
        "app.worker",
    )  # fmt: skip


def scheduler() -> Sequence[str]:
    """Return the command of the timetable and the outbox relay."""
    return (sys.executable, "-m", "app.scheduler")


def qingqiao(*arguments: str) -> Sequence[str]:
    """Return a command of our own command line."""
    return (sys.executable, "-m", "app.cli", *arguments)
