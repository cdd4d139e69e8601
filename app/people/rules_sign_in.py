"""Passwords, lock-out and sessions: how long, how often, how strong."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from app.kit.viewer import STAFF_ROLES, Role

PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 128
LOGIN_MIN, LOGIN_MAX = 4, 60
WRONG_TRIES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=15)
LONGEST_LOCK: Final = timedelta(hours=24)
STAFF_IDLE: Final = timedelta(hours=8)
OTHER_IDLE: Final = timedelta(days=30)
TOUCH_EVERY: Final = timedelta(minutes=1)
TOTP_STEP_SECONDS: Final = 30
TOTP_WINDOW: Final = 1
LINK_LIFE: Final = timedelta(hours=24)
CODE_LIFE: Final = timedelta(days=7)
CODE_TRIES: Final = 10
DISTINCT_CHARACTERS: Final = 5

_COMMON: Final = ("password", "qwertyuiop", "1234567890", "abcdefghij", "iloveyou", "woaini", "qingqiao", "11223344")


def password_problem(password: str, *, login: str = "", name: str = "") -> str:
    """Return why a password is weak, as a sentence; an empty text when it will do."""
    lowered = password.lower()
    findings = (
        (len(password) < PASSWORD_MIN, f"密码至少 {PASSWORD_MIN} 位。一句只有你知道的话就很好。"),
        (len(password) > PASSWORD_MAX, f"密码最多 {PASSWORD_MAX} 位。"),
        (len(set(lowered)) < DISTINCT_CHARACTERS, "密码里重复的字符太多，容易被猜到。"),
        (password.isdigit(), "密码不能全是数字，请加上字母或汉字。"),
        (any(word in lowered for word in _COMMON), "这是很常见的密码，请换一个别人想不到的。"),
        (
            any(part and part.lower() in lowered for part in (login, name)),
            "密码里不要带登录名或自己的名字。",
        ),
    )
    return next((sentence for wrong, sentence in findings if wrong), "")


def login_problem(login: str) -> str:
    """Return why a login cannot be used, as a sentence; an empty text when it will do."""
    if not LOGIN_MIN <= len(login) <= LOGIN_MAX:
        return f"登录名要 {LOGIN_MIN} 到 {LOGIN_MAX} 个字符。"
    if any(char.isspace() or char == ":" for char in login):
        return "登录名里不要有空格和冒号。"
    return ""


def lock_after(failed: int) -> timedelta | None:
    """Return how long an account waits after so many wrong tries in a row: 15 minutes after 5, then doubling."""
    if failed < WRONG_TRIES:
        return None
    doublings: int = min(10, failed - WRONG_TRIES)
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << doublings))


def idle_life(roles: Iterable[Role]) -> timedelta:
    """Return how long a session lives without use: 8 hours for staff, 30 days for everybody else."""
    return STAFF_IDLE if STAFF_ROLES.intersection(roles) else OTHER_IDLE


def device_of(user_agent: str) -> str:
    """Return a short name of a device, for the list of sessions."""
    lowered = user_agent.lower()
    browsers = (
        ("micromessenger", "微信"),
        ("edg", "Edge"),
        ("firefox", "Firefox"),
        ("chrome", "Chrome"),
        ("safari", "Safari"),
    )
    systems = (
        ("harmony", "鸿蒙"),
        ("iphone", "iPhone"),
        ("ipad", "iPad"),
        ("android", "安卓"),
        ("windows", "Windows"),
        ("mac os", "Mac"),
        ("linux", "Linux"),
    )
    browser = next((label for mark, label in browsers if mark in lowered), "浏览器")
    system = next((label for mark, label in systems if mark in lowered), "未知设备")
    return f"{browser} · {system}"
