"""What searching leaves behind: saved searches, favourites, what was seen, counts without words, seasons."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record
from app.offers.tables import Offer


class SavedSearch(Record, Table, db=DB, tablename="saved_search"):
    """A search somebody keeps; `asked` is its sealed address, for what one looks for is nobody else's business.

    `every` says how often to tell of new offers (DAY, WEEK, NO); those published after `looked_at` are new.
    """

    account_id = UUID(index=True)
    person_id = UUID(null=True, default=None)
    asked = Bytea()
    fingerprint = Varchar(length=64)
    every = Varchar(length=4, default="WEEK")
    looked_at = Timestamptz()
    due_at = Timestamptz(index=True)
    fresh = Integer(default=0)


class Favourite(Record, Table, db=DB, tablename="favourite"):
    """An offer somebody put aside."""

    account_id = UUID(index=True)
    offer = ForeignKey(Offer, index=True)


class SeenOffer(Record, Table, db=DB, tablename="seen_offer"):
    """An offer somebody looked at lately."""

    account_id = UUID(index=True)
    offer = ForeignKey(Offer, index=True)
    seen_at = Timestamptz()


class SearchCount(Record, Table, db=DB, tablename="search_count"):
    """How often people searched in a week, by kind, city and the names of the filters used; never what they typed."""

    week = Date(index=True)
    kind = Varchar(length=8, default="")
    city = Varchar(length=6, default="")
    filters = Varchar(length=200, default="")
    asked = Integer(default=0)
    without = Integer(default=0)
    found = Integer(default=0)


class Season(Record, Table, db=DB, tablename="season"):
    """A window of the year (month * 100 + day, both included) with its greeting, kinds to the front, collections."""

    code = Varchar(length=12, unique=True)
    title = Varchar(length=20)
    lead = Text(default="")
    first = SmallInt()
    last = SmallInt()
    kinds = Varchar(length=60, default="")
    collections = JSONB(default="[]")
    active = Boolean(default=True)
