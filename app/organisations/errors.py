"""Refusals about organisations and providers."""

from app.kit.errors import Refusal


class CodeTaken(Refusal):
    """Another organisation has this code."""

    status = 422
    code = "org_code_taken"
    sentence = "这个组织编码已经用过了。"
    next_step = "请核对编码，或直接查找已有组织。"


class WrongPlace(Refusal):
    """An organisation of this level cannot stand below that parent."""

    status = 422
    code = "org_wrong_place"
    sentence = "这一级组织不能放在所选的上级下面。"
    next_step = "请重新选择上级组织。"


class ProviderKnown(Refusal):
    """A provider with this credit code has applied already."""

    status = 422
    code = "provider_known"
    sentence = "这个统一社会信用代码已经登记过同类单位。"
    next_step = "请用已有账号登录，或请联系人在平台上添加您。"


class ChecklistOpen(Refusal):
    """A provider is verified only when every item of the checklist is ticked."""

    status = 422
    code = "checklist_open"
    sentence = "核验清单还有没勾选的项目。"
    next_step = "逐项核实后再通过；核实不了的，请退回或不通过。"


class OwnSubmission(Refusal):
    """Nobody approves what they submitted or sourced."""

    status = 403
    code = "own_submission"
    sentence = "不能审核自己提交或自己引入的单位。"
    next_step = "请由另一位审核员办理。"
