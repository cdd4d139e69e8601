"""Every route of the service, capability by capability."""

from litestar.types import ControllerRouterHandler

from app.kit.health import ROUTES as HEALTH

ROUTES: tuple[ControllerRouterHandler, ...] = (*HEALTH,)
