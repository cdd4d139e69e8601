"""Words that cost students money, dignity or a diagnosis: in listings, and in notes about a person."""

import re
from enum import StrEnum
from typing import Final

import msgspec

from app.texts.rules_folding import Folded, fold


class SolicitationKind(StrEnum):
    """What a listing asks for that it may not ask for, or not without a second look."""

    FEE_WORD = "FEE_WORD"
    PAY_FIRST = "PAY_FIRST"
    PAPERS = "PAPERS"
    LOAN = "LOAN"
    BRUSH = "BRUSH"
    DISCRIMINATION = "DISCRIMINATION"


class WordHit(msgspec.Struct, frozen=True):
    """A word that was found: its half-open span in the text as written and what to do about it."""

    start: int
    end: int
    found: str
    advice: str


class SolicitationHit(WordHit, frozen=True):
    """A word of a listing that needs a rule or a reviewer."""

    kind: SolicitationKind


_DENIED: Final = re.compile(
    r"(?:不(?:收|收取|需要?|用|必|交|缴|得收|得)|无(?:需|须)?|免(?:收|交|除)?|零|0|没有|未|谢绝|拒绝|禁止|严禁|杜绝|绝不|从不|防范|警惕)"
    r"(?:任何|形式|形式的|收取|收|缴纳|缴|交|付|支付|参与|从事|要求|的|、|和|及|或|/|各类|其他"
    r"|押金|中介费|服务费|保证金|贷款|定金|费用|培训费|培训贷|刷单)*$"
)
_FEE: Final = re.compile(
    r"押金|中介费|服务费|保证金|贷款|定金|订金|培训费|付费培训|服装费|报名费|入职费|体检费|工本费|建档费|会员费|资料费"
)
_PAY_FIRST: Final = re.compile(
    r"(?:先|提前)(?:付|交|转|打|缴)(?:钱|款|定金|订金|押金|房租|租金|\d+)|(?:看房|面试|入职|上岗)前.{0,4}(?:付|交|转账?|打款|缴)"
    r"|锁房|(?:付|交|转)(?:了)?(?:定金|订金|款|钱)(?:后|再|才).{0,4}(?:看房|面试|入职)"
)
_PAPERS: Final = re.compile(
    r"(?:扣|押|扣押|抵押|上交|代管)(?:下)?(?:身份证|学生证|毕业证|证件|护照|银行卡)|(?:代办|借用|出租|出借|冒用)(?:他人)?(?:身份证|证件|银行卡|电话卡)"
)
_LOAN: Final = re.compile(r"培训贷|校园贷|美容贷|裸贷|套路贷|分期贷|学费贷|(?:办理?|申请|签)(?:分期|贷款)|先学后付")
_BRUSH: Final = re.compile(r"刷单|刷信誉|刷好评|刷流水|跑分|做任务返(?:利|现|佣)|点赞返(?:利|现|佣)|刷量")
_DISCRIMINATION: Final = re.compile(
    r"(?:仅|只|仅限|只限|(?<!不)限)(?:招|收|要)?(?:男(?!女)|女(?!男))(?:生|性|士|孩)?"
    r"|(?:男|女)(?:生|性|士)?优先|(?:不招|不要|不收|谢绝|拒绝)(?:男|女)(?:生|性|孩)?|已婚已育|未婚未育"
    r"|(?:限|仅限|只招|只要)(?:本地|本市|本省)(?:人|户口|户籍)|(?:本地|本市)(?:人|户口|户籍)优先"
    r"|(?:不招|不要|不收|谢绝|拒绝|除).{1,6}(?:省|籍|地区)(?:人|的|籍|者)?"
    r"|(?:不招|不要|谢绝|拒绝|排除|无)(?:乙肝|艾滋|残疾|抑郁|精神|病史|携带)|乙肝(?:勿|携带者勿|不要)|残疾人?(?:勿|不要)"
    r"|五官端正|相貌(?:端正|好|佳)|形象(?:好|佳)气质(?:好|佳)|身高\d+|无纹身"
)
_DIAGNOSIS: Final = re.compile(
    r"(?:重度|中度|轻度|产后)?(?:抑郁症|抑郁障碍|焦虑症|焦虑障碍|双相(?:情感)?障碍|躁郁症|躁狂症|精神分裂症?|精神病|精神障碍"
    r"|强迫症|强迫障碍|人格障碍|人格分裂|创伤后应激障碍|恐惧症|恐慌症|惊恐障碍|社恐症|厌食症|贪食症|暴食症|进食障碍"
    r"|多动症|注意缺陷障碍|自闭症|孤独症|躯体化障碍|适应障碍|妄想症|癔症|神经症|神经衰弱)"
    r"|(?:重度|中度|轻度)(?:抑郁|焦虑)|确诊(?:为|了)?(?:抑郁|焦虑|双相)|(?<![a-z])(?:ptsd|adhd|ocd|mdd|bpd)(?![a-z])"
)

_KINDS: Final = (
    (SolicitationKind.PAY_FIRST, _PAY_FIRST, "不得要求先付款后看房、面试或上岗。"),
    (SolicitationKind.LOAN, _LOAN, "不得以任何形式要求或推荐学生贷款、分期付款。"),
    (SolicitationKind.BRUSH, _BRUSH, "刷单、跑分是违法行为，不能发布。"),
    (SolicitationKind.PAPERS, _PAPERS, "不得扣押或借用学生的证件、银行卡。"),
    (SolicitationKind.FEE_WORD, _FEE, "请写清是否收费；实习不得收取押金、服务费等任何费用。"),
    (SolicitationKind.DISCRIMINATION, _DISCRIMINATION, "请删去性别、地域、健康等限制，只写岗位真正需要的能力。"),
)
_DIAGNOSIS_ADVICE: Final = "请不要写诊断名称，只写看到的情况，例如“近两周睡得少、不愿出门”。诊断只能由医生作出。"


def find_solicitation(text: str) -> tuple[SolicitationHit, ...]:
    """Fee, loan, brushing, papers and discrimination words of a listing; “不收押金” and the like do not count."""
    folded = fold(text).without("\n")
    hits: list[SolicitationHit] = []
    for kind, pattern, advice in _KINDS:
        for match in pattern.finditer(folded.text):
            denied = kind is not SolicitationKind.DISCRIMINATION and _is_denied(folded, match.start())
            if denied:
                continue
            start, end = folded.span(match.start(), match.end())
            hits.append(SolicitationHit(start, end, text[start:end], advice, kind))
    return tuple(sorted(hits, key=lambda hit: hit.start))


def find_diagnosis(text: str) -> tuple[WordHit, ...]:
    """Names of mental disorders in a note: only a doctor may diagnose, so a note should say what was seen."""
    folded = fold(text).without("\n")
    hits: list[WordHit] = []
    for match in _DIAGNOSIS.finditer(folded.text):
        start, end = folded.span(match.start(), match.end())
        hits.append(WordHit(start, end, text[start:end], _DIAGNOSIS_ADVICE))
    return tuple(hits)


def _is_denied(folded: Folded, start: int) -> bool:
    return bool(_DENIED.search(folded.text, max(0, start - 24), start))
