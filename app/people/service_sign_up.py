"""Sign-up: students by the school's roster, providers and volunteers by an application that people check."""

import json
from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import age_on, local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.reading import plain
from app.kit.viewer import Role, Viewer
from app.organisations import service_providers
from app.organisations.rules import PROVIDER_ROLE
from app.organisations.service_providers import NewProvider
from app.people import queries, service_sessions
from app.people.errors import AlreadySignedUp, GuardFailed, GuardianNeeded, NotInRoster
from app.people.rules import may_ask
from app.people.service import NewPerson, write_account, write_appointment, write_person
from app.people.service_papers import Papers, check_papers
from app.people.service_sign_in import SignedIn, check_login, check_password
from app.people.tables import VolunteerProfile


class NewStudent(msgspec.Struct, frozen=True, kw_only=True):
    """What a student types; all but login and password must equal the roster."""

    school_id: UUID
    name: str
    student_no: str
    birth_date: date
    login: str
    password: str


async def student(viewer: Viewer, new: NewStudent, *, now: datetime, device: str) -> SignedIn:
    """Give a student of the roster an account. Below fourteen a guardian has agreed before; below twelve never."""
    found = await _in_roster(new, now)
    if found is None:
        if age_on(new.birth_date, local_day(now)) < 14:  # noqa: PLR2004 - domain 4, band A1
            raise GuardianNeeded
        raise NotInRoster(field="student_no")
    if not may_ask(found.band, guardian_consent=found.guardian_consent):
        raise GuardianNeeded
    if await queries.has_account(found.person_id):
        raise AlreadySignedUp
    login = await check_login(new.login)
    check_password(new.password, login=login, name=new.name)
    async with DB.transaction():
        await DB.rows("SELECT id FROM person WHERE id = $1 FOR UPDATE", found.person_id)
        if await queries.has_account(found.person_id):
            raise AlreadySignedUp
        account_id = await write_account(found.person_id, login, new.password, now=now)
        if not await DB.value("SELECT 1 FROM appointment WHERE person = $1 AND role = 'STU'", found.person_id):
            await write_appointment(
                found.person_id, Role.STU, now=now, start=local_day(now), organisation_id=found.school_id
            )
        return await _welcome(viewer, account_id, found.person_id, "STU", now, device)


async def _in_roster(new: NewStudent, now: datetime) -> queries.StudentFacts | None:
    person_id = await DB.value(
        """
        SELECT p.id FROM student_profile s JOIN person p ON p.id = s.person
        WHERE s.school_id = $1 AND normalize(s.student_no, NFKC) = $2 AND normalize(p.name, NFKC) = $3
          AND p.birth_date = $4
        """,
        new.school_id,
        plain(new.student_no),
        plain(new.name),
        new.birth_date,
    )
    return await queries.student(person_id, now) if person_id else None


async def _welcome(
    viewer: Viewer, account_id: UUID, person_id: UUID, role: str, now: datetime, device: str
) -> SignedIn:
    """Begin the first session and say that somebody signed up; consents listens and writes P01."""
    token = await service_sessions.begin(account_id, person_id, now=now, device=device, replaces=viewer.session_id)
    who = Viewer(account_id=account_id, person_id=person_id, request_id=viewer.request_id)
    await audit(who, "account.sign_up", "account", account_id, now=now, purpose=role)
    await record("account.signed_up", account_id, now=now, person_id=person_id, role=role)
    return SignedIn(token=token, account_id=account_id, person_id=person_id, has_second_factor=False)


async def provider(
    viewer: Viewer, new: NewProvider, login: str, password: str, *, now: datetime, device: str
) -> SignedIn:
    """Write a provider's application with the account of its contact person."""
    folded = await check_login(login)
    check_password(password, login=folded, name=new.legal_name)
    async with DB.transaction():
        provider_id = await service_providers.apply(Viewer(request_id=viewer.request_id), new, now=now)
        person_id = await write_person(NewPerson(name=new.contact_person, phone=new.contact_phone), now=now)
        account_id = await write_account(person_id, folded, password, now=now)
        role = PROVIDER_ROLE[new.type]
        await write_appointment(person_id, role, now=now, start=local_day(now), provider_id=provider_id)
        return await _welcome(viewer, account_id, person_id, role.value, now, device)


class NewVolunteer(Papers, frozen=True, kw_only=True):
    """A volunteer's application (domain 3.9, 6.7)."""

    name: str
    sex: str
    birth_date: date
    phone: str
    region_code: str
    login: str
    password: str


async def volunteer(viewer: Viewer, new: NewVolunteer, *, now: datetime, device: str) -> SignedIn:
    """Write a volunteer's application; who wants to meet minors has agreed to the record check."""
    check_papers(new, local_day(now))
    if await _blocked(new):
        raise GuardFailed("这份资质不能用于申请，请联系当地团委。", field="credential_no")
    folded = await check_login(new.login)
    check_password(new.password, login=folded, name=new.name)
    async with DB.transaction():
        person_id = await write_person(
            NewPerson(name=new.name, birth_date=new.birth_date, sex=new.sex, phone=new.phone), now=now
        )
        provider_id = await service_providers.apply(
            Viewer(request_id=viewer.request_id),
            NewProvider(
                type="VOL",
                legal_name=new.name,
                region_code=new.region_code,
                contact_person=new.name,
                contact_phone=new.phone,
                person_id=person_id,
            ),
            now=now,
        )
        await _write_profile(new, person_id, provider_id, now)
        account_id = await write_account(person_id, folded, new.password, now=now)
        await write_appointment(person_id, Role.VOL, now=now, start=local_day(now), provider_id=provider_id)
        return await _welcome(viewer, account_id, person_id, "VOL", now, device)


async def _blocked(new: NewVolunteer) -> bool:
    """Tell whether this credential or phone number belongs to an application refused for false documents."""
    found = await DB.value(
        """
        SELECT 1 FROM volunteer_profile v JOIN person p ON p.id = v.person
        WHERE v.vetting = 'REJECTED' AND v.application @> '{"blocked": true}'::jsonb
          AND ((v.credential = $1 AND v.credential_no = $2) OR p.phone_hash = $3) LIMIT 1
        """,
        new.credential,
        new.credential_no,
        vault().lookup(new.phone),
    )
    return found is not None


async def _write_profile(new: NewVolunteer, person_id: UUID, provider_id: UUID, now: datetime) -> None:
    application = {
        "modes": list(new.modes),
        "check_consent_at": now.isoformat() if new.check_consent else None,
        "motive": new.motive,
    }
    await VolunteerProfile(
        id=new_id(),
        person=person_id,
        provider_id=provider_id,
        vetting="APPLIED",
        vetting_since=now,
        credential=new.credential,
        credential_no=new.credential_no,
        credential_issuer=new.credential_issuer,
        credential_issued=new.credential_issued,
        credential_expiry=new.credential_expiry,
        adult_only=new.adult_only,
        weekly_cap=new.weekly_cap,
        languages=list(new.languages),
        application=json.dumps(application, ensure_ascii=False),
        created_at=now,
        updated_at=now,
        data_class="L3",
    ).save()
