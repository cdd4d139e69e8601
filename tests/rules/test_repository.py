"""The repository itself: records are dated, queues are worked, names and machine paths stay out."""

import re
import subprocess
from pathlib import Path

import pytest

from app.kit.outbox import BY_KIND, QUEUES, SUBSCRIBERS
from app.scheduler import TIMETABLE
from app.subscriptions import MODULES

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def _committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_has_a_status_and_a_date(record: Path) -> None:
    text = record.read_text()
    assert re.match(r"\d{4}-[a-z0-9-]+$", record.stem)
    assert re.search(r"(?i)status\W+\w+", text)
    assert re.search(r"\d{4}-\d{2}-\d{2}", text)
    for part in ("Context", "Decision", "Consequences"):
        assert part in text


def test_every_job_runs_in_a_known_queue_and_every_tick_has_a_time() -> None:
    assert MODULES
    assert {job.queue for job in SUBSCRIBERS.values()} <= set(QUEUES)
    assert {kind for kind in BY_KIND if kind.startswith("tick.")} <= set(TIMETABLE)


def test_no_registry_and_no_machine_stands_in_a_file() -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org")
    wrong = []
    for path in _committed():
        if path.suffix in {".npz", ".xlsx", ".png", ".webp"}:
            continue
        text = path.read_text(errors="replace")
        wrong += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]
        if re.search(r"(?<![\w./])/(?:wo" + "rk|ro" + r"ot)/(?!info)", text):
            wrong.append(f"{path.relative_to(ROOT)}: a path of one machine")
    assert not wrong


def test_the_lock_names_hashes_and_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert "index-url" not in lock
    pins = re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)
    assert len(pins) > 50


def test_the_readme_names_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for name in ("README.md", "README.zh-CN.md"):
        for target in set(re.findall(r"(?m)(?:`|^\s*|\$ )make ([a-z]+)", (ROOT / name).read_text())):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"
