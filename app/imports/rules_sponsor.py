"""One row of 资助意向 becomes a sponsorship, or the reasons why not."""

import re
from typing import Final

from app.imports.rules_providers import provider_facts, read_provider
from app.imports.rules_rows import Around, Judged, Row, digest, region_code
from app.imports.rules_values import ImportedSponsor
from app.kit.reading import Unreadable, plain, read_int, read_money, read_yesno, read_yuan_fen, shown
from app.kit.wording import yuan
from app.offers.kinds.sponsorship import KIND, SponsorTerms
from app.offers.rules_legality import blocks
from app.regions.rules import PROVINCE_CODE, region_named

_COLUMNS: Final = {
    "via_foundation": "foundation",
    "conditions": "conditions",
    "relation_declared": "relation",
    "text": "text",
    "uscc": "uscc",
    "legal_name": "unit",
}
_NO_FOUNDATION: Final = re.compile(
    r"^(?:无|没有|暂无|待定|否|不|未|-+|/|—+)$|个人|自行|自己|直接(?:给|发|转|打)|^不(?:需|经|通过)"
)
_OTHER_PROVINCES: Final = re.compile(
    "省外|外省|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙|广西|西藏|宁夏|新疆|香港|澳门"
)
_ANYWHERE: Final = frozenset(("不限", "无", "全省", "广东", "广东省", "均可", "都可以"))


def read_amount(value: object) -> int:
    """Read the yearly amount per student in fen; nothing and less than nothing are no amount."""
    fen = read_yuan_fen(value, per="year")
    if fen == 0:
        raise Unreadable(f"“{shown(value)}”不对，每年金额要大于 0。", code="not_a_positive_amount")
    return fen


def judge_sponsor(row: Row, around: Around) -> Judged:
    """Judge one sponsorship row."""
    provider = read_provider(row, around, "SPO", needs_code=False)
    terms = _terms(row)
    region = _region(row, terms.region_pref)
    findings = KIND.legality(terms, (row.text("text"),), provider_facts(provider, around))
    row.add_findings(findings, _COLUMNS)
    if blocks(row.problems):
        return Judged(row.problems, row.notes)
    if read_money(row.cell("amount"))[1] == "month":
        row.notes.append(f"金额写的是每月，已折算为每年 {yuan(terms.amount_fen_per_year)}，请核对。")
    keys = (digest("SPONSOR", provider.key, *terms.to_json().values()),)
    command = ImportedSponsor(
        provider=provider,
        title=f"{KIND.field('kind').label_of(terms.kind)} · 每年 {yuan(terms.amount_fen_per_year)}",
        region_code=region,
        capacity=terms.students_max,
        terms=terms,
        fingerprint=keys[0],
        findings=tuple(row.problems),
    )
    return Judged(row.problems, row.notes, command, keys)


def _region(row: Row, text: str) -> str:
    """Return the code of the preferred region; the whole province when it is none or several."""
    if _OTHER_PROVINCES.search(text) and "广东" not in text:
        row.add("outside_province", "region", f"“{text}”不在广东省内；本平台只服务广东的学生，请改为省内地区或“不限”。")
    return region_code(region_named(text)) or PROVINCE_CODE


def _terms(row: Row) -> SponsorTerms:
    foundation = row.text("foundation")
    return SponsorTerms(
        kind=row.read_as("kind", KIND.field("kind"), "ONE2ONE"),
        amount_fen_per_year=row.read("amount", read_amount, 100),
        years=row.read("years", lambda cell: read_int(cell, low=1, high=12), 1),
        students_max=row.read("students", lambda cell: read_int(cell, low=1), 1),
        stage_pref=() if row.says_nothing("stages") else row.read_as("stages", KIND.field("stage_pref"), ()),
        region_pref="" if plain(row.cell("region")) in _ANYWHERE else row.optional_text("region", longest=60),
        via_foundation="" if _NO_FOUNDATION.search(plain(foundation)) else row.optional_text("foundation", longest=80),
        anonymous=row.read("anonymous", read_yesno, default=True, required=False),
        relation_declared=not row.read("relation", read_yesno, default=False, required=False),
        conditions=row.optional_text("conditions", longest=200),
    )
