"""For committees: what was looked for and not found; and the seasons of the school year, for those who keep them."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.response import Response

from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.offers import forms_seasons, queries_seasons, queries_unmet, service_seasons
from app.offers.queries_unmet import UnmetLine
from app.offers.rules import TYPES
from app.offers.rules_search import Season

Cell = str | int | None


class UnmetPage(Page, frozen=True, kw_only=True):
    """Searches and searches in vain, city by kind by week."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    searches: int
    vain: int


class SeasonsPage(Page, frozen=True, kw_only=True):
    """Every season."""

    seasons: tuple[Season, ...]
    today: str


class SeasonPage(Page, frozen=True, kw_only=True):
    """One season to change."""

    season: Season
    form: FormView
    types: dict[str, str]


@get("/demand", **may("demand", "R"))
async def demand(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what people looked for in vain."""
    lines = await queries_unmet.unmet(viewer, now=now)
    page = UnmetPage(
        shell=shell,
        title="没找到的需求",
        columns=(
            "城市",
            "类型",
            "搜索",
            "没有结果",
            "在架供给",
            *(f"{week:%m/%d}" for week in queries_unmet.weeks(now)),
        ),
        rows=tuple(_row(line) for line in lines),
        searches=sum(line.asked for line in lines),
        vain=sum(line.without for line in lines),
    )
    return pages.render(request, "offers/demand.html", page)


def _row(line: UnmetLine) -> tuple[Cell, ...]:
    weeks = tuple(f"{without}/{asked}" if asked else None for asked, without in line.weeks)
    return (line.city, line.kind, line.asked, line.without, line.offers, *weeks)


@get("/seasons", **may("season", "R"))
async def seasons(request: Request[Any, Any, Any], shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show the seasons."""
    today = await queries_seasons.season_now(now)
    page = SeasonsPage(
        shell=shell, title="时令专题", seasons=await queries_seasons.seasons(), today=today.code if today else ""
    )
    return pages.render(request, "offers/seasons.html", page)


async def _season(code: str) -> Season:
    found = next((season for season in await queries_seasons.seasons() if season.code == code), None)
    if found is None:
        raise NotFound
    return found


@get("/seasons/{code:str}", **may("season", "R"))
async def season_form(request: Request[Any, Any, Any], code: str, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one season to change."""
    season = await _season(code)
    page = SeasonPage(
        shell=shell, title=season.title, season=season, form=forms_seasons.filled(season), types=dict(TYPES)
    )
    return pages.render(request, "offers/season.html", page)


@post("/seasons/{code:str}", **may("season", "U"))
async def change_season(
    request: Request[Any, Any, Any], code: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Change a season."""
    season = await _season(code)
    try:
        wanted = forms_seasons.read(Form.from_request_data(await request.form()), season.code)
    except FormInvalid as invalid:
        page = SeasonPage(shell=shell, title=season.title, season=season, form=invalid.view, types=dict(TYPES))
        return pages.render(request, "offers/season.html", page, status=FORM_STATUS)
    await service_seasons.change(viewer, msgspec.structs.replace(wanted, code=season.code), now=now)
    return pages.redirect(request, "/seasons", Notice("success", "已保存，当天就会生效。"))


ROUTES = (demand, seasons, season_form, change_season)
