"""Refusals: expected answers of "no", each with a status, a sentence and a next step."""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Base of every named refusal; never logged as a crash."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "这一步现在不能进行。"
    next_step: ClassVar[str] = "请返回上一页，或联系学校团委。"

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None, field: str = "") -> None:
        self.said = sentence or type(self).sentence
        self.next = next_step or type(self).next_step
        self.field = field
        super().__init__(self.said)


class NotFound(Refusal):
    """The thing does not exist, or not for this viewer; the two are not told apart."""

    status = 404
    code = "not_found"
    sentence = "没有找到这个页面，或者它不对您开放。"
    next_step = "请检查网址，或回到首页。"


class NotAllowed(Refusal):
    """The viewer's role or scope does not include this act."""

    status = 403
    code = "not_allowed"
    sentence = "您现在的身份不能进行这一步。"
    next_step = "如果您有其他身份，请先切换；否则请联系上级团委。"


class SignInNeeded(Refusal):
    """Nobody is signed in, and the page needs somebody."""

    status = 401
    code = "sign_in_needed"
    sentence = "请先登录。"
    next_step = "登录后会回到这一页。"


class Changed(Refusal):
    """Somebody else changed the thing in the meantime (optimistic version check)."""

    status = 409
    code = "changed"
    sentence = "刚刚有人改动过这条信息。"
    next_step = "请刷新页面，核对后再提交一次。"


class IllegalStep(Refusal):
    """The state machine does not list this transition."""

    status = 409
    code = "illegal_step"
    sentence = "当前状态下不能进行这一步。"
    next_step = "请刷新页面查看最新进展。"
