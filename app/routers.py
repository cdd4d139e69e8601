"""Every route of the service, capability by capability."""

from litestar.types import ControllerRouterHandler

from app.kit.health import ROUTES as HEALTH
from app.kit.pages import ROUTES as KIT_PAGES
from app.kit.pages_operations import ROUTES as OPERATIONS
from app.offers.pages import ROUTES as OFFERS
from app.safety.pages import ROUTES as SAFETY
from app.safety.pages_desk import ROUTES as CRISIS_DESK

ROUTES: tuple[ControllerRouterHandler, ...] = (*HEALTH, *KIT_PAGES, *OPERATIONS, *SAFETY, *CRISIS_DESK, *OFFERS)
