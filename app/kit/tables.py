"""The tables of the kit: outbox, audit, state changes, notifications, uploaded files."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from app.kit.db import DB, Record
from app.kit.ids import new_id


class OutboxFact(Table, db=DB, tablename="outbox_fact"):
    """A fact others need, written in the transaction that made it true."""

    id = UUID(primary_key=True, default=new_id)
    kind = Varchar(length=60, index=True)
    subject_id = UUID(null=True, default=None, index=True)
    payload = JSONB(default="{}")
    created_at = Timestamptz(default=TimestamptzNow())
    relayed_at = Timestamptz(null=True, default=None)


class OutboxDelivery(Table, db=DB, tablename="outbox_delivery"):
    """One subscriber's share of a fact: due until done; `state` is DUE, DONE or DEAD."""

    id = UUID(primary_key=True, default=new_id)
    fact_id = UUID(index=True)
    subscriber = Varchar(length=80)
    state = Varchar(length=4, default="DUE")
    attempts = SmallInt(default=0)
    due_at = Timestamptz(default=TimestamptzNow())
    done_at = Timestamptz(null=True, default=None)
    last_error = Text(default="")


class AuditRow(Table, db=DB, tablename="audit_log"):
    """Who did or read what, append-only; `seq`, `prev_hash` and `hash` are sealed by a job."""

    id = UUID(primary_key=True, default=new_id)
    seq = BigSerial()
    at = Timestamptz(default=TimestamptzNow(), index=True)
    account_id = UUID(null=True, default=None, index=True)
    appointment_id = UUID(null=True, default=None)
    role = Varchar(length=6, default="")
    what = Varchar(length=60)
    object_type = Varchar(length=40)
    object_id = UUID(null=True, default=None, index=True)
    fields = JSONB(default="[]")
    purpose = Varchar(length=200, default="")
    result = Varchar(length=10, default="OK")
    request_id = Varchar(length=40, default="")
    prev_hash = Bytea(null=True, default=None)
    hash = Bytea(null=True, default=None)


class StateChange(Table, db=DB, tablename="state_change"):
    """One step of a state machine: the history that answers "what happened to my request?"."""

    id = UUID(primary_key=True, default=new_id)
    machine = Varchar(length=20)
    object_id = UUID(index=True)
    source = Varchar(length=16)
    event = Varchar(length=40)
    target = Varchar(length=16)
    actor = Varchar(length=12)
    account_id = UUID(null=True, default=None)
    appointment_id = UUID(null=True, default=None)
    reason = Text(default="")
    at = Timestamptz(default=TimestamptzNow())


class Notification(Record, Table, db=DB, tablename="notification"):
    """One neutral message to one account; outside channels are sent by a job."""

    account_id = UUID(index=True)
    template = Varchar(length=40)
    text = Varchar(length=200)
    link = Varchar(length=200, default="")
    read_at = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    urgent = Boolean(default=False)


class StoredFile(Record, Table, db=DB, tablename="stored_file"):
    """A file we keep, found by its content hash; pictures have sizes beside the original's re-encoding."""

    object_type = Varchar(length=40)
    object_id = UUID(null=True, default=None, index=True)
    kind = Varchar(length=20)
    name = Varchar(length=120)
    media_type = Varchar(length=60)
    size = Integer()
    width = Integer(null=True, default=None)
    height = Integer(null=True, default=None)
    sha256 = Varchar(length=64, index=True)
    phash = Varchar(length=32, default="", index=True)
    position = SmallInt(default=0)
