"""What comes next for somebody who is signed in: the newest unread messages and the way to their work."""

import msgspec

from app.kit.db import DB
from app.kit.navigation import start_page
from app.kit.viewer import Role, Viewer

MOST_STEPS = 3


class NextStep(msgspec.Struct, frozen=True):
    """One thing to do next, with its address."""

    text: str
    href: str
    icon: str


async def next_steps(viewer: Viewer) -> tuple[NextStep, ...]:
    """Return at most three next steps; nobody signed in has none."""
    if viewer.account_id is None:
        return ()
    rows = await DB.rows(
        """
        SELECT DISTINCT ON (link) text, link, created_at FROM notification
        WHERE account_id = $1 AND read_at IS NULL AND link <> '' ORDER BY link, created_at DESC LIMIT 20
        """,
        viewer.account_id,
    )
    rows.sort(key=lambda row: row["created_at"], reverse=True)
    steps = [NextStep(row["text"], row["link"], "bell") for row in rows[: MOST_STEPS - 1]]
    if viewer.role is Role.STU:
        steps.append(NextStep("看看我的求助办到哪一步了", "/my-help", "list-check"))
    elif start_page(viewer) != "/":
        steps.append(NextStep("去我的工作台", start_page(viewer), "layout-dashboard"))
    return tuple(steps)
