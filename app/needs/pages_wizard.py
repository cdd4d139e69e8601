"""The first two steps of the ask wizard: what it is about, and in one's own words; a draft is kept at each."""

from datetime import datetime

from litestar import Response, get, post

from app.kit.forms import FORM_STATUS, Form, FormView
from app.kit.permissions import Scope, may, open_to, require
from app.kit.render import Notice, Renderer, Shell
from app.kit.viewer import Role, Viewer
from app.needs import forms, queries_draft, service_draft
from app.needs.pages_drafts import draft_with_student, is_cadre, keep_step, matter, stop_for, student_for
from app.needs.pages_steps import (
    CHECK,
    HOW,
    WORDS,
    AboutPage,
    AnyRequest,
    WordsPage,
    steps_at,
)
from app.needs.queries_draft import Draft
from app.needs.rules import CATEGORIES, SUBS
from app.needs.rules_request import closed_subs
from app.people import queries as people
from app.people import queries_find
from app.people.rules import needs_guardian
from app.texts.rules import find_private, masked


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
    stop = await stop_for(viewer, shell, now)
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
    chosen = await student_for(viewer, student_id, now) if viewer.signed_in else None
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
        form=form or FormView(values_by_name={"sub": tuple(draft.values.get("sub", ()))} if draft else {}),
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


@post("/needs/new/about", **may("need", "C"))
async def choose(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep what it is about."""
    stop = await stop_for(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop, status=409)
    form = Form.from_request_data(await request.form())
    student = await student_for(viewer, form.raw("student_id"), now)
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
    await keep_step(viewer, kept, form, "about", draft.step if draft and draft.values.get("sub") == [sub] else 2, now)
    return pages.redirect(request, WORDS)


def _words_page(viewer: Viewer, shell: Shell, draft: Draft, form: FormView, *, warn: bool = False) -> WordsPage:
    title, text = form.value("title"), form.value("text")
    hits = find_private(f"{title}\n{text}") if warn else ()
    return WordsPage(
        shell=shell,
        title="用自己的话说",
        form=form,
        steps=steps_at(2),
        about=matter(draft),
        cadre=is_cadre(viewer),
        hits=tuple(dict.fromkeys((hit.found, hit.advice) for hit in hits)),
        masked_title=masked(title) if hits else "",
        masked_text=masked(text) if hits else "",
    )


@get(WORDS, **may("need", "C"))
async def words(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Ask for a title and a few sentences."""
    stop = await stop_for(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop)
    found = await draft_with_student(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, _ = found
    view = FormView(values_by_name={name: tuple(items) for name, items in draft.values.items()})
    return pages.render(request, "needs/words.html", _words_page(viewer, shell, draft, view))


@post(WORDS, **may("need", "C"))
async def say(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Keep the words; names and numbers are pointed out once, with a version that hides them."""
    stop = await stop_for(viewer, shell, now)
    if stop is not None:
        return pages.render(request, "needs/stop.html", stop, status=409)
    found = await draft_with_student(viewer, now)
    if found is None:
        return pages.redirect(request, "/needs/new")
    draft, _ = found
    form = Form.from_request_data(await request.form())
    if form.raw("act") == "mask":
        form = Form({"title": [masked(form.raw("title"))], "text": [masked(form.raw("text"))]})
    title, text = forms.read_words(form)
    private = find_private(f"{title}\n{text}")
    ask = bool(private) and (is_cadre(viewer) or form.raw("act") != "keep")
    await keep_step(viewer, dict(draft.values), form, "words", 2 if form.errors or ask else max(3, draft.step), now)
    if form.raw("act") == "back":
        return pages.redirect(request, f"/needs/new?category={draft.values['sub'][0][:2]}")
    if form.errors or ask:
        page = _words_page(viewer, shell, draft, form.view(), warn=ask)
        return pages.render(request, "needs/words.html", page, status=FORM_STATUS)
    return pages.redirect(request, HOW)


@post("/needs/new/discard", **may("need", "C"))
async def discard(request: AnyRequest, viewer: Viewer, pages: Renderer) -> Response[bytes]:
    """Throw the draft away."""
    await service_draft.discard_draft(viewer)
    return pages.redirect(request, "/needs/new", Notice("info", "草稿已经清空。"))


ROUTES = (about, choose, words, say, discard)
