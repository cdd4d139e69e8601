"""Matches between a need and an offer, and the runs that proposed them."""

from piccolo.columns import JSONB, UUID, Array, Float, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class Match(Record, Table, db=DB, tablename="match"):
    """One pair of need and offer on its way (domain 6.3, 7.4). `rank` 1 is the pair a run over all needs chose."""

    need_id = UUID(index=True)
    offer_id = UUID(index=True)
    student_id = UUID(index=True)
    provider_id = UUID(index=True)
    kind = Varchar(length=8)
    score = Float(default=0.0)
    reasons = JSONB(default="[]")
    state = Varchar(length=11, default="PROPOSED", index=True)
    origin = Varchar(length=8, default="AUTO")
    proposed_at = Timestamptz()
    deadline_at = Timestamptz(null=True, default=None, index=True)
    s_accepted_at = Timestamptz(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    decline_code = Varchar(length=4, default="")
    decline_note = Text(default="")
    shared_fields = Array(base_column=Varchar(length=20), default=list)
    consent_id = UUID(null=True, default=None)
    holds_place = SmallInt(default=0)
    no_shows = SmallInt(default=0)
    rebooks = SmallInt(default=0)
    agreement = JSONB(default="{}")
    next_at = Timestamptz(null=True, default=None)
    rating = SmallInt(null=True, default=None)
    ended_reason = Varchar(length=120, default="")
    run_id = UUID(null=True, default=None)
    rank = SmallInt(default=0)


class MatchRun(Record, Table, db=DB, tablename="match_run"):
    """One run of the matcher: what it looked at, what it proposed, how long it took."""

    cause = Varchar(length=12)
    need_id = UUID(null=True, default=None, index=True)
    offers_seen = Integer(default=0)
    proposed = SmallInt(default=0)
    widen = SmallInt(default=0)
    refusals = JSONB(default="{}")
    hints = JSONB(default="[]")
    took_ms = Integer(default=0)
    at = Timestamptz()
