"""Refusals of the needs."""

from app.kit.errors import Refusal


class NotForThisAge(Refusal):
    """The gates of domain 4 do not let this student ask for this."""

    status = 409
    code = "not_for_this_age"
    sentence = "按年龄和学段的规定，现在还不能提交这一类求助。"
    next_step = "可以拨打 12355，或请学校老师帮忙。"


class GuardianNeeded(Refusal):
    """A student of 12 or 13 needs a guardian's consent first."""

    status = 409
    code = "guardian_needed"
    sentence = "未满 14 岁提交求助，需要先由监护人同意。"
    next_step = "请联系学校团委发给监护人一个同意码；着急时随时可以拨打 12355。"


class PrivateDetails(Refusal):
    """A text about somebody else holds a name, a phone number or an identity number."""

    status = 422
    code = "private_details"
    sentence = "文字里有能认出同学的内容，请去掉后再提交。"
    next_step = "可以使用页面给出的去标识写法。"


class OwnRequest(Refusal):
    """Nobody reviews what they posted themselves, or what a person close to them posted."""

    status = 403
    code = "own_request"
    sentence = "不能审核自己提交的求助，也不能审核本班或有关系的同学的求助。"
    next_step = "请由另一位审核人处理。"


class NotWithoutReason(Refusal):
    """The step needs a reason in words."""

    status = 422
    code = "reason_needed"
    sentence = "请写明理由。"
    next_step = "一句话即可，对方会看到。"


class CannotMerge(Refusal):
    """These two must stay apart (domain 12.5)."""

    status = 409
    code = "cannot_merge"
    sentence = "这两条求助不能合并。"
    next_step = "请分别处理。"


class CaseOnly(Refusal):
    """The sub-code or the risk keeps the request away from the marketplace."""

    status = 409
    code = "case_only"
    sentence = "这类求助不进入公开对接，请转个案处理。"
    next_step = "点“转个案”，由专业人员接手。"


class NotACase(Refusal):
    """Only bullying, harm or a high risk goes to the case desk from the review."""

    status = 409
    code = "not_a_case"
    sentence = "只有校园欺凌、侵害，或风险达到橙色及以上的求助才转个案。"
    next_step = "其他求助请通过、退回或合并。"


class RiskTooHigh(Refusal):
    """A request returns to the review only when the risk is yellow or lower."""

    status = 409
    code = "risk_too_high"
    sentence = "风险高于黄色时不能放行，请开启个案。"
    next_step = "先完成风险评估，再决定放行或开启个案。"


class HelpRecordNeeded(Refusal):
    """Solving directly is counted only with a record of the help."""

    status = 409
    code = "help_record_needed"
    sentence = "请先登记帮扶记录，再报告已解决。"
    next_step = "在“我的任务”里登记这次帮扶。"
