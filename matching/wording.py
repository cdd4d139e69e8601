"""The sentences of the parts of a score: plain, warm, written for the student.

For each kind and each part: steps from the best value down, then what is said when a fact is missing. A sentence may
use {hours}, {left} and {reach}.
"""

from collections.abc import Mapping

from msgspec import Struct

from matching.codes import Kind, PartCode, PartState


class Step(Struct, frozen=True):
    """What is said from a value (in millionths) upwards; `at_least` None is for a missing fact."""

    at_least: int | None
    state: PartState
    sentence: str
    remedy: str = ""


UNITS: Mapping[Kind, str] = {
    Kind.COUNSEL: "位志愿者",
    Kind.INTERN: "个岗位",
    Kind.HOUSE: "处房源",
    Kind.SPONSOR: "份资助",
    Kind.STUDY: "位辅导老师",
    Kind.LEGAL: "位法律援助人员",
}
"""How one counts the offers of a kind: 3 位志愿者."""

_F, _X, _U = PartState.FITS, PartState.CONFLICTS, PartState.UNKNOWN
_P = PartCode


def _fits(at_least: int, sentence: str) -> Step:
    return Step(at_least, _F, sentence)


def _low(sentence: str, remedy: str, at_least: int = 0) -> Step:
    return Step(at_least, _X, sentence, remedy)


def _open(sentence: str, remedy: str = "") -> Step:
    return Step(None, _U, sentence, remedy)


_FULL = 1_000_000
_LANGUAGE = (
    _fits(_FULL, "可以用你习惯的语言交流。"),
    _low("可以用普通话交流，只是没有你更想用的语言。", "如果普通话也可以，就没有问题。", 500_000),
    _low("需要的语言和你会的不一样。", "可以先问问对方，能不能用普通话。"),
    _open("还不知道你想用什么语言，可以见面前再商量。", "在求助里选一下想用的语言，会找得更准。"),
)
_NO_LANGUAGE = (_fits(0, "这一项不涉及语言。"),)
_LOAD = (
    _fits(250_000, "还有 {left} 个名额。"),
    _low("名额不多了，还剩 {left} 个。", "如果喜欢，早一点回复会更稳妥。"),
)
_FAIRNESS = (
    _fits(500_000, "对方最近没有接新的同学，可以专心帮你。"),
    _fits(0, "对方最近也在帮助别的同学，仍然有余力。"),
)
_QUALITY = (
    _fits(500_000, "之前同学的反馈不错，或者还是新加入的。"),
    _low("之前同学的反馈一般。", "可以先聊一次，不合适随时可以换。"),
)
_SERVICE: Mapping[PartCode, tuple[Step, ...]] = {
    _P.TOPIC: (
        _fits(_FULL, "正好擅长你说的这件事。"),
        _fits(600_000, "擅长的方向和你说的事情相近。"),
        _low("主要擅长的是别的方向。", "如果想先找个人聊聊也可以，或者再等一等更对口的。"),
        _open("还没有写明擅长哪些方面，可以先问一问。"),
    ),
    _P.AVAILABILITY: (
        _fits(500_000, "最近 7 天里有 {hours} 小时你们都有空。"),
        _low("最近 7 天你们都有空的时间只有 {hours} 小时。", "如果能多给几个时间段，更容易约上。", 1),
        _low("最近 7 天时间对不上，再下一周可以约。", "如果能多给几个时间段，可以更早约上。"),
        _open("时间再约。", "在求助里写上几个有空的时间段，可以更快约好。"),
    ),
    _P.DISTANCE: (
        _fits(_FULL, "{reach}"),
        _fits(600_000, "和你在同一个城市，可以见面。"),
        _low("在邻近的城市，见面要多走一段路。", "如果可以接受线上服务，就不用跑路。", 300_000),
        _low("离你比较远。", "如果可以接受线上服务，就不用跑路。"),
        _open("还不知道你在哪里，见面的地点再商量。", "在求助里选一下所在的区，会找得更近。"),
    ),
    _P.LANGUAGE: _LANGUAGE,
    _P.LOAD: _LOAD,
    _P.FAIRNESS: _FAIRNESS,
    _P.QUALITY: _QUALITY,
}
_INTERN: Mapping[PartCode, tuple[Step, ...]] = {
    _P.TOPIC: (
        _fits(_FULL, "和你的专业或想做的岗位对口。"),
        _fits(600_000, "不限专业，你可以报名。"),
        _low("岗位写明的专业里没有你的专业。", "如果愿意跨专业试试，可以先问用人单位。"),
        _open("岗位写明了专业，还不知道你的专业。", "在资料里补充专业，会找得更准。"),
    ),
    _P.AVAILABILITY: (
        _fits(900_000, "实习的日子你都有空。"),
        _fits(500_000, "实习的大部分日子你都有空。"),
        _low("实习的不少日子和你的时间冲突。", "如果能调整空闲的日子，或者先问能否缩短，就更合适。"),
        _open("还不知道你哪段时间有空，时间再约。", "在求助里写上可以实习的起止日期，会找得更准。"),
    ),
    _P.DISTANCE: (
        _fits(_FULL, "就在你所在的区，上下班方便。"),
        _fits(600_000, "{reach}"),
        _low("在邻近的城市，路上要花些时间。", "如果能住在附近，就更合适。", 300_000),
        _low("离你比较远。", "如果能解决住宿，可以再考虑。"),
        _open("还不知道你在哪里，路程要再看看。", "在求助里选一下所在的区，会找得更近。"),
    ),
    _P.LANGUAGE: (_fits(_FULL, "语言没有问题。"), *_LANGUAGE[1:]),
    _P.LOAD: _LOAD,
    _P.FAIRNESS: (
        _fits(500_000, "这家单位最近没有接新的同学，会留心你的报名。"),
        _fits(0, "这家单位最近也接了别的同学，仍然有名额。"),
    ),
    _P.QUALITY: _QUALITY,
}
_HOUSE: Mapping[PartCode, tuple[Step, ...]] = {
    _P.TOPIC: (
        _fits(_FULL, "类型、大小和租金都符合你说的。"),
        _fits(600_000, "类型、大小、租金里有一样和你说的不同，其余都符合。"),
        _low("类型、大小、租金里有不少和你说的不同。", "如果预算或类型可以放宽一点，选择会更多。"),
        _open("还不知道你想住什么样的房子。", "在求助里写上类型、人数和预算，会找得更准。"),
    ),
    _P.AVAILABILITY: (
        _fits(_FULL, "你想入住的时候已经空出来了。"),
        _fits(500_000, "比你想入住的日子晚几天可以住进去。"),
        _low("空出来的日子比你想的晚不少。", "如果可以晚一点入住，或者先住青年驿站过渡，就合适。"),
        _open("入住时间再约。", "在求助里写上想入住的日子，会找得更准。"),
    ),
    _P.DISTANCE: (
        _fits(_FULL, "和你上班的地方在同一个区。"),
        _fits(600_000, "和你上班的地方在同一个城市。"),
        _low("在你上班地方的邻近城市。", "如果可以接受远一点的通勤，可以再考虑。", 300_000),
        _low("离你上班的地方比较远。", "如果可以接受远一点的通勤，可以再考虑。"),
        _open("还不知道你在哪里上班，路程要再看看。", "在求助里写上上班的区，会找得更近。"),
    ),
    _P.LANGUAGE: _NO_LANGUAGE,
    _P.LOAD: (
        _fits(250_000, "还有 {left} 处空着。"),
        _low("空着的不多了，还剩 {left} 处。", "如果喜欢，早一点约看房会更稳妥。"),
    ),
    _P.FAIRNESS: (
        _fits(500_000, "最近没有其他同学在谈这里。"),
        _fits(0, "最近也有同学选了这里。"),
    ),
    _P.QUALITY: (
        _fits(_FULL, "最近三个月有人实地看过。"),
        _low("有人实地看过，不过已经超过三个月。", "看房时请再留意一下现状，看房前不用付任何钱。", 1),
        _low("还没有人实地看过。", "请一定先看房，看房前不用付任何钱。"),
    ),
}
_SPONSOR: Mapping[PartCode, tuple[Step, ...]] = {
    _P.TOPIC: (
        _fits(_FULL, "这份资助正好面向你说的困难。"),
        _fits(600_000, "这份资助和你说的困难相近。"),
        _low("这份资助更希望给其他学段的同学。", "也可以先申请，由基金会来商量。"),
        _open("这份资助看重学段，还不知道你的学段。", "在资料里补充学段，会找得更准。"),
    ),
    _P.AVAILABILITY: (
        _fits(_FULL, "金额可以覆盖你需要的部分。"),
        _fits(500_000, "金额可以覆盖你需要的大部分。"),
        _low("金额只能覆盖你需要的一小部分。", "不够的部分，可以请团干部再帮你找别的办法。"),
        _open("还不知道你需要多少，可以再商量。", "在求助里写上大概的金额，会找得更准。"),
    ),
    _P.DISTANCE: (
        _fits(600_000, "地区符合资助方的意愿。"),
        _low("资助方更希望帮助其他地区的同学。", "也可以先申请，由基金会来商量。"),
        _open("资助方看重地区，还不知道你在哪里。", "在求助里选一下所在的区，会找得更准。"),
    ),
    _P.LANGUAGE: _NO_LANGUAGE,
    _P.LOAD: _LOAD,
    _P.FAIRNESS: (
        _fits(500_000, "资助方最近没有新的结对，可以很快开始。"),
        _fits(0, "资助方最近也在帮助别的同学，仍然有名额。"),
    ),
    _P.QUALITY: _QUALITY,
}
STEPS: Mapping[Kind, Mapping[PartCode, tuple[Step, ...]]] = {
    Kind.COUNSEL: _SERVICE,
    Kind.STUDY: _SERVICE,
    Kind.LEGAL: _SERVICE,
    Kind.INTERN: _INTERN,
    Kind.HOUSE: _HOUSE,
    Kind.SPONSOR: _SPONSOR,
}
"""The sentences of each kind and part."""
