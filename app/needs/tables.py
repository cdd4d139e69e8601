"""Needs, their drafts and duplicate candidates."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Date, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class Need(Record, Table, db=DB, tablename="need"):
    """One 急难愁盼 need (domain 7.4). `org_id` is the school that reviews; text is sealed at place "need.text:<id>"."""

    no = Varchar(length=20, unique=True)
    org_path = Text(default="", index=True)
    student_id = UUID(index=True)
    pseudonym = Varchar(length=20)
    posted_by = Varchar(length=7)
    author_account = UUID()
    category = Varchar(length=2, index=True)
    sub = Varchar(length=3, index=True)
    kind = Varchar(length=8, default="", index=True)
    title = Varchar(length=30)
    text_sealed = Bytea()
    region_code = Varchar(length=6, index=True)
    modes = Array(base_column=Varchar(length=2), default=list)
    languages = Array(base_column=Varchar(length=3), default=list)
    gender_pref = Varchar(length=1, default="N")
    slots = JSONB(default="[]")
    wishes = JSONB(default="{}")
    urgency = Varchar(length=1, default="N")
    risk = Varchar(length=6, default="NONE")
    amount_fen = BigInt(null=True, default=None)
    state = Varchar(length=10, default="DRAFT", index=True)
    origin = Varchar(length=5, default="WEB")
    dup_of = UUID(null=True, default=None)
    close_code = Varchar(length=20, default="")
    close_reason = Text(default="")
    first_at = Timestamptz(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)
    first_proposal_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    escalation = SmallInt(default=0)
    escalated_at = Timestamptz(null=True, default=None)
    last_proposal_at = Timestamptz(null=True, default=None)
    review_since = Timestamptz(null=True, default=None)
    overdue_told_at = Timestamptz(null=True, default=None)
    confirm_since = Timestamptz(null=True, default=None)
    result = Text(default="")
    satisfaction = SmallInt(null=True, default=None)
    reminders = SmallInt(default=0)
    priority = Boolean(default=False)
    automatic = Boolean(default=True)
    reviewer_account = UUID(null=True, default=None)
    responsible_appointment = UUID(null=True, default=None)
    wanted_offer = UUID(null=True, default=None)
    start_wanted = Date(null=True, default=None)
    demo = Boolean(default=False)


class NeedDraft(Record, Table, db=DB, tablename="need_draft"):
    """What somebody has typed so far in the wizard; sealed, one open draft per account and student."""

    account_id = UUID(index=True)
    student_id = UUID(null=True, default=None)
    values_sealed = Bytea()
    step = SmallInt(default=1)


class DuplicateCandidate(Record, Table, db=DB, tablename="duplicate_candidate"):
    """A pair of needs of the same student that a human should look at (domain 12.5)."""

    need_id = UUID(index=True)
    other_id = UUID(index=True)
    basis = Varchar(length=12)
    similarity = SmallInt(default=0)
    decided_at = Timestamptz(null=True, default=None)
    decision = Varchar(length=8, default="")
