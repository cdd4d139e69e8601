"""The league tree of the demo: the province, 21 cities, 122 counties, some 60 schools, their faculties and branches."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from app.demo.rules import MARK, chance
from app.regions.rules import PROVINCE_CODE, Region, cities, counties

PROVINCE: Final = "province"
_WORDS: Final = (
    *("木棉", "紫荆", "凤凰", "白鹭", "海帆", "晨曦", "青桥", "云山", "珠水", "南枝"),
    *("星河", "远航", "启明", "致远", "新苗", "榕荫", "荔园", "松涛", "江岸", "春晖"),
    *("明德", "弘毅", "翠竹", "听涛", "望海", "金禾", "竹溪", "丹霞", "碧江", "绿洲"),
    *("朝阳", "莲峰", "梅岭", "蓝湾", "桂香", "石溪", "文澜", "百川", "行知", "景行"),
    *("博雅", "清泉", "鹿鸣", "飞燕", "知行", "长风", "云帆", "双桥", "芳草", "东篱"),
    *("柳浪", "枫林", "乐群", "思源", "向阳", "学海", "崇文", "溪山", "星火", "银杏"),
)
_ENDINGS: Final[Mapping[str, str]] = {
    "JH": "初级中学",
    "SH": "高级中学",
    "CM": "中学",
    "SV": "中等职业技术学校",
    "TE": "技工学校",
    "HV": "职业技术学院",
    "UG": "大学",
    "SP": "特殊教育学校",
}
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "JH": ("初一", "初二", "初三"),
    "SH": ("高一", "高二", "高三"),
    "CM": ("初二", "初三", "高一", "高二", "高三"),
    "SV": ("学前教育部", "汽车工程部", "现代服务部"),
    "TE": ("机电工程系", "信息技术系", "烹饪工程系"),
    "HV": ("护理学院", "机电学院", "商学院"),
    "UG": ("计算机学院", "文学院", "法学院", "经济管理学院"),
    "SP": ("职业高中部",),
}
"""Grades or faculties by type of school."""
MAJORS: Final[Mapping[str, tuple[str, ...]]] = {
    "学前教育部": ("学前教育",),
    "汽车工程部": ("汽车运用与维修",),
    "现代服务部": ("会计事务", "旅游服务与管理"),
    "机电工程系": ("机电技术应用", "电气设备运行与控制"),
    "信息技术系": ("计算机应用", "数字媒体技术"),
    "烹饪工程系": ("中餐烹饪",),
    "护理学院": ("护理", "健康管理与促进"),
    "机电学院": ("机电一体化技术", "工业机器人技术"),
    "商学院": ("大数据与会计", "电子商务", "市场营销"),
    "计算机学院": ("软件工程", "计算机科学与技术", "网络工程"),
    "文学院": ("汉语言文学", "新闻学", "广告学"),
    "法学院": ("法学", "社会工作"),
    "经济管理学院": ("会计学", "工商管理", "人力资源管理"),
    "职业高中部": ("工艺美术",),
}
STAGE_OF_TYPE: Final[Mapping[str, str]] = {
    "JH": "JH",
    "SH": "SH",
    "CM": "SH",
    "SV": "SV",
    "TE": "SV",
    "HV": "HV",
    "UG": "UG",
    "SP": "SV",
}
_COUNTY_TYPES: Final = ("CM", "JH", "SH")
_CITY_TYPES: Final = ("SV", "SH", "HV", "TE", "CM", "HV", "SV")
_SECOND_SCHOOLS: Final = ("440100", "440300", "440600", "441900", "442000", "440700", "441300", "440500", "440800")
_PROVINCIAL: Final = (
    ("UG", "440106"),
    ("UG", "440112"),
    ("UG", "440305"),
    ("UG", "440605"),
    ("UG", "440402"),
    ("UG", "445102"),
    ("HV", "440111"),
    ("HV", "440606"),
    ("SH", "440104"),
    ("CM", "440113"),
)


class OrgPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation of the demo; `key` names it inside the demo, `parent` is another key."""

    key: str
    name: str
    level: str
    parent: str
    region: str
    kind: str = "团委"
    school_type: str = ""
    grade: str = ""
    class_name: str = ""
    members: int = 0


def organisations(year: int) -> tuple[OrgPlan, ...]:
    """Return every organisation, parents first; `year` is the one in which the school year began."""
    heads = [OrgPlan(key=PROVINCE, name=f"{MARK}共青团广东省委员会", level="L1", parent="", region=PROVINCE_CODE)]
    for city in cities():
        heads.append(_committee(city, "L2", PROVINCE, f"{MARK}共青团{city.name}委员会"))
        heads.extend(
            _committee(county, "L3", city.code, f"{MARK}共青团{city.name}{county.name}委员会")
            for county in counties(city.code)
        )
    schools = tuple(_schools())
    below = [plan for school in schools for plan in _parts(school, year)]
    return (*heads, *schools, *below)


def _committee(place: Region, level: str, parent: str, name: str) -> OrgPlan:
    return OrgPlan(key=place.code, name=name, level=level, parent=parent, region=place.code)


def _schools() -> Iterator[OrgPlan]:
    words = iter(_WORDS * 2)
    for number, (kind, region) in enumerate(_PROVINCIAL):
        yield _school(f"P{number:02d}", f"岭南{next(words)}", kind, PROVINCE, region)
    for number, city in enumerate(cities()):
        inside = counties(city.code) or (city,)
        first = inside[number % min(3, len(inside))]
        yield _school(
            f"C{number:02d}a", f"{first.short}{next(words)}", _COUNTY_TYPES[number % 3], first.code, first.code
        )
        home = inside[0]
        yield _school(f"C{number:02d}b", f"{city.short}{next(words)}", _CITY_TYPES[number % 7], city.code, home.code)
    for number, code in enumerate(_SECOND_SCHOOLS):
        inside = counties(code) or tuple(city for city in cities() if city.code == code)
        place = inside[(number + 2) % len(inside)]
        yield _school(
            f"D{number:02d}", f"{place.short}{next(words)}", ("JH", "CM", "SH")[number % 3], place.code, place.code
        )
    yield _school("SP0", f"佛山{next(words)}", "SP", "440600", "440604")


def _school(key: str, name: str, kind: str, parent: str, region: str) -> OrgPlan:
    return OrgPlan(
        key=key,
        name=f"{MARK}{name}{_ENDINGS[kind]}",
        level="L4",
        parent=parent,
        region=region,
        school_type=kind,
        kind="团委",
    )


def _parts(school: OrgPlan, year: int) -> Iterator[OrgPlan]:
    luck = chance("branches", school.key)
    tertiary = school.school_type in {"HV", "UG"}
    for number, part in enumerate(PARTS[school.school_type]):
        key = f"{school.key}.{number}"
        label = f"{part}团总支" if tertiary or part.endswith(("部", "系")) else f"{part}年级团总支"
        yield OrgPlan(key=key, name=label, level="L5", parent=school.key, region=school.region, kind="团总支")
        for room in (1, 2):
            named = f"{part}（{room}）班" if part not in MAJORS else f"{year - room}级{MAJORS[part][0]}{room}班"
            yield OrgPlan(
                key=f"{key}.{room}",
                name=f"{named}团支部",
                level="L6",
                parent=key,
                region=school.region,
                kind="团支部",
                grade=part if part not in MAJORS else f"{year - room}级",
                class_name=named,
                members=luck.randint(12, 42),
            )
