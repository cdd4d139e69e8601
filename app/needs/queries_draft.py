"""The draft of a request: sealed form values, one per account."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.viewer import Viewer


class Draft(msgspec.Struct, frozen=True):
    """What somebody has typed so far: field names and their values as typed, and the step reached."""

    id: UUID
    step: int
    updated_at: datetime
    values: dict[str, list[str]]


def sealed(draft_id: UUID, values: str) -> bytes:
    """Seal the values (JSON) of a draft for its row."""
    return vault().seal(values, f"need_draft.values:{draft_id}")


async def draft_of(viewer: Viewer) -> Draft | None:
    """Return the open draft of an account, or None."""
    rows = await DB.rows(
        "SELECT id, step, updated_at, values_sealed FROM need_draft WHERE account_id = $1", viewer.account_id
    )
    if not rows:
        return None
    row = rows[0]
    text = vault().unseal(row["values_sealed"], f"need_draft.values:{row['id']}")
    return Draft(row["id"], row["step"], row["updated_at"], msgspec.json.decode(text, type=dict[str, list[str]]))
