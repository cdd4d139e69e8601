"""Bringing the people of the demo onto the stage: the league tree, providers, accounts, guardians and consents."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp

from app.consents import service as consents
from app.demo import rules_people, rules_places, rules_providers
from app.demo.rules import DemoAccount, chance
from app.demo.rules_people import HatPlan, PersonPlan
from app.demo.rules_places import OrgPlan
from app.demo.rules_providers import ProviderPlan
from app.kit.bulk import PastStep
from app.kit.clock import age_on, local_day, school_year
from app.kit.ids import new_id
from app.kit.viewer import STAFF_ROLES, Hat, Role, Viewer
from app.organisations import service_moved as organisations
from app.people import service_moved as people
from app.people.service_passwords import hashed
from app.regions.rules import city_of

CONSENTS: Final = ("P01", "P02", "P03", "P09")
FOUNDED_DAYS: Final = 420
_TO_ACTIVE: Final = (
    ("credential_verified", "REVIEWER"),
    ("request_check", "ORGANISATION"),
    ("check_clear", "ORGANISATION"),
    ("interview_pass", "INTERVIEWER"),
    ("training_pass", "TRAINER"),
    ("supervisor_ok", "SUPERVISOR"),
)
_VETTING: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "APPLIED": (),
    "DOCS": (("documents_incomplete", "REVIEWER"),),
    "REJECTED": (("false_document", "REVIEWER"),),
    "CHECK_PENDING": _TO_ACTIVE[:2],
    "INTERVIEW": _TO_ACTIVE[:3],
    "TRAINING": _TO_ACTIVE[:4],
    "PROBATION": _TO_ACTIVE[:5],
    "ACTIVE": _TO_ACTIVE,
    "ACTIVE_ADULT": (
        _TO_ACTIVE[0],
        ("adults_only", "ORGANISATION"),
        *_TO_ACTIVE[3:5],
        ("supervisor_ok_adult", "SUPERVISOR"),
    ),
    "SUSPENDED": (*_TO_ACTIVE, ("complaint", "SUPERVISOR")),
    "LAPSED": (*_TO_ACTIVE, ("expired", "SYS")),
}
_PROVIDING: Final[Mapping[str, Sequence[tuple[str, int]]]] = {
    "VERIFIED": (("verify", 150),),
    "SUSPENDED": (("verify", 150), ("suspend", 12)),
    "LAPSED": (("verify", 200), ("lapse", 19)),
    "REJECTED": (("reject", 40),),
    "APPLIED": (),
}
_HOUSING: Final = (("verify", 160), ("lapse", 69), ("verify", 68))
"""A landlord's verification holds 90 days, so this one was renewed."""


@dataclass(slots=True)
class Place:
    """An organisation of the demo as it was written."""

    id: UUID
    path: str
    plan: OrgPlan


@dataclass(slots=True)
class Cast:
    """Everybody on the stage, by the keys of the plans."""

    now: datetime
    places: dict[str, Place] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    plans: dict[str, PersonPlan] = field(default_factory=dict)
    providers: dict[str, UUID] = field(default_factory=dict)
    acting: dict[UUID, Viewer] = field(default_factory=dict)
    speaker: dict[UUID, Viewer] = field(default_factory=dict)
    by_role: dict[tuple[Role, UUID], list[Viewer]] = field(default_factory=dict)
    accounts: list[DemoAccount] = field(default_factory=list)
    provider_plans: tuple[ProviderPlan, ...] = ()

    @property
    def day(self) -> date:
        """The day on which the demo is filled."""
        return local_day(self.now)

    def at(self, role: Role, place: str) -> list[Viewer]:
        """Return who holds a role at a place of the demo."""
        return self.by_role.get((role, self.places[place].id), [])

    def of_city(self, role: Role, region: str) -> Viewer:
        """Return the first who holds a role for the city of a region."""
        city = city_of(region)
        assert city is not None
        return self.at(role, city.code)[0]

    def school_of(self, student: str) -> str:
        """Return the key of a student's school."""
        plan = self.plans[student].student
        assert plan is not None
        return plan.school


async def gather(now: datetime) -> Cast:
    """Write everybody and everything that is there before the first request."""
    cast = Cast(now)
    await _found(cast)
    everybody = _everybody(cast)
    await _enter(cast, everybody)
    await _guard(cast)
    await _consent(cast)
    return cast


async def _found(cast: Cast) -> None:
    listed: list[organisations.PlacedOrganisation] = []
    began = cast.now - timedelta(days=FOUNDED_DAYS)
    for plan in rules_places.organisations(school_year(cast.day)):
        parent = cast.places.get(plan.parent)
        org_id = new_id()
        place = Place(org_id, f"{parent.path}/{org_id}" if parent else str(org_id), plan)
        cast.places[plan.key] = place
        luck = chance("school", plan.key)
        stage = rules_places.STAGE_OF_TYPE.get(plan.school_type, "")
        listed.append(
            organisations.PlacedOrganisation(
                id=org_id,
                code=f"DEMO-{plan.key}",
                name=plan.name,
                level=plan.level,
                parent_id=parent.id if parent else None,
                path=place.path,
                region_code=plan.region,
                kind=plan.kind,
                school_type=plan.school_type,
                enrolment_by_stage={stage: luck.randint(600, 9000)} if stage else {},
                psych_teachers=luck.randint(1, 3) if stage else 0,
                grade=plan.grade,
                class_name=plan.class_name,
                members=plan.members,
                demo=True,
            )
        )
    await organisations.add_many(listed, now=began)


def _everybody(cast: Cast) -> list[PersonPlan]:
    orgs = [place.plan for place in cast.places.values()]
    students = rules_people.students(orgs, cast.day)
    cast.provider_plans = rules_providers.providers(cast.day)
    cast.providers = {plan.key: new_id() for plan in cast.provider_plans}
    acting = [plan.person for plan in cast.provider_plans if plan.person is not None]
    return [*rules_people.staff(orgs, cast.day), *students, *rules_people.guardians(students, cast.day), *acting]


async def _enter(cast: Cast, everybody: Sequence[PersonPlan]) -> None:
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    password_hash = await hashed(password)
    members: list[people.Member] = []
    for number, plan in enumerate(everybody):
        viewer = _viewer(cast, plan)
        cast.viewers[plan.key], cast.plans[plan.key] = viewer, plan
        for hat in viewer.hats:
            if hat.provider_id is not None:
                cast.acting[hat.provider_id] = viewer
            if hat.org_id is not None:
                cast.by_role.setdefault((hat.role, hat.org_id), []).append(viewer)
        secret = pyotp.random_base32() if viewer.role in STAFF_ROLES else None
        members.append(_member(cast, plan, number, password_hash, secret))
        cast.accounts.append(
            DemoAccount(
                role=viewer.role.value,
                login=plan.key,
                password=password,
                totp_secret=secret,
                name=plan.name,
                organisation=viewer.hat.org_name if viewer.hat else "",
            )
        )
    await organisations.add_providers([_provider(cast, plan) for plan in cast.provider_plans], now=cast.now)
    await people.add_members([_vetted(cast, member) for member in members], now=cast.now)


def _viewer(cast: Cast, plan: PersonPlan) -> Viewer:
    hats = tuple(sorted((_hat(cast, hat) for hat in plan.hats), key=lambda hat: hat.start, reverse=True))
    second = any(hat.role in STAFF_ROLES for hat in hats)
    return Viewer(new_id(), new_id(), plan.name, hats[0], hats, second_factor=second)


def _hat(cast: Cast, plan: HatPlan) -> Hat:
    place = cast.places.get(plan.org)
    name = next((one.name for one in cast.provider_plans if one.key == plan.provider), "")
    return Hat(
        id=new_id(),
        role=plan.role,
        org_id=place.id if place else None,
        org_path=place.path if place else "",
        org_name=place.plan.name if place else name,
        start=cast.day - timedelta(days=plan.days_ago),
        end=cast.day + timedelta(days=plan.days_left) if plan.days_left is not None else None,
        provider_id=cast.providers.get(plan.provider),
    )


def _member(cast: Cast, plan: PersonPlan, number: int, password_hash: str, secret: str | None) -> people.Member:
    viewer = cast.viewers[plan.key]
    assert viewer.person_id is not None
    assert viewer.account_id is not None
    hats = {hat.role: hat for hat in viewer.hats}
    return people.Member(
        person_id=viewer.person_id,
        account_id=viewer.account_id,
        name=plan.name,
        sex=plan.sex,
        birth_date=plan.birth,
        phone=f"1990000{number:04d}",
        login=plan.key,
        password_hash=password_hash,
        totp_secret=secret,
        verified="SCHOOL_ROSTER" if plan.student else "REALNAME",
        since=cast.now - timedelta(days=min(FOUNDED_DAYS, max(hat.days_ago for hat in plan.hats))),
        hats=tuple(
            people.MemberHat(
                id=hats[one.role].id,
                role=one.role,
                start=hats[one.role].start,
                end=hats[one.role].end,
                organisation_id=hats[one.role].org_id,
                provider_id=hats[one.role].provider_id,
                cadre_type=one.cadre_type,
                position=one.position,
            )
            for one in plan.hats
        ),
        student=_student(cast, plan),
        demo=True,
    )


def _student(cast: Cast, plan: PersonPlan) -> people.MemberStudent | None:
    student = plan.student
    if student is None:
        return None
    branch = cast.places.get(student.branch)
    return people.MemberStudent(
        school_id=cast.places[student.school].id,
        branch_id=branch.id if branch else None,
        stage=student.stage,
        grade_year=student.grade_year,
        class_name=student.class_name,
        major=student.major,
        student_no=f"DEMO{plan.key[3:]}",
        league_member=student.league_member,
        languages=student.languages,
        gender_pref=student.gender_pref,
        region_code=student.region,
        safe_contact_window=student.window,
        in_difficulty_since=_ago(cast, student.difficulty_days),
        graduated_on=_ago(cast, student.graduated_days),
    )


def _ago(cast: Cast, days: int | None) -> date | None:
    return cast.day - timedelta(days=days) if days is not None else None


def _provider(cast: Cast, plan: ProviderPlan) -> organisations.KnownProvider:
    volunteer = plan.type == "VOL"
    reviewer = cast.of_city(Role.REV, plan.region)
    steps = _HOUSING if plan.type == "HOU" and plan.state == "VERIFIED" else _PROVIDING[plan.state]
    person = cast.viewers[plan.person.key] if plan.person else None
    return organisations.KnownProvider(
        id=cast.providers[plan.key],
        type=plan.type,
        legal_name=plan.name,
        region_code=plan.region,
        contact_person=plan.person.name if plan.person else "示例联系人",
        contact_phone=f"1990001{len(plan.key) * 1000 + sum(map(ord, plan.key)) % 1000:04d}",
        applied_at=cast.now - timedelta(days=220),
        past=tuple(
            PastStep(
                event=event,
                actor="SYS" if volunteer or event == "lapse" else "REVIEWER",
                at=cast.now - timedelta(days=days),
                account_id=None if volunteer or event == "lapse" else reviewer.account_id,
            )
            for event, days in steps
        ),
        uscc=plan.credit_code,
        address=plan.address,
        unit_kind=plan.unit_kind,
        well_known_basis=plan.well_known,
        person_id=person.person_id if person and volunteer else None,
        demo=True,
    )


def _vetted(cast: Cast, member: people.Member) -> people.Member:
    plan = next((one for one in cast.provider_plans if one.key == member.login and one.vetting is not None), None)
    if plan is None or plan.vetting is None:
        return member
    vetting = plan.vetting
    who = {
        "REVIEWER": cast.of_city(Role.REV, plan.region),
        "ORGANISATION": cast.of_city(Role.CIT, plan.region),
        "INTERVIEWER": cast.at(Role.EXP, rules_places.PROVINCE)[0],
        "TRAINER": cast.at(Role.SUP, rules_places.PROVINCE)[0],
        "SUPERVISOR": cast.at(Role.SUP, rules_places.PROVINCE)[1],
    }
    steps = _VETTING[vetting.state]
    past = tuple(
        PastStep(
            event=event,
            actor=actor,
            at=cast.now - timedelta(days=218 - 10 * number if event not in {"complaint", "expired"} else 12),
            account_id=who[actor].account_id if actor in who else None,
        )
        for number, (event, actor) in enumerate(steps)
    )
    volunteer = people.MemberVolunteer(
        provider_id=cast.providers[plan.key],
        past=past,
        applied_at=cast.now - timedelta(days=220),
        level=vetting.level if vetting.state not in {"APPLIED", "DOCS", "REJECTED"} else "",
        credential=vetting.credential,
        credential_no=f"DEMO-{plan.key.upper()}",
        credential_expiry=cast.day + timedelta(days=vetting.expiry_days) if vetting.expiry_days else None,
        adult_only=vetting.adult_only,
        weekly_cap=vetting.weekly_cap,
        languages=vetting.languages,
        checked_on=_ago(cast, vetting.checked_days),
        supervised_sessions=12 if vetting.state.startswith("ACTIVE") else 0,
        agreed_to_check=None if vetting.adult_only else cast.now - timedelta(days=220),
    )
    return people.Member(
        **{name: getattr(member, name) for name in member.__struct_fields__ if name != "volunteer"},
        volunteer=volunteer,
    )


async def _guard(cast: Cast) -> None:
    """Link the guardians, and let them speak for children below fourteen."""
    links: list[people.Guardianship] = []
    for plan in cast.plans.values():
        if not plan.ward:
            continue
        guardian, ward = cast.viewers[plan.key], cast.viewers[plan.ward]
        assert guardian.person_id is not None
        assert ward.person_id is not None
        links.append(
            people.Guardianship(
                student_person_id=ward.person_id,
                guardian_person_id=guardian.person_id,
                relation=plan.relation,
                verified_at=cast.now - timedelta(days=150),
                verified_by=cast.at(Role.SCH, cast.school_of(plan.ward))[0].account_id,
            )
        )
        if age_on(cast.plans[plan.ward].birth, cast.day - timedelta(days=150)) < 14:  # noqa: PLR2004 - from fourteen a student decides
            cast.speaker[ward.person_id] = guardian
    await people.add_guardians(links, now=cast.now)


async def _consent(cast: Cast) -> None:
    """Give what students agree to at sign-up; for children the guardian gives it, for others below 18 both do."""
    at = cast.now - timedelta(days=149)
    for key, plan in cast.plans.items():
        viewer = cast.viewers[key]
        assert viewer.person_id is not None
        if plan.student is not None and viewer.person_id not in cast.speaker:
            await consents.give(viewer, viewer.person_id, CONSENTS, now=at)
        if plan.ward:
            ward = cast.viewers[plan.ward].person_id
            assert ward is not None
            await consents.give(viewer, ward, CONSENTS, now=at)
