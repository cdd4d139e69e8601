"""Reads of needs for the other capabilities and for the person who asked."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, grant_for
from app.kit.viewer import Role, Viewer
from app.needs.rules_request import is_counselling
from app.people import queries as people
from app.people.rules import needs_guardian

COLUMNS = """
id, no, student_id, pseudonym, kind, category, sub, title, region_code, modes, languages, gender_pref, slots, wishes,
urgency, risk, amount_fen, state, created_at, opened_at, first_at, closed_at, org_id, org_path, automatic, priority,
escalation, posted_by, author_account, origin, dup_of, close_code, close_reason, result, satisfaction, wanted_offer,
first_proposal_at, last_proposal_at, review_since, confirm_since, version, reviewer_account,
created_by_appointment
"""
"""Every column but the sealed text."""


class NeedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A need as jobs and services see it. `text` is empty in lists; `slots` are (weekday, start, end) in minutes."""

    id: UUID
    no: str
    student_id: UUID
    pseudonym: str
    kind: str
    category: str
    sub: str
    title: str
    text: str = ""
    region_code: str
    modes: tuple[str, ...]
    languages: tuple[str, ...]
    gender_pref: str
    slots: tuple[tuple[int, int, int], ...]
    wishes: dict[str, Any]
    urgency: str
    risk: str
    amount_fen: int | None
    state: str
    created_at: datetime
    opened_at: datetime | None
    first_at: datetime | None
    closed_at: datetime | None
    org_id: UUID | None
    org_path: str
    automatic: bool
    priority: bool
    escalation: int
    posted_by: str
    author_account: UUID
    origin: str
    dup_of: UUID | None
    close_code: str
    close_reason: str
    result: str
    satisfaction: int | None
    wanted_offer: UUID | None
    first_proposal_at: datetime | None
    last_proposal_at: datetime | None
    review_since: datetime | None
    confirm_since: datetime | None
    reviewer_account: UUID | None
    created_by_appointment: UUID | None
    version: int


class NeedCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider may see before both sides confirm (domain 8.2, rule 4)."""

    id: UUID
    pseudonym: str
    sub: str
    category: str
    kind: str
    region_code: str
    modes: tuple[str, ...]
    languages: tuple[str, ...]
    gender_pref: str
    slots: tuple[tuple[int, int, int], ...]
    age_band: str
    urgency: str


def facts_of(row: dict[str, Any], text: str = "") -> NeedFacts:
    """Build facts from a row of COLUMNS."""
    values = {name: row[name] for name in NeedFacts.__struct_fields__ if name != "text"}
    values["modes"] = tuple(row["modes"] or ())
    values["languages"] = tuple(row["languages"] or ())
    values["slots"] = tuple((int(day), int(start), int(end)) for day, start, end in json.loads(row["slots"]))
    values["wishes"] = json.loads(row["wishes"])
    return NeedFacts(**values, text=text)


def unsealed_text(row: dict[str, Any]) -> str:
    """Open the sealed text of a row that holds `id` and `text_sealed`."""
    return vault().unseal(row["text_sealed"], f"need.text:{row['id']}")


async def facts(need_id: UUID) -> NeedFacts | None:
    """Return one need with its text, for services and jobs that act on it; pages use the viewer's queries."""
    rows = await DB.rows(f"SELECT {COLUMNS}, text_sealed FROM need WHERE id = $1", need_id)  # noqa: S608 - fixed columns
    return facts_of(rows[0], unsealed_text(rows[0])) if rows else None


async def facts_many(need_ids: list[UUID]) -> dict[UUID, NeedFacts]:
    """Return needs by id, without their texts."""
    rows = await DB.rows(f"SELECT {COLUMNS} FROM need WHERE id = ANY($1::uuid[])", need_ids)  # noqa: S608 - fixed columns
    return {row["id"]: facts_of(row) for row in rows}


async def open_of_kind(kind: str) -> list[NeedFacts]:
    """Return every need that waits for an offer of a kind, oldest first; red and orange ones are never in the pool."""
    rows = await DB.rows(
        f"""
        SELECT {COLUMNS} FROM need WHERE kind = $1 AND state = 'OPEN' AND risk IN ('NONE', 'BLUE', 'YELLOW')
        ORDER BY priority DESC, first_at, id
        """,  # noqa: S608 - fixed columns
        kind,
    )
    return [facts_of(row) for row in rows]


async def card(need_id: UUID, now: datetime) -> NeedCard:
    """Return the pseudonymous card of a need."""
    found = await cards([need_id], now)
    if need_id not in found:
        raise NotFound
    return found[need_id]


async def cards(need_ids: list[UUID], now: datetime) -> dict[UUID, NeedCard]:
    """Return pseudonymous cards by need id."""
    found = await facts_many(need_ids)
    students = await people.students({need.student_id for need in found.values()}, now)
    result: dict[UUID, NeedCard] = {}
    for need in found.values():
        student = students.get(need.student_id)
        same = {name: getattr(need, name) for name in NeedCard.__struct_fields__ if name != "age_band"}
        result[need.id] = NeedCard(**same, age_band=student.band if student else "")
    return result


async def stands_for(viewer: Viewer, student_id: UUID, now: datetime) -> str:
    """Return STUDENT for the student, GUARDIAN for the guardian of a child under 14, or ""."""
    if viewer.person_id is None:
        return ""
    if viewer.person_id == student_id:
        return "STUDENT"
    if viewer.role is Role.GUA and student_id in await people.wards_of(viewer.person_id):
        student = await people.student(student_id, now)
        if student is not None and needs_guardian(student.band):
            return "GUARDIAN"
    return ""


async def own(viewer: Viewer, need_id: UUID, now: datetime) -> NeedFacts:
    """Return a need for the student, the guardian of a young child, or the cadre who wrote it; 404 for others.

    A cadre's own counselling post and whatever was held for risk come back without title and text.
    """
    found = await facts(need_id)
    if found is None:
        raise NotFound
    if await stands_for(viewer, found.student_id, now):
        return found
    author = viewer.account_id == found.author_account and grant_for(viewer, "need", "R") is not None
    if author and viewer.covers(found.org_path):
        return hidden(found) if is_counselling(found.sub) or found.state in {"RISK_HOLD", "TO_CASE"} else found
    raise NotFound


def hidden(need: NeedFacts) -> NeedFacts:
    """Return the need without its words."""
    return msgspec.structs.replace(need, title="", text="", wishes={})


async def mine(viewer: Viewer, now: datetime) -> list[NeedFacts]:
    """Return my needs (as a student, or as the guardian of a young child), newest first."""
    if viewer.person_id is None:
        return []
    ids = {viewer.person_id}
    if viewer.role is Role.GUA:
        wards = await people.students(await people.wards_of(viewer.person_id), now)
        ids = {student.person_id for student in wards.values() if needs_guardian(student.band)}
    rows = await DB.rows(
        f"SELECT {COLUMNS} FROM need WHERE student_id = ANY($1::uuid[]) ORDER BY created_at DESC, id LIMIT 200",  # noqa: S608 - fixed columns
        list(ids),
    )
    return [facts_of(row) for row in rows]


def in_scope(viewer: Viewer, scope: Scope, org_path: str) -> bool:
    """Tell whether an organisation path lies within a grant of the viewer."""
    return scope is Scope.ALL or (scope is Scope.ORG and viewer.covers(org_path))


async def open_ids_of(student_id: UUID) -> list[UUID]:
    """Return the needs of a student that wait for a match."""
    rows = await DB.rows(
        "SELECT id FROM need WHERE student_id = $1 AND state = 'OPEN' ORDER BY first_at, id", student_id
    )
    return [row["id"] for row in rows]


async def sent_by(viewer: Viewer, draft_id: str) -> UUID | None:
    """Return the request that an account made of a draft, or None; a draft and its request share their id."""
    try:
        wanted = UUID(draft_id)
    except ValueError:
        return None
    found: UUID | None = await DB.value(
        "SELECT id FROM need WHERE id = $1 AND author_account = $2", wanted, viewer.account_id
    )
    return found


async def not_reviewers(need: NeedFacts) -> frozenset[UUID]:
    """Return accounts that may not review a need: its author and persons close to the student."""
    kept_out = {need.author_account}
    for person_id in await people.related_ids(need.student_id):
        account = await people.account_of_person(person_id)
        if account is not None:
            kept_out.add(account)
    return frozenset(kept_out)
