"""What the search index must hold: the public offers, their versions, and any offer as a search document."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.offers.documents import document
from app.offers.queries import select
from search.documents import Document

BATCH: Final = 500
_PUBLIC: Final = "state = 'PUBLISHED' AND valid_to >= $1 AND (verified_until IS NULL OR verified_until >= $1)"


async def public_versions(now: datetime) -> dict[UUID, int]:
    """Return id and version of every offer anybody may find, to compare an index with the truth."""
    rows = await DB.rows(f"SELECT id, version FROM offer WHERE {_PUBLIC}", local_day(now))  # noqa: S608 - the clause is ours
    return {row["id"]: row["version"] for row in rows}


async def public_documents(now: datetime) -> AsyncIterator[Document]:
    """Yield every offer anybody may find, in batches by id; two statements a batch."""
    after = UUID(int=0)
    while True:
        batch = await select(f"{_PUBLIC} AND id > $2 ORDER BY id LIMIT {BATCH}", local_day(now), after)
        for offer in batch:
            yield document(offer, today=local_day(now))
        if len(batch) < BATCH:
            return
        after = batch[-1].id


async def documents_of(ids: Collection[UUID], now: datetime) -> tuple[Document, ...]:
    """Return these offers as they are now, invisible ones included; an id without an offer is left out."""
    offers = await select("id = ANY($1::uuid[])", list(ids))
    return tuple(document(offer, today=local_day(now)) for offer in offers)
