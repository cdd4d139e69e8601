"""Crisis alerts and risk assessments (class L5)."""

from piccolo.columns import UUID, Array, Bytea, Date, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class CrisisAlert(Record, Table, db=DB, tablename="crisis_alert"):
    """A sign of danger that a human must look at now; only the triggering sentence, sealed."""

    source = Varchar(length=12)
    severity = Varchar(length=2)
    excerpt_sealed = Bytea(null=True, default=None)
    lexicon_version = Varchar(length=12, default="")
    student_id = UUID(null=True, default=None, index=True)
    account_id = UUID(null=True, default=None)
    object_type = Varchar(length=20, default="")
    object_id = UUID(null=True, default=None, index=True)
    age_band = Varchar(length=2, default="")
    school_id = UUID(null=True, default=None, index=True)
    org_path = Text(default="", index=True)
    region_code = Varchar(length=6, default="")
    level = Varchar(length=6, default="")
    contact_window = Varchar(length=60, default="")
    contact_sealed = Bytea(null=True, default=None)
    call_me_at = Timestamptz(null=True, default=None)
    at = Timestamptz()
    ack_at = Timestamptz(null=True, default=None)
    ack_by = UUID(null=True, default=None)
    ack_name = Varchar(length=40, default="")
    first_contact_at = Timestamptz(null=True, default=None)
    guardian_at = Timestamptz(null=True, default=None)
    guardian_reason = Varchar(length=200, default="")
    services_called = Array(base_column=Varchar(length=5), default=list)
    outcome = Varchar(length=8, default="")
    note_sealed = Bytea(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    escalated = SmallInt(default=0)
    nudged_at = Timestamptz(null=True, default=None)


class RiskAssessment(Record, Table, db=DB, tablename="risk_assessment"):
    """A qualified human's judgement of risk (domain 7.5); a downgrade carries its reason."""

    subject_id = UUID(index=True)
    alert_id = UUID(null=True, default=None, index=True)
    by_account = UUID()
    at = Timestamptz()
    level = Varchar(length=6)
    basis = Array(base_column=Varchar(length=9), default=list)
    ideation = SmallInt(default=0)
    plan = SmallInt(default=0)
    means = SmallInt(default=0)
    history = SmallInt(default=0)
    protective_sealed = Bytea(null=True, default=None)
    previous_level = Varchar(length=6, default="")
    downgrade_reason = Text(default="")
    next_review_on = Date(null=True, default=None)
