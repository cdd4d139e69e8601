"""Rosters from Excel: read, shown with an outcome for each row, written only after confirmation, twice adds nothing."""

import asyncio
import io
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from app.kit.audit import audit
from app.kit.clock import age_on, local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound, Refusal
from app.kit.ids import new_id
from app.kit.permissions import Scope, require
from app.kit.reading import Unreadable
from app.kit.viewer import ROLE_LABELS, Role, Viewer
from app.organisations import queries as organisations
from app.organisations.rules import folded
from app.people import rules_roster
from app.people.errors import RosterUnreadable
from app.people.rules_roles import fits_level, may_appoint
from app.people.rules_roster import ROLE_OF_LEVEL, STAGE_OF_SCHOOL, CadreRow, Header, StudentRow
from app.people.service import Added, NewAppointment, NewPerson, add_person, appoint, write_person
from app.people.tables import RosterUpload, StudentProfile

YOUNGEST, OLDEST = 5, 45
MOST_ROWS = 5000


class RosterLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the file with its outcome: accept, update, duplicate, refuse or skip."""

    row: int
    outcome: str
    who: str
    message: str
    data: dict[str, Any] = {}


class RosterPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read; nothing of it is written before `confirm`."""

    id: UUID
    kind: str
    file_name: str
    lines: tuple[RosterLine, ...]
    confirmed_at: datetime | None = None

    def count(self, outcome: str) -> int:
        """Return how many rows have an outcome."""
        return sum(line.outcome == outcome for line in self.lines)


class RosterResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a confirmation wrote; the codes are shown this once and kept nowhere."""

    added: int
    updated: int
    untouched: int
    codes: tuple[tuple[str, str], ...] = ()


def _read_cells(content: bytes) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as problem:
        raise RosterUnreadable("这个文件打不开，请另存为 .xlsx 再上传。", field="file") from problem
    return next((cells for cells in sheets if rules_roster.find_header(cells)), [])


async def preview(viewer: Viewer, file_name: str, content: bytes, *, now: datetime) -> RosterPreview:
    """Read a roster and keep what would be written; every row has an outcome and a sentence."""
    require(viewer, "people", "C")
    cells = await asyncio.to_thread(_read_cells, content)
    header = rules_roster.find_header(cells)
    if header is None:
        raise RosterUnreadable(field="file")
    if len(cells) > MOST_ROWS:
        raise RosterUnreadable(f"一次最多导入 {MOST_ROWS} 行，请分成几个文件。", field="file")
    seen: set[str] = set()
    lines = [
        await _judge(viewer, number, cells[number], header, seen, now) for number in range(header.row + 1, len(cells))
    ]
    upload = RosterPreview(id=new_id(), kind=header.kind, file_name=file_name[:120], lines=tuple(lines))
    async with DB.transaction():
        await RosterUpload(
            id=upload.id,
            kind=upload.kind,
            file_name=upload.file_name,
            rows=msgspec.json.encode(lines).decode(),
            created_at=now,
            updated_at=now,
            created_by_appointment=viewer.appointment_id,
            org_id=viewer.org_id,
            data_class="L3",
        ).save()
        await audit(viewer, "roster.preview", "roster_upload", upload.id, now=now)
    return upload


async def _judge(
    viewer: Viewer, number: int, row: list[Any], header: Header, seen: set[str], now: datetime
) -> RosterLine:
    if rules_roster.is_note(row):
        return RosterLine(row=number + 1, outcome="skip", who="", message="空行或说明，跳过。")
    who = str(rules_roster.cell(row, header, "name")).strip()[:40]
    try:
        if header.kind == "students":
            outcome, message, data = await _judge_student(viewer, rules_roster.read_student(row, header), seen, now)
        else:
            outcome, message, data = await _judge_cadre(viewer, rules_roster.read_cadre(row, header), seen, now)
    except Unreadable as problem:
        return RosterLine(row=number + 1, outcome="refuse", who=who, message=str(problem))
    return RosterLine(row=number + 1, outcome=outcome, who=who, message=message, data=data)


async def _school_of(viewer: Viewer, name: str) -> organisations.OrgLine:
    """Return the school a row belongs to: the viewer's own, or the one named, within scope."""
    grant = require(viewer, "people", "C")
    own = await organisations.line(viewer.org_id) if viewer.org_id else None
    if own is not None and own.level == "L4" and (not name or folded(name) == folded(own.name)):
        return own
    if not name:
        raise Unreadable("没有填学校。请加一列“学校”，写全称。")
    found = [
        school
        for school in await organisations.schools_named(name)
        if grant.scope is Scope.ALL or viewer.covers(school.path)
    ]
    if len(found) != 1:
        raise Unreadable(f"在您管理的范围里没有找到“{name}”这所学校。")
    return found[0]


async def _judge_student(
    viewer: Viewer, row: StudentRow, seen: set[str], now: datetime
) -> tuple[str, str, dict[str, Any]]:
    school = await _school_of(viewer, row.school)
    if not YOUNGEST <= age_on(row.birth_date, local_day(now)) <= OLDEST:
        raise Unreadable("出生日期看起来不对，请核对年份。")
    key = f"{school.id}/{row.student_no}"
    if key in seen:
        return "duplicate", "这个学号在表里出现过，以前面一行为准。", {}
    seen.add(key)
    data = msgspec.to_builtins(row) | {"school_id": str(school.id)}
    known = await _known_student(school.id, row.student_no)
    if known is None:
        return "accept", "将加入名单。", data
    if known["name"] != row.name or known["birth_date"] != row.birth_date:
        raise Unreadable("这个学号在名单里是另一位同学，或姓名、出生日期不一致，请核对。")
    same = (known["class_name"], known["grade_year"]) == (row.class_name, row.grade_year)
    if same and (not row.stage or row.stage == known["stage"]):
        return "duplicate", "名单里已有，不再添加。", {}
    return "update", "名单里已有，将更新年级和班级。", data | {"person_id": str(known["person"])}


async def _known_student(school_id: UUID, student_no: str) -> dict[str, Any] | None:
    rows = await DB.rows(
        """
        SELECT s.person, s.class_name, s.grade_year, s.stage, p.name, p.birth_date
        FROM student_profile s JOIN person p ON p.id = s.person WHERE s.school_id = $1 AND s.student_no = $2
        """,
        school_id,
        student_no,
    )
    return rows[0] if rows else None


async def _judge_cadre(viewer: Viewer, row: CadreRow, seen: set[str], now: datetime) -> tuple[str, str, dict[str, Any]]:
    org = await _organisation_of(viewer, row.organisation)
    role = Role(row.role) if row.role else ROLE_OF_LEVEL[org.level]
    if not may_appoint(viewer.role, role) or not fits_level(role, org.level):
        raise Unreadable("您不能在这个组织任命这个角色。")
    if row.end is not None and row.end < (row.start or local_day(now)):
        raise Unreadable("任期结束早于开始，请核对。")
    key = f"{row.name}/{org.id}/{role}"
    if key in seen or await _holds(row.name, org.id, role, local_day(now)):
        return "duplicate", "已有同一项任职，不再添加。", {}
    seen.add(key)
    data = msgspec.to_builtins(row) | {"organisation_id": str(org.id), "role": role.value}
    return "accept", f"将任命为{org.name}的{ROLE_LABELS[role]}。", data


async def _organisation_of(viewer: Viewer, name: str) -> organisations.OrgLine:
    found = [
        org
        for org in await organisations.search_scope(viewer, name, thing="people")
        if folded(org.name) == folded(name)
    ]
    if len(found) != 1:
        raise Unreadable(f"在您管理的范围里没有找到“{name}”这个组织，请写全称。")
    return found[0]


async def _holds(name: str, org_id: UUID, role: Role, day: date) -> bool:
    found = await DB.value(
        """
        SELECT 1 FROM appointment t JOIN person p ON p.id = t.person
        WHERE p.name = $1 AND t.organisation_id = $2 AND t.role = $3 AND (t."end" IS NULL OR t."end" >= $4) LIMIT 1
        """,
        name,
        org_id,
        role.value,
        day,
    )
    return found is not None


async def opened(viewer: Viewer, upload_id: UUID) -> RosterPreview:
    """Return an upload of the viewer's own appointment."""
    require(viewer, "people", "C")
    rows = await DB.rows(
        """
        SELECT id, kind, file_name, rows, confirmed_at FROM roster_upload
        WHERE id = $1 AND created_by_appointment IS NOT DISTINCT FROM $2
        """,
        upload_id,
        viewer.appointment_id,
    )
    if not rows:
        raise NotFound
    row = rows[0]
    return RosterPreview(
        id=row["id"],
        kind=row["kind"],
        file_name=row["file_name"],
        lines=msgspec.json.decode(row["rows"], type=tuple[RosterLine, ...]),
        confirmed_at=row["confirmed_at"],
    )


async def confirm(viewer: Viewer, upload_id: UUID, *, now: datetime) -> RosterResult:
    """Write the accepted rows in one transaction; confirming again writes nothing."""
    upload = await opened(viewer, upload_id)
    async with DB.transaction():
        first = await DB.rows(
            """
            UPDATE roster_upload SET confirmed_at = $2, rows = '[]'::jsonb, updated_at = $2
            WHERE id = $1 AND confirmed_at IS NULL RETURNING id
            """,
            upload_id,
            now,
        )
        if not first:
            return RosterResult(added=0, updated=0, untouched=0)
        write = _write_student if upload.kind == "students" else _write_cadre
        done = [await write(viewer, line.data, now) for line in upload.lines if line.outcome in {"accept", "update"}]
        result = RosterResult(
            added=sum(what == "added" for what, _ in done),
            updated=sum(what == "updated" for what, _ in done),
            untouched=len(upload.lines) - sum(what in {"added", "updated"} for what, _ in done),
            codes=tuple(code for _, code in done if code is not None),
        )
        summary = {"added": result.added, "updated": result.updated, "untouched": result.untouched}
        await DB.rows("UPDATE roster_upload SET result = $2::jsonb WHERE id = $1", upload_id, json.dumps(summary))
        await audit(viewer, "roster.confirm", "roster_upload", upload_id, now=now)
    return result


Written = tuple[str, tuple[str, str] | None]


async def _write_student(viewer: Viewer, data: dict[str, Any], now: datetime) -> Written:
    row = msgspec.convert({name: data[name] for name in StudentRow.__struct_fields__}, StudentRow, strict=False)
    school_id = UUID(data["school_id"])
    known = await _known_student(school_id, row.student_no)
    if known is not None:
        if "person_id" not in data:
            return "untouched", None
        await DB.rows(
            """
            UPDATE student_profile SET class_name = $2, grade_year = $3, stage = coalesce(nullif($4, ''), stage),
                   updated_at = $5, version = version + 1 WHERE person = $1
            """,
            known["person"],
            row.class_name,
            row.grade_year,
            row.stage,
            now,
        )
        return "updated", None
    await _add_student(viewer, row, school_id, now)
    return "added", None


async def _add_student(viewer: Viewer, row: StudentRow, school_id: UUID, now: datetime) -> None:
    school = await organisations.line(school_id)
    if school is None:
        raise NotFound
    school_type = await organisations.school_type(school_id)
    person_id = await write_person(
        NewPerson(name=row.name, birth_date=row.birth_date, sex=row.sex, phone=row.phone, verified="SCHOOL_ROSTER"),
        now=now,
        by=viewer.appointment_id,
    )
    await StudentProfile(
        id=new_id(),
        person=person_id,
        school_id=school_id,
        branch_id=await organisations.branch_named(school.path, row.class_name) if row.class_name else None,
        stage=row.stage or STAGE_OF_SCHOOL.get(school_type, "OT"),
        grade_year=row.grade_year,
        class_name=row.class_name,
        major=row.major,
        student_no=row.student_no,
        league_member=row.league_member,
        languages=["PTH"],
        region_code=school.region_code,
        org_id=school_id,
        created_at=now,
        updated_at=now,
        created_by_appointment=viewer.appointment_id,
        data_class="L3",
    ).save()


async def _write_cadre(viewer: Viewer, data: dict[str, Any], now: datetime) -> Written:
    row = msgspec.convert({name: data[name] for name in CadreRow.__struct_fields__}, CadreRow, strict=False)
    new = NewAppointment(
        role=Role(data["role"]),
        organisation_id=UUID(data["organisation_id"]),
        start=row.start or local_day(now),
        end=row.end,
        position=row.position,
        cadre_type=row.cadre_type or "PT",
    )
    if await _holds(row.name, new.organisation_id, new.role, local_day(now)):
        return "untouched", None
    known = None
    if row.phone:
        known = await DB.value(
            "SELECT id FROM person WHERE phone_hash = $1 AND name = $2 LIMIT 1", vault().lookup(row.phone), row.name
        )
    try:
        async with DB.transaction():
            added: Added = (
                await appoint(viewer, known, new, now=now)
                if known
                else await add_person(viewer, NewPerson(name=row.name, sex=row.sex, phone=row.phone), new, now=now)
            )
    except Refusal:
        return "untouched", None
    return "added", (row.name, added.code) if added.code else None
