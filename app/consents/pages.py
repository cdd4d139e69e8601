"""Pages: my consents and a child's, the texts, and a guardian's answer to an invitation."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from app.consents import queries, service
from app.consents.queries import ConsentLine
from app.consents.rules import NEEDS_RECIPIENT, OWN_FROM, PURPOSES, TEXTS, UNDER_14, UNDER_14_VERSION, ConsentText
from app.kit.errors import NotFound, Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.permissions import open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.people import forms as people_forms
from app.people import queries as people
from app.people import service_guardians
from app.people.pages_sign_in import device, welcome
from app.people.rules import RELATIONS
from app.people.service_guardians import Invitation

Req = Request[Any, Any, Any]
MINE: dict[str, Any] = open_to("One's own consents, or a child's by its guardian.", signed_in=True)
GUARDIAN: dict[str, Any] = open_to("Whoever holds an invitation code of the school.")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One purpose: its text, whether it stands, and what can be done."""

    text: ConsentText
    standing: ConsentLine | None
    others: tuple[ConsentLine, ...]
    may_give: bool
    asked: bool


class ConsentsPage(Page, frozen=True, kw_only=True):
    """Every purpose with its state, and the history."""

    subject_id: UUID
    subject_name: str
    own: bool
    waiting_for_guardian: bool
    birthday: str
    choices: tuple[Choice, ...]
    history: tuple[ConsentLine, ...]
    purposes: dict[str, str]


class TextPage(Page, frozen=True, kw_only=True):
    """The text of one purpose."""

    text: ConsentText


class CodePage(Page, frozen=True, kw_only=True):
    """Where a guardian types the code."""

    form: FormView


class GuardianPage(Page, frozen=True, kw_only=True):
    """The rule for children under fourteen, and the guardian's answer."""

    form: FormView
    code: str
    invitation: Invitation
    under_14: bool
    rule: tuple[str, ...]
    version: str
    relations: dict[str, str]


async def _subject(request: Req, viewer: Viewer) -> UUID:
    """Return whose consents are meant: the viewer's, or those of a child the viewer is guardian of."""
    assert viewer.person_id is not None
    given = request.query_params.get("subject", "")
    wards = await people.wards_of(viewer.person_id) if viewer.role is Role.GUA else []
    if not given:
        return wards[0] if wards else viewer.person_id
    try:
        subject = UUID(given)
    except ValueError as problem:
        raise NotFound from problem
    if subject != viewer.person_id:
        await service_guardians.ensure_may_see(viewer, subject)
    return subject


@get("/consents", **MINE)
async def consents(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show every purpose, what stands and what it means to take it back."""
    subject = await _subject(request, viewer)
    student = await people.student(subject, now)
    lines = await queries.of_subject(subject)
    own = subject == viewer.person_id
    child = student is not None and student.age < OWN_FROM
    asked = request.query_params.get("need", "")
    page = ConsentsPage(
        shell=shell,
        title="授权",
        subject_id=subject,
        subject_name=(await people.names([subject])).get(subject, ""),
        own=own,
        waiting_for_guardian=child and own,
        birthday=request.query_params.get("birthday", ""),
        choices=_choices(lines, may_give=not (child and own), asked=asked, own=own, now=now),
        history=lines,
        purposes=dict(PURPOSES),
    )
    return pages.render(request, "consents/consents.html", page)


def _choices(
    lines: tuple[ConsentLine, ...], *, may_give: bool, asked: str, own: bool, now: datetime
) -> tuple[Choice, ...]:
    standing = [
        line for line in lines if line.withdrawn_at is None and (line.expires_at is None or line.expires_at > now)
    ]
    mine = [line for line in standing if own or line.given_by == "GUARDIAN"]
    made = []
    for purpose, text in TEXTS.items():
        found = [line for line in mine if line.purpose == purpose]
        general = next((line for line in found if line.recipient_id is None), None)
        made.append(
            Choice(
                text=text,
                standing=general,
                others=tuple(line for line in found if line.recipient_id is not None),
                may_give=may_give and purpose not in NEEDS_RECIPIENT,
                asked=purpose == asked,
            )
        )
    return tuple(sorted(made, key=lambda choice: not choice.asked))


@post("/consents/{purpose:str}/give", **MINE)
async def give(request: Req, purpose: str, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Give one consent with one tap."""
    if purpose not in TEXTS:
        raise NotFound
    subject = await _subject(request, viewer)
    await service.give(viewer, subject, [purpose], now=now)
    words = f"已同意“{PURPOSES[purpose]}”。随时可以撤回。"
    return pages.redirect(request, _back(viewer, subject), Notice("success", words))


@post("/consents/{consent_id:uuid}/withdraw", **MINE)
async def withdraw(request: Req, consent_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Take one consent back with one tap."""
    subject = await _subject(request, viewer)
    await service.withdraw(viewer, consent_id, now=now)
    return pages.redirect(request, _back(viewer, subject), Notice("success", "已撤回。以前已经得到的帮助不受影响。"))


def _back(viewer: Viewer, subject: UUID) -> str:
    return "/consents" if subject == viewer.person_id else f"/consents?subject={subject}"


@get("/consents/texts/{purpose:str}", **open_to("Everybody may read what a consent says."))
async def text(request: Req, purpose: str, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the text of one purpose."""
    if purpose not in TEXTS:
        raise NotFound
    page = TextPage(shell=shell, title=PURPOSES[purpose], text=TEXTS[purpose])
    return pages.render(request, "consents/text.html", page)


@get("/guardian", **GUARDIAN)
async def code_form(request: Req, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask a guardian for the code; a right one leads to the page that explains."""
    code = request.query_params.get("code", "").strip()
    form = Form({"code": [code]})
    if code:
        try:
            await service_guardians.invitation(code, now=now)
        except Refusal as problem:
            form.fail("code", problem.said)
        else:
            return pages.redirect(request, f"/guardian/{code.replace(' ', '')}")
    page = CodePage(shell=shell, title="监护人入口", form=form.view())
    return pages.render(request, "consents/guardian_code.html", page, status=FORM_STATUS if form.errors else 200)


def _guardian_page(shell: Shell, code: str, invitation: Invitation, view: FormView) -> GuardianPage:
    return GuardianPage(
        shell=shell,
        title="监护人确认",
        form=view,
        code=code,
        invitation=invitation,
        under_14=invitation.age < OWN_FROM,
        rule=UNDER_14,
        version=UNDER_14_VERSION,
        relations=dict(RELATIONS),
    )


@get("/guardian/{code:str}", **GUARDIAN)
async def guardian_form(request: Req, code: str, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Explain to a guardian what they are asked, and let them agree or refuse."""
    invitation = await service_guardians.invitation(code, now=now)
    return pages.render(request, "consents/guardian.html", _guardian_page(shell, code, invitation, FormView()))


@post("/guardian/{code:str}", **GUARDIAN)
async def guardian(
    request: Req, code: str, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Link a guardian who agrees."""
    invitation = await service_guardians.invitation(code, now=now)
    form = Form.from_request_data(await request.form())
    try:
        new = people_forms.guardian(form)
        signed_in = await service_guardians.agree(viewer, code, new, now=now, device=device(request))
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        if problem.status != FORM_STATUS:
            raise
        view = people_forms.with_refusal(form, problem)
    else:
        words = "已记下您的同意。" if invitation.by_school else "已收到，学校核对监护关系后生效。"
        return await welcome(request, pages, signed_in, now, wanted="/consents", words=words)
    page = _guardian_page(shell, code, invitation, view)
    return pages.render(request, "consents/guardian.html", page, status=FORM_STATUS)


@post("/guardian/{code:str}/refuse", **GUARDIAN)
async def refuse(request: Req, code: str, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Note that a guardian says no."""
    await service_guardians.refuse(viewer, code, now=now)
    words = "已记下。我们不会保留孩子的账号信息，也不会再询问。需要时可拨打 12355。"
    return pages.redirect(request, "/", Notice("success", words))


ROUTES = (consents, give, withdraw, text, code_form, guardian_form, guardian, refuse)
