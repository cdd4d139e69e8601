"""A real browser in front of the whole demo, started as its users start it."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.kit.crypto import new_token, token_hash
from app.kit.ids import new_id
from app.kit.stack.datadir import DataDirectory
from app.kit.stack.postgres import known_url
from app.kit.web import SESSION_COOKIE
from tests.support.browser_setup import chromium
from tests.support.stack import FILL_SECONDS, RunningStack

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]


class Demo:
    """The running demo: its address, its accounts, and a way to sit down as anybody."""

    def __init__(self, stack: RunningStack, browser: Browser) -> None:
        self.stack = stack
        self.browser = browser
        self.accounts: list[dict[str, Any]] = json.loads((stack.data / "demo.json").read_text(encoding="utf-8"))

    def sql(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Read or write the demo's database."""

        async def run() -> list[dict[str, Any]]:
            connection = await asyncpg.connect(known_url(DataDirectory(self.stack.data)))
            try:
                return [dict(row) for row in await connection.fetch(query, *arguments)]
            finally:
                await connection.close()

        # Playwright keeps a loop of its own running in this thread.
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, run()).result()

    def account(self, role: str) -> str:
        """Return the login of the demo account of a role."""
        return next(str(row["login"]) for row in self.accounts if row["role"] == role)

    def token_for(self, login: str) -> str:
        """Return the cookie of a fresh session of an account, second factor passed."""
        token = new_token()
        now = datetime.now(UTC)
        self.sql(
            """
            INSERT INTO sign_in_session (id, created_at, updated_at, account, token_hash, second_factor_at, last_seen,
                                         expires_at, device, version, data_class, legal_basis)
            SELECT $1, $2, $2, id, $3, $2, $2, $4, '', 1, 'L2', '' FROM account WHERE login = $5
            """,
            new_id(),
            now,
            token_hash(token),
            now + timedelta(hours=6),
            login,
        )
        return token

    @contextmanager
    def sitting(
        self, login: str = "", size: dict[str, int] | None = None, *, javascript: bool = True
    ) -> Iterator["Seat"]:
        """Open a browser window, signed in when a login is given."""
        context = self.browser.new_context(
            viewport=size or PHONE,  # type: ignore[arg-type]  # Playwright's ViewportSize is a TypedDict of the same keys
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            base_url=self.stack.url(""),
        )
        if login:
            context.add_cookies([{"name": SESSION_COOKIE, "value": self.token_for(login), "url": self.stack.url("/")}])
        try:
            yield Seat(context)
        finally:
            context.close()


class Seat:
    """One window: its page and what went wrong in it."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(f"{self.page.url}: {message.text}")

    def picture(self, name: str) -> Path:
        """Take a picture of the whole page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.evaluate("() => window.scrollTo(0, 0)")
        self.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium()
        assert path, "make test installs Chromium"
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Demo]:
    running = RunningStack(tmp_path_factory.mktemp("demo") / "data", "--demo")
    try:
        running.wait_until_ready(FILL_SECONDS)
        yield Demo(running, browser)
    finally:
        running.end()
