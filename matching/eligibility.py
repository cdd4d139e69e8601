"""Hard gates: which pairs may exist, and a reason for each that may not (section 9).

The gates of a kind are a table. The cheap ones all run, so that a refusal names everything that stands in the way;
the comparison of calendars runs only when nothing else does.
"""

from collections.abc import Mapping

from matching import practicalities, safeguards
from matching.codes import Kind
from matching.enquiry import Enquiry
from matching.model import Offer
from matching.reasons import REASONS, Reason, ReasonCode
from matching.safeguards import Gate

_EVERY: tuple[Gate, ...] = (
    practicalities.published,
    practicalities.provider,
    practicalities.validity,
    practicalities.capacity,
    safeguards.need,
    safeguards.risk,
    safeguards.route,
    safeguards.age,
    safeguards.offer_age,
    safeguards.stage,
    safeguards.guardian,
    safeguards.relation,
    safeguards.history,
)
_SERVICE: tuple[Gate, ...] = (
    *_EVERY,
    safeguards.volunteer,
    safeguards.record_check,
    safeguards.gender,
    practicalities.weekly_cap,
    practicalities.language,
    practicalities.mode,
    practicalities.service_region,
)
GATES: Mapping[Kind, tuple[Gate, ...]] = {
    Kind.COUNSEL: _SERVICE,
    Kind.STUDY: _SERVICE,
    Kind.LEGAL: _SERVICE,
    Kind.INTERN: (
        *_EVERY,
        safeguards.internship_stage,
        safeguards.record_check,
        practicalities.internship_region,
        practicalities.education,
    ),
    Kind.HOUSE: (*_EVERY, practicalities.house_region),
    Kind.SPONSOR: (*_EVERY, safeguards.sponsor),
}
"""The gates of each kind in the order in which their reasons are listed."""

_DIFFERENT_KIND = (REASONS[ReasonCode.KIND_DIFFERENT],)


def judge(enquiry: Enquiry, offer: Offer) -> tuple[Reason, ...]:
    """Everything the gates found about a pair; it may exist when no reason blocks, see `may_exist`."""
    if enquiry.request.kind is not offer.kind:
        return _DIFFERENT_KIND
    found: list[Reason] = []
    for gate in GATES[offer.kind]:
        code = gate(enquiry, offer)
        if code is not None and REASONS[code] not in found:
            found.append(REASONS[code])
    if may_exist(found):
        late = practicalities.time(enquiry, offer)
        if late is not None:
            found.append(REASONS[late])
    return tuple(found)


def may_exist(reasons: tuple[Reason, ...] | list[Reason]) -> bool:
    """Whether a pair with these reasons may be proposed."""
    return not any(reason.blocks for reason in reasons)
