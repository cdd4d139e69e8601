"""What reviewers and cadres see: the review queue, one request with what to check, and the list of their schools."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock_work import after_working_days
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.parts import TimelineStep
from app.kit.permissions import COUNT, Grant, Scope, grant_for, require
from app.kit.viewer import Role, Viewer
from app.needs import queries_story
from app.needs.queries import (
    COLUMNS,
    NeedFacts,
    facts,
    facts_many,
    facts_of,
    hidden,
    in_scope,
    not_reviewers,
    unsealed_text,
)
from app.needs.rules import REVIEW_WORKING_DAYS, SUPPLY_TASK_WORKING_DAYS
from app.needs.rules_request import is_counselling, reviewer_roles
from app.people import queries as people
from app.texts.rules import find_private, masked

PAGE_SIZE = 50
SMALL = 10
COUNSELLING_MASK = "text:PS"
MASKED_TITLE = "（内容不显示）"


class ReviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the queue; `open` tells whether this viewer may decide it."""

    id: UUID
    no: str
    title: str
    sub: str
    state: str
    urgency: str
    since: datetime
    late: bool
    doubles: int
    mine: bool
    open: bool


class Segment(msgspec.Struct, frozen=True):
    """A stretch of text; `advice` is empty where nothing points at a person."""

    text: str
    advice: str = ""


class Double(msgspec.Struct, frozen=True, kw_only=True):
    """Another request of the same student that may be the same one."""

    id: UUID
    no: str
    title: str
    text: str
    state: str
    basis: str
    similarity: int
    at: datetime
    earlier: bool


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One request with everything a reviewer checks."""

    need: NeedFacts
    band: str
    title: tuple[Segment, ...]
    text: tuple[Segment, ...]
    private: bool
    doubles: tuple[Double, ...]
    steps: tuple[TimelineStep, ...]
    due: datetime | None


def shows_words(viewer: Viewer, need: NeedFacts) -> bool:
    """Tell whether the viewer's role may read the words of this need."""
    if need.state in {"RISK_HOLD", "TO_CASE"}:
        return viewer.role in {Role.SUP, Role.PSY}
    return not is_counselling(need.sub) or reads_counselling(viewer)


def reads_counselling(viewer: Viewer) -> bool:
    """Tell whether the permission table lets the viewer read what somebody wrote about their feelings."""
    grants = [grant_for(viewer, "need", "R"), grant_for(viewer, "need.review", "A")]
    held = [grant for grant in grants if grant is not None]
    return bool(held) and not any(grant.masked & {"text", COUNSELLING_MASK, COUNT} for grant in held)


async def waiting(viewer: Viewer, *, now: datetime, state: str = "REVIEW") -> list[ReviewLine]:
    """Return requests of the viewer's scope in REVIEW (or OPEN), the ones that wait longest first."""
    grant = require(viewer, "need.review", "A")
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS}, (SELECT count(*) FROM duplicate_candidate d WHERE d.decision = ''
                           AND (d.need_id = need.id OR d.other_id = need.id)) AS doubles
        FROM need WHERE state = $1 AND ($2 OR org_path = $3 OR org_path LIKE $3 || '/%')
        ORDER BY urgency = 'H' DESC, coalesce(review_since, created_at), id LIMIT 200
        """,  # noqa: S608 - fixed columns
        state,
        grant.scope is Scope.ALL,
        viewer.org_path,
    )
    return [_review_line(viewer, row, now) for row in rows]


def _review_line(viewer: Viewer, row: dict[str, Any], now: datetime) -> ReviewLine:
    need = facts_of(row)
    since = need.review_since or need.created_at
    mine = need.author_account == viewer.account_id
    trained = viewer.role is Role.PSY or viewer.role in reviewer_roles(need.sub)
    return ReviewLine(
        id=need.id,
        no=need.no,
        title=need.title if shows_words(viewer, need) else MASKED_TITLE,
        sub=need.sub,
        state=need.state,
        urgency=need.urgency,
        since=since,
        late=need.state == "REVIEW" and after_working_days(since, REVIEW_WORKING_DAYS) <= now,
        doubles=row["doubles"] if trained else 0,
        mine=mine,
        open=trained and not mine,
    )


async def review(viewer: Viewer, need_id: UUID, *, now: datetime) -> Review:
    """Return one request for its reviewer; others' schools 404 (403 for psychology teachers), untrained 403."""
    grant = require(viewer, "need.review", "A")
    need = await facts(need_id)
    if need is None or need.state in {"RISK_HOLD", "DRAFT"}:
        raise NotFound
    if not in_scope(viewer, grant.scope, need.org_path):
        raise NotAllowed if viewer.role is Role.PSY else NotFound
    if not shows_words(viewer, need):
        raise NotAllowed("心理健康类求助的内容只对心理教师和经过培训的审核员开放。")
    if viewer.account_id in await not_reviewers(need):
        raise NotAllowed("不能审核自己提交的求助，也不能审核本班或有关系的同学的求助。")
    student = await people.student(need.student_id, now)
    await audit(viewer, "need.review.read", "need", need_id, now=now, fields=["text"], purpose="审核")
    return Review(
        need=need,
        band=student.band if student else "",
        title=segments(need.title),
        text=segments(need.text),
        private=bool(find_private(f"{need.title}\n{need.text}")),
        doubles=await _doubles(viewer, need),
        steps=await queries_story.for_staff(need, now),
        due=after_working_days(need.review_since, REVIEW_WORKING_DAYS) if need.review_since else None,
    )


def segments(text: str) -> tuple[Segment, ...]:
    """Cut a text where something points at a person, so that a page can mark it."""
    parts: list[Segment] = []
    done = 0
    for hit in find_private(text):
        if hit.start > done:
            parts.append(Segment(text[done : hit.start]))
        parts.append(Segment(text[hit.start : hit.end], hit.advice))
        done = hit.end
    if done < len(text):
        parts.append(Segment(text[done:]))
    return tuple(parts)


async def _doubles(viewer: Viewer, need: NeedFacts) -> tuple[Double, ...]:
    rows = await DB.rows(
        """
        SELECT d.basis, d.similarity, n.id, n.no, n.title, n.text_sealed, n.state, n.created_at, n.first_at, n.sub
        FROM duplicate_candidate d
        JOIN need n ON n.id = CASE WHEN d.need_id = $1 THEN d.other_id ELSE d.need_id END
        WHERE (d.need_id = $1 OR d.other_id = $1) AND d.decision = '' AND n.state <> 'RISK_HOLD'
        ORDER BY n.created_at, n.id
        """,
        need.id,
    )
    return tuple(
        Double(
            id=row["id"],
            no=row["no"],
            title=row["title"],
            text=unsealed_text(row),
            state=row["state"],
            basis=row["basis"],
            similarity=row["similarity"],
            at=row["created_at"],
            earlier=(row["first_at"], row["id"]) < (need.first_at, need.id),
        )
        for row in rows
        if not is_counselling(row["sub"]) or reads_counselling(viewer)
    )


class StaffLine(msgspec.Struct, frozen=True, kw_only=True):
    """One request in the list of a school or region; never a name."""

    id: UUID
    no: str
    pseudonym: str
    title: str
    sub: str
    state: str
    urgency: str
    at: datetime
    late: bool


class StaffList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of requests and how many there are in each state; `lines` is empty for who sees only counts."""

    lines: tuple[StaffLine, ...]
    counts: dict[str, str]
    more: bool
    counted: bool


def _staff_grant(viewer: Viewer) -> Grant:
    grant = require(viewer, "need", "R")
    if grant.scope not in {Scope.ORG, Scope.ALL}:
        raise NotAllowed
    return grant


async def listed(
    viewer: Viewer, *, now: datetime, state: str = "", category: str = "", late: bool = False, page: int = 1
) -> StaffList:
    """Return the requests of the viewer's scope; what is held for risk is never in it."""
    grant = _staff_grant(viewer)
    scope = (grant.scope is Scope.ALL, viewer.org_path)
    counted = await DB.rows(
        """
        SELECT state, count(*) AS number FROM need
        WHERE state <> 'RISK_HOLD' AND ($1 OR org_path = $2 OR org_path LIKE $2 || '/%') GROUP BY state
        """,
        *scope,
    )
    small = viewer.role is Role.PRV
    counts = {row["state"]: _count(row["number"], small=small) for row in counted}
    if grant.counted:
        return StaffList(lines=(), counts=counts, more=False, counted=True)
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS} FROM need
        WHERE state <> 'RISK_HOLD' AND ($1 OR org_path = $2 OR org_path LIKE $2 || '/%')
          AND ($3 = '' OR state = $3) AND ($4 = '' OR category = $4)
          AND (NOT $5 OR (state = 'OPEN' AND opened_at <= $6))
        ORDER BY created_at DESC, id LIMIT $7 OFFSET $8
        """,  # noqa: S608 - fixed columns
        *scope,
        state,
        category,
        late,
        now - timedelta(days=SUPPLY_TASK_WORKING_DAYS),
        PAGE_SIZE + 1,
        (page - 1) * PAGE_SIZE,
    )
    needs = [facts_of(row) for row in rows[:PAGE_SIZE]]
    return StaffList(
        lines=tuple(_staff_line(viewer, need, now) for need in needs),
        counts=counts,
        more=len(rows) > PAGE_SIZE,
        counted=False,
    )


def _count(number: int, *, small: bool) -> str:
    return f"<{SMALL}" if small and number < SMALL else str(number)


def _staff_line(viewer: Viewer, need: NeedFacts, now: datetime) -> StaffLine:
    opened = need.opened_at
    return StaffLine(
        id=need.id,
        no=need.no,
        pseudonym=need.pseudonym,
        title=need.title if shows_words(viewer, need) else MASKED_TITLE,
        sub=need.sub,
        state=need.state,
        urgency=need.urgency,
        at=need.created_at,
        late=need.state == "OPEN"
        and opened is not None
        and after_working_days(opened, SUPPLY_TASK_WORKING_DAYS) <= now,
    )


class StaffNeed(msgspec.Struct, frozen=True, kw_only=True):
    """One request for staff of its school or region."""

    need: NeedFacts
    shown: bool
    band: str
    steps: tuple[TimelineStep, ...]


async def staff_need(viewer: Viewer, need_id: UUID, *, now: datetime) -> StaffNeed:
    """Return one request of the viewer's scope, without its words where the role may not read them."""
    grant = _staff_grant(viewer)
    need = (await facts_many([need_id])).get(need_id)
    if need is None or grant.counted or need.state == "RISK_HOLD":
        raise NotFound
    if not in_scope(viewer, grant.scope, need.org_path):
        raise NotAllowed if viewer.role is Role.PSY else NotFound
    shown = shows_words(viewer, need)
    full = await facts(need_id) if shown else hidden(need)
    assert full is not None
    full = msgspec.structs.replace(full, title=masked(full.title), text=masked(full.text))
    student = await people.student(need.student_id, now)
    read = ["state", "text"] if shown else ["state"]
    await audit(viewer, "need.read", "need", need_id, now=now, fields=read, purpose="跟进")
    steps = await queries_story.for_staff(need, now)
    return StaffNeed(need=full, shown=shown, band=student.band if student else "", steps=steps)
