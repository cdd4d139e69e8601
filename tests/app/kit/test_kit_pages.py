"""The pages of the kit through HTTP, in a small application of their own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from app.kit.clock import MovableClock
from app.kit.pages import NEUTRAL_ADDRESS, ROUTES
from app.kit.render import Renderer, Shell
from app.kit.security import with_security_headers
from tests.support.plain_assets import PlainAssets

TEMPLATES = Path(__file__).parents[3] / "templates"


def shell() -> Shell:
    return Shell(path="/-/patterns", csrf="token")


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    clock = MovableClock(datetime(2026, 11, 23, 10, 5, tzinfo=UTC))
    pages = Renderer(TEMPLATES, PlainAssets(), clock=clock, secret_key="s" * 32)
    app: Any = Litestar(
        route_handlers=[*ROUTES],
        dependencies={
            "pages": Provide(lambda: pages, sync_to_thread=False),
            "shell": Provide(shell, sync_to_thread=False),
        },
        after_request=with_security_headers,
        state=State({"clock": clock}),
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_the_pattern_page_shows_every_component(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/-/patterns")
    assert answer.status_code == 200
    for sight in (
        "组件一览",
        'class="offer"',
        'class="stepper"',
        'class="timeline"',
        'class="score"',
        'class="pager"',
        'class="error-summary"',
        'class="confirm"',
        'class="filter-drawer"',
        'class="empty"',
        'class="calm-card"',
        'name="_csrf_token" value="token"',
        "3,000 元",
    ):
        assert sight in answer.text


async def test_quick_exit_says_nothing_of_this_site_and_goes_on(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/-/leave")
    assert answer.status_code == 200
    assert "青桥" not in answer.text
    assert f"url={NEUTRAL_ADDRESS}" in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
