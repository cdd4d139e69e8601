"""Runs of the matcher over whole kinds, what they decided, and what people decided for them."""

from piccolo.columns import JSONB, UUID, Array, Float, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record
from app.kit.ids import new_id


class MatchBatch(Record, Table, db=DB, tablename="match_batch"):
    """One run over kinds: RUNNING, DONE or FAILED; `figures` and `certificate` are filled when it is closed."""

    cause = Varchar(length=8)
    state = Varchar(length=7, default="RUNNING", index=True)
    started_at = Timestamptz(index=True)
    finished_at = Timestamptz(null=True, default=None)
    account_id = UUID(null=True, default=None)
    total = Integer(default=0)
    figures = JSONB(default="{}")
    certificate = JSONB(default="{}")
    fault = Text(default="")


class MatchComponent(Record, Table, db=DB, tablename="match_component"):
    """Needs and offers that no candidate connects with others: one job. WAITING, DONE or FAILED."""

    batch_id = UUID(index=True)
    kind = Varchar(length=8)
    number = Integer()
    need_ids = Array(base_column=UUID(), default=list)
    offer_ids = Array(base_column=UUID(), default=list)
    state = Varchar(length=7, default="WAITING")
    figures = JSONB(default="{}")
    certificate = JSONB(default="{}")
    seconds = Float(default=0.0)
    solved_at = Timestamptz(null=True, default=None)
    fault = Text(default="")


class MatchPlan(Table, db=DB, tablename="match_plan"):
    """One pair that a run found best, with the versions of the rows it was computed from; written by COPY.

    `score` and `price` are in ten-thousandths, `level` is the Hall level of the offer.
    """

    id = UUID(primary_key=True, default=new_id)
    batch_id = UUID()
    component_id = UUID(index=True)
    need_id = UUID(index=True)
    offer_id = UUID(index=True)
    score = Integer()
    price = Integer()
    level = SmallInt()
    need_version = Integer()
    offer_version = Integer()


class MatchOfferPrice(Table, db=DB, tablename="match_offer_price"):
    """What one more place on an offer was worth in the last run that looked at it (ten-thousandths), and its level."""

    offer_id = UUID(primary_key=True)
    kind = Varchar(length=8)
    price = Integer()
    level = SmallInt()
    batch_id = UUID(null=True, default=None)
    at = Timestamptz()


class MatchRuling(Record, Table, db=DB, tablename="match_ruling"):
    """A cadre's word on one pair: PIN, FORBID or OVERRIDE; in force until `ended_at`.

    `outcome` says what the last run made of it: batch, whether it could be kept, and what it cost.
    """

    need_id = UUID(index=True)
    offer_id = UUID(index=True)
    verdict = Varchar(length=8)
    reason = Text()
    account_id = UUID()
    at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    outcome = JSONB(default="{}")


class MatchTrial(Record, Table, db=DB, tablename="match_trial"):
    """A what-if: the question, and the answer once a worker has solved it on a copy. WAITING, DONE or FAILED."""

    account_id = UUID(index=True)
    org_path = Text(default="")
    question = JSONB(default="{}")
    state = Varchar(length=7, default="WAITING")
    answer = JSONB(default="{}")
    at = Timestamptz()
    answered_at = Timestamptz(null=True, default=None)
    fault = Text(default="")


class SupplyTask(Record, Table, db=DB, tablename="match_supply_task"):
    """A task to find offers of a kind in a city; one open task for each city and kind."""

    region_code = Varchar(length=6, index=True)
    kind = Varchar(length=8)
    wanted = Integer()
    state = Varchar(length=4, default="OPEN")
    account_id = UUID()
    at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)
    done_by = UUID(null=True, default=None)
    note = Text(default="")
