"""compose.yaml and the Dockerfile fit the command line and the settings; no container engine is needed to know."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import COMMANDS
from app.settings import Settings, documented_settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
OURS = ("migrate", "web", "worker", "scheduler")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed = yaml.safe_load(TEXT)
    assert isinstance(parsed, dict)
    return parsed


def test_it_has_the_shape_of_production(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "redis", "meilisearch", *OURS, "mail"}
    assert compose["services"]["mail"]["profiles"] == ["dev"]


def test_every_command_exists_in_the_command_line(compose: dict[str, Any]) -> None:
    assert 'ENTRYPOINT ["qingqiao"]' in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in OURS:
        assert compose["services"][name]["command"][0] in COMMANDS, name


def test_every_setting_is_passed_and_every_passed_setting_exists(compose: dict[str, Any]) -> None:
    known = {setting.name for setting in documented_settings()}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) == known, name


def test_the_settings_it_passes_can_be_read(compose: dict[str, Any]) -> None:
    passed = compose["services"]["web"]["environment"]
    filled = {name: re.sub(r"\$\{([A-Z_]+):([?-])([^}]*)\}", _value, value) for name, value in passed.items()}
    settings = Settings.from_env(filled)
    assert settings.database_url == "postgresql://qingqiao:given@postgres:5432/qingqiao"
    assert settings.cache_url == "redis://:given@redis:6379/1"
    assert settings.workers == 2


def _value(found: re.Match[str]) -> str:
    name, kind, rest = found.groups()
    if kind == "-":
        return rest
    return "https://given.example" if name.endswith("URL") else "given"


def test_every_secret_must_be_given() -> None:
    assert not re.findall(r"\$\{QINGQIAO_[A-Z_]*(?:PASSWORD|KEY)\}", TEXT)
    assert not re.findall(r"\$\{QINGQIAO_[A-Z_]*(?:PASSWORD|KEY):-", TEXT)
    assert re.findall(r"\$\{QINGQIAO_DB_PASSWORD:\?", TEXT)


def test_long_lived_services_have_health_checks_and_data_has_volumes(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name != "migrate":
            assert service["healthcheck"]["test"], name
    used = {
        volume.partition(":")[0] for service in compose["services"].values() for volume in service.get("volumes", ())
    }
    assert used == set(compose["volumes"])


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER qingqiao" in lines
    copied = {Path(line.split()[1]).parts[0] for line in lines if line.startswith("COPY ") and "--from" not in line}
    assert {"app", "matching", "search", "templates", "assets"} <= copied
