"""Refusals about consents."""

from app.kit.errors import Refusal


class ConsentNeeded(Refusal):
    """A verb needs a consent that is not there; says which one and where it is given."""

    status = 409
    code = "consent_needed"

    def __init__(self, purpose: str, label: str, *, by_guardian: bool = False) -> None:
        self.purpose = purpose
        self.href = f"/consents?need={purpose}"
        who = "监护人" if by_guardian else "你"
        super().__init__(
            f"这一步需要{who}先同意“{label}”。",
            next_step=f"请{'让监护人登录后' if by_guardian else ''}打开“账户与授权”里的“授权”，看完说明再决定。",
        )


class NotYoursToGive(Refusal):
    """Somebody tries to consent for a person they may not speak for."""

    status = 403
    code = "consent_not_yours"
    sentence = "您不能替这位同学表示同意。"
    next_step = "14 岁以上由本人决定；14 岁以前由学校核对过的监护人决定。"


class RecipientNeeded(Refusal):
    """Consents for giving data to others name who gets them (L-02 art. 23)."""

    status = 422
    code = "recipient_needed"
    sentence = "这项同意要写明把信息给谁。"
    next_step = "请从对接、转介或资助的页面里进行。"
