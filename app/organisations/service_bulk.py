"""Providers of a list: the one that is known already, or a new application."""

from datetime import datetime
from uuid import UUID

from app.kit.db import DB
from app.kit.viewer import Viewer
from app.organisations.service_providers import NewProvider, apply


async def find_or_apply(viewer: Viewer, new: NewProvider, *, now: datetime) -> UUID:
    """Return a provider by credit code, else by name in the same city; write an application when there is none.

    A suspended or revoked provider is found as well, so that a list cannot bring it back under the same code.
    """
    found: UUID | None = await DB.value(
        """
        SELECT id FROM provider
        WHERE type = $1 AND state <> 'REJECTED'
          AND (($2 <> '' AND uscc = $2)
               OR (legal_name = $3 AND left(region_code, 4) = left($4, 4) AND ($2 = '' OR uscc = '')))
        ORDER BY uscc <> $2, array_position(ARRAY['VERIFIED', 'VERIFYING', 'APPLIED'], state::text) NULLS LAST,
                 created_at
        LIMIT 1
        """,
        new.type,
        new.uscc,
        new.legal_name,
        new.region_code,
    )
    return found if found is not None else await apply(viewer, new, now=now)
