"""What a request may ask for, by whom and at which age: the gates of domain 4 for asking, and the fields of a need."""

from typing import Final
from uuid import UUID

import msgspec

from app.kit.viewer import Role
from app.needs.errors import GuardianNeeded, NotForThisAge
from app.needs.rules import CASE_ONLY, SUBS, kind_for
from app.people.rules import housing_gate, internship_gate, may_ask, may_ask_for

TITLE_MOST: Final = 30
TEXT_MOST: Final = 500
BASIC_CONSENTS: Final = ("P02",)
COUNSEL_CONSENTS: Final = ("P02", "P03")
OFFERED_CONSENTS: Final = frozenset({"P02", "P03", "P09"})
"""Purposes the wizard asks; giving data to a provider (P06) is asked again for each one."""
MATCH_CONSENT: Final = "P09"
ADULT_ONLY_SUBS: Final = frozenset({"EM5"})
WORK_SUBS: Final = frozenset({"EM1", "EM2"})
CONSENT_METHODS: Final = {"PAPER_SCAN": "纸质同意书", "PHONE_RECORDED": "电话确认（有记录）", "SIGNATURE": "当面签字"}
"""How a cadre obtained the student's consent."""


class NewNeed(msgspec.Struct, frozen=True, kw_only=True):
    """A request as somebody submits it. `draft_id` makes a second click harmless.

    `wishes` holds what only one kind asks: HOUSE budget_fen, move_in, workplace, districts, persons; INTERN major,
    free_from, free_to, hours_week. `slots` are weekly times (weekday 1 to 7, start and end in minutes). `consents`
    are the purposes ticked just now; `consent_method` says how a cadre obtained them.
    """

    student_id: UUID
    sub: str
    title: str
    text: str
    region_code: str
    modes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    gender_pref: str = "N"
    slots: tuple[tuple[int, int, int], ...] = ()
    wishes: dict[str, str | int | list[str]] = {}
    urgency: str = "N"
    amount_fen: int | None = None
    consents: frozenset[str] = frozenset()
    consent_method: str = "TAP"
    draft_id: UUID | None = None
    wanted_offer: UUID | None = None
    origin: str = "WEB"
    demo: bool = False

    @property
    def category(self) -> str:
        """The field of the need: PS for PS1."""
        return self.sub[:2]

    @property
    def kind(self) -> str:
        """The kind of offer that answers it, or "" when only people can."""
        return kind_for(self.sub)

    @property
    def words(self) -> str:
        """Every free text of the request, for scanning."""
        free = [value for value in self.wishes.values() if isinstance(value, str)]
        return "\n".join([self.title, self.text, *free])


def check_may_ask(band: str, *, guardian_consent: bool) -> None:
    """Refuse children under 12, and those of 12 and 13 whose guardian has not consented."""
    if band == "A0":
        raise NotForThisAge(
            "未满 12 岁的同学请由监护人或老师陪同拨打 12355。", next_step="12355 全天有人接听，也可以告诉班主任。"
        )
    if not may_ask(band, guardian_consent=guardian_consent):
        raise GuardianNeeded


def closed_subs(age: int, stage: str, grade_year: int) -> dict[str, str]:
    """Return the sub-codes this student cannot ask for, each with the reason (domain 4)."""
    closed: dict[str, str] = {}
    if not internship_gate(age, stage, grade_year, guardian_consent=True):
        closed |= dict.fromkeys(WORK_SUBS, "实习、见习要年满 16 周岁，中职和高职要从二年级起。")
    if not housing_gate(age, stage):
        closed |= dict.fromkeys(ADULT_ONLY_SUBS, "租房要年满 18 周岁；现在没有地方住，请马上拨打 12355。")
    closed |= {
        sub: "离校后可以提交就业和住房方面的求助，其他困难请拨打 12355。"
        for sub in SUBS
        if not may_ask_for(stage, sub[:2], sub)
    }
    return closed


def check_may_ask_for(sub: str, age: int, stage: str, grade_year: int) -> None:
    """Refuse a sub-code that age, grade or stage closes."""
    closed = closed_subs(age, stage, grade_year)
    if sub in closed:
        raise NotForThisAge(closed[sub])


def consents_for(sub: str) -> tuple[str, ...]:
    """Return the purposes without which this request cannot be taken."""
    return COUNSEL_CONSENTS if sub.startswith("PS") else BASIC_CONSENTS


def is_counselling(sub: str) -> bool:
    """Tell whether only psychology teachers and trained reviewers may read the text."""
    return sub.startswith("PS")


def reviewer_roles(sub: str) -> tuple[Role, ...]:
    """Return who reviews: psychology teachers for counselling, the school's committee for the rest (domain 8.1)."""
    return (Role.PSY, Role.REV) if is_counselling(sub) else (Role.SCH, Role.CTY, Role.CIT, Role.REV)


def must_be_held(sub: str) -> bool:
    """Tell whether the sub-code alone brings the request to the crisis desk."""
    return sub == "RT3"


def never_in_market(sub: str) -> bool:
    """Tell whether the sub-code never reaches a provider."""
    return sub in CASE_ONLY
