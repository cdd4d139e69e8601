"""A volunteer's papers: what an application says, checked the same at first and when it is sent in again."""

import json
from datetime import date, datetime
from typing import Any

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotAllowed
from app.kit.viewer import Role, Viewer
from app.people import service_vetting
from app.people.errors import GuardFailed
from app.people.rules_vetting import credential_problem
from app.people.tables import VolunteerProfile


class Papers(msgspec.Struct, frozen=True, kw_only=True):
    """What a volunteer says about the credential and the help."""

    credential: str
    credential_no: str
    credential_issuer: str
    credential_issued: date | None
    credential_expiry: date | None
    languages: tuple[str, ...]
    modes: tuple[str, ...]
    adult_only: bool
    check_consent: bool
    weekly_cap: int
    motive: str = ""


def check_papers(papers: Papers, day: date) -> None:
    """Refuse papers that cannot be accepted, with a sentence beside the field."""
    if not papers.adult_only and not papers.check_consent:
        raise GuardFailed("要服务未成年人，需要先同意做从业查询。", field="check_consent")
    problem = credential_problem(papers.credential, papers.credential_issued, papers.credential_expiry, day)
    if problem:
        raise GuardFailed(problem, field="credential_issued")


async def send_again(viewer: Viewer, papers: Papers, *, now: datetime) -> None:
    """Change one's own papers that were found incomplete, and send them in again."""
    if viewer.role is not Role.VOL or viewer.person_id is None:
        raise NotAllowed
    check_papers(papers, local_day(now))
    async with DB.transaction():
        rows = await DB.rows(
            "SELECT id, application FROM volunteer_profile WHERE person = $1 AND vetting = 'DOCS' FOR UPDATE",
            viewer.person_id,
        )
        if not rows:
            raise IllegalStep("现在没有需要补的材料。")
        application = json.loads(rows[0]["application"] or "{}")
        consented = application.get("check_consent_at") or now.isoformat()
        application |= {
            "modes": list(papers.modes),
            "motive": papers.motive,
            "check_consent_at": consented if papers.check_consent else None,
        }
        changed: dict[Any, Any] = {
            "credential": papers.credential,
            "credential_no": papers.credential_no,
            "credential_issuer": papers.credential_issuer,
            "credential_issued": papers.credential_issued,
            "credential_expiry": papers.credential_expiry,
            "languages": list(papers.languages),
            "adult_only": papers.adult_only,
            "weekly_cap": papers.weekly_cap,
            "application": json.dumps(application, ensure_ascii=False),
        }
        await VolunteerProfile.update(changed).where(VolunteerProfile.id == rows[0]["id"])
        await audit(viewer, "vetting.papers", "volunteer", viewer.person_id, now=now, fields=sorted(changed))
        await service_vetting.take_step(viewer, viewer.person_id, "documents_complete", now=now)
