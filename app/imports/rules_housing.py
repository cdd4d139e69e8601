"""One row of 租赁房源 becomes a home, or the reasons why not."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from app.imports.rules_providers import provider_facts, read_provider
from app.imports.rules_rows import Around, Judged, Row, digest, region_name
from app.imports.rules_values import ImportedHousing, ImportedProvider
from app.kit.reading import (
    Unreadable,
    chinese_number,
    plain,
    read_day,
    read_int,
    read_money,
    read_yesno,
    read_yuan_fen,
    shown,
)
from app.offers.kinds.housing import KIND, HousingTerms, address_hash
from app.offers.rules_legality import ListingFacts, blocks, said
from app.regions.rules import city_of

_COLUMNS: Final = {
    "rent_fen_month": "rent",
    "deposit_months": "deposit",
    "pay_before_viewing": "pay_first",
    "kitchen_balcony": "rooms",
    "fire_ok": "fire",
    "text": "text",
    "uscc": "uscc",
    "legal_name": "unit",
    "address": "place",
    "free_days": "free_days",
    "agency_fee_fen": "agency_fee",
}
_NUMERAL: Final = r"[零〇一二两三四五六七八九十\d.]+"
_DEPOSIT_PAY: Final = re.compile(rf"^押({_NUMERAL})个?月?(?:付.{{1,4}})?$")
_DEPOSIT_MONTHS: Final = re.compile(rf"^(?:押金)?({_NUMERAL})(?:个?月)?(?:的?(?:租金|房租|押金))?$")
_NO_DEPOSIT: Final = re.compile(
    r"^(?:无|免|没有|不收|零|否|0)(?:需)?(?:押金?|押一?付[一三]|元)?$|^押金?(?:全免|免收|为零)$"
)
_MOST_MONTHS: Final = 36
_ROOM_WORDS: Final = re.compile(r"厨|卫|厕|阳台|储|地下|车库|隔|杂物|改")
_ANY_TIME: Final = re.compile(r"^(?:随时|即日|即时|立即|马上|现房|现可|即可|拎包).*$")
_PAY_WORDS: Final = re.compile(r"先付|先交|定金|订金|押金|预付|付款|交钱")


def read_deposit_months(value: object, rent_fen: int) -> int:
    """Read a deposit in months of rent from 2, 押一付三, 两个月, 免押 or an amount such as 6000元 (rounded up)."""
    text = re.sub(r"\s", "", plain(value))
    if _NO_DEPOSIT.match(text):
        return 0
    found = _DEPOSIT_PAY.match(text) or _DEPOSIT_MONTHS.match(text)
    if found and (months := _count(found.group(1))) is not None and months <= _MOST_MONTHS:
        if months != int(months):
            raise Unreadable(f"“{shown(value)}”不是整月数，请写整数，例如 1。", code="not_a_number")
        return int(months)
    try:
        fen, _per = read_money(text.removeprefix("押金"))
    except Unreadable:
        raise Unreadable(
            f"“{shown(value)}”看不出是几个月租金，请写例如 1 或“押一付一”。", code="not_a_number"
        ) from None
    if fen < 0:
        raise Unreadable(f"“{shown(value)}”是负数，请写例如 1 或“押一付一”。", code="not_a_positive_number")
    if rent_fen <= 0:
        raise Unreadable(f"“{shown(value)}”是金额，请写成几个月租金，例如 1。", code="not_a_number")
    return -(-fen // rent_fen)


def _count(text: str) -> Decimal | None:
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Decimal(text)
    return Decimal(chinese_number(text)) if re.fullmatch("[零〇一二两三四五六七八九十]+", text) else None


def read_pay_first(value: object) -> bool:
    """Tell whether money is asked before the viewing."""
    if re.search("先看房|看房后", plain(value)):
        return False
    try:
        return read_yesno(value)
    except Unreadable:
        if said(plain(value), _PAY_WORDS):
            return True
        raise


def read_rooms(value: object) -> bool:
    """Tell whether the home is made of a kitchen, balcony, basement or the like; naming such a room says so."""
    text = plain(value)
    if said(text, _ROOM_WORDS):
        return True
    return read_yesno(value)


def read_fire(value: object) -> bool:
    """Tell whether fire safety is in order; only a clear yes counts."""
    text = plain(value)
    return bool(
        re.match(
            r"^(?:(?:是|有)(?:$|[,;(])|合格|已?通过|已验收|验收合格|符合|达标|已合格|消防合格|y(?:es)?$|1$|√|✓|✔|true$)",
            text,
            re.IGNORECASE,
        )
    )


def _read_available(value: object) -> date | None:
    return None if _ANY_TIME.match(plain(value)) else read_day(value)


def _terms(row: Row) -> HousingTerms:
    rent = row.read("rent", lambda cell: read_yuan_fen(cell, per="month"), 0)
    rent_known = not any(problem.field == "rent" for problem in row.problems)
    return HousingTerms(
        house_kind=row.read_as("house_kind", KIND.field("house_kind"), "APT"),
        community=row.optional_text("community", longest=60),
        address=row.required_text("place", longest=200),
        area_tenths=row.read_as("area", KIND.field("area_tenths"), 200),
        layout=row.optional_text("layout", longest=30),
        homes=row.read("homes", lambda cell: read_int(cell, low=1), 1, required=False),
        persons_max=row.read_as("persons", KIND.field("persons_max"), 1),
        available_from=row.read("available", _read_available, None, required=False),
        rent_fen_month=rent if rent_known else 1,
        market_ref_fen=None
        if row.says_nothing("reference")
        else row.read("reference", lambda cell: read_yuan_fen(cell, per="month"), None, required=False),
        deposit_months=row.read("deposit", lambda cell: read_deposit_months(cell, rent), 0),
        agency_fee_fen=0
        if row.says_nothing("agency_fee")
        else row.read("agency_fee", read_yuan_fen, 0, required=False),
        free_days=row.read("free_days", lambda cell: read_int(cell, low=0), None, required=False),
        fire_ok=row.read("fire", read_fire, default=False, required=False),
        kitchen_balcony=row.read("rooms", read_rooms, default=False, required=False),
        pay_before_viewing=row.read("pay_first", read_pay_first, default=False, required=False),
    )


def judge_housing(row: Row, around: Around) -> Judged:
    """Judge one housing row."""
    personal = "个人" in plain(row.cell("house_kind"))
    provider = read_provider(row, around, "HOU", needs_code=not personal)
    terms = _terms(row)
    city = city_of(provider.region_code)
    place = address_hash(city.name if city else "", _district(provider, row), terms.address)
    findings = KIND.legality(terms, (row.text("text"),), _facts(row, around, provider, place, terms.market_ref_fen))
    if terms.rent_fen_month == 1:
        findings = tuple(finding for finding in findings if finding.field != "rent_fen_month")
    stated = {
        "pay_before_viewing": terms.pay_before_viewing,
        "kitchen_balcony": terms.kitchen_balcony,
        "fire_ok": not terms.fire_ok,
    }
    row.add_findings(findings, _COLUMNS | {name: "text" for name, said_there in stated.items() if not said_there})
    keys = tuple(dict.fromkeys(digest("HOUSE", who, place) for who in (provider.key, provider.legal_name)))
    if blocks(row.problems):
        return Judged(row.problems, row.notes)
    command = ImportedHousing(
        provider=provider,
        title=_title(terms, provider)[:60],
        text=row.text("text"),
        region_code=provider.region_code,
        capacity=terms.homes,
        terms=terms,
        fingerprint=keys[0],
        address_hash=place,
        findings=tuple(row.problems),
    )
    return Judged(row.problems, row.notes, command, keys, address=place, provider_key=provider.key)


def _district(provider: ImportedProvider, row: Row) -> str:
    city = city_of(provider.region_code)
    known = bool(city) and city is not None and provider.region_code != city.code
    return region_name(provider.region_code) if known else row.text("district")


def _facts(
    row: Row, around: Around, provider: ImportedProvider, place: str, stated_reference: int | None
) -> ListingFacts:
    """Return what is known around the home; the platform's reference rent fills in where the sheet gives none."""
    owner = around.owners.get(place) or around.known.address_owners.get(place, "")
    elsewhere = owner not in ("", provider.key, provider.legal_name) and not row.blank("place")
    rents = around.known.reference_rents
    city = city_of(provider.region_code)
    reference = rents.get(provider.region_code) or (rents.get(city.code) if city else None)
    if stated_reference:
        reference = None
    return provider_facts(provider, around, reference_rent_fen=reference, same_address=elsewhere)


def _title(terms: HousingTerms, provider: ImportedProvider) -> str:
    kind = KIND.field("house_kind").label_of(terms.house_kind)
    where = terms.community or region_name(provider.region_code)
    return " · ".join(part for part in (where, terms.layout or kind) if part)
