"""Many people at once, with appointments, profiles, guardians and vetting: for moves from another system, and the demo.

Passwords come hashed and second factors as secrets. Nothing is checked but what the database and the vetting machine
check; only entry points of the operator call this.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from piccolo.table import Table

from app.kit.audit import audit
from app.kit.bulk import PastStep, add_history, add_rows
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.viewer import SYSTEM, Role
from app.people.rules_roles import has_cadre_type
from app.people.rules_vetting import MACHINE
from app.people.tables import (
    Account,
    Appointment,
    GuardianLink,
    Person,
    RecordCheck,
    StudentProfile,
    VolunteerProfile,
)


class MemberHat(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment of a member."""

    id: UUID
    role: Role
    start: date
    end: date | None = None
    organisation_id: UUID | None = None
    provider_id: UUID | None = None
    cadre_type: str = ""
    position: str = ""


class MemberStudent(msgspec.Struct, frozen=True, kw_only=True):
    """The student's side of a member (domain 7.1)."""

    school_id: UUID
    branch_id: UUID | None
    stage: str
    grade_year: int
    class_name: str
    major: str
    student_no: str
    league_member: str
    languages: tuple[str, ...]
    gender_pref: str
    region_code: str
    safe_contact_window: str
    in_difficulty_since: date | None = None
    graduated_on: date | None = None


class MemberVolunteer(msgspec.Struct, frozen=True, kw_only=True):
    """The volunteer's side of a member, with the steps of the vetting so far (domain 6.7)."""

    provider_id: UUID
    past: tuple[PastStep, ...]
    applied_at: datetime
    level: str
    credential: str
    credential_no: str
    credential_expiry: date | None
    adult_only: bool
    weekly_cap: int
    languages: tuple[str, ...]
    checked_on: date | None
    supervised_sessions: int
    agreed_to_check: datetime | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One person with an account."""

    person_id: UUID
    account_id: UUID
    name: str
    sex: str
    birth_date: date
    phone: str
    login: str
    password_hash: str
    totp_secret: str | None
    verified: str
    since: datetime
    hats: tuple[MemberHat, ...]
    student: MemberStudent | None = None
    volunteer: MemberVolunteer | None = None
    demo: bool = False


class Guardianship(msgspec.Struct, frozen=True, kw_only=True):
    """A verified link between a student and a guardian who may be told."""

    student_person_id: UUID
    guardian_person_id: UUID
    relation: str
    verified_at: datetime
    verified_by: UUID | None


async def add_members(members: Sequence[Member], *, now: datetime) -> dict[UUID, str]:
    """Write people with everything that belongs to them; returns the vetting states of volunteers by person id."""
    pasts = [(one.person_id, "APPLIED", one.volunteer.past) for one in members if one.volunteer]
    async with DB.transaction():
        states = await add_history(MACHINE, pasts)
        rows: list[Table] = [_person(one) for one in members]
        rows += [_account(one) for one in members]
        rows += [_appointment(one, hat) for one in members for hat in one.hats]
        rows += [_student(one, one.student) for one in members if one.student]
        rows += [_volunteer(one, one.volunteer, states[one.person_id]) for one in members if one.volunteer]
        rows += [
            RecordCheck(
                person=one.person_id,
                result="CLEAR",
                reference=f"BULK-{one.login}"[:40],
                checked_on=one.volunteer.checked_on,
                created_at=one.volunteer.applied_at,
                updated_at=one.volunteer.applied_at,
            )
            for one in members
            if one.volunteer and one.volunteer.checked_on
        ]
        await add_rows(rows)
        await audit(SYSTEM, "people.add_many", "person", None, now=now, purpose=str(len(members)))
    return states


async def add_guardians(links: Sequence[Guardianship], *, now: datetime) -> int:
    """Write verified guardian links; their consents are given afterwards by the verbs of consents."""
    async with DB.transaction():
        await add_rows(
            [
                GuardianLink(
                    student_person_id=link.student_person_id,
                    guardian_person_id=link.guardian_person_id,
                    relation=link.relation,
                    proof="SCHOOL_RECORD",
                    verified_at=link.verified_at,
                    verified_by=link.verified_by,
                    state="ACTIVE",
                    created_at=link.verified_at,
                    updated_at=link.verified_at,
                    data_class="L3",
                    legal_basis="duty",
                )
                for link in links
            ]
        )
        await audit(SYSTEM, "guardian.add_many", "guardian_link", None, now=now, purpose=str(len(links)))
    return len(links)


def _person(one: Member) -> Person:
    return Person(
        id=one.person_id,
        name=one.name,
        birth_date=one.birth_date,
        sex=one.sex,
        phone_sealed=vault().seal(one.phone, f"person.phone:{one.person_id}") if one.phone else None,
        phone_hash=vault().lookup(one.phone) if one.phone else "",
        verified=one.verified,
        created_at=one.since,
        updated_at=one.since,
        data_class="L3",
        demo=one.demo,
    )


def _account(one: Member) -> Account:
    secret = one.totp_secret
    return Account(
        id=one.account_id,
        login=one.login,
        person=one.person_id,
        password_hash=one.password_hash,
        totp_secret_sealed=vault().seal(secret, f"account.totp:{one.account_id}") if secret else None,
        mfa="OTP" if secret else "NONE",
        created_at=one.since,
        updated_at=one.since,
    )


def _appointment(one: Member, hat: MemberHat) -> Appointment:
    return Appointment(
        id=hat.id,
        person=one.person_id,
        role=hat.role.value,
        organisation_id=hat.organisation_id,
        provider_id=hat.provider_id,
        cadre_type=hat.cadre_type,
        position=hat.position,
        start=hat.start,
        end=hat.end,
        duty_unit="CADRE" if has_cadre_type(hat.role) else "",
        created_at=one.since,
        updated_at=one.since,
        org_id=hat.organisation_id,
    )


def _student(one: Member, student: MemberStudent) -> StudentProfile:
    return StudentProfile(
        person=one.person_id,
        school_id=student.school_id,
        branch_id=student.branch_id,
        stage=student.stage,
        grade_year=student.grade_year,
        class_name=student.class_name,
        major=student.major,
        student_no=student.student_no,
        league_member=student.league_member,
        languages=list(student.languages),
        gender_pref=student.gender_pref,
        region_code=student.region_code,
        safe_contact_window=student.safe_contact_window,
        in_difficulty_since=student.in_difficulty_since,
        graduated_on=student.graduated_on,
        created_at=one.since,
        updated_at=one.since,
        org_id=student.school_id,
        data_class="L3",
    )


def _volunteer(one: Member, volunteer: MemberVolunteer, state: str) -> VolunteerProfile:
    return VolunteerProfile(
        person=one.person_id,
        provider_id=volunteer.provider_id,
        vetting=state,
        level=volunteer.level,
        credential=volunteer.credential,
        credential_no=volunteer.credential_no,
        credential_issuer="示例发证机构" if one.demo else "",
        credential_expiry=volunteer.credential_expiry,
        adult_only=volunteer.adult_only,
        weekly_cap=volunteer.weekly_cap,
        languages=list(volunteer.languages),
        supervised_sessions=volunteer.supervised_sessions,
        application=json.dumps(
            {"check_consent_at": volunteer.agreed_to_check.isoformat() if volunteer.agreed_to_check else None}
        ),
        vetting_since=volunteer.past[-1].at if volunteer.past else volunteer.applied_at,
        created_at=volunteer.applied_at,
        updated_at=volunteer.past[-1].at if volunteer.past else volunteer.applied_at,
        data_class="L3",
    )
