"""What the steps of the wizard share: whom a request is for, who is stopped, and the draft."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.forms import Form
from app.kit.permissions import require
from app.kit.render import Shell
from app.kit.viewer import CITIZEN_ROLES, Role, Viewer
from app.needs import forms, queries, queries_draft, service_draft
from app.needs.pages_steps import (
    StopPage,
)
from app.needs.queries_draft import Draft
from app.needs.rules import CATEGORIES, SUBS
from app.people import queries as people
from app.people.queries import StudentFacts
from app.people.rules import may_ask


def is_cadre(viewer: Viewer) -> bool:
    """Tell whether the viewer asks for somebody else."""
    return viewer.role not in CITIZEN_ROLES


async def student_for(viewer: Viewer, student_id: str, now: datetime) -> StudentFacts | None:
    """Return the student the request is for: oneself, one's child, or a student of one's own schools."""
    if viewer.role is Role.STU:
        return await people.student(viewer.person_id, now) if viewer.person_id else None
    try:
        wanted = UUID(student_id)
    except ValueError:
        return None
    student = await people.student(wanted, now)
    if student is None:
        return None
    if viewer.role is Role.GUA:
        return student if await queries.stands_for(viewer, wanted, now) else None
    grant = require(viewer, "need", "C")
    return student if queries.in_scope(viewer, grant.scope, student.school_path) else None


async def stop_for(viewer: Viewer, shell: Shell, now: datetime) -> StopPage | None:
    """Return the page that explains why somebody cannot ask here, or None."""
    if viewer.role is not Role.STU or viewer.person_id is None:
        return None
    student = await people.student(viewer.person_id, now)
    if student is None:
        return StopPage(shell=shell, title="还差一步", band="", code="no_profile")
    if not may_ask(student.band, guardian_consent=student.guardian_consent):
        return StopPage(
            shell=shell, title="先请监护人同意" if student.band == "A1" else "打这个电话最快", band=student.band
        )
    return None


async def keep_step(
    viewer: Viewer, kept: dict[str, list[str]], form: Form, step: str, number: int, now: datetime
) -> None:
    """Write what one step has typed into the draft, whether it is right or not."""
    typed = form.view().values_by_name
    for name in forms.STEP_FIELDS[step]:
        kept[name] = list(typed.get(name, ()))
    await service_draft.keep_draft(viewer, msgspec.json.encode(kept).decode(), step=number, now=now)


async def draft_with_student(viewer: Viewer, now: datetime) -> tuple[Draft, StudentFacts] | None:
    """Return the draft and whom it is for, or None when the first step is still missing."""
    draft = await queries_draft.draft_of(viewer)
    if draft is None or not draft.values.get("sub", [""])[0]:
        return None
    student = await student_for(viewer, (draft.values.get("student_id") or [""])[0], now)
    return (draft, student) if student is not None else None


def matter(draft: Draft) -> str:
    """Return what the draft is about, in words."""
    sub = draft.values["sub"][0]
    return f"{CATEGORIES[sub[:2]]} · {SUBS[sub]}"
