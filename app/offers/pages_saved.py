"""What a person keeps: saved searches, favourites, what was seen lately."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.response import Response

from app.kit.forms import Form, FormView
from app.kit.parts import OfferCard
from app.kit.permissions import open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.offers import forms, forms_search, queries_saved, service_saved
from app.offers.queries_saved import EVERY
from app.offers.rules import TYPES
from app.offers.rules_search import RADII, Asked, facet_options
from app.regions import rules as regions

_OWN = open_to("What one keeps is one's own.", signed_in=True)


class SavedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One saved search in words."""

    id: UUID
    text: str
    every: str
    fresh: int


class KeptPage(Page, frozen=True, kw_only=True):
    """Everything a person keeps."""

    searches: tuple[SavedLine, ...]
    favourites: tuple[OfferCard, ...]
    seen: tuple[OfferCard, ...]


class SavePage(Page, frozen=True, kw_only=True):
    """How often to tell of new offers."""

    form: FormView
    text: str
    values: tuple[tuple[str, str], ...]
    rhythms: dict[str, str]


def in_words(asked: Asked) -> str:
    """Return a search as a person would say it."""
    options = facet_options(asked.kind)
    parts = [
        f"“{asked.words}”" if asked.words else "",
        TYPES.get(asked.kind, ""),
        regions.label(asked.district or asked.city) if asked.city else "",
        RADII.get(asked.radius, ""),
        *(options[name][value] for name, values in asked.facets for value in values),
        f"不低于 {asked.price_min / 100:g} 元" if asked.price_min is not None else "",
        f"不高于 {asked.price_max / 100:g} 元" if asked.price_max is not None else "",
        forms.STAGES.get(asked.stage, ""),
    ]
    return " · ".join(part for part in parts if part) or "全部机会"


@get("/saved", **_OWN)
async def kept(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show what the viewer keeps."""
    page = KeptPage(
        shell=shell,
        title="我的收藏",
        searches=tuple(
            SavedLine(
                id=each.id,
                text=in_words(forms_search.read(Form(each.values))),
                every=EVERY[each.every],
                fresh=each.fresh,
            )
            for each in await queries_saved.saved(viewer)
        ),
        favourites=await queries_saved.favourites(viewer, now),
        seen=await queries_saved.seen(viewer, now),
    )
    return pages.render(request, "offers/kept.html", page)


@get("/saved/new", **_OWN)
async def save_form(request: Request[Any, Any, Any], shell: Shell, pages: Renderer) -> Response[bytes]:
    """Ask how often to tell."""
    asked = forms_search.read(Form.from_request_data(request.query_params))
    page = SavePage(
        shell=shell,
        title="有了就告诉我",
        form=FormView.of(every="WEEK"),
        text=in_words(asked),
        values=tuple(asked.pairs()),
        rhythms=dict(EVERY),
    )
    return pages.render(request, "offers/save.html", page)


@post("/saved", **_OWN)
async def save(request: Request[Any, Any, Any], viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep a search."""
    form = Form.from_request_data(await request.form())
    asked = forms_search.read(form)
    await service_saved.save(viewer, asked, form.raw("every"), now=now)
    return pages.redirect(request, asked.href(), Notice("success", "记下了。有新的会在“消息”里告诉你，不写具体内容。"))


@get("/saved/{saved_id:uuid}", **_OWN)
async def open_saved(
    request: Request[Any, Any, Any], saved_id: UUID, viewer: Viewer, pages: Renderer
) -> Response[bytes]:
    """Lead to the results of a saved search, newest first."""
    found = await service_saved.opened(viewer, saved_id)
    return pages.redirect(request, forms_search.read(Form(found.values)).href(sort="new"))


@post("/saved/{saved_id:uuid}/forget", **_OWN)
async def forget(request: Request[Any, Any, Any], saved_id: UUID, viewer: Viewer, pages: Renderer) -> Response[bytes]:
    """Delete a saved search."""
    await service_saved.forget(viewer, saved_id)
    return pages.redirect(request, "/saved", Notice("success", "已删除，不会再提醒。"))


@post("/saved/seen/clear", **_OWN)
async def clear(request: Request[Any, Any, Any], viewer: Viewer, pages: Renderer) -> Response[bytes]:
    """Forget what the viewer looked at."""
    await service_saved.clear(viewer)
    return pages.redirect(request, "/saved", Notice("success", "看过的记录已清空。"))


@post("/offers/{offer_id:uuid}/favourite", **_OWN)
async def favour(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Put an offer aside, or take it back."""
    form = Form.from_request_data(await request.form())
    wanted = form.raw("act") != "remove"
    await service_saved.favour(viewer, offer_id, wanted=wanted, now=now)
    said = "已收藏，在“我的收藏”里可以找到。" if wanted else "已取消收藏。"
    return pages.redirect(request, f"/offers/{offer_id}", Notice("success", said))


ROUTES = (kept, save_form, save, open_saved, forget, clear, favour)
