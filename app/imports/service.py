"""The verbs of an import: take a file, confirm what was previewed, give it up."""

import base64
import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from app.imports.errors import FileTooLarge, NothingChosen, NotReady, WrongFile
from app.imports.tables import ImportRow, ImportRun
from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.outbox import record
from app.kit.permissions import require
from app.kit.scanning import scan_upload
from app.kit.viewer import Viewer

MOST_BYTES: Final = 10 * 1024 * 1024
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_BOOKS: Final = frozenset({"xl/workbook.xml", "xl/workbook.bin"})


def check_file(content: bytes) -> None:
    """Refuse what is no workbook by its first bytes and its inner files; the name and declared type do not count."""
    if not content:
        raise WrongFile("这个文件是空的。", field="file")
    if len(content) > MOST_BYTES:
        raise FileTooLarge(f"文件有 {len(content) / 1024 / 1024:.0f} MB，一次最多 10 MB。", field="file")
    if content.startswith(_OLD_OFFICE):
        _check_old_office(content)
        return
    try:
        with ZipFile(BytesIO(content)) as packed:
            names = frozenset(packed.namelist())
            kind = packed.read("mimetype")[:80] if "mimetype" in names else b""
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as trouble:
        raise WrongFile(field="file") from trouble
    if names.isdisjoint(_BOOKS) and not kind.startswith(_ODS):
        raise WrongFile(field="file")


def _check_old_office(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise WrongFile("这个表格设了打开密码，读不了。", next_step="请取消密码后再上传。", field="file")
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise WrongFile(field="file")


async def upload(viewer: Viewer, file_name: str, content: bytes, *, now: datetime, clamd_url: str = "") -> UUID:
    """Take a file; a job reads it and judges every row. Nothing else is written before `confirm`.

    A configured virus scanner sees the file first; what it finds, or its silence, refuses the file.
    """
    require(viewer, "import", "C")
    check_file(content)
    await scan_upload(content, clamd_url, field="file")
    run_id = new_id()
    async with DB.transaction():
        await ImportRun(
            id=run_id,
            account_id=viewer.account_id,
            file_name=PurePath(file_name.replace("\\", "/")).name[-120:] or "表格",
            sha256=hashlib.sha256(content).hexdigest(),
            content_sealed=vault().seal(base64.b85encode(content).decode(), f"import_run:{run_id}"),
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=viewer.org_id,
            data_class="L3",
            legal_basis="duty",
        ).save()
        await audit(viewer, "import.upload", "import_run", run_id, now=now)
        await record("import.uploaded", run_id, now=now)
    return run_id


async def confirm(viewer: Viewer, run_id: UUID, *, with_review: bool, now: datetime) -> int:
    """Choose the good rows, and those for review when asked, and let a job write them; returns how many."""
    require(viewer, "import", "C")
    async with DB.transaction():
        if await _locked(viewer, run_id) != "READY":
            raise NotReady
        chosen = await DB.rows(
            """
            UPDATE import_row SET state = 'WAIT', updated_at = $3
            WHERE run = $1 AND state = '' AND sealed IS NOT NULL AND outcome = ANY($2::text[]) RETURNING id
            """,
            run_id,
            ["accept", "review"] if with_review else ["accept"],
            now,
        )
        if not chosen:
            raise NothingChosen
        changed: dict[Any, Any] = {
            "state": "WRITING",
            "appointment_id": viewer.appointment_id,
            "with_review": with_review,
            "confirmed_at": now,
            "rows_total": len(chosen),
            "rows_done": 0,
            "updated_at": now,
        }
        await ImportRun.update(changed).where(ImportRun.id == run_id)
        await audit(viewer, "import.confirm", "import_run", run_id, now=now)
        await record("import.confirmed", run_id, now=now)
    return len(chosen)


async def discard(viewer: Viewer, run_id: UUID, *, now: datetime) -> None:
    """Give a run up that was not confirmed: its rows and the file are deleted."""
    require(viewer, "import", "C")
    async with DB.transaction():
        if await _locked(viewer, run_id) not in {"READING", "READY", "FAILED"}:
            raise NotReady
        await ImportRow.delete().where(ImportRow.run == run_id)
        await ImportRun.delete().where(ImportRun.id == run_id)
        await audit(viewer, "import.discard", "import_run", run_id, now=now)


async def _locked(viewer: Viewer, run_id: UUID) -> str:
    """Lock a run of the viewer's own account and return its state."""
    rows = await DB.rows(
        "SELECT state FROM import_run WHERE id = $1 AND account_id = $2 FOR UPDATE", run_id, viewer.account_id
    )
    if not rows:
        raise NotFound
    return str(rows[0]["state"])
