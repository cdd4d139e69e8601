"""Sending notifications outside: mail and apprise channels, with neutral texts and quiet hours (domain 12.6)."""

import asyncio
import os
import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import apprise

from app.kit.clock import SHANGHAI
from app.kit.db import DB
from app.kit.outbox import Fact, record, subscribe
from app.settings import Settings

QUIET_FROM, QUIET_TO = 22, 7
SMTP_SECONDS = 20


class QuietHours(Exception):  # noqa: N818 - a reason to try again later
    """It is night: only urgent messages leave the house."""


def quiet(now: datetime) -> bool:
    """Tell whether it is night in Guangdong."""
    hour = now.astimezone(SHANGHAI).hour
    return hour >= QUIET_FROM or hour < QUIET_TO


def morning(now: datetime) -> datetime:
    """Return the next end of the quiet hours."""
    local = now.astimezone(SHANGHAI)
    day = local if local.hour < QUIET_TO else local + timedelta(days=1)
    return day.replace(hour=QUIET_TO, minute=0, second=0, microsecond=0).astimezone(UTC)


@subscribe("notification.written", "notification.later", name="kit.send_notification", queue="mail")
async def send_notification(fact: Fact, now: datetime) -> None:
    """Send one notification through every configured channel, once; at night put it off to the morning."""
    settings = Settings.from_env(os.environ)
    if not (settings.smtp_url or settings.notify_urls):
        return
    rows = await DB.rows(
        """
        SELECT n.id, n.text, n.urgent, a.login FROM notification n JOIN account a ON a.id = n.account_id
        WHERE n.id = $1 AND n.sent_at IS NULL AND n.read_at IS NULL FOR UPDATE OF n
        """,
        fact.subject_id,
    )
    if not rows:
        return
    note = rows[0]
    if quiet(now) and not note["urgent"]:
        later = await record("notification.later", note["id"], now=now)
        await DB.rows("UPDATE outbox_delivery SET due_at = $2 WHERE fact_id = $1", later.id, morning(now))
        return
    if settings.smtp_url and "@" in note["login"]:
        await asyncio.to_thread(_send_mail, settings, note["login"], note["text"])
    if settings.notify_urls and note["urgent"]:
        await asyncio.to_thread(_send_channels, settings.notify_urls, note["text"])
    await DB.rows("UPDATE notification SET sent_at = $2 WHERE id = $1", note["id"], now)


def _send_mail(settings: Settings, to: str, text: str) -> None:
    parts = urlsplit(settings.smtp_url)
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = "青桥消息提醒"
    message.set_content(f"{text}\n\n{settings.public_url}\n")
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    server = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with server(parts.hostname or "", port, timeout=SMTP_SECONDS) as smtp:
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        smtp.send_message(message)


def _send_channels(urls: tuple[str, ...], text: str) -> None:
    channels = apprise.Apprise()
    for url in urls:
        channels.add(url)
    if not channels.notify(body=text, title="青桥消息提醒"):
        raise ConnectionError("no notification channel took the message")
