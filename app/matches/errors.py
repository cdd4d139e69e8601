"""Refusals about matches."""

from collections.abc import Sequence

from app.kit.errors import Refusal


class OfferDoesNotFit(Refusal):
    """The student picked an offer that the gates keep away; says why and what would make it fit."""

    status = 409
    code = "offer_does_not_fit"

    def __init__(self, reasons: Sequence[str], remedies: Sequence[str] = ()) -> None:
        self.reasons = tuple(reasons)
        self.remedies = tuple(remedies)
        super().__init__(
            "".join(self.reasons) or "这一项现在不适合。",
            next_step="".join(self.remedies) or "我们会为你看看其他选择，也可以请团干部帮你找。",
        )


class WaitingAlready(Refusal):
    """The student has accepted one proposal and the other side has not answered yet."""

    status = 409
    code = "waiting_already"
    sentence = "你已经接受了一项，正在等对方回复。"
    next_step = "想换一项的话，请先撤回那一项，再选这一项。"


class GuardianMissing(Refusal):
    """A guardian has to agree first."""

    status = 409
    code = "guardian_missing"
    sentence = "这一步需要监护人先同意。"
    next_step = "请让监护人登录后同意，或联系学校团委办理书面同意。"


class TooManyOpen(Refusal):
    """Three proposals wait for an answer already."""

    status = 409
    code = "too_many_open"
    sentence = "已经有 3 项推荐在等你回复。"
    next_step = "请先回复其中一项，再选新的。"


class TooLateToCancel(Refusal):
    """Less than two hours before the meeting."""

    status = 409
    code = "too_late_to_cancel"
    sentence = "离约定时间不到 2 小时，不能再取消。"
    next_step = "如果确实去不了，请直接联系对方说明。"


class TooEarly(Refusal):
    """A person can only be called absent a quarter of an hour after the appointed time."""

    status = 409
    code = "too_early"
    sentence = "约定时间过了 15 分钟，才能登记对方未到。"
    next_step = "请再等一等，也可以先联系对方。"


class NotInvited(Refusal):
    """A provider answers first only to invitations that a cadre brought."""

    status = 409
    code = "not_invited"
    sentence = "学生还没有回复，现在不能先接受。"
    next_step = "学生接受后，您会收到通知。"


class AgreementIncomplete(Refusal):
    """An internship, a home or a sponsorship may not begin without its papers; says what is missing."""

    status = 409
    code = "agreement_incomplete"

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"还不能安排开始，缺少：{'、'.join(missing)}。", next_step="补齐以后再提交一次。")


class NoMoreRebooking(Refusal):
    """Two rebookings are the limit."""

    status = 409
    code = "no_more_rebooking"
    sentence = "这一项已经改约过 2 次，不能再改约。"
    next_step = "我们会为你换一位，也可以拨打 12355。"


class RecordMissing(Refusal):
    """A service can only be finished when its record has been filed."""

    status = 409
    code = "record_missing"
    sentence = "还没有填写服务记录，不能办结。"
    next_step = "请先填写本次服务记录。"


class RunGoing(Refusal):
    """One run over all kinds at a time."""

    status = 409
    code = "run_going"
    sentence = "已经有一次匹配正在进行。"
    next_step = "等它完成以后再开始新的一次，进度在匹配页面可以看到。"


class RulingStands(Refusal):
    """One word on a pair, and one choice for a need, at a time."""

    status = 409
    code = "ruling_stands"
    sentence = "这条求助已经有一项同样的决定。"
    next_step = "先收回原来的决定，再做新的。"
