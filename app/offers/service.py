"""Bringing an offer: draft, submit, resubmit, renew, edit, pause, resume, withdraw."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.ids import new_id
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, SYSTEM, Viewer
from app.offers import service_search
from app.offers.errors import ProviderNotReady, RulesBroken, StillRunning, VerificationOver, VerifiedTermsFixed
from app.offers.queries_around import listing_facts
from app.offers.rules import (
    ALWAYS_CHANGEABLE,
    FILLED_BY_REVIEWER,
    PROVIDER_MAY_OFFER,
    RUNNING,
    has_ended,
    reviewers_needed,
)
from app.offers.rules_legality import Finding, blocks, to_builtins
from app.offers.service_draft import OfferDraft, address_of, columns_of
from app.offers.service_places import fill_or_open, free_place, take_place
from app.offers.service_state import OfferRow, locked, move, part_of, read
from app.offers.tables import Offer
from app.organisations import queries_supply as supply
from app.organisations.queries_providers import ProviderFacts
from app.people import queries as people

__all__ = [
    "OfferDraft",
    "Submitted",
    "copy",
    "discard",
    "edit",
    "free_place",
    "judge",
    "pause",
    "resume",
    "save_draft",
    "submit",
    "take_place",
    "withdraw",
]


class Submitted(msgspec.Struct, frozen=True):
    """What became of a submission; blocking findings returned it, others wait for the reviewer."""

    offer_id: UUID
    no: str
    state: str
    findings: tuple[Finding, ...]


async def save_draft(
    viewer: Viewer,
    offer_id: UUID | None,
    kind: str,
    values: Mapping[str, Sequence[str]],
    *,
    provider_id: UUID | None,
    now: datetime,
) -> UUID:
    """Keep what was typed, whether it reads or not; returns the offer's id. A sent offer keeps its state."""
    require(viewer, "offer", "C")
    typed = json.dumps({name: list(given) for name, given in values.items()}, ensure_ascii=False)
    async with DB.transaction():
        if offer_id is not None:
            part_of(viewer, await locked(offer_id))
            await Offer.update({"draft": typed, "updated_at": now}).where(Offer.id == offer_id)
            return offer_id
        day = local_day(now)
        offer = _blank(viewer, kind, provider_id, day, now)
        offer.draft = typed
        offer.title = " ".join(values.get("title", [""])[:1]).strip()[:60]
        await offer.save()
        await audit(viewer, "offer.draft", "offer", offer.id, now=now)
        return offer.id


async def judge(
    draft: OfferDraft, *, offer_id: UUID | None = None, now: datetime, provider: ProviderFacts | None = None
) -> tuple[Finding, ...]:
    """Return what the law and the platform say about a draft, blocking findings first; nothing is written."""
    facts = await listing_facts(
        provider.id if provider else draft.provider_id,
        kind=draft.type,
        region_code=draft.region_code,
        address_hash=address_of(draft),
        offer_id=offer_id,
        now=now,
    )
    return draft.kind.legality(draft.terms, (draft.title, draft.text), facts)


async def submit(
    viewer: Viewer, draft: OfferDraft, *, offer_id: UUID | None = None, now: datetime, noted: Sequence[Finding] = ()
) -> Submitted:
    """Submit a new offer, a draft, a returned one or one that has expired.

    The rules of domain 12.2 run at once: a blocking finding returns the offer with its legal basis, anything else
    goes to a reviewer together with its findings; `noted` is what an import has seen beyond them.
    """
    require(viewer, "offer", "C")
    provider = await _provider_for(viewer, draft)
    async with DB.transaction():
        if offer_id is None:
            blank = _blank(viewer, draft.type, draft.provider_id, local_day(now), now)
            blank.demo = draft.demo
            await blank.save()
            offer_id = blank.id
        row = await locked(offer_id)
        part = part_of(viewer, row)
        findings = await judge(draft, offer_id=row.id, now=now, provider=provider)
        found = {finding.rule for finding in findings}
        findings = (*findings, *(finding for finding in noted if finding.rule not in found))
        event = {"RETURNED": "resubmit", "EXPIRED": "renew"}.get(row.state, "submit")
        row = await move(
            row,
            event,
            part,
            viewer=viewer,
            now=now,
            **columns_of(draft, provider),
            findings=json.dumps(to_builtins(findings), ensure_ascii=False),
            submitted_at=now,
            return_reason="",
            draft="{}",
            review_round=row.review_round + 1,
        )
        await audit(viewer, f"offer.{event}", "offer", row.id, now=now)
        row = await _start(row, findings, now)
        return Submitted(row.id, row.no, row.state, findings)


async def _start(row: OfferRow, findings: Sequence[Finding], now: datetime) -> OfferRow:
    if blocks(findings):
        reason = "\n".join(finding.sentence for finding in findings if finding.severity == "block")
        return await move(row, "hard_rule_broken", "SYS", viewer=SYSTEM, now=now, reason=reason, return_reason=reason)
    row = await move(row, "start_check", "SYS", viewer=SYSTEM, now=now)
    reviewers = await people.reviewers(
        row.region_code,
        local_day(now),
        org_path=row.org_path,
        but={account for account in (row.source_account, row.author_account) if account is not None},
        at_least=reviewers_needed(row.type),
    )
    for account in reviewers:
        await notify(account, "review.offer", "/review/offers", now=now, once_unread=True)
    return row


async def edit(viewer: Viewer, offer_id: UUID, draft: OfferDraft, *, now: datetime) -> None:
    """Change a published offer: words, dates, times; what was verified stays as it is (domain 6.2 lists no way back).

    Raises RulesBroken with the legal basis before anything else, VerifiedTermsFixed for a verified term.
    """
    require(viewer, "offer", "C")
    provider = await _provider_for(viewer, draft)
    async with DB.transaction():
        row = await locked(offer_id)
        part_of(viewer, row)
        findings = await judge(draft, offer_id=row.id, now=now, provider=provider)
        if broken := [finding for finding in findings if finding.severity == "block"]:
            raise RulesBroken(broken)
        if row.state not in RUNNING:
            raise VerifiedTermsFixed("这条供给现在的状态不能直接修改。")
        stored = json.loads(await DB.value("SELECT terms FROM offer WHERE id = $1", row.id))
        _only_changeable(row, draft, findings, stored)
        kept = {name: stored[name] for name in FILLED_BY_REVIEWER if name in stored}
        columns: dict[Any, Any] = columns_of(draft, provider) | {
            "capacity": max(row.used, draft.kind.capacity(draft.terms)),
            "terms": json.dumps({**draft.terms.to_json(), **kept}, ensure_ascii=False),
        }
        columns |= {"version": row.version + 1, "updated_at": now, "draft": "{}"}
        await Offer.update(columns).where(Offer.id == row.id)
        await audit(viewer, "offer.edit", "offer", row.id, now=now, fields=sorted(columns))
        await record("offer.changed", row.id, now=now, provider_id=row.provider_id)
        await service_search.follow(row.id, now)
        await fill_or_open(await locked(row.id), now)


def _only_changeable(row: OfferRow, draft: OfferDraft, findings: Sequence[Finding], stored: Mapping[str, Any]) -> None:
    wanted = json.loads(json.dumps(draft.terms.to_json()))
    for name, value in wanted.items():
        if value != stored.get(name) and name not in ALWAYS_CHANGEABLE | FILLED_BY_REVIEWER:
            raise VerifiedTermsFixed(f"“{draft.kind.field(name).label}”已经核验过，发布期间不能改。", field=name)
    if draft.region_code != row.region_code or draft.provider_id != row.provider_id:
        raise VerifiedTermsFixed("地区和供给单位已经核验过，发布期间不能改。")
    if held := next((finding for finding in findings if finding.field == "text"), None):
        raise RulesBroken([held])


async def pause(viewer: Viewer, offer_id: UUID, *, now: datetime) -> None:
    """Hide a published offer for a while."""
    async with DB.transaction():
        row = await locked(offer_id)
        await move(row, "pause", part_of(viewer, row), viewer=viewer, now=now)
        await audit(viewer, "offer.pause", "offer", row.id, now=now)


async def resume(viewer: Viewer, offer_id: UUID, *, now: datetime) -> None:
    """Show a paused offer again, if its verification still holds."""
    async with DB.transaction():
        row = await locked(offer_id)
        part = part_of(viewer, row)
        if has_ended(row.valid_to, row.verified_until, local_day(now)):
            raise VerificationOver
        row = await move(row, "resume", part, viewer=viewer, now=now)
        await audit(viewer, "offer.resume", "offer", row.id, now=now)
        await fill_or_open(row, now)


async def withdraw(viewer: Viewer, offer_id: UUID, *, now: datetime, handed_over: bool = False) -> None:
    """Take a published offer down for good; running matches must have ended or been handed over."""
    async with DB.transaction():
        row = await locked(offer_id)
        part = part_of(viewer, row)
        if row.used > 0 and not handed_over:
            raise StillRunning
        await move(row, "withdraw", part, viewer=viewer, now=now, reason="已交接" if handed_over else "")
        await audit(viewer, "offer.withdraw", "offer", row.id, now=now)


async def copy(viewer: Viewer, offer_id: UUID, values: Mapping[str, Sequence[str]], *, now: datetime) -> UUID:
    """Start a new draft from an offer of one's own; `values` are the form values of the old one."""
    row = await read(offer_id)
    part_of(viewer, row)
    return await save_draft(viewer, None, row.type, values, provider_id=row.provider_id, now=now)


async def discard(viewer: Viewer, offer_id: UUID, *, now: datetime) -> None:
    """Delete a draft that was never submitted."""
    async with DB.transaction():
        row = await locked(offer_id)
        part_of(viewer, row)
        if row.state != "DRAFT":
            raise NotFound
        await audit(viewer, "offer.discard", "offer", row.id, now=now)
        await DB.rows("DELETE FROM stored_file WHERE object_type = 'offer' AND object_id = $1", row.id)
        await Offer.delete().where(Offer.id == row.id)


async def _provider_for(viewer: Viewer, draft: OfferDraft) -> ProviderFacts:
    if viewer.role in PROVIDER_ROLES and viewer.provider_id != draft.provider_id:
        raise NotAllowed("您只能为自己的单位发布。")
    provider = await supply.one(draft.provider_id)
    if provider is None:
        raise NotFound("没有找到这个供给单位。")
    if provider.state not in PROVIDER_MAY_OFFER:
        raise ProviderNotReady
    if provider.type not in draft.kind.provider_types:
        raise ProviderNotReady(f"这个单位的类型不能发布“{draft.kind.label}”。", next_step="请换一个供给单位或类型。")
    return provider


def _blank(viewer: Viewer, kind: str, provider_id: UUID | None, day: date, now: datetime) -> Offer:
    offer_id = new_id()
    cadre = viewer.role in CADRE_ROLES
    return Offer(
        id=offer_id,
        no=f"O{day:%y%m%d}-{offer_id.hex[-6:].upper()}",
        provider_id=provider_id if cadre else viewer.provider_id,
        type=kind,
        title="",
        region_code="",
        capacity=0,
        valid_from=day,
        valid_to=day,
        source_appointment=viewer.appointment_id if cadre else None,
        source_account=viewer.account_id if cadre else None,
        author_account=viewer.account_id,
        created_by_appointment=viewer.appointment_id,
        org_id=viewer.org_id if cadre else None,
        org_path=viewer.org_path if cadre else "",
        created_at=now,
        updated_at=now,
    )
