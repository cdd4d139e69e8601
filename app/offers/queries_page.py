"""One offer as its page shows it, and the files it shows."""

import json
from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.images import StoredPicture, pictures_of
from app.kit.viewer import NOBODY, STAFF_ROLES, Role, Viewer
from app.offers.kinds import KINDS
from app.offers.queries import OfferFacts, OpenWish, is_own, may_verify, open_wishes, seen_by
from app.offers.rules import CHECKLISTS, LEGAL_NOTES, fits_person, provider_label, street_of
from app.offers.rules_public import public_lines
from app.people import queries as people
from app.regions import rules as regions


class OfferPageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the detail page of an offer says."""

    id: UUID
    no: str
    type: str
    kind_label: str
    title: str
    text: str
    state: str
    price: str
    chips: tuple[str, ...]
    provider: str
    provider_verified: bool
    place: str
    places_left: int
    lines: tuple[tuple[str, str], ...]
    checks: tuple[str, ...]
    verified_until: date | None
    photos: tuple[StoredPicture, ...]
    notes: tuple[str, ...]
    not_for_me: str
    wishes: tuple[OpenWish, ...]
    may_ask: bool
    own: bool
    public: bool


async def page_of(viewer: Viewer, offer_id: UUID, *, now: datetime) -> OfferPageFacts | None:
    """Return the page of an offer this viewer may see, or None."""
    offer = await seen_by(viewer, offer_id, now)
    if offer is None or not offer.terms:
        return None
    kind = KINDS[offer.type]
    terms = kind.from_json(offer.terms)
    card = kind.card(terms)
    own = is_own(viewer, offer)
    inside = own or await may_verify(viewer, offer.org_path, offer.region_code)
    return OfferPageFacts(
        id=offer.id,
        no=offer.no,
        type=offer.type,
        kind_label=kind.label,
        title=offer.title,
        text=offer.text,
        state=offer.state,
        price=card.line,
        chips=tuple(chip for chip in card.chips if chip),
        provider=provider_label(
            offer.provider_type,
            offer.provider_name,
            anonymous=bool(getattr(terms, "anonymous", False)) and not inside,
            known=inside or viewer.role in STAFF_ROLES,
        ),
        provider_verified=offer.provider_state == "VERIFIED",
        place=regions.label(offer.region_code),
        places_left=offer.remaining,
        lines=kind.summary(terms) if inside else _with_street(offer, public_lines(kind, terms)),
        checks=await checked(offer),
        verified_until=offer.verified_until,
        photos=(await pictures_of("offer", [offer.id])).get(offer.id, ()),
        notes=LEGAL_NOTES[offer.type],
        not_for_me=await _not_for(viewer, offer, now),
        wishes=await open_wishes(viewer, offer.type, now),
        may_ask=viewer.role in {Role.STU, Role.ANON},
        own=own,
        public=offer.state == "PUBLISHED" and offer.valid_to >= local_day(now),
    )


def _with_street(offer: OfferFacts, lines: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Show the street of a home instead of its door (the door is told at confirmation)."""
    street = street_of(str(offer.terms.get("address", ""))) if offer.type == "HOUSE" else ""
    return (*lines, ("大致位置", f"{street}（确认后告诉你门牌）")) if street else lines


async def checked(offer: OfferFacts) -> tuple[str, ...]:
    """Return what reviewers have checked in the present round, in words."""
    rows = await DB.rows(
        "SELECT checklist FROM offer_review WHERE offer = $1 AND round = $2 AND decision = 'PASS'",
        offer.id,
        offer.review_round,
    )
    ticked = {code for row in rows for code in json.loads(row["checklist"])}
    return tuple(label for code, label in CHECKLISTS[offer.type].items() if code in ticked)


async def _not_for(viewer: Viewer, offer: OfferFacts, now: datetime) -> str:
    """Return why an offer is not meant for the student who looks, or an empty text."""
    if viewer.role is not Role.STU or viewer.person_id is None:
        return ""
    student = await people.student(viewer.person_id, now)
    if student is None or fits_person(offer.age_min, offer.age_max, offer.stages, age=student.age, stage=student.stage):
        return ""
    if not offer.age_min <= student.age <= offer.age_max:
        return f"这条供给面向 {offer.age_min} 到 {offer.age_max} 周岁，你现在 {student.age} 周岁。"
    return "这条供给面向其他学段的同学。"


class StoredFileFacts(msgspec.Struct, frozen=True):
    """A stored picture that may be sent: its hash, and whether anybody may see it."""

    sha256: str
    public: bool


async def file_for(viewer: Viewer, file_id: UUID, *, now: datetime) -> StoredFileFacts | None:
    """Return a picture of an offer if the viewer may see the offer; pictures of anything else are not served here."""
    rows = await DB.rows(
        "SELECT object_id, sha256 FROM stored_file WHERE id = $1 AND object_type = 'offer' AND kind = 'photo'", file_id
    )
    if not rows or rows[0]["object_id"] is None:
        return None
    offer = await seen_by(viewer, rows[0]["object_id"], now)
    if offer is None:
        return None
    anybody = await seen_by(NOBODY, offer.id, now) is not None
    return StoredFileFacts(rows[0]["sha256"], anybody)
