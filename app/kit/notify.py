"""Notifications: in the page at once, outside by a job, always in neutral words (domain 12.6)."""

from datetime import datetime
from uuid import UUID

from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.outbox import record

TEXTS = {
    "need.received": "您提交的信息已收到。",
    "need.returned": "您提交的信息需要补充，请登录查看。",
    "need.opened": "您提交的信息已通过审核。",
    "need.closed": "您有一条办理结果，请登录查看。",
    "need.to_confirm": "请登录确认一项办理结果。",
    "need.case": "有老师会与您联系，请留意。",
    "provider.returned": "您的入驻申请需要补充，请登录查看。",
    "provider.decided": "您的单位资料有了新的核验结果，请登录查看。",
    "match.proposed": "您有新的推荐，请登录查看。",
    "match.asked": "您有一条新的对接请求，请登录查看。",
    "match.confirmed": "您有一条对接已确认，请登录查看。",
    "match.ended": "您的一条对接有变化，请登录查看。",
    "session.booked": "您有一条新的预约消息，请登录查看。",
    "session.soon": "您有一个预约即将开始，请登录查看。",
    "session.open": "您有一个预约等待登记结果，请登录填写。",
    "hours.decided": "您登记的一项内容有了结果，请登录查看。",
    "offer.verified": "您发布的信息已通过核验。",
    "offer.returned": "您发布的信息需要修改，请登录查看。",
    "offer.ending": "您发布的信息即将到期，请登录查看。",
    "offer.ended": "您发布的信息状态有变化，请登录查看。",
    "review.waiting": "有新的待审核事项。",
    "review.offer": "有新的供给等待核验。",
    "review.provider": "有新的入驻申请等待核验。",
    "review.volunteer": "有新的志愿者申请等待审核。",
    "crisis.alert": "有一条紧急提醒，请立即登录处理。",
    "supply.wanted": "有一项需求暂无合适资源，请协助寻找。",
    "expiry.check": "您的年度查询即将到期，请登录查看。",
    "expiry.credential": "您的证书即将到期，请登录查看。",
    "expiry.verification": "您的单位核验即将到期，请登录查看。",
    "expiry.follow_up": "有一项资格将在七天内到期，请登录跟进。",
    "care.check": "请关心一位同学的近况。",
    "account.changed": "您的账号设置有变化，请登录核对。",
    "consent.changed": "一项授权有变化，请登录查看。",
    "search.new": "您关注的内容有更新，请登录查看。",
    "import.done": "导入已完成，请登录查看结果。",
    "guardian.asked": "有一项需要您确认的事项，请登录查看。",
}
"""Every text a person can get outside the page: no topic, no name, no school, no risk word."""


async def notify(
    account_id: UUID, template: str, link: str, *, now: datetime, urgent: bool = False, once_unread: bool = False
) -> None:
    """Write a notification in the present transaction; a job sends it outside when channels are configured.

    Quiet hours (22:00 to 07:00) hold outside channels back unless `urgent` (domain 12.6). With `once_unread` nothing
    is added while the same text with the same link is still unread: a full queue calls its reviewer once.
    """
    if once_unread and await DB.value(
        "SELECT 1 FROM notification WHERE account_id = $1 AND template = $2 AND link = $3 AND read_at IS NULL LIMIT 1",
        account_id,
        template,
        link,
    ):
        return
    note_id = new_id()
    await DB.rows(
        """
        INSERT INTO notification (id, created_at, updated_at, account_id, template, text, link, urgent, version,
                                  data_class, legal_basis)
        VALUES ($1, $2, $2, $3, $4, $5, $6, $7, 1, 'L2', 'duty')
        """,
        note_id,
        now,
        account_id,
        template,
        TEXTS[template],
        link,
        urgent,
    )
    await record("notification.written", note_id, now=now)
