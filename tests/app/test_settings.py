"""Settings: what the environment says, read once, with a sentence for what cannot be used."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from app.settings import (
    ChoiceSettingError,
    NumberSettingError,
    PortSettingError,
    SettingError,
    Settings,
    UrlSettingError,
)


def test_an_empty_environment_gives_the_embedded_stack() -> None:
    settings = Settings.from_env({})
    assert settings.data == Path(".qingqiao")
    assert settings.files == Path(".qingqiao/files")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == settings.broker_url == settings.cache_url == ""
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.demo


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"QINGQIAO_HOST": "0.0.0.0", "QINGQIAO_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"QINGQIAO_HOST": "::1"}, "http://[::1]:8000"),
        ({"QINGQIAO_PUBLIC_URL": "https://help.example/"}, "https://help.example"),
    ],
)
def test_links_lead_where_a_browser_can_go(environment: dict[str, str], expected: str) -> None:
    assert Settings.from_env(environment).public_url == expected


def test_a_redis_broker_is_the_cache_too_and_rabbitmq_is_not() -> None:
    assert Settings.from_env({"QINGQIAO_BROKER_URL": "redis://cache/0"}).cache_url == "redis://cache/0"
    assert Settings.from_env({"QINGQIAO_BROKER_URL": "amqp://queue"}).cache_url == ""


def test_another_process_reads_the_same_settings() -> None:
    settings = Settings.from_env(
        {
            "QINGQIAO_DATA": "/srv/data",
            "QINGQIAO_NOTIFY_URLS": "mailto://desk, json://desk",
            "QINGQIAO_DEMO": "yes",
            "QINGQIAO_CLAMD_URL": "unix:///run/clamd.sock",
            "QINGQIAO_LOG_LEVEL": "WARNING",
        }
    )
    assert settings.notify_urls == ("mailto://desk", "json://desk")
    assert settings.demo
    assert Settings.from_env(settings.to_env()) == settings


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("QINGQIAO_PORT", "http", PortSettingError),
        ("QINGQIAO_PORT", "0", PortSettingError),
        ("QINGQIAO_PORT", "65536", PortSettingError),
        ("QINGQIAO_PORT", "８０００", PortSettingError),
        ("QINGQIAO_WORKERS", "0", NumberSettingError),
        ("QINGQIAO_DEMO", "maybe", ChoiceSettingError),
        ("QINGQIAO_LOG_LEVEL", "loud", ChoiceSettingError),
        ("QINGQIAO_DATABASE_URL", "mysql://db/x", UrlSettingError),
        ("QINGQIAO_DATABASE_URL", "postgresql:///x", UrlSettingError),
        ("QINGQIAO_BROKER_URL", "http://queue", UrlSettingError),
        ("QINGQIAO_MEILI_URL", "http://[broken", UrlSettingError),
        ("QINGQIAO_CLAMD_URL", "http://scanner", UrlSettingError),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_in_both_languages(
    name: str, value: str, error: type[SettingError]
) -> None:
    with pytest.raises(error) as refused:
        Settings.from_env({name: value})
    assert name in refused.value.chinese
    assert name in refused.value.english
    assert refused.value.english.endswith(".")


def test_a_password_in_a_wrong_address_is_not_repeated_and_not_shown() -> None:
    with pytest.raises(UrlSettingError) as refused:
        Settings.from_env({"QINGQIAO_DATABASE_URL": "mysql://me:hidden-word@db/x"})
    assert "hidden-word" not in str(refused.value)
    assert "hidden-word" not in repr(Settings.from_env({"QINGQIAO_BROKER_URL": "redis://:hidden-word@queue"}))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env({}).port = 1  # type: ignore[misc]  # the assignment is what must fail
