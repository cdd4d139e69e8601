"""Staff pages: the league tree."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.parts import Pager, page_number
from app.kit.permissions import Scope, grant_for, may, require
from app.kit.render import NavItem, Notice, Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.organisations import forms, queries, service
from app.organisations.queries import Below, OrgLine, OrgPage
from app.organisations.rules import CONSENT_SWITCHES, KINDS, LEVELS, ORG_STATUSES, SCHOOL_TYPES, children_levels

Req = Request[Any, Any, Any]


class TreePage(Page, frozen=True, kw_only=True):
    """The viewer's part of the tree, page by page, or what a search found in it."""

    lines: tuple[OrgLine, ...]
    below: dict[UUID, Below]
    parents: dict[UUID, str]
    tabs: tuple[NavItem, ...]
    words: str
    level: str
    levels: dict[str, str]
    pager: Pager
    empty: bool
    may_add_province: bool
    may_add_people: bool


class OneOrganisationPage(Page, frozen=True, kw_only=True):
    """One organisation and what stands below it."""

    org: OrgPage
    below: dict[UUID, Below]
    levels: dict[str, str]
    may_add: bool


class EditPage(Page, frozen=True, kw_only=True):
    """A new organisation, or a change of one."""

    form: FormView
    action: str
    back: str
    new: bool
    level: str
    levels: dict[str, str]
    kinds: tuple[str, ...]
    statuses: dict[str, str]
    school_types: dict[str, str]
    switches: dict[str, str]
    regions: tuple[tuple[str, str], ...]


@get("/organisations", **may("organisation", "R"))
async def tree(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the viewer's whole part of the tree, page by page, or search it."""
    words = request.query_params.get("q", "").strip()[:40]
    level = request.query_params.get("level", "")
    level = level if level in LEVELS else ""
    number = page_number(request.query_params.get("page", ""))
    found = await queries.subtree(viewer, words=words, level=level, page=number)
    number = min(number, found.pages)
    everything = require(viewer, "organisation", "R").scope is Scope.ALL
    page = TreePage(
        shell=shell,
        title="组织",
        lines=found.lines,
        below=await queries.below([line.id for line in found.lines]),
        parents=found.parents,
        tabs=_tabs(found.counts, words, level),
        words=words,
        level=level,
        levels=dict(LEVELS),
        pager=Pager(
            number=number,
            pages=found.pages,
            previous_href=_address(words, level, number - 1) if number > 1 else "",
            next_href=_address(words, level, number + 1) if number < found.pages else "",
        ),
        empty=not found.counts and not words,
        may_add_province=everything and "L1" not in found.counts and not words,
        may_add_people=grant_for(viewer, "people", "C") is not None,
    )
    return pages.render(request, "organisations/tree.html", page)


def _address(words: str, level: str, number: int = 1) -> str:
    chosen = {"q": words, "level": level, "page": str(number) if number > 1 else ""}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/organisations?{query}" if query else "/organisations"


def _tabs(counts: dict[str, int], words: str, level: str) -> tuple[NavItem, ...]:
    every = NavItem("全部", _address(words, ""), "list", current=not level, badge=sum(counts.values()))
    return (
        every,
        *(
            NavItem(LEVELS[code], _address(words, code), "list", current=code == level, badge=count)
            for code, count in counts.items()
        ),
    )


@get("/organisations/{org_id:uuid}", **may("organisation", "R"))
async def one(request: Req, org_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show one organisation."""
    org = await queries.page(viewer, org_id)
    page = OneOrganisationPage(
        shell=shell,
        title=org.name,
        org=org,
        below=await queries.below([line.id for line in org.below]),
        levels=dict(LEVELS),
        may_add=bool(children_levels(org.level)) and grant_for(viewer, "organisation", "C") is not None,
    )
    return pages.render(request, "organisations/organisation.html", page)


def _edit_page(shell: Shell, view: FormView, parent: OrgLine | None, org: OrgPage | None = None) -> EditPage:
    below = f"?below={parent.id}" if parent else ""
    return EditPage(
        shell=shell,
        title=f"修改 {org.name}" if org else "新增组织",
        form=view,
        action=f"/organisations/{org.id}/edit" if org else f"/organisations/new{below}",
        back=f"/organisations/{org.id}" if org else f"/organisations/{parent.id}" if parent else "/organisations",
        new=org is None,
        level=org.level if org else "",
        levels=forms.level_options(parent.level if parent else None),
        kinds=KINDS,
        statuses=dict(ORG_STATUSES),
        school_types=dict(SCHOOL_TYPES),
        switches=dict(CONSENT_SWITCHES),
        regions=tuple(forms.region_options()),
    )


async def _parent(request: Req, viewer: Viewer) -> OrgLine | None:
    """Return the organisation the new one stands below, of the viewer's scope; none for the province."""
    given = request.query_params.get("below", "")
    try:
        wanted = UUID(given) if given else None
    except ValueError:
        wanted = None
    if wanted is None:
        return None
    page = await queries.page(viewer, wanted)
    return OrgLine(page.id, page.name, page.level, page.path, page.region_code, page.parent_id)


@get("/organisations/new", **may("organisation", "C"))
async def new_form(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the form for a new organisation below another one."""
    parent = await _parent(request, viewer)
    view = FormView.of(region_code=parent.region_code if parent else "440000", kind="团委")
    return pages.render(request, "organisations/edit.html", _edit_page(shell, view, parent))


def _beside_field(form: Form, problem: Refusal) -> FormView:
    if not problem.field:
        raise problem
    form.fail(problem.field, problem.said)
    return form.view()


@post("/organisations/new", **may("organisation", "C"))
async def new(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Add an organisation."""
    parent = await _parent(request, viewer)
    form = Form.from_request_data(await request.form())
    try:
        command = forms.new(form, parent.id if parent else None, parent.level if parent else None)
        org_id = await service.add(viewer, command, now=now)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = _beside_field(form, problem)
    else:
        return pages.redirect(request, f"/organisations/{org_id}", Notice("success", "组织已添加。"))
    return pages.render(request, "organisations/edit.html", _edit_page(shell, view, parent), status=FORM_STATUS)


@get("/organisations/{org_id:uuid}/edit", **may("organisation", "U"))
async def edit_form(request: Req, org_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the form that changes an organisation."""
    org = await queries.page(viewer, org_id)
    view = FormView.of(
        name=org.name,
        kind=org.kind,
        status=org.status,
        liaison_person=org.liaison_person,
        school_type=org.school_type,
        guardian_consent_switch=org.guardian_consent_switch,
        version=org.version,
    )
    return pages.render(request, "organisations/edit.html", _edit_page(shell, view, None, org))


@post("/organisations/{org_id:uuid}/edit", **may("organisation", "U"))
async def edit(
    request: Req, org_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Change an organisation."""
    org = await queries.page(viewer, org_id)
    form = Form.from_request_data(await request.form())
    try:
        await service.change(viewer, org_id, forms.changed(form, org.level), now=now)
    except FormInvalid as problem:
        page = _edit_page(shell, problem.view, None, org)
        return pages.render(request, "organisations/edit.html", page, status=FORM_STATUS)
    return pages.redirect(request, f"/organisations/{org_id}", Notice("success", "已保存。"))


ROUTES = (tree, one, new_form, new, edit_form, edit)
