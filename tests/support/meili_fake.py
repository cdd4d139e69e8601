"""A strict Meilisearch on loopback: the documented HTTP interface, asynchronous tasks, and faults on demand.

It refuses whatever the documentation does not allow, so that what passes here may meet a real server. Run it alone
with `python -m tests.support.meili_fake --port 7700`; its master key is printed.
"""

import argparse
import contextlib
import json
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.support.meili_routes import MASTER, Answer, Request, Routes
from tests.support.meili_settings import Refused
from tests.support.meili_state import State, answer

MOST_BYTES = 100 * 1024 * 1024
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Faults:
    """What is to go wrong with the next answers: nothing, or one of hang, slow, 500, html, malformed, 429."""

    mode: str = ""
    seconds: float = 30.0
    only: str = ""
    seen: list[str] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    """The bodies of the requests, oldest first."""

    def of(self, path: str) -> str:
        """Return the fault for a path."""
        return self.mode if self.only in path else ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, state: State, faults: Faults) -> None:
        self.routes = Routes(state)
        self.state = state
        self.faults = faults
        self.open: set[socket.socket] = set()
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; the tests look at the client's side."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        """Keep the log empty."""

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        self.server.faults.seen.append(f"{self.command} {self.path}")
        if self._fault(self.server.faults.of(self.path)):
            return
        try:
            found = self._answer(content)
        except Refused as refused:
            found = Answer(refused.status, answer(refused))
        self._send(found.status, json.dumps(found.body, ensure_ascii=False).encode(), "application/json")

    def _answer(self, content: bytes) -> Answer:
        url = urllib.parse.urlsplit(self.path)
        parts = tuple(urllib.parse.unquote(part) for part in url.path.strip("/").split("/"))
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        given = self.headers.get("Authorization")
        key = given.removeprefix("Bearer ") if given is not None and given.startswith("Bearer ") else None
        request = Request(self.command, parts, query, self._body(content), key)
        self.server.faults.sent.append(request.body)
        with self.server.state.lock:
            return self.server.routes.answer(request)

    def _body(self, content: bytes) -> Any:
        if self.command not in WITH_BODY:
            return None
        if len(content) > MOST_BYTES:
            raise Refused(413, "payload_too_large", "The provided payload reached the size limit.")
        kind = (self.headers.get("Content-Type") or "").split(";")[0]
        if not kind:
            raise Refused(
                415, "missing_content_type", "A Content-Type header is missing. Accepted values are: `application/json`"
            )
        if kind != "application/json":
            raise Refused(
                415,
                "invalid_content_type",
                f"The Content-Type `{kind}` is invalid. Accepted values are: `application/json`",
            )
        if not content:
            raise Refused(400, "missing_payload", "A json payload is missing.")
        try:
            return json.loads(content)
        except ValueError as error:
            raise Refused(400, "malformed_payload", "The json payload provided is malformed.") from error

    def _fault(self, mode: str) -> bool:
        """Do what the fault asks; return whether the answer has been given."""
        if mode in {"hang", "slow"}:
            until = time.monotonic() + self.server.faults.seconds
            while time.monotonic() < until and not self.server.closing.is_set():
                if mode == "hang" and not self.server.faults.mode:
                    break
                time.sleep(0.01)
            return False
        if mode == "500":
            self._send(
                500,
                json.dumps(answer(Refused(500, "internal", "An internal error has occurred.", "internal"))).encode(),
                "application/json",
            )
        elif mode == "html":
            self._send(502, HTML, "text/html")
        elif mode == "malformed":
            self._send(200, b'{"hits": [', "application/json")
        elif mode == "429":
            busy = Refused(
                503, "too_many_search_requests", "Too many search requests running at the same time.", "system"
            )
            self._send(429, json.dumps(answer(busy)).encode(), "application/json")
        return bool(mode)

    def _send(self, status: int, content: bytes, kind: str) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815  the base class looks for these names


class MeiliFake:
    """The server in a thread; `kill` and `revive` take it away and bring it back on the same port."""

    def __init__(self, *, port: int = 0, task_seconds: float = 0.0) -> None:
        self.state = State(task_seconds=task_seconds)
        self.faults = Faults()
        self._server: _Server | None = _Server(port, self.state, self.faults)
        self.port = self._server.server_address[1]
        self._thread = self._serve(self._server)

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Close the port and every connection at once."""
        server, self._server = self._server, None
        if server is None:
            return
        server.closing.set()
        server.shutdown()
        server.server_close()
        for connection in list(server.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=10)

    def revive(self) -> None:
        """Listen on the same port again, with everything that was stored."""
        assert self._server is None
        self._server = _Server(self.port, self.state, self.faults)
        self._thread = self._serve(self._server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.state.stop()

    @staticmethod
    def _serve(server: _Server) -> threading.Thread:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        return thread


def main() -> None:
    """Run the server until it is interrupted."""
    parser = argparse.ArgumentParser(description="A strict Meilisearch for tests, on loopback.")
    parser.add_argument("--port", type=int, default=7700)
    parser.add_argument("--task-seconds", type=float, default=0.0)
    given = parser.parse_args()
    with MeiliFake(port=given.port, task_seconds=given.task_seconds) as fake, contextlib.suppress(KeyboardInterrupt):
        print(f"{fake.url} master key {MASTER}", flush=True)  # noqa: T201  whoever starts it needs the address
        threading.Event().wait()


if __name__ == "__main__":
    main()
