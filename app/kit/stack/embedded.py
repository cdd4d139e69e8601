"""Embedded servers for the length of a block: used by tests and by commands that run while the service is down."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.kit.stack.datadir import DataDirectory
from app.kit.stack.postgres import PostgresServer, known_url
from app.kit.stack.servers import EmbeddedServer, PlainHost, start_server, stop_child
from app.kit.stack.valkey import BROKER_NUMBER, CACHE_NUMBER, ValkeyServer
from app.settings import Settings

_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of a block listen."""

    database_url: str
    broker_url: str
    cache_url: str


@contextmanager
def embedded_servers(folder: Path) -> Iterator[Addresses]:
    """Run PostgreSQL and Valkey in ``folder`` for the length of the block; call from the main thread."""
    home = DataDirectory(folder)
    with _claimed(home), ExitStack() as running:
        database, cache = PostgresServer(home), ValkeyServer(home)
        for server in (database, cache):
            running.enter_context(_running(server))
        yield Addresses(database.url(), cache.url(BROKER_NUMBER), cache.url(CACHE_NUMBER))


@contextmanager
def database_for(settings: Settings) -> Iterator[str]:
    """Yield the address of the database: the one set, the one that runs here now, or one started for the block."""
    if settings.database_url:
        yield settings.database_url
        return
    home = DataDirectory(settings.data)
    if home.in_use():
        yield known_url(home)
        return
    server = PostgresServer(home)
    with _claimed(home), _running(server):
        yield server.url()


@contextmanager
def _claimed(home: DataDirectory) -> Iterator[None]:
    home.claim()
    try:
        yield
    finally:
        home.release()


@contextmanager
def _running(server: EmbeddedServer) -> Iterator[None]:
    host = PlainHost()
    child = start_server(host, server)
    try:
        yield
    finally:
        stop_child(host, child, _STOP_SECONDS)
