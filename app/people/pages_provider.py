"""Page: what a provider's application says, why it came back, and the form that sends it again."""

from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get, post

from app.kit.acting import act_on_form
from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.organisations import queries_providers, service_providers
from app.organisations.queries_providers import ProviderPage
from app.organisations.rules import PROVIDER_STATES, PROVIDER_TYPES, UNIT_KINDS
from app.people import forms
from app.regions import rules as regions

Req = Request[Any, Any, Any]


class MyProviderPage(Page, frozen=True, kw_only=True):
    """A provider's own papers: where the verification stands, and the form when it came back."""

    provider: ProviderPage
    state_label: str
    type_label: str
    unit_kind: str
    place: str
    until: date | None
    returned: bool
    form: FormView
    unit_kinds: dict[str, str]
    regions: tuple[tuple[str, str], ...]


def _page(shell: Shell, found: ProviderPage, view: FormView) -> MyProviderPage:
    return MyProviderPage(
        shell=shell,
        title="单位资料",
        provider=found,
        state_label=PROVIDER_STATES[found.state],
        type_label=PROVIDER_TYPES.get(found.type, found.type),
        unit_kind=UNIT_KINDS.get(found.unit_kind, ""),
        place=regions.label(found.region_code),
        until=found.verify_due if found.state == "VERIFIED" else None,
        returned=found.returned,
        form=view,
        unit_kinds=dict(UNIT_KINDS),
        regions=tuple(forms.region_options()),
    )


async def _own(viewer: Viewer) -> ProviderPage:
    if viewer.provider_id is None:
        raise NotFound
    return await queries_providers.page(viewer, viewer.provider_id)


@get("/my-provider", **may("provider", "U"))
async def mine(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show a provider its own papers; a volunteer's are on the page of the vetting."""
    if viewer.role is Role.VOL:
        return pages.redirect(request, "/vetting/me")
    found = await _own(viewer)
    view = FormView.of(
        legal_name=found.legal_name,
        uscc=found.uscc,
        unit_kind=found.unit_kind,
        region_code=found.region_code,
        address=found.address,
        contact_person=found.contact_person,
        contact_phone=found.contact_phone,
        hr_licence_no=found.hr_licence_no,
        rental_filing_no=found.rental_filing_no,
    )
    return pages.render(request, "people/my_provider.html", _page(shell, found, view))


@post("/my-provider", **may("provider", "U"))
async def send_again(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Send a returned application again; what is wrong stands beside its field with everything typed kept."""
    found = await _own(viewer)

    async def act(form: Form) -> str:
        await service_providers.resubmit(viewer, forms.provider_again(form, found.type), now=now)
        return "已重新提交，审核员会再核验一次。"

    async def again(view: FormView) -> Response[bytes]:
        return pages.render(request, "people/my_provider.html", _page(shell, found, view), status=FORM_STATUS)

    return await act_on_form(
        request, act, again=again, done=lambda said: pages.redirect(request, "/my-provider", Notice("success", said))
    )


ROUTES = (mine, send_again)
