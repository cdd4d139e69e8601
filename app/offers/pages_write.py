"""Bringing an offer: choose the kind, fill the form (a draft at every step), photos, and one's own offers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Response

from app.kit.clock import local_day
from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.images import StoredPicture
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, Viewer
from app.offers import forms, pages_intake, queries, queries_mine, service
from app.offers.kinds import KINDS, Field, Kind
from app.offers.pages_home import KIND_ICONS
from app.offers.queries import OfferFacts
from app.offers.rules import EDITABLE, FILLED_BY_REVIEWER, MOST_PHOTOS, PHOTO_TYPES, RUNNING
from app.organisations.queries_providers import ProviderFacts
from app.organisations.service_contacts import CONTACT_KINDS

KindRow = tuple[str, str, str, str]
"""Address, label, lead and icon of a kind to choose."""


class ChoosePage(Page, frozen=True, kw_only=True):
    """Which kind of offer it is."""

    kinds: tuple[KindRow, ...]


class FormPage(Page, frozen=True, kw_only=True):
    """The form of one offer."""

    kind: Kind
    steps: tuple[tuple[str, tuple[Field, ...]], ...]
    form: FormView
    action: str
    places: dict[str, str]
    stages: dict[str, str]
    cadre: bool
    providers: dict[str, str]
    contact_kinds: dict[str, str]
    photos: tuple[StoredPicture, ...]
    takes_photos: bool
    most_photos: int
    state: str
    return_reason: str
    running: bool
    offer_id: UUID | None


def form_page(
    shell: Shell,
    viewer: Viewer,
    kind: Kind,
    form: FormView,
    *,
    offer: OfferFacts | None,
    around: pages_intake.Around,
) -> FormPage:
    """Return the page of the form, new or filled."""
    return FormPage(
        shell=shell,
        title=f"{'修改' if offer else '发布'}：{kind.label}",
        kind=kind,
        steps=tuple((step, _fields(kind, step)) for step in kind.steps),
        form=form,
        action=f"/offers/{offer.id}/edit" if offer else f"/offers/new/{kind.slug}",
        places=around.places,
        stages=dict(forms.STAGES),
        cadre=viewer.role in CADRE_ROLES,
        providers={str(provider.id): provider.legal_name for provider in around.providers}
        | {forms.NEW_PROVIDER: "登记一个新单位（在下面填写）"},
        contact_kinds=dict(CONTACT_KINDS),
        photos=around.photos,
        takes_photos=kind.code in PHOTO_TYPES,
        most_photos=MOST_PHOTOS,
        state=offer.state if offer else "DRAFT",
        return_reason=offer.return_reason if offer else "",
        running=offer is not None and offer.state in RUNNING,
        offer_id=offer.id if offer else None,
    )


def _fields(kind: Kind, step: str) -> tuple[Field, ...]:
    return tuple(field for field in kind.fields if field.step == step and field.name not in FILLED_BY_REVIEWER)


@get("/offers/new", **may("offer", "C"))
async def choose(request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Ask which kind of offer it is."""
    provider = await queries_mine.own_provider(viewer)
    kinds = forms.kinds_for(viewer, provider.type if provider else "")
    rows = tuple(
        (f"/offers/new/{kind.slug}", kind.label, kind.lead, KIND_ICONS.get(kind.code, "category")) for kind in kinds
    )
    return pages.render(request, "offers/choose.html", ChoosePage(shell=shell, title="发布供给", kinds=rows))


async def _kind(viewer: Viewer, slug: str) -> Kind:
    provider: ProviderFacts | None = await queries_mine.own_provider(viewer)
    kind = forms.kind_of_slug(slug)
    if kind is None or kind not in forms.kinds_for(viewer, provider.type if provider else ""):
        raise NotFound
    return kind


@get("/offers/new/{slug:str}", **may("offer", "C"))
async def new(
    request: Request[Any, Any, Any], slug: str, viewer: Viewer, shell: Shell, pages: Renderer
) -> Response[bytes]:
    """Show an empty form of a kind."""
    kind = await _kind(viewer, slug)
    around = await pages_intake.around(viewer, kind, None)
    return pages.render(
        request, "offers/form.html", form_page(shell, viewer, kind, FormView(), offer=None, around=around)
    )


@post("/offers/new/{slug:str}", **may("offer", "C"))
async def create(
    request: Request[Any, Any, Any], slug: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Keep a new draft, and submit it when asked to."""
    kind = await _kind(viewer, slug)
    form = Form.from_request_data(await request.form())
    return await _save(request, viewer, shell, pages, kind, None, form, now)


@get("/offers/{offer_id:uuid}/edit", **may("offer", "C"))
async def edit_form(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer
) -> Response[bytes]:
    """Show the form of an offer of one's own, filled."""
    offer = await _own(viewer, offer_id)
    kind = KINDS[offer.type]
    around = await pages_intake.around(viewer, kind, offer)
    view = FormView(values_by_name={name: tuple(given) for name, given in forms.values_of(offer).items()})
    return pages.render(request, "offers/form.html", form_page(shell, viewer, kind, view, offer=offer, around=around))


async def _own(viewer: Viewer, offer_id: UUID) -> OfferFacts:
    offer = await queries.facts(offer_id)
    if offer is None or not queries.is_own(viewer, offer) or offer.state not in EDITABLE | RUNNING:
        raise NotFound
    return offer


@post("/offers/{offer_id:uuid}/edit", **may("offer", "C"))
async def edit(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Keep what was typed; submit, resubmit, renew or change a published offer."""
    offer = await _own(viewer, offer_id)
    form = Form.from_request_data(await request.form())
    return await _save(request, viewer, shell, pages, KINDS[offer.type], offer, form, now)


async def _save(
    request: Request[Any, Any, Any],
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    kind: Kind,
    offer: OfferFacts | None,
    form: Form,
    now: datetime,
) -> Response[bytes]:
    settings = request.app.state.settings
    taken = await pages_intake.take_in(viewer, kind, offer, form, settings=settings, now=now)
    if form.raw("intent") == "save":
        if not form.errors:
            notice = Notice("success", "草稿已保存，随时可以接着填。")
            return pages.redirect(request, f"/offers/{taken.offer_id}/edit", notice)
    else:
        try:
            day = local_day(now)
            around = await pages_intake.around(viewer, kind, await queries.facts(taken.offer_id))
            draft = forms.read_offer(form, kind, taken.provider_id, around.places, day)
            said = await pages_intake.send(viewer, kind, taken, draft, form, running=_running(offer), now=now)
            return pages.redirect(request, "/my-offers", Notice("success", said))
        except FormInvalid:
            pass
    shown = await queries.facts(taken.offer_id)
    around = await pages_intake.around(viewer, kind, shown)
    page = form_page(shell, viewer, kind, taken.view(form), offer=shown, around=around)
    return pages.render(request, "offers/form.html", page, status=FORM_STATUS)


def _running(offer: OfferFacts | None) -> bool:
    return offer is not None and offer.state in RUNNING


class MinePage(Page, frozen=True, kw_only=True):
    """One's own offers, by state."""

    groups: tuple[queries_mine.Group, ...]
    provider: bool


@get("/my-offers", **may("offer", "C"))
async def mine(
    request: Request[Any, Any, Any], viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show one's own offers."""
    page = MinePage(
        shell=shell,
        title="我的发布",
        groups=await queries_mine.groups(viewer, now=now),
        provider=viewer.role in PROVIDER_ROLES,
    )
    return pages.render(request, "offers/mine.html", page)


@post("/offers/{offer_id:uuid}/pause", **may("offer", "C"))
async def pause(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Hide an offer for a while."""
    await service.pause(viewer, offer_id, now=now)
    return pages.redirect(request, "/my-offers", Notice("success", "已暂停，同学们暂时看不到它。"))


@post("/offers/{offer_id:uuid}/resume", **may("offer", "C"))
async def resume(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Show an offer again."""
    await service.resume(viewer, offer_id, now=now)
    return pages.redirect(request, "/my-offers", Notice("success", "已恢复发布。"))


@post("/offers/{offer_id:uuid}/withdraw", **may("offer", "C"))
async def withdraw(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Take an offer down for good."""
    form = Form.from_request_data(await request.form())
    await service.withdraw(viewer, offer_id, now=now, handed_over=form.flag("handed_over"))
    return pages.redirect(request, "/my-offers", Notice("success", "已撤下并归档。"))


@post("/offers/{offer_id:uuid}/copy", **may("offer", "C"))
async def copy(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Start a new draft from an offer of one's own."""
    offer = await queries.facts(offer_id)
    if offer is None or not queries.is_own(viewer, offer):
        raise NotFound
    new_one = await service.copy(viewer, offer_id, forms.values_of(offer), now=now)
    return pages.redirect(request, f"/offers/{new_one}/edit", Notice("success", "已复制成草稿，改好后再提交。"))


@post("/offers/{offer_id:uuid}/discard", **may("offer", "C"))
async def discard(
    request: Request[Any, Any, Any], offer_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Throw a draft away."""
    await service.discard(viewer, offer_id, now=now)
    return pages.redirect(request, "/my-offers", Notice("success", "草稿已删除。"))


ROUTES = (choose, new, create, edit_form, edit, mine, pause, resume, withdraw, copy, discard)
