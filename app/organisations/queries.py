"""Reads of the league tree and of providers."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from app.kit.db import DB


class OrgLine(msgspec.Struct, frozen=True):
    """An organisation in one line."""

    id: UUID
    name: str
    level: str
    path: str
    region_code: str
    parent_id: UUID | None = None


async def lines(ids: Iterable[UUID]) -> dict[UUID, OrgLine]:
    """Return organisations by id."""
    rows = await DB.rows(
        "SELECT id, name, level, path, region_code, parent_id FROM organisation WHERE id = ANY($1::uuid[])", list(ids)
    )
    return {row["id"]: OrgLine(**row) for row in rows}


async def line(org_id: UUID) -> OrgLine | None:
    """Return one organisation, or None."""
    return (await lines([org_id])).get(org_id)


async def provider_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return legal names of providers by id."""
    rows = await DB.rows("SELECT id, legal_name FROM provider WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["legal_name"] for row in rows}
