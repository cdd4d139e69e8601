"""What the law and the platform forbid in an offer: findings shared by all kinds (domain 12.2).

A finding either blocks a submission or holds it for a reviewer. Its sentence names the legal basis for the person;
`source` is the mark of that text in the domain reference (16.1, 16.2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import msgspec
from stdnum.cn import uscc as credit_code

from app.kit.reading import plain
from app.texts.rules import SolicitationKind, find_contacts, find_solicitation

Severity = Literal["block", "hold"]

NEW_PROVIDER_DAYS: Final = 30
LISTINGS_PER_DAY: Final = 10
YOUNG_BUSINESS_DAYS: Final = 182

_CLAUSE_END: Final = re.compile(r"[,;。!?\n、]|(?:但|但是|不过|然而)")
_DENIAL: Final = re.compile(
    r"(?:不|无|没|免|未|拒绝|禁止|严禁|谢绝|杜绝|非|零)[^,;。]{0,6}$|(?:任何|一切)[^,;。]{0,2}$"
)
_DENIAL_AFTER: Final = re.compile(
    r"^[^,;。\d]{0,4}(?:全免|免收|免除|为零|为0|0元|:0|:无|:没有|:否|一律不|均不|都不|不收|不要|不需)"
)
_BORROWED_NAME: Final = (
    r"代实名|代认证|实名代办|人头户|身份证代|代刷脸|(?:借用|出租|出借|冒用|"
    r"租用)[^,;。]{0,4}(?:身份|实名|账号|银行卡|电话卡)"
)
_MORE_CONTACTS: Final = re.compile(
    r"薇信|威信号|[vV]信|(?<![a-zA-Z])[vV][xX](?![a-zA-Z])|加\s*[vV](?![a-zA-Z])|(?:加|进|入)(?:Q|q|微|企)?群|二维码|[qQ]{2}号?\s*:?\s*\d{5,}"
)
_EXCLUDES: Final = re.compile(r"仅|只|限|不招|不要|不收|谢绝|拒绝|排除|勿|除")
_NAMED_REGION: Final = (
    r"(?:仅|只|限|要求|须|需|必须)(?:限|招|收|要|有|具有|为)?(?:本地|本市|本省|广东|粤)(?:籍|户籍|户口|人)|不(?:招|要|收|录用|租给|租)[^,;。]{0,4}(?:人|籍|残疾|少数民族)"
    r"|(?:男|女)(?:生|性|士)(?:勿扰|免谈|勿投|不要)"
)
_WORD_BASIS: Final = "（《广东省人力资源市场条例》第三十三条）"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong or has to be looked at: rule code, severity, field, sentence, mark of the source."""

    rule: str
    severity: Severity
    field: str
    sentence: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFacts:
    """What is known around an offer when it is judged; all of it may be unknown."""

    today: date
    provider_type: str = ""
    uscc: str = ""
    legal_name: str = ""
    register_name: str = ""
    provider_verified_on: date | None = None
    business_since: date | None = None
    listings_last_24h: int = 0
    reference_rent_fen: int | None = None
    same_photo_elsewhere: bool = False
    same_address_elsewhere: bool = False
    contact_in_images: bool = False


def said(text: str, pattern: str | re.Pattern[str]) -> str:
    """Return the first match that the text asserts; “不收押金” or “押金全免” does not assert 押金."""
    sought = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
    for clause in _CLAUSE_END.split(plain(text)):
        for match in sought.finditer(clause):
            if not _DENIAL.search(clause[: match.start()]) and not _DENIAL_AFTER.search(clause[match.end() :]):
                return match.group()
    return ""


def solicited(text: str, kind: SolicitationKind) -> str:
    """Return the first word of a kind of solicitation, or an empty text; “看房前不用交钱” solicits nothing."""
    hits = (hit.found for hit in find_solicitation(text) if hit.kind is kind)
    return next((found for found in hits if not re.search("[不无免]", found)), "")


def contact_in(text: str) -> str:
    """Return the first contact detail or lure in the text, or an empty text."""
    found = [hit.found for hit in find_contacts(text)]
    more = _MORE_CONTACTS.search(text)
    return found[0] if found else more.group() if more else ""


def text_findings(texts: Sequence[str], *, labour: bool = False) -> tuple[Finding, ...]:
    """Judge the words that no offer of any kind may carry; `labour` adds the rules for job information."""
    text = "。".join(plain(part) for part in texts)
    findings: list[Finding] = []
    if word := contact_in(text):
        findings.append(
            Finding(
                "contact_in_text",
                "hold",
                "text",
                f"文字里有联系方式（“{word}”）。首次联系请在平台内进行，请删去电话、微信、二维码、群和网址；"
                "不删的要由审核员核对（五部门《关于规范网络平台招聘类信息发布的通知》：不得引流）。",
                "S-87",
            )
        )
    words = {hit.kind: hit.found for hit in reversed(find_solicitation(text))}
    if word := words.get(SolicitationKind.LOAN, ""):
        findings.append(
            Finding(
                "loan",
                "block",
                "text",
                f"不能出现“{word}”：不得以培训、兼职等名义让学生贷款或分期（《广东省人力资源市场条例》第三十三条，"
                "信息须真实合法；可拨打 96110 咨询）。",
                "L-14",
            )
        )
    if word := words.get(SolicitationKind.BRUSH, "") or said(text, _BORROWED_NAME):
        findings.append(
            Finding(
                "brush_orders",
                "block",
                "text",
                f"不能出现“{word}”：刷单、跑分、借用或出租身份属于违法活动（《广东省人力资源市场条例》第三十三条；"
                "反诈专线 96110）。",
                "L-14",
            )
        )
    return (*findings, *_discrimination(text, words.get(SolicitationKind.DISCRIMINATION, ""), labour=labour))


def _discrimination(text: str, word: str, *, labour: bool) -> tuple[Finding, ...]:
    word = word or said(text, _NAMED_REGION)
    if word and labour and _EXCLUDES.search(word):
        sentence = f"不能写“{word}”：招收条件不得有性别、地域、健康等歧视{_WORD_BASIS}。"
        return (Finding("discrimination", "block", "text", sentence, "L-14"),)
    if word and (labour or not re.search("[男女]", word)):
        sentence = f"“{word}”可能构成性别、地域或健康歧视，将由审核员核对{_WORD_BASIS}。"
        return (Finding("discrimination_words", "hold", "text", sentence, "L-14"),)
    return ()


def charge_findings(texts: Sequence[str]) -> tuple[Finding, ...]:
    """Volunteer services are free for those served: a price in the text blocks."""
    text = "。".join(plain(part) for part in texts)
    word = said(text, r"\d+元?/(?:小时|次|节|课时)|(?:收费|付费|课时费|咨询费|服务费|报名费|会员费|律师费)[^,;。]{0,6}")
    if not word:
        return ()
    return (
        Finding(
            "charges_students",
            "block",
            "text",
            f"志愿服务不得向服务对象收取报酬，请删去“{word}”（《志愿服务条例》第二十一条）。",
            "L-07",
        ),
    )


def provider_findings(facts: ListingFacts) -> tuple[Finding, ...]:
    """Judge what is known about the provider and about equal listings elsewhere; all of it holds for review."""
    findings: list[Finding] = []
    verified = facts.provider_verified_on
    is_new = verified is None or facts.today - verified < timedelta(days=NEW_PROVIDER_DAYS)
    if is_new and facts.listings_last_24h > LISTINGS_PER_DAY:
        findings.append(
            _hold(
                "many_listings_new_provider",
                f"新提供方 24 小时内已发布 {facts.listings_last_24h} 条，将由审核员逐条核对。",
            )
        )
    if facts.uscc and not credit_code.is_valid(facts.uscc):
        findings.append(
            _hold(
                "credit_code_check_digit",
                "统一社会信用代码的位数或校验位不对，请对照营业执照核对（GB 32100）。",
                "uscc",
            )
        )
    if facts.register_name and _same_name(facts.register_name) != _same_name(facts.legal_name):
        findings.append(
            _hold(
                "name_differs_from_register",
                f"名称与登记的“{facts.register_name}”不一致，请核对营业执照。",
                "legal_name",
            )
        )
    if facts.business_since and facts.today - facts.business_since < timedelta(days=YOUNG_BUSINESS_DAYS):
        findings.append(_hold("business_under_6_months", "该单位成立不满 6 个月，将由审核员实地或视频核实。"))
    if facts.same_photo_elsewhere:
        findings.append(_hold("same_photo_elsewhere", "照片与另一家提供方的照片相同，将由审核员核对。", "photos"))
    if facts.same_address_elsewhere:
        findings.append(_hold("same_address_elsewhere", "同一地址已有另一家提供方发布，将由审核员核对。", "address"))
    if facts.contact_in_images:
        findings.append(_hold("contact_in_images", "图片里有二维码、电话或网址，请更换图片。", "photos"))
    return tuple(findings)


def _hold(rule: str, sentence: str, field: str = "provider") -> Finding:
    return Finding(rule, "hold", field, f"{sentence}（平台核验规则）" if "（" not in sentence else sentence, "12.2")


def _same_name(name: str) -> str:
    return re.sub(r"[\s()（）]|示例|有限责任|有限|公司", "", plain(name)).lower()


def blocks(findings: Sequence[Finding]) -> bool:
    """Tell whether any finding stops the submission."""
    return any(finding.severity == "block" for finding in findings)


def to_builtins(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain data for storage."""
    return [msgspec.to_builtins(finding) for finding in findings]
