"""What the crisis desk sees: the triggering sentence, age band, school, when to call; never the whole text."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.permissions import Scope, grant_for, require
from app.kit.viewer import Viewer
from app.matches.queries_desk import RunningLine, running_of
from app.needs import queries as needs
from app.needs.rules import SUBS
from app.organisations import queries as organisations
from app.people import queries as people
from app.regions.rules import label as region_label
from app.safety.rules import ACKNOWLEDGE_WITHIN, CONTACT_WITHIN, LEVELS, SERVICES, SEVERITIES, SOURCES


class AlertLine(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of the list."""

    id: UUID
    severity: str
    severity_label: str
    source_label: str
    at: datetime
    minutes: int
    band: str
    place: str
    state: str
    tone: str
    owner: str
    mine: bool
    call_me: bool
    level: str
    late: bool


class AssessmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier assessment."""

    at: datetime
    level: str
    downgrade_reason: str


class AlertDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One alert with what its owner needs to act."""

    line: AlertLine
    excerpt: str
    name: str
    phone: str
    window: str
    school: str
    contact_at: datetime | None
    guardian_at: datetime | None
    guardian_reason: str
    services: tuple[str, ...]
    level: str
    outcome: str
    closed_at: datetime | None
    note: str
    need_no: str
    need_sub: str
    need_state: str
    assessments: tuple[AssessmentLine, ...]
    running: tuple[RunningLine, ...]
    guardians_of: UUID | None


_SELECT = """
SELECT id, severity, source, at, age_band, school_id, org_path, region_code, ack_at, ack_by, ack_name, call_me_at,
       first_contact_at, level, closed_at, outcome, contact_window, student_id, object_type, object_id, guardian_at,
       guardian_reason, services_called
FROM crisis_alert
"""


async def desk(viewer: Viewer, *, now: datetime, closed: bool = False) -> list[AlertLine]:
    """Return alerts of the viewer's scope, newest first: the open ones, or those closed in the last 30 days."""
    grant = require(viewer, "crisis", "R")
    rows = await DB.rows(
        _SELECT
        + """
        WHERE ($1 OR org_path = $2 OR org_path LIKE $2 || '/%')
          AND (CASE WHEN $3 THEN closed_at >= $4 ELSE closed_at IS NULL END)
        ORDER BY at DESC, id LIMIT 200
        """,
        grant.scope is Scope.ALL,
        viewer.org_path,
        closed,
        now - timedelta(days=30),
    )
    schools = await organisations.lines({row["school_id"] for row in rows if row["school_id"]})
    return [_line(row, schools, viewer, now) for row in rows]


def _line(row: dict[str, Any], schools: dict[UUID, organisations.OrgLine], viewer: Viewer, now: datetime) -> AlertLine:
    waited = now - row["at"]
    state, tone = _state(row)
    school = schools.get(row["school_id"])
    late = row["closed_at"] is None and (
        (row["ack_at"] is None and waited > ACKNOWLEDGE_WITHIN)
        or (row["first_contact_at"] is None and waited > CONTACT_WITHIN)
    )
    return AlertLine(
        id=row["id"],
        severity=row["severity"],
        severity_label=SEVERITIES[row["severity"]],
        source_label=SOURCES.get(row["source"], row["source"]),
        at=row["at"],
        minutes=int(waited.total_seconds() // 60),
        band=row["age_band"],
        place=school.name if school else region_label(row["region_code"]) if row["region_code"] else "没有登录",
        state=state,
        tone=tone,
        owner=row["ack_name"],
        mine=row["ack_by"] is not None and row["ack_by"] == viewer.account_id,
        call_me=row["call_me_at"] is not None,
        level=LEVELS[row["level"]].label if row["level"] else "",
        late=late,
    )


def _state(row: dict[str, Any]) -> tuple[str, str]:
    if row["closed_at"] is not None:
        return "已办结", "good"
    if row["ack_at"] is None:
        return "等人处理", "bad"
    if row["first_contact_at"] is None:
        return "处理中 · 还没联系上", "wait"
    return ("处理中 · 已评估", "go") if row["level"] else ("处理中 · 已联系", "go")


async def alert(viewer: Viewer, alert_id: UUID, *, now: datetime) -> AlertDetail:
    """Return one alert; name and phone only for its owner. Every reading leaves an audit row."""
    grant = require(viewer, "crisis", "R")
    rows = await DB.rows("SELECT * FROM crisis_alert WHERE id = $1", alert_id)
    if not rows:
        raise NotFound
    row = rows[0]
    if grant.scope is not Scope.ALL and not viewer.covers(row["org_path"]):
        await audit(viewer, "crisis.read", "crisis_alert", alert_id, now=now, result="REFUSED")
        raise NotAllowed
    schools = await organisations.lines({row["school_id"]} if row["school_id"] else set())
    line = _line(row, schools, viewer, now)
    name, phone = await _person(viewer, row) if line.mine else ("", "")
    need = await needs.facts(row["object_id"]) if row["object_type"] == "need" and row["object_id"] else None
    shown = ["excerpt", *(["name", "phone"] if line.mine else [])]
    await audit(viewer, "crisis.read", "crisis_alert", alert_id, now=now, fields=shown, purpose="危机处置")
    return AlertDetail(
        line=line,
        excerpt=_open(row["excerpt_sealed"], f"crisis.excerpt:{alert_id}"),
        name=name,
        phone=phone,
        window=row["contact_window"],
        school=schools[row["school_id"]].name if row["school_id"] in schools else "",
        contact_at=row["first_contact_at"],
        guardian_at=row["guardian_at"],
        guardian_reason=row["guardian_reason"],
        services=tuple(SERVICES[code] for code in row["services_called"] or []),
        level=row["level"],
        outcome=row["outcome"],
        closed_at=row["closed_at"],
        note=_open(row["note_sealed"], f"crisis.note:{alert_id}"),
        need_no=need.no if need else "",
        need_sub=SUBS[need.sub] if need else "",
        need_state=need.state if need else "",
        assessments=await _assessments(row["student_id"] or alert_id),
        running=await running_of(row["student_id"]) if row["student_id"] else (),
        guardians_of=row["student_id"] if line.mine and grant_for(viewer, "guardian", "R") else None,
    )


async def _person(viewer: Viewer, row: dict[str, Any]) -> tuple[str, str]:
    typed = _open(row["contact_sealed"], f"crisis.contact:{row['id']}")
    if row["student_id"] is None:
        return "", typed
    names = await people.names([row["student_id"]])
    return names.get(row["student_id"], ""), typed or await people.phone_of(viewer, row["student_id"])


def _open(sealed: bytes | None, place: str) -> str:
    return vault().unseal(bytes(sealed), place) if sealed else ""


async def _assessments(subject_id: UUID) -> tuple[AssessmentLine, ...]:
    rows = await DB.rows(
        "SELECT at, level, downgrade_reason FROM risk_assessment WHERE subject_id = $1 ORDER BY at DESC, id DESC",
        subject_id,
    )
    return tuple(
        AssessmentLine(at=row["at"], level=LEVELS[row["level"]].label, downgrade_reason=row["downgrade_reason"])
        for row in rows
    )
