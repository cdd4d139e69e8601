"""Internships and homes of the demo, and the offers that show what the rules of 12.2 find."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from app.demo.rules import chance, rows_of, spread
from app.demo.rules_offers import FATES, OfferPlan, able, place_name
from app.demo.rules_providers import ProviderPlan
from app.offers.kinds.housing import HousingTerms
from app.offers.kinds.internship import InternshipTerms
from app.regions.rules import city_of, counties

EARLY_EVERY: Final = 6
"""Every sixth internship of the demo began some weeks ago."""
_SEASONS: Final = ("寒假", "春季", "全学期", "周中", "毕业季")
_AREAS: Final = ("总部", "一部", "二部", "园区", "城区", "新区")
_STREETS: Final = (
    "青年路",
    "学府路",
    "木棉街",
    "江湾路",
    "凤凰大道",
    "园区一路",
    "榕荫街",
    "新风路",
    "海棠路",
    "科创大道",
)
RENT_YUAN: Final = {"440100": 2400, "440300": 2900, "440400": 1900, "440600": 1700, "441900": 1600}
"""What a room costs in the cities of the demo's landlords; elsewhere 1,300 yuan a month."""
_HOMES: Final[tuple[tuple[str, str, int, int, str, str], ...]] = (
    (
        "APT",
        "单间",
        180,
        1,
        "精装单间",
        "独立卫生间、空调、热水器和书桌，门禁和监控齐全，步行可到公交站。签约前可以看房。",
    ),
    ("APT", "一室一厅", 350, 2, "一房一厅", "采光好，带小客厅，家电齐全，楼下有便利店和自习角。水电按民用价格。"),
    ("AFF", "单间", 220, 1, "保租房单间", "保障性租赁住房，租金低于同地段水平，可办居住登记，面向新就业青年。"),
    ("AFF", "两室一厅", 600, 2, "保租房两房", "适合两人合租，每个房间都有窗，消防验收合格，租期一年起。"),
    ("TALENT", "单间", 280, 1, "人才公寓", "面向来本地就业的高校毕业生，带公共厨房和健身房，物业二十四小时值守。"),
    ("PUBLIC", "一室一厅", 400, 2, "公租房", "符合条件的新就业职工可以申请，租金由住建部门核定，配有简单家具。"),
    (
        "STATION",
        "双人间",
        160,
        2,
        "青年驿站",
        "来本地求职面试的毕业生凭面试通知免费入住，之后可按优惠价续住，提供就业指导。",
    ),
    ("APT", "合租次卧", 120, 1, "合租房次卧", "三室一厅中的一间次卧，室友都是刚工作的年轻人，公共区域每周保洁。"),
    ("PRIV", "一室一卫", 250, 1, "房东直租单间", "自有产权，可看房产证，靠近地铁口，安静，适合长期居住。"),
)


def internships(providers: Sequence[ProviderPlan], day: date, total: int = 90) -> Iterator[OfferPlan]:
    """Plan internships and traineeships of the employers, some of them found by cadres (route C)."""
    posts = rows_of("internships.csv")
    units = able(providers, "EMP")
    fates = spread(total, FATES)
    seen: dict[str, int] = {}
    for number in range(total):
        who, luck = units[number % len(units)], chance("intern", number)
        early = number % EARLY_EVERY == EARLY_EVERY - 1
        fitting = [
            row
            for row in posts
            if who.unit_kind in row["units"].split() and not (early and row["post_kind"] == "TRAINEE_HR")
        ]
        turn = seen[who.key] = seen.get(who.key, -1) + 1
        row = fitting[(turn * 5 + number % len(units)) % len(fitting)]
        start = day + timedelta(days=luck.randint(-70, -45) if early else luck.randint(20, 70))
        weeks = min(int(row["weeks"]), 6) if early else int(row["weeks"])
        minor = row["education"] == "SV"
        city = city_of(who.region)
        assert city is not None
        yield OfferPlan(
            key=f"intern{number:03d}",
            kind="INTERN",
            provider=who.key,
            title=f"{row['post']}（{place_name(who.region)}·{_SEASONS[turn % 5]}）",
            text=f"{row['text']}{luck.choice(_PROMISES)}",
            region=who.region,
            terms=InternshipTerms(
                unit_kind=who.unit_kind,
                post_kind=row["post_kind"],
                post=row["post"],
                headcount=luck.choice((1, 1, 2, 3, 5)),
                majors="" if row["majors"] == "不限专业" else row["majors"],
                education_min=row["education"],
                place=f"{city.name}{who.address}{_AREAS[turn % 6]}",
                start=start,
                end=start + timedelta(weeks=weeks, days=-1),
                days_per_week=int(row["days"]),
                minutes_per_day=int(row["hours"]) * 60,
                pay_fen_month=(int(row["pay"]) + 50 * (number % 7)) * 100 if int(row["pay"]) else 0,
                allowances=tuple(row["allowances"].split()),
                insurance=("INTERN",) if number % 2 else ("EMPLOYER", "ACCIDENT"),
                mentor=f"{luck.choice('陈黄梁何罗')}主管",
                min_age=17 if minor else 18,
                well_known_basis=who.well_known,
                contact="人事部",
            ),
            stages=("SV", "HV")
            if minor
            else ("HV", "UG", "PG")
            if row["post_kind"] != "TRAINEE_HR"
            else ("HV", "UG", "PG", "GR"),
            fate="EXPIRED" if early else fates[number],
            days_ago=luck.randint(95, 118) if early else luck.randint(30, 110),
            valid_days=(start - day).days if early else luck.randint(60, 160),
            source="CIT" if number % 4 == 1 else "",
            pictures=("office",) if number % 9 == 0 else (),
        )


_PROMISES: Final = ("上岗前签三方协议。", "不收任何费用。", "结束后出具实习证明。", "每周有一次交流会。", "")


def homes(providers: Sequence[ProviderPlan], total: int = 50) -> Iterator[OfferPlan]:
    """Plan homes of the landlords, every one at its own address and with its own pictures."""
    hosts = able(providers, "HOU")
    fates = spread(total, {key: weight for key, weight in FATES.items() if key != "REVOKED"})
    for number in range(total):
        who, luck = hosts[number % len(hosts)], chance("home", number)
        kinds = [home for home in _HOMES if (home[0] == "STATION") == ("驿站" in who.name)]
        kind, layout, area, persons, title, text = kinds[(number // len(hosts) + number) % len(kinds)]
        city = city_of(who.region)
        assert city is not None
        inside = counties(city.code)
        region = inside[(number // len(hosts)) % len(inside)].code if inside else city.code
        usual = RENT_YUAN.get(city.code, 1300)
        rent = round(usual * luck.uniform(0.68, 0.98) * (1.25 if persons > 1 and kind != "STATION" else 1.0), -1)
        yield OfferPlan(
            key=f"home{number:03d}",
            kind="HOUSE",
            provider=who.key,
            title=f"{title}（{place_name(region)}·{layout}）",
            text=text,
            region=region,
            terms=HousingTerms(
                house_kind=kind,
                community=f"{who.name}{'ABCDEF'[number // len(hosts)]}区",
                address=f"{_STREETS[number % 10]}{8 + number * 3}号{1 + number % 9}栋{101 + number * 7}房",
                area_tenths=area,
                layout=layout,
                homes=1 if number % 3 == 0 else luck.choice((2, 3, 6, 10)),
                persons_max=persons,
                rent_fen_month=int(rent) * 100,
                deposit_months=0 if kind == "STATION" else luck.choice((1, 1, 2)),
                deposit_return_days=7,
                deduct_rules="不扣除" if kind == "STATION" else "只扣人为损坏的维修费，凭维修单据。",
                free_days=7 if kind == "STATION" else None,
                title_proof="DEED" if kind == "PRIV" else luck.choice(("FILING", "MANDATE")),
                fire_ok=True,
                contract_registered=luck.choice(("Y", "PLAN")),
            ),
            fate=fates[number],
            days_ago=luck.randint(6, 64),
            valid_days=luck.randint(60, 200),
            source="CIT" if number % 5 == 0 else "",
            pictures=("room", "skyline") if number % 10 == 0 else ("room",) if number % 3 else ("building",),
        )


_HOME_FAULTS: Final[tuple[tuple[dict[str, object], str], ...]] = (
    ({"rent_fen_month": 60_000}, "急租，家里有事，低价转给刚毕业的同学。"),
    ({"rent_fen_month": 550_000}, "精装修，配智能家居，限时优惠。"),
    ({"deposit_months": 4}, "押四付一，长期租可以商量。"),
    ({"kitchen_balcony": True}, "由封闭阳台改成的小间，便宜。"),
    ({}, "交通方便，想看房请加微信 demo_fang_001。"),
)
_JOB_FAULTS: Final[tuple[tuple[dict[str, object], str], ...]] = (
    ({"minutes_per_day": 600}, "工作忙的时候每天十小时，多劳多得。"),
    ({"night_shift": True}, "需要轮流值守，适合能吃苦的同学。"),
    ({"min_age": 15}, "不限年龄，能干就行。"),
    ({"fee_charged": True}, "入职需交服装费 200 元，离职退还。"),
    ({"insurance": ()}, "待遇从优，保险自理。"),
    ({"pay_ratio": 60}, "报酬按同岗位六成发放，学期末再调整。"),
    ({}, "有意者请扫二维码进群，或致电 020-12345678。"),
)


def held_and_refused(plans: Sequence[OfferPlan]) -> Iterator[OfferPlan]:
    """Plan offers that the rules of 12.2 hold for a reviewer, or send back with the legal basis."""
    for kind, label, faults in (("HOUSE", "home", _HOME_FAULTS), ("INTERN", "job", _JOB_FAULTS)):
        sound = [plan for plan in plans if plan.kind == kind and (kind == "HOUSE" or plan.terms.pay_fen_month)]
        for number, (terms, words) in enumerate(faults):
            yield _changed(sound[number], f"rule_{label}{number}", terms, words)


def _changed(plan: OfferPlan, key: str, terms: dict[str, object], words: str) -> OfferPlan:
    changed = type(plan.terms)(
        **{**{name: getattr(plan.terms, name) for name in plan.terms.__struct_fields__}, **terms}
    )
    if plan.kind == "HOUSE":
        changed = type(changed)(
            **{name: getattr(changed, name) for name in changed.__struct_fields__ if name != "address"},
            address=f"{plan.terms.address}（{key[-1]}单元）",
        )
    return OfferPlan(
        key=key,
        kind=plan.kind,
        provider=plan.provider,
        title=f"{plan.title[:40]}·待核对",
        text=words,
        region=plan.region,
        terms=changed,
        fate="JUDGED",
        days_ago=3 + int(key[-1]),
        stages=plan.stages,
    )
