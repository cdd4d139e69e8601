"""Forms of sign-in, sign-up and the account: submitted values to typed commands."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from app.kit.clock import age_on
from app.kit.errors import Refusal
from app.kit.forms import FORM_WIDE, Form, FormView
from app.organisations.rules import PROVIDER_TYPES, UNIT_KINDS
from app.organisations.service_providers import NewProvider
from app.people.rules import GENDER_WISHES, LANGUAGES, RELATIONS, SEXES
from app.people.rules_vetting import CREDENTIALS
from app.people.service_guardians import NewGuardian
from app.people.service_papers import Papers
from app.people.service_profile import Profile
from app.people.service_sign_up import NewStudent, NewVolunteer
from app.regions import rules as regions

MODES: Final[Mapping[str, str]] = {"ON": "线上文字", "VO": "语音", "VI": "视频", "FF": "面谈", "GR": "团体"}
EARLIEST_BIRTH: Final = date(1920, 1, 1)
ADULT: Final = 18


def region_options() -> list[tuple[str, str]]:
    """Return every city and county with its label, for a select."""
    rows = []
    for city in regions.cities():
        rows.append((city.code, city.name))
        rows.extend((county.code, f"{city.name} · {county.name}") for county in regions.counties(city.code))
    return rows


def with_refusal(form: Form, problem: Refusal) -> FormView:
    """Return the view of a form with a service's refusal beside its field, or on top when it has none."""
    form.fail(problem.field or FORM_WIDE, f"{problem.said}{problem.next if not problem.field else ''}")
    return form.view()


class Login(msgspec.Struct, frozen=True):
    """A login and a password as typed."""

    login: str
    password: str


def sign_in(form: Form) -> Login:
    """Read the sign-in form."""
    read = Login(form.text("login", "登录名", max_len=60), form.password("password", "密码"))
    form.check()
    return read


class StudentStart(msgspec.Struct, frozen=True, kw_only=True):
    """A student's sign-up before the school's name is looked up."""

    school: str
    name: str
    student_no: str
    birth_date: date
    login: str
    password: str

    def command(self, school_id: UUID) -> NewStudent:
        """Return the command for a school that was found."""
        return NewStudent(
            school_id=school_id,
            name=self.name,
            student_no=self.student_no,
            birth_date=self.birth_date,
            login=self.login,
            password=self.password,
        )


def birth_date_alone(form: Form, today: date) -> date | None:
    """Read only the birth date, to know the age band before anything else is looked at."""
    return form.day("birth_date", "出生日期", earliest=EARLIEST_BIRTH, latest=today)


def student(form: Form, today: date) -> StudentStart:
    """Read the student's sign-up."""
    birth_date = birth_date_alone(form, today)
    read: dict[str, Any] = {
        "school": form.text("school", "学校", max_len=80),
        "name": form.text("name", "姓名", max_len=40),
        "student_no": form.text("student_no", "学号", max_len=30),
        "login": form.text("login", "登录名", max_len=60),
        "password": form.password("password", "密码"),
    }
    form.flag("agree", "我看过并同意“注册账号”的说明", required=True)
    form.check()
    assert birth_date is not None
    return StudentStart(birth_date=birth_date, **read)


def provider(form: Form) -> tuple[NewProvider, Login]:
    """Read a provider's application and the login of its contact person."""
    kind = form.choice("type", "类型", PROVIDER_TYPES)
    new = _application(form, kind)
    login = Login(form.text("login", "登录名", max_len=60), form.password("password", "密码"))
    form.flag("agree", "所填内容真实，不向学生收取任何费用", required=True)
    form.check()
    return NewProvider(type=kind, **new), login


def provider_again(form: Form, kind: str) -> NewProvider:
    """Read an application that was returned and changed; the type stays."""
    new = _application(form, kind)
    form.flag("agree", "所填内容真实，不向学生收取任何费用", required=True)
    form.check()
    return NewProvider(type=kind, **new)


def _application(form: Form, kind: str) -> dict[str, Any]:
    """Read what every application says about a provider."""
    return {
        "legal_name": form.text("legal_name", "单位名称", max_len=80, min_len=2),
        "uscc": form.uscc("uscc", "统一社会信用代码"),
        "region_code": form.choice("region_code", "所在地", region_options()),
        "address": form.text("address", "详细地址", max_len=120),
        "contact_person": form.text("contact_person", "联系人", max_len=40),
        "contact_phone": form.phone("contact_phone", "联系电话"),
        "unit_kind": form.choice("unit_kind", "单位性质", UNIT_KINDS, required=kind == "EMP"),
        "hr_licence_no": form.text("hr_licence_no", "人力资源许可证号", required=False, max_len=40),
        "rental_filing_no": form.text("rental_filing_no", "住房租赁备案号", required=False, max_len=40),
    }


def volunteer(form: Form, today: date) -> NewVolunteer:
    """Read a volunteer's application."""
    birth_date = form.day("birth_date", "出生日期", earliest=EARLIEST_BIRTH, latest=today)
    if birth_date is not None and age_on(birth_date, today) < ADULT:
        form.fail("birth_date", "志愿者要年满 18 岁。")
    read: dict[str, Any] = {
        "name": form.text("name", "姓名", max_len=40),
        "sex": form.choice("sex", "性别", SEXES),
        "phone": form.phone("phone", "手机号"),
        "region_code": form.choice("region_code", "所在城市", region_options()),
        **_papers(form, today),
        "login": form.text("login", "登录名", max_len=60),
        "password": form.password("password", "密码"),
    }
    form.check()
    assert birth_date is not None
    return NewVolunteer(birth_date=birth_date, **read)


def papers_again(form: Form, today: date) -> Papers:
    """Read a volunteer's papers that were incomplete."""
    read = _papers(form, today)
    form.check()
    return Papers(**read)


def _papers(form: Form, today: date) -> dict[str, Any]:
    """Read what every application says about the credential and the help."""
    return {
        "adult_only": form.choice("audience", "服务对象", {"minors": "", "adults": ""}) == "adults",
        "credential": form.choice("credential", "资质", CREDENTIALS),
        "credential_no": form.text("credential_no", "证书编号", max_len=40),
        "credential_issuer": form.text("credential_issuer", "发证单位", max_len=60),
        "credential_issued": form.day("credential_issued", "发证日期", latest=today),
        "credential_expiry": form.day("credential_expiry", "有效期至", required=False),
        "languages": form.many("languages", "语言", LANGUAGES, required=True),
        "modes": form.many("modes", "方式", MODES, required=True),
        "weekly_cap": form.integer("weekly_cap", "每周最多次数", min_value=1, max_value=10) or 4,
        "motive": form.text("motive", "为什么想来", required=False, max_len=300, multiline=True),
        "check_consent": form.flag("check_consent"),
    }


def guardian(form: Form) -> NewGuardian:
    """Read a guardian who agrees."""
    read: dict[str, Any] = {
        "name": form.text("name", "您的姓名", max_len=40),
        "relation": form.choice("relation", "与孩子的关系", RELATIONS),
        "phone": form.phone("phone", "手机号"),
        "login": form.text("login", "登录名", max_len=60),
        "password": form.password("password", "密码"),
    }
    form.flag("agree", "我是孩子的监护人，已看完说明并同意", required=True)
    form.check()
    return NewGuardian(**read)


class PasswordChange(msgspec.Struct, frozen=True):
    """The present password and the new one."""

    old: str
    new: str


def password_change(form: Form) -> PasswordChange:
    """Read a change of password; the new one is typed twice."""
    read = PasswordChange(form.password("old_password", "现在的密码"), form.password("password", "新密码"))
    if form.password("password_again", "再输一次新密码") != read.new:
        form.fail("password_again", "两次输入的新密码不一样。")
    form.check()
    return read


def profile(form: Form) -> Profile:
    """Read what a person may change about themselves."""
    read = Profile(
        phone=form.phone("phone", "手机号", required=False),
        region_code=form.choice("region_code", "所在区县", region_options(), required=False),
        languages=form.many("languages", "语言", LANGUAGES),
        gender_pref=form.choice("gender_pref", "希望帮助你的人", GENDER_WISHES, required=False) or "N",
        safe_contact_window=form.text("safe_contact_window", "方便接电话的时间", required=False, max_len=60),
    )
    form.check()
    return read
