"""Finding a student of one's own schools by name or number, for cadres who post on behalf of somebody."""

from uuid import UUID

import msgspec

from app.kit.db import DB

MOST = 20


class StudentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One student in one line."""

    person_id: UUID
    name: str
    student_no: str
    class_name: str
    school: str


async def find_students(words: str, *, org_path: str, everywhere: bool = False) -> list[StudentLine]:
    """Return at most 20 students at or below an organisation; the caller has checked that the viewer may post."""
    if not words.strip():
        return []
    rows = await DB.rows(
        """
        SELECT p.id AS person_id, p.name, s.student_no, s.class_name, o.name AS school
        FROM student_profile s JOIN person p ON p.id = s.person JOIN organisation o ON o.id = s.school_id
        WHERE ($1 OR o.path = $2 OR o.path LIKE $2 || '/%') AND (p.name ILIKE '%' || $3 || '%' OR s.student_no = $3)
        ORDER BY o.name, s.class_name, s.student_no LIMIT $4
        """,
        everywhere,
        org_path,
        words.strip(),
        MOST,
    )
    return [StudentLine(**row) for row in rows]
