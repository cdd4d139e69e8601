"""One step of a match: lock, ask the machine, write state, place and history, tell the need and the others."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.audit import audit, step
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.outbox import record
from app.kit.viewer import SYSTEM, Viewer
from app.matches import queries
from app.matches.queries import COLUMNS, MatchFacts, match_of
from app.matches.rules import ENDINGS, FACT_OF_STATE, FINAL, HOLDS_PLACE, MACHINE, deadline_for
from app.matches.tables import Match
from app.needs import queries as needs
from app.needs import service_progress as needs_progress
from app.needs import service_steps as need_steps
from app.offers import service_places
from app.people import queries as people


async def lock(match_id: UUID) -> MatchFacts:
    """Lock the need and then the match for the rest of the transaction, so that two answers never cross."""
    found = await queries.find(match_id)
    if found is None:
        raise NotFound
    await need_steps.lock(found.need_id)
    rows = await DB.rows(f"SELECT {COLUMNS} FROM match WHERE id = $1 FOR UPDATE", match_id)  # noqa: S608 - fixed columns
    return match_of(rows[0])


async def move(
    match: MatchFacts, event: str, actor: str, *, viewer: Viewer, now: datetime, reason: str = "", **changes: Any
) -> MatchFacts:
    """Make one listed transition in the present transaction.

    Frees the place when the new state holds none, and brings the need back to OPEN when a confirmed match ended.
    """
    state = await step(MACHINE, match.id, match.state, event, actor, viewer=viewer, now=now, reason=reason)
    changes |= {"state": state, "deadline_at": deadline_for(state, now)}
    leaves = match.holds_place and state not in HOLDS_PLACE
    if leaves:
        changes["holds_place"] = 0
    if state in FINAL:
        changes |= {"ended_at": now, "next_at": None}
        changes.setdefault("ended_reason", reason[:120])
    values: dict[Any, Any] = {**changes, "updated_at": now, "version": Match.version + 1}
    await Match.update(values, force=True).where(Match.id == match.id)
    await audit(viewer, f"match.{event}", "match", match.id, now=now)
    if leaves:
        await service_places.free_place(match.offer_id, now=now)
        if state != "COMPLETED":
            await _release_need(match, now=now)
    await _tell_others(match, event, state, now=now, reason=reason)
    moved = await queries.find(match.id)
    assert moved is not None
    return moved


async def _release_need(match: MatchFacts, *, now: datetime) -> None:
    """Bring the need back to OPEN, in front of the queue; a need that has gone another way stays where it is."""
    need = await needs.facts(match.need_id)
    if need is not None and need.state == "MATCHED":
        await needs_progress.match_ended(match.need_id, match.offer_id, now=now)
    elif need is not None and need.state == "IN_SERVICE":
        await needs_progress.provider_lost(match.need_id, match.offer_id, now=now)


async def _tell_others(match: MatchFacts, event: str, state: str, *, now: datetime, reason: str) -> None:
    kind = FACT_OF_STATE[state]
    if state == "IN_PROGRESS" and match.state == "DISPUTED":
        kind = "match.resolved"
    await record(
        kind,
        match.id,
        now=now,
        need_id=match.need_id,
        offer_id=match.offer_id,
        student_id=match.student_id,
        provider_id=match.provider_id,
        kind_of_offer=match.kind,
        event=event,
        came_from=match.state,
        reason=reason,
    )


async def end(match: MatchFacts, cause: str, *, now: datetime, viewer: Viewer = SYSTEM) -> MatchFacts | None:
    """End a match for a cause from outside (domain 6.3); None when its state stays as it is."""
    way = ENDINGS[cause].get(match.state)
    if way is None:
        return None
    event, actor = way
    return await move(match, event, actor, viewer=viewer, now=now, reason=cause, ended_reason=cause)


async def end_others(match: MatchFacts, *, now: datetime) -> None:
    """Let the other proposals of a need lapse once one of them is confirmed."""
    for other in await queries.live_where("need_id", match.need_id):
        if other.id != match.id:
            await end(other, "other_chosen", now=now)


async def tell_student(match: MatchFacts, template: str, *, now: datetime) -> None:
    """Notify the student in neutral words."""
    account = await people.account_of_person(match.student_id)
    if account is not None:
        await notify(account, template, f"/my-help/{match.need_id}", now=now)


async def tell_provider(match: MatchFacts, template: str, *, now: datetime, link: str = "") -> None:
    """Notify every account of the provider in neutral words."""
    for account in await people.accounts_of_provider(match.provider_id):
        await notify(account, template, link or f"/matches/{match.id}", now=now)
