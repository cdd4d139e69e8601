"""Refusals of the crisis desk."""

from app.kit.errors import Refusal


class InOtherHands(Refusal):
    """Somebody else owns the alert already."""

    status = 409
    code = "in_other_hands"
    sentence = "这条提醒已经有人在处理中。"
    next_step = "需要接手时，请督导点“由我接手”。"


class AcknowledgeFirst(Refusal):
    """An alert has an owner before anything else is written."""

    status = 409
    code = "acknowledge_first"
    sentence = "请先点“我来处理”。"
    next_step = "确认以后再记录联系、告知和评估。"


class ContactFirst(Refusal):
    """Nothing is cleared or closed before a person has tried to reach the student."""

    status = 409
    code = "contact_first"
    sentence = "还没有记录与同学的首次联系，不能放行、转个案或办结。"
    next_step = "请先联系同学，并记录联系时间。"


class AssessFirst(Refusal):
    """A qualified person judges the risk first."""

    status = 409
    code = "assess_first"
    sentence = "还没有风险评估，不能放行、转个案或办结。"
    next_step = "请先填写风险评估。"


class DowngradeRefused(Refusal):
    """A lower level needs a qualified role and a reason."""

    status = 403
    code = "downgrade_refused"
    sentence = "降低风险等级要由心理教师或督导决定，并写明理由。"
    next_step = "请联系督导。"


class DowngradeReason(Refusal):
    """A qualified person lowers a level only with a reason."""

    status = 422
    code = "downgrade_reason"
    sentence = "降低风险等级，请写明理由。"
    next_step = "一两句话即可。"


class GuardianUndecided(Refusal):
    """With red or orange and a minor, somebody decides about the guardian, one way or the other."""

    status = 409
    code = "guardian_undecided"
    sentence = "同学未成年，请先记录是否已告知监护人，或写明为什么不告知。"
    next_step = "监护人可能是伤害者时不要告知，由督导决定。"


class SupervisorDecides(Refusal):
    """Where harm by somebody close is suspected, the supervisor decides whom to tell."""

    status = 403
    code = "supervisor_decides"
    sentence = "疑似受到侵害时，是否告知监护人由督导决定。"
    next_step = "请联系督导；先确认同学现在安全。"


class TooHighToClose(Refusal):
    """Red and orange stay in hand; they become a case."""

    status = 409
    code = "too_high_to_close"
    sentence = "红色、橙色等级不能直接放行或按“没有危险”办结。"
    next_step = "请转个案继续跟进。"
