"""Answers of the two sides: accept, decline, confirm; the last place goes to one person only (domain 6.3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.consents import service as consents
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.viewer import PROVIDER_ROLES, Role, Viewer
from app.matches import queries
from app.matches.errors import GuardianMissing, NotInvited, OfferDoesNotFit, WaitingAlready
from app.matches.queries import MatchFacts
from app.matches.rules import DECLINE_CODES, HOLDS_PLACE, SHARED, purpose_for
from app.matches.service_propose import choose_offer, propose
from app.matches.service_steps import end_others, lock, move, tell_provider, tell_student
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.offers import queries as offers
from app.offers import service_places
from app.offers.errors import NoPlaceLeft
from app.people import queries as people
from app.people.rules import needs_guardian_for

__all__ = [
    "as_provider",
    "as_student",
    "choose_offer",
    "propose",
    "provider_accepts",
    "provider_declines",
    "student_accepts",
    "student_declines",
]


async def as_student(viewer: Viewer, match: MatchFacts, now: datetime) -> None:
    """Check that the viewer is the student (or the guardian of a young child); a stranger finds nothing."""
    if not await needs.stands_for(viewer, match.student_id, now):
        raise NotFound


def as_provider(viewer: Viewer, match: MatchFacts) -> None:
    """Check that the viewer acts for the provider; the foundation acts for sponsors. A stranger finds nothing."""
    acts = viewer.role in PROVIDER_ROLES and viewer.provider_id == match.provider_id
    foundation = viewer.role is Role.FND and match.kind == "SPONSOR" and viewer.second_factor
    if not acts and not foundation:
        raise NotFound


async def student_accepts(viewer: Viewer, match_id: UUID, *, now: datetime, agree: bool = False) -> MatchFacts:
    """Accept a proposal. `agree` gives the consent to tell this provider the listed data; without it, it must exist.

    Below 14 the guardian speaks; below 18 internships, homes and sponsorships need the guardian's consent as well.
    Raises ConsentNeeded, GuardianMissing, WaitingAlready, OfferDoesNotFit, or NoPlaceLeft (after an invitation).
    """
    try:
        async with DB.transaction():
            match = await lock(match_id)
            await as_student(viewer, match, now)
            await _check_student(match, now)
            purpose = purpose_for(match.kind)
            if agree:
                await consents.give(
                    viewer,
                    match.student_id,
                    (purpose,),
                    now=now,
                    recipient=match.provider_id,
                    items=SHARED[match.kind],
                )
            consent_id = await consents.require_consent(match.student_id, purpose, now=now, recipient=match.provider_id)
            shared = list(SHARED[match.kind])
            if match.state == "P_ACCEPTED":
                return await _confirm(
                    match, "student_accepts", "STUDENT", viewer=viewer, now=now, consent_id=consent_id, shared=shared
                )
            await _check_offer(match)
            match = await move(
                match,
                "student_accepts",
                "STUDENT",
                viewer=viewer,
                now=now,
                s_accepted_at=now,
                consent_id=consent_id,
                shared_fields=shared,
            )
            await tell_provider(match, "match.asked", now=now)
            return match
    except NoPlaceLeft:
        await _no_place(viewer, match_id, now=now)
        raise


async def _check_student(match: MatchFacts, now: datetime) -> None:
    student = await people.student(match.student_id, now)
    if student is None:
        raise NotFound
    if needs_guardian_for(student.age, match.kind) and not student.guardian_consent:
        raise GuardianMissing
    for other in await queries.live_where("need_id", match.need_id):
        if other.id != match.id and (other.state == "S_ACCEPTED" or other.state in HOLDS_PLACE):
            raise WaitingAlready


async def _check_offer(match: MatchFacts) -> None:
    offer = await offers.facts(match.offer_id)
    if offer is None or offer.state != "PUBLISHED" or offer.remaining < 1:
        raise OfferDoesNotFit(["这一项刚刚不再开放，或者名额已满。"])


async def student_declines(
    viewer: Viewer, match_id: UUID, *, now: datetime, code: str = "", note: str = ""
) -> MatchFacts:
    """Say no, with or without a reason; this pair is never proposed again for this need."""
    async with DB.transaction():
        match = await lock(match_id)
        await as_student(viewer, match, now)
        return await move(
            match,
            "student_declines",
            "STUDENT",
            viewer=viewer,
            now=now,
            reason=code,
            decline_code=code if code in DECLINE_CODES else "",
            decline_note=note[:200],
            ended_reason="declined_s",
        )


async def provider_accepts(viewer: Viewer, match_id: UUID, *, now: datetime) -> MatchFacts:
    """Accept a student's request and take the place, or accept first when a cadre brought the offer.

    When the last place has just gone to somebody else, the match ends with code DC05, the student is shown the next
    candidate, and NoPlaceLeft says so.
    """
    try:
        async with DB.transaction():
            match = await lock(match_id)
            as_provider(viewer, match)
            if match.state == "PROPOSED":
                return await _accept_first(match, viewer, now)
            return await _confirm(match, "provider_accepts", "PROVIDER", viewer=viewer, now=now)
    except NoPlaceLeft:
        await _no_place(viewer, match_id, now=now)
        raise


async def _accept_first(match: MatchFacts, viewer: Viewer, now: datetime) -> MatchFacts:
    offer = await offers.facts(match.offer_id)
    if offer is None or offer.source_appointment is None:
        raise NotInvited
    await _check_offer(match)
    match = await move(match, "provider_accepts", "PROVIDER", viewer=viewer, now=now)
    await tell_student(match, "match.proposed", now=now)
    return match


async def _confirm(
    match: MatchFacts,
    event: str,
    actor: str,
    *,
    viewer: Viewer,
    now: datetime,
    consent_id: UUID | None = None,
    shared: list[str] | None = None,
) -> MatchFacts:
    """Take the place under the offer's row lock and bring both sides together; the other proposals lapse."""
    await service_places.take_place(match.offer_id, now=now)
    changes: dict[str, Any] = {"confirmed_at": now, "holds_place": 1}
    if consent_id is not None:
        changes |= {"consent_id": consent_id, "shared_fields": shared, "s_accepted_at": now}
    moved = await move(match, event, actor, viewer=viewer, now=now, **changes)
    await needs_progress.match_confirmed(match.need_id, now=now)
    await end_others(moved, now=now)
    await tell_student(moved, "match.confirmed", now=now)
    await tell_provider(moved, "match.confirmed", now=now)
    return moved


async def _no_place(viewer: Viewer, match_id: UUID, *, now: datetime) -> None:
    """End a match whose place went to somebody else; the fact brings the next candidate."""
    async with DB.transaction():
        match = await lock(match_id)
        if match.state == "S_ACCEPTED":
            await move(
                match,
                "provider_declines",
                "PROVIDER",
                viewer=viewer,
                now=now,
                reason="DC05",
                decline_code="DC05",
                ended_reason="no_place",
            )
        elif match.state == "P_ACCEPTED":
            await move(match, "no_answer", "SYS", viewer=viewer, now=now, reason="no_place", ended_reason="no_place")
        else:
            return
        await tell_student(match, "match.ended", now=now)


async def provider_declines(viewer: Viewer, match_id: UUID, code: str, *, now: datetime, note: str = "") -> MatchFacts:
    """Say no with a code; it costs the provider nothing, and the next candidate follows at once."""
    async with DB.transaction():
        match = await lock(match_id)
        as_provider(viewer, match)
        match = await move(
            match,
            "provider_declines",
            "PROVIDER",
            viewer=viewer,
            now=now,
            reason=code,
            decline_code=code if code in DECLINE_CODES else "DC99",
            decline_note=note[:200],
            ended_reason="declined_p",
        )
        await tell_student(match, "match.ended", now=now)
        return match
