"""Runs of the workbook import: what was read, what each row became."""

from piccolo.columns import JSONB, UUID, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class ImportRun(Record, Table, db=DB, tablename="import_run"):
    """One uploaded workbook: read, previewed, confirmed, written."""

    account_id = UUID(index=True)
    file_name = Varchar(length=120)
    file_id = UUID(null=True, default=None)
    sha256 = Varchar(length=64)
    state = Varchar(length=10, default="READING")
    rows_total = Integer(default=0)
    rows_done = Integer(default=0)
    report = JSONB(default="{}")
    problem = Text(default="")
    confirmed_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


class ImportRow(Record, Table, db=DB, tablename="import_row"):
    """One row and what became of it."""

    run = ForeignKey(ImportRun, index=True)
    sheet = Varchar(length=60)
    row_no = Integer()
    outcome = Varchar(length=9)
    rules = JSONB(default="[]")
    message = Text(default="")
    cells = JSONB(default="[]")
    command = JSONB(default="{}")
    fingerprint = Varchar(length=64, default="", index=True)
    object_id = UUID(null=True, default=None)
