"""Give, require and withdraw a consent."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from app.consents import queries
from app.consents.errors import ConsentNeeded, NotYoursToGive, RecipientNeeded
from app.consents.rules import (
    CHILD_PURPOSES,
    NEEDS_RECIPIENT,
    OWN_FROM,
    RECORDED_METHODS,
    TEXTS,
    giver,
    settles_at_once,
)
from app.consents.tables import Consent
from app.kit.audit import audit
from app.kit.clock import SHANGHAI
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import CADRE_ROLES, Role, Viewer
from app.people import queries as people
from app.people import service as people_service
from app.people import service_guardians

_RECORDING_ROLES = CADRE_ROLES | {Role.PSY, Role.SEA}


async def require_consent(
    subject_id: UUID, purpose: str, *, now: datetime, recipient: UUID | None = None, given_by: str = ""
) -> UUID:
    """Return the consent that allows this, or raise ConsentNeeded, which says which one is missing.

    With `given_by="GUARDIAN"` a guardian's consent is asked for, as internships and sponsorship below 18 do.
    """
    found = await queries.consent_id(subject_id, purpose, recipient, now=now, given_by=given_by)
    if found is None:
        student = await people.student(subject_id, now)
        by_guardian = given_by == "GUARDIAN" or (student is not None and student.age < OWN_FROM)
        raise ConsentNeeded(purpose, TEXTS[purpose].label, by_guardian=by_guardian)
    return found


async def give(
    viewer: Viewer,
    subject_id: UUID,
    purposes: Iterable[str],
    *,
    now: datetime,
    recipient: UUID | None = None,
    items: Iterable[str] = (),
    method: str = "TAP",
) -> list[UUID]:
    """Write consents in the text of today; a consent that stands already in this text is not written twice.

    The student gives from fourteen, a verified guardian below; cadres may record what was signed or said by phone.
    """
    wanted = tuple(dict.fromkeys(purposes))
    if any((purpose in NEEDS_RECIPIENT) != (recipient is not None) for purpose in wanted):
        raise RecipientNeeded
    async with DB.transaction():
        given_by, given_by_person = await _speaker(viewer, subject_id, method, now)
        made = [
            await _give_one(
                viewer, subject_id, given_by, given_by_person, purpose, now, recipient, tuple(items), method
            )
            for purpose in wanted
        ]
        if given_by == "GUARDIAN" and "P02" in wanted:
            await service_guardians.mark_consent(subject_id, given_by_person, given=True, now=now)
    return made


async def give_own(person_id: UUID, purposes: Iterable[str], *, now: datetime) -> None:
    """Write consents of an adult who has just signed up with the text before them."""
    viewer = Viewer(person_id=person_id)
    async with DB.transaction():
        for purpose in purposes:
            await _give_one(viewer, person_id, "SELF", person_id, purpose, now, None, (), "TAP")


async def give_as_guardian(student_id: UUID, guardian_id: UUID, *, now: datetime) -> None:
    """Write what a verified guardian agreed to: all a child needs to begin; from fourteen the help alone."""
    student = await people.student(student_id, now)
    if student is None:
        raise NotFound
    purposes = CHILD_PURPOSES if student.age < OWN_FROM else ("P02",)
    viewer = Viewer(person_id=guardian_id)
    async with DB.transaction():
        for purpose in purposes:
            await _give_one(viewer, student_id, "GUARDIAN", guardian_id, purpose, now, None, (), "TAP")
        await service_guardians.mark_consent(student_id, guardian_id, given=True, now=now)


async def _give_one(  # noqa: PLR0913, PLR0917 - the columns of one consent
    viewer: Viewer,
    subject_id: UUID,
    given_by: str,
    given_by_person: UUID,
    purpose: str,
    now: datetime,
    recipient: UUID | None,
    items: tuple[str, ...],
    method: str,
) -> UUID:
    text = TEXTS[purpose]
    standing: UUID | None = await DB.value(
        """
        SELECT id FROM consent WHERE subject_id = $1 AND purpose = $2 AND recipient_id IS NOT DISTINCT FROM $3
          AND given_by = $4 AND text_version = $5 AND withdrawn_at IS NULL AND expires_at IS NULL
        """,
        subject_id,
        purpose,
        recipient,
        given_by,
        text.version,
    )
    if standing is not None:
        return standing
    consent = Consent(
        subject_id=subject_id,
        given_by=given_by,
        given_by_person=given_by_person,
        purpose=purpose,
        recipient_id=recipient,
        items=list(items or text.items),
        text_version=text.version,
        at=now,
        method=method,
        created_at=now,
        updated_at=now,
        created_by_appointment=viewer.appointment_id,
        data_class="L3",
        legal_basis=f"consent:{purpose}",
    )
    await consent.save()
    await audit(viewer, "consent.give", "consent", consent.id, now=now, purpose=purpose)
    await record("consent.given", subject_id, now=now, purpose=purpose, consent_id=consent.id, recipient_id=recipient)
    return consent.id


async def _speaker(viewer: Viewer, subject_id: UUID, method: str, now: datetime) -> tuple[str, UUID]:
    """Return (SELF or GUARDIAN, the person who said yes), or refuse."""
    student = await people.student(subject_id, now)
    if student is None:
        if viewer.person_id == subject_id:
            return "SELF", subject_id
        raise NotYoursToGive
    guardians = await service_guardians.verified_guardians(subject_id)
    if viewer.person_id is not None and method == "TAP":
        said_by = giver(
            student.age, is_subject=viewer.person_id == subject_id, is_guardian=viewer.person_id in guardians
        )
        if said_by is None:
            raise NotYoursToGive
        return said_by, viewer.person_id
    by_system = not viewer.signed_in and bool(viewer.name)
    recorded = (
        method in RECORDED_METHODS
        and viewer.role in _RECORDING_ROLES
        and (viewer.role is Role.SEA or viewer.covers(student.school_path))
    )
    if not by_system and not recorded:
        raise NotYoursToGive
    if student.age >= OWN_FROM:
        return "SELF", subject_id
    if not guardians:
        raise NotYoursToGive("14 岁以前要由监护人同意，这位同学还没有核对过的监护人。")
    return "GUARDIAN", guardians[0]


async def withdraw(viewer: Viewer, consent_id: UUID, *, now: datetime) -> None:
    """Take a consent back: by the subject, or by the guardian who gave it. Others learn it by fact."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            SELECT id, subject_id, purpose, recipient_id, given_by, given_by_person FROM consent
            WHERE id = $1 AND withdrawn_at IS NULL FOR UPDATE
            """,
            consent_id,
        )
        row = rows[0] if rows else None
        if (
            row is None
            or viewer.person_id is None
            or viewer.person_id not in {row["subject_id"], row["given_by_person"]}
        ):
            raise NotFound
        await DB.rows(
            """
            UPDATE consent SET withdrawn_at = $2, updated_at = $2, version = version + 1,
                   withdraw_effect_done_at = CASE WHEN $3 THEN $2 ELSE withdraw_effect_done_at END
            WHERE id = $1
            """,
            consent_id,
            now,
            settles_at_once(row["purpose"]),
        )
        await audit(viewer, "consent.withdraw", "consent", consent_id, now=now, purpose=row["purpose"])
        await record(
            "consent.withdrawn",
            row["subject_id"],
            now=now,
            purpose=row["purpose"],
            subject=row["subject_id"],
            consent_id=consent_id,
            recipient_id=row["recipient_id"],
        )
        if row["given_by"] == "GUARDIAN" and row["purpose"] == "P02":
            await service_guardians.mark_consent(row["subject_id"], row["given_by_person"], given=False, now=now)
        if row["purpose"] == "P01":
            await people_service.close_account(viewer, row["subject_id"], now=now)
        await _tell_subject(viewer, row["subject_id"], now)


async def _tell_subject(viewer: Viewer, subject_id: UUID, now: datetime) -> None:
    account = await people.account_of_person(subject_id)
    if account is not None and account != viewer.account_id:
        await notify(account, "consent.changed", "/consents", now=now)


async def effect_done(consent_id: UUID, *, now: datetime) -> None:
    """Note that the recipient of a withdrawn consent has been told and sees nothing any more."""
    await DB.rows(
        """
        UPDATE consent SET withdraw_effect_done_at = $2, updated_at = $2
        WHERE id = $1 AND withdrawn_at IS NOT NULL AND withdraw_effect_done_at IS NULL
        """,
        consent_id,
        now,
    )


async def forget(subject_id: UUID) -> None:
    """Delete every consent of a person who is deleted; there is nobody left whom it could allow anything about."""
    await DB.rows("DELETE FROM consent WHERE subject_id = $1", subject_id)


async def guardians_consents_end(
    subject_id: UUID, *, birthday: date, until: datetime, now: datetime, link: str = "/consents"
) -> None:
    """On a boundary birthday: let what guardians agreed to before it run out at `until`, and ask for the own consent.

    What a guardian agrees to afterwards, such as an internship at sixteen, is left alone.
    """
    async with DB.transaction():
        changed = await DB.rows(
            """
            UPDATE consent SET expires_at = $2, updated_at = $3, version = version + 1
            WHERE subject_id = $1 AND given_by = 'GUARDIAN' AND withdrawn_at IS NULL
              AND (expires_at IS NULL OR expires_at > $2) AND at < $4
            RETURNING id
            """,
            subject_id,
            until,
            now,
            datetime.combine(birthday, time(), SHANGHAI),
        )
        account = await people.account_of_person(subject_id)
        if changed and account is not None:
            await notify(account, "consent.changed", link, now=now)


async def settle_ended(now: datetime) -> int:
    """Take a guardian's agreement off the link once it has run out and no newer one stands; returns how many."""
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE consent SET withdraw_effect_done_at = $1, updated_at = $1
            WHERE given_by = 'GUARDIAN' AND purpose = 'P02' AND withdrawn_at IS NULL AND expires_at <= $1
              AND withdraw_effect_done_at IS NULL RETURNING subject_id, given_by_person
            """,
            now,
        )
        for row in rows:
            standing = await queries.consent_id(row["subject_id"], "P02", now=now, given_by="GUARDIAN")
            if standing is None:
                await service_guardians.mark_consent(row["subject_id"], row["given_by_person"], given=False, now=now)
        return len(rows)
