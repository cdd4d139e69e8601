"""Settings of the service: read once from the environment, passed on, never a global.

Every field carries its default and a sentence in its metadata; a test compares them with ``docs/settings.md``
and with the variables that ``compose.yaml`` passes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "QINGQIAO_"

DATABASE_SCHEMES = frozenset({"postgres", "postgresql"})
REDIS_SCHEMES = frozenset({"redis", "rediss"})
BROKER_SCHEMES = REDIS_SCHEMES | {"amqp", "amqps"}
WEB_SCHEMES = frozenset({"http", "https"})
MAIL_SCHEMES = frozenset({"smtp", "smtps"})
LOG_LEVELS = ("debug", "info", "warning", "error")

_HIGHEST_PORT = 65_535
_MOST_PROCESSES = 256
_MOST_NEEDS = 10_000_000
_TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
_FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


class SettingError(ValueError):
    """A setting cannot be used; ``chinese`` and ``english`` say why and what to do."""

    def __init__(self, name: str, chinese: str, english: str) -> None:
        """Keep the environment name of the setting and one sentence in each language."""
        self.name = name
        self.chinese = chinese
        self.english = english
        super().__init__(f"{chinese} {english}")


class PortSettingError(SettingError):
    """A port is not a whole number between 1 and 65535."""


class NumberSettingError(SettingError):
    """A count is not a whole number in its range."""


class UrlSettingError(SettingError):
    """An address has the wrong scheme or no host."""


class ChoiceSettingError(SettingError):
    """A value is not one of the allowed words."""


def _text(_name: str, value: str) -> str:
    return value


def _path(_name: str, value: str) -> Path:
    return Path(value).expanduser()


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= _HIGHEST_PORT):
        raise PortSettingError(
            name,
            f"{name} 应为 1 到 65535 之间的端口号，现在是“{value}”。",
            f"{name} must be a port between 1 and 65535, not {value!r}.",
        )
    return int(value)


def _whole(name: str, value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
        raise NumberSettingError(
            name,
            f"{name} 应为 1 到 {most} 之间的整数，现在是“{value}”。",
            f"{name} must be a whole number between 1 and {most}, not {value!r}.",
        )
    return int(value)


def _count(name: str, value: str) -> int:
    return _whole(name, value, _MOST_PROCESSES)


def _needs(name: str, value: str) -> int:
    return _whole(name, value, _MOST_NEEDS)


def _yes_no(name: str, value: str) -> bool:
    word = value.lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise ChoiceSettingError(
        name,
        f"{name} 应为 1 或 0，现在是“{value}”。",
        f"{name} must be 1 or 0, not {value!r}.",
    )


def _log_level(name: str, value: str) -> str:
    word = value.lower()
    if word not in LOG_LEVELS:
        raise ChoiceSettingError(
            name,
            f"{name} 应为 {'、'.join(LOG_LEVELS)} 之一，现在是“{value}”。",
            f"{name} must be one of {', '.join(LOG_LEVELS)}, not {value!r}.",
        )
    return word


def _url(schemes: frozenset[str]) -> Callable[[str, str], str]:
    """Return a reader that accepts an empty value or an address with one of ``schemes`` and a host."""

    def read(name: str, value: str) -> str:
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            wanted = "、".join(f"{scheme}://" for scheme in sorted(schemes))
            # The value may hold a password, so it is never repeated.
            raise UrlSettingError(
                name,
                f"{name} 应为以 {wanted} 开头并写明主机的地址。",
                f"{name} must be an address with a host that starts with {wanted.replace('、', ' or ')}.",
            )
        return value

    return read


def _clamd_address(name: str, value: str) -> str:
    if value.startswith("unix:///"):
        return value
    return _url(frozenset({"tcp"}))(name, value)


def _words(_name: str, value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _setting(default: str, help_text: str, read: Callable[[str, str], Any], *, secret: bool = False) -> Any:
    """Declare a field: its default as written in the environment, a sentence, and how it is read."""
    return field(metadata={"default": default, "help": help_text, "read": read}, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between two installations."""

    data: Path = _setting(".qingqiao", "Folder of the embedded servers, secrets and uploaded files.", _path)  # noqa: RUF009 - a field
    host: str = _setting("127.0.0.1", "Address the web server listens on.", _text)
    port: int = _setting("8000", "Port the web server listens on.", _port)
    database_url: str = _setting(
        "",
        "`postgresql://` address of PostgreSQL 16 or newer; empty starts the embedded PostgreSQL.",
        _url(DATABASE_SCHEMES),
        secret=True,
    )
    broker_url: str = _setting(
        "",
        "`redis://` or `amqp://` address of the job queue; empty starts the embedded Valkey.",
        _url(BROKER_SCHEMES),
        secret=True,
    )
    cache_url: str = _setting(
        "",
        "`redis://` address for sign-in sessions and rate limits; empty uses the broker when that is Redis.",
        _url(REDIS_SCHEMES),
        secret=True,
    )
    meili_url: str = _setting(
        "", "Address of Meilisearch; empty searches the listings with PostgreSQL.", _url(WEB_SCHEMES)
    )
    meili_key: str = _setting("", "API key of Meilisearch.", _text, secret=True)
    secret_key: str = _setting(
        "",
        "Key that signs cookies and links; empty generates one in the data folder. "
        "Every process of one installation needs the same key.",
        _text,
        secret=True,
    )
    public_url: str = _setting(
        "",
        "Address people type, used in links of messages; empty uses the host and port above.",
        _url(WEB_SCHEMES),
    )
    smtp_url: str = _setting(
        "",
        "`smtp://user:password@host:port` of the mail server; empty sends no mail.",
        _url(MAIL_SCHEMES),
        secret=True,
    )
    mail_from: str = _setting("qingqiao@localhost", "Sender of the mails.", _text)
    notify_urls: tuple[str, ...] = _setting(
        "", "Comma-separated Apprise addresses that receive the alerts of the duty desk.", _words, secret=True
    )
    files: Path = _setting("", "Folder of uploaded files; empty uses `files` inside the data folder.", _path)  # noqa: RUF009 - a field
    workers: int = _setting("1", "Number of web processes.", _count)
    worker_processes: int = _setting("1", "Number of background job processes.", _count)
    worker_threads: int = _setting("4", "Number of threads in each background job process.", _count)
    live_from: int = _setting(
        "1000", "Open needs of a kind from which a worker keeps its best answer in memory (about 200 MB).", _needs
    )
    demo: bool = _setting("0", "1 marks every page as a demonstration.", _yes_no)
    log_level: str = _setting(
        "info", "Least severe log line that is written: debug, info, warning or error.", _log_level
    )
    map_review_number: str = _setting("", "Map review number printed under every map.", _text)
    clamd_url: str = _setting(
        "",
        "`tcp://host:port` or `unix:///path` of a ClamAV daemon that scans uploads; empty scans nothing.",
        _clamd_address,
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every setting from ``environ``; raise a :class:`SettingError` that names the first bad one."""
        values: dict[str, Any] = {}
        for item in fields(cls):
            name = env_name(item.name)
            raw = environ.get(name, "").strip() or item.metadata["default"]
            values[item.name] = item.metadata["read"](name, raw)
        if not environ.get(env_name("files"), "").strip():
            values["files"] = values["data"] / "files"
        if not values["cache_url"] and urlsplit(values["broker_url"]).scheme in REDIS_SCHEMES:
            values["cache_url"] = values["broker_url"]
        if not values["public_url"]:
            host = browsable_host(values["host"])
            values["public_url"] = f"http://{f'[{host}]' if ':' in host else host}:{values['port']}"
        values["public_url"] = values["public_url"].rstrip("/")
        return cls(**values)

    def to_env(self) -> dict[str, str]:
        """Return the environment that makes another process read the same settings."""
        return {env_name(item.name): _written(getattr(self, item.name)) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class SettingDoc:
    """One row of the table of settings."""

    name: str
    default: str
    help: str


def documented_settings() -> tuple[SettingDoc, ...]:
    """Return name, default and sentence of every setting, in the order of the fields."""
    return tuple(
        SettingDoc(env_name(item.name), item.metadata["default"], item.metadata["help"]) for item in fields(Settings)
    )


def env_name(field_name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + field_name.upper()


def browsable_host(host: str) -> str:
    """Return an address a program on this machine can reach when the server listens on ``host``."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        return "127.0.0.1"
    return host


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
