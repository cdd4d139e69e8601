"""租房安居: rental homes and youth stations (domain 3.12, 7.4, 12.2)."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from app.kit import wording
from app.kit.reading import plain
from app.offers.kinds.fields import Card, Field, Kind, Terms
from app.offers.kinds.housing_rules import judge

HOUSE_KINDS: Final = (
    ("PUBLIC", "公租房"),
    ("TALENT", "人才房"),
    ("AFF", "保障性租赁住房"),
    ("APT", "长租公寓"),
    ("PRIV", "个人房源"),
    ("STATION", "青年驿站"),
)
HOUSE_WORDS: Final = {
    "公共租赁": "PUBLIC",
    "公共租赁住房": "PUBLIC",
    "廉租": "PUBLIC",
    "人才公寓": "TALENT",
    "人才住房": "TALENT",
    "人才": "TALENT",
    "保租房": "AFF",
    "保障性租赁": "AFF",
    "保障性住房": "AFF",
    "保障房": "AFF",
    "公寓": "APT",
    "长租": "APT",
    "集中式公寓": "APT",
    "青年公寓": "APT",
    "个人": "PRIV",
    "私人": "PRIV",
    "民房": "PRIV",
    "自有": "PRIV",
    "驿站": "STATION",
    "青年人才驿站": "STATION",
    "人才驿站": "STATION",
}
TITLE_PROOFS: Final = (("DEED", "权属证"), ("MANDATE", "授权"), ("FILING", "租赁企业备案"))
REGISTERED: Final = (("Y", "已登记备案"), ("PLAN", "签约后登记备案"))

_HOME, _PRICE, _SAFE = "房源", "租金和押金", "安全和合规"


class HousingTerms(Terms, frozen=True, kw_only=True):
    """Terms of a home; area in tenths of a square metre, money in fen, deposit in whole months of rent."""

    house_kind: str
    community: str = ""
    address: str
    area_tenths: int
    layout: str = ""
    homes: int = 1
    persons_max: int
    available_from: date | None = None
    rent_fen_month: int
    market_ref_fen: int | None = None
    deposit_months: int
    deposit_return_days: int | None = None
    deduct_rules: str = ""
    agency_fee_fen: int = 0
    free_days: int | None = None
    title_proof: str | None = None
    fire_ok: bool
    kitchen_balcony: bool = False
    pay_before_viewing: bool = False
    viewing: bool = True
    contract_registered: str | None = None
    verified_on_site: date | None = None

    @property
    def discount_pct(self) -> int | None:
        """Return by how many percent the rent is below the reference, or None without a reference."""
        if not self.market_ref_fen:
            return None
        return round(100 - 100 * self.rent_fen_month / self.market_ref_fen)


FIELDS: Final = (
    Field(name="house_kind", label="房源类型", type="choice", step=_HOME, choices=HOUSE_KINDS, words=HOUSE_WORDS),
    Field(name="community", label="小区或项目", type="text", step=_HOME, required=False, max_len=60),
    Field(
        name="address",
        label="详细地址",
        type="address",
        step=_HOME,
        max_len=100,
        help="写到楼栋和房号，用来查重；确认入住前只公开到街道。",
    ),
    Field(name="area_tenths", label="面积", type="area", step=_HOME, unit="平方米", low=4, high=1000),
    Field(
        name="layout", label="户型", type="text", step=_HOME, required=False, max_len=30, help="例如：单间、一室一卫。"
    ),
    Field(name="homes", label="同样的房源有几套", type="int", step=_HOME, unit="套", low=1, high=2000),
    Field(name="persons_max", label="每套可住人数", type="int", step=_HOME, unit="人", low=1, high=20),
    Field(name="available_from", label="最早入住日期", type="day", step=_HOME, required=False),
    Field(
        name="rent_fen_month",
        label="月租",
        type="yuan",
        step=_PRICE,
        unit="元/月",
        low=0,
        high=200_000,
        help="每套每月多少元，不能写面议。",
    ),
    Field(
        name="market_ref_fen",
        label="同区参考月租",
        type="yuan",
        step=_PRICE,
        unit="元/月",
        required=False,
        low=1,
        high=200_000,
        help="不清楚请留空，由平台按区县参考价核对。",
    ),
    Field(
        name="deposit_months",
        label="押金",
        type="int",
        step=_PRICE,
        unit="个月租金",
        low=0,
        high=36,
        help="“押一付一”写 1，不收押金写 0，最多 3。",
    ),
    Field(name="deposit_return_days", label="退租后几天内退押金", type="int", step=_PRICE, unit="天", low=0, high=90),
    Field(
        name="deduct_rules",
        label="押金扣除规则",
        type="textarea",
        step=_PRICE,
        max_len=300,
        help="写清什么情况扣、扣多少；没有请写“不扣除”。",
    ),
    Field(
        name="agency_fee_fen",
        label="中介费、服务费",
        type="yuan",
        step=_PRICE,
        unit="元",
        low=0,
        high=100_000,
        help="本平台的房源一律不收中介费，请写 0。",
    ),
    Field(
        name="free_days",
        label="免费入住天数",
        type="int",
        step=_PRICE,
        unit="天",
        low=0,
        high=365,
        help="青年驿站至少免费 7 天。",
        only_if=("house_kind", ("STATION",)),
    ),
    Field(name="title_proof", label="权属证明", type="choice", step=_SAFE, choices=TITLE_PROOFS),
    Field(name="fire_ok", label="消防是否符合要求", type="yesno", step=_SAFE),
    Field(name="kitchen_balcony", label="是否由厨房、卫生间、阳台、储藏室或地下室改成", type="yesno", step=_SAFE),
    Field(name="pay_before_viewing", label="是否要先付款才能看房", type="yesno", step=_SAFE),
    Field(name="viewing", label="签约前是否可以实地看房", type="yesno", step=_SAFE),
    Field(name="contract_registered", label="租赁合同登记备案", type="choice", step=_SAFE, choices=REGISTERED),
    Field(name="verified_on_site", label="实地核验日期", type="day", step=_SAFE, required=False, help="由核验人填写。"),
)


def address_hash(city: str, district: str, address: str) -> str:
    """Return a fingerprint of an address, equal for different ways of writing the same place."""
    place = re.sub(r"[\s,.。，、()（）-]|广东省", "", plain(f"{city}{district}{address}").lower())
    return hashlib.sha256(place.encode()).hexdigest()


def _card(terms: HousingTerms) -> Card:
    rent = f"{wording.yuan(terms.rent_fen_month)}/月"
    line = f"免费 {terms.free_days} 天，之后 {rent}" if terms.free_days else rent
    deposit = f"押金 {terms.deposit_months} 个月" if terms.deposit_months else "免押金"
    return Card(line, (dict(HOUSE_KINDS).get(terms.house_kind, ""), f"{terms.area_tenths / 10:g} 平方米", deposit))


def _facets(terms: HousingTerms) -> dict[str, Any]:
    return {
        "house_kind": terms.house_kind,
        "rent_fen_month": terms.rent_fen_month,
        "area_tenths": terms.area_tenths,
        "persons_max": terms.persons_max,
        "deposit_months": terms.deposit_months,
        "available_from": terms.available_from.isoformat() if terms.available_from else None,
        "contract_registered": terms.contract_registered == "Y",
    }


def _features(terms: HousingTerms) -> dict[str, Any]:
    return {
        "house_kind": terms.house_kind,
        "layout": terms.layout,
        "area_tenths": terms.area_tenths,
        "persons_max": terms.persons_max,
        "rent_fen_month": terms.rent_fen_month,
        "available_from": terms.available_from,
        "verified_on_site": terms.verified_on_site,
    }


def _more_lines(terms: HousingTerms) -> Sequence[tuple[str, str]]:
    below = terms.discount_pct
    if below is None:
        return ()
    return (("与参考月租相比", f"低 {below}%" if below > 0 else f"高 {-below}%" if below else "持平"),)


KIND: Final = Kind(
    code="HOUSE",
    slug="housing",
    label="租房安居",
    lead="核验过的出租住房和青年驿站，先看房、后付款、不收中介费。",
    provider_types=("HOU",),
    age_min=18,
    capacity_label="房源套数",
    verified_days=90,
    reviewers=2,
    terms_type=HousingTerms,
    fields=FIELDS,
    judge=judge,
    facets=_facets,
    card=_card,
    features=_features,
    price_fen=lambda terms: terms.rent_fen_month,
    capacity=lambda terms: terms.homes,
    more_lines=_more_lines,
)
