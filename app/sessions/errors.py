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


class ToldAlready(Refusal):
    """One feedback for each side and match."""

    status = 409
    code = "told_already"
    sentence = "你已经评价过这次对接了。"
    next_step = "有补充的话，可以联系学校团委或拨打 12355。"
