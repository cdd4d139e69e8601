"""Calculations of a worker that does not hold the numeric library: a process for each, which gives its memory back."""

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from app.kit.clock import MovableClock
from app.matches import service_arrays, service_library, service_live, service_snapshot
from app.matches.service_library import CHILD, HOME, CalculationFailedError
from tests.app.matches.test_matches_runs import people
from tests.support.stack import alive, eventually
from tests.support.world import World

ROOT = Path(__file__).parents[3]
PARENT = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "{CHILD}", str(os.getpid())], stdin=subprocess.PIPE)
print(child.pid, flush=True)
time.sleep(60)
"""


async def test_a_process_of_its_own_gives_the_same_answer(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=4, volunteers=3)
    snapshot = await service_snapshot.take("COUNSEL", clock.now())
    here = service_arrays.solved(snapshot)
    there = await service_library.in_child(HOME, "solved", snapshot)
    assert isinstance(there, service_arrays.Solved)
    assert len(there.pairs) == 3
    assert there.proof.valid
    timeless = {"seconds": 0.0, "proof": None}
    assert msgspec.structs.replace(there, **timeless) == msgspec.structs.replace(here, **timeless)


async def test_a_calculation_that_fails_says_why() -> None:
    with pytest.raises(CalculationFailedError, match="ZeroDivisionError"):
        await service_library.in_child("operator", "floordiv", 1, 0)


async def test_few_needs_are_not_worth_a_state_in_memory(world: World, clock: MovableClock) -> None:
    await people(world, clock, needs=2, volunteers=2)
    service_live.enable(3)
    try:
        assert await service_live.keep(now=clock.now()) == ()
        service_live.enable(2)
        assert await service_live.keep(now=clock.now()) == ("COUNSEL",)
    finally:
        await service_live.release()


def test_a_calculation_ends_with_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert eventually(lambda: bool(alive([child])), 10)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: alive([child]) == [], 10)
