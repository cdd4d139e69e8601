"""Every route of the service, capability by capability."""

from litestar.types import ControllerRouterHandler

from app.kit.health import ROUTES as HEALTH
from app.kit.pages import ROUTES as KIT_PAGES
from app.kit.pages_operations import ROUTES as OPERATIONS

ROUTES: tuple[ControllerRouterHandler, ...] = (*HEALTH, *KIT_PAGES, *OPERATIONS)
