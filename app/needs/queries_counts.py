"""How many needs stand where in an organisation, and which open ones a cadre could solve directly."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.kit.permissions import Scope, grant_for
from app.kit.viewer import Role, Viewer


class NeedCounts(msgspec.Struct, frozen=True):
    """Counts of a viewer's organisation and below; `late` are open ones for which cadres look for supply."""

    review: int = 0
    open: int = 0
    late: int = 0
    running: int = 0
    to_confirm: int = 0
    solved: int = 0


class OpenLine(msgspec.Struct, frozen=True):
    """An open need in one line, without name, title or text."""

    id: UUID
    no: str
    sub: str
    region_code: str
    opened_at: datetime | None
    late: bool
    proposed: bool


async def counts(viewer: Viewer) -> NeedCounts:
    """Return the counts of the workbench; a reviewer counts what the role may review."""
    grant = grant_for(viewer, "need", "R") or grant_for(viewer, "need.review", "A")
    if grant is None or not (viewer.org_path or grant.scope is Scope.ALL):
        return NeedCounts()
    rows = await DB.rows(
        """
        SELECT count(*) FILTER (WHERE state = 'REVIEW'
                   AND ($3 = '' OR ($3 = 'PS') = (category = 'PS')))::int AS review,
               count(*) FILTER (WHERE state = 'OPEN')::int AS open,
               count(*) FILTER (WHERE state = 'OPEN' AND escalation >= 2)::int AS late,
               count(*) FILTER (WHERE state IN ('MATCHED', 'IN_SERVICE'))::int AS running,
               count(*) FILTER (WHERE state = 'TO_CONFIRM')::int AS to_confirm,
               count(*) FILTER (WHERE state = 'SOLVED')::int AS solved
        FROM need WHERE $2 OR org_path = $1 OR starts_with(org_path, $1 || '/')
        """,
        viewer.org_path,
        grant.scope is Scope.ALL,
        {Role.PSY: "PS", Role.SCH: "OTHER", Role.CTY: "OTHER", Role.CIT: "OTHER"}.get(viewer.role, ""),
    )
    return NeedCounts(**rows[0])


async def open_lines(viewer: Viewer, limit: int = 50) -> tuple[OpenLine, ...]:
    """Return open practical needs at or below the viewer's organisation, the longest waiting first."""
    if grant_for(viewer, "need", "R") is None or not viewer.org_path:
        return ()
    rows = await DB.rows(
        """
        SELECT id, no, sub, region_code, opened_at, escalation >= 2 AS late, first_proposal_at IS NOT NULL AS proposed
        FROM need
        WHERE state = 'OPEN' AND category <> 'PS' AND (org_path = $1 OR starts_with(org_path, $1 || '/'))
        ORDER BY escalation DESC, first_at, id LIMIT $2
        """,
        viewer.org_path,
        limit,
    )
    return tuple(OpenLine(**row) for row in rows)


class Flow(msgspec.Struct, frozen=True):
    """One need for the figures of supply and demand: when it opened, when something was proposed, how it ended."""

    id: UUID
    sub: str
    state: str
    close_code: str
    opened_at: datetime | None
    first_proposal_at: datetime | None
    satisfaction: int | None


async def flow(org_path: str, first: datetime, last: datetime) -> tuple[Flow, ...]:
    """Return the needs of an organisation and below that were opened in a stretch of time."""
    rows = await DB.rows(
        """
        SELECT id, sub, state, close_code, opened_at, first_proposal_at, satisfaction FROM need
        WHERE opened_at >= $2 AND opened_at < $3 AND (org_path = $1 OR starts_with(org_path, $1 || '/'))
        ORDER BY opened_at, id
        """,
        org_path,
        first,
        last,
    )
    return tuple(Flow(**row) for row in rows)
