"""What the law says about an internship offer (domain 3.11 and 12.2)."""

import re
from collections.abc import Iterator
from typing import Any, Final

from app.kit import wording
from app.offers.rules_legality import (
    Finding,
    ListingFacts,
    contact_in,
    provider_findings,
    said,
    solicited,
    text_findings,
)
from app.texts.rules import SolicitationKind, find_solicitation

LOWEST_AGE: Final = 16
MOST_DAYS: Final = 5
MOST_MINUTES: Final = 8 * 60
LONGEST_PAY_CYCLE: Final = 31
LOWEST_PAY_RATIO: Final = 80
TRAINEE_DAYS: Final = (84, 372)
"""A traineeship of the HR authority lasts 3 to 12 months; a few days of tolerance either way."""

_RULES: Final = "《职业学校学生实习管理规定》（教职成〔2021〕4号）"
_VENUE: Final = (
    r"KTV|卡拉OK|酒吧|酒廊|夜总会|夜店|夜场|迪厅|迪吧|歌舞厅|舞厅|歌厅|洗浴|浴场|浴室|桑拿|足浴|沐足|按摩店|会所|"
    r"(?<!上)网吧|网咖|游戏厅|电玩城|游戏机室|棋牌室|麻将馆|剧本杀夜场|陪酒|陪唱|酒水推销|营业性娱乐场所"
)
_NIGHT: Final = r"夜班|晚班|大夜|小夜|通宵|凌晨上班|倒班|三班|两班制|夜间值班|夜间工作|上夜|值夜"
_OVERTIME: Final = r"加班|996|大小周|单休|六天工作制"
_FEES: Final = (
    r"押金|保证金|定金|订金|培训费|服装费|管理费|材料费|报名费|体检费|工本费|建档费|服务费|中介费|介绍费|会费|入职费|资料费|"
    r"住宿费|卡费|抵押金|风险金|工衣费"
)
_CHARGE: Final = re.compile(
    rf"(?:收取?|缴纳?|交纳?|支付|付|扣)[^,;。]{{0,6}}(?:{_FEES})|(?:{_FEES})[^,;。\d]{{0,3}}[1-9]\d*(?:元|块)|"
    rf"(?:{_FEES})(?:自理|自付|自行承担|由学生承担)|(?:入职|上岗|报到)[^,;。]{{0,4}}(?:交|缴|付)[^,;。]{{0,4}}\d+(?:元|块)"
)
_LISTED_WORDS: Final = ("押金", "中介费", "服务费", "保证金", "贷款", "定金", "订金")
_GUARANTEE: Final = (
    r"(?:提供|需要?|须|要有|签订?)[^,;。]{0,4}担保|担保人|(?:提供|找)担保|"
    r"抵押(?:物|品)|扣(?:发|留)?首月(?:工资|报酬)|押(?:一个月|首月)?工资"
)
_THIRD_PARTY: Final = (
    r"(?:劳务|中介|派遣|代理|第三方|外包)(?:公司|机构)?[^,;。]{0,3}(?:代发|发放|发薪|结算|"
    r"支付)(?:工资|报酬|薪)?|工资[^,;。]{0,4}打到?[^,;。]{0,3}(?:学校|中介|老师)"
)
_VOUCHERS: Final = r"(?:购物卡|消费券|实物|代金券|礼品)(?:抵|代|折算|充当)"


def judge(terms: Any, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge an internship's terms and texts."""
    text = "。".join((terms.post, *texts))
    return (
        *_age_and_hours(terms, text),
        *_dates(terms, facts),
        *_places(terms, text),
        *_money(terms, text),
        *_protection(terms, text),
        *text_findings((terms.post, *texts), labour=True),
        *_words(text),
        *provider_findings(facts),
    )


def charge_in(text: str) -> str:
    """Return the words that ask students for money, or an empty text."""
    return said(text, _CHARGE)


def venue_in(text: str) -> str:
    """Return the words that name a place barred to interns, or an empty text."""
    return said(text, _VENUE)


def _block(rule: str, field: str, sentence: str, source: str) -> Finding:
    return Finding(rule, "block", field, sentence, source)


def _age_and_hours(terms: Any, text: str) -> Iterator[Finding]:
    if terms.min_age < LOWEST_AGE:
        yield _block(
            "min_age_below_16",
            "min_age",
            f"最低年龄写的是 {terms.min_age} 周岁；任何单位不得招用、"
            "也不得介绍未满 16 周岁的人就业（《禁止使用童工规定》第二条）。",
            "L-08",
        )
    if terms.minutes_per_day > MOST_MINUTES:
        yield _block(
            "hours_per_day_over_8",
            "minutes_per_day",
            f"每天 {terms.minutes_per_day / 60:g} 小时超过了 8 小时；实习每天不得超过 8 小时（{_RULES}）。",
            "S-84",
        )
    if terms.days_per_week > MOST_DAYS:
        yield _block(
            "days_per_week_over_5",
            "days_per_week",
            f"每周 {terms.days_per_week} 天超过了 5 天；实习不得安排加班，每周最多 5 天（{_RULES}）。",
            "S-84",
        )
    if terms.overtime or (word := said(text, _OVERTIME)):
        told = "安排了加班" if terms.overtime else f"说明里写有“{word}”"
        yield _block("overtime", "overtime", f"{told}；实习一般不得安排加班（{_RULES}）。", "S-84")


def _dates(terms: Any, facts: ListingFacts) -> Iterator[Finding]:
    if terms.end < terms.start:
        yield _block("end_before_start", "end", "结束日期早于开始日期，请核对两个日期。", "7.4")
    elif terms.end < facts.today:
        yield _block("already_ended", "end", f"实习在{wording.day(terms.end)}已经结束，请核对日期的年份。", "7.4")
    elif terms.post_kind == "TRAINEE_HR" and not TRAINEE_DAYS[0] <= (terms.end - terms.start).days <= TRAINEE_DAYS[1]:
        yield Finding(
            "traineeship_term", "hold", "end", "就业见习期限一般为 3 至 12 个月，请核对（就业见习政策）。", "S-77"
        )


def _places(terms: Any, text: str) -> Iterator[Finding]:
    venue = "酒吧、夜总会等场所" if terms.venue_banned else venue_in(text)
    night = "夜班" if terms.night_shift else said(text, _NIGHT)
    if not venue and not night:
        return
    told = "、".join(dict.fromkeys(word for word in (venue, night) if word))
    field = "venue_banned" if venue else "night_shift"
    yield _block(
        "banned_venue_or_night",
        field,
        f"涉及“{told}”：不得安排学生到酒吧、夜总会、KTV、洗浴、游戏厅、网吧等场所实习，也不得安排夜班（{_RULES}第十六条）。",
        "S-82",
    )


def _money(terms: Any, text: str) -> Iterator[Finding]:
    charge = charge_in(text) or solicited(text, SolicitationKind.PAY_FIRST)
    if terms.fee_charged or charge:
        told = f"“{charge}”" if charge else "收费"
        yield _block(
            "fee_or_deposit",
            "fee_charged",
            f"不能向学生{told if not charge else '收取费用，例如' + told}："
            "实习不得收取押金、培训费、服装费、管理费等任何费用"
            f"（{_RULES}；《职业教育法》第四十二条）。",
            "S-84",
        )
    papers = solicited(text, SolicitationKind.PAPERS)
    if terms.papers_held or papers or said(text, _GUARANTEE):
        yield _block(
            "papers_or_guarantee",
            "papers_held",
            f"不得扣押学生的身份证、学生证等证件，不得要求提供担保或以其他名义收取财物（{_RULES}）。",
            "S-84",
        )
    if terms.pay_third_party or said(text, _THIRD_PARTY) or said(text, _VOUCHERS):
        yield _block(
            "pay_through_third_party",
            "pay_third_party",
            f"报酬要以货币形式直接、足额支付给学生本人，不得由中介或第三方代发，不得以实物抵付（{_RULES}第十八条）。",
            "S-83",
        )
    if terms.pay_cycle_days > LONGEST_PAY_CYCLE:
        sentence = f"报酬至少每月发一次，不能 {terms.pay_cycle_days} 天一发（{_RULES}第十八条）。"
        yield _block("pay_cycle_over_31_days", "pay_cycle_days", sentence, "S-83")
    if terms.pay_fen_month == 0:
        yield from _unpaid(terms, text)
    if terms.pay_ratio is not None and terms.pay_ratio < LOWEST_PAY_RATIO:
        yield Finding(
            "pay_below_80_percent",
            "hold",
            "pay_ratio",
            f"报酬是同岗位的 {terms.pay_ratio}%，独立顶岗的原则上不低于 80%，将由审核员核对（{_RULES}第十八条）。",
            "S-83",
        )


def _unpaid(terms: Any, text: str) -> Iterator[Finding]:
    stated = terms.allowances or re.search(r"餐|补贴|补助|津贴|住宿|交通", text)
    if terms.post_kind in ("INTERN_GOV", "INTERN_GRASS") and stated:
        return
    yield _block(
        "unpaid",
        "pay_fen_month",
        f"报酬写的是 {wording.yuan(0)}；只有政务实习和基层实习可以没有报酬，"
        f"并须写明工作餐、交通或住宿补贴（{_RULES}第十八条）。",
        "S-83",
    )


def _protection(terms: Any, text: str) -> Iterator[Finding]:
    if not terms.insurance:
        yield _block(
            "no_insurance",
            "insurance",
            f"没有写保险；须为学生购买实习责任险、雇主责任险或意外险中的至少一种（{_RULES}）。",
            "S-84",
        )
    if terms.hazard or said(text, r"井下|有毒有害|高空作业|爆破|放射性|粉尘作业|易燃易爆"):
        yield _block(
            "hazardous_work",
            "hazard",
            f"不得安排学生从事有毒、井下、高空、放射性等危险作业（{_RULES}第十六条；《劳动法》第六十四条）。",
            "S-82",
        )
    if terms.physical_grade not in ("I", "II"):
        sentence = f"不得安排学生从事三级以上重体力劳动（{_RULES}第十六条）。"
        yield _block("physical_grade_over_2", "physical_grade", sentence, "S-82")
    if not terms.agreement:
        sentence = f"上岗前必须签订学校、单位、学生三方协议（{_RULES}）。"
        yield _block("no_agreement", "agreement", sentence, "S-84")


def _words(text: str) -> Iterator[Finding]:
    """Fee words that are not a plain charge; beside a contact detail a lesser word only adds its sentence to that."""
    found = [hit.found for hit in find_solicitation(text) if hit.kind is SolicitationKind.FEE_WORD]
    hits = [word for word in found if said(text, re.escape(word))]
    if not hits or charge_in(text):
        return
    listed = [word for word in hits if word in _LISTED_WORDS]
    rule = "contact_in_text" if not listed and contact_in(text) else "fee_words_in_text"
    word = (listed or hits)[0]
    yield Finding(
        rule,
        "hold",
        "text",
        f"文字里有“{word}”，请写清不收费或删去；实习不得收取任何费用，将由审核员核对（{_RULES}）。",
        "S-84",
    )
