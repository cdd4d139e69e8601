"""The league tree, its schools and branches, and the providers who bring supply."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.db import DB, Record


class Organisation(Record, Table, db=DB, tablename="organisation"):
    """A node of the league tree; `path` is the chain of ids from the province down, joined by "/"."""

    code = Varchar(length=40, unique=True)
    name = Varchar(length=80)
    level = Varchar(length=2, index=True)
    parent_id = UUID(null=True, default=None, index=True)
    path = Text(index=True)
    region_code = Varchar(length=6, index=True)
    kind = Varchar(length=20, default="团委")
    status = Varchar(length=8, default="ACTIVE")
    liaison_person = Varchar(length=40, default="")
    phone_sealed = Bytea(null=True, default=None)
    demo = Boolean(default=False)


class School(Record, Table, db=DB, tablename="school"):
    """What a school has beyond its organisation (domain 7.1)."""

    organisation = ForeignKey(Organisation, unique=True)
    school_type = Varchar(length=2)
    edu_code = Varchar(length=20, default="")
    enrolment_by_stage = JSONB(default="{}")
    census_day = Date(null=True, default=None)
    psych_teacher_count = SmallInt(default=0)
    counselling_room = Varchar(length=14, default="NONE")
    guardian_consent_switch = Varchar(length=14, default="A2A3_CONSENT")


class Branch(Record, Table, db=DB, tablename="branch"):
    """A class's league branch (domain 7.1)."""

    organisation = ForeignKey(Organisation, unique=True)
    grade = Varchar(length=20)
    class_name = Varchar(length=40)
    member_count = SmallInt(default=0)
    committee_size = SmallInt(default=3)


class Provider(Record, Table, db=DB, tablename="provider"):
    """Who offers: an employer, a housing organisation, a sponsor, a volunteer (domain 7.4)."""

    type = Varchar(length=3, index=True)
    legal_name = Varchar(length=80)
    uscc = Varchar(length=18, default="", index=True)
    person_id = UUID(null=True, default=None, index=True)
    region_code = Varchar(length=6)
    address = Varchar(length=120, default="")
    unit_kind = Varchar(length=5, default="")
    well_known_basis = Varchar(length=60, default="")
    hr_licence_no = Varchar(length=40, default="")
    rental_filing_no = Varchar(length=40, default="")
    charity_reg_no = Varchar(length=40, default="")
    fundraising_qualified = Boolean(default=False)
    contact_person = Varchar(length=40)
    contact_phone_sealed = Bytea(null=True, default=None)
    contact_checked_at = Timestamptz(null=True, default=None)
    state = Varchar(length=9, default="APPLIED", index=True)
    verified_at = Timestamptz(null=True, default=None)
    verified_by = UUID(null=True, default=None)
    verify_due = Date(null=True, default=None)
    risk_score = SmallInt(default=0)
    strikes = SmallInt(default=0)
    source_appointment = UUID(null=True, default=None)
    checklist = JSONB(default="{}")
    refusal_reason = Text(default="")
    demo = Boolean(default=False)


class ProviderContact(Record, Table, db=DB, tablename="provider_contact"):
    """A cadre's contact with a provider (evidence for routes C and D of N-P25 and N-P26)."""

    provider = ForeignKey(Provider, index=True)
    appointment_id = UUID(index=True)
    day = Date()
    kind = Varchar(length=10, default="VISIT")
    note = Varchar(length=300, default="")
    minutes = Integer(default=0)
