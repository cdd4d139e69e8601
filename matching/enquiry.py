"""One request at one moment: what every pair of it reads is worked out once."""

from datetime import date, datetime

from msgspec import Struct

from matching.codes import REMOTE, Mode
from matching.model import Offer, Policy, Request, ServiceTerms, Slot, minute_of

ADULT = 18
_DAY = 24 * 60


class Enquiry(Struct, frozen=True):
    """A request with the day, the widening step and the free time of the next 14 days.

    `widen` 0 is the normal search; from 1 on (24 hours without a proposal) neighbouring cities, other districts and
    online service are offered too, each with a note that says so.
    """

    request: Request
    today: date
    widen: int
    policy: Policy
    free: tuple[Slot, ...]
    week_end: int
    talks: frozenset[str]

    @property
    def minor(self) -> bool | None:
        """Whether the student is under 18, or None when the age is not known."""
        age = self.request.age
        return None if age is None else age < ADULT


class Overlap(Struct, frozen=True):
    """Common free time in minutes: the longest stretch in 14 days and the sum in seven days."""

    longest: int
    week: int


def enquire(request: Request, *, today: date, now: datetime, widen: int = 0, policy: Policy | None = None) -> Enquiry:
    """Prepare a request; `now` must carry a time zone, ValueError otherwise."""
    start = minute_of(now)
    end = start + 14 * _DAY
    free = tuple(
        Slot(max(slot.start, start), min(slot.end, end))
        for slot in request.slots
        if slot.start < end and slot.end > start
    )
    return Enquiry(
        request=request,
        today=today,
        widen=widen,
        policy=policy or Policy(),
        free=free,
        week_end=start + 7 * _DAY,
        talks=request.speaks | request.languages,
    )


def overlap(enquiry: Enquiry, terms: ServiceTerms) -> Overlap | None:
    """Measure the common free time; None when either side has not said when (for the student: no slot in 14 days)."""
    if terms.slots is None or not enquiry.free:
        return None
    longest = week = 0
    week_end = enquiry.week_end
    for mine in enquiry.free:
        opens, closes = mine.start, mine.end
        for theirs in terms.slots:
            if theirs.end <= opens:
                continue
            if theirs.start >= closes:
                break
            begin, end = max(opens, theirs.start), min(closes, theirs.end)
            longest = max(longest, end - begin)
            week += max(0, min(end, week_end) - begin)
    return Overlap(longest, week)


def usable_modes(enquiry: Enquiry, terms: ServiceTerms) -> frozenset[Mode]:
    """Name the modes in which the pair could meet; a widened search adds the provider's online modes."""
    wished = enquiry.request.modes
    common = terms.modes & wished if wished else terms.modes
    return common | (terms.modes & REMOTE) if enquiry.widen else common


def idle_days(enquiry: Enquiry, offer: Offer) -> int | None:
    """Whole days since the provider's last match, never negative; None when there was none."""
    last = offer.last_match_on
    return None if last is None else max(0, (enquiry.today - last).days)
