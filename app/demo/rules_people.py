"""The people of the demo: who they are, what they may do and since when. Nobody here is real."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from app.demo.rules import chance, numbered
from app.demo.rules_places import MAJORS, PROVINCE, STAGE_OF_TYPE, OrgPlan
from app.kit.viewer import Role
from app.regions.rules import city_of

HOME_CITY, HOME_SCHOOL = "440600", "C05a"
"""The first account of every role belongs here, so that the demo can be told as one story."""
STUDENTS: Final = 142
_PG, _GR = 6, 6
_FIRST_AGE: Final = {"JH": 12, "SH": 15, "SV": 15, "HV": 18, "UG": 18}
_GRADES: Final = {"初一": 1, "初二": 2, "初三": 3, "高一": 1, "高二": 2, "高三": 3}
_LANGUAGES: Final = {
    "440500": "NAN",
    "445100": "NAN",
    "445200": "NAN",
    "441500": "NAN",
    "441400": "HAK",
    "441600": "HAK",
    "440200": "HAK",
}
_WINDOWS: Final = ("周一至周五 12:00-13:30", "周末 9:00-21:00", "晚上 20:00-22:00", "周三、周五 17:00-18:30", "")


class HatPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment: a role at an organisation or for a provider, both by key."""

    role: Role
    org: str = ""
    provider: str = ""
    cadre_type: str = ""
    position: str = ""
    days_ago: int = 300
    days_left: int | None = None


class StudentPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a student has beyond the person."""

    school: str
    branch: str
    stage: str
    grade_year: int
    class_name: str
    major: str
    languages: tuple[str, ...]
    gender_pref: str
    region: str
    window: str
    league_member: str
    difficulty_days: int | None
    graduated_days: int | None = None


class PersonPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the demo with one account."""

    key: str
    name: str
    sex: str
    birth: date
    hats: tuple[HatPlan, ...]
    student: StudentPlan | None = None
    ward: str = ""
    relation: str = ""


def _adult(key: str, label: str, number: int, day: date, *hats: HatPlan) -> PersonPlan:
    luck = chance("adult", key)
    return PersonPlan(
        key=key,
        name=numbered(label, number),
        sex=luck.choice("FM"),
        birth=day - timedelta(days=luck.randint(25 * 365, 52 * 365)),
        hats=hats,
    )


def staff(orgs: Sequence[OrgPlan], day: date) -> tuple[PersonPlan, ...]:
    """Return everybody who works for the league, a school, 12355 or the service itself."""
    people = [*_province(day), *_cities(orgs, day), *_schools(orgs, day)]
    return tuple(people)


def _province(day: date) -> Iterator[PersonPlan]:
    for role, label, cadres in (
        (Role.PRV, "省级团干部", ("FT", "SEC", "PT")),
        (Role.SEA, "坐席", ("", "", "")),
        (Role.SUP, "督导", ("", "")),
        (Role.EXP, "专家", ("", "", "")),
        (Role.FND, "青基会经办", ("", "")),
        (Role.DPO, "个人信息保护负责人", ("",)),
        (Role.SYS_A, "系统管理员", ("",)),
        (Role.SEC_A, "安全管理员", ("",)),
        (Role.AUD, "审计管理员", ("",)),
    ):
        for number, cadre in enumerate(cadres, 1):
            hat = HatPlan(role=role, org=PROVINCE, cadre_type=cadre)
            yield _adult(f"{role.value.lower().replace('-', '')}{number:02d}", label, number, day, hat)


def _cities(orgs: Sequence[OrgPlan], day: date) -> Iterator[PersonPlan]:
    codes = sorted((org.key for org in orgs if org.level == "L2"), key=lambda code: (code != HOME_CITY, code))
    for number, code in enumerate(codes, 1):
        cadre = ("FT", "SEC", "PT")[number % 3]
        yield _adult(f"cit{number:02d}", "市级团干部", number, day, HatPlan(role=Role.CIT, org=code, cadre_type=cadre))
        yield _adult(f"rev{number:02d}", "市级审核员", number, day, HatPlan(role=Role.REV, org=code))
    for number in range(len(codes) + 1, len(codes) + 6):
        yield _adult(f"rev{number:02d}", "省级审核员", number, day, HatPlan(role=Role.REV, org=PROVINCE))
    for number, code in enumerate((HOME_CITY, "440100", "440300"), 1):
        yield _adult(f"hos{number:02d}", "医院联络员", number, day, HatPlan(role=Role.HOS, org=code))
    seats = sorted(
        {org.parent for org in orgs if org.level == "L4" and _is_county(org.parent)},
        key=lambda code: (code != _home(orgs).parent, code),
    )
    for number, code in enumerate(seats[:12], 1):
        cadre = ("FT", "PT", "SEC")[number % 3]
        yield _adult(f"cty{number:02d}", "县级团干部", number, day, HatPlan(role=Role.CTY, org=code, cadre_type=cadre))


def _is_county(key: str) -> bool:
    city = city_of(key)
    return city is not None and city.code != key


def _home(orgs: Sequence[OrgPlan]) -> OrgPlan:
    return next(org for org in orgs if org.key == HOME_SCHOOL)


def schools_in_order(orgs: Sequence[OrgPlan]) -> list[OrgPlan]:
    """Return the schools, the home school first."""
    return sorted((org for org in orgs if org.level == "L4"), key=lambda org: org.key != HOME_SCHOOL)


def _schools(orgs: Sequence[OrgPlan], day: date) -> Iterator[PersonPlan]:
    for number, school in enumerate(schools_in_order(orgs), 1):
        cadre = "FT" if school.school_type in {"UG", "HV"} or number % 3 else "PT"
        hat = HatPlan(role=Role.SCH, org=school.key, cadre_type=cadre, position="团委书记")
        yield _adult(f"sch{number:02d}", "学校团委书记", number, day, hat)
        if number <= len(active(orgs)):
            yield _adult(f"psy{number:02d}", "心理教师", number, day, HatPlan(role=Role.PSY, org=school.key))
        if number <= 6:  # noqa: PLR2004 - a few are enough to see the role
            yield _adult(f"saf{number:02d}", "学工老师", number, day, HatPlan(role=Role.SAF, org=school.key))
    for number, part in enumerate(_first_parts(orgs, 12), 1):
        hat = HatPlan(role=Role.GRA, org=part.key, cadre_type="PT", position="团总支书记")
        yield _adult(f"gra{number:02d}", "年级团干部", number, day, hat)


def active(orgs: Sequence[OrgPlan]) -> list[OrgPlan]:
    """Return the schools whose students use the service."""
    return schools_in_order(orgs)[:32]


def _first_parts(orgs: Sequence[OrgPlan], count: int) -> list[OrgPlan]:
    parts = [org for org in orgs if org.level == "L5"]
    return sorted(parts, key=lambda org: (not org.key.startswith(f"{HOME_SCHOOL}."), org.key))[:count]


def students(orgs: Sequence[OrgPlan], day: date) -> tuple[PersonPlan, ...]:
    """Return the students, some of whom serve on committees; the first is 16 or 17 and goes to the home school."""
    branches: dict[str, list[OrgPlan]] = {}
    for org in orgs:
        if org.level == "L6":
            branches.setdefault(org.key.split(".")[0], []).append(org)
    schools = active(orgs)
    seats = [schools[0]] * 14 + [schools[number % len(schools)] for number in range(STUDENTS - 14)]
    found: list[PersonPlan] = []
    for number, school in enumerate(seats, 1):
        rooms = branches[school.key]
        room = (
            next((one for one in rooms if "高二" in one.name), rooms[0])
            if number == 1
            else rooms[number * 5 % len(rooms)]
        )
        found.append(_student(number, school, room, day))
    return (*_committees(found), *_graduates(schools, day))


def _student(number: int, school: OrgPlan, room: OrgPlan, day: date) -> PersonPlan:
    luck = chance("student", number)
    part = room.grade if room.grade in _GRADES else ""
    stage = ("JH" if part.startswith("初") else "SH") if part else STAGE_OF_TYPE[school.school_type]
    grade = _GRADES.get(part) or int(room.key.rsplit(".", 1)[1]) + 1
    age = _FIRST_AGE[stage] + grade - 1 + luck.choice((0, 0, 1))
    sex = "F" if number == 1 else luck.choice("FM")
    city = city_of(school.region)
    assert city is not None
    own = _LANGUAGES.get(city.code, "YUE")
    major = room.name.split("级", 1)[1].split("班")[0][:-1] if not part else ""
    return PersonPlan(
        key=f"stu{number:03d}",
        name=numbered("同学", number),
        sex=sex,
        birth=_birthday(age, day, luck.randint(180 if age == 14 else 15, 340)),  # noqa: PLR2004 - nobody turns fourteen within the history
        hats=(HatPlan(role=Role.STU, org=school.key, days_ago=400),),
        student=StudentPlan(
            school=school.key,
            branch=room.key,
            stage=stage,
            grade_year=grade,
            class_name=room.class_name,
            major=major if major in {one for names in MAJORS.values() for one in names} else "",
            languages=("PTH", own) if luck.random() < 0.6 else ("PTH",),  # noqa: PLR2004 - most speak the local language too
            gender_pref=luck.choice("NNNNF") if sex == "F" else luck.choice("NNNNM"),
            region=school.region,
            window=luck.choice(_WINDOWS),
            league_member="PIONEER" if age < 14 else luck.choice("YYN"),  # noqa: PLR2004 - the age of joining
            difficulty_days=luck.randint(30, 300) if number % 8 == 0 else None,
        ),
    )


def _birthday(age: int, day: date, days_since: int) -> date:
    latest = day - timedelta(days=days_since)
    return date(latest.year - age, latest.month, min(latest.day, 28))


def _committees(found: list[PersonPlan]) -> Iterator[PersonPlan]:
    """Give some students of fourteen and more a second appointment, which they wear first."""
    for number, person in enumerate(found):
        assert person.student is not None
        role = {1: Role.SEC, 2: Role.MEM, 3: Role.UNI}.get(number % 14)
        if role is None or (person.student.stage == "JH" and person.student.grade_year < 3):  # noqa: PLR2004 - members are fourteen
            yield person
            continue
        org = person.student.school if role is Role.UNI else person.student.branch
        hat = HatPlan(role=role, org=org, days_ago=70, days_left=290)
        yield msgspec.structs.replace(person, hats=(*person.hats, hat))


def _graduates(schools: Sequence[OrgPlan], day: date) -> Iterator[PersonPlan]:
    tertiary = [school for school in schools if school.school_type == "UG"]
    for number in range(STUDENTS + 1, STUDENTS + 1 + _PG + _GR):
        school = tertiary[number % len(tertiary)]
        gone = number > STUDENTS + _PG
        luck = chance("graduate", number)
        age = luck.choice((22, 23)) if gone else luck.choice((23, 24))
        yield PersonPlan(
            key=f"stu{number:03d}",
            name=numbered("同学", number),
            sex=luck.choice("FM"),
            birth=_birthday(age, day, luck.randint(15, 340)),
            hats=(HatPlan(role=Role.STU, org=school.key, days_ago=700),),
            student=StudentPlan(
                school=school.key,
                branch="",
                stage="UG" if gone else "PG",
                grade_year=4 if gone else 2,
                class_name="毕业班" if gone else "研究生班",
                major=luck.choice(("软件工程", "汉语言文学", "会计学", "法学")),
                languages=("PTH", "YUE"),
                gender_pref="N",
                region=school.region,
                window="晚上 20:00-22:00",
                league_member="Y",
                difficulty_days=None,
                graduated_days=luck.randint(120, 500) if gone else None,
            ),
        )


def guardians(found: Sequence[PersonPlan], day: date) -> tuple[PersonPlan, ...]:
    """Return a verified guardian for every child of 12 or 13, and for some older students below 18."""
    wards = [
        person
        for number, person in enumerate(found)
        if person.birth > _birthday(14, day, 0) or (person.birth > _birthday(18, day, 0) and number % 5 == 0)
    ]
    return tuple(
        msgspec.structs.replace(
            _adult(f"gua{number:02d}", "家长", number, day, HatPlan(role=Role.GUA)),
            ward=ward.key,
            relation=("MO", "FA", "GP")[number % 3],
        )
        for number, ward in enumerate(wards, 1)
    )
