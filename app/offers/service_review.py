"""Verifying an offer: pass, ask for more, refuse; never by whoever brought or wrote it (domain 6.2, 8.1)."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotAllowed, SignInNeeded
from app.kit.ids import new_id
from app.kit.permissions import grant_for
from app.kit.viewer import Viewer
from app.offers.errors import AnotherReviewer, ChecklistIncomplete, ProviderNotReady, ReasonNeeded
from app.offers.queries import may_verify
from app.offers.rules import holds_until, missing_checks, reviewers_needed
from app.offers.service_places import fill_or_open
from app.offers.service_state import OfferRow, locked, move, read, tell_owners
from app.offers.tables import OfferReview
from app.organisations import queries_supply as supply
from app.people import queries as people


class Passed(msgspec.Struct, frozen=True):
    """What a pass did: the state now, and how many more reviewers are needed."""

    state: str
    still_needed: int


async def deny(viewer: Viewer, what: str, offer_id: UUID, *, now: datetime, refusal: NotAllowed) -> None:
    """Write an audit row with result DENIED, which stays whatever follows, and refuse."""
    await audit(viewer, what, "offer", offer_id, now=now, result="DENIED")
    raise refusal


async def reviewer_of(viewer: Viewer, offer_id: UUID, what: str, *, now: datetime) -> OfferRow:
    """Return the offer if this viewer may verify it; a refusal is audited. Called before the transaction begins."""
    if not viewer.signed_in:
        raise SignInNeeded
    row = await read(offer_id)
    in_scope = await may_verify(viewer, row.org_path, row.region_code)
    if grant_for(viewer, "offer.review", "A") is None or not in_scope:
        await deny(viewer, what, offer_id, now=now, refusal=NotAllowed("您不能核验这条供给。"))
    involved = {row.source_account, row.author_account}
    if viewer.account_id in involved:
        await deny(viewer, what, offer_id, now=now, refusal=AnotherReviewer("您找来或填写的供给，不能由您自己核验。"))
    return row


async def pass_offer(
    viewer: Viewer, offer_id: UUID, ticked: Collection[str], *, now: datetime, note: str = ""
) -> Passed:
    """Pass an offer with its complete checklist; housing and sponsorship are published by the second reviewer."""
    await reviewer_of(viewer, offer_id, "offer.pass", now=now)
    async with DB.transaction():
        row = await locked(offer_id)
        missing = missing_checks(row.type, ticked)
        if missing:
            raise ChecklistIncomplete(f"还有 {len(missing)} 项没有勾选：{'、'.join(missing)}。")
        await provider_must_be(row, frozenset({"VERIFIED"}))
        before = await _passed_by(row)
        if viewer.account_id in before:
            raise AnotherReviewer("您已经通过了这条供给，还需要另一位审核人员。")
        await _write(row, viewer, "PASS", note, now, ticked)
        await audit(viewer, "offer.pass", "offer", row.id, now=now)
        still_needed = reviewers_needed(row.type) - len(before) - 1
        if still_needed > 0:
            assert row.state == "VERIFYING", "only an offer under verification has passes"
            return Passed(row.state, still_needed)
        row = await move(row, "pass", "REVIEWER", viewer=viewer, now=now, reason=note, **await _published(row, now))
        if row.type == "HOUSE":
            await _seen_on_site(row, now)
        await tell_owners(row, "offer.verified", now)
        row = await fill_or_open(row, now)
        return Passed(row.state, 0)


async def ask_more(viewer: Viewer, offer_id: UUID, reason: str, *, now: datetime) -> None:
    """Send an offer back with what is missing."""
    await _decide(viewer, offer_id, "ask_more", "MORE", reason, now)


async def fail(viewer: Viewer, offer_id: UUID, reason: str, *, now: datetime) -> None:
    """Refuse an offer for good; its owner is told why."""
    await _decide(viewer, offer_id, "fail", "FAIL", reason, now)


async def _decide(viewer: Viewer, offer_id: UUID, event: str, decision: str, reason: str, now: datetime) -> None:
    await reviewer_of(viewer, offer_id, f"offer.{event}", now=now)
    if not reason.strip():
        raise ReasonNeeded
    async with DB.transaction():
        row = await locked(offer_id)
        await _write(row, viewer, decision, reason, now)
        row = await move(row, event, "REVIEWER", viewer=viewer, now=now, reason=reason, return_reason=reason)
        await audit(viewer, f"offer.{event}", "offer", row.id, now=now)
        await tell_owners(row, "offer.returned", now)


async def provider_must_be(row: OfferRow, states: Collection[str]) -> None:
    """Refuse when the provider of an offer is in none of these states: nothing is shown for who was not verified."""
    provider = await supply.one(row.provider_id) if row.provider_id else None
    if provider is None or provider.state not in states:
        raise ProviderNotReady(
            "供给单位还没有通过核验，或已被停用，不能发布它的供给。", next_step="请先到“供给单位”里核验这个单位。"
        )


async def _write(
    row: OfferRow, viewer: Viewer, decision: str, reason: str, now: datetime, ticked: Collection[str] = ()
) -> None:
    if row.state != "VERIFYING":
        # The machine says it in words; the table of steps has no such event in this state.
        await move(row, "pass", "REVIEWER", viewer=viewer, now=now)
    await OfferReview(
        id=new_id(),
        offer=row.id,
        round=row.review_round,
        reviewer_account=viewer.account_id,
        decision=decision,
        checklist=json.dumps(sorted(ticked)),
        reason=reason,
        at=now,
        created_by_appointment=viewer.appointment_id,
    ).save()


async def _passed_by(row: OfferRow) -> set[UUID]:
    rows = await DB.rows(
        "SELECT reviewer_account FROM offer_review WHERE offer = $1 AND round = $2 AND decision = 'PASS'",
        row.id,
        row.review_round,
    )
    return {found["reviewer_account"] for found in rows}


async def _published(row: OfferRow, now: datetime) -> dict[str, Any]:
    expiry = None
    if row.type in {"COUNSEL", "STUDY"} and row.provider_id is not None:
        volunteer = (await people.volunteer_of_provider([row.provider_id])).get(row.provider_id)
        expiry = volunteer.credential_expiry if volunteer else None
    return {
        "published_at": now,
        "verified_until": holds_until(row.type, local_day(now), expiry),
        "return_reason": "",
        "ended_at": None,
        "reminded_on": None,
    }


async def _seen_on_site(row: OfferRow, now: datetime) -> None:
    """Write the reviewers' visit as the day of verification on site that the page and the matching show."""
    await DB.rows(
        "UPDATE offer SET terms = jsonb_set(terms::jsonb, '{verified_on_site}', to_jsonb($2::text)) WHERE id = $1",
        row.id,
        local_day(now).isoformat(),
    )


async def reviewers_of(offer_id: UUID) -> frozenset[UUID]:
    """Return every account that ever decided about an offer; an investigator must be somebody else."""
    rows = await DB.rows("SELECT DISTINCT reviewer_account FROM offer_review WHERE offer = $1", offer_id)
    return frozenset(row["reviewer_account"] for row in rows)
