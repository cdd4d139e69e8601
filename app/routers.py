"""Every route of the service, capability by capability."""

from litestar.types import ControllerRouterHandler

from app.kit.health import ROUTES as HEALTH
from app.kit.pages import ROUTES as KIT_PAGES

ROUTES: tuple[ControllerRouterHandler, ...] = (*HEALTH, *KIT_PAGES)
