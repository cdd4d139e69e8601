"""Staff pages: providers, verified by a reviewer with the checklist."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.errors import NotFound, Refusal
from app.kit.forms import FORM_STATUS, FORM_WIDE, Form, FormInvalid, FormView
from app.kit.permissions import may
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.organisations import forms, queries_providers, service_providers
from app.organisations.queries_providers import ProviderLine, ProviderPage
from app.organisations.rules import PROVIDER_MACHINE, PROVIDER_STATES, PROVIDER_TYPES, UNIT_KINDS, checklist_for
from app.regions import rules as regions

Req = Request[Any, Any, Any]
DECISIONS = {
    "return": (service_providers.return_, "已退回补充。"),
    "reject": (service_providers.reject, "已记为不通过。"),
    "suspend": (service_providers.suspend, "已暂停，它的信息不再推荐。"),
    "clear": (service_providers.clear, "已恢复。"),
    "revoke": (service_providers.revoke, "已撤销，相关对接会随之结束。"),
}


class ProvidersPage(Page, frozen=True, kw_only=True):
    """Providers of the reviewer's area."""

    lines: tuple[ProviderLine, ...]
    tabs: tuple[NavItem, ...]
    states: dict[str, str]
    types: dict[str, str]
    places: dict[str, str]
    words: str


class OneProviderPage(Page, frozen=True, kw_only=True):
    """One provider with its checklist and the decisions that may be taken."""

    provider: ProviderPage
    form: FormView
    checklist: dict[str, str]
    states: dict[str, str]
    types: dict[str, str]
    unit_kinds: dict[str, str]
    place: str
    events: tuple[str, ...]


@get("/providers", **may("provider", "A"))
async def listed(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """List providers, those that wait first."""
    state = request.query_params.get("state", "")
    state = state if state in PROVIDER_STATES else ""
    words = request.query_params.get("q", "").strip()[:40]
    tabs = [NavItem("全部", "/providers", "list", current=not state)]
    tabs += [
        NavItem(label, f"/providers?state={code}", "list", current=state == code)
        for code, label in PROVIDER_STATES.items()
    ]
    lines = await queries_providers.listed(viewer, state=state, words=words)
    page = ProvidersPage(
        shell=shell,
        title="供给单位",
        lines=lines,
        tabs=tuple(tabs),
        states=dict(PROVIDER_STATES),
        types=dict(PROVIDER_TYPES),
        places={line.region_code: regions.label(line.region_code) for line in lines},
        words=words,
    )
    return pages.render(request, "organisations/providers.html", page)


def _page(viewer: Viewer, shell: Shell, found: ProviderPage, view: FormView) -> OneProviderPage:
    events = tuple(event for event in PROVIDER_MACHINE.events if PROVIDER_MACHINE.may(found.state, event, "REVIEWER"))
    own = viewer.provider_id == found.id
    return OneProviderPage(
        shell=shell,
        title=found.legal_name,
        provider=found,
        form=view,
        checklist=dict(checklist_for(found.type)),
        states=dict(PROVIDER_STATES),
        types=dict(PROVIDER_TYPES),
        unit_kinds=dict(UNIT_KINDS),
        place=regions.label(found.region_code),
        events=() if own else ("return", *events) if found.state == "APPLIED" else events,
    )


@get("/providers/{provider_id:uuid}", **may("provider", "A"))
async def one(request: Req, provider_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one provider."""
    found = await queries_providers.page(viewer, provider_id)
    view = FormView.of(ticked=tuple(sorted(found.checklist)))
    return pages.render(request, "organisations/provider.html", _page(viewer, shell, found, view))


@post("/providers/{provider_id:uuid}/verify", **may("provider", "A"))
async def verify(
    request: Req, provider_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Verify a provider with the ticked checklist."""
    found = await queries_providers.page(viewer, provider_id)
    form = Form.from_request_data(await request.form())
    ticked = frozenset(form.many("ticked", "核验清单", dict(checklist_for(found.type))))
    try:
        form.check()
        await service_providers.verify(viewer, provider_id, ticked, now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        if problem.status != FORM_STATUS:
            raise
        form.fail("ticked", problem.said)
        view = form.view()
    else:
        return pages.redirect(request, "/providers", Notice("success", f"{found.legal_name} 已核验。"))
    page = _page(viewer, shell, found, view)
    return pages.render(request, "organisations/provider.html", page, status=FORM_STATUS)


@post("/providers/{provider_id:uuid}/decisions/{decision:str}", **may("provider", "A"))
async def decide(
    request: Req, provider_id: UUID, decision: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Return, reject, suspend, clear or revoke, always with a reason."""
    if decision not in DECISIONS:
        raise NotFound
    found = await queries_providers.page(viewer, provider_id)
    form = Form.from_request_data(await request.form())
    verb, words = DECISIONS[decision]
    try:
        await verb(viewer, provider_id, forms.reason(form), now=now)
    except FormInvalid as problem:
        form.errors.setdefault(FORM_WIDE, problem.view.error("reason"))
        page = _page(viewer, shell, found, form.view())
        return pages.render(request, "organisations/provider.html", page, status=FORM_STATUS)
    return pages.redirect(request, "/providers", Notice("success", f"{found.legal_name}：{words}"))


ROUTES = (listed, one, verify, decide)
