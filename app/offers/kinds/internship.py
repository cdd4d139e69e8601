"""实习见习: internships and traineeships (domain 3.11, 7.4, 12.2)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from app.kit import wording
from app.offers.kinds.fields import Card, Field, Kind, Terms
from app.offers.kinds.internship_rules import judge

UNIT_KINDS: Final = (
    ("GOV", "党政机关"),
    ("INST", "事业单位"),
    ("SOE", "国企"),
    ("PRIV", "民企"),
    ("NGO", "社会组织"),
    ("GRASS", "乡镇街道村社"),
)
UNIT_WORDS: Final = {
    "机关": "GOV",
    "政府": "GOV",
    "党委": "GOV",
    "群团": "GOV",
    "公务": "GOV",
    "行政单位": "GOV",
    "事业": "INST",
    "学校": "INST",
    "医院": "INST",
    "高校": "INST",
    "科研院所": "INST",
    "国有": "SOE",
    "央企": "SOE",
    "国资": "SOE",
    "国有企业": "SOE",
    "国有控股": "SOE",
    "民营": "PRIV",
    "私营": "PRIV",
    "私企": "PRIV",
    "外资": "PRIV",
    "外企": "PRIV",
    "合资": "PRIV",
    "港资": "PRIV",
    "台资": "PRIV",
    "港澳台": "PRIV",
    "个体": "PRIV",
    "上市公司": "PRIV",
    "高新技术企业": "PRIV",
    "民营企业": "PRIV",
    "公司": "PRIV",
    "企业": "PRIV",
    "协会": "NGO",
    "社会团体": "NGO",
    "民办非企业": "NGO",
    "公益": "NGO",
    "基金会": "NGO",
    "社工机构": "NGO",
    "社会服务机构": "NGO",
    "乡镇": "GRASS",
    "街道": "GRASS",
    "社区": "GRASS",
    "村": "GRASS",
    "居委": "GRASS",
    "镇": "GRASS",
    "基层": "GRASS",
}
POST_KINDS: Final = (
    ("INTERN_GOV", "政务实习"),
    ("INTERN_ENT", "企业实习"),
    ("INTERN_GRASS", "基层实习"),
    ("TRAINEE_HR", "就业见习"),
)
EDUCATION: Final = (("SV", "中职及以上"), ("HV", "大专及以上"), ("UG", "本科及以上"), ("PG", "硕士及以上"))
EDUCATION_WORDS: Final = {
    "中职": "SV",
    "中专": "SV",
    "技校": "SV",
    "技工": "SV",
    "高中": "SV",
    "职高": "SV",
    "中技": "SV",
    "大专": "HV",
    "专科": "HV",
    "高职": "HV",
    "高技": "HV",
    "本科": "UG",
    "学士": "UG",
    "大学": "UG",
    "硕士": "PG",
    "研究生": "PG",
    "博士": "PG",
}
INSURANCE: Final = (("EMPLOYER", "雇主责任险"), ("INTERN", "实习责任险"), ("ACCIDENT", "意外险"))
INSURANCE_WORDS: Final = {
    "雇主": "EMPLOYER",
    "雇主险": "EMPLOYER",
    "实习险": "INTERN",
    "实习保险": "INTERN",
    "学生责任险": "INTERN",
    "实习生责任险": "INTERN",
    "校方责任险": "INTERN",
    "意外": "ACCIDENT",
    "意外伤害": "ACCIDENT",
    "人身意外": "ACCIDENT",
    "意外伤害保险": "ACCIDENT",
    "团体意外": "ACCIDENT",
}
ALLOWANCES: Final = (("MEAL", "工作餐或餐补"), ("TRANSPORT", "交通补贴"), ("HOUSING", "住宿或房补"))
GRADES: Final = (("I", "一级（轻）"), ("II", "二级（中）"), ("III", "三级或以上（重）"))

_POST, _TIME, _PAY, _SAFE = "岗位", "时间和地点", "报酬和保障", "合规承诺"


class InternshipTerms(Terms, frozen=True, kw_only=True):
    """Terms of an internship; hours are stored as minutes per day, pay in fen per month."""

    unit_kind: str
    post_kind: str
    post: str
    headcount: int
    majors: str = ""
    education_min: str | None = None
    place: str
    start: date
    end: date
    days_per_week: int
    minutes_per_day: int
    night_shift: bool = False
    overtime: bool = False
    pay_fen_month: int
    pay_ratio: int | None = None
    pay_cycle_days: int = 31
    pay_third_party: bool = False
    allowances: tuple[str, ...] = ()
    fee_charged: bool = False
    papers_held: bool = False
    insurance: tuple[str, ...] = ()
    mentor: str
    physical_grade: str = "I"
    hazard: bool = False
    venue_banned: bool = False
    agreement: bool = True
    min_age: int = 18
    well_known_basis: str = ""
    contact: str = ""


FIELDS: Final = (
    Field(name="unit_kind", label="单位性质", type="choice", step=_POST, choices=UNIT_KINDS, words=UNIT_WORDS),
    Field(
        name="post_kind",
        label="岗位类别",
        type="choice",
        step=_POST,
        choices=POST_KINDS,
        help="就业见习面向离校两年内未就业的毕业生和失业青年，在校学生请选前三类。",
    ),
    Field(name="post", label="岗位名称", type="text", step=_POST, max_len=60, help="例如：新媒体运营实习生。"),
    Field(name="headcount", label="招收人数", type="int", step=_POST, unit="人", low=1, high=500),
    Field(
        name="majors",
        label="专业要求",
        type="text",
        step=_POST,
        required=False,
        max_len=100,
        help="没有要求请留空；多个专业用顿号分开。",
    ),
    Field(
        name="education_min",
        label="学历要求",
        type="choice",
        step=_POST,
        required=False,
        choices=EDUCATION,
        words=EDUCATION_WORDS,
        help="没有要求请留空。",
    ),
    Field(
        name="min_age",
        label="最低年龄",
        type="int",
        step=_POST,
        unit="周岁",
        low=0,
        high=60,
        help="法律规定不得低于 16 周岁；未满 18 周岁须有监护人书面同意。",
    ),
    Field(
        name="well_known_basis",
        label="知名单位依据",
        type="text",
        step=_POST,
        required=False,
        max_len=60,
        help="例如：高新技术企业、上市公司、中国500强。没有请留空。",
    ),
    Field(
        name="place", label="工作地点", type="address", step=_TIME, max_len=100, help="写到门牌号，例如：示例路1号。"
    ),
    Field(name="start", label="开始日期", type="day", step=_TIME),
    Field(name="end", label="结束日期", type="day", step=_TIME),
    Field(name="days_per_week", label="每周天数", type="int", step=_TIME, unit="天", low=1, high=7, help="最多 5 天。"),
    Field(
        name="minutes_per_day", label="每天小时数", type="hours", step=_TIME, unit="小时", high=24, help="最多 8 小时。"
    ),
    Field(name="night_shift", label="是否安排夜班", type="yesno", step=_TIME),
    Field(name="overtime", label="是否安排加班", type="yesno", step=_TIME),
    Field(
        name="pay_fen_month",
        label="每月报酬",
        type="yuan",
        step=_PAY,
        unit="元/月",
        low=0,
        high=50_000,
        help="只有政务实习和基层实习可以写 0，并须提供工作餐、交通或住宿补贴。",
    ),
    Field(
        name="pay_ratio",
        label="相当于同岗位工资的百分比",
        type="int",
        step=_PAY,
        unit="%",
        required=False,
        low=1,
        high=200,
        help="独立顶岗的，原则上不低于 80%。",
    ),
    Field(
        name="pay_cycle_days",
        label="几天发一次报酬",
        type="int",
        step=_PAY,
        unit="天",
        low=1,
        high=366,
        help="最长 31 天。",
    ),
    Field(name="pay_third_party", label="是否由中介或第三方代发报酬", type="yesno", step=_PAY),
    Field(name="allowances", label="另外提供", type="many", step=_PAY, required=False, choices=ALLOWANCES),
    Field(
        name="insurance",
        label="为学生购买的保险",
        type="many",
        step=_PAY,
        required=False,
        choices=INSURANCE,
        words=INSURANCE_WORDS,
        help="至少一种；没有保险的岗位不能发布。",
    ),
    Field(name="mentor", label="带教老师", type="text", step=_PAY, max_len=40, help="写姓氏和职务即可，例如：李主管。"),
    Field(
        name="fee_charged",
        label="是否向学生收取任何费用或押金",
        type="yesno",
        step=_SAFE,
        help="服装费、培训费、管理费都算。",
    ),
    Field(name="papers_held", label="是否扣押证件或要求担保", type="yesno", step=_SAFE),
    Field(name="physical_grade", label="体力劳动强度", type="choice", step=_SAFE, choices=GRADES),
    Field(name="hazard", label="是否接触有毒、井下、高空等危险作业", type="yesno", step=_SAFE),
    Field(name="venue_banned", label="是否在酒吧、夜总会、KTV、洗浴、游戏厅、网吧等场所", type="yesno", step=_SAFE),
    Field(name="agreement", label="是否在上岗前签订学校、单位、学生三方协议", type="yesno", step=_SAFE),
    Field(
        name="contact",
        label="联系人",
        type="text",
        step=_SAFE,
        required=False,
        max_len=40,
        help="双方确认之后才会给对方看。",
    ),
)


def _together(terms: InternshipTerms) -> dict[str, str]:
    if terms.end < terms.start:
        return {"end": f"结束日期早于开始日期（{wording.day(terms.start)}），请核对。"}
    return {}


def weeks(terms: InternshipTerms) -> int:
    """Return the length in whole weeks, at least one."""
    return max(1, round(((terms.end - terms.start) + timedelta(days=1)).days / 7))


def _card(terms: InternshipTerms) -> Card:
    pay = f"{wording.yuan(terms.pay_fen_month)}/月" if terms.pay_fen_month else "无报酬，有补贴"
    kind = dict(POST_KINDS).get(terms.post_kind, "")
    day = f"每周{terms.days_per_week}天×{terms.minutes_per_day / 60:g}小时"
    return Card(pay, (kind, f"{weeks(terms)} 周", day))


def _facets(terms: InternshipTerms) -> dict[str, Any]:
    return {
        "post_kind": terms.post_kind,
        "unit_kind": terms.unit_kind,
        "education_min": terms.education_min,
        "pay_fen_month": terms.pay_fen_month,
        "start": terms.start.isoformat(),
        "weeks": weeks(terms),
        "days_per_week": terms.days_per_week,
        "housing_given": "HOUSING" in terms.allowances,
        "min_age": terms.min_age,
    }


def _features(terms: InternshipTerms) -> dict[str, Any]:
    return {
        "majors": terms.majors,
        "post": terms.post,
        "education_min": terms.education_min,
        "min_age": terms.min_age,
        "headcount": terms.headcount,
        "start": terms.start,
        "end": terms.end,
        "days_per_week": terms.days_per_week,
        "pay_fen_month": terms.pay_fen_month,
        "housing_given": "HOUSING" in terms.allowances,
        "first_year_vocational": False,
        "in_school": terms.post_kind != "TRAINEE_HR",
    }


def _more_lines(terms: InternshipTerms) -> Sequence[tuple[str, str]]:
    return (("时长", f"{weeks(terms)} 周"),)


KIND: Final = Kind(
    code="INTERN",
    slug="internship",
    label="实习见习",
    lead="由团组织核实过的实习和见习岗位，不收任何费用。",
    provider_types=("EMP",),
    age_min=16,
    capacity_label="招收人数",
    verified_days=180,
    reviewers=1,
    terms_type=InternshipTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda terms: terms.pay_fen_month,
    capacity=lambda terms: terms.headcount,
    together=_together,
    more_lines=_more_lines,
)
