"""K31 供需对接: how many needs were solved, how long it took, and how both sides answered (domain 11)."""

from datetime import datetime

import msgspec

from app.kit.errors import NotAllowed
from app.kit.permissions import require
from app.kit.viewer import CADRE_ROLES, Viewer
from app.ledger.rules import Ratio, at_share
from app.matches import queries_flow
from app.matches.queries_flow import Answers
from app.needs import queries_counts

_NOT_COUNTED = frozenset({"WITHDRAWN", "MERGED", "TO_CASE"})
_CLOSED = frozenset({"SOLVED", "UNSOLVED", "EXPIRED"})


class SupplyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """K31 of an organisation and below; hours are None when nothing happened yet."""

    fill: Ratio
    hours_to_proposal: tuple[float | None, float | None]
    hours_to_confirmed: tuple[float | None, float | None]
    answers: Answers
    no_supply_by_sub: dict[str, int]


async def k31_for(viewer: Viewer, first: datetime, last: datetime) -> SupplyFigures:
    """Return K31 for needs opened from `first` until before `last`: medians and 90th percentiles in hours."""
    require(viewer, "duty", "R")
    if viewer.role not in CADRE_ROLES:
        raise NotAllowed
    found = [need for need in await queries_counts.flow(viewer.org_path, first, last) if need.state not in _NOT_COUNTED]
    ids = [need.id for need in found]
    confirmed = await queries_flow.confirmed_at(ids)
    proposal = sorted(
        _hours(need.opened_at, need.first_proposal_at) for need in found if need.opened_at and need.first_proposal_at
    )
    both = sorted(
        _hours(need.opened_at, confirmed[need.id]) for need in found if need.opened_at and need.id in confirmed
    )
    expired = [need.sub for need in found if need.state == "EXPIRED"]
    return SupplyFigures(
        fill=Ratio(sum(need.state == "SOLVED" for need in found), sum(need.state in _CLOSED for need in found)),
        hours_to_proposal=(at_share(proposal, 50), at_share(proposal, 90)),
        hours_to_confirmed=(at_share(both, 50), at_share(both, 90)),
        answers=await queries_flow.answers(ids),
        no_supply_by_sub={sub: expired.count(sub) for sub in sorted(set(expired))},
    )


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600
