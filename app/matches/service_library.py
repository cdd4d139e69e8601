"""The door to the numeric library: a process of its own for one calculation, this process where it is at home.

The library with its compiler takes some hundred and fifty megabytes. A worker that holds live states has it loaded
and calculates in a thread. Any other worker starts a process for the calculation, which gives all of it back when it
ends; a web server never calculates.
"""

import asyncio
import importlib
import os
import pickle
import sys
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from uuid import UUID

    from app.matches.rules_runs import Figures
    from app.matches.rules_trials import Answer, Question
    from app.matches.service_arrays import Sheet, Solved
    from app.matches.service_livebook import LiveBook
    from app.matches.service_snapshot import Snapshot

HOME = "app.matches.service_arrays"
CHILD = "app.matches.service_child"


class CalculationFailedError(RuntimeError):
    """The process of a calculation ended badly; the job is tried again."""


class Books(Protocol):
    """What `service_livebook` offers."""

    def LiveBook(self, sheet: "Sheet") -> "LiveBook":  # noqa: N802 - the class behind it
        """Make a live state of a sheet."""
        ...


async def divide(snapshot: "Snapshot") -> "tuple[list[tuple[list[UUID], list[UUID]]], Figures]":
    """Split a snapshot into jobs; the figures bound what pairs of different jobs could add."""
    return cast("tuple[list[tuple[list[UUID], list[UUID]]], Figures]", await _calculate(HOME, "divide", snapshot))


async def solved(snapshot: "Snapshot") -> "Solved":
    """Solve and certify a snapshot under its rulings."""
    return cast("Solved", await _calculate(HOME, "solved", snapshot))


async def tried(snapshot: "Snapshot", question: "Question") -> "Answer":
    """Answer a what-if on a copy."""
    return cast("Answer", await _calculate("app.matches.service_trial_arrays", "try_out", snapshot, question))


async def live_book(snapshot: "Snapshot") -> "LiveBook":
    """Make the live state of a snapshot; from now on the library is at home in this process."""

    def make() -> "LiveBook":
        arrays = importlib.import_module(HOME)
        books = cast("Books", importlib.import_module("app.matches.service_livebook"))
        return books.LiveBook(arrays.lay(snapshot))

    return await asyncio.to_thread(make)


async def _calculate(module: str, name: str, *values: object) -> object:
    if HOME in sys.modules:
        return await asyncio.to_thread(getattr(importlib.import_module(module), name), *values)
    return await in_child(module, name, *values)


async def in_child(module: str, name: str, *values: object) -> object:
    """Call a function in a new process; raise CalculationFailedError with what it said when it ends badly."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        CHILD,
        str(os.getpid()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        given, said = await child.communicate(pickle.dumps((module, name, values)))
    finally:
        if child.returncode is None:
            child.kill()
    if child.returncode:
        raise CalculationFailedError(said.decode(errors="replace")[-2000:])
    return cast("object", pickle.loads(given))  # noqa: S301 - our own child wrote it, over a pipe nobody else has
