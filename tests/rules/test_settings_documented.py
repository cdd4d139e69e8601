"""Every setting is read, documented and passed on under one name."""

import re
from dataclasses import fields
from pathlib import Path

from app.settings import Settings, documented_settings, env_name

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(?P<name>QINGQIAO_[A-Z_]+)` \| (?:`(?P<default>[^`]*)`)? ?\| (?P<help>.+) \|$", re.MULTILINE)


def test_the_table_of_settings_says_what_the_code_says() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    written = [(row["name"], row["default"] or "", row["help"]) for row in ROW.finditer(text)]
    assert written == [(setting.name, setting.default, setting.help) for setting in documented_settings()]


def test_every_field_has_a_sentence() -> None:
    for setting in documented_settings():
        assert setting.help.endswith("."), setting.name
    assert [setting.name for setting in documented_settings()] == [env_name(item.name) for item in fields(Settings)]


def test_no_other_setting_is_read_anywhere() -> None:
    known = {setting.name for setting in documented_settings()} | {"QINGQIAO_SUPERVISED"}
    for path in (ROOT / "app").rglob("*.py"):
        used = set(re.findall(r"QINGQIAO_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
        assert used <= known, f"{path.relative_to(ROOT)} names {sorted(used - known)}"
