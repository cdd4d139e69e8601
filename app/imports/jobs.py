"""Jobs of the import: read what was uploaded, write what was confirmed, forget what is old."""

from datetime import datetime

from app.imports import service_read, service_write
from app.kit.outbox import Fact, record, subscribe


@subscribe("import.uploaded", name="imports.read")
async def read(fact: Fact, now: datetime) -> None:
    """Judge every row of an uploaded workbook."""
    if fact.subject_id is not None:
        await service_read.read(fact.subject_id, now=now)


@subscribe("import.confirmed", "import.continued", name="imports.write")
async def write(fact: Fact, now: datetime) -> None:
    """Write one batch of confirmed rows; the next batch follows by a fact of its own, so progress shows."""
    if fact.subject_id is not None and await service_write.write_batch(fact.subject_id, now=now):
        await record("import.continued", fact.subject_id, now=now)


@subscribe("tick.night", name="imports.forget")
async def forget(_fact: Fact, now: datetime) -> None:
    """Delete what nobody confirmed and what finished runs held."""
    await service_read.forget_old(now=now)
