"""Strikes of a provider: counted when it does not come, never shown to students."""

from datetime import datetime
from uuid import UUID

from app.kit.audit import audit
from app.kit.db import DB
from app.kit.viewer import SYSTEM


async def strike(provider_id: UUID, *, now: datetime) -> None:
    """Count one strike."""
    async with DB.transaction():
        await DB.rows("UPDATE provider SET strikes = strikes + 1, updated_at = $2 WHERE id = $1", provider_id, now)
        await audit(SYSTEM, "provider.strike", "provider", provider_id, now=now)
