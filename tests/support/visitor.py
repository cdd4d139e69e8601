"""A browser for tests without a browser: cookies, CSRF token, redirects followed by hand."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

import httpx
from litestar import Litestar

from app.kit.web import CSRF_COOKIE, SESSION_COOKIE
from tests.support.world import Somebody

Data = Mapping[str, str | Sequence[str]]


class Visitor:
    """Somebody (or nobody) in front of the application."""

    def __init__(self, app: Litestar, somebody: Somebody | None = None) -> None:
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=cast("Any", app)), base_url="http://test")
        if somebody is not None:
            self.client.cookies.set(SESSION_COOKIE, somebody.token, domain="test.local")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page without following redirects."""
        return await self.client.get(path, **more)

    async def post(self, path: str, data: Data | None = None, **more: Any) -> httpx.Response:
        """Submit a form with the CSRF token a page has given."""
        if CSRF_COOKIE not in self.client.cookies:
            await self.client.get("/health/live")
        token = self.client.cookies.get(CSRF_COOKIE) or ""
        return await self.client.post(path, data={**(data or {}), "_csrf_token": token}, **more)

    async def follow(self, response: httpx.Response) -> httpx.Response:
        """Open the page a redirect leads to."""
        assert response.status_code in {302, 303}, (response.status_code, response.text[:400])
        return await self.get(response.headers["location"])
