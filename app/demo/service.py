"""Filling an empty database with the Guangdong demo: people and places at once, then 120 days of their life."""

from datetime import datetime
from pathlib import Path

from app.demo import service_help, service_needs, service_offers
from app.demo.rules import DemoAccount
from app.demo.service_cast import gather
from app.demo.service_stage import Stage, play
from app.kit.db import DB
from app.kit.outbox import run_everything
from app.organisations import queries as organisations

__all__ = ["DemoAccount", "fill", "perform"]


async def fill(now: datetime, *, folder: Path | None = None) -> list[DemoAccount]:
    """Fill the database with the demo and return its accounts, the best one of each role first.

    Everything is written in one transaction: a fill that was interrupted leaves nothing. A database that has a league
    tree already is left as it is, and the list is empty: passwords exist only at the moment of filling. `folder`
    takes the pictures; without one there are none.
    """
    async with DB.transaction():
        if await organisations.children(None):
            return []
        stage = await perform(now, folder=folder)
        await run_everything(now)
    return stage.cast.accounts


async def perform(now: datetime, *, folder: Path | None = None) -> Stage:
    """Write the people and play all stories up to now, in the present transaction."""
    stage = Stage(await gather(now), folder)
    planned = service_needs.plans(stage)
    stories = [
        *service_offers.stories(stage),
        *service_needs.stories(stage, planned),
        *service_help.stories(stage, planned),
    ]
    await play(stage, stories, now)
    return stage
