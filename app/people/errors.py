"""Refusals about accounts, sign-in, appointments, rosters and vetting."""

from app.kit.errors import Refusal

AGAIN_LATER = "请稍后再试；忘记密码可以请学校团委或上级管理员重置。"


class SignInRefused(Refusal):
    """Login and password do not belong together, or the account waits after wrong tries; the two look the same."""

    status = 422
    code = "sign_in_refused"
    sentence = "账号或密码不对，或这个账号因多次输错正在等待。"
    next_step = AGAIN_LATER


class CodeRefused(Refusal):
    """The six digits are wrong, too old, or were used already."""

    status = 422
    code = "code_refused"
    sentence = "验证码不对或已经用过。"
    next_step = "请等待验证器显示下一组数字后再输入。"


class LinkUsed(Refusal):
    """A one-time link or code was used, has expired, or never existed."""

    status = 404
    code = "link_used"
    sentence = "这个链接或邀请码无效，可能已经用过或过期了。"
    next_step = "请向给您链接的人要一个新的。"


class LoginTaken(Refusal):
    """Another account has this login."""

    status = 422
    code = "login_taken"
    sentence = "这个登录名已经有人用了。"
    next_step = "请换一个登录名。"


class PasswordWeak(Refusal):
    """The password is short, common or made of the login."""

    status = 422
    code = "password_weak"
    sentence = "密码太容易被猜到。"
    next_step = "请用 10 位以上、别人猜不到的一句话或一串字符。"


class NotInRoster(Refusal):
    """The roster of the school has no such student."""

    status = 422
    code = "not_in_roster"
    sentence = "学校名单里没有找到这位同学。"
    next_step = "请检查姓名、学号和出生日期；仍不对，请找班主任或学校团委把你加入名单。"


class AlreadySignedUp(Refusal):
    """The person in the roster has an account already."""

    status = 422
    code = "already_signed_up"
    sentence = "这位同学已经注册过了。"
    next_step = "请直接登录；忘记密码请找学校团委重置。"


class GuardianNeeded(Refusal):
    """A student of twelve or thirteen signs up only after a guardian has agreed."""

    status = 403
    code = "guardian_needed"
    sentence = "14 岁以前注册，需要先由监护人同意。"
    next_step = "请向学校团委要一份监护人邀请码，带回家给监护人看。"


class NotPossible(Refusal):
    """The neutral answer to a guardian who may not be told why (domain 14, check 9)."""

    status = 403
    code = "not_possible"
    sentence = "无法办理，请联系学校。"
    next_step = "请联系学校。"


class TwoAdminRoles(Refusal):
    """Nobody holds two of system, security and audit administration (domain 8.1)."""

    status = 409
    code = "two_admin_roles"
    sentence = "系统管理员、安全管理员和审计管理员必须是三个不同的人。"
    next_step = "请为另一位人员办理。"


class RoleNotYours(Refusal):
    """The viewer may not give this role, or not at this organisation."""

    status = 403
    code = "role_not_yours"
    sentence = "您不能在这个组织任命这个角色。"
    next_step = "请选择本级或下级组织，或请上级团委办理。"


class AppointmentOver(Refusal):
    """The appointment has ended already."""

    status = 409
    code = "appointment_over"
    sentence = "这项任职已经结束。"
    next_step = "请新建一项任职。"


class GuardFailed(Refusal):
    """A transition of the vetting machine is listed, but its condition is not met yet."""

    status = 409
    code = "guard_failed"
    sentence = "条件还不满足，不能进行这一步。"
    next_step = "请先补齐所需材料。"


class RosterUnreadable(Refusal):
    """The file is no workbook, or no row of it looks like the header of a roster."""

    status = 422
    code = "roster_unreadable"
    sentence = "没有在表里找到表头。学生名单要有“姓名、学号、出生日期”，干部名单要有“姓名、组织”。"
    next_step = "请对照示例整理表头后再上传。"


class SecondFactorNeeded(Refusal):
    """A staff session that has passed only its password opens nothing but the second-factor page."""

    status = 403
    code = "second_factor_needed"
    sentence = "请先完成两步验证。"
    next_step = "打开“账户”里的两步验证，输入验证器上的六位数字。"
