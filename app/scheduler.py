"""The scheduler: `python -m app.scheduler`. Relays facts to the workers at once and ticks the timetable; one leader."""

import asyncio
import os
import signal
from typing import Any

import asyncpg
import dramatiq
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app import subscriptions
from app.kit import logs
from app.kit.clock import SHANGHAI, SystemClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.logs import logger
from app.kit.outbox import CHANNEL, due, give_back, record
from app.kit.stack import parentwatch
from app.settings import Settings
from app.worker import declare_actors, make_broker

LEADER_LOCK = 7_112_356
LOOK_AGAIN_SECONDS = 1.0
CLOCK = SystemClock()

TIMETABLE: dict[str, Any] = {
    "tick.minute": IntervalTrigger(minutes=1),
    "tick.sweep": IntervalTrigger(minutes=15),
    "tick.night": CronTrigger(hour=2, minute=10, timezone=SHANGHAI),
    "tick.morning": CronTrigger(hour=7, minute=30, timezone=SHANGHAI),
}
"""Every periodic fact. Jobs subscribe to a tick as to any other fact; a tick is never a job itself."""


async def tick(kind: str) -> None:
    """Record one tick, unless the last one of its kind is still waiting."""
    async with DB.transaction():
        waiting = await DB.value(
            """
            SELECT 1 FROM outbox_fact f JOIN outbox_delivery d ON d.fact_id = f.id
            WHERE f.kind = $1 AND d.state = 'DUE' LIMIT 1
            """,
            kind,
        )
        if not waiting:
            await record(kind, None, now=CLOCK.now())


class Relay:
    """Hands due deliveries to the broker: woken by NOTIFY, and once a second in case a wake-up was lost."""

    def __init__(self, actors: dict[str, dramatiq.Actor[Any, Any]]) -> None:
        self._actors = actors
        self._wake = asyncio.Event()

    def wake(self, *_: object) -> None:
        """Look now."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled. A broker or database that is away costs nothing: the rows stay due."""
        while True:
            try:
                await self._relay_all()
            except Exception as problem:  # noqa: BLE001 - each client library has errors of its own; none may end this
                logger("relay").warning("relay_waits", problem=type(problem).__name__)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _relay_all(self) -> None:
        while waiting := await due(CLOCK.now()):
            for position, (delivery_id, queue) in enumerate(waiting):
                try:
                    await asyncio.to_thread(self._actors[queue].send, str(delivery_id))
                except Exception:
                    await give_back([unsent for unsent, _queue in waiting[position:]], CLOCK.now())
                    raise


async def lead(settings: Settings) -> None:
    """Wait until this process is the leader, then relay and tick until told to stop."""
    actors = declare_actors(make_broker(settings.broker_url))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await DB.open(most=3)
    watch = await asyncpg.connect(**DB.config)
    while not await watch.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
        if await _stopped(stop, LOOK_AGAIN_SECONDS):
            return
    relay = Relay(actors)
    await watch.add_listener(CHANNEL, relay.wake)
    timetable = AsyncIOScheduler(timezone=SHANGHAI)
    for kind, trigger in TIMETABLE.items():
        timetable.add_job(tick, trigger, args=[kind], coalesce=True, max_instances=1, misfire_grace_time=None)
    timetable.start()
    running = asyncio.create_task(relay.run())
    logger("scheduler").info("leading")
    while not await _stopped(stop, LOOK_AGAIN_SECONDS) and not watch.is_closed() and not running.done():
        pass
    timetable.shutdown(wait=False)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if not watch.is_closed():
        await watch.close()
    await DB.close()


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


def main() -> None:
    """Run the scheduler from the environment."""
    parentwatch.die_with_parent()
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    open_vault(settings.secret_key)
    DB.configure(settings.database_url)
    assert subscriptions.MODULES
    asyncio.run(lead(settings))


if __name__ == "__main__":
    main()
