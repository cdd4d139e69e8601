"""Everything one page shows about a match to one of its two sides."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.viewer import Viewer
from app.matches import queries as matches
from app.matches import queries_views
from app.matches.queries import MatchFacts
from app.matches.queries_views import Contact, ProposalCard, RequestLine
from app.matches.rules import AGREEMENT_LABELS, HOLDS_PLACE, SERVICE_KINDS, agreement_missing, may_cancel
from app.needs import queries as needs
from app.people import queries as people
from app.sessions import queries
from app.sessions.queries import SessionFacts
from app.sessions.rules import LIVE, may_check_in, may_move


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmed match for one side: the other side's contact, sessions, and what can be done now."""

    match: MatchFacts
    side: str
    contact: Contact | None
    sessions: tuple[SessionFacts, ...]
    free: tuple[datetime, ...]
    modes: tuple[str, ...]
    by_session: bool
    may_book: bool
    may_cancel: bool
    may_start: bool
    may_record: bool
    may_finish: bool
    may_rate: bool
    missing: tuple[str, ...]
    agreement: tuple[tuple[str, str], ...]

    may_move: bool
    may_drop: bool

    @property
    def next(self) -> SessionFacts | None:
        """The session that is running or booked, or else proposed."""
        return _coming(self.sessions)


def _coming(sessions: tuple[SessionFacts, ...]) -> SessionFacts | None:
    live = [one for one in sessions if one.state in LIVE]
    return min(live, key=lambda one: ("RUNNING", "BOOKED", "PROPOSED").index(one.state), default=None)


async def meeting(viewer: Viewer, match_id: UUID, *, now: datetime) -> Meeting:
    """Return a match with everything its page needs; 404 for anybody who is not one of its two sides."""
    side = await queries_views.side(viewer, match_id, now)
    match = await matches.find(match_id)
    assert match is not None
    held = await queries.of_match(match_id)
    coming = _coming(held)
    by_session = match.kind in SERVICE_KINDS
    open_for_booking = match.state in {"CONFIRMED", "NO_SHOW_S", "NO_SHOW_P", "IN_PROGRESS"}
    may_book = by_session and open_for_booking and coming is None
    waits = coming is not None and coming.state == "BOOKED" and coming.checked_in_at is None
    moves = waits and coming is not None and may_move(coming.start, now) and match.state in {"SCHEDULED", "IN_PROGRESS"}
    free = await queries.free_of(match, now, but=coming.id if coming else None) if may_book or moves else ()
    student = await people.student(match.student_id, now)
    missing = agreement_missing(match.kind, student.age if student else 0, match.agreement)
    starts = (
        coming is not None and coming.state == "BOOKED" and may_check_in(coming.start, now)
        if by_session
        else match.state == "SCHEDULED"
    )
    done = any(one.state == "DONE" for one in held) or not by_session
    return Meeting(
        match=match,
        side=side,
        contact=await queries_views.contact_for(viewer, match_id, now=now),
        sessions=held,
        free=tuple(slot for slot in free if coming is None or slot != coming.start),
        modes=await queries.modes_of(match) if may_book or moves else (),
        may_move=moves,
        may_drop=moves and match.state == "IN_PROGRESS",
        by_session=by_session,
        may_book=may_book,
        may_cancel=match.state in {"CONFIRMED", "SCHEDULED"} and may_cancel(match.state, match.next_at, now),
        may_start=side == "PROVIDER" and starts,
        may_record=side == "PROVIDER" and coming is not None and coming.state == "RUNNING",
        may_finish=side == "PROVIDER" and match.state == "IN_PROGRESS" and done,
        may_rate=match.state == "COMPLETED" and side not in await queries.feedback_given(match_id),
        missing=missing if match.state == "CONFIRMED" else (),
        agreement=tuple(
            (label, str(match.agreement[name]).replace("yes", "已确认"))
            for name, label in AGREEMENT_LABELS.items()
            if match.agreement.get(name)
        ),
    )


def _waited_in_vain(met: Meeting | None) -> bool:
    """Tell whether the last meeting of a running match was missed by the provider and no other one is planned."""
    if met is None or met.match.state != "IN_PROGRESS" or met.next is not None or not met.sessions:
        return False
    held = [one for one in met.sessions if one.state != "CANCELLED"]
    return bool(held) and held[-1].attendance == "P_ABSENT"


class MyHelp(msgspec.Struct, frozen=True, kw_only=True):
    """The proposals of one need as its student sees them, and the confirmed one with its sessions."""

    waiting: tuple[ProposalCard, ...]
    confirmed: ProposalCard | None
    meeting: Meeting | None
    ended: tuple[ProposalCard, ...]
    hints: tuple[str, ...]
    apology: bool
    rate: UUID | None


async def my_help(viewer: Viewer, need_id: UUID, *, now: datetime) -> MyHelp:
    """Return what the student's page shows below the timeline."""
    cards = await queries_views.proposals_for(viewer, need_id, now)
    holding = next((card for card in cards if card.match.state in HOLDS_PLACE), None)
    last = next((card for card in cards if card.match.state == "COMPLETED"), None)
    waiting = queries_views.open_ones(cards)
    shown = holding or (last if not waiting else None)
    run = await matches.last_run(need_id)
    student = shown is not None and bool(await needs.stands_for(viewer, shown.match.student_id, now))
    met = await meeting(viewer, shown.match.id, now=now) if shown is not None and student else None
    return MyHelp(
        waiting=waiting,
        confirmed=shown,
        meeting=met,
        ended=tuple(card for card in cards if card not in waiting and card is not shown),
        hints=run.hints if run is not None and not waiting and holding is None else (),
        apology=holding is not None and (holding.match.state == "NO_SHOW_P" or _waited_in_vain(met)),
        rate=shown.match.id if shown is not None and met is not None and met.may_rate else None,
    )


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's requests by what is to be done."""

    asked: tuple[RequestLine, ...]
    invitations: tuple[RequestLine, ...]
    running: tuple[RequestLine, ...]
    ended: tuple[RequestLine, ...]


async def desk(viewer: Viewer, *, now: datetime) -> Desk:
    """Return the provider's requests, grouped."""
    lines = await queries_views.requests_for(viewer, now)
    return Desk(
        asked=tuple(line for line in lines if line.match.state == "S_ACCEPTED"),
        invitations=tuple(line for line in lines if line.match.state in {"PROPOSED", "P_ACCEPTED"}),
        running=tuple(line for line in lines if line.match.state in HOLDS_PLACE),
        ended=tuple(
            line for line in lines if line.match.state not in HOLDS_PLACE | {"S_ACCEPTED", "PROPOSED", "P_ACCEPTED"}
        ),
    )
