"""Runs of the workbook import: what was read, what each row became."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class ImportRun(Record, Table, db=DB, tablename="import_run"):
    """One uploaded workbook: read, previewed, confirmed, written.

    The file itself is sealed and kept only until it was judged. `report` holds the names of the sheets, the count of
    each outcome and the notes; `appointment_id` is the role in which it was confirmed.
    """

    account_id = UUID(index=True)
    appointment_id = UUID(null=True, default=None)
    file_name = Varchar(length=120)
    sha256 = Varchar(length=64, index=True)
    content_sealed = Bytea(null=True, default=None)
    state = Varchar(length=10, default="READING")
    rows_total = Integer(default=0)
    rows_done = Integer(default=0)
    report = JSONB(default="{}")
    problem = Text(default="")
    with_review = Boolean(default=False)
    confirmed_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


class ImportRow(Record, Table, db=DB, tablename="import_row"):
    """One row and what became of it.

    `sealed` holds the cells and the command, because both name people and telephones; `fingerprint` is a keyed hash.
    `state` is empty, WAIT (chosen), DONE (written as `object_id`) or FAILED (`problem` says why).
    """

    run = ForeignKey(ImportRun, index=True)
    position = Integer()
    sheet = Varchar(length=60)
    row_no = Integer()
    outcome = Varchar(length=9)
    rules = JSONB(default="[]")
    message = Text(default="")
    sealed = Bytea(null=True, default=None)
    fingerprint = Varchar(length=64, default="", index=True)
    state = Varchar(length=6, default="")
    problem = Text(default="")
    object_id = UUID(null=True, default=None)
