"""Facts for others: recorded in the transaction, delivered after it, found again when anything was lost.

A subscriber is a named coroutine. `subscribe` ties it to kinds of facts and a queue; `at_once` ties it to the
transaction itself, for what must not wait for a broker (a crisis alert). Entry points import the `jobs` modules by an
explicit list, so the registry is complete before the first fact.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.kit.db import DB
from app.kit.ids import new_id

CHANNEL = "qingqiao_outbox"


class Fact(NamedTuple):
    """What happened: kind such as `need.opened`, the thing it happened to, and a small payload of ids and codes."""

    id: UUID
    kind: str
    subject_id: UUID | None
    payload: Mapping[str, Any]
    at: datetime


Handler = Callable[[Fact, datetime], Awaitable[None]]


class Subscriber(NamedTuple):
    """A job: its unique name, the queue it runs in, the coroutine, and how often it may try."""

    name: str
    queue: str
    run: Handler
    tries: int


SUBSCRIBERS: dict[str, Subscriber] = {}
BY_KIND: dict[str, list[str]] = {}
AT_ONCE: dict[str, list[Handler]] = {}
QUEUES = ("urgent", "matching", "default", "mail")


def subscribe(*kinds: str, name: str, queue: str = "default", tries: int = 8) -> Callable[[Handler], Handler]:
    """Register a job for kinds of facts. The job gets (fact, now), reads the present state and may run twice."""
    assert queue in QUEUES, queue

    def register(run: Handler) -> Handler:
        SUBSCRIBERS[name] = Subscriber(name, queue, run, tries)
        for kind in kinds:
            names = BY_KIND.setdefault(kind, [])
            if name not in names:
                names.append(name)
        return run

    return register


def at_once(*kinds: str) -> Callable[[Handler], Handler]:
    """Register a handler that runs inside the recording transaction: what it writes commits with the fact."""

    def register(run: Handler) -> Handler:
        for kind in kinds:
            handlers = AT_ONCE.setdefault(kind, [])
            if run not in handlers:
                handlers.append(run)
        return run

    return register


async def record(kind: str, subject_id: UUID | None, *, now: datetime, **payload: Any) -> Fact:
    """Record a fact in the present transaction; it exists for others exactly when the transaction commits."""
    assert DB.inside, "a fact is recorded in the transaction that makes it true"
    fact = Fact(new_id(), kind, subject_id, payload, now)
    names = BY_KIND.get(kind, [])
    await DB.rows(
        """
        WITH fact AS (
            INSERT INTO outbox_fact (id, kind, subject_id, payload, created_at) VALUES ($1, $2, $3, $4::jsonb, $5)
        ), delivery AS (
            INSERT INTO outbox_delivery (id, fact_id, subscriber, due_at)
            SELECT each.id, $1::uuid, each.subscriber, $5 FROM unnest($6::uuid[], $7::text[]) AS each (id, subscriber)
        )
        SELECT pg_notify($8, $1::uuid::text)
        """,
        fact.id,
        kind,
        subject_id,
        json.dumps(payload, default=str, ensure_ascii=False),
        now,
        [new_id() for _name in names],
        list(names),
        CHANNEL,
    )
    for handler in AT_ONCE.get(kind, ()):
        await handler(fact, now)
    return fact


async def facts_since(beginnings: Sequence[str], moment: datetime, limit: int = 20_000) -> list[Fact]:
    """Return facts newer than a moment whose kind begins with one of these, oldest first; for caches that follow."""
    rows = await DB.rows(
        """
        SELECT id, kind, subject_id, payload, created_at FROM outbox_fact
        WHERE created_at > $1 AND kind ^@ ANY($2::text[]) ORDER BY created_at, id LIMIT $3
        """,
        moment,
        list(beginnings),
        limit,
    )
    return [
        Fact(row["id"], row["kind"], row["subject_id"], json.loads(row["payload"]), row["created_at"]) for row in rows
    ]


async def due(now: datetime, limit: int = 500) -> list[tuple[UUID, str]]:
    """Claim deliveries that are due and move their time on, so that a lost message is sent again in a minute.

    Returns pairs (delivery id, queue). Safe with several relays: rows are locked with SKIP LOCKED.
    """
    async with DB.transaction():
        rows = await DB.rows(
            """
            UPDATE outbox_delivery SET due_at = $1::timestamptz + interval '60 seconds'
            WHERE id IN (SELECT id FROM outbox_delivery WHERE state = 'DUE' AND due_at <= $1
                         ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING id, subscriber
            """,
            now,
            limit,
        )
    return [
        (row["id"], SUBSCRIBERS[row["subscriber"]].queue if row["subscriber"] in SUBSCRIBERS else "default")
        for row in rows
    ]


async def others_due(subscriber: str, limit: int) -> list[tuple[UUID, UUID | None]]:
    """Lock and return (delivery, subject) of what else waits for a subscriber, oldest first, to be done in one go."""
    rows = await DB.rows(
        """
        SELECT d.id, f.subject_id FROM outbox_delivery d JOIN outbox_fact f ON f.id = d.fact_id
        WHERE d.subscriber = $1 AND d.state = 'DUE' ORDER BY f.created_at, f.id LIMIT $2
        FOR UPDATE OF d SKIP LOCKED
        """,
        subscriber,
        limit,
    )
    return [(row["id"], row["subject_id"]) for row in rows]


async def settled(delivery_ids: Sequence[UUID], now: datetime) -> None:
    """Mark deliveries as done: another one did their work in the present transaction."""
    await DB.rows(
        "UPDATE outbox_delivery SET state = 'DONE', done_at = $2 WHERE id = ANY($1::uuid[])", list(delivery_ids), now
    )


async def give_back(delivery_ids: Sequence[UUID], now: datetime) -> None:
    """Make claimed deliveries due at once again: the broker did not take them."""
    await DB.rows(
        "UPDATE outbox_delivery SET due_at = $2 WHERE id = ANY($1::uuid[]) AND state = 'DUE'", list(delivery_ids), now
    )


async def deliver(delivery_id: UUID, now: datetime) -> bool:
    """Run one delivery if it is still due; returns whether it ran to its end.

    The delivery row is locked while the job runs, so two workers never run the same delivery at once. A job that
    fails leaves its row due with a growing delay; after its last try the row is DEAD and shows on the operations page.
    """
    async with DB.transaction():
        rows = await DB.rows(
            """
            SELECT d.id, d.subscriber, d.attempts, f.id AS fact_id, f.kind, f.subject_id, f.payload, f.created_at
            FROM outbox_delivery d JOIN outbox_fact f ON f.id = d.fact_id
            WHERE d.id = $1 AND d.state = 'DUE' FOR UPDATE OF d SKIP LOCKED
            """,
            delivery_id,
        )
        if not rows or rows[0]["subscriber"] not in SUBSCRIBERS:
            return False
        row = rows[0]
        subscriber = SUBSCRIBERS[row["subscriber"]]
        fact = Fact(row["fact_id"], row["kind"], row["subject_id"], json.loads(row["payload"]), row["created_at"])
        try:
            async with DB.transaction():
                await subscriber.run(fact, now)
        except Exception as problem:  # noqa: BLE001 - whatever a job raises is kept in its row and tried again
            attempts = row["attempts"] + 1
            await DB.rows(
                """
                UPDATE outbox_delivery SET attempts = $2, last_error = $3, state = $4,
                       due_at = $5::timestamptz + make_interval(secs => $6) WHERE id = $1
                """,
                delivery_id,
                attempts,
                f"{type(problem).__name__}: {problem}"[:500],
                "DEAD" if attempts >= subscriber.tries else "DUE",
                now,
                float(min(600, 2**attempts)),
            )
            failed: Exception | None = problem
        else:
            failed = None
            await DB.rows(
                "UPDATE outbox_delivery SET state = 'DONE', done_at = $2, attempts = attempts + 1 WHERE id = $1",
                delivery_id,
                now,
            )
    if failed is not None:
        raise JobFailed(subscriber.name) from failed
    return True


class JobFailed(Exception):  # noqa: N818 - it reports, and the outbox has already kept the failure
    """A job raised; its delivery row says when it is tried again."""


async def revive(delivery_id: UUID, now: datetime) -> None:
    """Make a dead delivery due again (the re-drive button of the operations page)."""
    await DB.rows(
        "UPDATE outbox_delivery SET state = 'DUE', attempts = 0, due_at = $2 WHERE id = $1 AND state = 'DEAD'",
        delivery_id,
        now,
    )


async def settle(queues: Sequence[str], *, now: datetime) -> None:
    """Mark what is due in some queues as done without running it: a past was written in whose jobs ran already."""
    names = [name for name, subscriber in SUBSCRIBERS.items() if subscriber.queue in queues]
    await DB.rows(
        """
        UPDATE outbox_delivery SET state = 'DONE', done_at = $2
        WHERE state = 'DUE' AND due_at <= $2 AND subscriber = ANY($1::text[])
        """,
        names,
        now,
    )


async def run_everything(now: datetime, rounds: int = 50) -> int:
    """Deliver what is due until nothing is; returns how many ran. For tests, the demo and the CLI."""
    ran = 0
    for _ in range(rounds):
        waiting = await due(now)
        if not waiting:
            return ran
        for delivery_id, _queue in waiting:
            ran += await deliver(delivery_id, now)
    return ran
