"""What the demo offers: the plan of one offer, and counselling, study help, legal aid and sponsorship."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

import msgspec

from app.demo.rules import chance, rows_of, spread
from app.demo.rules_providers import FOUNDATION, ProviderPlan
from app.kit.reading_slots import WeeklySlot
from app.offers.kinds.counselling import CounselTerms
from app.offers.kinds.legal import LegalTerms
from app.offers.kinds.sponsorship import SponsorTerms
from app.offers.kinds.study import StudyTerms
from app.regions.rules import city_of, region

FATES: Final = {
    "PUBLISHED": 246,
    "VERIFYING": 12,
    "HALF": 4,
    "ASKED": 5,
    "REJECTED": 4,
    "PAUSED": 6,
    "EXPIRED": 7,
    "SUSPENDED": 3,
    "REVOKED": 2,
    "ARCHIVED": 4,
    "DRAFT": 3,
}
"""How offers end up; VERIFYING waits for a reviewer, HALF for the second one, ASKED went back with a question."""
_EVENING: Final = ((19 * 60, 21 * 60), (19 * 60 + 30, 21 * 60 + 30), (20 * 60, 22 * 60))
_WEEKEND: Final = ((9 * 60, 12 * 60), (14 * 60, 17 * 60), (15 * 60, 18 * 60))
_MODES: Final = (("VO", "VI"), ("ON", "VO"), ("ON", "VO", "VI"), ("VI", "FF"), ("VO",))


class OfferPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One offer: its words and terms, when it was sent (days ago), how it ends up, and who found it."""

    key: str
    kind: str
    provider: str
    title: str
    text: str
    region: str
    terms: Any
    fate: str
    days_ago: int
    valid_days: int = 200
    stages: tuple[str, ...] = ()
    source: str = ""
    pictures: tuple[str, ...] = ()


def weekly(luck: Random, count: int = 2) -> tuple[WeeklySlot, ...]:
    """Return weekly times: an evening or two, and one at the weekend."""
    evenings = luck.sample(range(1, 6), count)
    slots = [WeeklySlot(day, *luck.choice(_EVENING)) for day in evenings]
    return tuple(sorted((*slots, WeeklySlot(luck.choice((6, 7)), *luck.choice(_WEEKEND)))))


def place_name(code: str) -> str:
    """Return a place in a title: 佛山·南海, or only the city."""
    city, here = city_of(code), region(code)
    assert city is not None
    assert here is not None
    return city.short if here == city else f"{city.short}·{here.short}"


def able(providers: Sequence[ProviderPlan], kind: str) -> list[ProviderPlan]:
    """Return the verified providers of a type."""
    return [one for one in providers if one.type == kind and one.state == "VERIFIED"]


def counselling(providers: Sequence[ProviderPlan], total: int = 110) -> Iterator[OfferPlan]:
    """Plan counselling: every working counsellor offers two or three topics at different times."""
    people = [one for one in able(providers, "VOL") if one.vetting is not None and one.vetting.credential != "CR08"]
    words = rows_of("counselling.csv")
    fates = spread(total, FATES)
    for number in range(total):
        who = people[number % len(people)]
        assert who.vetting is not None
        luck = chance("counsel", number)
        row = words[(number * 7 + number // len(words)) % len(words)]
        modes = luck.choice(_MODES)
        speech = {"YUE": "粤语", "HAK": "客家话", "NAN": "潮汕话", "SGN": "手语"}.get(
            who.vetting.languages[-1], "普通话"
        )
        yield OfferPlan(
            key=f"counsel{number:03d}",
            kind="COUNSEL",
            provider=who.key,
            title=f"{row['title']}（{place_name(who.region)}·{speech}）",
            text=row["text"],
            region=who.region,
            terms=CounselTerms(
                topics=tuple(row["topics"].split()),
                modes=modes,
                languages=who.vetting.languages,
                slots=weekly(luck),
                weekly_cap=who.vetting.weekly_cap,
                minors_allowed=not who.vetting.adult_only,
                supervisor="示例督导001" if who.vetting.level == "C" else "",
                place="示例青少年之家二楼谈心室" if "FF" in modes else "",
            ),
            fate=fates[number],
            days_ago=luck.randint(40, 118),
            valid_days=luck.randint(120, 300),
        )


_STUDY: Final = (
    (
        ("ED1",),
        ("MAT",),
        ("JH", "SH"),
        "初高中数学一对一答疑",
        "师范专业学生，耐心细致，先看卷子再定计划，每次 50 分钟只解决一两个点。",
    ),
    (
        ("ED1",),
        ("ENG",),
        ("JH", "SH"),
        "英语阅读与词汇陪练",
        "用课本和真题带你读，教你自己的记词方法，不用买任何资料。",
    ),
    (("ED1",), ("PHY", "CHE"), ("SH",), "高中物理化学梳理", "从受力分析讲起，把概念画成图，适合总在及格线附近的同学。"),
    (
        ("ED1", "ED4"),
        ("MAT", "ENG"),
        ("JH", "SH", "SV"),
        "复学转学补课",
        "按你落下的进度慢慢补，不赶、不比，和老师的安排配合着来。",
    ),
    (
        ("ED2",),
        (),
        ("SH", "SV"),
        "志愿填报与选科咨询",
        "讲清楚位次、专业和学校怎么看，帮你列出自己的清单，决定由你来做。",
    ),
    (("ED2",), (), ("HV", "UG"), "专升本考研经验分享", "自己刚走过这条路，可以聊时间安排、资料选择和复试。"),
    (("ED3",), ("ICT",), (), "办公软件和剪辑入门", "两三个周末带你完成一份表格和一支短片，从零开始。"),
    (("ED3",), ("VOC",), ("SV", "HV"), "电工电子实操指导", "在学校实训室开放时间见面，讲安全规范和常见接线。"),
    (
        ("ED2", "ED3"),
        (),
        ("HV", "UG", "SV"),
        "简历修改与模拟面试",
        "做过人事工作，帮你一行一行改简历，再模拟一次面试，最后给一份建议。",
    ),
    (("ED1",), ("CHI",), ("JH", "SH"), "语文阅读作文指导", "一起读一篇好文章，再写一段自己的话，批改到每个句子。"),
)


def study(providers: Sequence[ProviderPlan], total: int = 20) -> Iterator[OfferPlan]:
    """Plan study help by student and teacher volunteers."""
    people = [one for one in able(providers, "VOL") if one.vetting is not None and one.vetting.credential == "CR08"]
    for number in range(total):
        who, luck = people[number % len(people)], chance("study", number)
        topics, subjects, stages, title, text = _STUDY[(number + number // len(people)) % len(_STUDY)]
        assert who.vetting is not None
        yield OfferPlan(
            key=f"study{number:03d}",
            kind="STUDY",
            provider=who.key,
            title=f"{title}（{place_name(who.region)}）",
            text=text,
            region=who.region,
            terms=StudyTerms(
                topics=topics,
                subjects=subjects,
                stages=stages,
                modes=("VI", "VO") if number % 3 else ("VI", "FF"),
                languages=who.vetting.languages,
                slots=weekly(luck),
                weekly_cap=luck.choice((4, 6, 8)),
                place="" if number % 3 else "示例青少年之家自习室",
            ),
            stages=stages,
            fate={17: "VERIFYING", 18: "PAUSED", 19: "DRAFT"}.get(number, "PUBLISHED"),
            days_ago=luck.randint(45, 115),
        )


_LAW: Final = (
    (("RT4", "RT1"), "实习兼职权益咨询", "欠薪、加班、没签协议，先把聊天记录和考勤保存好，再来问怎么一步一步维权。"),
    (("RT5",), "租房纠纷咨询", "押金不退、房东要求提前搬走，带上合同和转账记录，我们帮你看清双方的责任。"),
    (("RT6", "RT1"), "网络诈骗与消费维权", "教你怎么固定证据、怎么报案、怎么和平台沟通，也讲讲常见的新骗局。"),
    (("RT1",), "青少年普法咨询", "肖像、隐私、未成年人保护相关的问题都可以问，用听得懂的话讲。"),
)


def legal(providers: Sequence[ProviderPlan], total: int = 10) -> Iterator[OfferPlan]:
    """Plan legal aid."""
    firms = able(providers, "LEG")
    for number in range(total):
        who, luck = firms[number % len(firms)], chance("legal", number)
        topics, title, text = _LAW[(number + number // 3) % len(_LAW)]
        yield OfferPlan(
            key=f"legal{number:03d}",
            kind="LEGAL",
            provider=who.key,
            title=f"{title}（{place_name(who.region)}·第{number + 1}场次）",
            text=text,
            region=who.region,
            terms=LegalTerms(
                topics=topics,
                modes=("VO", "VI") if number % 2 else ("VO", "FF"),
                languages=("PTH", "YUE"),
                slots=(WeeklySlot(luck.randint(1, 5), 14 * 60, 17 * 60), *weekly(luck, 1)),
                weekly_cap=6,
                licence_no=who.name,
                place="" if number % 2 else who.address,
            ),
            fate="VERIFYING" if number == total - 1 else "PUBLISHED",
            days_ago=luck.randint(50, 110),
        )


_AID: Final = (
    (
        "ONE2ONE",
        400_000,
        3,
        "高中三年一对一结对",
        "连续三年支持一名高中生的生活费和学习用品，每学期初由青基会发放到学生账户，不见面、不公开姓名。",
    ),
    (
        "ONE2ONE",
        600_000,
        4,
        "大学四年结对助学",
        "支持家庭经济困难的大学生完成学业，每学年审核一次，资助款经青基会发放。",
    ),
    ("FUND", 300_000, 1, "临时困难助学金", "面向家里遇到突发变故的学生，一年一次，由学校和青基会共同评审。"),
    ("FUND", 200_000, 2, "职教学生技能助学金", "支持中职、高职同学购买工具和考取技能证书，不附带任何要求。"),
    (
        "GOODS",
        150_000,
        1,
        "学习用品和旧电脑捐赠",
        "把整理检测过的电脑、台灯和书包送到有需要的同学手里，由学校统一发放。",
    ),
    ("GOODS", 60_000, 1, "免费验光配镜", "由合作眼镜店为近视的同学免费验光配镜，学校统一组织，无需任何费用。"),
)


def sponsorship(providers: Sequence[ProviderPlan], total: int = 20) -> Iterator[OfferPlan]:
    """Plan sponsorship, all of it through the foundation."""
    givers = able(providers, "SPO")
    stages = {"高中": ("SH", "SV"), "大学": ("UG", "HV"), "职教": ("SV", "HV")}
    for number in range(total):
        who, luck = givers[number % len(givers)], chance("sponsor", number)
        kind, fen, years, title, text = _AID[(number + number // len(givers)) % len(_AID)]
        city = city_of(who.region)
        assert city is not None
        wanted = stages.get(title[:2], ())
        yield OfferPlan(
            key=f"sponsor{number:03d}",
            kind="SPONSOR",
            provider=who.key,
            title=f"{title}（{city.short}·第{number // len(givers) + 1}批）",
            text=text,
            region=who.region,
            terms=SponsorTerms(
                kind=kind,
                amount_fen_per_year=fen + number * 5_000,
                years=years,
                students_max=luck.choice((1, 2, 3, 5, 10)) if kind == "ONE2ONE" else luck.choice((5, 10, 20)),
                stage_pref=wanted,
                region_pref="" if number % 3 else "粤东西北地区",
                via_foundation=FOUNDATION,
                anonymous=number % 2 == 0,
            ),
            fate={15: "VERIFYING", 16: "HALF", 17: "REJECTED", 18: "EXPIRED", 19: "PAUSED"}.get(number, "PUBLISHED"),
            days_ago=luck.randint(50, 115),
            valid_days=-3 if number == 18 else luck.randint(150, 300),  # noqa: PLR2004 - the expired one
        )
