"""Who is behind a session, and what other capabilities may know about students, volunteers and guardians."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import age_on, local_day
from app.kit.crypto import token_hash, vault
from app.kit.db import DB
from app.kit.viewer import NOBODY, Hat, Role, Viewer
from app.organisations import queries as organisations
from app.people.rules import band, in_target_group, stage_on
from app.people.rules_sign_in import TOUCH_EVERY, idle_life


async def viewer_for_token(token: str, now: datetime) -> Viewer:
    """Return the viewer of a session cookie; an unknown, ended or revoked session is nobody."""
    rows = await DB.rows(
        """
        SELECT s.id AS session_id, s.hat_id, s.second_factor_at, s.last_seen, a.id AS account_id,
               p.id AS person_id, p.name
        FROM sign_in_session s JOIN account a ON a.id = s.account JOIN person p ON p.id = a.person
        WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.status = 'ACTIVE'
        """,
        token_hash(token),
        now,
    )
    if not rows:
        return NOBODY
    row = rows[0]
    hats = await hats_of(row["person_id"], local_day(now))
    if now - row["last_seen"] >= TOUCH_EVERY:
        await _touch(row["session_id"], now, idle_life(hat.role for hat in hats))
    worn = next((hat for hat in hats if hat.id == row["hat_id"]), hats[0] if hats else None)
    return Viewer(
        account_id=row["account_id"],
        person_id=row["person_id"],
        name=row["name"],
        hat=worn,
        hats=hats,
        session_id=row["session_id"],
        second_factor=row["second_factor_at"] is not None,
    )


async def _touch(session_id: UUID, now: datetime, life: timedelta) -> None:
    """Note, at most once a minute, that a session is in use; it lives on from here."""
    await DB.rows(
        "UPDATE sign_in_session SET last_seen = $2, expires_at = greatest(expires_at, $3) WHERE id = $1",
        session_id,
        now,
        now + life,
    )


async def hats_of(person_id: UUID, day: date) -> tuple[Hat, ...]:
    """Return the appointments of a person that hold on a day; one ends at 23:59 of its last day (domain 8.2)."""
    rows = await DB.rows(
        """
        SELECT id, role, organisation_id, provider_id, start, "end" FROM appointment
        WHERE person = $1 AND start <= $2 AND ("end" IS NULL OR "end" >= $2) ORDER BY start DESC, id
        """,
        person_id,
        day,
    )
    orgs = await organisations.lines({row["organisation_id"] for row in rows if row["organisation_id"]})
    names = await organisations.provider_names({row["provider_id"] for row in rows if row["provider_id"]})
    return tuple(_hat(row, orgs, names) for row in rows)


def _hat(row: dict[str, Any], orgs: dict[UUID, organisations.OrgLine], names: dict[UUID, str]) -> Hat:
    org = orgs.get(row["organisation_id"])
    return Hat(
        id=row["id"],
        role=Role(row["role"]),
        org_id=row["organisation_id"],
        org_path=org.path if org else "",
        org_name=names.get(row["provider_id"], org.name if org else ""),
        start=row["start"],
        end=row["end"],
        provider_id=row["provider_id"],
    )


async def account_of_person(person_id: UUID) -> UUID | None:
    """Return the account a person can be notified at, or None."""
    found: UUID | None = await DB.value(
        "SELECT id FROM account WHERE person = $1 AND status = 'ACTIVE' ORDER BY created_at LIMIT 1", person_id
    )
    return found


async def accounts_of_person(person_id: UUID) -> list[UUID]:
    """Return every account of a person."""
    return [row["id"] for row in await DB.rows("SELECT id FROM account WHERE person = $1", person_id)]


async def has_account(person_id: UUID) -> bool:
    """Tell whether a person has any account, also one that waits for its code."""
    return await DB.value("SELECT 1 FROM account WHERE person = $1 LIMIT 1", person_id) is not None


async def accounts_in_role(
    roles: list[Role], org_path: str, day: date, *, but: Collection[UUID] = (), at_least: int = 1
) -> list[UUID]:
    """Return the accounts that hold one of the roles today at this organisation, or else at the next one above it.

    Accounts in `but` are left out before the nearest organisation is chosen. With `at_least` the next ones above are
    added until there are that many.
    """
    ids = [UUID(part) for part in org_path.split("/") if part]
    rows = await DB.rows(
        """
        SELECT a.id, array_position($2::uuid[], t.organisation_id) AS place
        FROM appointment t JOIN account a ON a.person = t.person AND a.status = 'ACTIVE'
        WHERE t.role = ANY($1::text[]) AND t.organisation_id = ANY($2::uuid[])
          AND t.start <= $3 AND (t."end" IS NULL OR t."end" >= $3) AND a.id <> ALL($4::uuid[])
        ORDER BY place DESC, a.id
        """,
        [role.value for role in roles],
        ids,
        day,
        list(but),
    )
    found: dict[UUID, int] = {}
    for row in rows:
        if len(found) >= at_least and row["place"] < min(found.values()):
            break
        found.setdefault(row["id"], row["place"])
    return list(found)


async def reviewers(
    region_code: str, day: date, *, org_path: str = "", but: Collection[UUID] = (), at_least: int = 1
) -> list[UUID]:
    """Return the reviewers who are nearest to what waits: by the organisation that brought it, else by its region."""
    if not org_path:
        org = await organisations.org_for_region(region_code)
        org_path = org.path if org else ""
    return await accounts_in_role([Role.REV], org_path, day, but=but, at_least=at_least)


class StudentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What other capabilities need of a student; never more than a gate or a card asks for."""

    person_id: UUID
    account_id: UUID | None
    name: str
    sex: str
    birth_date: date
    age: int
    band: str
    stage: str
    grade_year: int
    school_id: UUID
    school_path: str
    school_name: str
    class_name: str
    branch_id: UUID | None
    languages: tuple[str, ...]
    gender_pref: str
    region_code: str
    major: str
    safe_contact_window: str
    guardian_consent: bool
    enrol_state: str
    target_group: bool


class VolunteerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What matching needs of a volunteer."""

    person_id: UUID
    provider_id: UUID
    name: str
    vetting: str
    level: str
    sex: str
    languages: tuple[str, ...]
    weekly_cap: int
    adult_only: bool
    last_check: date | None
    credential: str
    credential_expiry: date | None
    school_id: UUID | None
    paused: bool


_STUDENT_SQL = """
SELECT p.id AS person_id, p.name, p.sex, p.birth_date, s.stage, s.grade_year, s.school_id, s.class_name, s.branch_id,
       s.languages, s.gender_pref, s.region_code, s.major, s.safe_contact_window, s.enrol_state, s.graduated_on,
       (SELECT a.id FROM account a WHERE a.person = p.id AND a.status = 'ACTIVE' ORDER BY a.created_at LIMIT 1)
           AS account_id,
       EXISTS (SELECT 1 FROM guardian_link g WHERE g.student_person_id = p.id AND g.state = 'ACTIVE'
               AND g.verified_at IS NOT NULL AND g.consented_at IS NOT NULL) AS guardian_consent
FROM student_profile s JOIN person p ON p.id = s.person
WHERE p.id = ANY($1::uuid[]) AND p.birth_date IS NOT NULL
"""


async def students(ids: Iterable[UUID], now: datetime) -> dict[UUID, StudentFacts]:
    """Return students by person id, with age, band and stage of today; who is no student is left out."""
    rows = await DB.rows(_STUDENT_SQL, list(set(ids)))
    schools = await organisations.lines({row["school_id"] for row in rows})
    return {row["person_id"]: _student_facts(row, schools, local_day(now)) for row in rows}


async def student(person_id: UUID, now: datetime) -> StudentFacts | None:
    """Return one student, or None."""
    return (await students([person_id], now)).get(person_id)


def _student_facts(row: dict[str, Any], schools: dict[UUID, organisations.OrgLine], day: date) -> StudentFacts:
    school = schools.get(row["school_id"])
    age = age_on(row["birth_date"], day)
    stage = stage_on(row["stage"], row.pop("graduated_on"), day)
    return StudentFacts(
        **(row | {"stage": stage, "languages": tuple(row["languages"] or ())}),
        age=age,
        band=band(age),
        school_path=school.path if school else "",
        school_name=school.name if school else "",
        target_group=in_target_group(age, stage),
    )


async def volunteer_of_provider(provider_ids: Iterable[UUID]) -> dict[UUID, VolunteerFacts]:
    """Return the volunteers behind providers of type VOL, by provider id."""
    rows = await DB.rows(
        """
        SELECT v.person AS person_id, v.provider_id, p.name, v.vetting, v.level, p.sex, v.languages, v.weekly_cap,
               v.adult_only, v.credential, v.credential_expiry, v.school_id, v.paused,
               (SELECT max(c.checked_on) FROM record_check c WHERE c.person = v.person AND c.result = 'CLEAR')
                   AS last_check
        FROM volunteer_profile v JOIN person p ON p.id = v.person WHERE v.provider_id = ANY($1::uuid[])
        """,
        list(set(provider_ids)),
    )
    return {row["provider_id"]: VolunteerFacts(**(row | {"languages": tuple(row["languages"] or ())})) for row in rows}


async def related_ids(person_id: UUID) -> frozenset[UUID]:
    """Return persons who must never be matched with this one: marked in either direction, and guardians."""
    rows = await DB.rows(
        """
        SELECT other_person_id AS id FROM relation_mark WHERE person_id = $1
        UNION SELECT person_id FROM relation_mark WHERE other_person_id = $1
        UNION SELECT guardian_person_id FROM guardian_link
              WHERE student_person_id = $1 AND guardian_person_id IS NOT NULL
        UNION SELECT student_person_id FROM guardian_link WHERE guardian_person_id = $1
        """,
        person_id,
    )
    return frozenset(row["id"] for row in rows)


async def wards_of(guardian_person_id: UUID) -> list[UUID]:
    """Return the students a verified guardian may act for; a link that may not be used for contact is left out."""
    rows = await DB.rows(
        """
        SELECT student_person_id AS id FROM guardian_link
        WHERE guardian_person_id = $1 AND state = 'ACTIVE' AND verified_at IS NOT NULL AND contact_allowed = 'YES'
        ORDER BY created_at
        """,
        guardian_person_id,
    )
    return [row["id"] for row in rows]


async def guardians_of(student_person_id: UUID) -> list[UUID]:
    """Return accounts of verified guardians who may be told."""
    rows = await DB.rows(
        """
        SELECT DISTINCT a.id FROM guardian_link g JOIN account a ON a.person = g.guardian_person_id
        WHERE g.student_person_id = $1 AND g.state = 'ACTIVE' AND g.verified_at IS NOT NULL
          AND g.contact_allowed = 'YES' AND a.status = 'ACTIVE'
        """,
        student_person_id,
    )
    return [row["id"] for row in rows]


async def accounts_of_provider(provider_id: UUID) -> list[UUID]:
    """Return the accounts that act for a provider."""
    rows = await DB.rows(
        """
        SELECT DISTINCT a.id FROM appointment t JOIN account a ON a.person = t.person AND a.status = 'ACTIVE'
        WHERE t.provider_id = $1 AND t.ended_at IS NULL
        """,
        provider_id,
    )
    return [row["id"] for row in rows]


async def names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return names of persons by id; the caller decides who may see them."""
    rows = await DB.rows("SELECT id, name FROM person WHERE id = ANY($1::uuid[])", list(set(person_ids)))
    return {row["id"]: row["name"] for row in rows}


async def phone_of(viewer: Viewer, person_id: UUID) -> str:
    """Return a person's phone number in clear, or an empty text; the caller has checked that the viewer may see it.

    Only somebody who is signed in (or the system) gets an answer; the audit row is written by the caller's verb.
    """
    assert viewer.signed_in or viewer.name, "a phone number is never shown to nobody"
    sealed = await DB.value("SELECT phone_sealed FROM person WHERE id = $1", person_id)
    return vault().unseal(bytes(sealed), f"person.phone:{person_id}") if sealed else ""
