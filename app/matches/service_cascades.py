"""What happens to matches when something else happened: an offer went, a consent ended, time ran out."""

from datetime import datetime, timedelta
from uuid import UUID

from app.consents import service as consents
from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.viewer import SYSTEM, Role
from app.matches import queries
from app.matches.queries import MatchFacts
from app.matches.rules import CLOSE_NO_SHOW_AFTER, OPEN_STATES
from app.matches.service_progress import close_no_show, replace
from app.matches.service_steps import end, lock, move, tell_provider, tell_student
from app.needs import queries as needs
from app.people import queries as people

REPLACE_AFTER = timedelta(hours=24)
"""How long a student may choose the same person again after the provider did not come; then another is found."""

_NEED_CLOSED = frozenset({"SOLVED", "UNSOLVED", "MERGED", "EXPIRED"})


async def lapse_overdue(now: datetime) -> int:
    """Let answers that are overdue lapse; the next candidate follows. Only the provider's response score notices."""
    lapsed = 0
    for match_id in await queries.overdue(now):
        async with DB.transaction():
            match = await lock(match_id)
            if match.state not in OPEN_STATES or match.deadline_at is None or match.deadline_at > now:
                continue
            await move(match, "no_answer", "SYS", viewer=SYSTEM, now=now, reason="no_answer", ended_reason="no_answer")
            if match.state != "PROPOSED":
                await tell_student(match, "match.ended", now=now)
            lapsed += 1
    return lapsed


async def follow_up_no_shows(now: datetime) -> None:
    """Find somebody else where nothing was said after a day, and close what nobody rebooked after 14 days."""
    for match in await queries.in_state_since("NO_SHOW_P", now - REPLACE_AFTER):
        await replace(SYSTEM, match.id, now=now)
    for match in await queries.in_state_since("NO_SHOW_S", now - CLOSE_NO_SHOW_AFTER):
        await close_no_show(match.id, now=now)


async def offer_gone(offer_id: UUID, state: str, *, now: datetime) -> None:
    """Let open proposals of an offer lapse; a revoked offer ends what is running on it."""
    cause = "provider_revoked" if state == "REVOKED" else "offer_gone"
    await _end_each(await queries.live_where("offer_id", offer_id), cause, now=now)


async def provider_revoked(provider_id: UUID, *, now: datetime) -> None:
    """Terminate every match of a revoked provider; a professional calls each student (domain J11)."""
    running = [match for match in await queries.live_where("provider_id", provider_id) if match.holds_place]
    await _end_each(await queries.live_where("provider_id", provider_id), "provider_revoked", now=now)
    for match in running:
        need = await needs.facts(match.need_id)
        path = need.org_path if need else ""
        for account in await people.accounts_in_role([Role.PSY, Role.SUP], path, local_day(now)):
            await notify(account, "care.check", "/work", now=now)


async def need_ended(need_id: UUID, *, now: datetime) -> None:
    """End what is left of a need that was withdrawn, handed to a case or closed; read from its present state."""
    need = await needs.facts(need_id)
    if need is None:
        return
    causes = {"WITHDRAWN": "need_withdrawn", "TO_CASE": "elsewhere"}
    cause = causes.get(need.state, "need_closed" if need.state in _NEED_CLOSED else "")
    if cause:
        await _end_each(await queries.live_where("need_id", need_id), cause, now=now)


async def consent_withdrawn(
    student_id: UUID, purpose: str, recipient: UUID | None, consent_id: UUID | None, *, now: datetime
) -> None:
    """Stop what a withdrawn consent no longer allows, and note that the recipient sees nothing any more."""
    live = await queries.live_where("student_id", student_id)
    if purpose in {"P06", "P07"}:
        await _end_each([match for match in live if match.provider_id == recipient], "consent", now=now)
    elif purpose == "P03":
        await _end_each([match for match in live if match.kind == "COUNSEL"], "consent", now=now)
    elif purpose == "P02":
        await _end_each([match for match in live if match.state in OPEN_STATES], "consent", now=now)
    elif purpose == "P09":
        automatic = [match for match in live if match.origin == "AUTO" and match.state == "PROPOSED"]
        await _end_each(automatic, "consent", now=now)
    if consent_id is not None:
        await consents.effect_done(consent_id, now=now)


async def _end_each(found: list[MatchFacts], cause: str, *, now: datetime) -> None:
    for each in found:
        async with DB.transaction():
            match = await lock(each.id)
            ended = await end(match, cause, now=now)
            if ended is None:
                continue
            if match.state != "PROPOSED" or cause == "provider_revoked":
                await tell_student(match, "match.ended", now=now)
            if match.state != "PROPOSED":
                await tell_provider(match, "match.ended", now=now)
