"""The live state of each kind: one worker owns it, follows the facts, and throws it away when it is in doubt.

Ownership is an advisory lock of PostgreSQL on a connection of its own, so it ends with the process or the connection,
and another worker takes over and builds the state again from the database. The state is a cache: nothing is lost with
it, and a worker without it uses the prices that were stored last.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import msgspec

from app.kit.db import DB
from app.kit.logs import logger
from app.kit.outbox import facts_since
from app.matches import service_library, service_runs, service_snapshot
from app.matches.rules_ranking import Price, look
from app.matches.rules_runs import PINNED_TIER, Proof
from app.matches.service_build import POLICY
from app.matches.service_snapshot import Snapshot
from app.needs import queries as needs
from app.offers.kinds import KINDS
from matching.model import Offer

if TYPE_CHECKING:
    from app.matches.service_livebook import LiveBook

LOCK_FAMILY = 7_112_357
OVERLAP = timedelta(minutes=3)
"""Facts are read again this far back: a transaction that commits late carries an earlier time."""
PROVE_EVERY = timedelta(minutes=5)
SETTLE_WORK = 700_000
"""Arcs and people looked at in the first slice of finishing capped searches, some 20 ms; each next slice takes twice
as many, so that a long search reaches its end."""
SETTLE_SLICES = 6
PING_SECONDS = 2.0
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a connection that has gone may raise."""
BUILT_FOR = timedelta(hours=6)
"""After this a state is built anew: ages, calendars and idle days have moved on without any fact."""
FACTS = ("need.", "match.", "offer.", "provider.", "volunteer.", "consent.", "ruling.")
"""Beginnings of the kinds of facts that may change who can be matched."""


class Held:
    """The state of one kind in this process: what it was built from, and how far it has followed the facts."""

    def __init__(self, snapshot: Snapshot, book: "LiveBook") -> None:
        self.snapshot = snapshot
        self.book = book
        self.read_to = snapshot.now
        self.seen: dict[UUID, datetime] = {}
        self.proven_at = snapshot.now
        self.built_at = snapshot.now
        self.stored: dict[str, Price] = {}
        self.busy = asyncio.Lock()


class Owner:
    """What this process owns: the connection with the locks, and the states by kind."""

    def __init__(self) -> None:
        self.enabled = False
        self.least = 1
        self.connection: asyncpg.Connection[Any] | None = None
        self.held: dict[str, Held] = {}
        self.asking = asyncio.Lock()

    def drop(self) -> None:
        """Forget every state, and end the connection so that the server gives its locks to somebody else."""
        self.held.clear()
        connection, self.connection = self.connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()


OWNER = Owner()


def enable(least: int = 1) -> None:
    """Let this process hold the states of kinds with `least` open needs or more; web servers never call it."""
    OWNER.enabled = True
    OWNER.least = least


async def release() -> None:
    """Give the locks back and forget the states; the next worker takes over at once."""
    OWNER.enabled = False
    connection = OWNER.connection
    if connection is not None and not connection.is_closed():
        await connection.close()
    OWNER.drop()


async def _alive() -> bool:
    """Whether the connection with the locks still answers; if not, every state is dropped at once."""
    async with OWNER.asking:
        connection = OWNER.connection
        if connection is None:
            return False
        try:
            if not connection.is_closed():
                await connection.fetchval("SELECT 1", timeout=PING_SECONDS)
                return True
        except LOST as problem:
            logger("live").warning("owner_lost", problem=type(problem).__name__)
        OWNER.drop()
        return False


async def own(kind: str) -> bool:
    """Take or keep the ownership of a kind; False when another process has it."""
    if not OWNER.enabled:
        return False
    alive = await _alive()
    async with OWNER.asking:
        if not alive:
            OWNER.drop()
            OWNER.connection = await asyncpg.connect(**DB.config)
        if kind in OWNER.held:
            return True
        assert OWNER.connection is not None
        number = list(KINDS).index(kind)
        return bool(await OWNER.connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_FAMILY, number))


async def keep(*, now: datetime) -> tuple[str, ...]:
    """Take over what nobody owns, follow the facts, prove the states, store their prices; returns the kinds held."""
    for kind in KINDS:
        if not await own(kind):
            continue
        held = OWNER.held.get(kind)
        if (held is None or now - held.built_at >= BUILT_FOR) and not await build(kind, now=now):
            continue
        await follow(kind, now=now)
        held = OWNER.held.get(kind)
        if held is None:
            continue
        if now - held.proven_at >= PROVE_EVERY and not await _prove(kind, held, now=now):
            continue
        await _store_prices(kind, held, now=now)
    return tuple(OWNER.held)


async def build(kind: str, *, now: datetime) -> bool:
    """Build the state of a kind from the database; False while too few ask for the kind to be worth its memory."""
    if len(await needs.open_of_kind(kind)) < OWNER.least:
        OWNER.held.pop(kind, None)
        return False
    snapshot = await service_snapshot.take(kind, now)
    if not snapshot.requests:
        OWNER.held.pop(kind, None)
        return False
    book = await service_library.live_book(snapshot)
    held = Held(snapshot, book)
    proof = await asyncio.to_thread(book.prove)
    if not proof.valid:
        logger("live").error("not_proven", kind=kind, faults=proof.faults, gap=proof.dual_gap)
        return False
    OWNER.held[kind] = held
    return True


async def _prove(kind: str, held: Held, *, now: datetime) -> bool:
    """Judge the state; one that fails is thrown away and built again."""
    async with held.busy:
        proof: Proof = await asyncio.to_thread(held.book.prove)
    held.proven_at = now
    if proof.valid:
        return True
    logger("live").error("thrown_away", kind=kind, faults=proof.faults, gap=proof.dual_gap)
    OWNER.held.pop(kind, None)
    return await build(kind, now=now)


async def _store_prices(kind: str, held: Held, *, now: datetime) -> None:
    """Store the prices that changed since the last time, for the workers that do not hold the state."""
    async with held.busy:
        present = held.book.prices()
    changed = [(UUID(one), at.price, at.level) for one, at in present.items() if held.stored.get(one) != at]
    async with DB.transaction():
        await service_runs.put_prices(kind, changed, now=now)
    held.stored = present


async def follow(kind: str, *, now: datetime) -> bool:
    """Bring the state up to the newest facts; False when this process does not hold it.

    The facts only say which rows to read again, so it does no harm when some come twice, late or in another order.
    """
    held = OWNER.held.get(kind)
    if held is None or not await _alive():
        return False
    async with held.busy:
        found = await facts_since(FACTS, held.read_to - OVERLAP)
        fresh = [fact for fact in found if fact.id not in held.seen]
        held.seen = {fact.id: fact.at for fact in found}
        held.read_to = max([held.read_to, *(fact.at for fact in found)])
        if fresh:
            try:
                await _apply(held, fresh, now)
            except Exception:
                OWNER.held.pop(kind, None)
                raise
    await _settle(kind, held)
    return kind in OWNER.held


async def _settle(kind: str, held: Held) -> None:
    """Finish what capped events left while no event waits: one that does comes in between two slices.

    What is still left after the last slice waits for the next facts, or for the proof.
    """
    for number in range(SETTLE_SLICES):
        async with held.busy:
            if OWNER.held.get(kind) is not held:
                return
            if await asyncio.to_thread(held.book.settle, SETTLE_WORK << number):
                return


async def _apply(held: Held, facts: Iterable[Any], now: datetime) -> None:
    """Read again what the facts name, and change the state where it differs."""
    named: set[UUID] = set()
    for fact in facts:
        ids = [fact.subject_id, *(fact.payload.get(name) for name in ("need_id", "offer_id"))]
        named |= {UUID(str(one)) for one in ids if one and str(one) != "None"}
    known = held.snapshot
    needs = await service_snapshot.needs_named(known.kind, named)
    offers = await service_snapshot.offers_named(known.kind, named, known.offers)
    if not needs and not offers:
        return
    fresh = await service_snapshot.take(known.kind, now, need_ids=needs, offer_ids=offers)
    _change_offers(held, offers, fresh, now)
    _change_needs(held, needs, fresh, now)


def _change_offers(held: Held, offers: Iterable[UUID], fresh: Snapshot, now: datetime) -> None:
    known = held.snapshot
    facts, built = dict(known.facts), dict(known.offers)
    for offer_id in offers:
        before, after = built.pop(offer_id, None), fresh.offers.get(offer_id)
        facts.pop(offer_id, None)
        if after is None:
            held.book.shut(offer_id)
            continue
        built[offer_id], facts[offer_id] = after, fresh.facts[offer_id]
        if before is not None and _same_terms(before, after):
            held.book.resize(offer_id, service_snapshot.places(after))
        else:
            held.book.open(offer_id, service_snapshot.places(after), _wanting(known, after, now))
    held.snapshot = msgspec.structs.replace(known, facts=facts, offers=built, now=now)


def _same_terms(before: Offer, after: Offer) -> bool:
    """Whether only the free places changed; what else moves (idle days, ratings) waits for the night."""
    return msgspec.structs.replace(before, used=after.used) == after


def _wanting(known: Snapshot, offer: Offer, now: datetime) -> dict[UUID, int]:
    """Score one offer for every need inside."""
    barred = {(ruling.need_id, str(ruling.offer_id)) for ruling in known.rulings if not ruling.chooses}
    pinned = {ruling.need_id: str(ruling.offer_id) for ruling in known.rulings if ruling.chooses}
    found: dict[UUID, int] = {}
    for need_id, request in known.requests.items():
        if (need_id, offer.offer_id) in barred or pinned.get(need_id, offer.offer_id) != offer.offer_id:
            continue
        looked = look(
            request, [offer], today=known.today, now=now, widen=known.needs[need_id].escalation, policy=POLICY
        )
        if looked.fits:
            found[need_id] = looked.fits[0].score
    return found


def _change_needs(held: Held, needs: Iterable[UUID], fresh: Snapshot, now: datetime) -> None:
    known = held.snapshot
    facts, requests = dict(known.needs), dict(known.requests)
    rulings = tuple(ruling for ruling in known.rulings if ruling.need_id not in set(needs)) + fresh.rulings
    for need_id in needs:
        if need_id not in fresh.requests:
            facts.pop(need_id, None)
            requests.pop(need_id, None)
            held.book.leave(need_id)
            continue
        facts[need_id], requests[need_id] = fresh.needs[need_id], fresh.requests[need_id]
        looked = look(
            requests[need_id],
            known.offers.values(),
            today=known.today,
            now=now,
            widen=facts[need_id].escalation,
            policy=POLICY,
        )
        own = [ruling for ruling in fresh.rulings if ruling.need_id == need_id]
        barred = {ruling.offer_id for ruling in own if not ruling.chooses}
        pinned = next((ruling.offer_id for ruling in own if ruling.chooses), None)
        arcs = {UUID(fit.offer.offer_id): fit.score for fit in looked.fits}
        if pinned in arcs:
            held.book.enter(need_id, PINNED_TIER, {pinned: arcs[pinned]})
        else:
            allowed = {offer_id: score for offer_id, score in arcs.items() if offer_id not in barred}
            held.book.enter(need_id, fresh.tier(need_id) + 1, allowed)
    held.snapshot = msgspec.structs.replace(known, needs=facts, requests=requests, rulings=rulings, now=now)


async def prices(kind: str) -> dict[str, Price]:
    """Return the prices of the state held for a kind; waits while a thread works on it."""
    held = OWNER.held.get(kind)
    if held is None:
        return {}
    async with held.busy:
        return held.book.prices()


async def assigned(kind: str, need_id: UUID) -> UUID | None:
    """Return the offer the live answer gives a need, if this process holds the state."""
    held = OWNER.held.get(kind)
    if held is None:
        return None
    async with held.busy:
        return held.book.assigned(need_id)
