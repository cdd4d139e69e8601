"""A small world for tests: organisations, people in every role, all plainly demo; written through the tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.table import Table

from app.kit.clock import local_day
from app.kit.crypto import new_token, token_hash, vault
from app.kit.ids import new_id
from app.kit.viewer import STAFF_ROLES, Hat, Role, Viewer
from app.organisations.tables import Branch, Organisation, Provider, School
from app.people.tables import (
    Account,
    Appointment,
    Person,
    RecordCheck,
    SignInSession,
    StudentProfile,
    VolunteerProfile,
)


@dataclass(slots=True)
class Somebody:
    """One person of the world with everything a test may need."""

    person: UUID
    account: UUID
    name: str
    viewer: Viewer
    token: str
    provider: UUID | None = None


@dataclass(slots=True)
class World:
    """Ids of organisations and people by a short key."""

    now: datetime
    orgs: dict[str, UUID] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    people: dict[str, Somebody] = field(default_factory=dict)
    _waiting: dict[type[Table], list[Table]] | None = None

    def __getitem__(self, key: str) -> Somebody:
        return self.people[key]

    async def _save(self, row: Table) -> None:
        """Write a row now, or keep it until the whole world is written in one statement for each table."""
        if self._waiting is None:
            await row.save()
        else:
            self._waiting.setdefault(type(row), []).append(row)

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[None]:
        """Collect rows and write them together at the end; a test pays for a handful of statements, not hundreds."""
        self._waiting = {}
        yield
        waiting, self._waiting = self._waiting, None
        for table, rows in waiting.items():
            await table.insert(*rows)

    def viewer(self, key: str) -> Viewer:
        """Return the viewer of a person."""
        return self.people[key].viewer

    async def organisation(self, key: str, name: str, level: str, parent: str, region: str, **more: Any) -> UUID:
        """Add an organisation below another one (parent "" for the province)."""
        org_id = new_id()
        self.orgs[key] = org_id
        self.paths[key] = f"{self.paths[parent]}/{org_id}" if parent else str(org_id)
        await self._save(
            Organisation(
                id=org_id,
                code=f"DEMO-{key}",
                name=name,
                level=level,
                parent_id=self.orgs.get(parent),
                path=self.paths[key],
                region_code=region,
                created_at=self.now,
                demo=True,
                **more,
            )
        )
        return org_id

    async def school(self, key: str, name: str, parent: str, region: str, school_type: str = "CM") -> UUID:
        """Add a school with one branch `<key>.b1`."""
        org_id = await self.organisation(key, name, "L4", parent, region)
        await self._save(School(organisation=org_id, school_type=school_type, org_id=org_id))
        branch = await self.organisation(f"{key}.b1", "高二（示例）班团支部", "L6", key, region, kind="团支部")
        await self._save(Branch(organisation=branch, grade="高二", class_name="示例班", member_count=30))
        return org_id

    async def person(
        self,
        key: str,
        name: str,
        role: Role,
        org: str = "",
        *,
        birth: date = date(1990, 5, 1),
        sex: str = "F",
        provider: UUID | None = None,
        start: date | None = None,
        end: date | None = None,
        cadre_type: str = "",
        second_factor: bool = True,
        person_id: UUID | None = None,
    ) -> Somebody:
        """Add a person with account, appointment and a signed-in session."""
        person_id = person_id or new_id()
        account_id, hat_id, session_id = new_id(), new_id(), new_id()
        token = new_token()
        began = start or local_day(self.now) - timedelta(days=200)
        await self._save(
            Person(
                id=person_id, name=name, birth_date=birth, sex=sex, verified="REALNAME", demo=True, created_at=self.now
            )
        )
        await self._save(Account(id=account_id, login=f"{key}@demo.test", person=person_id, created_at=self.now))
        await self._save(
            Appointment(
                id=hat_id,
                person=person_id,
                role=role.value,
                organisation_id=self.orgs.get(org),
                provider_id=provider,
                start=began,
                end=end,
                cadre_type=cadre_type,
                duty_unit="CADRE" if cadre_type else "",
            )
        )
        passed = self.now if second_factor and role in STAFF_ROLES else None
        await self._save(
            SignInSession(
                id=session_id,
                account=account_id,
                token_hash=token_hash(token),
                hat_id=hat_id,
                second_factor_at=passed,
                last_seen=self.now,
                expires_at=self.now + timedelta(days=400),
                created_at=self.now,
            )
        )
        hat = Hat(hat_id, role, self.orgs.get(org), self.paths.get(org, ""), "", began, end, provider)
        viewer = Viewer(account_id, person_id, name, hat, (hat,), session_id, second_factor=passed is not None)
        self.people[key] = Somebody(person_id, account_id, name, viewer, token, provider)
        return self.people[key]

    async def student(
        self,
        key: str,
        name: str,
        school: str,
        *,
        birth: date,
        stage: str = "SH",
        grade_year: int = 2,
        region: str = "440604",
        sex: str = "F",
        gender_pref: str = "N",
        languages: tuple[str, ...] = ("PTH",),
        major: str = "",
    ) -> Somebody:
        """Add a student of a school with a profile."""
        somebody = await self.person(key, name, Role.STU, school, birth=birth, sex=sex)
        await self._save(
            StudentProfile(
                person=somebody.person,
                school_id=self.orgs[school],
                branch_id=self.orgs[f"{school}.b1"],
                stage=stage,
                grade_year=grade_year,
                class_name="示例班",
                student_no=f"DEMO{key}",
                languages=list(languages),
                gender_pref=gender_pref,
                region_code=region,
                major=major,
                org_id=self.orgs[school],
            )
        )
        return somebody

    async def provider(self, key: str, name: str, kind: str, region: str = "440604", **more: Any) -> UUID:
        """Add a verified provider."""
        provider_id = new_id()
        await self._save(
            Provider(
                id=provider_id,
                type=kind,
                legal_name=name,
                region_code=region,
                contact_person="示例联系人",
                contact_phone_sealed=vault().seal("13800000000", f"provider.phone:{provider_id}"),
                contact_checked_at=self.now,
                state=more.pop("state", "VERIFIED"),
                verified_at=self.now,
                demo=True,
                **more,
            )
        )
        self.orgs[key] = provider_id
        return provider_id

    async def volunteer(
        self,
        key: str,
        name: str,
        *,
        sex: str = "F",
        level: str = "A",
        languages: tuple[str, ...] = ("PTH",),
        checked: date | None = None,
        vetting: str = "ACTIVE",
        region: str = "440604",
        weekly_cap: int = 4,
    ) -> Somebody:
        """Add a vetted volunteer who is a provider of their own."""
        person_id = new_id()
        provider_id = await self.provider(f"{key}.provider", name, "VOL", region, person_id=person_id)
        somebody = await self.person(key, name, Role.VOL, sex=sex, provider=provider_id, person_id=person_id)
        await self._save(
            VolunteerProfile(
                person=somebody.person,
                provider_id=provider_id,
                vetting=vetting,
                level=level,
                credential="CR02",
                credential_no=f"DEMO-{key}",
                languages=list(languages),
                weekly_cap=weekly_cap,
            )
        )
        if checked is None:
            checked = local_day(self.now) - timedelta(days=30)
        await self._save(RecordCheck(person=somebody.person, result="CLEAR", reference="DEMO", checked_on=checked))
        return somebody


async def build_world(now: datetime) -> World:
    """Build the world: 佛山 with a county and a school, 深圳 with another school, and one person in every role."""
    world = World(now)
    async with world.at_once():
        await _fill(world)
    return world


async def _fill(world: World) -> None:
    await world.organisation("province", "（示例）团省委", "L1", "", "440000")
    await world.organisation("city", "（示例）团佛山市委", "L2", "province", "440600")
    await world.organisation("county", "（示例）团禅城区委", "L3", "city", "440604")
    await world.school("school", "（示例）青桥中学", "county", "440604")
    await world.organisation("city2", "（示例）团深圳市委", "L2", "province", "440300")
    await world.school("school2", "（示例）海湾职业学院", "city2", "440305", "HV")
    staff = {
        "sch": (Role.SCH, "school", "FT"),
        "gra": (Role.GRA, "school", "PT"),
        "psy": (Role.PSY, "school", ""),
        "saf": (Role.SAF, "school", ""),
        "cty": (Role.CTY, "county", "FT"),
        "cit": (Role.CIT, "city", "SEC"),
        "prv": (Role.PRV, "province", "FT"),
        "rev": (Role.REV, "city", ""),
        "rev2": (Role.REV, "city", ""),
        "rev_prv": (Role.REV, "province", ""),
        "sea": (Role.SEA, "province", ""),
        "sup": (Role.SUP, "province", ""),
        "dpo": (Role.DPO, "province", ""),
        "exp": (Role.EXP, "province", ""),
        "hos": (Role.HOS, "", ""),
        "fnd": (Role.FND, "province", ""),
        "sysa": (Role.SYS_A, "province", ""),
        "seca": (Role.SEC_A, "province", ""),
        "aud": (Role.AUD, "province", ""),
        "sch2": (Role.SCH, "school2", "FT"),
        "psy2": (Role.PSY, "school2", ""),
        "cit2": (Role.CIT, "city2", "FT"),
        "rev_c2": (Role.REV, "city2", ""),
    }
    for key, (role, org, cadre) in staff.items():
        await world.person(key, f"示例{role.value}{key}", role, org, cadre_type=cadre)
    await world.person("mem", "示例委员", Role.MEM, "school.b1", birth=date(2010, 1, 1))
    await world.person("sec", "示例书记", Role.SEC, "school.b1", birth=date(2010, 1, 1))
    await world.person("uni", "示例学生会", Role.UNI, "school", birth=date(2009, 1, 1))
    await world.student(
        "stu", "示例同学甲", "school", birth=date(2010, 6, 1), gender_pref="F", languages=("YUE", "PTH")
    )
    await world.student("adult", "示例同学乙", "school2", birth=date(2005, 3, 1), stage="UG", region="440305")
    await world.student("child", "示例同学丙", "school", birth=date(2013, 9, 1), stage="JH", grade_year=1)
    await world.person("gua", "示例家长", Role.GUA, birth=date(1980, 1, 1))
    for key, name, kind, role in (
        ("emp", "（示例）海岸科技", "EMP", Role.EMP),
        ("hou", "（示例）青年公寓", "HOU", Role.HOU),
        ("spo", "（示例）热心企业", "SPO", Role.SPO),
    ):
        provider_id = await world.provider(f"{key}.provider", name, kind)
        await world.person(key, f"示例{name[4:]}经办", role, provider=provider_id)
    await world.volunteer("vol", "示例志愿者A", languages=("YUE", "PTH"))
