"""A synthetic corpus of public offers for measurements: seeded, as large as asked, of real words in Zipf's order.

The words are those of the product's vocabulary and every pair of common characters the dictionary knows. Nothing in
it is a real offer; every title begins with （示例）.
"""

import itertools
import math
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

import rjieba

from search.documents import Document, Point
from search.vocabulary import vocabulary

NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
KINDS: Final = ("COUNSEL", "INTERN", "HOUSE", "SPONSOR", "STUDY")


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CITIES: Final = _names(
    "广州 深圳 珠海 汕头 佛山 韶关 湛江 肇庆 江门 茂名 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 "
    "武汉 长沙 南昌 福州 厦门 南宁 海口 杭州 上海 北京 成都 重庆 西安 郑州 合肥"
)
COUNTIES_EACH: Final = 8
TITLE_WORDS: Final = {
    "COUNSEL": ("心理咨询", "情绪疏导", "心理辅导", "家庭治疗", "考前减压", "生涯规划", "团体辅导", "亲子沟通"),
    "INTERN": ("实习", "见习", "前端开发", "数据分析", "新媒体运营", "Java后端", "Python", "会计", "律师助理", "家教"),
    "HOUSE": ("租房", "合租", "整租", "单间", "青年公寓", "一室一厅", "两室一厅", "转租", "床位", "主卧"),
    "SPONSOR": ("助学金", "奖学金", "赞助", "结对帮扶", "创业补贴", "爱心捐赠", "物资赞助", "生活补助"),
    "STUDY": ("考研", "英语四级", "公务员考试", "驾照", "学业辅导", "编程", "普通话", "教师资格证", "吉他", "雅思"),
}
TAGS: Final = _names(
    "近地铁 周末 线上 可转正 包住 有空调 大学城 免费 一对一 短期 长期 应届生 女生 零基础 夜间 可养宠物 拎包入住 "
    "双休 日结 远程 粤语 英语 志愿服务 精装修 独卫 押一付一 考前 暑期 寒假 乡村"
)
_COMMON: Final = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经"
    "么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知"
    "全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度"
    "门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务"
    "做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记"
    "南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔青术火乐房租钱店班课车工语言技能"
)
_ZIPF: Final = 0.95
_HEAD: Final = 25
_LARGE_CITIES: Final = 0.8


@cache
def words() -> tuple[str, ...]:
    """Return every word of the corpus, the frequent ones first; the order is the same on every machine."""
    jieba = rjieba.Jieba()
    pairs = ("".join(pair) for pair in itertools.permutations(dict.fromkeys(_COMMON), 2))
    known = [pair for pair in pairs if jieba.has_word(pair)]
    own = sorted(vocabulary().words)
    everything = list(dict.fromkeys([*own, *known]))
    random.Random(20261123).shuffle(everything)  # noqa: S311 - a corpus is no secret
    return tuple(everything)


@cache
def _weights(count: int) -> tuple[float, ...]:
    return tuple(itertools.accumulate(1 / (rank + _HEAD) ** _ZIPF for rank in range(count)))


def rare_words(most: int = 40) -> tuple[str, ...]:
    """Return words near the end of the order, which few documents hold."""
    every = words()
    return every[-most * 20 :: 20]


def listings(count: int, *, seed: int = 1, start: int = 0) -> Iterator[Document]:
    """Yield `count` offers; the same seed and number always make the same offer."""
    for number in range(start, start + count):
        yield listing(number, seed=seed)


def listing(number: int, *, seed: int = 1, version: int = 1) -> Document:
    """Return one offer. Every twentieth has no amount, every thirtieth no place on the map."""
    chance = random.Random(seed * 1_000_003 + number * 7 + version)  # noqa: S311 - a corpus is no secret
    kind = KINDS[bisect((30, 62, 87, 93), chance.randrange(100))]
    city = chance.randrange(len(CITIES))
    if chance.random() < _LARGE_CITIES:
        city = min(int(chance.paretovariate(0.9)) - 1, city)
    county = chance.randrange(COUNTIES_EACH)
    tags = tuple(dict.fromkeys(chance.choices(TAGS, k=3)))
    title = " ".join(chance.sample(TITLE_WORDS[kind], 2))
    amount = None if number % 20 == 0 else chance.randrange(20, 900) * 1_000
    published = NOW - timedelta(seconds=int(chance.random() ** 2 * 700 * 86_400))
    return Document(
        id=UUID(int=(seed << 64) + number),
        version=version,
        kind=kind,
        title=f"（示例）{CITIES[city]}{title}{''.join(_some(chance, 2))}",
        text=_text(chance),
        tags=tags,
        place=(CITIES[city], f"{CITIES[city]}{'东西南北中新老河'[county]}区"),
        organisation=f"（示例）{''.join(_some(chance, 1))}中心",
        city=f"{4401 + city:04d}00",
        county=f"{4401 + city:04d}{county + 1:02d}",
        facets={"tag": tags, "mode": (chance.choice(("ONLINE", "ONSITE", "BOTH")),)},
        amount_fen=amount,
        published_at=published,
        open_until=date(2026, 6, 1) + timedelta(days=chance.randrange(600)) if number % 3 else None,
        age_min=chance.choice((12, 14, 16, 18)),
        age_max=chance.choice((None, 18, 22, 25)),
        point=None if number % 30 == 0 else _point(chance, city),
    )


def _point(chance: random.Random, city: int) -> Point:
    lat = 20.5 + (city * 37 % 100) / 100 * 14 + chance.gauss(0, 0.12)
    lng = 104.0 + (city * 61 % 100) / 100 * 16 + chance.gauss(0, 0.12)
    return Point(round(lat, 6), round(lng, 6))


def centre(city: int) -> Point:
    """Return the middle of a city of the corpus."""
    return Point(20.5 + (city * 37 % 100) / 100 * 14, 104.0 + (city * 61 % 100) / 100 * 16)


def _some(chance: random.Random, count: int) -> Sequence[str]:
    every = words()
    return chance.choices(every, cum_weights=_weights(len(every)), k=count)


def _text(chance: random.Random) -> str:
    """Return sentences of about two hundred characters: some seventy different words, as public offers have."""
    parts = _some(chance, 42)
    number = f"{chance.randrange(2, 90) * 100}元"
    year = str(chance.choice((2024, 2025, 2026)))
    size = math.ceil(len(parts) / 6)
    sentences = ["".join(parts[at : at + size]) for at in range(0, len(parts), size)]
    return "，".join([*sentences, number, year]) + "。"
