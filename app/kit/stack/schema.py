"""Questions to the database, asked without loading the code, so that a warm start stays quick."""

import re
import subprocess
from pathlib import Path

import app
from app.kit.stack.errors import ServerMissingError
from app.kit.stack.postgres import connection_env, program

MIGRATIONS = Path(app.__file__).parent / "migrations"

_ID = re.compile(r'^ID = "([^"]+)"', re.MULTILINE)
_SECONDS = 15.0


def known_migrations(folder: Path = MIGRATIONS) -> frozenset[str]:
    """Return the ids written in the migration files."""
    texts = (path.read_text(encoding="utf-8") for path in folder.glob("[!_]*.py"))
    return frozenset(name for text in texts for name in _ID.findall(text))


def is_current(url: str) -> bool:
    """Return True when every known migration is applied; False when not, or when psql cannot tell."""
    applied = _asked(url, "SELECT name FROM migration")
    return applied is not None and known_migrations() <= set(applied.split())


def is_true(url: str, question: str) -> bool:
    """Return whether a question of ours is answered with true; False also when psql cannot tell."""
    return _asked(url, question) == "t"


def _asked(url: str, question: str) -> str | None:
    """Return what psql prints, or None when it cannot tell."""
    try:
        asked = subprocess.run(  # noqa: S603 - psql of the wheel with a fixed question
            [str(program("psql")), "--no-psqlrc", "--tuples-only", "--no-align", f"--command={question}"],
            env=connection_env(url),
            check=False,
            capture_output=True,
            timeout=_SECONDS,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired, ServerMissingError):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None
