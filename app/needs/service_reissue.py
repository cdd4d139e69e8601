"""The practical part of a request that became a case goes on as a new, de-identified request (domain 6.1, J05)."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.consents import service as consents
from app.kit.db import DB
from app.kit.errors import IllegalStep, NotFound
from app.kit.ids import new_id
from app.kit.viewer import Viewer
from app.needs.errors import PrivateDetails
from app.needs.rules_request import NewNeed, check_may_ask_for, consents_for
from app.needs.service import Submitted, create
from app.needs.service_steps import lock
from app.people import queries as people
from app.texts.rules import find_private


class Reissue(msgspec.Struct, frozen=True):
    """What the desk writes down of the practical part, without anything that points at the student."""

    sub: str
    title: str
    text: str


async def reissue(viewer: Viewer, need_id: UUID, again: Reissue, *, now: datetime) -> Submitted:
    """Write the practical part as a new request of the same student; the desk has spoken with them."""
    async with DB.transaction():
        original = await lock(need_id)
        student = await people.student(original.student_id, now)
        if student is None:
            raise NotFound
        if original.state != "TO_CASE":
            raise IllegalStep
        command = NewNeed(
            student_id=student.person_id,
            sub=again.sub,
            title=again.title,
            text=again.text,
            region_code=original.region_code,
            modes=original.modes,
            languages=original.languages,
            gender_pref=original.gender_pref,
            urgency="H",
            origin="TEL",
            demo=False,
        )
        if find_private(command.words):
            raise PrivateDetails(field="again_text")
        check_may_ask_for(again.sub, student.age, student.stage, student.grade_year)
        for purpose in consents_for(again.sub):
            await consents.require_consent(student.person_id, purpose, now=now)
        return await create(viewer, student, command, new_id(), "CADRE", now=now)
