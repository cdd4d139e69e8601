"""The Makefile explains itself, and nothing in the set-up names a registry or a machine."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_help_lists_every_target_people_use() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for target in ("setup", "up", "demo", "check", "test", "bench", "help"):
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target


def test_every_target_is_phony_or_a_file_of_the_environment() -> None:
    phony = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split())
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    assert targets == phony


def test_continuous_integration_runs_make_test() -> None:
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert run.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


def test_no_lock_names_a_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index-url" not in lock
    requirements = re.findall(r"^([\w.-]+)==.*\\$", lock, re.MULTILINE)
    assert len(requirements) == len(re.findall(r"^\S+==", lock, re.MULTILINE))


def test_npm_runs_no_scripts_of_packages() -> None:
    options = (ROOT / ".npmrc").read_text(encoding="utf-8").split()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= set(options)
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert package["private"] is True
    assert "registry" not in (ROOT / ".npmrc").read_text(encoding="utf-8").replace("registry-resolved", "")
