"""Refusals about sessions."""

from app.kit.errors import Refusal


class SlotTaken(Refusal):
    """Somebody else has booked this time with the same person."""

    status = 409
    code = "slot_taken"
    sentence = "这个时间刚刚被约走了。"
    next_step = "请换一个时间再试。"


class NotBookable(Refusal):
    """The time lies in the past, too far ahead, or the match is not at this point."""

    status = 409
    code = "not_bookable"
    sentence = "这个时间不能预约，请选未来 14 天内的时间。"
    next_step = "请从列出的时间里选，或者提出一个双方都方便的时间。"


class NotThisSession(Refusal):
    """The session is not in a state in which this can be done."""

    status = 409
    code = "not_this_session"
    sentence = "这次预约现在不能进行这一步。"
    next_step = "请刷新页面查看最新进展。"


class TooLateToMove(Refusal):
    """A booked time stands from two hours before it begins."""

    status = 409
    code = "too_late_to_move"
    sentence = "离约定时间不到 2 小时了，现在不能再改时间或取消。"
    next_step = "来不了的话，请直接打电话告诉对方；不会影响你。"


class ToldAlready(Refusal):
    """One feedback for each side and match."""

    status = 409
    code = "told_already"
    sentence = "你已经评价过这次对接了。"
    next_step = "有补充的话，可以联系学校团委或拨打 12355。"


class TooManyHours(Refusal):
    """More than eight declared hours on one day."""

    status = 409
    code = "too_many_hours"
    sentence = "同一天自己登记的时数最多 8 小时。"
    next_step = "请核对日期和时长；预约服务的时数由系统自动记录，不用再登记。"


class DecidedAlready(Refusal):
    """Somebody has decided in the meantime."""

    status = 409
    code = "decided_already"
    sentence = "这一条已经有结果了。"
    next_step = "请刷新页面查看。"


class NoHours(Refusal):
    """Nothing to certify."""

    status = 409
    code = "no_hours"
    sentence = "这段时间里还没有已确认的服务时数。"
    next_step = "请换一段时间；自己登记的时数要等确认以后才能写进证明。"


class TooManyChanges(Refusal):
    """A provider plans more exceptions than anybody can keep in mind."""

    status = 409
    code = "too_many_changes"
    sentence = "已经登记了 60 条例外安排，不能再加了。"
    next_step = "请先删去不再需要的，或者直接修改每周的时间。"
