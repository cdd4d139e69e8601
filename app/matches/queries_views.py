"""What each side sees of its matches: cards without names, and contact details only once both have confirmed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.parts import ScorePart
from app.kit.permissions import require
from app.kit.viewer import PROVIDER_ROLES, Role, Viewer
from app.matches import queries
from app.matches.queries import COLUMNS, MatchFacts, match_of
from app.matches.rules import (
    ENDED_REASONS,
    HOLDS_PLACE,
    OPEN_STATES,
    SHARED,
    SHARED_LABELS,
    STATES,
    contact_open,
    purpose_for,
)
from app.needs import queries as needs
from app.needs.queries import NeedCard
from app.offers import queries as offers
from app.offers.kinds import KINDS
from app.offers.queries import OfferFacts
from app.organisations import queries_providers as providers
from app.people import queries as people

SHOW_ENDED_FOR = timedelta(days=30)
_VOLUNTEER = "已核验的志愿者"
_SPONSOR = "经青基会办理的资助方"


class ProposalCard(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal as the student sees it: no name of a volunteer, what it is, and why it was proposed."""

    match: MatchFacts
    title: str
    text: str
    provider: str
    kind_label: str
    line: str
    chips: tuple[str, ...]
    state_label: str
    ended_label: str
    parts: tuple[ScorePart, ...]
    fix: str
    notes: tuple[str, ...]
    shared_labels: tuple[str, ...]
    purpose: str


class RequestLine(msgspec.Struct, frozen=True, kw_only=True):
    """One request as the provider sees it: a pseudonym and what is needed to decide, never who it is."""

    match: MatchFacts
    offer_title: str
    card: NeedCard | None
    state_label: str
    ended_label: str
    invitation: bool


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who the other side is; only for the two parties, only inside the platform."""

    who: str
    phone: str = ""
    lines: tuple[tuple[str, str], ...] = ()


def _provider_words(offer: OfferFacts, *, confirmed: bool) -> str:
    if offer.type == "SPONSOR":
        return _SPONSOR
    if offer.provider_type == "VOL" and not confirmed:
        return _VOLUNTEER
    return offer.provider_name


def _card(match: MatchFacts, offer: OfferFacts | None) -> ProposalCard:
    card = None
    if offer is not None and offer.type in KINDS:
        kind = KINDS[offer.type]
        card = kind.card(kind.from_json(offer.terms))
    return ProposalCard(
        match=match,
        title=offer.title if offer else "",
        text=offer.text if offer else "",
        provider=_provider_words(offer, confirmed=match.state in HOLDS_PLACE) if offer else "",
        kind_label=KINDS[match.kind].label if match.kind in KINDS else "",
        line=card.line if card else "",
        chips=card.chips if card else (),
        state_label=STATES[match.state],
        ended_label=ENDED_REASONS.get(match.ended_reason, ""),
        parts=match.parts,
        fix=match.fix,
        notes=match.notes,
        shared_labels=tuple(SHARED_LABELS[name] for name in SHARED.get(match.kind, ())),
        purpose=purpose_for(match.kind),
    )


async def proposals_for(viewer: Viewer, need_id: UUID, now: datetime) -> tuple[ProposalCard, ...]:
    """Return every match of a need as cards; 404 for anybody the need does not belong to.

    Proposals come first, on top the one the whole picture assigns, then the best fit; after them what has moved on,
    newest first.
    """
    await needs.own(viewer, need_id, now)
    found = await queries.of_need(need_id)
    known = await offers.many({match.offer_id for match in found})
    newest_first = list(reversed(found))
    newest_first.sort(key=_shown_first)
    return tuple(_card(match, known.get(match.offer_id)) for match in newest_first)


def _shown_first(match: MatchFacts) -> tuple[bool, bool, float]:
    """Order the cards of a need: open proposals, the assigned one, the best fit."""
    open_ = match.state == "PROPOSED"
    return not open_, open_ and match.rank != 1, -match.score if open_ else 0.0


async def proposal(viewer: Viewer, match_id: UUID, now: datetime) -> ProposalCard:
    """Return one match as the student's card; 404 for everybody else."""
    match = await queries.find(match_id)
    if match is None or not await needs.stands_for(viewer, match.student_id, now):
        raise NotFound
    return _card(match, await offers.facts(match.offer_id))


async def requests_for(viewer: Viewer, now: datetime) -> tuple[RequestLine, ...]:
    """Return what the viewer's provider has to answer or serve; the foundation sees every sponsorship.

    Proposals are shown before the student has answered only when a cadre brought the offer (invitations).
    """
    require(viewer, "match", "A")
    if viewer.role in PROVIDER_ROLES and viewer.provider_id is not None:
        where = "provider_id = $1"
        key: UUID | None = viewer.provider_id
    elif viewer.role is Role.FND:
        where, key = "kind = 'SPONSOR' AND $1::uuid IS NOT NULL", viewer.account_id
    else:
        raise NotFound
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS} FROM match
        WHERE {where} AND state NOT IN ('S_DECLINED', 'LAPSED') AND (ended_at IS NULL OR ended_at > $2)
        ORDER BY coalesce(next_at, deadline_at, ended_at), id
        """,  # noqa: S608 - clauses are ours, values are arguments
        key,
        now - SHOW_ENDED_FOR,
    )
    return await _lines([match_of(row) for row in rows], now)


async def _lines(found: list[MatchFacts], now: datetime) -> tuple[RequestLine, ...]:
    known = await offers.many({match.offer_id for match in found})
    cards = await needs.cards([match.need_id for match in found], now)
    lines: list[RequestLine] = []
    for match in found:
        offer = known.get(match.offer_id)
        sourced = offer is not None and offer.source_appointment is not None
        if match.state == "PROPOSED" and not sourced:
            continue
        lines.append(
            RequestLine(
                match=match,
                offer_title=offer.title if offer else "",
                card=cards.get(match.need_id),
                state_label="等您回复" if match.state == "S_ACCEPTED" else STATES[match.state],
                ended_label=ENDED_REASONS.get(match.ended_reason, ""),
                invitation=match.state == "PROPOSED",
            )
        )
    return tuple(lines)


async def request_line(viewer: Viewer, match_id: UUID, now: datetime) -> RequestLine:
    """Return one request for the provider's side; 404 for everybody else."""
    match = await queries.find(match_id)
    acts = match is not None and (
        (viewer.role in PROVIDER_ROLES and viewer.provider_id == match.provider_id)
        or (viewer.role is Role.FND and match.kind == "SPONSOR" and viewer.second_factor)
    )
    lines = await _lines([match], now) if match is not None and acts else ()
    if not lines or lines[0].match.state in {"S_DECLINED", "LAPSED"}:
        raise NotFound
    return lines[0]


async def side(viewer: Viewer, match_id: UUID, now: datetime) -> str:
    """Return STUDENT or PROVIDER for the two parties of a match; 404 for everybody else."""
    match = await queries.find(match_id)
    if match is None:
        raise NotFound
    if await needs.stands_for(viewer, match.student_id, now):
        return "STUDENT"
    await request_line(viewer, match_id, now)
    return "PROVIDER"


async def contact_for(viewer: Viewer, match_id: UUID, *, now: datetime) -> Contact | None:
    """Return the other side's name and contact, from CONFIRMED until 30 days after the end; None before and after.

    Only the two parties get an answer; each look at a student's details leaves an audit row.
    """
    part = await side(viewer, match_id, now)
    match = await queries.find(match_id)
    if match is None or not contact_open(match.state, match.ended_at, now):
        return None
    if part == "STUDENT":
        return await _provider_contact(viewer, match)
    await audit(viewer, "match.contact", "match", match_id, now=now, fields=match.shared_fields)
    return await _student_contact(viewer, match, now)


async def _provider_contact(viewer: Viewer, match: MatchFacts) -> Contact:
    if match.kind == "SPONSOR":
        offer = await offers.facts(match.offer_id)
        foundation = str(offer.terms.get("via_foundation", "")) if offer else ""
        return Contact(who=foundation or "青基会", lines=(("办理方式", "由基金会与你联系，资助方不会知道你是谁。"),))
    volunteer = (await people.volunteer_of_provider([match.provider_id])).get(match.provider_id)
    if volunteer is not None:
        return Contact(who=volunteer.name, phone=await people.phone_of(viewer, volunteer.person_id))
    name = (await providers.facts([match.provider_id]))[match.provider_id].legal_name
    person, phone = await providers.contact_of(match.provider_id)
    return Contact(who=name, phone=phone, lines=(("联系人", person),))


async def _student_contact(viewer: Viewer, match: MatchFacts, now: datetime) -> Contact:
    student = await people.student(match.student_id, now)
    if student is None:
        raise NotFound
    if viewer.role is Role.SPO:
        return Contact(who="受助同学", lines=(("办理方式", "请通过青基会办理，平台不提供学生的联系方式。"),))
    shared: dict[str, Any] = {
        "window": student.safe_contact_window,
        "school": student.school_name,
        "major": student.major,
    }
    wanted = SHARED.get(match.kind, ())
    phone = await people.phone_of(viewer, match.student_id) if "phone" in wanted or viewer.role is Role.FND else ""
    lines = tuple((SHARED_LABELS[name], str(shared[name])) for name in wanted if shared.get(name))
    return Contact(who=student.name, phone=phone, lines=lines)


class Waiting(msgspec.Struct, frozen=True):
    """How many matches of a provider wait for an answer, and how many run."""

    asked: int = 0
    running: int = 0


async def waiting_of(viewer: Viewer) -> Waiting:
    """Return the counts of the provider's workbench."""
    if viewer.provider_id is None:
        return Waiting()
    rows = await DB.rows(
        """
        SELECT count(*) FILTER (WHERE state = 'S_ACCEPTED')::int AS asked,
               count(*) FILTER (WHERE state = ANY($2::text[]))::int AS running
        FROM match WHERE provider_id = $1
        """,
        viewer.provider_id,
        sorted(HOLDS_PLACE),
    )
    return Waiting(**rows[0])


def open_ones(cards: tuple[ProposalCard, ...]) -> tuple[ProposalCard, ...]:
    """Return the cards that wait for an answer."""
    return tuple(card for card in cards if card.match.state in OPEN_STATES)
