"""Who may give which consent, and which consents count (domain 3.14, 4, 7.2)."""

from typing import Final

from app.consents.rules_texts import NEEDS_RECIPIENT, PURPOSES, TEXTS, UNDER_14, UNDER_14_VERSION, ConsentText

__all__ = [
    "ADULT_FROM",
    "CHILD_PURPOSES",
    "METHODS",
    "NEEDS_RECIPIENT",
    "OWN_FROM",
    "PURPOSES",
    "RECORDED_METHODS",
    "TEXTS",
    "UNDER_14",
    "UNDER_14_VERSION",
    "ConsentText",
    "counts",
    "giver",
    "settles_at_once",
]

OWN_FROM: Final = 14
ADULT_FROM: Final = 18
METHODS: Final = {"TAP": "本人点选", "SIGNATURE": "签字", "PAPER_SCAN": "纸质扫描", "PHONE_RECORDED": "电话录音"}
RECORDED_METHODS: Final = frozenset({"SIGNATURE", "PAPER_SCAN", "PHONE_RECORDED"})
"""Ways in which staff may record a consent that was given on paper or by phone."""
CHILD_PURPOSES: Final = ("P01", "P02", "P03", "P09")
"""What a guardian is asked for at once, so that a student of twelve or thirteen can begin."""


def giver(age: int, *, is_subject: bool, is_guardian: bool) -> str | None:
    """Return SELF or GUARDIAN when this person may consent for a student of this age, else None.

    From fourteen a student decides; below eighteen a guardian may add their own consent.
    """
    if is_subject and age >= OWN_FROM:
        return "SELF"
    if is_guardian and age < ADULT_FROM:
        return "GUARDIAN"
    return None


def counts(given_by: str, age: int | None) -> bool:
    """Tell whether a consent counts today: below fourteen only a guardian's does (L-02 art. 31)."""
    return age is None or age >= OWN_FROM or given_by == "GUARDIAN"


def settles_at_once(purpose: str) -> bool:
    """Tell whether a withdrawal is done as soon as it is written; otherwise the recipient must be told first."""
    return purpose not in NEEDS_RECIPIENT
