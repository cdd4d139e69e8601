"""Hours: the volunteer's log, what others confirm, certificates to print, and the page on which a stranger checks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from litestar import Request, get, post
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.parts import Pager, page_number
from app.kit.permissions import may, open_to
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.sessions import forms_hours, queries_hours, service_hours
from app.sessions.queries_hours import PAGE_LINES, Certificate, HoursLine, Log, Queue, Verified
from app.sessions.rules_hours import KINDS, STATES, TONES, hours_text

Asked = Request[Any, Any, Any]
STRANGER: dict[str, Any] = open_to("Whoever holds a certificate may check whether it is genuine and still valid.")
QR_SCALE = 5


class HoursPage(Page, frozen=True, kw_only=True):
    """My hours: credited by the system, declared by me, and my certificates."""

    log: Log
    written: Mapping[str, str]
    lengths: Mapping[int, str]
    kind_names: Mapping[str, str]
    state_names: Mapping[str, str]
    state_tones: Mapping[str, str]
    pager: Pager
    form: FormView


class ConfirmPage(Page, frozen=True, kw_only=True):
    """Declared hours that wait for somebody else, and certificates that may be revoked."""

    queue: Queue
    pager: Pager
    certificates: tuple[Certificate, ...]
    lengths: Mapping[int, str]
    form: FormView
    wrong: UUID | None
    decisions: Mapping[str, str]


class CertificatePage(Page, frozen=True, kw_only=True):
    """A certificate as it is printed, with the QR that leads to its verification."""

    certificate: Certificate
    written: Mapping[str, str]
    qr: str
    address: str
    owner: bool
    form: FormView


class VerifyPage(Page, frozen=True, kw_only=True):
    """What a stranger needs to compare a certificate: number, masked name, days, hours, valid or revoked."""

    verified: Verified
    written: Mapping[str, str]


def _written(credit: int, added: int, waiting: int = 0) -> Mapping[str, str]:
    return {
        "credit": hours_text(credit),
        "added": hours_text(added),
        "total": hours_text(credit + added),
        "waiting": hours_text(waiting),
    }


def _lengths(lines: tuple[HoursLine, ...]) -> Mapping[int, str]:
    return {line.minutes: hours_text(line.minutes) for line in lines}


def _pager(request: Asked, path: str, entries: int) -> Pager:
    number = page_number(request.query_params.get("page", ""))
    pages = max(1, -(-entries // PAGE_LINES))
    return Pager(
        number=number,
        pages=pages,
        previous_href=f"{path}?page={number - 1}" if number > 1 else "",
        next_href=f"{path}?page={number + 1}" if number < pages else "",
    )


async def _my_page(
    request: Asked, viewer: Viewer, shell: Shell, now: datetime, form: FormView | None = None
) -> HoursPage:
    log = await queries_hours.log_of(viewer, page_number(request.query_params.get("page", "")))
    first, last = forms_hours.since_last_year(now)
    return HoursPage(
        shell=shell,
        title="我的服务时数",
        log=log,
        written=_written(log.sums.credit, log.sums.added, log.sums.waiting),
        lengths=_lengths(log.lines),
        kind_names=KINDS,
        state_names=STATES,
        state_tones=TONES,
        pager=_pager(request, "/hours", log.entries),
        form=form or FormView.of(first_day=first.isoformat(), last_day=last.isoformat()),
    )


@get("/hours", **may("hours", "C"))
async def my_hours(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show a volunteer's own hours."""
    return pages.render(request, "sessions/hours.html", await _my_page(request, viewer, shell, now))


@post("/hours", **may("hours", "C"))
async def declare(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Declare time given outside booked sessions."""
    try:
        declared = forms_hours.read_declaration(await request.form(), now)
    except FormInvalid as problem:
        page = await _my_page(request, viewer, shell, now, problem.view)
        return pages.render(request, "sessions/hours.html", page, status=FORM_STATUS)
    await service_hours.declare(viewer, declared, now=now)
    return pages.redirect(request, "/hours", Notice("success", "已登记，等团委老师或督导确认后计入。"))


@post("/hours/certificates", **may("hours", "C"))
async def issue(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Issue a certificate for some days."""
    try:
        first, last = forms_hours.read_days(await request.form(), now)
    except FormInvalid as problem:
        page = await _my_page(request, viewer, shell, now, problem.view)
        return pages.render(request, "sessions/hours.html", page, status=FORM_STATUS)
    made = await service_hours.issue(viewer, first, last, now=now)
    return pages.redirect(request, f"/hours/certificates/{made}", Notice("success", "证明已生成，可以打印了。"))


async def _certificate_page(
    request: Asked, certificate_id: UUID, viewer: Viewer, shell: Shell, form: FormView
) -> CertificatePage:
    found = await queries_hours.certificate(viewer, certificate_id)
    address = f"{request.app.state.settings.public_url}/verify/{found.code}"
    return CertificatePage(
        shell=shell,
        title="志愿服务时数证明",
        certificate=found,
        written=_written(found.credit_minutes, found.added_minutes),
        qr=segno.make(address, error="m").svg_data_uri(scale=QR_SCALE, border=2),
        address=address,
        owner=viewer.role is Role.VOL,
        form=form,
    )


@get("/hours/certificates/{certificate_id:uuid}", **may("hours", "R"))
async def certificate(
    request: Asked, certificate_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer
) -> Response[bytes]:
    """Show a certificate ready to print."""
    page = await _certificate_page(request, certificate_id, viewer, shell, FormView())
    return pages.render(request, "sessions/certificate.html", page)


@post("/hours/certificates/{certificate_id:uuid}/revoke", **may("hours", "R"))
async def revoke(
    request: Asked, certificate_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Revoke a certificate."""
    await queries_hours.certificate(viewer, certificate_id)
    try:
        reason = forms_hours.read_reason(await request.form())
    except FormInvalid as problem:
        page = await _certificate_page(request, certificate_id, viewer, shell, problem.view)
        return pages.render(request, "sessions/certificate.html", page, status=FORM_STATUS)
    await service_hours.revoke(viewer, certificate_id, reason, now=now)
    back = f"/hours/certificates/{certificate_id}"
    return pages.redirect(request, back, Notice("success", "证明已撤销，扫码核验会显示撤销日期。"))


async def _confirm_page(
    request: Asked, viewer: Viewer, shell: Shell, form: FormView, wrong: UUID | None = None
) -> ConfirmPage:
    queue = await queries_hours.waiting(viewer, page_number(request.query_params.get("page", "")))
    return ConfirmPage(
        shell=shell,
        title="服务时数确认",
        queue=queue,
        pager=_pager(request, "/review/hours", queue.entries),
        certificates=await queries_hours.certificates_in_area(viewer),
        lengths=_lengths(queue.lines),
        form=form,
        wrong=wrong,
        decisions=forms_hours.DECISIONS,
    )


@get("/review/hours", **may("hours", "A"))
async def confirm_page(request: Asked, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show declared hours that wait."""
    return pages.render(request, "sessions/confirm_hours.html", await _confirm_page(request, viewer, shell, FormView()))


@post("/review/hours/{entry_id:uuid}", **may("hours", "A"))
async def decide(
    request: Asked, entry_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Confirm declared hours or not."""
    try:
        confirmed, reason = forms_hours.read_decision(await request.form())
    except FormInvalid as problem:
        page = await _confirm_page(request, viewer, shell, problem.view, entry_id)
        return pages.render(request, "sessions/confirm_hours.html", page, status=FORM_STATUS)
    await service_hours.decide(viewer, entry_id, confirmed=confirmed, reason=reason, now=now)
    words = "已确认。" if confirmed else "已退回，并说明了原因。"
    return pages.redirect(request, "/review/hours", Notice("success", words))


@get("/verify/{code:str}", **STRANGER)
async def verify(request: Asked, code: str, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Let a stranger check a certificate."""
    found = await queries_hours.verify(code)
    page = VerifyPage(
        shell=shell,
        title="证明核验",
        verified=found,
        written=_written(found.credit_minutes, found.added_minutes),
    )
    response = pages.render(request, "sessions/verify.html", page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


ROUTES: tuple[ControllerRouterHandler, ...] = (
    my_hours,
    declare,
    issue,
    certificate,
    revoke,
    confirm_page,
    decide,
    verify,
)
