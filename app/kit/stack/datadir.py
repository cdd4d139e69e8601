"""The data directory: private, used by one supervisor at a time, with the secrets and ports of the embedded servers."""

import contextlib
import fcntl
import json
import os
import secrets
import socket
import time
from pathlib import Path

from app.kit.stack.errors import DataDirectoryInUseError, DataDirectoryNotWritableError

LEAVING_SECONDS = 10.0
"""How long the servers of a killed supervisor may take to leave the directory."""

SECRET = "secret.key"  # noqa: S105 - the name of a file
"""The file of the key that signs cookies and links, unless a setting gives it."""

_PORTS = "ports.json"
_LOCK = "lock"


class DataDirectory:
    """A folder only its owner can enter; ``claim`` makes it ours until the process and its servers end."""

    def __init__(self, folder: Path) -> None:
        """Create the folder and its inner ones when they are missing; a present folder keeps its permissions."""
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would replace links people chose
        self.logs = self.folder / "log"
        self._lock: int | None = None
        try:
            for path in (self.folder, self.logs):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise DataDirectoryNotWritableError(self.folder, error.strerror or str(error)) from error

    @property
    def lock_handle(self) -> int:
        """The locked file descriptor; servers inherit it, so that the lock lasts as long as they do."""
        if self._lock is None:
            raise DataDirectoryInUseError(self.folder, None)
        return self._lock

    def claim(self) -> None:
        """Lock the directory; raise :class:`DataDirectoryInUseError` when a living supervisor holds it."""
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + LEAVING_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                owner = _read_pid(handle)
                if _alive(owner) or time.monotonic() > deadline:
                    os.close(handle)
                    raise DataDirectoryInUseError(self.folder, owner) from None
                time.sleep(0.05)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._lock = handle

    def release(self) -> None:
        """Unlock the directory; call when every server has ended."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def in_use(self) -> bool:
        """Return whether somebody else holds the lock now."""
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def secret(self, name: str) -> str:
        """Return the secret of that name, made at random on first use and kept in a file of mode 0600."""
        path = self.folder / name
        if not path.exists():
            draft = self.write_private(f"{name}.{os.getpid()}", secrets.token_urlsafe(32) + "\n")
            # The first of two processes wins, and both read what it wrote.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path.read_text(encoding="ascii").strip()

    def write_private(self, name: str, text: str) -> Path:
        """Write a file that only its owner can read, in one step; return its path."""
        path = self.folder / name
        draft = path.with_name(f".{path.name}-{os.getpid()}")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
        return path

    def port(self, server: str) -> int:
        """Return the port ``server`` had last time, or another free one when it is taken; remember it."""
        ports = self.known_ports()
        remembered = ports.get(server, 0)
        if not remembered or not _is_free(remembered):
            ports[server] = _free_port()
            self.write_private(_PORTS, json.dumps(ports))
        return ports[server]

    def known_ports(self) -> dict[str, int]:
        """Return the ports that were written down, by server."""
        try:
            written = json.loads((self.folder / _PORTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): int(port) for name, port in written.items()} if isinstance(written, dict) else {}


def _read_pid(handle: int) -> int | None:
    text = os.pread(handle, 32, 0)
    return int(text) if text.isdigit() else None


def _alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Return whether the process has ended and only waits for its parent to notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2]
    except OSError:
        return False
    return state.startswith(("Z", "X"))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
