"""Consents: purposes P01 to P11, versioned texts, given and withdrawn."""

from piccolo.columns import UUID, Array, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class Consent(Record, Table, db=DB, tablename="consent"):
    """One consent of one subject for one purpose (domain 7.2)."""

    subject_id = UUID(index=True)
    given_by = Varchar(length=8)
    given_by_person = UUID()
    purpose = Varchar(length=3, index=True)
    recipient_id = UUID(null=True, default=None)
    items = Array(base_column=Varchar(length=40), default=list)
    text_version = Varchar(length=12)
    at = Timestamptz()
    method = Varchar(length=14, default="TAP")
    expires_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    withdraw_effect_done_at = Timestamptz(null=True, default=None)
