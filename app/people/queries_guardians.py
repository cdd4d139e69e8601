"""A student's guardians as the crisis side sees them: the school's psychology teacher, the 12355 supervisor."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.permissions import Scope, require
from app.kit.viewer import Viewer
from app.people import queries, queries_staff
from app.people.queries import StudentFacts
from app.people.queries_staff import GuardianLine

MOST = 20
SHORTEST = 2
"""A search for one character would list half a school."""


class StudentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A student in the answer to a search."""

    person_id: UUID
    name: str
    class_name: str
    student_no: str


class StudentGuardians(msgspec.Struct, frozen=True, kw_only=True):
    """One student with the guardians, and whether any of them may be told."""

    student: StudentFacts
    guardians: tuple[GuardianLine, ...]

    @property
    def may_be_told(self) -> bool:
        """Whether a verified guardian is left who may be told."""
        return any(
            line.state == "ACTIVE" and line.verified_at is not None and line.contact_allowed == "YES"
            for line in self.guardians
        )


async def find(viewer: Viewer, words: str) -> tuple[StudentLine, ...]:
    """Return students of the own school by name or number; who works for the whole province comes by an alert."""
    grant = require(viewer, "guardian", "R")
    if grant.scope is Scope.ALL or len(words) < SHORTEST:
        return ()
    rows = await DB.rows(
        """
        SELECT p.id AS person_id, p.name, s.class_name, s.student_no
        FROM student_profile s JOIN person p ON p.id = s.person
        WHERE s.school_id = $1 AND (p.name ILIKE '%' || $2 || '%' OR s.student_no = $2)
        ORDER BY p.name, s.student_no LIMIT $3
        """,
        viewer.org_id,
        words,
        MOST,
    )
    return tuple(StudentLine(**row) for row in rows)


async def of_student(viewer: Viewer, student_id: UUID, *, now: datetime) -> StudentGuardians:
    """Return a student's guardians; another school's pupil is refused, and every reading leaves an audit row."""
    grant = require(viewer, "guardian", "R")
    student = await queries.student(student_id, now)
    if student is None:
        raise NotFound
    if grant.scope is not Scope.ALL and not viewer.covers(student.school_path):
        await audit(viewer, "guardian.read", "person", student_id, now=now, result="REFUSED")
        raise NotAllowed
    await audit(
        viewer, "guardian.read", "person", student_id, now=now, fields=["name", "guardians"], purpose="学生保护"
    )
    return StudentGuardians(student=student, guardians=await queries_staff.guardians(student_id))
