"""Keeping and discarding what somebody has typed so far."""

from datetime import datetime
from uuid import UUID

from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.viewer import Viewer
from app.needs import queries_draft
from app.needs.tables import NeedDraft


async def keep_draft(viewer: Viewer, values: str, *, step: int, now: datetime, draft_id: UUID | None = None) -> UUID:
    """Keep what has been typed so far, sealed; there is one open draft per account."""
    assert viewer.account_id is not None
    async with DB.transaction():
        rows = await DB.rows("SELECT id FROM need_draft WHERE account_id = $1 FOR UPDATE", viewer.account_id)
        kept = rows[0]["id"] if rows else draft_id or new_id()
        sealed = queries_draft.sealed(kept, values)
        if rows:
            await NeedDraft.update(
                {"values_sealed": sealed, "step": step, "updated_at": now, "version": NeedDraft.version + 1}, force=True
            ).where(NeedDraft.id == kept)
        else:
            await NeedDraft(
                id=kept,
                account_id=viewer.account_id,
                values_sealed=sealed,
                step=step,
                created_at=now,
                updated_at=now,
                data_class="L4",
                legal_basis="consent:P02",
            ).save()
    return UUID(str(kept))


async def discard_draft(viewer: Viewer) -> None:
    """Throw the draft of an account away."""
    if viewer.account_id is not None:
        await DB.rows("DELETE FROM need_draft WHERE account_id = $1", viewer.account_id)
