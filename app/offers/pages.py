"""Every route of offers: home, list, own offers, review, pictures."""

from litestar.types import ControllerRouterHandler

from app.offers import (
    api,
    pages_demand,
    pages_files,
    pages_home,
    pages_list,
    pages_operations,
    pages_review,
    pages_saved,
    pages_write,
)

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *pages_home.ROUTES,
    *pages_list.ROUTES,
    *pages_write.ROUTES,
    *pages_review.ROUTES,
    *pages_files.ROUTES,
    *pages_saved.ROUTES,
    *pages_demand.ROUTES,
    *api.ROUTES,
    *pages_operations.ROUTES,
)
