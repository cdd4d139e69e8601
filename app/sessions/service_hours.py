"""Credit, declare and confirm hours; issue and revoke certificates."""

import secrets
from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import new_token
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.notify import notify
from app.kit.permissions import require
from app.kit.viewer import Role, Viewer
from app.organisations import queries as organisations
from app.organisations import queries_providers as providers
from app.people import queries as people
from app.people import queries_vetting
from app.sessions import queries_hours
from app.sessions.errors import DecidedAlready, NoHours, TooManyHours
from app.sessions.queries import SessionFacts
from app.sessions.rules_hours import MOST_A_DAY, certificate_no, credited
from app.sessions.tables import HoursCertificate, HoursEntry


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """Time a volunteer gave outside booked sessions."""

    day: date
    minutes: int
    what: str


async def credit(session: SessionFacts, *, now: datetime) -> None:
    """Credit a volunteer with the time of a completed session, once; nobody else can write such an entry."""
    volunteer = (await people.volunteer_of_provider([session.provider_id])).get(session.provider_id)
    if volunteer is None or session.state != "DONE":
        return
    if await HoursEntry.exists().where(HoursEntry.session_id == session.id):
        return
    await HoursEntry(
        person_id=volunteer.person_id,
        provider_id=session.provider_id,
        kind="CREDIT",
        session_id=session.id,
        day=local_day(session.start),
        minutes=credited(session.minutes, session.start, session.end),
        what="完成一次预约服务",
        state="CONFIRMED",
        decided_at=now,
        created_at=now,
        updated_at=now,
        data_class="L2",
        legal_basis="duty",
    ).save()


async def declare(viewer: Viewer, declared: Declaration, *, now: datetime) -> UUID:
    """Declare time of one's own; it counts once somebody else has confirmed it."""
    require(viewer, "hours", "C")
    if viewer.person_id is None or viewer.provider_id is None or viewer.account_id is None:
        raise NotFound
    async with DB.transaction():
        await DB.rows("SELECT pg_advisory_xact_lock(hashtextextended('hours:' || $1, 0))", str(viewer.person_id))
        same_day = await DB.value(
            """
            SELECT coalesce(sum(minutes), 0)::int FROM service_hours
            WHERE person_id = $1 AND day = $2 AND kind = 'ADDED' AND state <> 'REFUSED'
            """,
            viewer.person_id,
            declared.day,
        )
        if same_day + declared.minutes > MOST_A_DAY:
            raise TooManyHours
        entry = HoursEntry(
            person_id=viewer.person_id,
            provider_id=viewer.provider_id,
            kind="ADDED",
            day=declared.day,
            minutes=declared.minutes,
            what=declared.what,
            declared_by=viewer.account_id,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            data_class="L2",
            legal_basis="duty",
        )
        await entry.save()
        await audit(viewer, "hours.declare", "hours", entry.id, now=now, fields=["minutes"])
        for account in await _confirmers(viewer.provider_id, local_day(now)):
            if account != viewer.account_id:
                await notify(account, "review.waiting", "/review/hours", now=now, once_unread=True)
    return entry.id


async def _confirmers(provider_id: UUID, day: date) -> list[UUID]:
    """Return the accounts of the city that confirm the hours of a volunteer, or else those of the province."""
    region = (await providers.facts([provider_id]))[provider_id].region_code
    org = await organisations.org_for_region(region)
    path = org.path if org else ""
    return await people.accounts_in_role([Role.CIT, Role.PRV], path, day)


async def decide(viewer: Viewer, entry_id: UUID, *, confirmed: bool, reason: str, now: datetime) -> None:
    """Confirm declared hours or not; nobody decides about their own."""
    require(viewer, "hours", "A")
    async with DB.transaction():
        rows = await DB.rows(
            "SELECT person_id, state, kind, declared_by FROM service_hours WHERE id = $1 FOR UPDATE", entry_id
        )
        if not rows or rows[0]["kind"] != "ADDED":
            raise NotFound
        entry = rows[0]
        await queries_vetting.ensure_in_scope(viewer, entry["person_id"])
        if viewer.person_id == entry["person_id"] or viewer.account_id == entry["declared_by"]:
            raise NotAllowed("自己登记的时数要由别人确认。")
        if entry["state"] != "WAITING":
            raise DecidedAlready
        await HoursEntry.update(
            {
                "state": "CONFIRMED" if confirmed else "REFUSED",
                "decided_by": viewer.account_id,
                "decided_at": now,
                "reason": reason,
                "updated_at": now,
                "version": HoursEntry.version + 1,
            },
            force=True,
        ).where(HoursEntry.id == entry_id)
        await audit(viewer, "hours.confirm" if confirmed else "hours.refuse", "hours", entry_id, now=now)
        await notify(entry["declared_by"], "hours.decided", "/hours", now=now)


async def issue(viewer: Viewer, first: date, last: date, *, now: datetime) -> UUID:
    """Issue a certificate of the confirmed hours between two days."""
    require(viewer, "hours", "C")
    if viewer.person_id is None:
        raise NotFound
    async with DB.transaction():
        sums = await queries_hours.sums_of(viewer.person_id, first, last)
        if not sums.credit + sums.added:
            raise NoHours
        paper = HoursCertificate(
            no=certificate_no(local_day(now), secrets.token_hex(4)),
            code=new_token(),
            person_id=viewer.person_id,
            name=viewer.name[:60],
            first_day=first,
            last_day=last,
            credit_minutes=sums.credit,
            added_minutes=sums.added,
            sessions=sums.sessions,
            issued_at=now,
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            data_class="L3",
            legal_basis="duty",
        )
        await paper.save()
        await audit(viewer, "hours.certificate", "hours_certificate", paper.id, now=now)
    return paper.id


async def revoke(viewer: Viewer, certificate_id: UUID, reason: str, *, now: datetime) -> None:
    """Revoke a certificate: its owner, or those who confirm hours; strangers read when."""
    async with DB.transaction():
        await DB.rows("SELECT 1 FROM service_hours_certificate WHERE id = $1 FOR UPDATE", certificate_id)
        paper = await queries_hours.certificate(viewer, certificate_id)
        if paper.revoked_at is not None:
            raise DecidedAlready("这张证明已经撤销了。")
        await HoursCertificate.update(
            {
                "revoked_at": now,
                "revoked_by": viewer.account_id,
                "revoked_reason": reason,
                "updated_at": now,
                "version": HoursCertificate.version + 1,
            },
            force=True,
        ).where(HoursCertificate.id == certificate_id)
        await audit(viewer, "hours.revoke_certificate", "hours_certificate", certificate_id, now=now)
        owner = await people.account_of_person(paper.person_id)
        if owner is not None and owner != viewer.account_id:
            await notify(owner, "hours.decided", "/hours", now=now)
