"""Recognise people's names and schools' names in Chinese text by the words around them."""

import re
from typing import Final

_SURNAME: Final = (
    "(?:欧阳|司徒|上官|诸葛|司马|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖萧田董"
    "袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖石金韦贾夏傅方邹熊孟秦邱江尹薛闫段雷侯龙史陶黎贺"
    "顾毛郝龚邵万钱严覃武戴莫孔向汤温庄邬赖骆古麦詹关伍游简冼])"
)
# Characters that end a name rather than belong to it.
_GIVEN: Final = (
    r"(?:[㐀-䶿一-鿿](?<![的是了在我你他她它们和与也有就都很已从去今昨家因患想需来说被把让给对到这那同老师学父母爸妈要"
    r"不没读上着住叫又还能会吗呢吧啊么之年岁男女班]))"
)
_FULL: Final = rf"{_SURNAME}{_GIVEN}{{1,2}}"
_CLAUSE: Final = r"(?:^|(?<=[,。;、!?:\s()\[\]“”\"]))"

# Everyday words that begin with, end with or hold a surname's character; covered before names are sought.
_NOT_NAMES: Final = re.compile(
    r"对于|关于|由于|至于|属于|处于|位于|终于|等于|基于|急于|善于|便于|任何|如何|为何|何时|何处|何况|也许|允许|或许"
    r"|许许|许多|感谢|谢谢|多谢|课程|工程|过程|流程|程度|其余|剩余|业余|余下|余额|师范|规范|防范|范围|模范|示范"
    r"|健康|上周|下周|本周|每周|一周|周末|周[一二三四五六日]|周围|周边|周转|周期|历史|师傅|主任|班主任|专任|信任"
    r"|责任|任务|任课|任教|对方|双方|地方|校方|官方|方便|方面|方式|方法|方向|方案|方才|提高|最高|较高|高中|高[一二三]"
    r"|高考|高校|高职|高等|高年级|高血压|高烧|高分|高低|高兴|千万|百万|万一|万元|黄金|黄昏|黄埔|黄岐|江门|江西|江苏"
    r"|江城|阳江|湛江|珠江|江海|吴川|陆丰|陆河|龙岗|龙华|龙川|龙门|龙湖|罗湖|罗定|徐闻|金湾|金平|高州|高要|高明|梅州"
    r"|马上|马虎|毛病|石油|石头|林业|林场|金融|金额|资金|基金|奖金|现金|租金|押金|薪金|孙子|孙女|外孙|向上|向往|倾向"
    r"|武术|武警|温暖|温度|体温|田地|关系|关心|关怀|关注|关键|有关|相关|机关|金钱|没钱|花钱|钱包|严重|严格|唐突"
    r"|夏天|夏令|严肃|简单|简历|简直|游戏|旅游|导游|古代|莫名|伍佰|退伍|入伍|龙头|雷锋|雷雨|石膏|陈述|陈旧|陈列"
    r"|张贴|紧张|慌张|夸张|扩张|一张|两张|几张|王者|李子|行李|杨梅|胡乱|胡说|朱砂|罗列|宋体|唐诗|于是|叶子|茶叶"
    r"|江边|江河|湖泊|孔雀|麦当劳|小麦|关闭|肖像|肖战|段落|阶段|手段|雷同|贺卡|祝贺|顾虑|照顾|回顾|顾客"
)

_NAMES: Final = (
    re.compile(
        r"(?:我叫|我姓名|名叫|姓名(?:叫|是|为|:)?|名字(?:叫|是|:)?|我的?本名|真名(?:叫|是|:)?"
        r"|(?:他|她|同学|学生|孩子|弟弟|妹妹|哥哥|姐姐|老师|朋友|室友|舍友)叫(?:做|作)?)\s*"
        rf"(?P<name>{_FULL})"
    ),
    re.compile(rf"(?P<name>{_SURNAME}{_GIVEN}{{0,2}})(?=(?:同学|老师|学长|学姐|师兄|师姐|辅导员|班主任)(?!们|会))"),
    re.compile(
        r"(?:我班|本班|班上|班里|我校|本校|学生|同学|该生|孩子|女生|男生|儿子|女儿|弟弟|妹妹|哥哥|姐姐|班长|室友|舍友|闺蜜|朋友|父亲|母亲|爸爸|妈妈"
        rf"|监护人|联系人|班主任|老师):?\s?(?P<name>{_FULL})"
        r"(?=[,。、;!?\s()]|$|今年|家|因|的|是|在|患|想|需|来|说|被|已|很|有|从|和|与|父|母|也|同学|老师)"
    ),
    re.compile(
        rf"{_CLAUSE}(?P<name>{_FULL})(?=\s?[,(、]?\s?(?:男|女)(?:[,生性、)]|$)|\s?[,(、]\s?(?:今年)?\d{{1,2}}(?:岁|周岁|[,、)]))"
    ),
    re.compile(rf"{_CLAUSE}(?P<name>{_FULL})(?=的?(?:父亲|母亲|父母|爸爸|妈妈|家长|家里|家庭|家中|奶奶|爷爷))"),
)

_SCHOOL: Final = re.compile(
    r"[㐀-䶿一-鿿a-z0-9]{1,16}?(?:大学(?!习|生(?!活))|学院|中学(?!习|会|到|生)|小学(?!习|生)|学校|职校|技校|附中|附小"
    r"|[一二三四五六七八九十]{1,2}中(?![学午等国秋间介文]))"
    r"(?:[㐀-䶿一-鿿]{1,6}(?:学院|校区|分校))?"
)
# What comes before a school's own name; the last one found cuts the name off.
_BEFORE_NAME: Final = re.compile(
    r"其他|别的|来自|就读|毕业|考上|考取|转到|转学|所有|我们|他们|你们|学生|孩子|同学|这所|那所|一所|某所|某[市县区]"
    r"|上(?!海)|新(?!会|兴|丰)|和(?!平)|无(?!锡)|来(?!宾)|老(?!隆)|(?<!高)要|(?<!新)会|近|前往|[我他她你在是的地得到读念考去从于于个所家等与跟及或由为"
    r"给让向被把对比因但而就也都很不没有想能可以后前里内外换回离进出每各某本该全原好多两几这那了着过哪至同叫名届级生]"
)
_GENERIC: Final = re.compile(
    r"(?:中等|高等|职业|技工|技术|普通|重点|民办|公办|私立|公立|本地|外地|外省|省内|全日制|老年|特殊|教育|寄宿|乡镇"
    r"|农村|城市|县城|省属|初级|高级|完全|示范|一般|相关|理想|心仪|名牌|知名|初中|高中|小学|中小|大学|高校|学校|学院"
    r"|附近|当地|目前|现在|今年|明年|去年|马上|已经|希望|喜欢|集|人|医|家|电|空)+"
)
_CLASS: Final = re.compile(
    r"(?:高|初|大)[一二三四1-4](?:年级)?\s?[(]?[一二三四五六七八九十\d]{1,3}[)]?\s?班"
    r"|[一二三四五六七八九十\d]{1,2}年级\s?[(]?[一二三四五六七八九十\d]{1,3}[)]?\s?班"
    r"|(?:20)?\d{2}级[㐀-䶿一-鿿]{0,10}[一二三四五六七八九十\d]{1,3}班"
)


def name_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of what reads like a person's name, judged by the words around it."""
    veiled = _NOT_NAMES.sub(lambda match: "□" * len(match[0]), text)
    return [match.span("name") for pattern in _NAMES for match in pattern.finditer(veiled)]


def school_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of a school's own name or of a numbered class."""
    spans = [match.span() for match in _CLASS.finditer(text)]
    for match in _SCHOOL.finditer(text):
        start = match.start()
        cuts = [cut.end() for cut in _BEFORE_NAME.finditer(text, start, match.end())]
        own = [cut for cut in cuts if cut <= _name_end(match)]
        start = own[-1] if own else start
        name = text[start : _name_end(match)]
        if len(name) > 1 and not _GENERIC.fullmatch(name):
            spans.append((start, match.end()))
    return spans


def _name_end(match: re.Match[str]) -> int:
    """Where the school's own name ends and the word for its kind begins."""
    kind = re.search(r"大学|学院|中学|小学|学校|职校|技校|附中|附小|[一二三四五六七八九十]{1,2}中", match[0])
    return match.start() + (kind.start() if kind else 0)
