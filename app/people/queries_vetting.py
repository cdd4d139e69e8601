"""Volunteers in vetting, as those who decide see them and as they see themselves."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import Change, history
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, grant_for, require
from app.kit.viewer import Role, Viewer
from app.organisations import queries as organisations
from app.organisations.rules import region_in_scope
from app.people.rules import check_ends
from app.people.rules_vetting import events_for


class VettingLine(msgspec.Struct, frozen=True, kw_only=True):
    """An applicant in a list."""

    person_id: UUID
    name: str
    vetting: str
    credential: str
    adult_only: bool
    region_code: str
    since: datetime | None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One record check: result, number, day."""

    kind: str
    result: str
    reference: str
    checked_on: date


class VettingPage(msgspec.Struct, frozen=True, kw_only=True):
    """One volunteer with everything a decision needs."""

    person_id: UUID
    name: str
    sex: str
    vetting: str
    level: str
    credential: str
    credential_no: str
    credential_issuer: str
    credential_issued: date | None
    credential_expiry: date | None
    adult_only: bool
    weekly_cap: int
    languages: tuple[str, ...]
    region_code: str
    supervised_sessions: int
    trials: int
    paused: bool
    modes: tuple[str, ...]
    motive: str
    check_consent: bool
    voices: tuple[str, ...]
    events: tuple[str, ...]
    checks: tuple[Check, ...]
    check_until: date | None
    claimed_check: date | None
    changes: tuple[Change, ...]

    @property
    def missing(self) -> str:
        """What the reviewer asked for, while papers are incomplete."""
        asked = [str(change["reason"]) for change in self.changes if change["event"] == "documents_incomplete"]
        return asked[-1] if asked and self.vetting == "DOCS" else ""


async def listed(viewer: Viewer, *, state: str = "", limit: int = 200) -> tuple[VettingLine, ...]:
    """Return applicants and volunteers of the viewer's area, those in a state first come first served."""
    scope = await _scope(viewer)
    if scope is None:
        return ()
    level, region, org_id = scope
    rows = await DB.rows(
        """
        SELECT v.person AS person_id, p.name, v.vetting, v.credential, v.adult_only, r.region_code,
               coalesce(v.vetting_since, v.created_at) AS since
        FROM volunteer_profile v JOIN person p ON p.id = v.person JOIN provider r ON r.id = v.provider_id
        WHERE ($1 = '' OR v.vetting = $1)
          AND ($2 = 'L1' OR ($2 = 'L2' AND left(r.region_code, 4) = left($3, 4)) OR ($2 = 'L3' AND r.region_code = $3)
               OR ($2 = 'L4' AND v.school_id = $4) OR ($2 = 'EXP' AND v.vetting = 'INTERVIEW'))
        ORDER BY since, v.id LIMIT $5
        """,
        state,
        level,
        region,
        org_id,
        limit,
    )
    return tuple(VettingLine(**row) for row in rows)


async def counts(viewer: Viewer) -> dict[str, int]:
    """Return how many volunteers of the viewer's area are in each state."""
    found: dict[str, int] = {}
    for line in await listed(viewer, limit=5000):
        found[line.vetting] = found.get(line.vetting, 0) + 1
    return found


async def _scope(viewer: Viewer) -> tuple[str, str, UUID | None] | None:
    """Return (level, region, organisation) that bound what the viewer sees; experts see those they interview."""
    if grant_for(viewer, "vetting", "A") is None:
        require(viewer, "vetting", "C" if viewer.role is Role.SCH else "R")
    if viewer.role is Role.VOL:
        return None
    if viewer.role is Role.EXP:
        return "EXP", "", None
    org = await organisations.line(viewer.org_id) if viewer.org_id else None
    if org is None:
        return None
    grant = grant_for(viewer, "vetting", "A") or grant_for(viewer, "vetting", "R") or grant_for(viewer, "vetting", "C")
    assert grant is not None
    return ("L1" if grant.scope is Scope.ALL else org.level), org.region_code, org.id


async def ensure_in_scope(viewer: Viewer, person_id: UUID) -> None:
    """Raise NotFound unless the volunteer is in the viewer's area, or is the viewer."""
    if viewer.role is Role.VOL and viewer.person_id == person_id:
        return
    scope = await _scope(viewer)
    rows = await DB.rows(
        """
        SELECT v.vetting, v.school_id, r.region_code FROM volunteer_profile v JOIN provider r ON r.id = v.provider_id
        WHERE v.person = $1
        """,
        person_id,
    )
    if scope is None or not rows:
        raise NotFound
    level, region, org_id = scope
    seen = {
        "EXP": rows[0]["vetting"] == "INTERVIEW",
        "L4": rows[0]["school_id"] is not None and rows[0]["school_id"] == org_id,
    }.get(level)
    if not (seen if seen is not None else region_in_scope(level, region, rows[0]["region_code"])):
        raise NotFound


async def page(viewer: Viewer, person_id: UUID) -> VettingPage:
    """Return one volunteer with the steps the viewer may take now."""
    await ensure_in_scope(viewer, person_id)
    rows = await DB.rows(
        """
        SELECT v.*, p.name, p.sex, r.region_code FROM volunteer_profile v JOIN person p ON p.id = v.person
        JOIN provider r ON r.id = v.provider_id WHERE v.person = $1
        """,
        person_id,
    )
    if not rows:
        raise NotFound
    checks = await DB.rows(
        "SELECT kind, result, reference, checked_on FROM record_check WHERE person = $1 ORDER BY checked_on DESC, id",
        person_id,
    )
    own = viewer.person_id == person_id
    events = events_for(rows[0]["vetting"], viewer.role) if own == (viewer.role is Role.VOL) else ()
    return _page(rows[0], tuple(Check(**check) for check in checks), tuple(await history(person_id)), events)


def _page(
    row: dict[str, Any], checks: tuple[Check, ...], changes: tuple[Change, ...], events: tuple[str, ...]
) -> VettingPage:
    application = json.loads(row["application"] or "{}")
    claimed = application.get("claimed_check_on")
    plain = {"person", "languages"}
    names = {field.name for field in msgspec.structs.fields(VettingPage)} & (set(row) - plain)
    return VettingPage(
        **{name: row[name] for name in names},
        person_id=row["person"],
        languages=tuple(row["languages"] or ()),
        modes=tuple(application.get("modes", ())),
        motive=application.get("motive", ""),
        check_consent=bool(application.get("check_consent_at")),
        voices=tuple(vote["event"] for vote in json.loads(row["votes"] or "[]")),
        events=events,
        checks=checks,
        claimed_check=date.fromisoformat(claimed) if claimed else None,
        check_until=max((check_ends(check.checked_on) for check in checks if check.result == "CLEAR"), default=None),
        changes=changes,
    )
