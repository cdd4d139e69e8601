"""Who must never be matched with whom, for many students at once."""

from collections.abc import Iterable
from uuid import UUID

from app.kit.db import DB


async def related_many(person_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return, for each person, those who must never be matched with them: marked in either direction, and guardians."""
    rows = await DB.rows(
        """
        WITH pair AS (
            SELECT person_id AS one, other_person_id AS other FROM relation_mark WHERE person_id = ANY($1::uuid[])
            UNION SELECT other_person_id, person_id FROM relation_mark WHERE other_person_id = ANY($1::uuid[])
            UNION SELECT student_person_id, guardian_person_id FROM guardian_link
                  WHERE student_person_id = ANY($1::uuid[]) AND guardian_person_id IS NOT NULL
            UNION SELECT guardian_person_id, student_person_id FROM guardian_link
                  WHERE guardian_person_id = ANY($1::uuid[])
        )
        SELECT one, array_agg(other) AS others FROM pair GROUP BY one
        """,
        list(set(person_ids)),
    )
    return {row["one"]: frozenset(row["others"]) for row in rows}
