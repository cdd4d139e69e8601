"""Offers of every kind and their verification."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from app.kit.db import DB, Record


class Offer(Record, Table, db=DB, tablename="offer"):
    """One offer (domain 7.4); `terms` holds the typed terms of its kind. `used` never exceeds `capacity`.

    `draft` keeps what was typed as it was typed, until the form reads; `org_path` is the path of the organisation
    that sourced the offer, empty when the provider brought it. `review_round` counts the submissions.
    """

    no = Varchar(length=20, unique=True)
    provider_id = UUID(null=True, default=None, index=True)
    type = Varchar(length=8, index=True)
    title = Varchar(length=60)
    text = Text(default="")
    region_code = Varchar(length=6, index=True)
    capacity = Integer()
    used = Integer(default=0)
    valid_from = Date()
    valid_to = Date(index=True)
    age_min = SmallInt(default=12)
    age_max = SmallInt(default=25)
    stages = Array(base_column=Varchar(length=2), default=list)
    state = Varchar(length=9, default="DRAFT", index=True)
    terms = JSONB(default="{}")
    facets = JSONB(default="{}")
    price_fen = Integer(null=True, default=None)
    source_appointment = UUID(null=True, default=None, index=True)
    source_account = UUID(null=True, default=None)
    author_account = UUID(null=True, default=None)
    findings = JSONB(default="[]")
    quality_flags = Array(base_column=Varchar(length=20), default=list)
    return_reason = Text(default="")
    submitted_at = Timestamptz(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    verified_until = Date(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    fingerprint = Varchar(length=64, default="", index=True)
    address_hash = Varchar(length=64, default="", index=True)
    search_text = Text(default="")
    demo = Boolean(default=False)
    org_path = Text(default="", index=True)
    draft = JSONB(default="{}")
    review_round = SmallInt(default=0)
    revoke_asked_by = UUID(null=True, default=None)
    revoke_reason = Text(default="")
    reminded_on = Date(null=True, default=None)

    provider_is_known = Check("state = 'DRAFT' OR provider_id IS NOT NULL")
    capacity_holds = Check("used >= 0 AND used <= capacity")


class OfferReview(Record, Table, db=DB, tablename="offer_review"):
    """One reviewer's decision in one round of verification; HOUSE and SPONSOR need two people."""

    offer = ForeignKey(Offer, index=True)
    round = SmallInt(default=1)
    reviewer_account = UUID()
    decision = Varchar(length=6)
    checklist = JSONB(default="{}")
    reason = Text(default="")
    at = Timestamptz()
    withdrawn = Boolean(default=False)


class OfferReport(Record, Table, db=DB, tablename="offer_report"):
    """A complaint about an offer or its provider (domain 7.4); severity 2 or 3 hides the offer at once."""

    offer = ForeignKey(Offer, index=True)
    provider_id = UUID(index=True)
    account_id = UUID(index=True)
    kind = Varchar(length=14)
    severity = SmallInt()
    text = Text(default="")
    state = Varchar(length=9, default="OPEN", index=True)
    decision = Text(default="")
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
