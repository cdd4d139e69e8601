"""Persons, accounts and appointments: add, end, renew; the first administrator."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from asyncpg import UniqueViolationError

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import Scope, require
from app.kit.viewer import Role, Viewer
from app.organisations import queries as organisations
from app.people import queries, service_sessions
from app.people.errors import AppointmentOver, LinkUsed, LoginTaken, RoleNotYours, TwoAdminRoles
from app.people.rules_roles import COMMITTEE_DAYS, COMMITTEE_ROLES, clashes, fits_level, has_cadre_type, may_appoint
from app.people.service_passwords import hashed
from app.people.service_sign_in import SignedIn, check_login, check_password, one_time, token_subject, use_token
from app.people.tables import Account, Appointment, Person

INVITED = "INVITED"


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A human being as they are written down for the first time."""

    name: str
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""
    verified: str = "NONE"


class NewAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """A role at an organisation with its first and last day."""

    role: Role
    organisation_id: UUID
    start: date
    end: date | None = None
    position: str = ""
    cadre_type: str = ""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A person with an appointment; the code is empty when they could sign in already."""

    person_id: UUID
    appointment_id: UUID
    code: str


async def write_person(new: NewPerson, *, now: datetime, by: UUID | None = None) -> UUID:
    """Write a person; the phone number is sealed for this row and found by a keyed hash."""
    person_id = new_id()
    await Person(
        id=person_id,
        name=new.name,
        birth_date=new.birth_date,
        sex=new.sex,
        phone_sealed=vault().seal(new.phone, f"person.phone:{person_id}") if new.phone else None,
        phone_hash=vault().lookup(new.phone) if new.phone else "",
        verified=new.verified,
        created_at=now,
        updated_at=now,
        created_by_appointment=by,
        data_class="L3",
    ).save()
    return person_id


async def write_account(person_id: UUID, login: str, password: str, *, now: datetime) -> UUID:
    """Write an account that can sign in; an empty password makes an invited one that waits for its code."""
    account_id = new_id()
    secret = await hashed(password) if password else ""
    try:
        await Account(
            id=account_id,
            login=login or f"invited:{account_id}",
            person=person_id,
            password_hash=secret,
            status="ACTIVE" if password else INVITED,
            created_at=now,
            updated_at=now,
        ).save()
    except UniqueViolationError as problem:
        raise LoginTaken(field="login") from problem
    return account_id


async def write_appointment(  # noqa: PLR0913 - the columns of one appointment
    person_id: UUID,
    role: Role,
    *,
    now: datetime,
    start: date,
    organisation_id: UUID | None = None,
    provider_id: UUID | None = None,
    end: date | None = None,
    position: str = "",
    cadre_type: str = "",
    by: UUID | None = None,
) -> UUID:
    """Write an appointment; permissions come from it from its first day to 23:59 of its last."""
    appointment_id = new_id()
    await Appointment(
        id=appointment_id,
        person=person_id,
        role=role.value,
        organisation_id=organisation_id,
        provider_id=provider_id,
        cadre_type=cadre_type,
        position=position,
        start=start,
        end=end,
        duty_unit="CADRE" if has_cadre_type(role) else "",
        created_at=now,
        updated_at=now,
        created_by_appointment=by,
        org_id=organisation_id,
    ).save()
    return appointment_id


async def add_person(viewer: Viewer, person: NewPerson, appointment: NewAppointment, *, now: datetime) -> Added:
    """Add a person with an appointment in the viewer's scope; returns a one-time activation code."""
    async with DB.transaction():
        await _check_appointment(viewer, appointment, frozenset())
        person_id = await write_person(person, now=now, by=viewer.appointment_id)
        return await _appoint(viewer, person_id, appointment, now)


async def appoint(viewer: Viewer, person_id: UUID, appointment: NewAppointment, *, now: datetime) -> Added:
    """Give somebody who is known already another appointment."""
    async with DB.transaction():
        rows = await DB.rows("SELECT id FROM person WHERE id = $1 FOR UPDATE", person_id)
        if not rows:
            raise NotFound
        await _check_appointment(viewer, appointment, await _roles_to_come(person_id, local_day(now)))
        return await _appoint(viewer, person_id, appointment, now)


async def _appoint(viewer: Viewer, person_id: UUID, new: NewAppointment, now: datetime) -> Added:
    end = new.end
    if end is None and new.role in COMMITTEE_ROLES:
        end = new.start + timedelta(days=COMMITTEE_DAYS)
    appointment_id = await write_appointment(
        person_id,
        new.role,
        now=now,
        start=new.start,
        end=end,
        organisation_id=new.organisation_id,
        position=new.position,
        cadre_type=new.cadre_type if has_cadre_type(new.role) else "",
        by=viewer.appointment_id,
    )
    code = await invite(person_id, now=now)
    await audit(viewer, "appointment.add", "appointment", appointment_id, now=now, purpose=new.role.value)
    await record("appointment.added", appointment_id, now=now, person_id=person_id, role=new.role.value)
    return Added(person_id=person_id, appointment_id=appointment_id, code=code)


async def invite(person_id: UUID, *, now: datetime) -> str:
    """Return a new activation code for somebody who cannot sign in yet, or an empty text."""
    rows = await DB.rows("SELECT id, status FROM account WHERE person = $1 ORDER BY created_at LIMIT 1", person_id)
    if rows and rows[0]["status"] != INVITED:
        return ""
    account_id = rows[0]["id"] if rows else await write_account(person_id, "", "", now=now)
    return await one_time("ACTIVATE", account_id, now=now)


async def renew_invitation(viewer: Viewer, person_id: UUID, *, now: datetime) -> str:
    """Return a new activation code for somebody who has not used theirs; the old one ends."""
    require(viewer, "people", "U")
    async with DB.transaction():
        code = await invite(person_id, now=now)
        await audit(viewer, "account.invite", "person", person_id, now=now)
    return code


async def _check_appointment(viewer: Viewer, new: NewAppointment, held: frozenset[Role]) -> None:
    grant = require(viewer, "people", "C")
    org = await organisations.line(new.organisation_id)
    if org is None or not (grant.scope is Scope.ALL or viewer.covers(org.path)):
        raise RoleNotYours(field="organisation")
    if not may_appoint(viewer.role, new.role):
        raise RoleNotYours(field="role")
    if not fits_level(new.role, org.level):
        raise RoleNotYours("这个角色不属于所选的组织层级。", field="organisation")
    if clashes(new.role, held):
        raise TwoAdminRoles(field="role")


async def _roles_to_come(person_id: UUID, day: date) -> frozenset[Role]:
    """Return roles a person holds now or will hold."""
    rows = await DB.rows(
        'SELECT role FROM appointment WHERE person = $1 AND ("end" IS NULL OR "end" >= $2)', person_id, day
    )
    return frozenset(Role(row["role"]) for row in rows)


async def end_appointment(viewer: Viewer, appointment_id: UUID, last_day: date, *, now: datetime) -> None:
    """Set the last day of an appointment; what it allows ends at 23:59 of that day by itself (domain 8.2, rule 6)."""
    await _set_end(viewer, appointment_id, last_day, "appointment.end", now)


async def renew_appointment(viewer: Viewer, appointment_id: UUID, last_day: date, *, now: datetime) -> None:
    """Move the last day of an appointment that has not ended yet."""
    await _set_end(viewer, appointment_id, last_day, "appointment.renew", now)


async def _set_end(viewer: Viewer, appointment_id: UUID, last_day: date, what: str, now: datetime) -> None:
    grant = require(viewer, "people", "U")
    async with DB.transaction():
        rows = await DB.rows(
            'SELECT id, role, organisation_id, start, "end" FROM appointment WHERE id = $1 FOR UPDATE', appointment_id
        )
        org = await organisations.line(rows[0]["organisation_id"]) if rows and rows[0]["organisation_id"] else None
        if org is None or not (grant.scope is Scope.ALL or viewer.covers(org.path)):
            raise NotFound
        row = rows[0]
        if not may_appoint(viewer.role, Role(row["role"])):
            raise RoleNotYours
        if row["end"] is not None and row["end"] < local_day(now):
            raise AppointmentOver
        if last_day < max(row["start"], local_day(now)):
            raise AppointmentOver("最后一天不能早于今天，也不能早于开始日期。", field="end")
        await DB.rows(
            'UPDATE appointment SET "end" = $2, updated_at = $3, version = version + 1 WHERE id = $1',
            appointment_id,
            last_day,
            now,
        )
        await audit(viewer, what, "appointment", appointment_id, now=now)


async def close_account(viewer: Viewer, person_id: UUID, *, now: datetime) -> None:
    """Close the accounts of somebody who no longer agrees to have one; every session ends at once."""
    rows = await DB.rows(
        "UPDATE account SET status = 'CLOSED', updated_at = $2 WHERE person = $1 AND status <> 'CLOSED' RETURNING id",
        person_id,
        now,
    )
    for row in rows:
        await service_sessions.end_all(row["id"], now=now)
        await audit(viewer, "account.close", "account", row["id"], now=now)


async def close_ended_appointments(now: datetime) -> int:
    """Say once of every appointment that is over that it has ended; what it allowed ended by itself."""
    rows = await DB.rows(
        """
        UPDATE appointment SET ended_at = $2, updated_at = $2
        WHERE id IN (SELECT id FROM appointment WHERE ended_at IS NULL AND "end" < $1 ORDER BY id LIMIT 500
                     FOR UPDATE SKIP LOCKED)
        RETURNING id, person, role, organisation_id, provider_id
        """,
        local_day(now),
        now,
    )
    for row in rows:
        await record(
            "appointment.ended",
            row["id"],
            now=now,
            person_id=row["person"],
            role=row["role"],
            organisation_id=row["organisation_id"],
            provider_id=row["provider_id"],
        )
    return len(rows)


async def _has_administrator() -> bool:
    found = await DB.value(
        """
        SELECT 1 FROM appointment t JOIN account a ON a.person = t.person AND a.status = 'ACTIVE'
        WHERE t.role = 'SYS-A' LIMIT 1
        """
    )
    return found is not None


async def first_admin_token(now: datetime) -> str | None:
    """Return a one-time token for the page /first-admin/{token}, or None when an administrator exists."""
    async with DB.transaction():
        if await _has_administrator():
            return None
        return await one_time("FIRST_ADMIN", None, now=now)


async def check_first_admin(token: str, *, now: datetime) -> UUID:
    """Return the id of a first-administrator token that can be used, or raise LinkUsed."""
    token_id, _ = await token_subject("FIRST_ADMIN", token, now=now)
    if await _has_administrator():
        raise LinkUsed
    return token_id


async def create_first_admin(
    viewer: Viewer, token: str, name: str, login: str, password: str, *, now: datetime, device: str
) -> SignedIn:
    """Use the first administrator's link: a person with the role SYS-A and a session that asks for a second factor."""
    token_id = await check_first_admin(token, now=now)
    folded = await check_login(login)
    check_password(password, login=folded, name=name)
    async with DB.transaction():
        await use_token(token_id, now=now)
        person_id = await write_person(NewPerson(name=name), now=now)
        account_id = await write_account(person_id, folded, password, now=now)
        province = await organisations.children(None)
        await write_appointment(
            person_id,
            Role.SYS_A,
            now=now,
            start=local_day(now),
            organisation_id=province[0].id if province else None,
        )
        token_of_session = await service_sessions.begin(
            account_id, person_id, now=now, device=device, replaces=viewer.session_id
        )
        who = Viewer(account_id=account_id, person_id=person_id, request_id=viewer.request_id)
        await audit(who, "account.first_admin", "account", account_id, now=now)
    return SignedIn(token=token_of_session, account_id=account_id, person_id=person_id, has_second_factor=False)


async def viewer_after(signed_in: SignedIn, now: datetime) -> Viewer:
    """Return the viewer of a session that has just begun, to find their start page."""
    return await queries.viewer_for_token(signed_in.token, now)
