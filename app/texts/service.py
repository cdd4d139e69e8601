"""Listening to a free text as it is stored: danger becomes a fact in the same transaction (domain 12.1)."""

import base64
from datetime import datetime
from uuid import UUID

from app.kit.crypto import vault
from app.kit.outbox import record
from app.texts.rules import CrisisFinding, scan_crisis


async def listen(
    text: str,
    *,
    object_type: str,
    object_id: UUID,
    now: datetime,
    student_id: UUID | None = None,
    account_id: UUID | None = None,
    source: str = "TEXT",
) -> CrisisFinding | None:
    """Scan a text that is being stored; what is found reaches the crisis desk at once, with one sealed sentence."""
    finding = scan_crisis(text)
    if finding is not None:
        await report(
            "text.risk_found",
            finding,
            object_type=object_type,
            object_id=object_id,
            now=now,
            student_id=student_id,
            account_id=account_id,
            source=source,
        )
    return finding


def _payload(finding: CrisisFinding, object_id: UUID) -> dict[str, object]:
    sealed = vault().seal(finding.excerpt, f"fact.excerpt:{object_id}")
    return {
        "severity": finding.severity.value,
        "classes": [found.value for found in finding.classes],
        "excerpt": base64.b64encode(sealed).decode(),
        "lexicon_version": finding.lexicon_version,
    }


async def report(
    kind: str,
    finding: CrisisFinding,
    *,
    object_type: str,
    object_id: UUID,
    now: datetime,
    student_id: UUID | None = None,
    account_id: UUID | None = None,
    source: str = "TEXT",
) -> None:
    """Record a finding under a kind of its own, for a capability that scans by itself."""
    await record(
        kind,
        object_id,
        now=now,
        **_payload(finding, object_id),
        source=source,
        object_type=object_type,
        student_id=student_id,
        account_id=account_id,
    )
