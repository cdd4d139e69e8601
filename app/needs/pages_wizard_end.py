"""The last two steps of the wizard: place, times and wishes; then a last look, consents, and one request."""

from datetime import datetime

import msgspec
from litestar import Response, get, post

from app.consents import queries as consent_queries
from app.consents.rules import TEXTS
from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import may
from app.kit.render import Notice, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.needs import forms, queries, service
from app.needs.pages_drafts import draft_with_student, is_cadre, keep_step, matter
from app.needs.pages_steps import (
    CHECK,
    HOW,
    WORDS,
    AnyRequest,
    CheckPage,
    ConsentRow,
    HowPage,
    steps_at,
)
from app.needs.queries_draft import Draft
from app.needs.rules import kind_for
from app.needs.rules_request import CONSENT_METHODS, MATCH_CONSENT, NewNeed, consents_for
from app.people.queries import StudentFacts
from app.people.rules import needs_guardian
from app.texts.rules import scan_crisis


def _how_page(shell: Shell, draft: Draft, form: FormView) -> HowPage:
    sub = draft.values["sub"][0]
    spoken = "\n".join([*draft.values.get("title", []), *draft.values.get("text", [])])
    return HowPage(
        shell=shell,
        title="怎样帮你更合适",
        form=form,
        steps=steps_at(3),
        about=matter(draft),
        kind=kind_for(sub),
        category=sub[:2],
        by_people=kind_for(sub) in forms.PEOPLE_KINDS,
        gentle=scan_crisis(spoken) is not None,
        choices=forms.CHOICES,
    )


def _with_defaults(draft: Draft, student: StudentFacts) -> FormView:
    """Return the draft's values; what was never asked starts from the student's profile."""
    values = {name: tuple(items) for name, items in draft.values.items() if items}
    values.setdefault("region_code", (student.region_code,))
    values.setdefault("urgency", ("N",))
    if "languages" not in draft.values:
        values.setdefault("languages", student.languages)
    if student.gender_pref:
        values.setdefault("gender_pref", (student.gender_pref,))
    if student.major:
        values.setdefault("major", (student.major,))
    return FormView(values_by_name=values)


@get(HOW, **may("need", "C"))
async def how(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask where, when and what only this kind needs."""
    found = await draft_with_student(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, student = found
    return pages.render(request, "needs/how.html", _how_page(shell, draft, _with_defaults(draft, student)))


@post(HOW, **may("need", "C"))
async def wish(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep place, times and wishes."""
    found = await draft_with_student(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, student = found
    form = Form.from_request_data(await request.form())
    empty = NewNeed(student_id=student.person_id, sub=draft.values["sub"][0], title="", text="", region_code="")
    forms.read_how(form, empty, local_day(now))
    await keep_step(viewer, dict(draft.values), form, "how", 3 if form.errors else 4, now)
    if form.raw("act") == "back":
        return pages.redirect(request, WORDS)
    if form.errors:
        return pages.render(request, "needs/how.html", _how_page(shell, draft, form.view()), status=FORM_STATUS)
    return pages.redirect(request, CHECK)


async def _check_page(
    viewer: Viewer, shell: Shell, found: tuple[Draft, StudentFacts], now: datetime, form: FormView | None = None
) -> CheckPage | str:
    """Return the last page, or the step that is not complete yet."""
    draft, student = found
    command, read = forms.request_of(draft.values, student.person_id, draft.id, local_day(now))
    if read.errors:
        return f"/needs/new/{forms.step_of(next(iter(read.errors)))}".replace("/about", "")
    given = await consent_queries.given(student.person_id, now=now)
    wanted = dict.fromkeys((*consents_for(command.sub), MATCH_CONSENT))
    rows = tuple(
        ConsentRow(
            purpose=purpose,
            label=TEXTS[purpose].label,
            text=TEXTS[purpose].text,
            required=purpose in consents_for(command.sub),
        )
        for purpose in wanted
        if purpose not in given
    )
    by_guardian = needs_guardian(student.band) and viewer.role is not Role.GUA
    return CheckPage(
        shell=shell,
        title="看一遍，再提交",
        form=form or FormView(),
        steps=steps_at(4),
        need_title=command.title,
        need_text=command.text,
        rows=forms.summary(command),
        consents=() if by_guardian else rows,
        given=tuple(TEXTS[purpose].label for purpose in wanted if purpose in given),
        methods=tuple(CONSENT_METHODS.items()) if is_cadre(viewer) else (),
        draft_id=str(draft.id),
        student_name=student.name if viewer.role is not Role.STU else "",
    )


@get(CHECK, **may("need", "C"))
async def check(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show everything once more and ask for consent."""
    found = await draft_with_student(viewer, now)
    page = await _check_page(viewer, shell, found, now) if found else "/needs/new"
    if isinstance(page, str):
        return pages.redirect(request, page)
    return pages.render(request, "needs/check.html", page)


@post(CHECK, **may("need", "C"))
async def send(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Submit; a second click or the back button leads to the request that exists already."""
    form = Form.from_request_data(await request.form())
    found = await draft_with_student(viewer, now)
    sent_id = form.raw("draft_id")
    if found is None or str(found[0].id) != sent_id:
        known = await queries.sent_by(viewer, sent_id)
        return pages.redirect(request, f"/needs/sent/{known}" if known else "/needs/new")
    page = await _check_page(viewer, shell, found, now)
    if isinstance(page, str):
        return pages.redirect(request, page, Notice("warning", "还有一处要补充，前面写的都在。"))
    needed = tuple(row.purpose for row in page.consents if row.required)
    ticked, method = forms.read_consents(form, needed, cadre=is_cadre(viewer))
    command, _ = forms.request_of(found[0].values, found[1].person_id, found[0].id, local_day(now))
    try:
        if not form.errors:
            command = msgspec.structs.replace(command, consents=ticked, consent_method=method)
            sent = await service.submit(viewer, command, now=now)
            return pages.redirect(request, f"/needs/sent/{sent.need_id}")
    except Refusal as problem:
        form.fail("", f"{problem.said}{problem.next}")
    again = await _check_page(viewer, shell, found, now, form.view())
    assert not isinstance(again, str)
    return pages.render(request, "needs/check.html", again, status=FORM_STATUS)


ROUTES = (how, wish, check, send)
