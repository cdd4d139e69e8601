"""The worker: `dramatiq app.worker`. One actor per queue; each message is the id of a delivery in the outbox."""

import os
from typing import Any
from uuid import UUID

import dramatiq
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, CurrentMessage, Middleware, TimeLimit

from app import subscriptions
from app.kit import logs, metrics
from app.kit.clock import SystemClock
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.logs import logger
from app.kit.outbox import QUEUES, JobFailed, deliver
from app.kit.stack import parentwatch
from app.matches import service_live
from app.offers import queries_gate
from app.settings import Settings

HEARTBEAT_MS = 10_000
MAINTAIN_ALWAYS = 1_000_000
JOB_LIMIT_MS = 10 * 60 * 1000
POOL = 8
CLOCK = SystemClock()


class DatabasePool(Middleware):
    """Opens the pool on the worker's event loop before the first message, and closes it after the last."""

    def before_worker_boot(self, _broker: Any, _worker: Any) -> None:
        """Open the pool."""
        thread = get_event_loop_thread()
        assert thread is not None, "the AsyncIO middleware comes first"
        thread.run_coroutine(DB.open(most=POOL))

    def after_worker_shutdown(self, _broker: Any, _worker: Any) -> None:
        """Close the pool."""
        thread = get_event_loop_thread()
        if thread is not None:
            thread.run_coroutine(service_live.release())
            thread.run_coroutine(DB.close())


def make_broker(url: str) -> dramatiq.Broker:
    """Build the broker of a URL: redis:// or amqp://. A killed worker's messages come back after ten seconds."""
    if url.startswith("amqp"):
        broker: dramatiq.Broker = RabbitmqBroker(url=url, middleware=[])
    else:
        broker = RedisBroker(url=url, middleware=[], heartbeat_timeout=HEARTBEAT_MS, maintenance_chance=MAINTAIN_ALWAYS)
    for middleware in (TimeLimit(time_limit=JOB_LIMIT_MS), CurrentMessage(), AsyncIO(), DatabasePool()):
        broker.add_middleware(middleware)
    return broker


async def run_delivery(delivery_id: str) -> None:
    """Run one delivery; a failure stays in the outbox, which tries again."""
    try:
        ran = await deliver(UUID(delivery_id), CLOCK.now())
    except JobFailed as problem:
        metrics.JOBS.labels(str(problem), "failed").inc()
        logger("worker").error("job_failed", job=str(problem), exc_info=problem.__cause__)
    else:
        metrics.JOBS.labels("-", "done" if ran else "not_due").inc()


def declare_actors(broker: dramatiq.Broker) -> dict[str, dramatiq.Actor[Any, Any]]:
    """Declare one actor per queue and return them by queue."""
    return {
        queue: dramatiq.actor(actor_name=f"deliver_{queue}", queue_name=queue, broker=broker)(run_delivery)
        for queue in QUEUES
    }


def start(environ: dict[str, str]) -> dict[str, dramatiq.Actor[Any, Any]]:
    """Configure this process from the environment and return its actors."""
    settings = Settings.from_env(environ)
    logs.configure(settings.log_level)
    open_vault(settings.secret_key)
    DB.configure(settings.database_url)
    queries_gate.configure(settings.meili_url, settings.meili_key)
    broker = make_broker(settings.broker_url)
    dramatiq.set_broker(broker)
    assert subscriptions.MODULES
    service_live.enable(settings.live_from)
    return declare_actors(broker)


if os.environ.get("QINGQIAO_BROKER_URL"):
    # `dramatiq app.worker` imports this module and expects the broker and its actors to be there.
    parentwatch.die_with_parent()
    ACTORS = start(dict(os.environ))
