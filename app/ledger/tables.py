"""Help records: the proof that a real difficulty was solved (domain 7.3)."""

from piccolo.columns import UUID, Array, Boolean, SmallInt, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class HelpRecord(Record, Table, db=DB, tablename="help_record"):
    """Need, action, result, confirmation; counts once per figure. `org_id` keeps the unit where it was made."""

    student_id = UUID(index=True)
    need_id = UUID(null=True, default=None, index=True)
    match_id = UUID(null=True, default=None)
    field = Varchar(length=2)
    route = Varchar(length=1, default="E")
    problem = Varchar(length=200)
    action = Varchar(length=300)
    result = Varchar(length=300, default="")
    helper_type = Varchar(length=6)
    helper_person = UUID(null=True, default=None, index=True)
    helper_appointment = UUID(null=True, default=None, index=True)
    started = Timestamptz()
    solved = Timestamptz(null=True, default=None)
    confirmed_by = Varchar(length=8, default="")
    confirmed_at = Timestamptz(null=True, default=None)
    satisfaction = SmallInt(null=True, default=None)
    state = Varchar(length=12, default="CLAIMED")
    verified_by = UUID(null=True, default=None)
    counts_for = Array(base_column=Varchar(length=3), default=list)
    sample_checked = Boolean(default=False)
