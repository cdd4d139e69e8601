"""Pages: sign up as a student, a provider or a volunteer; the doors of “我要帮忙”."""

from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get, post

from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, FormInvalid, FormView
from app.kit.navigation import start_page
from app.kit.permissions import open_to
from app.kit.render import Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.organisations import queries as organisations
from app.organisations.rules import PROVIDER_TYPES, UNIT_KINDS
from app.people import forms, service_sign_up
from app.people.errors import GuardianNeeded, NotInRoster
from app.people.pages_sign_in import device, form_of, is_in, welcome
from app.people.rules import LANGUAGES, SEXES, band_on
from app.people.rules_vetting import CREDENTIALS

Req = Request[Any, Any, Any]
AUDIENCES = (
    ("minors", "也愿意帮助未成年人", "需要做从业查询，每年一次", "school"),
    ("adults", "只帮助 18 岁以上的人", "不需要从业查询", "user"),
)


class PlainPage(Page, frozen=True, kw_only=True):
    """A page of words and links."""


class StudentPage(Page, frozen=True, kw_only=True):
    """The student's sign-up."""

    form: FormView


class ProviderPage(Page, frozen=True, kw_only=True):
    """The provider's application."""

    form: FormView
    types: dict[str, str]
    unit_kinds: dict[str, str]
    regions: tuple[tuple[str, str], ...]


class VolunteerPage(Page, frozen=True, kw_only=True):
    """The volunteer's application."""

    form: FormView
    sexes: dict[str, str]
    credentials: dict[str, str]
    languages: dict[str, str]
    modes: dict[str, str]
    audiences: tuple[tuple[str, str, str, str], ...]
    regions: tuple[tuple[str, str], ...]


@get("/join", **open_to("Everybody may offer help."))
async def join(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the three doors for those who want to help."""
    return pages.render(request, "people/join.html", PlainPage(shell=shell, title="我要帮忙"))


@get("/sign-up", **open_to("Everybody may sign up."))
async def sign_up(request: Req, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Ask who is signing up; whoever is signed in already goes on."""
    if is_in(viewer):
        return pages.redirect(request, start_page(viewer))
    return pages.render(request, "people/sign_up.html", PlainPage(shell=shell, title="注册"))


@get("/sign-up/student", **open_to("Students sign up by the roster of their school."))
async def student_form(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the student's sign-up."""
    page = StudentPage(shell=shell, title="学生注册", form=FormView())
    return pages.render(request, "people/sign_up_student.html", page)


@post("/sign-up/student", **open_to("Students sign up by the roster of their school."))
async def student(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Sign a student up. The age is looked at first: below twelve nothing else is read, below fourteen nothing kept."""
    form = await form_of(request)
    today = local_day(now)
    birth_date = forms.birth_date_alone(form, today)
    if birth_date is not None and band_on(birth_date, today) == "A0":
        return _too_young(request, shell, pages)
    try:
        typed = forms.student(form, today)
        school = await _school(typed.school, birth_date, today)
        signed_in = await service_sign_up.student(viewer, typed.command(school.id), now=now, device=device(request))
    except GuardianNeeded:
        page = PlainPage(shell=shell, title="需要先由监护人同意")
        return pages.render(request, "people/guardian_needed.html", page, status=GuardianNeeded.status)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now, words="注册好了。有什么难处，慢慢说。")
    page_again = StudentPage(shell=shell, title="学生注册", form=view)
    return pages.render(request, "people/sign_up_student.html", page_again, status=FORM_STATUS)


def _too_young(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    page = PlainPage(shell=shell, title="给 12 岁以下的你")
    return pages.render(request, "people/too_young.html", page, status=GuardianNeeded.status)


async def _school(name: str, birth_date: date | None, today: date) -> organisations.OrgLine:
    """Return the school of this name; several are named in the sentence, so that one can be written out."""
    found = await organisations.schools_named(name)
    if len(found) == 1:
        return found[0]
    if not found and birth_date is not None and band_on(birth_date, today) == "A1":
        raise GuardianNeeded
    if not found:
        raise NotInRoster(f"没有找到“{name}”。请写学校的全称；如果学校还没有加入，请告诉学校团委。", field="school")
    names = "、".join(school.name for school in found[:5])
    raise NotInRoster(f"名字相近的学校有：{names}。请写全称。", field="school")


@get("/sign-up/provider", **open_to("Organisations may apply."))
async def provider_form(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the provider's application."""
    kind = request.query_params.get("type", "")
    view = FormView.of(type=kind) if kind in PROVIDER_TYPES else FormView()
    return pages.render(request, "people/sign_up_provider.html", _provider_page(shell, view))


def _provider_page(shell: Shell, view: FormView) -> ProviderPage:
    return ProviderPage(
        shell=shell,
        title="单位入驻",
        form=view,
        types=dict(PROVIDER_TYPES),
        unit_kinds=dict(UNIT_KINDS),
        regions=tuple(forms.region_options()),
    )


@post("/sign-up/provider", **open_to("Organisations may apply."))
async def provider(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Write a provider's application."""
    form = await form_of(request)
    try:
        new, login = forms.provider(form)
        signed_in = await service_sign_up.provider(
            viewer, new, login.login, login.password, now=now, device=device(request)
        )
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now, words="申请已提交，审核员会按清单核验，一般三个工作日内。")
    return pages.render(request, "people/sign_up_provider.html", _provider_page(shell, view), status=FORM_STATUS)


@get("/sign-up/volunteer", **open_to("Adults may apply."))
async def volunteer_form(request: Req, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the volunteer's application."""
    view = FormView.of(weekly_cap=4, languages=("PTH",))
    return pages.render(request, "people/sign_up_volunteer.html", _volunteer_page(shell, view))


def _volunteer_page(shell: Shell, view: FormView) -> VolunteerPage:
    return VolunteerPage(
        shell=shell,
        title="志愿者申请",
        form=view,
        sexes=dict(SEXES),
        credentials=dict(CREDENTIALS),
        languages=dict(LANGUAGES),
        modes=dict(forms.MODES),
        audiences=AUDIENCES,
        regions=tuple(forms.region_options()),
    )


@post("/sign-up/volunteer", **open_to("Adults may apply."))
async def volunteer(request: Req, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Write a volunteer's application."""
    form = await form_of(request)
    try:
        new = forms.volunteer(form, local_day(now))
        signed_in = await service_sign_up.volunteer(viewer, new, now=now, device=device(request))
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        view = forms.with_refusal(form, problem)
    else:
        return await welcome(request, pages, signed_in, now, wanted="/vetting/me", words="申请已提交，谢谢你愿意帮忙。")
    return pages.render(request, "people/sign_up_volunteer.html", _volunteer_page(shell, view), status=FORM_STATUS)


ROUTES = (join, sign_up, student_form, student, provider_form, provider, volunteer_form, volunteer)
