"""Complaints and fraud signals: hide at once, investigate by somebody else, revoke by two people (domain 6.2)."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotFound, SignInNeeded
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.viewer import SYSTEM, Viewer
from app.offers.errors import AnotherReviewer, ReasonNeeded
from app.offers.rules import HIDES_OFFER, HIDES_PROVIDER, PROVIDER_MAY_OFFER, REPORT_SEVERITY, RUNNING
from app.offers.service_places import fill_or_open
from app.offers.service_review import deny, provider_must_be, reviewer_of, reviewers_of
from app.offers.service_state import OfferRow, locked, move, read, tell_owners
from app.offers.tables import OfferReport
from app.organisations import queries_supply as supply
from app.organisations import service_providers
from app.people import queries as people


async def report(viewer: Viewer, offer_id: UUID, kind: str, text: str, *, now: datetime) -> bool:
    """File a complaint about an offer; from severity 2 the offer is hidden at once. Returns whether it was.

    Severity 3 (fraud, fees, harassment) hides every running offer of the provider. One open complaint for each
    account and offer: repeating it changes nothing.
    """
    if viewer.account_id is None:
        raise SignInNeeded
    severity = REPORT_SEVERITY[kind]
    async with DB.transaction():
        row = await locked(offer_id)
        if row.provider_id is None or row.state == "DRAFT":
            raise NotFound
        known = await DB.value(
            "SELECT 1 FROM offer_report WHERE offer = $1 AND account_id = $2 AND state = 'OPEN'",
            offer_id,
            viewer.account_id,
        )
        if not known:
            await _file(viewer, row, kind, severity, text, now)
        await audit(viewer, "offer.report", "offer", offer_id, now=now)
        if severity >= HIDES_OFFER and row.state in RUNNING:
            await suspend_row(row, SYSTEM, "SYS", f"举报：{kind}", now)
        if severity >= HIDES_PROVIDER:
            await suspend_provider(row.provider_id, f"举报：{kind}（{row.no}）", now=now)
        if not known:
            await _tell_investigators(row, now)
    return severity >= HIDES_OFFER


async def _file(viewer: Viewer, row: OfferRow, kind: str, severity: int, text: str, now: datetime) -> None:
    await OfferReport(
        id=new_id(),
        offer=row.id,
        provider_id=row.provider_id,
        account_id=viewer.account_id,
        kind=kind,
        severity=severity,
        text=text,
        data_class="L3",
        created_at=now,
        updated_at=now,
    ).save()


async def _tell_investigators(row: OfferRow, now: datetime) -> None:
    for account in await people.reviewers(row.region_code, local_day(now), org_path=row.org_path):
        await notify(account, "review.waiting", f"/review/offers/{row.id}", now=now)


async def suspend(viewer: Viewer, offer_id: UUID, reason: str, *, now: datetime) -> None:
    """Hide a running offer because a reviewer sees signs of fraud."""
    await reviewer_of(viewer, offer_id, "offer.suspend", now=now)
    if not reason.strip():
        raise ReasonNeeded
    async with DB.transaction():
        await suspend_row(await locked(offer_id), viewer, "REVIEWER", reason, now)


async def suspend_row(row: OfferRow, viewer: Viewer, actor: str, reason: str, now: datetime) -> OfferRow:
    """Make one running offer SUSPENDED and tell its owners."""
    row = await move(row, "fraud_signal", actor, viewer=viewer, now=now, reason=reason)
    await audit(viewer, "offer.suspend", "offer", row.id, now=now)
    await tell_owners(row, "offer.ended", now)
    return row


async def suspend_provider(provider_id: UUID, reason: str, *, now: datetime) -> int:
    """Hide every running offer of a provider; returns how many were hidden."""
    async with DB.transaction():
        ids = await _running_of(provider_id)
        for offer_id in ids:
            await suspend_row(await locked(offer_id), SYSTEM, "SYS", reason, now)
        return len(ids)


async def revoke_provider(provider_id: UUID, *, now: datetime) -> int:
    """Revoke every running offer of a provider who was revoked; returns how many. Safe to run twice."""
    async with DB.transaction():
        ids = await _running_of(provider_id)
        for offer_id in ids:
            row = await move(await locked(offer_id), "provider_revoked", "SYS", viewer=SYSTEM, now=now)
            await tell_owners(row, "offer.ended", now)
        return len(ids)


async def _running_of(provider_id: UUID) -> list[UUID]:
    rows = await DB.rows(
        "SELECT id FROM offer WHERE provider_id = $1 AND state = ANY($2::text[]) ORDER BY id FOR UPDATE",
        provider_id,
        sorted(RUNNING),
    )
    return [row["id"] for row in rows]


async def _investigator(viewer: Viewer, offer_id: UUID, what: str, now: datetime) -> None:
    await reviewer_of(viewer, offer_id, what, now=now)
    if viewer.account_id in await reviewers_of(offer_id):
        refusal = AnotherReviewer("您核验过这条供给，调查要由另一位审核人员来做。")
        await deny(viewer, what, offer_id, now=now, refusal=refusal)


async def clear(viewer: Viewer, offer_id: UUID, finding: str, *, now: datetime) -> None:
    """End an investigation without a fault: the offer is published again."""
    await _investigator(viewer, offer_id, "offer.cleared", now)
    if not finding.strip():
        raise ReasonNeeded("请写明调查结论。")
    async with DB.transaction():
        row = await locked(offer_id)
        await provider_must_be(row, PROVIDER_MAY_OFFER)
        row = await move(
            row,
            "cleared",
            "INVESTIGATOR",
            viewer=viewer,
            now=now,
            reason=finding,
            revoke_asked_by=None,
            revoke_reason="",
            ended_at=None,
        )
        await _decide_reports(viewer, row.id, "CLEARED", finding, now)
        await audit(viewer, "offer.cleared", "offer", row.id, now=now)
        await tell_owners(row, "offer.verified", now)
        await fill_or_open(row, now)


async def confirm(viewer: Viewer, offer_id: UUID, finding: str, *, now: datetime) -> bool:
    """Confirm a fault; the second person's confirmation revokes the offer. Returns whether it is revoked now."""
    await _investigator(viewer, offer_id, "offer.confirmed", now)
    if not finding.strip():
        raise ReasonNeeded("请写明调查结论。")
    if (await read(offer_id)).revoke_asked_by == viewer.account_id:
        refusal = AnotherReviewer("您已经提出撤销，还需要第二个人确认。")
        await deny(viewer, "offer.confirmed", offer_id, now=now, refusal=refusal)
    async with DB.transaction():
        row = await locked(offer_id)
        if row.state == "SUSPENDED" and row.revoke_asked_by is None:
            await DB.rows(
                "UPDATE offer SET revoke_asked_by = $2, revoke_reason = $3, updated_at = $4 WHERE id = $1",
                row.id,
                viewer.account_id,
                finding,
                now,
            )
            await audit(viewer, "offer.ask_revoke", "offer", row.id, now=now)
            return False
        row = await move(row, "confirmed", "INVESTIGATOR", viewer=viewer, now=now, reason=finding)
        worst = await _decide_reports(viewer, row.id, "CONFIRMED", finding, now)
        if worst >= HIDES_PROVIDER and row.provider_id is not None:
            await _revoke_whole_provider(viewer, row.provider_id, finding, now)
        await audit(viewer, "offer.confirmed", "offer", row.id, now=now)
        await tell_owners(row, "offer.ended", now)
        return True


async def _revoke_whole_provider(viewer: Viewer, provider_id: UUID, finding: str, now: datetime) -> None:
    """Two people confirmed fraud, fees or harassment: the provider goes, not just one of its offers."""
    provider = await supply.one(provider_id)
    if provider is not None and provider.state in {"VERIFIED", "SUSPENDED", "LAPSED"}:
        await service_providers.revoke(viewer, provider_id, finding, now=now)


async def _decide_reports(viewer: Viewer, offer_id: UUID, state: str, decision: str, now: datetime) -> int:
    """Close the open complaints about an offer and tell who complained; returns the worst severity, 0 for none."""
    rows = await DB.rows(
        """
        UPDATE offer_report SET state = $2, decision = $3, decided_by = $4, decided_at = $5, updated_at = $5
        WHERE offer = $1 AND state = 'OPEN' RETURNING account_id, severity
        """,
        offer_id,
        state,
        decision,
        viewer.account_id,
        now,
    )
    for row in rows:
        await notify(row["account_id"], "need.closed", "/notifications", now=now)
    return max((row["severity"] for row in rows), default=0)
