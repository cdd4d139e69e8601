"""The clockwork of the demo: stories run in the order of time, and the jobs of the service run between them."""

import heapq
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from app.demo.service_cast import Cast
from app.kit.outbox import run_everything, settle
from app.matches import queries as matches
from app.matches import service_cascades, service_propose
from app.needs import queries as needs
from app.needs import service_clock as needs_clock
from app.offers import service_clock as offers_clock

Story = AsyncGenerator[datetime, None]
"""A story makes its steps at their times and yields when it wants to go on."""
TURN: Final = timedelta(days=1)
TURNS: Final = 4
"""On so many turns offers are sought for a request that has none yet; the search widens after the first."""


@dataclass(slots=True)
class Stage:
    """What the stories share: who plays, which requests wait for proposals, and how the stories ended."""

    cast: Cast
    folder: Path | None = None
    waiting: dict[UUID, int] = field(default_factory=dict)
    offers: dict[str, UUID] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)

    async def turn(self, now: datetime) -> None:
        """Do what the jobs and timers would have done since the last turn.

        Proposals are made for the waiting requests of a turn together, so that the offers are read once; outside
        messages of the past are never sent.
        """
        await self._propose(now)
        await settle(("matching", "mail"), now=now)
        await run_everything(now)
        await needs_clock.run_timers(now)
        await service_cascades.lapse_overdue(now)
        await offers_clock.expire(now=now)
        await settle(("matching", "mail"), now=now)

    async def _propose(self, now: datetime) -> None:
        found = await needs.facts_many(sorted(self.waiting))
        listed = sorted(found.values(), key=lambda need: (need.first_at or now, need.id))
        await service_propose.propose_many(listed, now=now, cause="OPENED")
        pasts = await matches.histories(found)
        hungry = {
            need_id for need_id in found if need_id not in pasts or not (pasts[need_id].waiting or pasts[need_id].taken)
        }
        self.waiting = {
            need_id: turns - 1 for need_id, turns in self.waiting.items() if need_id in hungry and turns > 1
        }

    def propose_for(self, need_id: UUID) -> None:
        """Let the next turns look for offers for a request that is open now."""
        self.waiting[need_id] = TURNS


async def play(stage: Stage, stories: Iterable[tuple[datetime, Story]], until: datetime) -> None:
    """Play stories until a moment; what they had planned for later does not happen."""
    heap = [(start, number, story) for number, (start, story) in enumerate(stories)]
    heapq.heapify(heap)
    turn = min((start for start, _number, _story in heap), default=until) + TURN
    while heap:
        when, number, story = heapq.heappop(heap)
        if when > until:
            await story.aclose()
            continue
        while turn <= when:
            await stage.turn(turn)
            turn += TURN
        following = await anext(story, None)
        if following is not None:
            heapq.heappush(heap, (max(following, when), number, story))
    await stage.turn(until)
