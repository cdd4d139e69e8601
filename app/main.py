"""The web application: an explicit list of routers and nothing else."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.logging.config import LoggingConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from app import subscriptions
from app.kit import logs
from app.kit.assets import Assets
from app.kit.clock import Clock, SystemClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.errors import Refusal
from app.kit.forms import FormInvalid
from app.kit.render import Renderer
from app.kit.security import with_security_headers
from app.kit.stack import parentwatch
from app.kit.web import (
    CSRF_COOKIE,
    ViewerMiddleware,
    crashed,
    guard,
    http_problem,
    not_filled,
    provide_now,
    provide_renderer,
    provide_shell,
    provide_viewer,
    refused,
)
from app.labels import LABELS
from app.offers import queries_gate
from app.people.queries import viewer_for_token
from app.routers import ROUTES
from app.settings import Settings

TEMPLATES = Path(__file__).parent.parent / "templates"
LARGEST_BODY = 20 * 1024 * 1024
YEAR_SECONDS = 365 * 24 * 3600
STATIC_SECONDS = 365 * 24 * 3600
"""Assets carry their content in their name, so browsers may keep them."""


def create_app(settings: Settings, *, clock: Clock | None = None, manage_database: bool = True) -> Litestar:
    """Build the application. With `manage_database` it opens and closes the pool itself (tests bring their own)."""
    assert subscriptions.MODULES, "a fact that a page records reaches its subscribers"
    clock = clock or SystemClock()
    open_vault(settings.secret_key)
    queries_gate.configure(settings.meili_url, settings.meili_key)
    assets = Assets.load()
    secure = settings.public_url.startswith("https://")
    renderer = Renderer(
        TEMPLATES, assets, clock=clock, secret_key=settings.secret_key, labels=LABELS, secure_cookies=secure
    )

    @asynccontextmanager
    async def database(_: Litestar) -> AsyncIterator[None]:
        if not manage_database:
            yield
            return
        DB.configure(settings.database_url)
        await DB.open()
        try:
            yield
        finally:
            await queries_gate.close()
            await DB.close()

    handlers: list[ControllerRouterHandler] = [
        *ROUTES,
        create_static_files_router(
            path="/static",
            directories=[assets.folder],
            opt={"open_to": "Style sheets, scripts and icons."},
            cache_control=CacheControlHeader(public=True, max_age=STATIC_SECONDS, immutable=True),
        ),
    ]
    return Litestar(
        route_handlers=handlers,
        middleware=[ViewerMiddleware(viewer_for_token)],
        guards=[guard],
        dependencies={
            "viewer": Provide(provide_viewer),
            "now": Provide(provide_now),
            "pages": Provide(provide_renderer),
            "shell": Provide(provide_shell),
        },
        exception_handlers={Refusal: refused, FormInvalid: not_filled, HTTPException: http_problem, Exception: crashed},
        csrf_config=CSRFConfig(
            secret=settings.secret_key, cookie_name=CSRF_COOKIE, cookie_secure=secure, cookie_samesite="lax"
        ),
        after_request=with_security_headers,
        lifespan=[database],
        state=State({"clock": clock, "renderer": renderer, "settings": settings, "demo": settings.demo}),
        include_in_schema=False,
        openapi_config=OpenAPIConfig(
            title="青桥 Qingqiao",
            version="1",
            description="公开的供给（实习、住房、资助、辅导等）的搜索接口。The public search of offers.",
            path="/api/v1/schema",
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"]), YamlRenderPlugin()],
        ),
        logging_config=LoggingConfig(configure_root_logger=False, log_exceptions="never"),
        request_max_body_size=LARGEST_BODY,
    )


def app_from_env() -> Litestar:
    """Build the application from the environment (the factory that granian loads)."""
    parentwatch.die_with_parent()
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    return create_app(settings)
