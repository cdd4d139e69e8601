"""What the law says about a rental offer (domain 3.12 and 12.2)."""

from collections.abc import Iterator
from typing import Any, Final

from app.kit import wording
from app.offers.rules_legality import Finding, ListingFacts, provider_findings, said, solicited, text_findings
from app.texts.rules import SolicitationKind

MOST_DEPOSIT_MONTHS: Final = 3
FEWEST_FREE_DAYS: Final = 7
LOWEST_SHARE: Final = 60
HIGHEST_SHARE: Final = 150

_ROOMS: Final = (
    r"(?:厨房|卫生间|厕所|洗手间|阳台|储藏室|储物间|储物室|杂物间|地下室|半地下室|地下车库|车库|过道)[^,;。]{0,3}(?:改|隔|出租|单独|住人|床位)|"
    r"(?:由|用)(?:厨房|卫生间|阳台|储藏室|地下室|车库)|(?:地下|负一楼|负一层)(?:单间|房间|住房)|隔断间|隔断房|胶囊房"
)
_PAY_FIRST: Final = (
    r"看房费|看房押金|意向金|诚意金|(?:先|提前|预)(?:付|交|转|支付|缴纳?|收)[^,;。不无免]{0,5}(?:定金|订金|押金|房租|租金|费|\d|钱|款)|"
    r"(?:先|预)(?:付|交|转)[^,;。]{0,6}(?:看房|预约|锁房|留房)|(?:定金|订金|押金)[^,;。]{0,4}(?:锁房|留房|占房)|付款后(?:再)?看房|"
    r"看房(?:之)?前[^,;。不无免]{0,6}(?:付|交|转|缴|打款|收)"
)
_AGENCY: Final = (
    r"(?:收取?|付|需|含)[^,;。]{0,3}(?:中介费|服务费|佣金|介绍费)|(?:中介费|佣金|"
    r"介绍费)[^,;。\d]{0,3}[1-9]\d*|(?:中介费|佣金)[^,;。]{0,2}(?:半个?|一个)月"
)
_UNSAFE: Final = r"违建|违章建筑|危房|小产权|无产权|产权纠纷|未经(?:房东|业主)同意"


def judge(terms: Any, texts: tuple[str, ...], facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge a home's terms and texts."""
    text = "。".join((*texts, terms.deduct_rules))
    return (
        *_money(terms, text),
        *_safety(terms, text),
        *_rent(terms, facts),
        *text_findings((*texts, terms.community, terms.layout)),
        *provider_findings(facts),
    )


def _block(rule: str, field: str, sentence: str, source: str) -> Finding:
    return Finding(rule, "block", field, sentence, source)


def _money(terms: Any, text: str) -> Iterator[Finding]:
    if terms.deposit_months > MOST_DEPOSIT_MONTHS:
        yield _block(
            "deposit_over_3_months",
            "deposit_months",
            f"押金写的是 {terms.deposit_months} 个月租金；"
            "押金不得超过三个月租金（《广东省城镇房屋租赁条例》第十五条）。",
            "L-13",
        )
    word = said(text, _PAY_FIRST) or solicited(text, SolicitationKind.PAY_FIRST)
    if terms.pay_before_viewing or word:
        told = f"写有“{word}”；" if word else ""
        yield _block(
            "pay_before_viewing",
            "pay_before_viewing",
            f"{told}不得要求先付款后看房，也不得收取看房费、意向金（平台规则；《住房租赁条例》，发布信息须真实）。",
            "S-89",
        )
    if terms.agency_fee_fen or said(text, _AGENCY):
        sentence = "本平台的房源不收中介费、服务费，请写 0 并从说明里删去（平台规则）。"
        yield _block("agency_fee", "agency_fee_fen", sentence, "7.4")
    if terms.free_days is not None and terms.house_kind == "STATION" and terms.free_days < FEWEST_FREE_DAYS:
        yield _block(
            "station_free_days_below_7",
            "free_days",
            f"青年驿站至少免费住 {FEWEST_FREE_DAYS} 天，"
            f"现在写的是 {terms.free_days} 天（团省委、省住建厅“青年安居计划”）。",
            "S-88",
        )
    if terms.rent_fen_month == 0 and terms.house_kind != "STATION":
        yield _block(
            "not_a_positive_amount", "rent_fen_month", "月租写的是 0，请写真实月租（《住房租赁条例》）。", "S-89"
        )


def _safety(terms: Any, text: str) -> Iterator[Finding]:
    if terms.kitchen_balcony or (word := said(text, _ROOMS)):
        told = "" if terms.kitchen_balcony else f"写有“{word}”；"
        yield _block(
            "kitchen_balcony_basement",
            "kitchen_balcony",
            f"{told}厨房、卫生间、阳台、储藏室、地下室不得单独出租供人居住（《住房租赁条例》）。",
            "S-89",
        )
    if not terms.fire_ok or said(text, r"消防(?:不合格|未通过|没过|未验收)|(?:没|未)(?:过|通过)消防"):
        yield _block(
            "fire_safety",
            "fire_ok",
            "消防没有写“合格”；出租住房须符合建筑和消防安全要求（《住房租赁条例》；《广东省城镇房屋租赁条例》第七条）。",
            "S-89",
        )
    if not terms.viewing:
        yield _block("no_viewing", "viewing", "签约前必须能实地看房（平台规则）。", "7.4")
    if word := said(text, _UNSAFE):
        yield _block(
            "not_lettable",
            "text",
            f"写有“{word}”：违法建筑、危房、权属不清或未经同意转租的房屋不得出租（《广东省城镇房屋租赁条例》第六条、第二十五条）。",
            "L-13",
        )


def _rent(terms: Any, facts: ListingFacts) -> Iterator[Finding]:
    """Compare the rent with the district's reference; what the platform knows goes before what was filled in."""
    reference = facts.reference_rent_fen or terms.market_ref_fen
    if not reference or terms.rent_fen_month == 0:
        return
    share = 100 * terms.rent_fen_month
    told = (
        f"月租 {wording.yuan(terms.rent_fen_month)}是参考月租 {wording.yuan(reference)}的 {round(share / reference)}%"
    )
    if share < LOWEST_SHARE * reference:
        sentence = f"{told}，低于 60%，可能是虚假低价，将由审核员核对（《住房租赁条例》）。"
        yield Finding("rent_below_60_percent", "hold", "rent_fen_month", sentence, "S-89")
    elif share > HIGHEST_SHARE * reference:
        sentence = f"{told}，高于 150%，将由审核员核对（《住房租赁条例》）。"
        yield Finding("rent_above_150_percent", "hold", "rent_fen_month", sentence, "S-89")
