"""The door to the numeric library: loaded when a worker first needs it, never by a web server.

The library with its compiler takes about a hundred megabytes and a second or two; `library` loads it in a thread, so
that other jobs go on meanwhile.
"""

import asyncio
import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from uuid import UUID

    from app.matches.rules_trials import Answer, Question
    from app.matches.service_arrays import Sheet, Solved
    from app.matches.service_livebook import LiveBook
    from app.matches.service_snapshot import Snapshot


class Arrays(Protocol):
    """What `service_arrays` offers to the other verbs."""

    def lay(self, snapshot: "Snapshot", keep: int = 0) -> "Sheet":
        """Judge every pair of a snapshot."""
        ...

    def components(self, sheet: "Sheet") -> "list[tuple[list[UUID], list[UUID]]]":
        """Split a sheet into jobs."""
        ...

    def answer(self, sheet: "Sheet") -> "Solved":
        """Solve and certify a sheet."""
        ...


class Books(Protocol):
    """What `service_livebook` offers."""

    def LiveBook(self, sheet: "Sheet") -> "LiveBook":  # noqa: N802 - the class behind it
        """Make a live state of a sheet."""
        ...


class Trials(Protocol):
    """What `service_trial_arrays` offers."""

    def try_out(self, snapshot: "Snapshot", question: "Question") -> "Answer":
        """Answer a what-if on a copy."""
        ...


async def _load(name: str) -> ModuleType:
    return await asyncio.to_thread(importlib.import_module, f"app.matches.{name}")


async def arrays() -> Arrays:
    """Load the solver's side."""
    return cast("Arrays", await _load("service_arrays"))


async def books() -> Books:
    """Load the live state's side."""
    return cast("Books", await _load("service_livebook"))


async def trials() -> Trials:
    """Load the what-if's side."""
    return cast("Trials", await _load("service_trial_arrays"))
