"""One search over two engines: the first is asked, the second answers whenever the first cannot in time.

After a few failures in a short while the first engine is left alone (the breaker is open); after a rest it is tried
in the background with a health check and a small question, while people keep getting answers from the second.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

import msgspec

from search.engine import Engine, EngineUnavailableError, Found, Health, IndexOutdatedError
from search.query import Plan, Question

CANARY: Final = Question(size=1)
FAILURES: Final = (EngineUnavailableError, IndexOutdatedError, TimeoutError, OSError)


class BreakerState(StrEnum):
    """Closed: the first engine is asked. Open: it is left alone. Half open: it is being tried."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient the fail-over is. Times are seconds; `lag` is the age of the oldest unsent change it tolerates."""

    answer: float = 0.3
    failures: int = 3
    window: float = 10.0
    rest: float = 5.0
    lag: float = 120.0
    lag_every: float = 5.0


async def _no_lag() -> float:
    return 0.0


class Failover:
    """Asks `first`, and `second` when the first is away, slow, broken, outdated or behind.

    `lag` returns the age in seconds of the oldest change the first engine has not been sent; `clock` is monotonic.
    """

    def __init__(
        self,
        first: Engine,
        second: Engine,
        *,
        limits: Limits | None = None,
        lag: Callable[[], Awaitable[float]] = _no_lag,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.first = first
        self.second = second
        self.limits = limits or Limits()
        self.state = BreakerState.CLOSED
        self.last_failure = ""
        self._lag = lag
        self._clock = clock
        self._failed: deque[float] = deque(maxlen=self.limits.failures)
        self._opened = 0.0
        self._lag_known = float("-inf")
        self._background: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The name of the engine that is asked first."""
        return self.first.name

    async def find(self, plan: Plan, question: Question) -> Found:
        """Answer one planned question; `engine` says who did, `degraded` that it was not the first."""
        question.check()
        self._look_after()
        if self.state is BreakerState.CLOSED:
            try:
                async with asyncio.timeout(self.limits.answer):
                    found = await self.first.find(plan, question)
            except FAILURES as failure:
                self._note(failure)
            else:
                return msgspec.structs.replace(found, engine=self.first.name, degraded=False)
        found = await self.second.find(plan, question)
        return msgspec.structs.replace(found, engine=self.second.name, degraded=True)

    async def health(self) -> Health:
        """Return whether somebody answers, and what is the matter with the first engine when it does not."""
        second = await self.second.health()
        if self.state is BreakerState.CLOSED:
            return Health(ok=True) if second.ok else second
        return Health(
            ok=second.ok, says=f"{self.first.name} is {self.state}: {self.last_failure}. {second.says}".strip()
        )

    async def settle(self) -> None:
        """Wait for a trial that is under way; on shutdown, and in tests."""
        if self._background is not None:
            await asyncio.gather(self._background, return_exceptions=True)

    def _note(self, failure: Exception) -> None:
        """Remember a failure; open the breaker when there were enough of them within the window."""
        now = self._clock()
        self.last_failure = f"{type(failure).__name__}: {failure}"
        self._failed.append(now)
        outdated = isinstance(failure, IndexOutdatedError)
        many = len(self._failed) == self.limits.failures and now - self._failed[0] <= self.limits.window
        if outdated or many:
            self._open()

    def _open(self) -> None:
        self.state = BreakerState.OPEN
        self._opened = self._clock()
        self._failed.clear()

    def _look_after(self) -> None:
        """Start, in the background, the trial of an open breaker or the look at the lag of a closed one."""
        if self._background is not None and not self._background.done():
            return
        now = self._clock()
        if self.state is BreakerState.OPEN and now - self._opened >= self.limits.rest:
            self.state = BreakerState.HALF_OPEN
            self._background = asyncio.create_task(self._try())
        elif self.state is BreakerState.CLOSED and now - self._lag_known >= self.limits.lag_every:
            self._lag_known = now
            self._background = asyncio.create_task(self._watch())

    async def _try(self) -> None:
        """Close the breaker if the first engine is healthy, up to date and answers; else let it rest again."""
        try:
            async with asyncio.timeout(self.limits.answer):
                health = await self.first.health()
                if health.ok:
                    await self.first.find(Plan(), CANARY)
            says = health.says if not health.ok else await self._behind()
        except FAILURES as failure:
            says = f"{type(failure).__name__}: {failure}"
        if says:
            self.last_failure = says
            self._open()
        else:
            self.state = BreakerState.CLOSED
            self._lag_known = self._clock()

    async def _watch(self) -> None:
        says = await self._behind()
        if says and self.state is BreakerState.CLOSED:
            self.last_failure = says
            self._open()

    async def _behind(self) -> str:
        """Return a sentence when the first engine is too far behind, else nothing."""
        seconds = await self._lag()
        return f"the index is {seconds:.0f} s behind" if seconds > self.limits.lag else ""
