"""Guardians: invited with a code, linked when they agree, verified by the school, never asked twice."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import Scope, require
from app.kit.viewer import Role, Viewer
from app.people import queries, service_sessions
from app.people.errors import GuardFailed, LinkUsed, NotPossible
from app.people.rules import ADULT_FROM, GUARDIAN_UNTIL, masked_name
from app.people.rules_sign_in import CODE_LIFE
from app.people.service import NewPerson, write_account, write_appointment, write_person
from app.people.service_sign_in import SignedIn, check_login, check_password
from app.people.tables import GuardianLink, OneTimeToken

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """What a guardian with a code is shown of the student: as little as lets them recognise their child."""

    link_id: UUID
    token_id: UUID
    student_id: UUID
    student_name: str
    school_name: str
    age: int
    by_school: bool


class NewGuardian(msgspec.Struct, frozen=True, kw_only=True):
    """A guardian who agrees."""

    name: str
    relation: str
    phone: str
    login: str
    password: str


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


async def invite(viewer: Viewer, student_id: UUID, *, now: datetime, relation: str = "OT") -> str:
    """Return a one-time invitation code for a guardian of this student, good for seven days.

    The student asks for it in their account, or the school hands it out on paper. A guardian who refused is not asked
    again (L-11 art. 22); one who may not be told for safety is not invited (domain 3.6).
    """
    student = await queries.student(student_id, now)
    if student is None:
        raise NotFound
    by_school = viewer.person_id != student_id
    if by_school:
        grant = require(viewer, "people", "U")
        if grant.scope is not Scope.ALL and not viewer.covers(student.school_path):
            raise NotFound
    if student.age >= ADULT_FROM:
        raise GuardFailed("年满 18 岁，不需要监护人。")
    async with DB.transaction():
        if await DB.value(
            "SELECT 1 FROM guardian_link WHERE student_person_id = $1 AND state = 'REFUSED' LIMIT 1", student_id
        ):
            raise GuardFailed(
                "监护人已经表示不同意，不再重复询问。", next_step="监护人改变主意时，可以由本人联系学校。"
            )
        code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
        link_id = new_id()
        await GuardianLink(
            id=link_id,
            student_person_id=student_id,
            relation=relation,
            state="INVITED",
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id if by_school else None,
            data_class="L3",
        ).save()
        await OneTimeToken(
            purpose="GUARDIAN",
            token_hash=vault().lookup(code),
            subject_id=link_id,
            expires_at=now + CODE_LIFE,
            created_at=now,
        ).save()
        await audit(viewer, "guardian.invite", "guardian_link", link_id, now=now)
    return f"{code[:5]}-{code[5:]}"


async def invitation(code: str, *, now: datetime) -> Invitation:
    """Return what a code stands for, LinkUsed when it is worth nothing, or the neutral NotPossible."""
    rows = await DB.rows(
        """
        SELECT t.id AS token_id, g.id AS link_id, g.student_person_id, g.created_by_appointment,
               g.contact_allowed <> 'YES' AS barred
        FROM one_time_token t JOIN guardian_link g ON g.id = t.subject_id
        WHERE t.purpose = 'GUARDIAN' AND t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > $2
        """,
        vault().lookup(_plain(code)),
        now,
    )
    if not rows:
        raise LinkUsed
    if rows[0]["barred"]:
        raise NotPossible
    student = await queries.student(rows[0]["student_person_id"], now)
    if student is None:
        raise LinkUsed
    return Invitation(
        link_id=rows[0]["link_id"],
        token_id=rows[0]["token_id"],
        student_id=student.person_id,
        student_name=masked_name(student.name),
        school_name=student.school_name,
        age=student.age,
        by_school=rows[0]["created_by_appointment"] is not None,
    )


async def agree(viewer: Viewer, code: str, new: NewGuardian, *, now: datetime, device: str) -> SignedIn:
    """Link a guardian who agrees. A code from the school is its proof; any other link waits for the school."""
    found = await invitation(code, now=now)
    await _refuse_barred(found.student_id, new.phone)
    folded = await check_login(new.login)
    check_password(new.password, login=folded, name=new.name)
    async with DB.transaction():
        await _use(found, now)
        person_id = await write_person(NewPerson(name=new.name, phone=new.phone), now=now)
        account_id = await write_account(person_id, folded, new.password, now=now)
        await write_appointment(person_id, Role.GUA, now=now, start=local_day(now))
        await DB.rows(
            """
            UPDATE guardian_link SET guardian_person_id = $2, relation = $3, state = 'ACTIVE', updated_at = $4,
                   verified_at = CASE WHEN $5 THEN $4::timestamptz END,
                   verified_by = created_by_appointment, version = version + 1
            WHERE id = $1
            """,
            found.link_id,
            person_id,
            new.relation,
            now,
            found.by_school,
        )
        token = await service_sessions.begin(account_id, person_id, now=now, device=device, replaces=viewer.session_id)
        who = Viewer(account_id=account_id, person_id=person_id, request_id=viewer.request_id)
        await audit(who, "guardian.agree", "guardian_link", found.link_id, now=now)
        await record("account.signed_up", account_id, now=now, person_id=person_id, role="GUA")
        if found.by_school:
            await _verified(found.student_id, person_id, now)
    return SignedIn(token=token, account_id=account_id, person_id=person_id, has_second_factor=False)


async def refuse(viewer: Viewer, code: str, *, now: datetime) -> None:
    """Note that a guardian says no: nothing about them is kept, and nobody asks again."""
    found = await invitation(code, now=now)
    async with DB.transaction():
        await _use(found, now)
        await DB.rows(
            "UPDATE guardian_link SET state = 'REFUSED', refused_at = $2, updated_at = $2 WHERE id = $1",
            found.link_id,
            now,
        )
        await audit(viewer, "guardian.refuse", "guardian_link", found.link_id, now=now)


async def verify(viewer: Viewer, link_id: UUID, proof: str, *, now: datetime) -> None:
    """Confirm for the school that this guardian is one, with the kind of proof; the agreement counts from now on."""
    async with DB.transaction():
        row = await _link_in_scope(viewer, link_id, now)
        if row["state"] != "ACTIVE" or row["verified_at"] is not None or row["contact_allowed"] != "YES":
            raise GuardFailed("这条监护关系现在不能核对。")
        await DB.rows(
            """
            UPDATE guardian_link SET verified_at = $2, verified_by = $3, proof = $4, updated_at = $2,
                   version = version + 1 WHERE id = $1
            """,
            link_id,
            now,
            viewer.appointment_id,
            proof,
        )
        await audit(viewer, "guardian.verify", "guardian_link", link_id, now=now, purpose=proof)
        await _verified(row["student_person_id"], row["guardian_person_id"], now)


async def bar(viewer: Viewer, student_id: UUID, link_id: UUID, reason: str, *, now: datetime) -> None:
    """Mark that this guardian may not be told, because telling would raise a danger; the reason is sealed.

    The decision is the school psychology teacher's or the 12355 supervisor's (domain 3.6), never a cadre's.
    """
    require(viewer, "guardian", "U")
    async with DB.transaction():
        row = await _link_in_scope(viewer, link_id, now)
        if row["student_person_id"] != student_id:
            raise NotFound
        if row["state"] not in {"ACTIVE", "INVITED"} or row["contact_allowed"] != "YES":
            raise GuardFailed("这条监护关系现在不能标记。")
        await DB.rows(
            """
            UPDATE guardian_link SET contact_allowed = 'NO_SAFETY', no_contact_reason_sealed = $2, consented_at = NULL,
                   updated_at = $3, version = version + 1 WHERE id = $1
            """,
            link_id,
            vault().seal(reason, f"guardian_link.reason:{link_id}"),
            now,
        )
        if row["guardian_person_id"] is not None:
            account = await queries.account_of_person(row["guardian_person_id"])
            if account is not None:
                await service_sessions.end_all(account, now=now)
        await audit(viewer, "guardian.bar", "guardian_link", link_id, now=now)


async def ensure_may_see(viewer: Viewer, student_id: UUID) -> None:
    """Refuse neutrally when a guardian opens a child's page that they may not see (domain 14, check 9)."""
    if viewer.person_id is None or student_id not in await queries.wards_of(viewer.person_id):
        raise NotPossible


async def verified_guardians(student_person_id: UUID) -> list[UUID]:
    """Return persons who may consent for a student: linked, verified by the school, and safe to involve."""
    rows = await DB.rows(
        """
        SELECT guardian_person_id AS id FROM guardian_link
        WHERE student_person_id = $1 AND state = 'ACTIVE' AND verified_at IS NOT NULL AND contact_allowed = 'YES'
          AND guardian_person_id IS NOT NULL ORDER BY created_at
        """,
        student_person_id,
    )
    return [row["id"] for row in rows]


async def mark_consent(student_person_id: UUID, guardian_person_id: UUID, *, given: bool, now: datetime) -> None:
    """Keep on the link whether this guardian's consent stands; `StudentFacts.guardian_consent` reads it."""
    await DB.rows(
        """
        UPDATE guardian_link SET consented_at = $3, updated_at = $4, version = version + 1
        WHERE student_person_id = $1 AND guardian_person_id = $2
        """,
        student_person_id,
        guardian_person_id,
        now if given else None,
        now,
    )


async def drop_silent(now: datetime) -> int:
    """Delete what waited for seven days in vain: no data of a child is kept without a guardian's yes (journey J06).

    These are invitations nobody answered, and guardians of somebody below fourteen whom the school did not confirm.
    A refusal stays as a bare mark, so that nobody asks again; a barred guardian stays barred.
    """
    before = now - CODE_LIFE
    await DB.rows("DELETE FROM one_time_token WHERE purpose = 'GUARDIAN' AND expires_at <= $1", now)
    rows = await DB.rows(
        """
        DELETE FROM guardian_link g USING person p
        WHERE p.id = g.student_person_id AND g.contact_allowed = 'YES' AND (
            (g.state = 'INVITED' AND g.created_at < $1)
            OR (g.state = 'ACTIVE' AND g.verified_at IS NULL AND g.updated_at < $1
                AND p.birth_date + make_interval(years => $2) > $3::date))
        RETURNING g.id, g.guardian_person_id
        """,
        before,
        GUARDIAN_UNTIL,
        local_day(now),
    )
    for row in rows:
        if row["guardian_person_id"] is not None:
            await _forget(row["guardian_person_id"], now)
    return len(rows)


async def _forget(guardian_id: UUID, now: datetime) -> None:
    """Delete the account and the person of a guardian who is nothing else here; `person.forgotten` tells the rest."""
    held = await DB.value(
        """
        SELECT 1 FROM person p WHERE p.id = $1 AND (
            EXISTS (SELECT 1 FROM guardian_link WHERE guardian_person_id = p.id)
            OR EXISTS (SELECT 1 FROM appointment WHERE person = p.id AND role <> 'GUA'))
        """,
        guardian_id,
    )
    if held:
        return
    await record("person.forgotten", guardian_id, now=now)
    for statement in (
        "DELETE FROM notification n USING account a WHERE a.id = n.account_id AND a.person = $1",
        "DELETE FROM sign_in_session s USING account a WHERE a.id = s.account AND a.person = $1",
        "DELETE FROM account WHERE person = $1",
        "DELETE FROM appointment WHERE person = $1",
        "DELETE FROM person WHERE id = $1",
    ):
        await DB.rows(statement, guardian_id)


async def _verified(student_id: UUID, guardian_id: UUID, now: datetime) -> None:
    await record("guardian.verified", student_id, now=now, student=student_id, guardian=guardian_id)
    account = await queries.account_of_person(guardian_id)
    if account is not None:
        await notify(account, "guardian.asked", f"/consents?subject={student_id}", now=now)


async def _use(found: Invitation, now: datetime) -> None:
    used = await DB.rows(
        "UPDATE one_time_token SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id", found.token_id, now
    )
    if not used:
        raise LinkUsed


async def _refuse_barred(student_id: UUID, phone: str) -> None:
    """Refuse somebody who comes back under another code after the school barred them."""
    barred = await DB.value(
        """
        SELECT 1 FROM guardian_link g JOIN person p ON p.id = g.guardian_person_id
        WHERE g.student_person_id = $1 AND g.contact_allowed = 'NO_SAFETY' AND p.phone_hash = $2
        """,
        student_id,
        vault().lookup(phone),
    )
    if barred:
        raise NotPossible


async def _link_in_scope(viewer: Viewer, link_id: UUID, now: datetime) -> dict[str, Any]:
    rows = await DB.rows("SELECT * FROM guardian_link WHERE id = $1 FOR UPDATE", link_id)
    student = await queries.student(rows[0]["student_person_id"], now) if rows else None
    if student is None or not viewer.covers(student.school_path):
        raise NotFound
    return rows[0]
