"""Values that the shared components draw: an offer card, a step of a timeline, a part of a score, a pager."""

from datetime import datetime
from typing import Literal

import msgspec


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    """One offer in a grid; `kind` names the illustration that stands in when there is no photo."""

    href: str
    title: str
    kind: str
    kind_label: str
    provider: str
    verified: bool = False
    tags: tuple[str, ...] = ()
    price: str = ""
    place: str = ""
    places_left: str = ""
    deadline: str = ""
    urgent: bool = False
    photo: str = ""
    photo_alt: str = ""
    fit: str = ""
    excerpt: str = ""


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, is happening now, or comes next."""

    title: str
    state: Literal["done", "now", "next"]
    text: str = ""
    at: datetime | None = None


class WizardStep(msgspec.Struct, frozen=True):
    """One step of a short wizard; a step that is done may lead back."""

    label: str
    state: Literal["done", "now", "next"]
    href: str = ""


class ScorePart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a recommendation: what it is worth at most, what it got, and why."""

    label: str
    verdict: Literal["fits", "conflict", "unknown"]
    points: float
    most: float
    why: str


class Pager(msgspec.Struct, frozen=True, kw_only=True):
    """Where one is in a long list; an empty address means there is no such page."""

    number: int
    pages: int
    previous_href: str = ""
    next_href: str = ""


_LONGEST_NUMBER = 5


def page_number(given: str) -> int:
    """Read the page number of an address; what makes no sense is the first page."""
    if not (given.isascii() and given.isdigit() and len(given) <= _LONGEST_NUMBER):
        return 1
    return max(1, int(given))
