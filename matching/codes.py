"""The codes of the domain reference as enumerations; a value is exactly the code that is stored."""

from enum import StrEnum


class Kind(StrEnum):
    """What an offer gives; a request asks for exactly one kind."""

    COUNSEL = "COUNSEL"
    INTERN = "INTERN"
    HOUSE = "HOUSE"
    SPONSOR = "SPONSOR"
    STUDY = "STUDY"
    LEGAL = "LEGAL"


class Stage(StrEnum):
    """Stage of education (section 4)."""

    JH = "JH"
    SH = "SH"
    SV = "SV"
    HV = "HV"
    UG = "UG"
    PG = "PG"
    GR = "GR"
    OT = "OT"


class Risk(StrEnum):
    """Crisis level of a need (section 3.4)."""

    NONE = "NONE"
    BLUE = "BLUE"
    YELLOW = "YELLOW"
    ORANGE = "ORANGE"
    RED = "RED"


class Mode(StrEnum):
    """How a service takes place (section 5)."""

    ON = "ON"
    VO = "VO"
    VI = "VI"
    FF = "FF"
    GR = "GR"


class Language(StrEnum):
    """Languages of the province (section 5)."""

    PTH = "PTH"
    YUE = "YUE"
    HAK = "HAK"
    NAN = "NAN"
    ENG = "ENG"
    SGN = "SGN"


class Gender(StrEnum):
    """Gender of the person who gives the service."""

    F = "F"
    M = "M"


class GenderWish(StrEnum):
    """Whom the student would rather talk to; `N` is no preference."""

    F = "F"
    M = "M"
    N = "N"


class Urgency(StrEnum):
    """`H` is served before `N` when not everybody can be served."""

    N = "N"
    H = "H"


class NeedState(StrEnum):
    """States of a need (section 6.1)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RISK_HOLD = "RISK_HOLD"
    REVIEW = "REVIEW"
    RETURNED = "RETURNED"
    OPEN = "OPEN"
    MATCHED = "MATCHED"
    IN_SERVICE = "IN_SERVICE"
    TO_CONFIRM = "TO_CONFIRM"
    SOLVED = "SOLVED"
    UNSOLVED = "UNSOLVED"
    WITHDRAWN = "WITHDRAWN"
    MERGED = "MERGED"
    EXPIRED = "EXPIRED"
    TO_CASE = "TO_CASE"


class OfferState(StrEnum):
    """States of an offer (section 6.2)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    VERIFYING = "VERIFYING"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"
    PUBLISHED = "PUBLISHED"
    PAUSED = "PAUSED"
    FULL = "FULL"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    ARCHIVED = "ARCHIVED"


class ProviderType(StrEnum):
    """Who stands behind an offer (section 5)."""

    VOL = "VOL"
    EMP = "EMP"
    HOU = "HOU"
    SPO = "SPO"
    FND = "FND"
    HOS = "HOS"
    LEG = "LEG"
    EDU = "EDU"


class ProviderState(StrEnum):
    """States of a provider (section 7.4)."""

    APPLIED = "APPLIED"
    VERIFYING = "VERIFYING"
    VERIFIED = "VERIFIED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    LAPSED = "LAPSED"


class VolunteerState(StrEnum):
    """States of volunteer vetting (section 6.7)."""

    APPLIED = "APPLIED"
    DOCS = "DOCS"
    CRED_OK = "CRED_OK"
    CHECK_PENDING = "CHECK_PENDING"
    CHECK_HIT = "CHECK_HIT"
    INTERVIEW = "INTERVIEW"
    TRAINING = "TRAINING"
    PROBATION = "PROBATION"
    ACTIVE = "ACTIVE"
    ACTIVE_ADULT = "ACTIVE_ADULT"
    SUSPENDED = "SUSPENDED"
    LAPSED = "LAPSED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"
    LEFT = "LEFT"


class Level(StrEnum):
    """Level of a counsellor by credential (section 3.9)."""

    A = "A"
    B = "B"
    C = "C"


class CheckResult(StrEnum):
    """Result of the record check (section 3.10)."""

    CLEAR = "CLEAR"
    HIT = "HIT"
    UNKNOWN = "UNKNOWN"


class PostKind(StrEnum):
    """Kind of an internship post (section 3.11)."""

    INTERN_GOV = "INTERN_GOV"
    INTERN_ENT = "INTERN_ENT"
    INTERN_GRASS = "INTERN_GRASS"
    TRAINEE_HR = "TRAINEE_HR"


class HouseKind(StrEnum):
    """Kind of a home (section 7.4)."""

    PUBLIC = "PUBLIC"
    TALENT = "TALENT"
    AFF = "AFF"
    APT = "APT"
    PRIV = "PRIV"
    STATION = "STATION"


class SponsorKind(StrEnum):
    """Kind of a sponsorship (section 7.4)."""

    ONE2ONE = "ONE2ONE"
    FUND = "FUND"
    GOODS = "GOODS"


class PartCode(StrEnum):
    """The seven parts of a score (section 9), in the order in which they are shown."""

    TOPIC = "topic"
    AVAILABILITY = "availability"
    DISTANCE = "distance"
    LANGUAGE = "language"
    LOAD = "load"
    FAIRNESS = "fairness"
    QUALITY = "quality"


class PartState(StrEnum):
    """What a part says to the student."""

    FITS = "fits"
    CONFLICTS = "conflicts"
    UNKNOWN = "unknown"


REMOTE = frozenset({Mode.ON, Mode.VO, Mode.VI})
IN_SCHOOL = frozenset({Stage.JH, Stage.SH, Stage.SV, Stage.HV, Stage.UG, Stage.PG})
SERVICES = frozenset({Kind.COUNSEL, Kind.STUDY, Kind.LEGAL})
