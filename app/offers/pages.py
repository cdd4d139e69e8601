"""Every route of offers: home, list, own offers, review, pictures."""

from litestar.types import ControllerRouterHandler

from app.offers import pages_files, pages_home, pages_list, pages_review, pages_write

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *pages_home.ROUTES,
    *pages_list.ROUTES,
    *pages_write.ROUTES,
    *pages_review.ROUTES,
    *pages_files.ROUTES,
)
