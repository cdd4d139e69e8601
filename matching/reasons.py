"""Why a pair may not exist, or what is worth knowing about it: one code, one sentence for the student, one remedy.

The sentences never tell a student's risk level, never tell a provider's private facts and blame nobody.
"""

from enum import StrEnum

from msgspec import Struct


class ReasonCode(StrEnum):
    """Every outcome of a gate that is not simply "passed"."""

    KIND_DIFFERENT = "KIND_DIFFERENT"
    OFFER_NOT_PUBLISHED = "OFFER_NOT_PUBLISHED"
    OFFER_NOT_STARTED = "OFFER_NOT_STARTED"
    OFFER_EXPIRED = "OFFER_EXPIRED"
    PROVIDER_NOT_VERIFIED = "PROVIDER_NOT_VERIFIED"
    CAPACITY_FULL = "CAPACITY_FULL"
    WEEKLY_CAP = "WEEKLY_CAP"
    NEED_NOT_OPEN = "NEED_NOT_OPEN"
    RISK_TOO_HIGH = "RISK_TOO_HIGH"
    RISK_UNKNOWN = "RISK_UNKNOWN"
    LEVEL_TOO_LOW = "LEVEL_TOO_LOW"
    LEVEL_UNKNOWN = "LEVEL_UNKNOWN"
    CASE_DESK_ONLY = "CASE_DESK_ONLY"
    ROUTE_DIFFERENT = "ROUTE_DIFFERENT"
    AGE_UNKNOWN = "AGE_UNKNOWN"
    AGE_TOO_YOUNG = "AGE_TOO_YOUNG"
    AGE_TOO_OLD = "AGE_TOO_OLD"
    OFFER_AGE = "OFFER_AGE"
    STAGE_UNKNOWN = "STAGE_UNKNOWN"
    STAGE_NOT_SERVED = "STAGE_NOT_SERVED"
    OFFER_STAGE = "OFFER_STAGE"
    GRADE_UNKNOWN = "GRADE_UNKNOWN"
    FIRST_YEAR = "FIRST_YEAR"
    TRAINEE_IN_SCHOOL = "TRAINEE_IN_SCHOOL"
    EDUCATION_BELOW = "EDUCATION_BELOW"
    EDUCATION_OPEN = "EDUCATION_OPEN"
    GUARDIAN_MISSING = "GUARDIAN_MISSING"
    GUARDIAN_UNKNOWN = "GUARDIAN_UNKNOWN"
    VOLUNTEER_UNKNOWN = "VOLUNTEER_UNKNOWN"
    VOLUNTEER_NOT_ACTIVE = "VOLUNTEER_NOT_ACTIVE"
    VOLUNTEER_ADULTS_ONLY = "VOLUNTEER_ADULTS_ONLY"
    CHECK_MISSING = "CHECK_MISSING"
    CHECK_NOT_CLEAR = "CHECK_NOT_CLEAR"
    CHECK_EXPIRED = "CHECK_EXPIRED"
    CONTACT_WITH_MINOR = "CONTACT_WITH_MINOR"
    SAME_PERSON = "SAME_PERSON"
    RELATED_PERSON = "RELATED_PERSON"
    RELATION_DECLARED = "RELATION_DECLARED"
    RELATION_UNKNOWN = "RELATION_UNKNOWN"
    BLOCKED_PAIR = "BLOCKED_PAIR"
    DECLINED_BEFORE = "DECLINED_BEFORE"
    PROVIDER_EXCLUDED = "PROVIDER_EXCLUDED"
    ALREADY_PROPOSED = "ALREADY_PROPOSED"
    GENDER_DIFFERENT = "GENDER_DIFFERENT"
    GENDER_UNKNOWN = "GENDER_UNKNOWN"
    NO_COMMON_LANGUAGE = "NO_COMMON_LANGUAGE"
    LANGUAGE_UNKNOWN = "LANGUAGE_UNKNOWN"
    LANGUAGE_OPEN = "LANGUAGE_OPEN"
    NO_COMMON_MODE = "NO_COMMON_MODE"
    MODE_OPEN = "MODE_OPEN"
    MODE_WIDENED = "MODE_WIDENED"
    OUTSIDE_CITY = "OUTSIDE_CITY"
    NOT_REACHABLE = "NOT_REACHABLE"
    OUTSIDE_DISTRICTS = "OUTSIDE_DISTRICTS"
    REGION_UNKNOWN = "REGION_UNKNOWN"
    AREA_WIDENED = "AREA_WIDENED"
    NO_TIME_OVERLAP = "NO_TIME_OVERLAP"
    TIME_OPEN = "TIME_OPEN"


class Reason(Struct, frozen=True):
    """`known` False means that a fact is missing; `blocks` False means that the pair may exist all the same."""

    code: ReasonCode
    sentence: str
    remedy: str = ""
    known: bool = True
    blocks: bool = True


_C = ReasonCode
_PROFILE = "在“我的资料”里补充后，就能继续为你找。"
_OTHER = "我们会为你看看其他选择。"

_KNOWN: tuple[tuple[ReasonCode, str, str], ...] = (
    (_C.KIND_DIFFERENT, "这一项提供的是另一类帮助。", "如果你也需要这类帮助，可以另外发起一个求助。"),
    (_C.OFFER_NOT_PUBLISHED, "这一项现在没有开放。", _OTHER),
    (_C.OFFER_NOT_STARTED, "这一项还没到开始的日子。", "开始以后可以再来看看。"),
    (_C.OFFER_EXPIRED, "这一项已经到期了。", _OTHER),
    (_C.PROVIDER_NOT_VERIFIED, "提供方还没有通过核验，为了你的安全先不推荐。", _OTHER),
    (_C.CAPACITY_FULL, "名额已经满了。", "有人退出时会重新开放，我们会留意。"),
    (_C.WEEKLY_CAP, "这位老师最近一周已经约满了。", "过几天再看看，或者先选别的老师。"),
    (_C.NEED_NOT_OPEN, "你的求助现在不在等待匹配的阶段。", "求助进入“待匹配”后，我们会马上开始找。"),
    (_C.RISK_TOO_HIGH, "这件事由专门的老师直接陪你处理，不走一般匹配。", "现在就可以拨打 12355 或 12356。"),
    (_C.LEVEL_TOO_LOW, "你的情况由更有经验的老师来接会更稳妥。", _OTHER),
    (_C.CASE_DESK_ONLY, "这件事会由专人一对一帮你，不放到公开列表里。", "现在就可以拨打 12355。"),
    (_C.ROUTE_DIFFERENT, "这类求助有专门的通道，这一项不在里面。", _OTHER),
    (_C.AGE_TOO_YOUNG, "你的年龄还不到这一项的要求。", "有别的帮助适合你，也可以拨打 12355 聊一聊。"),
    (_C.AGE_TOO_OLD, "这一项面向在校学生和应届毕业生，和你现在的情况不符。", "可以拨打 12355 问问别的办法。"),
    (_C.OFFER_AGE, "提供方写明的年龄范围不包括你现在的年龄。", _OTHER),
    (_C.STAGE_NOT_SERVED, "这类帮助面向在校学生；毕业后可以求助住房和就业。", "可以改为发起住房或就业方面的求助。"),
    (_C.OFFER_STAGE, "提供方写明的学段不包括你现在的学段。", _OTHER),
    (_C.FIRST_YEAR, "按规定，中职和高职一年级同学还不能参加实习。", "升入二年级后就可以了。"),
    (_C.TRAINEE_IN_SCHOOL, "就业见习面向已经离校的毕业生和待业青年。", "在校期间可以看看实习岗位。"),
    (_C.EDUCATION_BELOW, "这个岗位要求的学历比你现在的学段高。", "可以看看对学历要求低一些的岗位。"),
    (_C.GUARDIAN_MISSING, "这一项需要家长（监护人）同意，目前还没有同意。", "家长（监护人）同意后就可以继续。"),
    (_C.VOLUNTEER_NOT_ACTIVE, "这位志愿者现在没有在岗。", _OTHER),
    (_C.VOLUNTEER_ADULTS_ONLY, "这位志愿者只服务年满 18 岁的同学。", _OTHER),
    (_C.CHECK_NOT_CLEAR, "这一项目前不能服务未满 18 岁的同学。", _OTHER),
    (_C.CHECK_EXPIRED, "这一项要更新资料后才能服务未满 18 岁的同学。", _OTHER),
    (_C.CONTACT_WITH_MINOR, "未满 18 岁的同学不和资助方直接联系，这一项先不推荐。", _OTHER),
    (_C.SAME_PERSON, "这一项是你自己发布的。", ""),
    (_C.RELATED_PERSON, "你们在生活或学校里认识，为了让你放心说话，先不推荐。", _OTHER),
    (_C.RELATION_DECLARED, "资助方不能资助和自己有关系的人，这一项先不推荐。", _OTHER),
    (_C.BLOCKED_PAIR, "这一项不适合推荐给你。", _OTHER),
    (_C.DECLINED_BEFORE, "这一项之前没有选成，这次不再重复推荐。", "如果想重新考虑，可以告诉团干部。"),
    (_C.PROVIDER_EXCLUDED, "之前由这家提供过，这次为你换一个选择。", "如果想重新考虑，可以告诉团干部。"),
    (_C.ALREADY_PROPOSED, "这一项已经推荐给你了，正在等你回复。", ""),
    (_C.GENDER_DIFFERENT, "和你希望的性别不一样。", "如果性别都可以，选择会更多。"),
    (_C.NO_COMMON_LANGUAGE, "你们没有共同的语言。", "如果你也能用普通话交流，选择会更多。"),
    (_C.NO_COMMON_MODE, "对方能用的方式和你选的不一样。", "如果可以接受线上或面谈中的另一种，选择会更多。"),
    (_C.OUTSIDE_CITY, "需要见面，但不在你所在的城市。", "如果可以接受线上服务，选择会更多。"),
    (_C.NOT_REACHABLE, "地点不在你能到的城市，也没有提供住宿。", "如果可以去别的城市，把城市加进来就好。"),
    (_C.OUTSIDE_DISTRICTS, "不在你想住的区域。", "如果可以再多选几个区，选择会更多。"),
    (_C.NO_TIME_OVERLAP, "未来 14 天里，你们没有 50 分钟以上都有空的时间。", "如果能再多给几个时间段，就更容易约上。"),
)

_UNKNOWN: tuple[tuple[ReasonCode, str, str], ...] = (
    (_C.RISK_UNKNOWN, "你的求助还在由老师确认，确认后就开始找。", ""),
    (_C.LEVEL_UNKNOWN, "这位老师的资质还在确认，先不推荐给你。", _OTHER),
    (_C.AGE_UNKNOWN, "还不知道你的出生日期，没法判断这一项适不适合你。", _PROFILE),
    (_C.STAGE_UNKNOWN, "还不知道你现在的学段，没法判断这一项适不适合你。", _PROFILE),
    (_C.GRADE_UNKNOWN, "还不知道你读几年级，没法判断能不能参加实习。", _PROFILE),
    (_C.GUARDIAN_UNKNOWN, "这一项需要家长（监护人）同意，还没有收到。", "请家长（监护人）确认后就可以继续。"),
    (_C.VOLUNTEER_UNKNOWN, "这位志愿者的在岗情况还没有确认，先不推荐。", _OTHER),
    (_C.CHECK_MISSING, "这一项还没有办好服务未满 18 岁同学的手续。", _OTHER),
    (_C.RELATION_UNKNOWN, "资助方还没有说明和受助人的关系，先不推荐。", _OTHER),
    (_C.GENDER_UNKNOWN, "还不知道对方的性别，没法满足你的要求，先不推荐。", "如果性别都可以，选择会更多。"),
    (_C.LANGUAGE_UNKNOWN, "还不知道对方会说什么语言，先不推荐。", _OTHER),
    (_C.REGION_UNKNOWN, "还不知道你在哪个城市，没法安排见面的帮助。", _PROFILE),
)

_NOTES: tuple[tuple[ReasonCode, str, bool], ...] = (
    (_C.EDUCATION_OPEN, "岗位有学历要求，请和用人单位确认你的学历是否符合。", False),
    (_C.LANGUAGE_OPEN, "你还没有说想用什么语言，可以见面前再商量。", False),
    (_C.MODE_OPEN, "你还没有选线上还是面谈，可以和对方商量。", False),
    (_C.TIME_OPEN, "时间再约。", False),
    (_C.MODE_WIDENED, "你选的方式暂时没有合适的人，这一项可以在线上进行，愿意的话可以试试。", True),
    (_C.AREA_WIDENED, "附近暂时没有合适的，这一项稍远一些，愿意的话可以看看。", True),
)

REASONS: dict[ReasonCode, Reason] = {
    **{code: Reason(code, sentence, remedy) for code, sentence, remedy in _KNOWN},
    **{code: Reason(code, sentence, remedy, known=False) for code, sentence, remedy in _UNKNOWN},
    **{code: Reason(code, sentence, known=known, blocks=False) for code, sentence, known in _NOTES},
}
