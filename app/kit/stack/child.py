"""One child process: started in its own session, tied to the life of the supervisor, ended with all it made."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from app.kit.stack.identity import Identity, assume
from app.kit.stack.parentwatch import SUPERVISED, set_parent_death_signal

LOG_LIMIT = 16 * 1024 * 1024
"""Bytes after which a log is set aside as ``NAME.log.1`` and started anew."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a child is started and stopped."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Added to the environment of the supervisor."""
    folder: Path | None = None
    """Working directory; None keeps that of the supervisor."""
    identity: Identity = Identity.SAME
    stop_signal: signal.Signals = signal.SIGTERM
    """Sent to the child itself, never to the processes it made."""
    orphan_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel when the supervisor is gone."""
    keep_open: Sequence[int] = ()
    """File descriptors the child inherits."""


class Child:
    """A running :class:`Command`."""

    def __init__(self, command: Command) -> None:
        """Start it; call from the main thread, for the kernel ties the child to the thread that made it."""
        self.command = command
        self._code: int | None = None
        parent = os.getpid()

        def before_exec() -> None:
            assume(command.identity)
            # A change of identity clears the parent-death signal, so it is set last.
            set_parent_death_signal(command.orphan_signal, parent)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())

        rotate(command.log)
        with open(command.log, "ab", opener=_private) as log:
            self._process = subprocess.Popen(  # noqa: S603 - a command of ours, never of a visitor
                list(command.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.folder,
                env={**os.environ, SUPERVISED: str(parent), **command.env},
                preexec_fn=before_exec,  # noqa: PLW1509 - the supervisor has one thread
                start_new_session=True,
                pass_fds=tuple(command.keep_open),
            )

    @property
    def pid(self) -> int:
        """Process id of the child, which is also the id of its session and group."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return None while it runs; once it has ended, end whatever it left behind and return its exit code."""
        if self._code is None:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                # The dead child still holds its group id, so this cannot hit anybody else.
                self._signal_group(signal.SIGKILL)
                self._code = self._process.wait()
        return self._code

    def ask_to_stop(self) -> None:
        """Send the stop signal to the child alone."""
        if self.exit_code() is None:
            self._process.send_signal(self.command.stop_signal)

    def kill(self) -> None:
        """End the child and its group at once."""
        if self.exit_code() is None:
            self._signal_group(signal.SIGKILL)
            self._code = self._process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def rotate(log: Path) -> None:
    """Set a log aside when it has grown beyond :data:`LOG_LIMIT`; its writer appends and goes on."""
    if not log.exists() or log.stat().st_size <= LOG_LIMIT:
        return
    older = log.with_name(log.name + ".1")
    with open(older, "wb", opener=_private) as kept, log.open("rb") as full:
        while piece := full.read(1 << 20):
            kept.write(piece)
    os.truncate(log, 0)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
