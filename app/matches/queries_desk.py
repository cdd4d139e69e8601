"""What the desk sees of matches: complaints to decide, and running help that may have to be stopped (domain 6.3)."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.kit.audit import Change, audit, history
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, grant_for, require
from app.kit.viewer import Viewer
from app.matches import queries
from app.matches.queries import MatchFacts
from app.matches.queries_views import Contact
from app.matches.rules import STOPPABLE
from app.needs import queries as needs
from app.needs.queries import NeedCard
from app.offers import queries as offers
from app.organisations import queries_providers as providers
from app.people import queries as people

RECENTLY = timedelta(days=30)


class DisputeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One complaint in the queue; no name of a student, and no words of the complaint."""

    match_id: UUID
    offer_title: str
    provider: str
    kind: str
    state: str
    by_student: bool
    at: datetime


class RunningLine(msgspec.Struct, frozen=True, kw_only=True):
    """Help that is booked or running for a student who needs protection."""

    match_id: UUID
    offer_title: str
    state: str


class DeskMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One match for the desk; who both sides are is shown to whoever decides a complaint, with an audit row."""

    match: MatchFacts
    offer_title: str
    provider: str
    card: NeedCard | None
    changes: tuple[Change, ...]
    parties: tuple[Contact, ...]
    may_decide: bool
    may_stop: bool


async def disputes(viewer: Viewer, *, now: datetime) -> tuple[DisputeLine, ...]:
    """Return the complaints that wait, oldest first, and after them what was decided in the last thirty days."""
    require(viewer, "match.dispute", "A")
    rows = await DB.rows(
        """
        SELECT m.id AS match_id, m.offer_id, m.kind, m.state, c.actor, c.at FROM match m
        JOIN LATERAL (SELECT actor, at FROM state_change WHERE object_id = m.id AND event = 'complain'
                      ORDER BY at DESC LIMIT 1) c ON true
        WHERE m.state = 'DISPUTED' OR c.at > $1
        ORDER BY m.state = 'DISPUTED' DESC, CASE WHEN m.state = 'DISPUTED' THEN c.at END, c.at DESC, m.id LIMIT 200
        """,
        now - RECENTLY,
    )
    known = await offers.many({row["offer_id"] for row in rows})
    return tuple(
        DisputeLine(
            match_id=row["match_id"],
            offer_title=known[row["offer_id"]].title,
            provider=known[row["offer_id"]].provider_name,
            kind=row["kind"],
            state=row["state"],
            by_student=row["actor"] == "STUDENT",
            at=row["at"],
        )
        for row in rows
    )


async def waiting(viewer: Viewer) -> int:
    """Return how many complaints wait for a decision."""
    require(viewer, "match.dispute", "A")
    count: int = await DB.value("SELECT count(*)::int FROM match WHERE state = 'DISPUTED'")
    return count


async def ensure_in_reach(viewer: Viewer, match: MatchFacts, now: datetime) -> None:
    """Raise NotFound unless the desk may act on this match; a school psychologist only for their own students."""
    grant = require(viewer, "match.stop", "A")
    student = await people.student(match.student_id, now)
    if grant.scope is not Scope.ALL and (student is None or not viewer.covers(student.school_path)):
        raise NotFound


async def for_desk(viewer: Viewer, match_id: UUID, *, now: datetime) -> DeskMatch:
    """Return one match for the desk, or NotFound outside its reach."""
    require(viewer, "match.stop", "A")
    match = await queries.find(match_id)
    if match is None:
        raise NotFound
    await ensure_in_reach(viewer, match, now)
    offer = await offers.facts(match.offer_id)
    decides = grant_for(viewer, "match.dispute", "A") is not None and match.state == "DISPUTED"
    await audit(viewer, "match.desk", "match", match_id, now=now, fields=["parties"] if decides else [])
    return DeskMatch(
        match=match,
        offer_title=offer.title if offer else "",
        provider=offer.provider_name if offer else "",
        card=(await needs.cards([match.need_id], now)).get(match.need_id),
        changes=tuple(await history(match_id)),
        parties=await _parties(viewer, match, now) if decides else (),
        may_decide=decides,
        may_stop=match.state in STOPPABLE,
    )


async def _parties(viewer: Viewer, match: MatchFacts, now: datetime) -> tuple[Contact, ...]:
    """Return whom to call before a complaint is decided: the student and the provider."""
    student = await people.student(match.student_id, now)
    person, phone = await providers.contact_of(match.provider_id)
    window = student.safe_contact_window if student else ""
    return (
        Contact(
            who=student.name if student else "",
            phone=await people.phone_of(viewer, match.student_id),
            lines=(("方便的时间", window),) if window else (),
        ),
        Contact(who=person, phone=phone),
    )


async def running_of(student_id: UUID) -> tuple[RunningLine, ...]:
    """Return what is booked or running for a student; the caller has checked that the viewer protects them."""
    found = [match for match in await queries.live_where("student_id", student_id) if match.state in STOPPABLE]
    known = await offers.many({match.offer_id for match in found})
    return tuple(
        RunningLine(match_id=match.id, offer_title=known[match.offer_id].title, state=match.state) for match in found
    )
