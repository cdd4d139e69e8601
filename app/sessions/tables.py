"""Sessions of a confirmed match, and feedback."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, Date, Integer, SmallInt, Text, Timestamptz, Varchar
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
    moves = UUID(null=True, default=None, index=True)
    """The booked session that this proposal would move; both stand until the other side has answered."""

    summary_sealed = Bytea(null=True, default=None)
    summary_by = UUID(null=True, default=None)
    """The account that wrote the sealed note; nobody else reads it."""

    result = Varchar(length=300, default="")
    risk_after = Varchar(length=6, default="")
    next_plan = Varchar(length=300, default="")
    minutes = SmallInt(default=0)
    reminded_24 = Boolean(default=False)
    reminded_2 = Boolean(default=False)
    reminded_open = Boolean(default=False)


class Feedback(Record, Table, db=DB, tablename="feedback"):
    """What one side says of a finished match."""

    match_id = UUID(index=True)
    offer_id = UUID(index=True)
    by = Varchar(length=8)
    score = SmallInt()
    tags = Array(base_column=Varchar(length=20), default=list)
    text = Text(default="")
    complaint = Boolean(default=False)


class Timetable(Record, Table, db=DB, tablename="session_timetable"):
    """The weekly times of a provider, above the times in its offers: [[weekday, start, end], ...] in minutes."""

    provider_id = UUID(unique=True)
    weekly = JSONB(default="[]")
    on_holidays = Boolean(default=False)


class DayChange(Record, Table, db=DB, tablename="session_day_change"):
    """A day on which the weekly times do not hold (OFF), or on which there are more of them (EXTRA)."""

    provider_id = UUID(index=True)
    day = Date()
    kind = Varchar(length=5)
    start = SmallInt(default=0)
    end = SmallInt(default=1440)


class CalendarFeed(Record, Table, db=DB, tablename="session_calendar_feed"):
    """A secret address at which a calendar programme reads one person's meetings; only its hash is kept."""

    account_id = UUID(index=True)
    person_id = UUID()
    token_hash = Varchar(length=64, unique=True)
    read_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class HoursEntry(Record, Table, db=DB, tablename="service_hours"):
    """Time given: CREDIT is written by the system for one session, ADDED is declared and confirmed by somebody else."""

    person_id = UUID(index=True)
    provider_id = UUID()
    kind = Varchar(length=6)
    session_id = UUID(null=True, default=None)
    day = Date()
    minutes = SmallInt()
    what = Varchar(length=100, default="")
    state = Varchar(length=9, default="WAITING", index=True)
    declared_by = UUID(null=True, default=None)
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    reason = Varchar(length=120, default="")


class HoursCertificate(Record, Table, db=DB, tablename="service_hours_certificate"):
    """A certificate of hours as it was printed; the code in its QR leads a stranger to the page that verifies it."""

    no = Varchar(length=24, unique=True)
    code = Varchar(length=43, unique=True)
    person_id = UUID(index=True)
    name = Varchar(length=60)
    first_day = Date()
    last_day = Date()
    credit_minutes = Integer()
    added_minutes = Integer()
    sessions = Integer()
    issued_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)
    revoked_by = UUID(null=True, default=None)
    revoked_reason = Varchar(length=120, default="")
