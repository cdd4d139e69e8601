"""Page: a volunteer whose papers were incomplete sees why, changes them and sends them in again."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post

from app.kit.acting import act_on_form
from app.kit.clock import local_day
from app.kit.errors import NotFound
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.people import forms, queries_vetting, service_papers
from app.people.pages_sign_up import AUDIENCES
from app.people.queries_vetting import VettingPage
from app.people.rules import LANGUAGES
from app.people.rules_vetting import CREDENTIALS

Req = Request[Any, Any, Any]


class PapersPage(Page, frozen=True, kw_only=True):
    """The papers of an application that was found incomplete."""

    missing: str
    form: FormView
    credentials: dict[str, str]
    languages: dict[str, str]
    modes: dict[str, str]
    audiences: tuple[tuple[str, str, str, str], ...]


async def _own(viewer: Viewer) -> VettingPage:
    if viewer.role is not Role.VOL or viewer.person_id is None:
        raise NotFound
    found = await queries_vetting.page(viewer, viewer.person_id)
    if found.vetting != "DOCS":
        raise NotFound
    return found


def _page(shell: Shell, found: VettingPage, view: FormView) -> PapersPage:
    return PapersPage(
        shell=shell,
        title="补材料",
        missing=found.missing,
        form=view,
        credentials=dict(CREDENTIALS),
        languages=dict(LANGUAGES),
        modes=dict(forms.MODES),
        audiences=AUDIENCES,
    )


@get("/vetting/me/papers", **may("vetting", "U"))
async def papers(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show what is missing and the papers as they are."""
    found = await _own(viewer)
    view = FormView.of(
        credential=found.credential,
        credential_no=found.credential_no,
        credential_issuer=found.credential_issuer,
        credential_issued=found.credential_issued.isoformat() if found.credential_issued else None,
        credential_expiry=found.credential_expiry.isoformat() if found.credential_expiry else None,
        languages=found.languages,
        modes=found.modes,
        audience="adults" if found.adult_only else "minors",
        check_consent="yes" if found.check_consent else None,
        weekly_cap=found.weekly_cap,
        motive=found.motive,
    )
    return pages.render(request, "people/papers.html", _page(shell, found, view))


@post("/vetting/me/papers", **may("vetting", "U"))
async def send_again(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Send the papers in again."""
    found = await _own(viewer)

    async def act(form: Form) -> str:
        await service_papers.send_again(viewer, forms.papers_again(form, local_day(now)), now=now)
        return "材料已重新提交，审核员会再核对一次。"

    async def again(view: FormView) -> Response[bytes]:
        return pages.render(request, "people/papers.html", _page(shell, found, view), status=FORM_STATUS)

    return await act_on_form(
        request, act, again=again, done=lambda said: pages.redirect(request, "/vetting/me", Notice("success", said))
    )


ROUTES = (papers, send_again)
