"""Persons, accounts, appointments, students, guardians and volunteers."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from app.kit.db import DB, Record


class Person(Record, Table, db=DB, tablename="person"):
    """A human being; may be student, guardian, cadre and volunteer at once."""

    name = Varchar(length=40)
    birth_date = Date(null=True, default=None)
    sex = Varchar(length=1, default="")
    id_no_sealed = Bytea(null=True, default=None)
    id_no_hash = Varchar(length=64, default="", index=True)
    phone_sealed = Bytea(null=True, default=None)
    phone_hash = Varchar(length=64, default="", index=True)
    verified = Varchar(length=13, default="NONE")
    demo = Boolean(default=False)


class Account(Record, Table, db=DB, tablename="account"):
    """A way to sign in."""

    login = Varchar(length=60, unique=True)
    person = ForeignKey(Person, index=True)
    password_hash = Text(default="")
    totp_secret_sealed = Bytea(null=True, default=None)
    mfa = Varchar(length=4, default="NONE")
    status = Varchar(length=7, default="ACTIVE")
    failed = SmallInt(default=0)
    locked_until = Timestamptz(null=True, default=None)
    last_login = Timestamptz(null=True, default=None)
    last_totp_step = Integer(default=0)


class SignInSession(Record, Table, db=DB, tablename="sign_in_session"):
    """A signed-in device; only the hash of its token is kept."""

    account = ForeignKey(Account, index=True)
    token_hash = Varchar(length=64, unique=True)
    hat_id = UUID(null=True, default=None)
    second_factor_at = Timestamptz(null=True, default=None)
    last_seen = Timestamptz()
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)
    device = Varchar(length=80, default="")


class Appointment(Record, Table, db=DB, tablename="appointment"):
    """A role at an organisation (or for a provider) with start and end; permissions come from here (domain 2.3)."""

    person = ForeignKey(Person, index=True)
    role = Varchar(length=5, index=True)
    organisation_id = UUID(null=True, default=None, index=True)
    provider_id = UUID(null=True, default=None, index=True)
    cadre_type = Varchar(length=3, default="")
    position = Varchar(length=40, default="")
    start = Date()
    end = Date(null=True, default=None)
    duty_unit = Varchar(length=6, default="")
    exempt_reason = Varchar(length=200, default="")
    ended_at = Timestamptz(null=True, default=None)


class StudentProfile(Record, Table, db=DB, tablename="student_profile"):
    """What a student has beyond the person (domain 7.1); one row per person."""

    person = ForeignKey(Person, unique=True)
    school_id = UUID(index=True)
    branch_id = UUID(null=True, default=None, index=True)
    stage = Varchar(length=2)
    grade_year = SmallInt(default=1)
    class_name = Varchar(length=40, default="")
    major = Varchar(length=60, default="")
    student_no = Varchar(length=30, default="")
    league_member = Varchar(length=7, default="N")
    enrol_state = Varchar(length=11, default="IN")
    languages = Array(base_column=Varchar(length=3), default=list)
    gender_pref = Varchar(length=1, default="N")
    region_code = Varchar(length=6)
    safe_contact_window = Varchar(length=60, default="")
    in_difficulty_since = Date(null=True, default=None)
    graduated_on = Date(null=True, default=None)


class GuardianLink(Record, Table, db=DB, tablename="guardian_link"):
    """Who may consent for a student, and whether they may be told (domain 7.1)."""

    student_person_id = UUID(index=True)
    guardian_person_id = UUID(null=True, default=None, index=True)
    relation = Varchar(length=2, default="OT")
    proof = Varchar(length=14, default="SCHOOL_RECORD")
    verified_at = Timestamptz(null=True, default=None)
    state = Varchar(length=8, default="INVITED")
    contact_allowed = Varchar(length=9, default="YES")
    no_contact_reason_sealed = Bytea(null=True, default=None)
    refused_at = Timestamptz(null=True, default=None)
    consented_at = Timestamptz(null=True, default=None)
    verified_by = UUID(null=True, default=None)


class VolunteerProfile(Record, Table, db=DB, tablename="volunteer_profile"):
    """A volunteer's vetting state, credential and limits (domain 3.9, 6.7)."""

    person = ForeignKey(Person, unique=True)
    provider_id = UUID(index=True)
    vetting = Varchar(length=13, default="APPLIED", index=True)
    level = Varchar(length=1, default="")
    credential = Varchar(length=4, default="")
    credential_no = Varchar(length=40, default="")
    credential_issuer = Varchar(length=60, default="")
    credential_issued = Date(null=True, default=None)
    credential_expiry = Date(null=True, default=None)
    credential_checked_by = UUID(null=True, default=None)
    adult_only = Boolean(default=False)
    weekly_cap = SmallInt(default=4)
    languages = Array(base_column=Varchar(length=3), default=list)
    school_id = UUID(null=True, default=None)
    supervisor_id = UUID(null=True, default=None)
    supervised_sessions = SmallInt(default=0)
    paused = Boolean(default=False)
    application = JSONB(default="{}")
    vetting_since = Timestamptz(null=True, default=None)
    trials = SmallInt(default=0)
    votes = JSONB(default="[]")


class RecordCheck(Record, Table, db=DB, tablename="record_check"):
    """Result and reference number of a check under L-01 art. 62; never the record's text."""

    person = ForeignKey(Person, index=True)
    kind = Varchar(length=20, default="ENTRY")
    result = Varchar(length=7)
    reference = Varchar(length=40, default="")
    checked_on = Date()


class OneTimeToken(Record, Table, db=DB, tablename="one_time_token"):
    """A link or code that works once: first administrator, activation, guardian invitation, password reset."""

    purpose = Varchar(length=12, index=True)
    token_hash = Varchar(length=64, unique=True)
    subject_id = UUID(null=True, default=None, index=True)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    attempts = SmallInt(default=0)
    payload = JSONB(default="{}")


class RosterUpload(Record, Table, db=DB, tablename="roster_upload"):
    """A roster that was read and shown, waiting for confirmation; its rows hold what will be written."""

    kind = Varchar(length=8)
    file_name = Varchar(length=120)
    rows = JSONB(default="[]")
    confirmed_at = Timestamptz(null=True, default=None)
    result = JSONB(default="{}")


class ClockMark(Record, Table, db=DB, tablename="clock_mark"):
    """Something the clock has done once: a reminder, a birthday. The key says what, for whom and for which day."""

    key = Varchar(length=120, unique=True)


class RelationMark(Record, Table, db=DB, tablename="relation_mark"):
    """Two persons who must not be matched: relative, own teacher, blocked (domain 9)."""

    person_id = UUID(index=True)
    other_person_id = UUID(index=True)
    kind = Varchar(length=8)
