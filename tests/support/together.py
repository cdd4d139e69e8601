"""Which tests share a worker process: those that share something slow, such as one filled demo."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/browser/": "browser",
    "tests/app/demo/": "demo",
    "tests/journeys/test_kill.py": "stack",
    "tests/app/kit/test_stack_processes.py": "stack",
}


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Spread tests one by one, but keep those of a group in one process; the largest group starts first."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test, or the test itself."""
        return next((group for start, group in TOGETHER.items() if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Use these groups (xdist's own marks are lost on the way to its scheduler with this pytest)."""
    return Together(config, log)
