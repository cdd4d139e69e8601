"""Who offers in the demo: volunteers on every step of the vetting, employers, landlords, sponsors, legal aid."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from stdnum.cn import uscc

from app.demo.rules import MARK, chance, numbered
from app.demo.rules_people import HOME_CITY, HatPlan, PersonPlan
from app.kit.viewer import Role
from app.regions.rules import cities, city_of, counties

COUNSELLORS, TUTORS = 44, 10
_CREDENTIALS: Final = ("CR02", "CR05", "CR04", "CR06", "CR01", "CR02", "CR05", "CR03")
_BUSY_CITIES: Final = (HOME_CITY, "440100", "440300", "441900", "440400", "440700", "442000", "441300")
_UNFINISHED: Final = (
    "APPLIED",
    "DOCS",
    "CHECK_PENDING",
    "INTERVIEW",
    "TRAINING",
    "PROBATION",
    "SUSPENDED",
    "LAPSED",
    "REJECTED",
)
_PROVIDER_STATES: Final[Mapping[str, str]] = {"SUSPENDED": "SUSPENDED", "LAPSED": "LAPSED", "REJECTED": "REJECTED"}

_UNITS: Final = """
PRIV 440606 海岸科技 高新技术企业
PRIV 440305 云帆软件 高新技术企业
PRIV 440106 红棉文化传媒
PRIV 441900 榕城电子 专精特新企业
PRIV 441302 南粤食品
PRIV 442000 星河照明
PRIV 440402 湾区设计
PRIV 440703 青田农业
PRIV 440605 岭南智造 专精特新企业
PRIV 440511 海风纺织
PRIV 441202 竹溪新材料
PRIV 440304 晨光会计师事务所
SOE 440104 珠江水务 省属国有企业
SOE 440802 岭海港务
SOE 440203 绿城公交
GOV 440604 青年事务服务中心
GOV 440112 人才服务办公室
INST 440904 荔香社区卫生服务中心
INST 441402 客都图书馆
INST 440606 顺峰幼儿园
NGO 440105 晨光社工服务中心
NGO 440303 绿芽公益促进会
GRASS 441323 稔海街道办事处
GRASS 445103 青溪镇团委
GRASS 441702 渔歌社区居委会
"""
_LANDLORDS: Final = (
    ("440100", "青年驿站管理中心"),
    ("440100", "木棉公寓"),
    ("440300", "海湾人才公寓"),
    ("440300", "凤凰长租公寓"),
    (HOME_CITY, "青禾公寓"),
    (HOME_CITY, "青年驿站"),
    ("441900", "松山青年社区"),
    ("440400", "香湾公寓"),
    ("441300", "江畔公寓"),
    ("442000", "岐江公寓"),
    ("440700", "侨乡青年公寓"),
    ("440500", "潮韵公寓"),
)
_SPONSORS: Final = (
    ("440300", "湾区爱心企业联合会"),
    ("440100", "珠水助学会"),
    (HOME_CITY, "岭南企业家助学联盟"),
    ("441900", "莞香慈善会"),
    ("440500", "侨心助学社"),
    ("440700", "五邑侨亲助学会"),
)
_LEGAL: Final = (("440100", "青年法律服务站"), (HOME_CITY, "明理律师事务所"), ("440300", "湾区法律援助站"))
_HOSPITALS: Final = ((HOME_CITY, "木棉医院心理科"), ("440100", "云山医院"))
_LABELS: Final = {"EMP": "实习单位", "HOU": "住房机构", "SPO": "资助方", "LEG": "法律援助"}


class VettingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How far a volunteer came, with which credential, and when the record was last checked."""

    state: str
    credential: str
    level: str
    adult_only: bool
    languages: tuple[str, ...]
    weekly_cap: int
    checked_days: int | None
    expiry_days: int | None
    school: str = ""


class ProviderPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One provider and its state; `person` is the key of the volunteer behind it or of whoever acts for it."""

    key: str
    type: str
    name: str
    region: str
    state: str
    person: PersonPlan | None = None
    unit_kind: str = ""
    well_known: str = ""
    credit_code: str = ""
    address: str = ""
    vetting: VettingPlan | None = None


def providers(day: date) -> tuple[ProviderPlan, ...]:
    """Return every provider with the person who signs in for it."""
    return (*_volunteers(day), *_employers(day), *_others(day))


def _volunteers(day: date) -> list[ProviderPlan]:
    found: list[ProviderPlan] = []
    everywhere = [city.code for city in cities()]
    for number in range(1, COUNSELLORS + TUTORS + len(_UNFINISHED) + 1):
        luck = chance("volunteer", number)
        tutor = COUNSELLORS < number <= COUNSELLORS + TUTORS
        unfinished = number - COUNSELLORS - TUTORS - 1
        adult = not tutor and unfinished < 0 and number % 9 == 0
        state = _UNFINISHED[unfinished] if unfinished >= 0 else "ACTIVE_ADULT" if adult else "ACTIVE"
        code = _BUSY_CITIES[number % 8 - 1] if number % 3 else everywhere[number % 21]
        inside = counties(code)
        region = inside[number % len(inside)].code if inside else code
        found.append(
            ProviderPlan(
                key=f"vol{number:03d}",
                type="VOL",
                name=numbered("志愿者", number),
                region=region,
                state=_PROVIDER_STATES.get(state, "VERIFIED" if state.startswith("ACTIVE") else "APPLIED"),
                person=_person(f"vol{number:03d}", "志愿者", number, Role.VOL, day),
                vetting=VettingPlan(
                    state=state,
                    credential="CR08" if tutor else _CREDENTIALS[number % 8],
                    level="" if tutor else {"CR04": "B", "CR01": "C", "CR03": "C"}.get(_CREDENTIALS[number % 8], "A"),
                    adult_only=adult,
                    languages=_languages(region, luck.random()),
                    weekly_cap=luck.choice((3, 4, 4, 6)),
                    checked_days=_checked(state, luck.randint(12, 330)),
                    expiry_days=luck.randint(200, 900) if number % 4 == 0 else None,
                ),
            )
        )
    return found


def _checked(state: str, days: int) -> int | None:
    if state in {"APPLIED", "DOCS", "CHECK_PENDING", "ACTIVE_ADULT"}:
        return None
    return days + 400 if state == "LAPSED" else days


def _languages(region: str, share: float) -> tuple[str, ...]:
    city = city_of(region)
    code = city.code if city else ""
    if code in {"440500", "445100", "445200", "441500"}:
        return ("PTH", "NAN")
    if code in {"441400", "441600", "440200"}:
        return ("PTH", "HAK")
    if share > 0.92:  # noqa: PLR2004 - one in twelve signs
        return ("PTH", "SGN")
    return ("PTH", "YUE", "ENG") if share > 0.8 else ("PTH", "YUE") if share > 0.25 else ("PTH",)  # noqa: PLR2004 - shares


def _person(key: str, label: str, number: int, role: Role, day: date) -> PersonPlan:
    luck = chance("provider", key)
    return PersonPlan(
        key=key,
        name=numbered(label if role is Role.VOL else f"{label}经办", number),
        sex=luck.choice("FFM"),
        birth=day - timedelta(days=luck.randint(23 * 365, 55 * 365)),
        hats=(HatPlan(role=role, provider=key),),
    )


def credit_code(region: str, number: int) -> str:
    """Return a unified social credit code with a right check digit that belongs to nobody (登记管理部门码 9)."""
    body = f"91{region}MADEM{number:04d}".replace("O", "0")[:17]
    return body + str(uscc.calc_check_digit(body))


def _employers(day: date) -> list[ProviderPlan]:
    found: list[ProviderPlan] = []
    for number, line in enumerate(_UNITS.split("\n")[1:-1], 1):
        kind, region, name, *basis = line.split()
        found.append(
            ProviderPlan(
                key=f"emp{number:02d}",
                type="EMP",
                name=f"{MARK}{name}",
                region=region,
                state={24: "LAPSED", 25: "APPLIED"}.get(number, "VERIFIED"),
                person=_person(f"emp{number:02d}", "单位", number, Role.EMP, day),
                unit_kind=kind,
                well_known=basis[0] if basis else "",
                credit_code=credit_code(region, number),
                address=f"示例路{number * 7}号",
            )
        )
    return found


def _others(day: date) -> list[ProviderPlan]:
    found: list[ProviderPlan] = []
    lists: Sequence[tuple[str, Role, tuple[tuple[str, str], ...]]] = (
        ("HOU", Role.HOU, _LANDLORDS),
        ("SPO", Role.SPO, _SPONSORS),
        ("LEG", Role.VOL, _LEGAL),
    )
    for kind, role, names in lists:
        for number, (city, name) in enumerate(names, 1):
            inside = counties(city)
            region = inside[number % len(inside)].code if inside else city
            key = f"{kind.lower()}{number:02d}"
            found.append(
                ProviderPlan(
                    key=key,
                    type=kind,
                    name=f"{MARK}{name}",
                    region=region,
                    state="VERIFIED",
                    person=_person(key, _LABELS[kind], number, role, day),
                    credit_code=credit_code(region, 100 + len(found)),
                    address=f"示例大道{number * 11}号",
                )
            )
    found.extend(
        ProviderPlan(
            key=f"hosp{number:02d}",
            type="HOS",
            name=f"{MARK}{name}",
            region=city,
            state="VERIFIED",
            address=f"示例医院路{number}号",
        )
        for number, (city, name) in enumerate(_HOSPITALS, 1)
    )
    found.append(
        ProviderPlan(key="fndorg", type="FND", name=FOUNDATION, region="440104", state="VERIFIED", address="示例路1号")
    )
    return found


FOUNDATION: Final = f"{MARK}广东青少年发展基金会"
