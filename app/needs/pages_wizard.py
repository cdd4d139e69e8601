"""The ask wizard: four short steps, a draft kept at each, one request however often it is sent."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post

from app.consents import queries as consent_queries
from app.consents.rules import TEXTS
from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import Scope, may, open_to, require
from app.kit.render import Notice, Renderer, Shell
from app.kit.viewer import CITIZEN_ROLES, Role, Viewer
from app.needs import forms, queries, queries_draft, service, service_draft
from app.needs.pages_steps import AboutPage, AnyRequest, CheckPage, ConsentRow, HowPage, StopPage, WordsPage, steps_at
from app.needs.queries_draft import Draft
from app.needs.rules import CATEGORIES, SUBS, kind_for
from app.needs.rules_request import CONSENT_METHODS, MATCH_CONSENT, NewNeed, closed_subs, consents_for
from app.people import queries as people
from app.people import queries_find
from app.people.queries import StudentFacts
from app.people.rules import may_ask, needs_guardian
from app.texts.rules import find_private, masked, scan_crisis

WORDS, HOW, CHECK = "/needs/new/words", "/needs/new/how", "/needs/new/check"


def is_cadre(viewer: Viewer) -> bool:
    """Tell whether the viewer asks for somebody else."""
    return viewer.role not in CITIZEN_ROLES


async def _student(viewer: Viewer, student_id: str, now: datetime) -> StudentFacts | None:
    """Return the student the request is for: oneself, one's child, or a student of one's own schools."""
    if viewer.role is Role.STU:
        return await people.student(viewer.person_id, now) if viewer.person_id else None
    try:
        wanted = UUID(student_id)
    except ValueError:
        return None
    student = await people.student(wanted, now)
    if student is None:
        return None
    if viewer.role is Role.GUA:
        return student if await queries.stands_for(viewer, wanted, now) else None
    grant = require(viewer, "need", "C")
    return student if queries.in_scope(viewer, grant.scope, student.school_path) else None


@get("/needs/new", **open_to("anybody may look at what can be asked; words need an account"))
async def about(  # noqa: PLR0913, PLR0917 - Litestar injects by name
    request: AnyRequest,
    viewer: Viewer,
    shell: Shell,
    pages: Renderer,
    now: datetime,
    category: str = "",
    student: str = "",
    who: str = "",
    offer: str = "",
) -> Response[bytes]:
    """Ask what it is about: first the field, then the exact matter."""
    page = await _about_page(viewer, shell, now, category, student, who, offer)
    stop = await _stop(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop)
    return pages.render(request, "needs/about.html", page)


async def _about_page(
    viewer: Viewer,
    shell: Shell,
    now: datetime,
    category: str,
    student_id: str,
    who: str,
    offer: str,
    form: FormView | None = None,
) -> AboutPage:
    chosen = await _student(viewer, student_id, now) if viewer.signed_in else None
    picking = viewer.signed_in and viewer.role is not Role.STU
    closed = closed_subs(chosen.age, chosen.stage, chosen.grade_year) if chosen else {}
    found: tuple[tuple[str, str], ...] = ()
    if picking and viewer.role is Role.GUA and viewer.person_id:
        wards = await people.students(await people.wards_of(viewer.person_id), now)
        found = tuple((str(ward.person_id), ward.name) for ward in wards.values() if needs_guardian(ward.band))
    elif picking and who:
        grant = require(viewer, "need", "C")
        lines = await queries_find.find_students(who, org_path=viewer.org_path, everywhere=grant.scope is Scope.ALL)
        found = tuple((str(s.person_id), f"{s.name} · {s.class_name} · {s.student_no} · {s.school}") for s in lines)
    draft = await queries_draft.draft_of(viewer) if viewer.signed_in else None
    return AboutPage(
        shell=shell,
        title="我要求助" if not is_cadre(viewer) or not viewer.signed_in else "代发需求",
        form=form or FormView(),
        steps=steps_at(1),
        categories=tuple(CATEGORIES.items()),
        category=category if category in CATEGORIES else "",
        subs=tuple((code, text) for code, text in SUBS.items() if code[:2] == category and code not in closed),
        picking=picking,
        by_guardian=viewer.role is Role.GUA,
        who=who,
        found=found,
        student_id=str(chosen.person_id) if chosen and picking else "",
        student_name=chosen.name if chosen and picking else "",
        offer=offer,
        resume=_resume(draft),
    )


def _resume(draft: Draft | None) -> str:
    return "" if draft is None else {1: WORDS, 2: WORDS, 3: HOW}.get(draft.step, CHECK)


async def _stop(viewer: Viewer, shell: Shell, now: datetime) -> StopPage | None:
    """Return the page that explains why somebody cannot ask here, or None."""
    if viewer.role is not Role.STU or viewer.person_id is None:
        return None
    student = await people.student(viewer.person_id, now)
    if student is None:
        return StopPage(shell=shell, title="还差一步", band="", code="no_profile")
    if not may_ask(student.band, guardian_consent=student.guardian_consent):
        return StopPage(
            shell=shell, title="先请监护人同意" if student.band == "A1" else "打这个电话最快", band=student.band
        )
    return None


@post("/needs/new/about", **may("need", "C"))
async def choose(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep what it is about."""
    stop = await _stop(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop, status=409)
    form = Form.from_request_data(await request.form())
    student = await _student(viewer, form.raw("student_id"), now)
    if student is None:
        form.fail("student_id", "请先选择要帮助的同学。")
    sub = forms.read_sub(form, closed_subs(student.age, student.stage, student.grade_year) if student else {})
    if form.errors:
        view = form.view()
        category = form.raw("category")
        page = await _about_page(viewer, shell, now, category, form.raw("student_id"), "", form.raw("offer"), view)
        return pages.render(request, "needs/about.html", page, status=FORM_STATUS)
    draft = await queries_draft.draft_of(viewer)
    kept = dict(draft.values) if draft else {}
    await _keep(viewer, kept, form, "about", draft.step if draft and draft.values.get("sub") == [sub] else 2, now)
    return pages.redirect(request, WORDS)


async def _keep(viewer: Viewer, kept: dict[str, list[str]], form: Form, step: str, number: int, now: datetime) -> None:
    typed = form.view().values_by_name
    for name in forms.STEP_FIELDS[step]:
        kept[name] = list(typed.get(name, ()))
    await service_draft.keep_draft(viewer, msgspec.json.encode(kept).decode(), step=number, now=now)


async def _draft(viewer: Viewer, now: datetime) -> tuple[Draft, StudentFacts] | None:
    draft = await queries_draft.draft_of(viewer)
    if draft is None or not draft.values.get("sub", [""])[0]:
        return None
    student = await _student(viewer, (draft.values.get("student_id") or [""])[0], now)
    return (draft, student) if student is not None else None


def _sub_words(draft: Draft) -> str:
    sub = draft.values["sub"][0]
    return f"{CATEGORIES[sub[:2]]} · {SUBS[sub]}"


def _words_page(viewer: Viewer, shell: Shell, draft: Draft, form: FormView, *, warn: bool = False) -> WordsPage:
    title, text = form.value("title"), form.value("text")
    hits = find_private(f"{title}\n{text}") if warn else ()
    return WordsPage(
        shell=shell,
        title="用自己的话说",
        form=form,
        steps=steps_at(2),
        about=_sub_words(draft),
        cadre=is_cadre(viewer),
        hits=tuple(dict.fromkeys((hit.found, hit.advice) for hit in hits)),
        masked_title=masked(title) if hits else "",
        masked_text=masked(text) if hits else "",
    )


@get(WORDS, **may("need", "C"))
async def words(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask for a title and a few sentences."""
    stop = await _stop(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop)
    found = await _draft(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, _ = found
    view = FormView(values_by_name={name: tuple(items) for name, items in draft.values.items()})
    return pages.render(request, "needs/words.html", _words_page(viewer, shell, draft, view))


@post(WORDS, **may("need", "C"))
async def say(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep the words; names and numbers are pointed out once, with a version that hides them."""
    stop = await _stop(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop, status=409)
    found = await _draft(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, _ = found
    form = Form.from_request_data(await request.form())
    if form.raw("act") == "mask":
        form = Form({"title": [masked(form.raw("title"))], "text": [masked(form.raw("text"))]})
    title, text = forms.read_words(form)
    private = find_private(f"{title}\n{text}")
    ask = bool(private) and (is_cadre(viewer) or form.raw("act") != "keep")
    await _keep(viewer, dict(draft.values), form, "words", 2 if form.errors or ask else max(3, draft.step), now)
    if form.errors or ask:
        page = _words_page(viewer, shell, draft, form.view(), warn=ask)
        return pages.render(request, "needs/words.html", page, status=FORM_STATUS)
    return pages.redirect(request, HOW)


def _how_page(shell: Shell, draft: Draft, form: FormView) -> HowPage:
    sub = draft.values["sub"][0]
    spoken = "\n".join([*draft.values.get("title", []), *draft.values.get("text", [])])
    return HowPage(
        shell=shell,
        title="怎样帮你更合适",
        form=form,
        steps=steps_at(3),
        about=_sub_words(draft),
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
    found = await _draft(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, student = found
    return pages.render(request, "needs/how.html", _how_page(shell, draft, _with_defaults(draft, student)))


@post(HOW, **may("need", "C"))
async def wish(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep place, times and wishes."""
    found = await _draft(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, student = found
    form = Form.from_request_data(await request.form())
    empty = NewNeed(student_id=student.person_id, sub=draft.values["sub"][0], title="", text="", region_code="")
    forms.read_how(form, empty, local_day(now))
    await _keep(viewer, dict(draft.values), form, "how", 3 if form.errors else 4, now)
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
    found = await _draft(viewer, now)
    page = await _check_page(viewer, shell, found, now) if found else "/needs/new"
    if isinstance(page, str):
        return pages.redirect(request, page)
    return pages.render(request, "needs/check.html", page)


@post(CHECK, **may("need", "C"))
async def send(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Submit; a second click or the back button leads to the request that exists already."""
    form = Form.from_request_data(await request.form())
    found = await _draft(viewer, now)
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


@post("/needs/new/discard", **may("need", "C"))
async def discard(request: AnyRequest, viewer: Viewer, pages: Renderer) -> Response[bytes]:
    """Throw the draft away."""
    await service_draft.discard_draft(viewer)
    return pages.redirect(request, "/needs/new", Notice("info", "草稿已经清空。"))


ROUTES = (about, choose, words, say, how, wish, check, send, discard)
