"""Jobs of the runs over whole kinds, of the live states, and of what-ifs."""

from datetime import datetime
from uuid import UUID

from app.kit.outbox import Fact, subscribe
from app.matches import service_live, service_propose, service_runs, service_sweep, service_trials


@subscribe("match.run_wanted", name="matches.run_split", queue="matching")
async def split(fact: Fact, now: datetime) -> None:
    """Split a run into components."""
    if fact.subject_id is not None:
        await service_runs.split(fact.subject_id, now=now)


@subscribe("match.component_due", name="matches.run_solve", queue="matching")
async def solve(fact: Fact, now: datetime) -> None:
    """Solve one component; a second delivery finds it done."""
    if fact.subject_id is not None:
        await service_runs.solve(fact.subject_id, now=now)


@subscribe("match.component_solved", name="matches.run_propose", queue="matching")
async def propose(fact: Fact, now: datetime) -> None:
    """Propose what a component found best."""
    if fact.subject_id is not None:
        await service_sweep.planned(fact.subject_id, now=now)


@subscribe("match.run_solved", name="matches.run_close", queue="matching")
async def close(fact: Fact, now: datetime) -> None:
    """Add up a run whose last component is done."""
    if fact.subject_id is not None:
        await service_runs.close(fact.subject_id, now=now)


@subscribe("match.run_closed", name="matches.run_fill", queue="matching")
async def fill(_fact: Fact, now: datetime) -> None:
    """Fill up to three proposals with alternates, by score less price."""
    await service_sweep.sweep(now=now, cause="NIGHT")


@subscribe("match.trial_wanted", name="matches.trial", queue="matching")
async def answer_trial(fact: Fact, now: datetime) -> None:
    """Answer a what-if."""
    if fact.subject_id is not None:
        await service_trials.answer(fact.subject_id, now=now)


@subscribe("ruling.made", "ruling.ended", name="matches.ruling", queue="matching")
async def after_ruling(fact: Fact, now: datetime) -> None:
    """Propose again for a need on which a cadre decided."""
    await service_propose.propose(UUID(str(fact.payload["need_id"])), now=now, cause="RULING")


@subscribe("tick.minute", name="matches.live", queue="matching")
async def keep_live(_fact: Fact, now: datetime) -> None:
    """Hold the live states in this worker as far as nobody else does, and end runs that got stuck."""
    await service_live.keep(now=now)
    await service_runs.give_up_stuck(now)
