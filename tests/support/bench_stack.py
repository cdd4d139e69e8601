"""Measure the stack as a whole: start, memory, answers, stop; then the demo's fill and its proposals. `make bench`."""

import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from tests.support.stack import RunningStack, eventually, qingqiao

REQUESTS = 500
SETTLE_SECONDS = 5.0
FILL_SECONDS = 600.0


def seconds_to_first_page(stack: RunningStack, started: float) -> float:
    """Return the seconds from the start of the supervisor to the first answer."""
    assert eventually(stack.answers, 120), stack.said()
    return time.perf_counter() - started


def answers_per_second(stack: RunningStack, path: str) -> float:
    """Return how many answers one client gets in a second, one after the other."""
    started = time.perf_counter()
    for _ in range(REQUESTS):
        with urlopen(stack.url(path), timeout=10) as response:
            response.read()
    return REQUESTS / (time.perf_counter() - started)


def demo(data: Path) -> None:
    """Print how long the demo takes to its first page, and what `qingqiao bench` says of it."""
    started = time.perf_counter()
    stack = RunningStack(data, "--demo")
    try:
        assert eventually(stack.answers, FILL_SECONDS), stack.said()
        sys.stdout.write(f"demo filled, to first page: {time.perf_counter() - started:.0f} s\n")
        stack.wait_until_ready()
        said = qingqiao("bench", QINGQIAO_DATA=str(data))
        sys.stdout.write(said.stdout + said.stderr)
    finally:
        stack.end()


def main() -> None:
    """Print one line per figure."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first start", "second start"):
            started = time.perf_counter()
            stack = RunningStack(Path(folder) / "data")
            try:
                sys.stdout.write(f"{name} to first page: {seconds_to_first_page(stack, started):.2f} s\n")
                stack.wait_until_ready()
                time.sleep(SETTLE_SECONDS)
                memory = sum(process.memory_full_info().pss for process in stack.family()) / 1024**2
                sys.stdout.write(f"  idle memory of all processes: {memory:.0f} MB PSS\n")
                for path in ("/health/live", "/health/ready"):
                    sys.stdout.write(f"  {path}: {answers_per_second(stack, path):.0f} answers/s\n")
            finally:
                stopping = time.perf_counter()
                stack.end()
                sys.stdout.write(f"  stop: {time.perf_counter() - stopping:.2f} s\n")
        demo(Path(folder) / "demo")


if __name__ == "__main__":
    main()
