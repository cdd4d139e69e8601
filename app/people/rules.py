"""Age bands and the gates of domain 4, as pure decisions on the day of the action."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from app.kit.clock import age_on

TARGET_FROM, TARGET_TO = 12, 25
GUARDIAN_UNTIL = 14
WORK_FROM = 16
ADULT_FROM = 18
STUDENT_STAGES: Final = frozenset({"JH", "SH", "SV", "HV", "UG", "PG"})
VOCATIONAL: Final = frozenset({"SV", "HV"})
STAGES: Final = STUDENT_STAGES | {"GR", "OT"}
GRADUATE_DAYS: Final = 731
"""A graduate counts as GR for two years after leaving (domain 4)."""
RECORD_CHECK_DAYS: Final = 366
"""A record check holds twelve months (domain 3.10)."""

BANDS: Final = ("A0", "A1", "A2", "A3", "A4", "A5")
BIRTHDAYS: Final = (12, 14, 16, 18, 26)

SEXES: Final[Mapping[str, str]] = {"F": "女", "M": "男"}
GENDER_WISHES: Final[Mapping[str, str]] = {"N": "都可以", "F": "希望是女性", "M": "希望是男性"}
LANGUAGES: Final[Mapping[str, str]] = {
    "PTH": "普通话",
    "YUE": "粤语",
    "HAK": "客家话",
    "NAN": "潮汕话",
    "ENG": "英语",
    "SGN": "手语",
}
ENROL_STATES: Final[Mapping[str, str]] = {
    "IN": "在读",
    "LEAVE": "休学",
    "RETURNED": "复学",
    "TRANSFERRED": "转学",
    "GRADUATED": "毕业",
    "LEFT": "离校",
}
RELATIONS: Final[Mapping[str, str]] = {"FA": "父亲", "MO": "母亲", "GP": "祖辈", "OT": "其他监护人", "IN": "机构"}
PROOFS: Final[Mapping[str, str]] = {
    "SCHOOL_RECORD": "学校登记",
    "HUKOU": "户口簿",
    "COURT": "法院文书",
    "CIVIL_AFFAIRS": "民政证明",
}


def band(age: int) -> str:
    """Return the age band A0 to A5 of an age in whole years."""
    return BANDS[sum(age >= birthday for birthday in BIRTHDAYS)]


def band_on(birth: date, day: date) -> str:
    """Return the age band of somebody on a day; it changes on the birthday itself."""
    return band(age_on(birth, day))


def in_target_group(age: int, stage: str) -> bool:
    """Tell whether somebody counts: 12 to 25 and in school (domain 4)."""
    return TARGET_FROM <= age <= TARGET_TO and stage in STUDENT_STAGES


def stage_on(stage: str, graduated_on: date | None, day: date) -> str:
    """Return the stage on a day: a graduate is GR for two years and OT after that."""
    if graduated_on is None or graduated_on > day:
        return stage
    return "GR" if day < graduated_on + timedelta(days=GRADUATE_DAYS) else "OT"


def may_ask(age_band: str, *, guardian_consent: bool = False) -> bool:
    """Tell whether somebody may register and ask: never A0, A1 with a guardian's consent, everybody else alone."""
    return age_band != "A0" and (age_band != "A1" or guardian_consent)


def may_ask_for(stage: str, category: str, sub: str) -> bool:
    """Tell whether a stage may ask for this: graduates for work and housing only."""
    return stage != "GR" or category == "EM" or sub.startswith("EM")


def needs_guardian(age_band: str) -> bool:
    """Tell whether consents are given by a guardian instead of the student (L-02 art. 31)."""
    return age_band in {"A0", "A1"}


def needs_guardian_for(age: int, kind: str) -> bool:
    """Tell whether an offer of this kind needs a guardian's consent at this age (domain 4)."""
    if age < GUARDIAN_UNTIL:
        return True
    return age < ADULT_FROM and kind in {"INTERN", "HOUSE", "SPONSOR"}


def counselling_gate(age_band: str, *, guardian_consent: bool = False) -> bool:
    """Tell whether the marketplace may offer counselling; A0 is served by 12355 alone."""
    return may_ask(age_band, guardian_consent=guardian_consent)


def internship_gate(
    age: int, stage: str, grade_year: int, *, guardian_consent: bool = False, still_student: bool = True
) -> bool:
    """Tell whether an internship is open: from 16, not in the first year of SV or HV, with a guardian below 18."""
    if age < WORK_FROM or (stage in VOCATIONAL and grade_year <= 1):
        return False
    if age < ADULT_FROM:
        return guardian_consent
    return age <= TARGET_TO or still_student


def housing_gate(age: int, stage: str, *, guardian_contracts: bool = False) -> bool:
    """Tell whether a home is open: from 18; 16 and 17 only where a guardian is the contracting party."""
    if age < WORK_FROM:
        return False
    if age < ADULT_FROM:
        return guardian_contracts
    return age <= TARGET_TO or stage == "GR"


def sponsorship_gate(age_band: str) -> bool:
    """Tell whether sponsorship is open at all; below 18 the guardian signs, above 25 there is none."""
    return age_band != "A5"


def may_write_messages(age_band: str) -> bool:
    """Tell whether somebody may write messages of their own (filtered below 18)."""
    return age_band not in {"A0", "A1"}


def check_holds(checked_on: date | None, day: date) -> bool:
    """Tell whether a record check is at most twelve months old on a day."""
    return checked_on is not None and day < checked_on + timedelta(days=RECORD_CHECK_DAYS)


def check_ends(checked_on: date) -> date:
    """Return the last day on which a record check holds."""
    return checked_on + timedelta(days=RECORD_CHECK_DAYS - 1)


def birthday(birth: date, age: int) -> date:
    """Return the day on which somebody reaches an age; born on 29 February, on 1 March of a short year."""
    day = birth + timedelta(days=365 * age)
    while age_on(birth, day) < age:
        day += timedelta(days=1)
    return day


def masked_name(name: str) -> str:
    """Return a name with only its first character, for pages that need not show all of it."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def masked_phone(phone: str) -> str:
    """Return a phone number of which only the last four digits show."""
    return f"···· {phone[-4:]}" if phone else ""
