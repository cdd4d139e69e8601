"""The home page: four doors, the search box, the newest offers, and what comes next for whoever is signed in."""

from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.response import Response

from app.kit.parts import OfferCard
from app.kit.permissions import open_to
from app.kit.render import NavItem, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.offers import queries, queries_home, queries_list, queries_seasons
from app.offers.kinds import KINDS
from app.offers.queries_home import NextStep
from app.offers.rules_search import Season


class HomePage(Page, frozen=True, kw_only=True):
    """What the home page shows."""

    kinds: tuple[NavItem, ...]
    offers: tuple[OfferCard, ...]
    next_steps: tuple[NextStep, ...]
    season: Season | None


KIND_ICONS = {
    "COUNSEL": "message-circle",
    "INTERN": "briefcase",
    "HOUSE": "home-heart",
    "SPONSOR": "coin",
    "STUDY": "book-2",
    "LEGAL": "scale",
}


@get("/", **open_to("The home page is everybody's."))
async def home(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show the home page."""
    hidden = await queries.hidden_from(viewer, now)
    season = await queries_seasons.season_now(now)
    page = HomePage(
        shell=shell,
        title="首页",
        kinds=tuple(
            NavItem(kind.label, f"/offers?type={kind.code}", KIND_ICONS.get(kind.code, "category"))
            for kind in KINDS.values()
            if kind.code not in hidden
        ),
        offers=await queries_list.newest(viewer, now=now, hidden=hidden, first=season.kinds if season else ()),
        next_steps=await queries_home.next_steps(viewer),
        season=season.without(hidden) if season else None,
    )
    return pages.render(request, "home.html", page)


ROUTES = (home,)
