"""Importing at one stroke, for the command line: the same run, rows and verbs as through the page."""

import hashlib
from datetime import datetime

from app.imports import queries, service
from app.imports.rules_values import Report
from app.imports.service_read import keep_report
from app.imports.service_write import write_batch
from app.imports.tables import ImportRun
from app.kit.audit import audit
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.permissions import require
from app.kit.viewer import Viewer


async def apply_report(
    viewer: Viewer, file_name: str, content: bytes, report: Report, *, with_review: bool, now: datetime
) -> tuple[int, int]:
    """Keep a judged report as a run, confirm it and write it; returns how many rows were written and how many not.

    A worker that runs at the same time may write some of the batches; the lock of the run keeps them apart.
    """
    require(viewer, "import", "C")
    run_id = new_id()
    async with DB.transaction():
        await ImportRun(
            id=run_id,
            account_id=viewer.account_id,
            file_name=file_name[-120:],
            sha256=hashlib.sha256(content).hexdigest(),
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=viewer.org_id,
            data_class="L3",
            legal_basis="duty",
        ).save()
        await audit(viewer, "import.upload", "import_run", run_id, now=now)
        await keep_report(run_id, report, now=now)
    if report.count("accept") + (report.count("review") if with_review else 0) == 0:
        return 0, 0
    await service.confirm(viewer, run_id, with_review=with_review, now=now)
    while await write_batch(run_id, now=now):
        pass
    done = await queries.run(viewer, run_id)
    return done.written, done.failed
