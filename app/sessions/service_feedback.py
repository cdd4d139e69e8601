"""What both sides say of a finished match; free text is scanned for danger before it is kept."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.viewer import Viewer
from app.matches import service_progress
from app.matches.queries import MatchFacts
from app.matches.service_steps import lock
from app.sessions import queries
from app.sessions.errors import NotThisSession, ToldAlready
from app.sessions.tables import Feedback
from app.texts.rules import scan_crisis
from app.texts.service import report


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """A score from 1 to 5 with tags and a few words; `complaint` asks somebody to look at it."""

    score: int
    tags: tuple[str, ...] = ()
    text: str = ""
    complaint: bool = False


async def tell(viewer: Viewer, match_id: UUID, opinion: Opinion, *, now: datetime) -> UUID:
    """Keep one side's feedback; the student's score becomes the provider's rating. Danger in it rings at once."""
    async with DB.transaction():
        match = await lock(match_id)
        side = await service_progress.side_of(viewer, match, now)
        if match.state not in {"COMPLETED", "IN_PROGRESS", "DISPUTED"}:
            raise NotThisSession("服务开始以后才能评价。")
        if side in await queries.feedback_given(match_id):
            raise ToldAlready
        feedback = Feedback(
            match_id=match_id,
            offer_id=match.offer_id,
            by=side,
            score=opinion.score,
            tags=list(opinion.tags),
            text=opinion.text,
            complaint=opinion.complaint,
            created_at=now,
            updated_at=now,
            data_class="L3",
            legal_basis="consent:P02",
        )
        await feedback.save()
        await audit(viewer, "feedback.give", "match", match_id, now=now, fields=["score", "text"])
        if side == "STUDENT":
            await service_progress.rated(match_id, opinion.score, now=now)
        await _watch(viewer, match, opinion.text, "feedback", feedback.id, now)
        if opinion.complaint and match.state == "IN_PROGRESS":
            await service_progress.complain(viewer, match_id, opinion.text[:200] or "对服务有意见", now=now)
    return feedback.id


async def complain(viewer: Viewer, match_id: UUID, words: str, *, now: datetime) -> None:
    """Bring a running match into dispute; danger in the words rings at once."""
    async with DB.transaction():
        match = await service_progress.complain(viewer, match_id, words, now=now)
        await _watch(viewer, match, words, "match", match_id, now)


async def _watch(
    viewer: Viewer, match: MatchFacts, words: str, object_type: str, object_id: UUID, now: datetime
) -> None:
    finding = scan_crisis(words) if words else None
    if finding is not None:
        await report(
            "text.risk_found",
            finding,
            object_type=object_type,
            object_id=object_id,
            now=now,
            student_id=match.student_id,
            account_id=viewer.account_id,
        )
