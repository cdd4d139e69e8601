"""Sessions of a confirmed match, and feedback."""

from piccolo.columns import UUID, Array, Boolean, Bytea, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class ServiceSession(Record, Table, db=DB, tablename="service_session"):
    """One meeting, placement or visit (domain 7.4); the professional's summary is sealed and theirs alone."""

    match_id = UUID(index=True)
    provider_id = UUID(index=True)
    student_id = UUID(index=True)
    proposed_by = Varchar(length=8, default="")
    mode = Varchar(length=2)
    start = Timestamptz(index=True)
    end = Timestamptz()
    place = Varchar(length=120, default="")
    link = Varchar(length=200, default="")
    state = Varchar(length=9, default="BOOKED")
    attendance = Varchar(length=8, default="")
    checked_in_at = Timestamptz(null=True, default=None)
    summary_sealed = Bytea(null=True, default=None)
    result = Varchar(length=300, default="")
    risk_after = Varchar(length=6, default="")
    next_plan = Varchar(length=300, default="")
    minutes = SmallInt(default=0)
    reminded_24 = Boolean(default=False)
    reminded_2 = Boolean(default=False)


class Feedback(Record, Table, db=DB, tablename="feedback"):
    """What one side says of a finished match."""

    match_id = UUID(index=True)
    offer_id = UUID(index=True)
    by = Varchar(length=8)
    score = SmallInt()
    tags = Array(base_column=Varchar(length=20), default=list)
    text = Text(default="")
    complaint = Boolean(default=False)
