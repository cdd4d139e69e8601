"""Refusals about offers."""

from collections.abc import Sequence
from typing import Protocol

from app.kit.errors import NotAllowed, Refusal


class Broken(Protocol):
    """A finding as this refusal needs it: the field it stands beside and its sentence."""

    @property
    def field(self) -> str:
        """Name of the field."""
        ...

    @property
    def sentence(self) -> str:
        """What is wrong, with the legal basis."""
        ...


class NoPlaceLeft(Refusal):
    """The last place was taken, or the offer has just been taken down."""

    status = 409
    code = "no_place_left"
    sentence = "名额刚刚用完了。"
    next_step = "请看看下一条推荐，或换一个条件再找。"


class ProviderNotReady(Refusal):
    """The provider was refused, suspended or revoked, or does not offer this kind of thing."""

    status = 409
    code = "provider_not_ready"
    sentence = "这个供给单位现在不能发布：它没有通过核验，或已被停用。"
    next_step = "请先完成供给单位的核验，或换一个单位。"


class RulesBroken(Refusal):
    """The law or the platform forbids what the offer says; each finding has its legal basis."""

    status = 422
    code = "rules_broken"
    sentence = "这条信息有不允许的内容，没有保存。"
    next_step = "请按提示修改后再提交。"

    def __init__(self, findings: Sequence[Broken]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(finding.sentence for finding in findings))


class VerifiedTermsFixed(Refusal):
    """Published terms were verified; changing them needs a new verification."""

    status = 422
    code = "verified_terms_fixed"
    sentence = "这一项已经核验过，发布期间不能改。"
    next_step = "请复制成一条新的供给，改好后重新提交核验。"


class VerificationOver(Refusal):
    """The verification or the validity of the offer has ended; it has to be renewed."""

    status = 409
    code = "verification_over"
    sentence = "核验或有效期已经过期，不能直接恢复。"
    next_step = "请更新信息后重新提交核验。"


class StillRunning(Refusal):
    """Students hold places of this offer, and nobody has said that they are taken care of."""

    status = 409
    code = "still_running"
    sentence = "还有同学正在使用这条供给，现在不能撤下。"
    next_step = "请先完成或交接正在进行的对接，再勾选“已交接”撤下；也可以先暂停。"


class ChecklistIncomplete(Refusal):
    """A verification passes only with every item checked."""

    status = 422
    code = "checklist_incomplete"
    sentence = "核验清单还没有全部勾选。"
    next_step = "请逐项核对后再通过；核不了的，请退回补充。"


class AnotherReviewer(NotAllowed):
    """The same person must not decide twice, and never about what they brought or wrote."""

    code = "another_reviewer"
    sentence = "这一步要由另一位审核人员来做。"
    next_step = "谁找来、谁填写的供给，谁就不能核验；复核也要换一个人。"


class TooManySaved(Refusal):
    """Somebody keeps as many searches as one can look after."""

    status = 409
    code = "too_many_saved"
    sentence = "最多保存 20 个搜索。"
    next_step = "请先到“我的收藏”里删掉不再需要的。"


class ReasonNeeded(Refusal):
    """A decision against somebody carries its reason."""

    status = 422
    code = "reason_needed"
    sentence = "请写明原因。"
    next_step = "写清楚哪里不对、怎样改，对方才好补充。"
