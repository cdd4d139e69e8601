"""What reviewers see: the queue with its age, one offer with findings, look-alikes and complaints."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import Change, history
from app.kit.clock_work import after_working_days
from app.kit.db import DB
from app.kit.images import StoredPicture, pictures_of
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.offers.kinds import KINDS
from app.offers.queries import facts, in_region, may_verify
from app.offers.queries_around import NEAR_BITS
from app.offers.rules import CHECKLISTS, REPORT_KINDS, TYPES, VERIFY_WORKING_DAYS, reviewers_needed
from app.organisations import queries as organisations
from app.organisations.queries_providers import facts as provider_facts
from app.regions import rules as regions


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """One offer that waits for a reviewer."""

    id: UUID
    no: str
    type: str
    title: str
    provider: str
    place: str
    state: str
    submitted_at: datetime | None
    due_at: datetime | None
    late: bool
    passes: int
    needed: int
    holds: int
    mine: bool


class Lookalike(msgspec.Struct, frozen=True):
    """Another offer that shows the same place, picture or words."""

    id: UUID
    no: str
    title: str
    state: str
    why: str


class Decision(msgspec.Struct, frozen=True):
    """What a reviewer decided before."""

    reviewer: UUID
    round: int
    decision: str
    reason: str
    at: datetime


class ReportLine(msgspec.Struct, frozen=True):
    """A complaint; who complained is not shown."""

    label: str
    severity: int
    text: str
    at: datetime


class ReviewFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reviewer needs for a decision."""

    id: UUID
    no: str
    type: str
    title: str
    text: str
    state: str
    provider: str
    provider_state: str
    place: str
    lines: tuple[tuple[str, str], ...]
    findings: tuple[dict[str, str], ...]
    checklist: tuple[tuple[str, str], ...]
    photos: tuple[StoredPicture, ...]
    lookalikes: tuple[Lookalike, ...]
    decisions: tuple[Decision, ...]
    reports: tuple[ReportLine, ...]
    changes: tuple[Change, ...]
    needed: int
    submitted_at: datetime | None
    due_at: datetime | None
    involved: str
    may_investigate: bool
    revoke_asked: bool
    revoke_reason: str


async def waiting(viewer: Viewer, *, now: datetime) -> tuple[QueueLine, ...]:
    """Return the offers in this reviewer's scope that wait, oldest first, and the suspended ones on top."""
    require(viewer, "offer.review", "A")
    org = await organisations.line(viewer.org_id) if viewer.org_id else None
    if org is None:
        return ()
    rows = await DB.rows(
        """
        SELECT o.id, o.no, o.type, o.title, o.provider_id, o.region_code, o.state, o.submitted_at, o.org_path,
               o.findings, o.source_account, o.author_account,
               (SELECT count(*) FROM offer_review r
                WHERE r.offer = o.id AND r.round = o.review_round AND r.decision = 'PASS') AS passes
        FROM offer o
        WHERE o.state IN ('VERIFYING', 'SUSPENDED')
          AND ((o.org_path <> '' AND (o.org_path = $1 OR starts_with(o.org_path, $1 || '/'))) OR o.org_path = '')
        ORDER BY o.state = 'SUSPENDED' DESC, o.submitted_at, o.id LIMIT 400
        """,
        viewer.org_path,
    )
    rows = [row for row in rows if row["org_path"] or in_region(row["region_code"], org.region_code)]
    providers = await provider_facts(row["provider_id"] for row in rows)
    names = {provider_id: provider.legal_name for provider_id, provider in providers.items()}
    return tuple(_line(row, names, viewer, now) for row in rows)


def due(submitted_at: datetime | None) -> datetime | None:
    """Return when a submission should be decided: three working days later."""
    return after_working_days(submitted_at, VERIFY_WORKING_DAYS) if submitted_at else None


def _line(row: dict[str, Any], names: dict[UUID, str], viewer: Viewer, now: datetime) -> QueueLine:
    due_at = due(row["submitted_at"])
    findings = json.loads(row["findings"])
    return QueueLine(
        id=row["id"],
        no=row["no"],
        type=TYPES[row["type"]],
        title=row["title"],
        provider=names.get(row["provider_id"], ""),
        place=regions.label(row["region_code"]),
        state=row["state"],
        submitted_at=row["submitted_at"],
        due_at=due_at,
        late=due_at is not None and due_at < now,
        passes=row["passes"],
        needed=reviewers_needed(row["type"]),
        holds=len(findings),
        mine=viewer.account_id in {row["source_account"], row["author_account"]},
    )


async def for_review(viewer: Viewer, offer_id: UUID) -> ReviewFacts | None:
    """Return one offer for its reviewer, or None outside the reviewer's scope."""
    require(viewer, "offer.review", "A")
    offer = await facts(offer_id)
    if offer is None or offer.state == "DRAFT" or not await may_verify(viewer, offer.org_path, offer.region_code):
        return None
    kind = KINDS[offer.type]
    decisions = await _decisions(offer_id)
    reviewers = {decision.reviewer for decision in decisions}
    return ReviewFacts(
        id=offer.id,
        no=offer.no,
        type=kind.label,
        title=offer.title,
        text=offer.text,
        state=offer.state,
        provider=offer.provider_name,
        provider_state=offer.provider_state,
        place=regions.label(offer.region_code),
        lines=kind.summary(kind.from_json(offer.terms)),
        findings=offer.findings,
        checklist=tuple(CHECKLISTS[offer.type].items()),
        photos=(await pictures_of("offer", [offer.id])).get(offer.id, ()),
        lookalikes=await lookalikes(offer_id),
        decisions=decisions,
        reports=await _reports(offer_id),
        changes=tuple(await history(offer_id)),
        needed=reviewers_needed(offer.type),
        submitted_at=offer.submitted_at,
        due_at=due(offer.submitted_at),
        involved=_involved(viewer, offer.source_account, offer.author_account, decisions, offer.review_round),
        may_investigate=viewer.account_id not in reviewers and viewer.account_id != offer.revoke_asked_by,
        revoke_asked=offer.revoke_asked_by is not None,
        revoke_reason=offer.revoke_reason,
    )


def _involved(
    viewer: Viewer, source: UUID | None, author: UUID | None, decisions: tuple[Decision, ...], round_: int
) -> str:
    if viewer.account_id in {source, author}:
        return "这条供给是您找来或填写的，不能由您自己核验。"
    passed = {one.reviewer for one in decisions if one.round == round_ and one.decision == "PASS"}
    return "您已经通过，还需要另一位审核人员。" if viewer.account_id in passed else ""


async def _decisions(offer_id: UUID) -> tuple[Decision, ...]:
    rows = await DB.rows(
        "SELECT reviewer_account, round, decision, reason, at FROM offer_review WHERE offer = $1 ORDER BY at, id",
        offer_id,
    )
    return tuple(Decision(*row.values()) for row in rows)


async def _reports(offer_id: UUID) -> tuple[ReportLine, ...]:
    rows = await DB.rows(
        "SELECT kind, severity, text, created_at FROM offer_report WHERE offer = $1 AND state = 'OPEN' ORDER BY id",
        offer_id,
    )
    return tuple(ReportLine(REPORT_KINDS[row["kind"]], row["severity"], row["text"], row["created_at"]) for row in rows)


async def lookalikes(offer_id: UUID) -> tuple[Lookalike, ...]:
    """Return other live offers with the same address, a picture of the same thing, or the same content."""
    rows = await DB.rows(
        """
        SELECT o.id, o.no, o.title, o.state, CASE
                   WHEN o.address_hash <> '' AND o.address_hash = me.address_hash THEN '同一地址'
                   WHEN o.fingerprint <> '' AND o.fingerprint = me.fingerprint THEN '内容相同' ELSE '照片相同' END
                   AS why
        FROM offer me JOIN offer o ON o.id <> me.id AND o.state NOT IN ('DRAFT', 'REJECTED', 'ARCHIVED')
        WHERE me.id = $1 AND (
            (o.address_hash <> '' AND o.address_hash = me.address_hash)
            OR (o.fingerprint <> '' AND o.fingerprint = me.fingerprint)
            OR EXISTS (SELECT 1 FROM stored_file a JOIN stored_file b ON b.object_type = 'offer' AND b.phash <> ''
                       AND bit_count(('x' || a.phash)::bit(64) # ('x' || b.phash)::bit(64)) <= $2
                       WHERE a.object_type = 'offer' AND a.object_id = me.id AND a.phash <> '' AND b.object_id = o.id))
        ORDER BY o.created_at LIMIT 20
        """,
        offer_id,
        NEAR_BITS,
    )
    return tuple(Lookalike(*row.values()) for row in rows)
